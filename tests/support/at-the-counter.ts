/** What whoever stands at a till of a demo shop does there, whatever the day is about. */
import { expect, type Page } from 'playwright/test';
import { goTo } from './go-to.ts';

const RECEIPT = /T\d+-\d+/;

/** One piece, for cash. Answers the number of its receipt, as the screen says it. */
export async function sell(page: Page, product = 'Natural yogurt 500 g'): Promise<string> {
	await goTo(page, 'Sell');
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill(product);
	await page.getByRole('button', { name: product }).first().click();
	await page.getByRole('button', { name: 'Exact cash' }).click();
	const paid = page.getByRole('status').filter({ hasText: 'Paid' });
	await expect(paid).toContainText(RECEIPT);
	return RECEIPT.exec((await paid.textContent()) ?? '')?.[0] ?? '';
}

/** Its own Sync screen says that the hub has all of it. */
export async function expectSafe(page: Page): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByText('Everything is safe in the shop.').first()).toBeVisible();
}
