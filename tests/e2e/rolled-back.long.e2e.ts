/** A profile, a relay and a hub that are put back from older copies, and a till that was wiped: real hub, relay and Chromium. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { sell } from '../support/at-the-counter.ts';
import { demoShop, type DemoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';
import { copyDisk, joinCodeOf } from '../support/shop-processes.ts';

let shop: DemoShop | undefined;

test.afterEach(() => shop?.close());

/** So many sales are where they should be, and the screen says that all are. */
async function expectSynced(page: Page, sales: number, tier: 'at the hub' | 'in the cloud' = 'at the hub'): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByRole('region', { name: 'Latest receipts' }).getByText(tier)).toHaveCount(sales);
	await expect(page.getByText(/^Everything is safe(, in the shop and in the cloud| in the shop)\.$/).first()).toBeVisible();
}

function putBack(copy: string, to: string): void {
	rmSync(to, { recursive: true, force: true, maxRetries: 5 });
	copyDisk(copy, to);
}

test('a browser that is put back from a backup takes its own sales back and goes on, no receipt number twice, no fork; wiped, it is a new till that gets all back', async () => {
	shop = demoShop({ name: 'backup', tills: 1 });
	const [profile, copy] = [shop.profileOf(1), join(shop.folder, 'copy')];
	let [page] = (await shop.open()) as [Page];
	expect(await sell(page)).toBe('T1-000001');
	await expectSynced(page, 1);
	await shop.closeTill(1);
	copyDisk(profile, copy);

	page = await shop.startTill(1);
	for (const number of [2, 3, 4]) expect(await sell(page)).toBe(`T1-00000${number}`);
	await expectSynced(page, 4);
	await shop.closeTill(1);
	putBack(copy, profile);

	// The cashier rings up the first sale as soon as the screen is there.
	page = await shop.startTill(1);
	expect(await sell(page)).toBe('T1-000005');
	expect(await sell(page)).toBe('T1-000006');
	await expectSynced(page, 6);
	await goTo(page, 'Sales');
	for (const number of [1, 2, 3, 4, 5, 6]) await expect(page.getByText(`T1-00000${number}`).first()).toBeVisible();
	await goTo(page, 'Sync');
	await expect(page.getByText('two different entries at the same place')).toHaveCount(0);

	// Wiped, it is enrolled anew, as another till, and gets everything back.
	await shop.closeTill(1);
	rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
	page = await shop.startTill(1);
	await page.getByLabel('Join code').fill(await joinCodeOf(shop.hub()));
	await page.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	expect(await sell(page)).toBe('T2-000001');
	await goTo(page, 'Sales');
	await expect(page.getByText('T1-000006').first()).toBeVisible();
});

test('a relay and a hub that are put back from older copies are filled again, and the till’s log says so', async () => {
	shop = demoShop({ name: 'older-copies', tills: 1, relay: true });
	const { folder } = shop;
	const [hubData, relayData, copy] = [join(folder, 'hub'), join(folder, 'relay'), join(folder, 'relay-copy')];
	const [page] = (await shop.open()) as [Page];
	await sell(page);
	await expectSynced(page, 1, 'in the cloud');
	await shop.relay().kill();
	copyDisk(relayData, copy);
	await shop.startRelay();
	for (let n = 0; n < 4; n += 1) await sell(page);
	await expectSynced(page, 5, 'in the cloud');

	await shop.relay().kill();
	putBack(copy, relayData);
	await shop.startRelay();
	await expect(page.getByText(/The cloud lost \d+ entr(y|ies), sending (it|them) again/).first()).toBeVisible();
	await expect(page.getByText('The cloud has everything again').first()).toBeVisible();
	await expectSynced(page, 5, 'in the cloud');

	await shop.hub().kill();
	rmSync(join(hubData, 'branch'), { recursive: true });
	await shop.startHub();
	await expect(page.getByText('The hub has everything again').first()).toBeVisible();
	expect(await sell(page)).toBe('T1-000006');
	await expectSynced(page, 6, 'in the cloud');
});
