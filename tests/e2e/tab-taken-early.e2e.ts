/** A tab that is still opening its disk when another one takes the till over: the other one sells. Real Chromium and hub. */
import { expect, test, type Page } from 'playwright/test';
import { demoShop } from '../support/demo-shop.ts';

const shop = demoShop({ name: 'tab-taken-early', tills: 1 });

test.afterAll(shop.close);

declare global {
	interface Window {
		openDisk?: () => void;
	}
}

const inOtherTab = (page: Page) => page.getByRole('heading', { name: 'This till is open in another tab' });

/** From its next load on the page waits for its disk, as on a slow machine, until it is told. */
async function holdDisk(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const told = Promise.withResolvers<undefined>();
		window.openDisk = () => {
			told.resolve(undefined);
		};
		const { storageBuckets } = navigator as unknown as { storageBuckets: { open: (...asked: unknown[]) => Promise<unknown> } };
		const open = storageBuckets.open.bind(storageBuckets);
		storageBuckets.open = async (...asked) => {
			await told.promise;
			return open(...asked);
		};
	});
}

test('taken over while it opens, a tab says so and leaves the till to the other', async () => {
	const [page] = (await shop.open()) as [Page];
	await holdDisk(page);
	await page.reload();
	await expect.poll(() => page.evaluate(async () => (await navigator.locks.query()).held?.length ?? 0)).toBeGreaterThan(0);
	const second = await page.context().newPage();
	await second.goto(page.url());
	await second.getByRole('button', { name: 'Take over' }).click();
	await expect(second.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	await page.evaluate(() => window.openDisk?.());
	await expect(inOtherTab(page)).toBeVisible();

	await second.bringToFront();
	await second.getByRole('searchbox', { name: 'Search or scan' }).fill('Butter croissant');
	await second.getByRole('button', { name: 'Butter croissant' }).first().click();
	await second.getByRole('button', { name: 'Exact cash' }).click();
	await expect(second.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();
	await expect(inOtherTab(page)).toBeVisible();
});
