/** A profile, a relay and a hub that are put back from older copies, and a till that was wiped: real hub, relay and Chromium. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { goTo } from '../support/go-to.ts';
import { freePort, openBrowser, serve, type OpenBrowser, type Served } from '../support/shop-processes.ts';

let folder: string;
let open: { hub?: Served; relay?: Served; till?: OpenBrowser; other?: OpenBrowser };

test.beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'holdfast-rolled-back-'));
	open = {};
});

test.afterEach(async () => {
	await open.till?.kill();
	await open.other?.kill();
	await open.hub?.kill();
	await open.relay?.kill();
	rmSync(folder, { recursive: true, force: true });
});

/** The receipt number, as the screen says it. */
async function sell(page: Page): Promise<string> {
	await goTo(page, 'Sell');
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill('Natural yogurt 500 g');
	await page.getByRole('button', { name: 'Natural yogurt 500 g' }).first().click();
	await page.getByRole('button', { name: 'Exact cash' }).click();
	const paid = page.getByRole('status').filter({ hasText: 'Paid' });
	await expect(paid).toBeVisible();
	return /T\d+-\d+/.exec((await paid.textContent()) ?? '')?.[0] ?? '';
}

/** A moment after a sale, so that what is said is said of it. */
async function expectSynced(page: Page): Promise<void> {
	await goTo(page, 'Sync');
	await page.waitForTimeout(500);
	await expect(page.getByText(/^Everything is safe(, in the shop and in the cloud| in the shop)\.$/).first()).toBeVisible({ timeout: 40_000 });
}

/** Without Chromium's lock: it would name the profile it was copied from. */
function copyFolder(from: string, to: string): void {
	cpSync(from, to, { recursive: true, filter: (path) => !basename(path).startsWith('Singleton') });
}

function putBack(copy: string, to: string): void {
	rmSync(to, { recursive: true, force: true, maxRetries: 5 });
	copyFolder(copy, to);
}

/** Lets the browser write what it has, and ends it. */
async function quit(browser: OpenBrowser | undefined): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, 1_000));
	await browser?.close();
}

async function start(url: string, profile: string): Promise<{ readonly browser: OpenBrowser; readonly page: Page }> {
	const browser = await openBrowser(profile);
	const page = await browser.context.newPage();
	await page.goto(url);
	return { browser, page };
}

test('a browser that is put back from a backup takes its own sales back and goes on: no receipt number twice, no fork', async () => {
	test.setTimeout(150_000);
	const [profile, copy] = [join(folder, 'profile'), join(folder, 'copy')];
	const port = String(await freePort());
	open.hub = await serve('hub', { data: join(folder, 'hub'), port });
	let till = await start(open.hub.url, profile);
	open.till = till.browser;
	await till.page.getByRole('button', { name: 'Try the demo shop' }).click();
	await expect(till.page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	expect(await sell(till.page)).toBe('T1-000001');
	await expectSynced(till.page);
	await quit(open.till);
	copyFolder(profile, copy);

	till = await start(open.hub.url, profile);
	open.till = till.browser;
	for (const number of [2, 3, 4]) expect(await sell(till.page)).toBe(`T1-00000${number}`);
	await expectSynced(till.page);
	await quit(open.till);
	putBack(copy, profile);

	// The cashier rings up the first sale as soon as the screen is there.
	till = await start(open.hub.url, profile);
	open.till = till.browser;
	expect(await sell(till.page)).toBe('T1-000005');
	expect(await sell(till.page)).toBe('T1-000006');
	await expectSynced(till.page);
	await goTo(till.page, 'Sales');
	for (const number of [1, 2, 3, 4, 5, 6]) await expect(till.page.getByText(`T1-00000${number}`).first()).toBeVisible();
	await goTo(till.page, 'Sync');
	await expect(till.page.getByText('two different entries at the same place')).toHaveCount(0);
});

test('a wiped till is enrolled anew, as another till, and gets everything back', async () => {
	test.setTimeout(120_000);
	const port = String(await freePort());
	open.hub = await serve('hub', { data: join(folder, 'hub'), port });
	const till = await start(open.hub.url, join(folder, 'profile'));
	open.till = till.browser;
	await till.page.getByRole('button', { name: 'Try the demo shop' }).click();
	await expect(till.page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	await sell(till.page);
	await expectSynced(till.page);
	await quit(open.till);
	rmSync(join(folder, 'profile'), { recursive: true, force: true, maxRetries: 5 });

	const code = (await (await fetch(`${open.hub.url}/join-code`)).text()).trim();
	const again = await start(open.hub.url, join(folder, 'profile'));
	open.till = again.browser;
	await again.page.getByLabel('Join code').fill(code);
	await again.page.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(again.page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible({ timeout: 30_000 });
	expect(await sell(again.page)).toBe('T2-000001');
	await goTo(again.page, 'Sales');
	await expect(again.page.getByText('T1-000001').first()).toBeVisible();
});

test('a relay and a hub that are put back from older copies are filled again, and the till’s log says so', async () => {
	test.setTimeout(180_000);
	const [hubPort, relayPort] = [String(await freePort()), String(await freePort())];
	const [hubData, relayData] = [join(folder, 'hub'), join(folder, 'relay')];
	const startHub = () => serve('hub', { data: hubData, port: hubPort, relay: `ws://127.0.0.1:${relayPort}` });
	const startRelay = () => serve('relay', { data: relayData, port: relayPort });
	open.relay = await startRelay();
	open.hub = await startHub();
	const till = await start(open.hub.url, join(folder, 'profile'));
	open.till = till.browser;
	await till.page.getByRole('button', { name: 'Try the demo shop' }).click();
	await expect(till.page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	await sell(till.page);
	await expectSynced(till.page);
	await open.relay.kill();
	copyFolder(relayData, join(folder, 'relay-copy'));
	open.relay = await startRelay();
	for (let n = 0; n < 4; n += 1) await sell(till.page);
	await expectSynced(till.page);

	await open.relay.kill();
	putBack(join(folder, 'relay-copy'), relayData);
	open.relay = await startRelay();
	await expect(till.page.getByText(/The cloud lost \d+ entr(y|ies), sending (it|them) again/).first()).toBeVisible({ timeout: 40_000 });
	await expect(till.page.getByText('The cloud has everything again').first()).toBeVisible({ timeout: 40_000 });
	await expectSynced(till.page);

	await open.hub.kill();
	rmSync(join(hubData, 'branch'), { recursive: true });
	open.hub = await startHub();
	await expect(till.page.getByText('The hub has everything again').first()).toBeVisible({ timeout: 60_000 });
	expect(await sell(till.page)).toBe('T1-000006');
	await expectSynced(till.page);
});
