/**
 * The day that the shop is built for, by hand and in real Chromium: two tills sell the last one while apart, meet, see the same conflict, one settles it;
 * the hub dies and they go on directly; the browsers are killed right after `Paid`; everything comes back, and hub and relay hold all of it.
 */
import { expect, test, type Page } from 'playwright/test';
import { sell } from '../support/at-the-counter.ts';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';
import { entriesOf } from '../support/shop-processes.ts';

const shop = demoShop({ name: 'last-unit', tills: 2, relay: true });

test.afterAll(shop.close);

async function linkedDirectly(page: Page, other: string): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByRole('region', { name: 'Devices' }).getByRole('row', { name: other })).toContainText('directly');
}

async function expectReceipt(page: Page, number: string): Promise<void> {
	await goTo(page, 'Sales');
	await expect(page.getByRole('region', { name: 'Receipts' }).getByRole('button', { name: number })).toBeVisible();
}

const PRODUCT = 'Natural yogurt 500 g';

test('the last unit sold twice, settled, and nothing lost on the way', async () => {
	let [first, second] = (await shop.open()) as [Page, Page];
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
		await expect(conflict).toHaveCount(1);
		for (const words of [PRODUCT, 'T1-000001', 'T2-000001']) await expect(conflict).toContainText(words);
	}
	await first.getByRole('region', { name: 'Conflicts' }).getByRole('button', { name: 'Found more' }).click();
	for (const page of [first, second]) {
		await expect(page.getByRole('region', { name: 'Conflicts' })).toContainText('No conflicts');
		await expect(page.getByRole('region', { name: 'Sales waiting' })).toContainText('0');
	}
	await goTo(second, 'Stock');
	await expect(second.getByRole('table', { name: 'Stock' }).getByRole('row', { name: PRODUCT }).getByRole('cell').last()).toHaveText('0');

	// The hub and the relay die. The tills still hear of each other's next sale.
	await linkedDirectly(first, 'Till 2');
	await linkedDirectly(second, 'Till 1');
	await shop.hub().kill();
	await shop.relay().kill();
	const third = await sell(first, 'Butter croissant');
	await expectReceipt(second, third);
	const fourth = await sell(second, 'Plain bagels, 5');
	await expectReceipt(first, fourth);

	// The browsers are killed right after `Paid`; with no hub, the app comes from the till's own disk, and so does every sale.
	const fifth = await sell(first, 'Crumpets, 6');
	await shop.killTill(1);
	const sixth = await sell(second, 'Baguette');
	await shop.killTill(2);
	first = await shop.startTill(1);
	for (const number of ['T1-000001', 'T2-000001', third, fourth, fifth]) await expectReceipt(first, number);
	second = await shop.startTill(2);
	for (const number of ['T1-000001', 'T2-000001', third, fourth, sixth]) await expectReceipt(second, number);
	expect(await sell(first, 'Butter croissant')).toBe('T1-000004'); // No number is skipped, none given twice.

	// Hub and relay return, and hold all of it.
	await Promise.all([shop.startRelay(), shop.startHub()]);
	for (const page of [first, second]) {
		await goTo(page, 'Sync');
		await expect(page.getByRole('region', { name: 'Sales waiting' }).getByText('0', { exact: true })).toBeVisible();
		await expect(page.getByRole('region', { name: 'Latest receipts' }).getByText('in the cloud')).toHaveCount(7);
		await expect(page.getByRole('region', { name: 'Latest receipts' }).getByText('at the hub')).toHaveCount(7);
	}
	expect(await entriesOf(shop.hub())).toBe(await entriesOf(shop.relay()));
	expect(await shop.hub().stop()).toBe(0);
	expect(await shop.relay().stop()).toBe(0);
});
