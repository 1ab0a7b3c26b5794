/** Two stock takes, one of them blind, counted on two tills while a third sells; in the end all three say the same, and nothing is lost. Real Chromium and hub. */
import { expect, test, type Page } from 'playwright/test';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';

const shop = demoShop({ name: 'stock-take', tills: 3 });

test.afterAll(shop.close);

async function openTake(page: Page, name: string, skus: readonly string[], isBlind: boolean): Promise<void> {
	await goTo(page, 'Stock', 'Stock takes');
	await page.getByRole('button', { name: 'Open a stock take' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Name', { exact: true }).fill(name);
	await dialog.getByLabel('What is counted').selectOption('A list of codes');
	await dialog.getByLabel('Barcodes or SKUs').fill(skus.join('\n'));
	await dialog.getByLabel('Count blind').setChecked(isBlind);
	await dialog.getByRole('button', { name: 'Begin to count' }).click();
	await expect(page.getByRole('heading', { name })).toBeVisible();
}

async function showTake(page: Page, name: string): Promise<void> {
	await goTo(page, 'Stock', 'Stock takes');
	await page
		.getByRole('region', { name: 'Stock takes' })
		.getByRole('button', { name: new RegExp(`^${name}\\b`) })
		.click();
	await expect(page.getByRole('heading', { name })).toBeVisible();
}

/** From here on what is sold comes off what is counted. */
async function beginToCount(page: Page, sku: string): Promise<void> {
	const find = page.getByRole('searchbox', { name: 'Scan or find a product' });
	await find.fill(sku);
	await find.press('Enter');
	await expect(page.getByRole('status', { name: 'Counted', exact: true })).toHaveText('1');
}

async function countIs(page: Page, pieces: number): Promise<void> {
	await page.getByLabel('In total').fill(String(pieces));
	await page.getByRole('button', { name: 'Set', exact: true }).click();
	await expect(page.getByRole('status').filter({ hasText: `${pieces} counted` })).toBeVisible();
}

async function sell(page: Page, product: string): Promise<void> {
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill(product);
	await page
		.getByRole('button', { name: new RegExp(`^${product}`) })
		.first()
		.click();
	await page.getByRole('button', { name: 'Exact cash' }).click();
	await expect(page.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();
	await page.keyboard.press('Enter');
}

async function closeTake(page: Page): Promise<void> {
	await page.getByRole('button', { name: 'Close the stock take' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Close the stock take' }).click();
}

/** Product, expected, counted, difference, worth: as the screen says it. */
async function differences(page: Page, name: string): Promise<readonly string[]> {
	await showTake(page, name);
	await page.getByRole('tab', { name: /^Differences \(\d+\)/ }).click();
	return page
		.getByRole('table', { name: /^Differences/ })
		.getByRole('row')
		.allInnerTexts();
}

test('two tills count, one of their stock takes blind, while a third sells: all three end with the same differences', async () => {
	const [first, second, third] = (await shop.open()) as [Page, Page, Page];

	await openTake(first, 'Bread', ['BAK-005', 'BAK-009'], true);
	await openTake(second, 'Shelf by the door', ['BAK-010'], false);

	// Sold between the first piece counted and the last: it comes off what was counted.
	await beginToCount(first, 'BAK-005');
	await sell(third, 'Baguette');
	await countIs(first, 10);
	await beginToCount(second, 'BAK-010');
	await countIs(second, 4);
	await showTake(second, 'Bread');
	await beginToCount(second, 'BAK-009');
	await countIs(second, 7);
	await sell(third, 'Butter croissant');

	// Whoever counts blind is told no figure, on whichever till.
	for (const page of [first, second]) {
		await expect(page.getByRole('tab', { name: 'Counted (2)' })).toBeVisible();
		await page.getByRole('tab', { name: 'Differences' }).click();
		await expect(page.getByText('This is counted blind')).toBeVisible();
	}
	await closeTake(first);
	await expect(second.getByRole('tab', { name: /^Differences \(2\)/ })).toBeVisible();
	await showTake(second, 'Shelf by the door');
	await closeTake(second);

	for (const take of ['Bread', 'Shelf by the door']) {
		const said = await differences(first, take);
		expect(said.length).toBe(take === 'Bread' ? 3 : 2);
		for (const page of [second, third]) await expect(async () => expect(await differences(page, take)).toEqual(said)).toPass({ timeout: 60_000 });
	}
	for (const page of [first, second, third]) {
		await goTo(page, 'On hand');
		for (const [product, left] of [
			['BAK-005 Baguette', '9'],
			['BAK-009 Butter croissant', '6'],
		] as const)
			await expect(page.getByRole('table', { name: 'Stock' }).getByRole('row', { name: product }).getByRole('cell').last()).toHaveText(left);
		await goTo(page, 'Sales');
		for (const number of ['T3-000001', 'T3-000002'])
			await expect(page.getByRole('region', { name: 'Receipts' }).getByRole('button', { name: number })).toBeVisible();
	}
});
