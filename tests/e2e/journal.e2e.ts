/**
 * No link is left: a till's journal is carried to another one as a file, and nothing of it counts twice. Nor is a link left to a till that was removed: what it
 * sold beyond its removal is put aside, and a manager decides.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { sell } from '../support/at-the-counter.ts';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';

const shop = demoShop({ name: 'journal', tills: 2 });
/** A till that finds no hub asks every 15 s; one that comes back asks at once. */
const TOLD_WITHIN_MS = 10_000;
const TAKINGS = /Takings\s*£(\d+\.\d\d)/;

let first: Page;
let second: Page;

test.beforeAll(async () => {
	[first, second] = (await shop.open()) as [Page, Page];
});

test.afterAll(shop.close);

async function saveJournal(page: Page, name: string): Promise<string> {
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Save this till’s journal' }).click();
	const file = join(shop.folder, name);
	await (await download).saveAs(file);
	return file;
}

test('what a till sold alone is carried to another by file, and bringing it in twice changes nothing', async () => {
	for (const page of [first, second]) {
		await goTo(page, 'Sync');
		await page.getByRole('button', { name: 'Work alone' }).click();
	}
	expect(await sell(first)).toBe('T1-000001');

	await goTo(first, 'Settings');
	const file = await saveJournal(first, 'carried.journal');

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

test('a till that is removed while it sells alone is cut off and told so: what it sold before counts, what it sold after does once a manager says so', async () => {
	for (const page of [first, second]) {
		await goTo(page, 'Sync');
		const reconnect = page.getByRole('button', { name: 'Reconnect' });
		if (await reconnect.isEnabled()) await reconnect.click();
	}
	// Whatever was sold today, and at least one yogurt: with none there is no report.
	await sell(first);
	const start = await takings(first);
	expect(await sell(second)).toBe('T2-000001');
	await goTo(first, 'Sales');
	await expect(first.getByRole('button', { name: 'T2-000001' })).toBeVisible();
	const before = await takings(first);
	const yogurt = before - start;
	expect(yogurt).toBeGreaterThan(0);

	// The cable is out; the manager hears nothing of what this till sells, and removes it.
	await goTo(second, 'Sync');
	await second.context().setOffline(true);
	await second.getByRole('button', { name: 'Work alone' }).click();
	expect([await sell(second), await sell(second)]).toEqual(['T2-000002', 'T2-000003']);
	await goTo(first, 'Settings');
	const device = first.getByRole('region', { name: 'Devices' }).getByRole('row', { name: /^Till 2/ });
	await device.getByRole('button', { name: 'Remove' }).click();
	await first.getByRole('dialog').getByRole('button', { name: 'Remove Till 2' }).click();
	await expect(device).toContainText('Removed');
	await expect(second.getByText('This till was removed from the shop.')).toHaveCount(0);

	await goTo(second, 'Sync');
	await second.context().setOffline(false);
	const backAtMs = Date.now();
	await second.getByRole('button', { name: 'Reconnect' }).click();
	const told = second.getByRole('alert').filter({ hasText: 'This till was removed from the shop.' });
	await expect(told).toContainText('What it sells now does not count.', { timeout: TOLD_WITHIN_MS });
	test.info().annotations.push({ type: 'told', description: `${Date.now() - backAtMs} ms from coming back to knowing that it was removed` });
	for (const other of [/^Hub not in reach/, /^Till 1 not in reach/]) await expect(second.getByRole('row', { name: other })).toBeVisible();
	await goTo(first, 'Sales');
	await expect(first.getByRole('button', { name: 'T2-000002' })).toHaveCount(0);

	// As it is told to: its journal goes to another till, and there a manager decides.
	await told.getByRole('link', { name: 'Save its journal' }).click();
	const file = await saveJournal(second, 'removed.journal');
	await goTo(first, 'Settings');
	await first.getByLabel('Bring in a journal').setInputFiles(file);
	await expect(first.getByRole('region', { name: 'In an emergency' }).getByRole('status')).toContainText(/^2 new, /);
	expect(await takings(first)).toBe(before);
	await goTo(first, 'Sync');
	const conflicts = first.getByRole('region', { name: 'Conflicts' });
	for (const words of ['Not allowed', 'Till 2', '2 entries put aside', 'it was written after the device was removed from the shop'])
		await expect(conflicts).toContainText(words);
	await conflicts.getByRole('button', { name: /^Accept/ }).click();
	await expect(first.getByRole('status').filter({ hasText: 'Settled on every till' })).toBeVisible();
	await goTo(first, 'Sales');
	for (const receipt of ['T2-000002', 'T2-000003']) await expect(first.getByRole('button', { name: receipt })).toBeVisible();
	await expect.poll(() => takings(first)).toBe(before + 2 * yogurt);
});

/** In pence, of all that was sold today and counts at this till. */
async function takings(page: Page): Promise<number> {
	await goTo(page, 'Reports');
	const sums = page.getByRole('region', { name: 'In all' });
	await expect(sums).toContainText(TAKINGS);
	return Math.round(100 * Number(TAKINGS.exec((await sums.textContent()) ?? '')?.[1]));
}
