/** Rows about the fold: all at once, one by one, late. */
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import { interleaved, ms, type Row, type Side } from '../row.ts';
import { openBusyShop, type BusyShop } from './busy-shop.ts';

function ledgerOf({ store, branch }: BusyShop, entries: readonly Entry[]): Ledger {
	const ledger = createLedger({ store, branch });
	ledger.add(entries);
	return ledger;
}

export const fold: Row = {
	name: 'fold',
	what: 'fold of decoded entries, 5-line sales',
	against: 'the same figures over plain objects in one loop',
	reach: 'within 3×',
	async run({ quick, tell }) {
		const sales = quick ? 2_000 : 20_000;
		const shop = openBusyShop({ goods: 2_000, tills: 4 });
		const entries = Array.from({ length: sales }, () => shop.sell(20_000));
		const sums = { ours: 0, plain: 0 };
		tell(`${sales} sales`);
		const times = await interleaved(
			{
				ours: {
					prepare: () => ledgerOf(shop, shop.opening),
					work(ledger) {
						ledger.add(entries);
						sums.ours = [...ledger.state.stock.values()].reduce((sum, { onHandMilli }) => sum + onHandMilli, 0);
					},
				} satisfies Side<Ledger>,
				plain: {
					prepare: () => foldPlainly(shop.opening, emptyPlain()),
					work(plain) {
						foldPlainly(entries, plain);
						sums.plain = [...plain.stock.values()].reduce((sum, { onHandMilli }) => sum + onHandMilli, 0);
					},
				} satisfies Side<PlainState>,
			},
			{ rounds: quick ? 1 : 7, warmups: quick ? 0 : 2 },
		);
		if (sums.ours !== sums.plain) throw new Error(`the ledger has ${sums.ours} on hand, the plain loop ${sums.plain}`);
		const ratio = times.ours / times.plain;
		return {
			...{ ours: `${ms(times.ours / sales)} a sale`, anchor: `${ms(times.plain / sales)} a sale`, ratio, ok: ratio <= 3 },
			numbers: { sales, oursMs: times.ours, plainMs: times.plain },
		};
	},
};

/** What the ledger answers of sales and stock, and nothing else: no order, no rights, no chains, nobody who had seen anything. */
interface PlainState {
	readonly stock: Map<Sku, { onHandMilli: number; readonly movements: object[] }>;
	readonly sales: Map<EntryHash, object>;
	readonly takings: Map<string, number>;
}

function emptyPlain(): PlainState {
	return { stock: new Map(), sales: new Map(), takings: new Map() };
}

function foldPlainly(entries: readonly Entry[], state: PlainState): PlainState {
	const { stock, sales, takings } = state;
	for (const entry of entries) {
		for (const fact of entry.facts) {
			if ('unknown' in fact || 'invalid' in fact) continue;
			if (fact.type === 'stock.received') for (const { sku, quantityMilli } of fact.lines) move(sku, quantityMilli, 'received', entry);
			if (fact.type !== 'sale.completed') continue;
			for (const { sku, quantityMilli } of fact.lines) if (sku !== undefined) move(sku, -quantityMilli, 'sold', entry);
			let [linesMinor, paidMinor] = [fact.roundingMinor, 0];
			for (const { totalMinor } of fact.lines) linesMinor += totalMinor;
			for (const { type, amountMinor } of fact.tenders) {
				paidMinor += amountMinor;
				takings.set(type, (takings.get(type) ?? 0) + amountMinor);
			}
			if (linesMinor !== fact.totalMinor || paidMinor !== fact.totalMinor) throw new Error(`a sale that does not add up: ${entry.hash}`);
			sales.set(entry.hash, {
				...{ entry, fact, refundedMilli: fact.lines.map(() => 0), refundedMinor: fact.lines.map(() => 0) },
				...{ refundedTaxMinor: fact.lines.map(() => 0), refunds: [], counts: true, correctedBy: undefined },
			});
		}
	}
	return state;

	function move(sku: Sku, quantityMilli: number, kind: string, entry: Entry): void {
		let one = stock.get(sku);
		if (one === undefined) stock.set(sku, (one = { onHandMilli: 0, movements: [] }));
		one.onHandMilli += quantityMilli;
		one.movements.push({ entry, kind, quantityMilli, afterMilli: one.onHandMilli, counts: true });
	}
}

const MONTH_MS = 30 * 24 * 3_600_000;

/** 100,000 entries over 60 days, 20,000 SKUs, one of the tills away since the opening. */
function longShop(quick: boolean): { readonly shop: BusyShop; readonly entries: readonly Entry[] } {
	const count = quick ? 5_000 : 100_000;
	const shop = openBusyShop({ goods: quick ? 2_000 : 20_000, tills: 4 });
	return { shop, entries: Array.from({ length: count }, () => shop.sell((2 * MONTH_MS) / count)) };
}

function addEach(ledger: Ledger, entries: readonly Entry[]): void {
	for (const entry of entries) {
		ledger.add([entry]);
		ledger.conflicts();
	}
}

export const oneMore: Row = {
	name: 'one-more',
	what: 'one new entry into state and conflicts, 100,000 entries and 20,000 SKUs behind it',
	against: 'into an empty state',
	reach: 'within 3×, under 0.2 ms',
	async run({ quick, tell }) {
		const most = quick ? 500 : 10_000;
		tell('a shop with two months behind it');
		const { shop, entries } = longShop(quick);
		const ledger = ledgerOf(shop, [...shop.opening, ...entries]);
		// Each round sells on in the same shop: what lies behind only grows.
		const times = await interleaved(
			{
				behind: {
					prepare: () => Array.from({ length: most }, () => shop.sell(50)),
					work(sales) {
						addEach(ledger, sales);
					},
				} satisfies Side<readonly Entry[]>,
				empty: {
					prepare() {
						const other = openBusyShop({ goods: shop.goods.length, tills: 4, seed: 8 });
						return { ledger: createLedger({ store: other.store, branch: other.branch }), sales: Array.from({ length: most }, () => other.sell(50)) };
					},
					work({ ledger: empty, sales }) {
						addEach(empty, sales);
					},
				} satisfies Side<{ readonly ledger: Ledger; readonly sales: readonly Entry[] }>,
			},
			{ rounds: quick ? 1 : 3, warmups: quick ? 0 : 1 },
		);
		const [oursMs, emptyMs] = [times.behind / most, times.empty / most];
		const ratio = oursMs / emptyMs;
		return {
			...{ ours: ms(oursMs), anchor: ms(emptyMs), ratio, ok: ratio <= 3 && oursMs < 0.2 },
			numbers: { entriesBehind: entries.length, mean: most, oursMs, emptyMs },
		};
	},
};

export const late: Row = {
	name: 'late',
	what: 'an entry 30 days late, 100,000 entries behind',
	against: 'one new entry',
	reach: 'within 20×',
	async run({ quick, tell }) {
		const most = quick ? 20 : 200;
		const mostOnTime = quick ? 50 : 2_000;
		tell('a shop with two months behind it');
		const { shop, entries } = longShop(quick);
		const ledger = ledgerOf(shop, [...shop.opening, ...entries]);
		let lateMs = shop.nowMs() - MONTH_MS;
		const times = await interleaved(
			{
				late: {
					prepare: () => Array.from({ length: most }, () => shop.sellAway((lateMs += 10))),
					work(sales) {
						addEach(ledger, sales);
					},
				} satisfies Side<readonly Entry[]>,
				onTime: {
					prepare: () => Array.from({ length: mostOnTime }, () => shop.sell(50)),
					work(sales) {
						addEach(ledger, sales);
					},
				} satisfies Side<readonly Entry[]>,
			},
			{ rounds: quick ? 1 : 7, warmups: quick ? 0 : 3 },
		);
		const [oursMs, onTimeMs] = [times.late / most, times.onTime / mostOnTime];
		const ratio = oursMs / onTimeMs;
		return {
			...{ ours: ms(oursMs), anchor: ms(onTimeMs), ratio, ok: ratio <= 20 },
			numbers: { entriesBehind: entries.length, mean: most, oursMs, onTimeMs },
		};
	},
};
