/** A sale is put aside on one till and taken up on another, with the shop's network and without; closed in the middle nothing is lost. Real Chromium and hub. */
import { expect, test, type Page } from 'playwright/test';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';

const shop = demoShop({ name: 'parked', tills: 2 });

test.afterAll(shop.close);

const cart = (page: Page) => page.getByRole('region', { name: 'Cart' });
async function add(page: Page, product: string): Promise<void> {
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill(product);
	await page.getByRole('button', { name: product }).first().click();
	await expect(cart(page)).toContainText(product);
}
async function fetchParked(page: Page, product: string): Promise<void> {
	await cart(page)
		.getByRole('button', { name: /^Parked 1/ })
		.click();
	await page.getByRole('dialog').getByRole('button', { name: product }).click();
	await expect(cart(page)).toContainText(product);
}
async function pay(page: Page): Promise<void> {
	await page.getByRole('button', { name: 'Exact cash' }).click();
	await expect(page.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();
	await page.keyboard.press('Enter');
}

test('a parked sale goes on at the other till; apart, both may sell it, and a manager is asked', async () => {
	const [first, second] = (await shop.open()) as [Page, Page];

	// Aside by key, over there by touch.
	await add(first, 'Butter croissant');
	await first.keyboard.press('F6');
	await expect(cart(first)).toContainText('Scan a product, or tap one.');
	await fetchParked(second, 'Butter croissant');
	await expect(cart(first).getByRole('button', { name: /^Parked/ })).toHaveCount(0);
	await pay(second);

	// One that is open is put aside in its place; and after a reload both are where they were.
	await add(first, 'Butter croissant');
	await first.keyboard.press('F6');
	await expect(cart(first)).toContainText('Scan a product, or tap one.');
	await add(first, 'Avocado');
	await fetchParked(first, 'Butter croissant');
	await expect(cart(first)).not.toContainText('Avocado');
	await first.reload();
	await expect(cart(first)).toContainText('Butter croissant');
	await expect(cart(first).getByRole('button', { name: /^Parked 1/ })).toBeVisible();
	await pay(first);

	// What nobody wants any more is dropped on one till, and gone on both.
	await expect(cart(second).getByRole('button', { name: /^Parked 1/ })).toBeVisible();
	await add(second, 'Butter croissant');
	await second.keyboard.press('F6');
	await expect(cart(first).getByRole('button', { name: /^Parked 2/ })).toBeVisible();
	await first.keyboard.press('F7');
	const croissant = first.getByRole('dialog').getByRole('listitem').filter({ hasText: 'Butter croissant' });
	await croissant.getByRole('button', { name: 'Discard the sale' }).click();
	await croissant.getByRole('button', { name: 'Discard it' }).click();
	await expect(croissant).toHaveCount(0);
	await first.keyboard.press('Escape');
	await expect(cart(second).getByRole('button', { name: /^Parked 1/ })).toBeVisible();

	// Both have heard of it, then the cable is out: nobody can know that the other one sells it, too.
	await expect(cart(second).getByRole('button', { name: /^Parked 1/ })).toBeVisible();
	for (const page of [first, second]) {
		await goTo(page, 'Sync');
		await page.getByRole('button', { name: 'Work alone' }).click();
		await goTo(page, 'Sell');
	}
	for (const page of [first, second]) {
		await fetchParked(page, 'Avocado');
		await pay(page);
	}
	for (const page of [first, second]) {
		await goTo(page, 'Sync');
		await page.getByRole('button', { name: 'Reconnect' }).click();
	}
	for (const page of [first, second]) await expect(page.getByRole('region', { name: 'Conflicts' })).toContainText('One parked cart, sold twice');
});
