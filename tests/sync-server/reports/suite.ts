/** What the report tables promise, run on SQLite and on a real PostgreSQL, over shops as they should not be (`support/random-shop.ts`). */
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { createTurns } from '#adapters/clock-system/turns-node.ts';
import { createMemoryEntryStore } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { checkpointOf, type Checkpoint } from '#core/ledger/checkpoint.ts';
import { createRenewableLedger, type RenewableLedger } from '#core/ledger/renewable.ts';
import { encodeMarks } from '#engine/checkpoints.ts';
import { createVerifier, type Verifier } from '#engine/verify.ts';
import type { LedgerChange } from '#core/ledger/ledger.ts';
import type { BranchStorage, EntryStore, RelayStorage, ReportCell, ReportRow } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import type { BranchId } from '#schemas/ids.ts';
import { createReporter, type Reporter } from '#server/reports/reporter.ts';
import { everythingDirty, partsOf } from '#server/reports/rows.ts';
import { REPORTS } from '#server/reports/plan.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedSetting, created, exchanged, ownPriced, received, refunded, sold } from '../../support/facts.ts';
import { createTestShop, type DoOptions, type TestDevice } from '../../support/ledger-builder.ts';
import { playSteps, steps } from '../../support/random-shop.ts';
import { shuffled } from '../../support/shuffled.ts';

export interface ReportsHere {
	readonly record: RelayStorage;
	table(name: string, store: string): Promise<readonly ReportRow[]>;
	close(): Promise<void>;
}

export function reportsSuite(name: string, open: () => Promise<ReportsHere>): void {
	describe(`reports on ${name}`, () => {
		test('whatever order entries come in, late ones and quarantined ones among them, the tables say what the fold from zero says', async () => {
			const { seed = 0 } = fc.readConfigureGlobal();
			for (const [run, list] of fc.sample(steps, { seed, numRuns: 5 }).entries()) {
				const here = await open();
				const { shop, entries } = playSteps(list);
				const order = shuffled(entries, seed + run);
				const one = await openOne(here, shop);
				for (let at = 0; at < order.length; at += 7) {
					one.add(order.slice(at, at + 7));
					if (at % 3 === 0) await one.reporter.settled();
				}
				await one.reporter.settled();
				await expectTablesOf(here, one.ledger, `seed ${seed}, run ${run}`);
				await one.close();
				await here.close();
			}
		});

		test('products of the view cost what they cost in the branch: its own price where it has one, beside the store’s', async () => {
			const here = await open();
			const { shop } = playSteps([]);
			const one = await openOne(here, shop);
			const office = shop.device('Office', { role: 'hub', till: 90 });
			office.hears(...shop.entries);
			office.does([office.enrolment(), ownPriced('A', shop.branch, 9_900), ownPriced('B', 'e1'.repeat(16) as BranchId, 9_900)], { scope: 'store' });
			one.add(shop.entries);
			await one.reporter.settled();
			const rows = await here.record.report({ view: 'products', store: shop.store, limit: 10 });
			expect(rows.map((row) => ['sku', 'unit_price', 'store_price', 'own_price'].map((column) => row[column]))).toEqual([
				['A', 0.99, 1.2, 0.99],
				['B', 1.2, 1.2, null],
				['C', 1.2, 1.2, null],
			]);
			await one.close();
			await here.close();
		});

		describe('2: a branch has its reports, whatever one of its devices writes', () => {
			type Lie = (till: TestDevice) => void;
			const sells =
				(sale: (till: TestDevice) => SaleCompleted, options?: DoOptions): Lie =>
				(till) => {
					till.does([sale(till)], options);
				};
			const oneOfA = (till: TestDevice): SaleCompleted => sold([['A', 1, 120]], till.receipt());
			const lies: Readonly<Record<string, Lie>> = {
				'a day that no month has': sells(oneOfA, { tradingDay: '2026-02-31' }),
				'a month that no year has': sells(oneOfA, { tradingDay: '2026-13-01' }),
				'a year that there was not': sells(oneOfA, { tradingDay: '0000-01-01' }),
				'the last day of four digits': sells(oneOfA, { tradingDay: '9999-12-31' }),
				'SKUs with characters that no database holds': (till) => {
					const skus = ['A\0', 'A\uFFFD', 'A\ud800', 'A\uFFFD0000', 'A'];
					till.does(skus.map((sku) => received(sku, 5)));
					till.does([
						sold(
							skus.map((sku) => [sku, 1, 120] as const),
							till.receipt(),
						),
					]);
				},
				'a time zone that nobody knows': (till) => {
					till.does([changedSetting({ name: 'timeZone', value: 'Ocean/Atlantis' })], { scope: 'store' });
					till.does([oneOfA(till)]);
				},
				'more money than an integer holds': (till) => {
					const minor = Number.MAX_SAFE_INTEGER;
					const sale = sold(
						[
							['A', 1, minor],
							['B', 1, minor],
						],
						till.receipt(),
					);
					const lines = sale.lines.map((line) => ({ ...line, taxMinor: minor, discounts: [{ of: 'line' as const, amountMinor: minor }] }));
					till.does([{ ...sale, totalMinor: minor, lines: Array.from({ length: 600 }, () => lines).flat() }]);
				},
			};
			for (const [what, lie] of Object.entries(lies))
				test(what, async () => {
					const here = await open();
					const shop = createTestShop({ seed: what });
					const till = shop.device('Till');
					till.does([till.enrolment()], { scope: 'store' });
					lie(till);
					const one = await openOne(here, shop);
					one.add(shop.entries);
					await one.reporter.settled();
					await expectTablesOf(here, one.ledger, what);
					for (const { name: view } of REPORTS.views) {
						const rows = await here.record.report({ view, store: shop.store, limit: 10_000 });
						if (view === 'stock') expect(rows.length).toBe(one.ledger.state.stock.size);
					}
					await one.close();
					await here.close();
				});
		});

		test('takings of the view are those of the branch’s days', async () => {
			const here = await open();
			const [list] = fc.sample(steps, { seed: 7, numRuns: 1 });
			const { shop, entries } = playSteps(list ?? [], { peace: 40 });
			const one = await openOne(here, shop);
			one.add(entries);
			await one.reporter.settled();
			const { digits } = one.ledger.state.settings.value('currency') ?? { digits: 2 };
			const rows = await here.record.report({ view: 'takings', store: shop.store, limit: 1_000 });
			const expected = one.ledger.state.books.days
				.values()
				.flatMap(({ day, tills }) => tills.map(({ device, takingsMinor }) => ({ trading_day: day, device, takings: takingsMinor / 10 ** digits })))
				.filter(({ takings }) => takings !== 0);
			const seen = rows.map((row) => ({ trading_day: row['trading_day'], device: row['device'], takings: row['takings'] }));
			expect(seen.filter(({ takings }) => takings !== 0)).toEqual(
				expected.sort((a, b) => (`${a.trading_day}${a.device}` < `${b.trading_day}${b.device}` ? -1 : 1)),
			);
			expect(expected.length).toBeGreaterThan(0);
			await one.close();
			await here.close();
		});

		test('where prices are without tax, lines come to their receipts and products and rates to the takings; an exchange is a sale and a refund', async () => {
			const here = await open();
			const shop = createTestShop({ seed: 'tax on top' });
			const till = shop.device('Till');
			till.does([till.enrolment(), created('A'), created('B'), changedSetting({ name: 'taxExcluded', value: true })], { scope: 'store' });
			const sale = till.does([onTop(sold([['A', 3, 600]], till.receipt()), 720)]);
			till.does([onTop(refunded(sale.hash, [[0, 'A', 1, 200]], till.receipt()), 240)]);
			const swap = exchanged(refunded(sale.hash, [[0, 'A', 1, 200]], till.receipt()), sold([['B', 1, 500]], till.receipt()));
			till.does([onTop({ ...swap, returned: swap.returned.map(taxed) }, 360)]);
			const one = await openOne(here, shop);
			one.add(shop.entries);
			await one.reporter.settled();
			expect(one.ledger.quarantined()).toEqual([]);
			const [day] = one.ledger.state.books.days.values();
			expect(day?.figures).toMatchObject({ sales: { count: 2 }, refunds: { count: 2 } });
			expect(day?.takingsMinor).toBe(840);
			const rows = async (view: string): Promise<readonly ReportRow[]> => here.record.report({ view, store: shop.store, limit: 100 });
			const sums = async (view: string, column: string): Promise<number> =>
				(await rows(view)).reduce((sum, row) => sum + Math.round(Number(row[column]) * 100), 0);
			for (const view of ['takings', 'takings_by_hour', 'takings_by_person', 'takings_by_product'])
				expect(await sums(view, 'takings'), view).toBe(840);
			for (const view of ['lines', 'taxes']) expect(await sums(view, 'total'), view).toBe(840);
			for (const view of ['takings', 'takings_by_hour', 'takings_by_person'])
				expect([await sums(view, 'sales'), await sums(view, 'refunds')], view).toEqual([200, 200]);
			expect((await rows('sales')).map(({ kind, total, refunded }) => [kind, total, refunded])).toEqual([
				['sale', 7.2, 4.8],
				['exchange', 3.6, 0],
			]);
			expect(await sums('lines', 'refunded')).toBe(480);
			await one.close();
			await here.close();
		});

		test('a start goes on where the rows stand, and other tables than the plan’s are made anew', async () => {
			const here = await open();
			const [list] = fc.sample(steps, { seed: 11, numRuns: 1 });
			const { shop, entries } = playSteps(list ?? []);
			const half = Math.floor(entries.length / 2);
			const first = await openOne(here, shop);
			first.add(entries.slice(0, half));
			await first.reporter.settled();
			expect(await first.storage.reports.marks()).toEqual(first.ledger.marks());
			await first.close();
			const second = await openOne(here, shop, entries.slice(0, half));
			second.add(entries.slice(half));
			await second.reporter.settled();
			await expectTablesOf(here, second.ledger, 'after a restart');
			await second.close();
			await here.close();
		});

		test('rows that were spoilt stay as they are until a rebuild is asked for, and then are what the fold says', async () => {
			const here = await open();
			const [list] = fc.sample(steps, { seed: 13, numRuns: 1 });
			const { shop, entries } = playSteps(list ?? []);
			const first = await openOne(here, shop, entries);
			await first.reporter.settled();
			const [person = { person: '', name: '', role: '', disabled: false }] = await here.table('people', shop.store);
			const { store: _store, branch: _branch, ...columns } = person;
			await first.storage.reports.write({ rows: new Map([['people', [{ ...columns, person: 'of-nobody' }]]]) });
			await first.close();
			const isThere = async (): Promise<boolean> => (await here.table('people', shop.store)).some((row) => row['person'] === 'of-nobody');
			const second = await openOne(here, shop, entries);
			await second.reporter.settled();
			await second.close();
			expect(await isThere()).toBe(true);
			const third = await openOne(here, shop, entries, { rebuild: true });
			await third.reporter.settled();
			expect(await isThere()).toBe(false);
			await expectTablesOf(here, third.ledger, 'after a rebuild');
			await third.close();
			await here.close();
		});

		test('a branch that begins from a checkpoint has rows of what lies below it, too', async () => {
			const here = await open();
			const [list] = fc.sample(steps, { seed: 17, numRuns: 1 });
			const { shop, entries } = playSteps(list ?? [], { peace: 100 });
			const whole = createRenewableLedger({ store: shop.store, branch: shop.branch });
			const half = Math.ceil(entries.length / 2);
			whole.add(entries.slice(0, half));
			const checkpoint = checkpointOf(whole, shop, (entries[half - 1]?.header.hlc[0] ?? 0) + 1);
			if (checkpoint === undefined) throw new Error('a shop at peace has a checkpoint');
			whole.add(entries.slice(half));
			const entryStore = createMemoryEntryStore();
			await entryStore.add(entries);
			await entryStore.setCache('proven', encodeMarks(whole.marks()));
			const ends = new Map(checkpoint.chains.map(({ device, scope, seq }) => [`${device}:${scope}`, seq]));
			const above = entries.filter(({ header: { device, scope, seq } }) => seq > (ends.get(`${device}:${scope}`) ?? 0));
			expect(above.length).toBeLessThan(entries.length);
			const one = await openOne(here, shop, above, { checkpoint, entryStore, stored: entries });
			await one.reporter.settled();
			await expectTablesOf(here, whole, 'from a checkpoint');
			await one.close();
			await here.close();
		});

		test('pages of every view give every row once, in the view’s order, and bounds of days hold', async () => {
			const here = await open();
			const [list] = fc.sample(steps, { seed: 3, numRuns: 1 });
			const { shop, entries } = playSteps(list ?? [], { peace: 30 });
			const one = await openOne(here, shop);
			one.add(entries);
			await one.reporter.settled();
			for (const { name: view, order } of REPORTS.views) {
				const all = await here.record.report({ view, store: shop.store, limit: 10_000 });
				if (all[0] !== undefined) expect(await here.record.reportColumns(view)).toEqual(Object.keys(all[0]));
				const paged: ReportRow[] = [];
				for (let after: readonly ReportCell[] | undefined; ;) {
					const page = await here.record.report({ view, store: shop.store, limit: 3, ...(after === undefined ? {} : { after }) });
					paged.push(...page);
					const last = page.at(-1);
					if (last === undefined) break;
					after = order.map((column) => last[column] ?? null);
				}
				expect(paged, view).toEqual(all);
				expect(await here.record.report({ view, store: 'ff'.repeat(16) as never, limit: 10 }), view).toEqual([]);
				if (all[0] !== undefined && 'trading_day' in all[0])
					expect(await here.record.report({ view, store: shop.store, from: '1999-01-01', to: '1999-12-31', limit: 10 }), view).toEqual([]);
			}
			expect((await here.record.report({ view: 'sales', store: shop.store, limit: 10 })).length).toBeGreaterThan(0);
			await one.close();
			await here.close();
		});
	});
}

/** A fifth of it on top of each line. */
function taxed<Line extends { readonly totalMinor: number }>(line: Line): Line & { readonly taxMinor: number } {
	return { ...line, taxMinor: line.totalMinor / 5 };
}

function onTop<Receipt extends SaleCompleted | RefundCompleted | ExchangeCompleted>(receipt: Receipt, totalMinor: number): object {
	return {
		...receipt,
		...{ taxExcluded: true, totalMinor, lines: (receipt.lines as readonly { readonly totalMinor: number }[]).map(taxed) },
		tenders: [{ type: 'cash', amountMinor: totalMinor, givenMinor: totalMinor, changeMinor: 0 }],
	};
}

interface One {
	readonly ledger: RenewableLedger;
	readonly reporter: Reporter;
	readonly storage: BranchStorage;
	add(entries: readonly Entry[]): void;
	close(): Promise<void>;
}

interface OpenOptions {
	readonly rebuild?: boolean;
	readonly checkpoint?: Checkpoint;
	readonly entryStore?: EntryStore;
	/** What lies in it. */
	readonly stored?: readonly Entry[];
}

export async function openOne(
	{ record }: Pick<ReportsHere, 'record'>,
	shop: ReturnType<typeof playSteps>['shop'],
	before: readonly Entry[] = [],
	{ rebuild = false, checkpoint, entryStore = createMemoryEntryStore(), stored = [] }: OpenOptions = {},
): Promise<One> {
	const { store, branch } = shop;
	const storage = await record.open({ store, branch, root: 'a0'.repeat(32) as never });
	const ledger = createRenewableLedger({ store, branch });
	if (checkpoint !== undefined) ledger.begin(checkpoint);
	ledger.add(before);
	// The devices of these shops have no certificates: what lies in the store is known by its bytes.
	const held = new Map(stored.map((entry) => [hexOf(entry.sealed), entry]));
	const verifier: Verifier = {
		...createVerifier({ digest: createDigest(), store }),
		unproven: async (sealed) => held.get(hexOf(sealed)) ?? { damaged: 'not of this shop' },
	};
	const listeners: ((change: LedgerChange) => void)[] = [];
	const failures: unknown[] = [];
	const reporter = createReporter({
		branch: { ledger, entryStore, verifier, replica: { onFolded: (one) => listeners.push(one) } },
		...{ reports: storage.reports, rebuild, clock: systemClock, turns: createTurns() },
		timers: createSystemTimers((error) => {
			throw error as Error;
		}),
		onFailed: (error) => failures.push(error),
	});
	return {
		...{ ledger, reporter, storage },
		add(entries) {
			const change = ledger.add(entries);
			for (const listener of listeners) listener(change);
		},
		async close() {
			await reporter.close();
			await storage.close();
			expect(failures).toEqual([]);
		},
	};
}

async function expectTablesOf({ table }: ReportsHere, ledger: RenewableLedger, what: string): Promise<void> {
	const zero = ledger.draft(undefined);
	zero.add(ledger.entries());
	// By the reporter's clock: a planned price has come, or it has not.
	const nowMs = systemClock.nowMs();
	const [expected = new Map()] = partsOf({ ledger: zero, dirty: everythingDirty(zero), written: new Map(), released: [], nowMs, most: Infinity });
	for (const { name, key, columns } of REPORTS.tables) {
		const sorted = (rows: readonly ReportRow[]): readonly ReportRow[] =>
			rows
				.map((row) => Object.fromEntries(Object.keys(columns).map((column) => [column, column === 'written_ms' ? 0 : (row[column] ?? null)])))
				.sort((a, b) => (key.map((one) => a[one]).join() < key.map((one) => b[one]).join() ? -1 : 1));
		expect(sorted(await table(name, ledger.store)), `${name}, ${what}`).toEqual(sorted(expected.get(name) ?? []));
	}
}
