/** The owner's pages in real Chromium, served by a real relay behind a real hub and till: past sales are replayed, and the owner looks. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'playwright/test';
import { readPastSales } from '#server/replay/read-sales.ts';
import { replay } from '#server/replay/replay.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REAL = fileURLToPath(new URL('../../../shared/data/online-retail-2010-12.csv', import.meta.url));
const INVOICES = 60;

/** The first of the real month where it is at hand, else some of our own, with a name that means to be more than a name. */
function pastSales(): string {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-owner-'));
	const file = join(folder, 'sales.csv');
	if (existsSync(REAL)) return REAL;
	const rows = Array.from(
		{ length: INVOICES },
		(_, n) => `${n + 1},SKU${n % 7},Thing ${n % 7},${(n % 3) + 1},2010-12-01 1${n % 8}:00:00,${n % 7}.25,1,United Kingdom`,
	);
	writeFileSync(file, `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n${rows.join('\n')}\n`);
	return file;
}

const reports = async (...args: string[]): Promise<string> =>
	(await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', 'sync-server/reports.ts', ...args], { cwd: ROOT })).stdout;

test('an owner comes in by a link, sees what was taken, sees a sale arrive, takes a file along, and is out when that is taken back', async ({
	page,
}) => {
	const file = pastSales();
	const all = await readPastSales(file, () => undefined);
	const sales = { ...all, invoices: all.invoices.slice(0, INVOICES) };
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(error.message));
	page.on('console', (message) => {
		if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text());
	});

	await replay(sales, {
		...{ file, tills: 1, seed: 1, offline: 0, onProgress: () => undefined, app: join(ROOT, 'build') },
		async whileOpen({ relayPort, data, totals, ringUp }) {
			const base = `http://localhost:${relayPort}`;
			await page.goto(base);
			await expect(page).toHaveURL(`${base}/owner`);
			await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();

			const link = (await reports('sign-in', '--name', 'Asha', '--url', base, '--data', data)).trim();
			await page.goto('about:blank');
			await page.goto(link);
			await expect(page.getByText('Signed in: Asha')).toBeVisible();
			expect(page.url()).toBe(`${base}/owner`);
			expect(await page.evaluate(() => document.cookie)).toBe('');

			const [day = '', amount = ''] = Object.entries(totals.takingsByDay)[0] ?? [];
			await page.getByLabel('A day in it').fill(day);
			const takings = page.getByTestId('takings');
			const shown = (pounds: number): string => pounds.toLocaleString('en-GB', { style: 'currency', currency: 'GBP' });
			await expect(takings).toHaveText(shown(Number(amount)));

			await ringUp({
				...{ number: 'live-1', kind: 'sale' as const, atMs: Date.parse(`${day}T20:00:00Z`) },
				lines: [{ sku: sales.invoices[0]?.lines[0]?.sku ?? '', description: '<img src=x onerror=alert(1)>', quantity: 1, unitPriceE4: 1_000_0000 }],
			});
			await expect(takings).toHaveText(shown(Number(amount) + 1_000));

			const download = page.waitForEvent('download');
			await page.getByRole('button', { name: 'Save as CSV' }).first().click();
			const csv = readFileSync(await (await download).path(), 'utf8');
			const [columns = [], ...rows] = csv
				.trim()
				.split('\r\n')
				.map((row) => row.split(','));
			const at = columns.indexOf('takings');
			expect(rows.reduce((sum, row) => sum + Number(row[at]), 0)).toBeCloseTo(Number(amount) + 1_000, 2);

			await page.getByRole('link', { name: 'Branches' }).click();
			await expect(page.getByRole('table', { name: 'Branches' }).getByText('Linked')).toBeVisible();

			const [id = ''] = (await reports('tokens', '--data', data)).split(' ');
			await reports('revoke', id, '--data', data);
			await expect(page.getByText('This sign-in was taken back or has run out.')).toBeVisible();
			await page.goto(link);
			await expect(page.getByText('That code is not right')).toBeVisible();
		},
	});
	expect(problems).toEqual([]);
});
