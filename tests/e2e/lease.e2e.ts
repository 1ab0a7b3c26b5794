/** The hub is dead and the internet is there: a till takes the lease, and sales go on to the cloud. The hub returns and takes it back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { goTo } from '../support/go-to.ts';
import { freePort, openBrowser, serve, type OpenBrowser, type Served } from '../support/shop-processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-lease-'));
const open: { hub?: Served; relay?: Served; till?: OpenBrowser } = {};

test.afterAll(async () => {
	await open.till?.kill();
	await open.hub?.kill();
	await open.relay?.kill();
	rmSync(folder, { recursive: true, force: true });
});

async function sell(page: Page): Promise<void> {
	await goTo(page, 'Sell');
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill('Natural yogurt 500 g');
	await page.getByRole('button', { name: 'Natural yogurt 500 g' }).first().click();
	await page.getByRole('button', { name: 'Exact cash' }).click();
	await expect(page.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();
}

async function expectNothingWaits(page: Page): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByRole('region', { name: 'Sales waiting' })).toContainText(/^Sales waiting\s*0/, { timeout: 40_000 });
}

test('with the hub dead a till carries the branch to the cloud, and hands it back', async () => {
	test.setTimeout(180_000);
	const [hubPort, relayPort] = [String(await freePort()), String(await freePort())];
	const startHub = () => serve('hub', { data: join(folder, 'hub'), port: hubPort, relay: `ws://127.0.0.1:${relayPort}` });
	open.relay = await serve('relay', { data: join(folder, 'relay'), port: relayPort });
	open.hub = await startHub();
	open.till = await openBrowser(join(folder, 'profile'));
	const page = await open.till.context.newPage();
	await page.goto(`http://localhost:${hubPort}`);
	await page.getByRole('button', { name: 'Try the demo shop' }).click();
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	await sell(page);
	await expectNothingWaits(page);

	await open.hub.kill();
	await sell(page);
	await goTo(page, 'Sync');
	await expect(page.getByText(/· Till 1 forwards since/)).toBeVisible({ timeout: 20_000 });
	await expectNothingWaits(page);

	open.hub = await startHub();
	await expect(page.getByText(/· (?!Till 1).* forwards since/)).toBeVisible({ timeout: 60_000 });
	await sell(page);
	await expectNothingWaits(page);
});
