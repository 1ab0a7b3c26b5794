/** A network that hiccups while a till starts: a part of the program does not come at first. The till is linked as soon as it does. Real Chromium and hub. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from 'playwright/test';
import { LAN_PROTOCOL } from '#schemas/wire/hello.ts';
import { demoShop } from '../support/demo-shop.ts';

const PARTS = fileURLToPath(new URL('../../build/_app/immutable/chunks', import.meta.url));
/** The links of the LAN, by something that stands in them. What the worker asks for is not seen here. */
const late = readdirSync(PARTS)
	.filter((name) => name.endsWith('.js') && readFileSync(join(PARTS, name), 'utf8').includes(LAN_PROTOCOL))
	.map((name) => `/chunks/${name}`);
let isAway = true;
let missed = 0;

const shop = demoShop({
	...{ name: 'late-parts', tills: 1 },
	prepare: async (context) => {
		// It would have all parts before the page asks for them.
		await context.addInitScript(() => {
			if ('serviceWorker' in navigator) navigator.serviceWorker.register = () => new Promise(() => undefined);
		});
		await context.route(
			({ pathname }) => late.some((part) => pathname.endsWith(part)),
			async (route) => {
				if (!isAway) return route.continue();
				missed += 1;
				return route.fulfill({ status: 503 });
			},
		);
	},
});

test.afterAll(shop.close);

test('a till whose links did not come at first has them when they do, and with them its products', async () => {
	const [till] = (await shop.open()) as [Page];
	await expect(till.getByText('No one in reach')).toBeVisible();
	await expect.poll(() => missed).toBeGreaterThan(1);
	isAway = false;
	// The till would try by itself, after pauses that grew (`tests/engine/keep-links.test.ts`); a network that is back is no pause.
	await expect(async () => {
		await till.evaluate(() => dispatchEvent(new Event('online')));
		await expect(till.getByText('All safe')).toBeVisible({ timeout: 1_000 });
	}).toPass({ timeout: 60_000 });
	await expect(till.getByRole('button', { name: 'Butter croissant' }).first()).toBeVisible();
});
