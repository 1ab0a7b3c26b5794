/** No link is left: a till's journal is carried to another one as a file, and nothing of it counts twice. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';

const shop = demoShop({ name: 'journal', tills: 2 });

test.afterAll(shop.close);

test('what a till sold alone is carried to another by file, and bringing it in twice changes nothing', async () => {
	test.setTimeout(120_000);
	const [first, second] = (await shop.open()) as [Page, Page];

	for (const page of [first, second]) {
		await goTo(page, 'Sync');
		await page.getByRole('button', { name: 'Work alone' }).click();
	}
	await goTo(first, 'Sell');
	await first.getByRole('searchbox', { name: 'Search or scan' }).fill('Natural yogurt 500 g');
	await first.getByRole('button', { name: 'Natural yogurt 500 g' }).first().click();
	await first.getByRole('button', { name: 'Exact cash' }).click();
	await expect(first.getByRole('status').filter({ hasText: 'Paid' })).toContainText('T1-000001');

	await goTo(first, 'Settings');
	const download = first.waitForEvent('download');
	await first.getByRole('button', { name: 'Save this till’s journal' }).click();
	const file = join(shop.folder, 'carried.journal');
	await (await download).saveAs(file);

	// On the hub's own machine, in a browser that is no till.
	const atHub = await second.context().newPage();
	await atHub.goto(shop.hub().url.replace('localhost', 'till-9.localhost'));
	await atHub.getByRole('button', { name: 'Bring in a journal' }).click();
	await atHub.getByLabel('The till’s journal').setInputFiles(file);
	await expect(atHub.getByRole('status').first()).toContainText(/^1 new, \d+ here already\.$/);
	await expect(atHub.getByText('Confirmation code')).toBeVisible();
	await atHub.close();

	await goTo(second, 'Settings');
	const panel = second.getByRole('region', { name: 'In an emergency' });
	await panel.getByLabel('Bring in a journal').setInputFiles(file);
	await expect(panel.getByRole('status')).toContainText(/^1 new, \d+ here already\.$/);
	await goTo(second, 'Sales');
	await expect(second.getByRole('button', { name: 'T1-000001' })).toBeVisible();
	await goTo(second, 'Settings');
	await panel.getByLabel('Bring in a journal').setInputFiles(file);
	await expect(panel.getByRole('status')).toContainText(/^0 new, /);

	const rubbish = join(shop.folder, 'rubbish.journal');
	writeFileSync(rubbish, 'not a journal at all');
	await panel.getByLabel('Bring in a journal').setInputFiles(rubbish);
	await expect(panel.getByRole('status')).toContainText('This is no journal of a till');
});
