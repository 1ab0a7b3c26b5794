/** The hub is dead and the internet is there: a till takes the lease, and sales go on to the cloud. The hub returns and takes it back. */
import { expect, test, type Page } from 'playwright/test';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';

const shop = demoShop({ name: 'lease', tills: 1, relay: true });

test.afterAll(shop.close);

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
	const [page] = (await shop.open()) as [Page];
	await sell(page);
	await expectNothingWaits(page);

	await shop.hub().kill();
	await sell(page);
	await goTo(page, 'Sync');
	await expect(page.getByText(/· Till 1 forwards since/)).toBeVisible({ timeout: 20_000 });
	await expectNothingWaits(page);

	await shop.startHub();
	await expect(page.getByText(/· (?!Till 1).* forwards since/)).toBeVisible({ timeout: 60_000 });
	await sell(page);
	await expectNothingWaits(page);
});
