/**
 * The day that the shop is built for, by hand and in real Chromium: two tills sell the last one while apart, meet, see the same conflict, one settles it;
 * the hub dies and they go on directly; the browsers are killed right after `Paid`; everything comes back, and hub and relay hold all of it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { goTo } from '../support/go-to.ts';
import { freePort, openBrowser, serve, type OpenBrowser, type Served } from '../support/shop-processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
const open: { hub?: Served; relay?: Served; first?: OpenBrowser; second?: OpenBrowser } = {};

test.afterAll(async () => {
	await open.first?.kill();
	await open.second?.kill();
	await open.hub?.kill();
	await open.relay?.kill();
	rmSync(folder, { recursive: true, force: true });
});

/** Sells one, and answers with the number on the receipt. */
async function sell(page: Page, product: string): Promise<string> {
	await goTo(page, 'Sell');
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill(product);
	await page.getByRole('button', { name: product }).first().click();
	await expect(page.getByRole('region', { name: 'Cart' })).toContainText(product);
	await page.getByRole('button', { name: 'Exact cash' }).click();
	const paid = page.getByRole('status').filter({ hasText: 'Paid' });
	await expect(paid).toBeVisible();
	return /T\d+-\d{6}/.exec(await paid.innerText())?.[0] ?? '';
}

async function linkedDirectly(page: Page, other: string): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByRole('region', { name: 'Devices' }).getByRole('row', { name: other })).toContainText('directly', { timeout: 40_000 });
}

async function expectReceipt(page: Page, number: string): Promise<void> {
	await goTo(page, 'Sales');
	await expect(page.getByRole('region', { name: 'Receipts' }).getByRole('button', { name: number })).toBeVisible({ timeout: 20_000 });
}

const PRODUCT = 'Natural yogurt 500 g';

test('the last unit sold twice, settled, and nothing lost on the way', async () => {
	test.setTimeout(240_000);
	const [hubPort, relayPort] = [String(await freePort()), String(await freePort())];
	const startRelay = () => serve('relay', { data: join(folder, 'relay'), port: relayPort });
	const startHub = () => serve('hub', { data: join(folder, 'hub'), port: hubPort, relay: `ws://127.0.0.1:${relayPort}` });
	open.relay = await startRelay();
	open.hub = await startHub();
	const addresses = { first: `http://localhost:${hubPort}`, second: `http://till-2.localhost:${hubPort}` };

	// The first till opens the demo shop, the second joins with the hub's code.
	open.first = await openBrowser(join(folder, 'profile-1'));
	let first = await open.first.context.newPage();
	await first.goto(addresses.first);
	await first.getByRole('button', { name: 'Try the demo shop' }).click();
	await expect(first.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	open.second = await openBrowser(join(folder, 'profile-2'));
	let second = await open.second.context.newPage();
	await second.goto(addresses.second);
	const code = await (await fetch(`${open.hub.url}/join-code`)).text();
	await second.getByLabel('Join code').fill(code.trim());
	await second.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(second.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	await linkedDirectly(first, 'Till 2');

	// Apart, both sell the last one.
	await goTo(second, 'Sync');
	await second.getByRole('button', { name: 'Work alone' }).click();
	await expect(second.getByRole('heading', { level: 1 })).toContainText('Working alone');
	const numbers = [await sell(first, PRODUCT), await sell(second, PRODUCT)];
	expect(numbers).toEqual(['T1-000001', 'T2-000001']);

	// Alone stays alone across a reload; then they meet, and both show the same conflict.
	await second.reload();
	await goTo(second, 'Sync');
	await expect(second.getByRole('heading', { level: 1 })).toContainText('Working alone');
	await second.getByRole('button', { name: 'Reconnect' }).click();
	for (const page of [first, second]) {
		await goTo(page, 'Sync');
		const conflict = page.getByRole('region', { name: 'Conflicts' }).getByRole('listitem').filter({ hasText: 'Oversold' });
		await expect(conflict).toHaveCount(1, { timeout: 30_000 });
		for (const words of [PRODUCT, 'T1-000001', 'T2-000001']) await expect(conflict).toContainText(words);
	}
	await first.getByRole('region', { name: 'Conflicts' }).getByRole('button', { name: 'Found more' }).click();
	for (const page of [first, second]) {
		await expect(page.getByRole('region', { name: 'Conflicts' })).toContainText('No conflicts');
		await expect(page.getByRole('region', { name: 'Sales waiting' })).toContainText('0', { timeout: 30_000 });
	}
	await goTo(second, 'Stock');
	await expect(second.getByRole('table', { name: 'Stock' }).getByRole('row', { name: PRODUCT }).getByRole('cell').last()).toHaveText('0');

	// The hub and the relay die. The tills still hear of each other's next sale.
	await linkedDirectly(first, 'Till 2');
	await linkedDirectly(second, 'Till 1');
	await open.hub.kill();
	await open.relay.kill();
	const third = await sell(first, 'Butter croissant');
	await expectReceipt(second, third);
	const fourth = await sell(second, 'Plain bagels, 5');
	await expectReceipt(first, fourth);

	// The browsers are killed right after `Paid`; with no hub, the app comes from the till's own disk, and so does every sale.
	const fifth = await sell(first, 'Crumpets, 6');
	await open.first.kill();
	const sixth = await sell(second, 'Baguette');
	await open.second.kill();
	open.first = await openBrowser(join(folder, 'profile-1'));
	first = await open.first.context.newPage();
	await first.goto(addresses.first);
	for (const number of ['T1-000001', 'T2-000001', third, fourth, fifth]) await expectReceipt(first, number);
	open.second = await openBrowser(join(folder, 'profile-2'));
	second = await open.second.context.newPage();
	await second.goto(addresses.second);
	for (const number of ['T1-000001', 'T2-000001', third, fourth, sixth]) await expectReceipt(second, number);
	expect(await sell(first, 'Butter croissant')).toBe('T1-000004'); // No number is skipped, none given twice.

	// Hub and relay return, and hold all of it.
	open.relay = await startRelay();
	open.hub = await startHub();
	for (const page of [first, second]) {
		await goTo(page, 'Sync');
		await expect(page.getByRole('region', { name: 'Sales waiting' }).getByText('0', { exact: true })).toBeVisible({ timeout: 60_000 });
		await expect(page.getByRole('region', { name: 'Latest receipts' }).getByText('in the cloud')).toHaveCount(7, { timeout: 30_000 });
		await expect(page.getByRole('region', { name: 'Latest receipts' }).getByText('at the hub')).toHaveCount(7);
	}
	const [hub, relay] = await Promise.all(
		[open.hub, open.relay].map(async ({ url }) => (await fetch(`${url}/healthz`)).json() as Promise<{ entries: number }>),
	);
	expect(hub?.entries).toBe(relay?.entries);
	expect(await open.hub.stop()).toBe(0);
	expect(await open.relay.stop()).toBe(0);
});
