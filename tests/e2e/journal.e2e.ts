/** No link is left: a till's journal is carried to another one as a file, and nothing of it counts twice. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { goTo } from '../support/go-to.ts';
import { freePort, openBrowser, serve, type OpenBrowser, type Served } from '../support/shop-processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-journal-'));
const open: { hub?: Served; browsers: OpenBrowser[] } = { browsers: [] };

test.afterAll(async () => {
	for (const browser of open.browsers) await browser.kill();
	await open.hub?.kill();
	rmSync(folder, { recursive: true, force: true });
});

async function newPage(profile: string, address: string): Promise<Page> {
	const browser = await openBrowser(join(folder, profile));
	open.browsers.push(browser);
	const page = await browser.context.newPage();
	await page.goto(address);
	return page;
}

test('what a till sold alone is carried to another by file, and bringing it in twice changes nothing', async () => {
	test.setTimeout(120_000);
	const port = String(await freePort());
	open.hub = await serve('hub', { data: join(folder, 'hub'), port });
	const first = await newPage('one', `http://localhost:${port}`);
	await first.getByRole('button', { name: 'Try the demo shop' }).click();
	await expect(first.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	const second = await newPage('two', `http://till-2.localhost:${port}`);
	await second.getByLabel('Join code').fill((await (await fetch(`${open.hub.url}/join-code`)).text()).trim());
	await second.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(second.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();

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
	const file = join(folder, 'carried.journal');
	await (await download).saveAs(file);

	await goTo(second, 'Settings');
	const panel = second.getByRole('region', { name: 'In an emergency' });
	await panel.getByLabel('Bring in a journal').setInputFiles(file);
	await expect(panel.getByRole('status')).toContainText(/^1 new, \d+ here already\.$/);
	await goTo(second, 'Sales');
	await expect(second.getByRole('button', { name: 'T1-000001' })).toBeVisible();
	await goTo(second, 'Settings');
	await panel.getByLabel('Bring in a journal').setInputFiles(file);
	await expect(panel.getByRole('status')).toContainText(/^0 new, /);

	const rubbish = join(folder, 'rubbish.journal');
	writeFileSync(rubbish, 'not a journal at all');
	await panel.getByLabel('Bring in a journal').setInputFiles(rubbish);
	await expect(panel.getByRole('status')).toContainText('This is no journal of a till');
});
