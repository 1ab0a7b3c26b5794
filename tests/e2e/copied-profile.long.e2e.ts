/** A till's profile is copied and both go on: both sides count, a manager says which is the till, and the other stands down. Real hub and Chromium. */
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { expectSafe, sell } from '../support/at-the-counter.ts';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';
import { copyDisk, joinCodeOf, openBrowser, type OpenBrowser } from '../support/shop-processes.ts';

const shop = demoShop({ name: 'copied', tills: 2 });
const open: { copy?: OpenBrowser } = {};
/** There is enough of it: the last one, sold twice, would be a conflict of its own. */
const CROISSANT = 'Butter croissant';

test.afterAll(async () => {
	await open.copy?.kill();
	await shop.close();
});

async function tap(page: Page, name: 'Work alone' | 'Reconnect'): Promise<void> {
	await goTo(page, 'Sync');
	await page.getByRole('button', { name }).click();
}

test('a profile that was copied sells beside its original: nothing is lost, a manager keeps one, and the other joins anew', async () => {
	const [manager, joined] = (await shop.open()) as [Page, Page];
	const address = new URL(joined.url()).origin;
	expect(await sell(joined, CROISSANT)).toBe('T2-000001');
	await expectSafe(joined);
	await shop.closeTill(2);
	const copied = join(shop.folder, 'copied');
	copyDisk(shop.profileOf(2), copied);

	// Both run, and neither hears of the other.
	const original = await shop.startTill(2);
	await tap(original, 'Work alone');
	open.copy = await openBrowser(copied);
	const copy = await open.copy.context.newPage();
	await copy.goto(address);
	await tap(copy, 'Work alone');
	expect([await sell(original, CROISSANT), await sell(original, CROISSANT), await sell(copy, CROISSANT)]).toEqual([
		'T2-000002',
		'T2-000003',
		'T2-000002',
	]);
	await tap(original, 'Reconnect');
	await expectSafe(original);
	await tap(copy, 'Reconnect');

	// The manager sees both sides with the doubled receipt, and keeps the one that sold more.
	await goTo(manager, 'Sync');
	const fork = manager.getByRole('region', { name: 'Conflicts' });
	await expect(fork).toContainText('One till, two histories');
	await expect(fork).toContainText('T2-000002');
	await fork.getByRole('button', { name: 'This one keeps the till' }).first().click();
	await expect(fork).not.toContainText('One till, two histories');

	const notice = (page: Page) => page.getByText('Another device goes on as this till.');
	await expect.poll(async () => (await notice(original).count()) + (await notice(copy).count())).toBe(1);
	const [kept, dropped] = (await notice(copy).count()) === 1 ? [original, copy] : [copy, original];
	expect(await sell(kept, CROISSANT)).toMatch(/^T2-00000[34]$/);
	await goTo(manager, 'Sales');
	await expect(manager.getByRole('region', { name: 'Receipts' }).getByRole('button', { name: 'T2-000002' })).toHaveCount(2);

	// Started again it knows at once that it is the till no more, and joins anew under a number of its own.
	await dropped.reload();
	await dropped.getByRole('link', { name: 'Join anew' }).click();
	await dropped.getByRole('button', { name: 'Join anew' }).click();
	await dropped.getByRole('dialog').getByRole('button', { name: 'Join anew' }).click();
	await dropped.getByLabel('Join code').fill(await joinCodeOf(shop.hub()));
	await dropped.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(dropped.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	expect(await sell(dropped, CROISSANT)).toBe('T3-000001');
});
