/** What the report tables promise, run on SQLite and on a real PostgreSQL, over shops as they should not be (`support/random-shop.ts`). */
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { createMemoryEntryStore } from '#adapters/entries-memory/entries-memory.ts';
import { createRenewableLedger, type RenewableLedger } from '#core/ledger/renewable.ts';
import type { LedgerChange } from '#core/ledger/ledger.ts';
import type { BranchStorage, RelayStorage, ReportCell, ReportRow } from '#ports';
import type { Entry } from '#schemas/entry.ts';
import { createReporter, type Reporter } from '#server/reports/reporter.ts';
import { everythingDirty, rowsOf } from '#server/reports/rows.ts';
import { REPORTS } from '#server/reports/plan.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { playSteps, steps } from '../../support/random-shop.ts';

export interface ReportsHere {
	readonly record: RelayStorage;
	table(name: string, store: string): Promise<readonly ReportRow[]>;
	close(): Promise<void>;
}

export function reportsSuite(name: string, open: () => Promise<ReportsHere>): void {
	describe(`reports on ${name}`, () => {
		test('whatever order entries come in, late ones and quarantined ones among them, the tables say what the fold from zero says', async () => {
			const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
			for (const [run, list] of fc.sample(steps, { seed, numRuns: 5 }).entries()) {
				const here = await open();
				const { shop, entries } = playSteps(list);
				const order = shuffled(entries, seed + run);
				const one = await openOne(here, shop, `${run}`);
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

		test('takings of the view are those of the branch’s days', async () => {
			const here = await open();
			const [list] = fc.sample(steps, { seed: 7, numRuns: 1 });
			const { shop, entries } = playSteps(list ?? [], { peace: 40 });
			const one = await openOne(here, shop, 'takings');
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

		test('a start goes on where the rows stand, and other tables than the plan’s are made anew', async () => {
			const here = await open();
			const [list] = fc.sample(steps, { seed: 11, numRuns: 1 });
			const { shop, entries } = playSteps(list ?? []);
			const half = Math.floor(entries.length / 2);
			const first = await openOne(here, shop, 'again');
			first.add(entries.slice(0, half));
			await first.reporter.settled();
			expect(await first.storage.reports.marks()).toEqual(first.ledger.marks());
			await first.close();
			const second = await openOne(here, shop, 'again', entries.slice(0, half));
			second.add(entries.slice(half));
			await second.reporter.settled();
			await expectTablesOf(here, second.ledger, 'after a restart');
			await second.close();
			await here.close();
		});

		test('pages of every view give every row once, in the view’s order, and bounds of days hold', async () => {
			const here = await open();
			const [list] = fc.sample(steps, { seed: 3, numRuns: 1 });
			const { shop, entries } = playSteps(list ?? [], { peace: 30 });
			const one = await openOne(here, shop, 'pages');
			one.add(entries);
			await one.reporter.settled();
			for (const { name: view, order } of REPORTS.views) {
				const all = await here.record.report({ view, store: shop.store, limit: 10_000 });
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

interface One {
	readonly ledger: RenewableLedger;
	readonly reporter: Reporter;
	readonly storage: BranchStorage;
	add(entries: readonly Entry[]): void;
	close(): Promise<void>;
}

async function openOne(
	{ record }: ReportsHere,
	shop: ReturnType<typeof playSteps>['shop'],
	_name: string,
	before: readonly Entry[] = [],
): Promise<One> {
	const { store, branch } = shop;
	const storage = await record.open({ store, branch, root: 'a0'.repeat(32) as never });
	const ledger = createRenewableLedger({ store, branch });
	ledger.add(before);
	const listeners: ((change: LedgerChange) => void)[] = [];
	const failures: unknown[] = [];
	const reporter = createReporter({
		branch: { ledger, entryStore: createMemoryEntryStore(), verifier: undefined as never, replica: { onFolded: (one) => listeners.push(one) } },
		...{ reports: storage.reports, rebuild: false, clock: systemClock },
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
	const expected = rowsOf({ ledger: zero, dirty: everythingDirty(zero), written: new Map(), released: [], nowMs: 0 });
	for (const { name, key, columns } of REPORTS.tables) {
		const sorted = (rows: readonly ReportRow[]): readonly ReportRow[] =>
			rows
				.map((row) => Object.fromEntries(Object.keys(columns).map((column) => [column, column === 'written_ms' ? 0 : (row[column] ?? null)])))
				.sort((a, b) => (key.map((one) => a[one]).join() < key.map((one) => b[one]).join() ? -1 : 1));
		expect(sorted(await table(name, ledger.store)), `${name}, ${what}`).toEqual(sorted(expected.get(name) ?? []));
	}
}

/** Fisher and Yates, with a generator that a seed begins. */
function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
	const list = [...items];
	let state = seed >>> 0 || 1;
	for (let at = list.length - 1; at > 0; at -= 1) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		const other = state % (at + 1);
		[list[at], list[other]] = [list[other] as Item, list[at] as Item];
	}
	return list;
}
