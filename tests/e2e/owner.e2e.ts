/** The owner's pages in real Chromium, served by a real relay behind a real hub and till: past sales are replayed, and the owner looks at every page, on a phone and on paper, too. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { expect, test, type Page } from 'playwright/test';
import type { TransferId } from '#schemas/facts/transfer-sent.ts';
import type { BranchId, Sku } from '#schemas/ids.ts';
import { readPastSales, type PastInvoice } from '#server/replay/read-sales.ts';
import { replay } from '#server/replay/replay.ts';
import { PHONE } from '../support/gallery/scenes.ts';
import { goTo } from '../support/go-to.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REAL = fileURLToPath(new URL('../../../shared/data/online-retail-2010-12.csv', import.meta.url));
const REFERENCE = REAL.replace('.csv', '.reference.json');
const INVOICES = 60;
/** Whole days of the real month with few sales, so that what a day comes to can be held against the figures of another program. */
const QUIET_DAYS = ['2010-12-19', '2010-12-22'];
/** Nobody is there yet. */
const ELSEWHERE = '0e'.repeat(16) as BranchId;
const SENT = 5;

/** The real month where it is at hand, else some of our own. */
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
	const isReal = file === REAL;
	const dayOf = ({ atMs }: PastInvoice): string => new Date(atMs).toISOString().slice(0, 10);
	const sales = { ...all, invoices: isReal ? all.invoices.filter((one) => QUIET_DAYS.includes(dayOf(one))) : all.invoices.slice(0, INVOICES) };
	const reference = isReal ? (JSON.parse(readFileSync(REFERENCE, 'utf8')) as { revenue_by_day_line_half_even: Record<string, string> }) : undefined;
	const problems: string[] = [];
	page.on('pageerror', (error) => problems.push(error.message));
	page.on('console', (message) => {
		if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text());
	});

	await replay(sales, {
		...{ file, tills: 1, seed: 1, offline: 0, onProgress: () => undefined, app: join(ROOT, 'build') },
		async whileOpen({ relayPort, data, totals, ringUp, perform }) {
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

			const takings = page.getByTestId('takings');
			const shown = (pounds: number): string => pounds.toLocaleString('en-GB', { style: 'currency', currency: 'GBP' });
			for (const [of, pounds] of Object.entries(reference?.revenue_by_day_line_half_even ?? totals.takingsByDay)) {
				if (isReal && !QUIET_DAYS.includes(of)) continue;
				await page.getByLabel('A day in it').fill(of);
				await expect(takings).toHaveText(shown(Number(pounds)));
			}
			const [day = '', amount = ''] = Object.entries(totals.takingsByDay).at(-1) ?? [];

			const sku = sales.invoices[0]?.lines[0]?.sku ?? '';
			await ringUp({
				...{ number: 'live-1', kind: 'sale' as const, atMs: Date.parse(`${day}T20:00:00Z`) },
				lines: [{ sku, description: '<img src=x onerror=alert(1)>', quantity: 1, unitPriceE4: 1_000_0000 }],
			});
			await expect(takings).toHaveText(shown(Number(amount) + 1_000));

			expect((await savedBy(page, 'Save as CSV')).sum('takings')).toBeCloseTo(Number(amount) + 1_000, 2);

			// Some goods leave for a branch, and the till closes its Z.
			await perform({
				intent: 'send-transfer',
				transfer: 'e2'.repeat(16) as TransferId,
				to: ELSEWHERE,
				lines: [{ sku: sku as Sku, quantityMilli: SENT * 1_000 }],
			});
			await perform({ intent: 'close-z' });
			const lines = sales.invoices.flatMap(({ kind, lines: of }) => of.map((line) => ({ ...line, kind })));
			const products = new Set(lines.map((line) => line.sku));
			const ofSku = lines.filter((line) => line.sku === sku);
			// What the replay opened with is all that was ever moved; what a sale has below zero was written off, what a cancellation has came back.
			const opened = ofSku.reduce((sum, { quantity }) => sum + Math.abs(quantity), 0);
			const left = opened + ofSku.reduce((sum, { kind, quantity }) => sum + (kind === 'sale' ? -Math.abs(quantity) : -quantity), 0) - 1 - SENT;

			await goTo(page, 'Stock');
			await page.getByLabel('Find a product').fill(sku);
			const onHand = page
				.getByRole('table', { name: 'Stock on hand' })
				.getByRole('row')
				.filter({ has: page.getByText(sku, { exact: true }) });
			await expect(onHand.getByRole('cell').last()).toHaveText(left.toLocaleString('en-GB'));
			const transit = page.getByRole('table', { name: 'Transfers in transit' });
			await expect(transit.getByRole('row').nth(1)).toContainText('Past sales to Branch 0e0e0e');
			await expect(transit.getByRole('row').nth(1).getByRole('cell').last()).toHaveText(String(SENT));
			await page.getByLabel('Find a product').fill('');
			expect((await savedBy(page, 'Save as CSV')).rows).toHaveLength(products.size);
			expect((await savedBy(page, 'Transfers in transit: save as CSV')).sum('in_transit')).toBe(SENT);
			await fitsAPhone(page);

			await goTo(page, 'Z reports');
			await page.getByLabel('A day in it').fill(day);
			const z = page.getByRole('table', { name: 'Z reports' }).getByRole('row').nth(1);
			await expect(z.getByRole('cell', { name: shown(Number(totals.takings) + 1_000), exact: true })).toBeVisible();
			await expect(z).toContainText('Till 1');
			const sold = sales.invoices.filter(({ kind, lines: of }) => kind === 'sale' && of.some(({ quantity }) => quantity > 0));
			const zs = await savedBy(page, 'Save as CSV');
			expect([zs.sum('sales'), zs.sum('refunds')]).toEqual([sold.length + 1, sales.invoices.filter(({ kind }) => kind === 'cancellation').length]);
			await fitsAPhone(page);

			await goTo(page, 'Audit trail');
			await page.getByLabel('A day in it').fill(day);
			const trail = page.getByRole('table', { name: 'Audit trail' });
			await expect(trail.getByRole('row').nth(1)).toContainText('Till 1');
			const acts = await savedBy(page, 'Save as CSV');
			expect(acts.rows.filter((row) => row['what'] === 'sale.completed')).toHaveLength(sold.filter((one) => dayOf(one) === day).length + 1);
			expect(acts.rows.filter((row) => row['what'] === 'z.closed')).toHaveLength(1);
			await fitsAPhone(page);

			// On paper is the table, whose it is and of when, and nothing to press.
			const whose = page.getByText(/^Replay · All branches\s*As of .*20\d\d, \d+:\d+/);
			await expect(whose).toBeHidden();
			await page.emulateMedia({ media: 'print' });
			await expect(whose).toBeVisible();
			await expect(trail).toBeVisible();
			for (const name of ['Save as CSV', 'Print', 'Sign out']) await expect(page.getByRole('button', { name })).toBeHidden();
			await expect(page.getByRole('navigation')).toBeHidden();
			await page.emulateMedia({ media: null });

			await goTo(page, 'Branches');
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

interface SavedTable {
	readonly rows: readonly Readonly<Record<string, string>>[];
	sum(column: string): number;
}

/** What the button saves, as a spreadsheet reads it. */
async function savedBy(page: Page, name: string): Promise<SavedTable> {
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name, exact: true }).first().click();
	const rows = parse(readFileSync(await (await download).path()), { bom: true, columns: true }) as Record<string, string>[];
	return { rows, sum: (column) => rows.reduce((sum, row) => sum + Number(row[column]), 0) };
}

/** Nothing hangs over the side, and the way to the other pages is under the thumb. */
async function fitsAPhone(page: Page): Promise<void> {
	const wide = page.viewportSize();
	await page.setViewportSize(PHONE);
	await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
	await expect(page.getByRole('link', { name: 'Audit trail' })).toBeInViewport();
	if (wide !== null) await page.setViewportSize(wide);
}
