/**
 * What anybody asks first of a till that works offline, in real Chromium with a real hub and relay: the internet drops in the middle of a sale; several tills
 * have none; something is sent again that had already arrived; two devices edit one product.
 */
import { expect, test, type Page } from 'playwright/test';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';
import { entriesOf } from '../support/shop-processes.ts';

const shop = demoShop({ name: 'questions', tills: 2, relay: true });
let pages: readonly [Page, Page];

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
	pages = (await shop.open()) as [Page, Page];
});

test.afterAll(shop.close);

const PRODUCT = 'Butter croissant';

async function putInCart(page: Page): Promise<void> {
	await goTo(page, 'Sell');
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill(PRODUCT);
	await page.getByRole('button', { name: PRODUCT }).first().click();
	await expect(page.getByRole('region', { name: 'Cart' })).toContainText(PRODUCT);
}

async function pay(page: Page): Promise<string> {
	await page.getByRole('button', { name: 'Exact cash' }).click();
	const paid = page.getByRole('status').filter({ hasText: 'Paid' });
	await expect(paid).toBeVisible();
	return /T\d+-\d{6}/.exec(await paid.innerText())?.[0] ?? '';
}

async function waiting(page: Page, count: number): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByRole('region', { name: 'Sales waiting' })).toContainText(new RegExp(`^\\s*Sales waiting\\s*${count}\\b`));
}

async function expectOnce(page: Page, number: string): Promise<void> {
	await goTo(page, 'Sales');
	await expect(page.getByRole('region', { name: 'Receipts' }).getByRole('button', { name: number })).toHaveCount(1);
}

test('the internet drops in the middle of a sale: it is paid, waits, and is in the cloud once', async () => {
	const [first, second] = pages;
	await waiting(first, 0);
	await putInCart(first);
	await shop.relay().kill();
	const number = await pay(first);
	await waiting(first, 1);
	await expectOnce(second, number);
	await shop.startRelay();
	await waiting(first, 0);
	await expectOnce(first, number);
	expect(await entriesOf(shop.relay())).toBe(await entriesOf(shop.hub()));
});

test('several tills without internet hear of each other’s sales, and the cloud gets them all afterwards', async () => {
	const [first, second] = pages;
	await shop.relay().kill();
	const numbers: string[] = [];
	for (const page of [first, second, first, second]) {
		await putInCart(page);
		numbers.push(await pay(page));
	}
	expect(new Set(numbers).size).toBe(4);
	for (const page of pages) for (const number of numbers) await expectOnce(page, number);
	await waiting(first, 4);
	await shop.startRelay();
	for (const page of pages) await waiting(page, 0);
	expect(await entriesOf(shop.relay())).toBe(await entriesOf(shop.hub()));
});

test('what is sent again after it had arrived counts once: the hub has it and dies before it says so, the till is killed and starts again', async () => {
	const [first] = pages;
	const hub = shop.hub();
	await putInCart(first);
	const before = await entriesOf(hub);
	const number = await pay(first);
	await expect.poll(() => entriesOf(hub), { intervals: [20] }).toBe(before + 1);
	hub.freeze();
	await shop.killTill(1);
	const again = await shop.startTill(1);
	pages = [again, pages[1]];
	// It knows that it was paid, and sends it again to whoever may not have it.
	await expectOnce(again, number);
	hub.thaw();
	for (const page of pages) {
		await waiting(page, 0);
		await expectOnce(page, number);
	}
	expect([await entriesOf(hub), await entriesOf(shop.relay())]).toEqual([before + 1, before + 1]);
});

test('two devices edit one product while apart: both tills show both names, one tap settles it on both', async () => {
	const [first, second] = pages;
	await goTo(second, 'Sync');
	await second.getByRole('button', { name: 'Work alone' }).click();
	await expect(second.getByRole('heading', { level: 1 })).toContainText('Working alone');
	for (const [page, name] of [
		[first, 'Croissant, butter'],
		[second, 'Croissant au beurre'],
	] as const) {
		await goTo(page, 'Products');
		await page.getByRole('searchbox', { name: 'Find a product' }).fill(PRODUCT);
		await page.getByRole('button', { name: PRODUCT }).first().click();
		await page.getByRole('textbox', { name: 'Name' }).fill(name);
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await expect(page.getByRole('status').filter({ hasText: `${name} is saved` })).toBeVisible();
	}
	await goTo(second, 'Sync');
	await second.getByRole('button', { name: 'Reconnect' }).click();
	for (const page of pages) {
		await goTo(page, 'Sync');
		const conflict = page.getByRole('region', { name: 'Conflicts' }).getByRole('listitem').filter({ hasText: 'name' });
		await expect(conflict).toHaveCount(1);
		for (const words of ['Croissant, butter', 'Croissant au beurre', 'Till 1', 'Till 2']) await expect(conflict).toContainText(words);
	}
	await second.getByRole('region', { name: 'Conflicts' }).getByRole('button', { name: /^Mine/ }).click();
	for (const page of pages) {
		await expect(page.getByRole('region', { name: 'Conflicts' })).toContainText('No conflicts');
		await goTo(page, 'Products');
		await page.getByRole('searchbox', { name: 'Find a product' }).fill('Croissant au beurre');
		await expect(page.getByRole('button', { name: 'Croissant au beurre' })).toBeVisible();
	}
});
