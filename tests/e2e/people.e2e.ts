/** A shop gets its people: the owner, a cashier, a lock, a discount that somebody has to allow, and both names on the receipt. Real Chromium and hub. */
import { expect, test, type Page } from 'playwright/test';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';

const shop = demoShop({ name: 'people', tills: 1 });

test.afterAll(shop.close);

const dialog = (page: Page) => page.getByRole('dialog');

async function typePin(page: Page, pin: string): Promise<void> {
	await dialog(page).getByLabel('New PIN', { exact: true }).fill(pin);
	await dialog(page).getByLabel('The same PIN again').fill(pin);
}

async function come(page: Page, name: string, pin: string): Promise<void> {
	await dialog(page).getByRole('button', { name }).click();
	await page.keyboard.type(pin);
	await page.keyboard.press('Enter');
}

test('the owner, a cashier who is refused a discount, and who allowed it stands on the receipt', async () => {
	const [page] = (await shop.open()) as [Page];

	await goTo(page, 'Settings');
	await goTo(page, 'People');
	await page.getByRole('button', { name: 'Add the owner' }).click();
	await dialog(page).getByLabel('Name').fill('Olga Marsh');
	await typePin(page, '1111');
	// What PINs are made with comes from the hub within a minute of joining it.
	await expect(async () => {
		const add = dialog(page).getByRole('button', { name: 'Add the owner' });
		if (await add.isVisible()) await add.click({ timeout: 1_000 });
		await expect(dialog(page)).toHaveCount(0, { timeout: 2_000 });
	}).toPass({ timeout: 120_000 });
	await page.getByRole('button', { name: 'Add a person' }).click();
	await dialog(page).getByLabel('Name').fill('Cas Whitby');
	await typePin(page, '2222');
	await dialog(page).getByRole('button', { name: 'Add a person' }).click();
	await expect(page.getByText('Cas Whitby is added.')).toBeVisible();

	// A sale is open while the cashier comes to the till: it stays.
	await goTo(page, 'Sell');
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill('Butter croissant');
	await page.getByRole('button', { name: 'Butter croissant' }).first().click();
	await page.getByRole('button', { name: /Olga Marsh is at the till/ }).click();
	await expect(page.getByRole('dialog', { name: 'Who is at the till?' })).toBeVisible();
	await come(page, 'Cas Whitby', '9999');
	await expect(page.getByText('That is not the PIN. Try again.')).toBeVisible();
	await page.keyboard.type('2222');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('button', { name: /Cas Whitby is at the till/ })).toBeVisible();
	await expect(page.getByRole('region', { name: 'Cart' })).toContainText('Butter croissant');
	await expect(page.getByRole('link', { name: 'People', exact: true })).toHaveCount(0);

	// More than a cashier may take off.
	await page.getByRole('button', { name: 'Edit' }).first().click();
	await dialog(page).getByLabel('Discount').fill('30%');
	await dialog(page).getByRole('button', { name: 'Damaged' }).click();
	await dialog(page).getByRole('button', { name: 'Change the line' }).click();
	const question = page.getByRole('dialog', { name: 'Somebody has to allow this' });
	await expect(question).toContainText('A discount as large as this');
	await page.keyboard.type('1111');
	await page.keyboard.press('Enter');
	await expect(question).toHaveCount(0);
	await page.getByRole('button', { name: 'Exact cash' }).click();
	await expect(page.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();

	await goTo(page, 'Sales');
	await page.getByText('Butter croissant').first().click();
	await expect(page.getByText('By Cas Whitby')).toBeVisible();
	await expect(page.getByText('Allowed by Olga Marsh')).toBeVisible();

	// After a reload nobody is there.
	await page.reload();
	await expect(page.getByRole('dialog', { name: 'Who is at the till?' })).toBeVisible();
	await come(page, 'Olga Marsh', '1111');
	await expect(page.getByRole('button', { name: /Olga Marsh is at the till/ })).toBeVisible();
});
