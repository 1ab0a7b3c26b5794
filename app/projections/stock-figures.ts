/**
 * The stock that screens show. Mostly what the own fold says; while entries are still on their way, what a hub or the relay said, with what this till alone
 * knows on top.
 *
 * 1. Rows yield to the own fold, all at once, as soon as it has everything that they reflect.
 * 2. Until then a product's figure is its row and the movements here that the row does not reflect. A count or a correction among those is no sum: then the own
 *    fold's figure stands.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { StockHead } from '#schemas/wire/stock-head.ts';
import type { DeviceId, Scope, Sku } from '#schemas/ids.ts';
import { onHandOf } from './catalogue.ts';
import type { BranchStockRow } from './rows.ts';

/** One branch's stock, as a server said it (`engine/stock-rows.ts`). */
export interface SaidStock {
	readonly head: StockHead;
	/** Thousandths; undefined: nothing is known of it there. */
	onHandMilli(sku: Sku): number | undefined;
	skus(): Iterable<Sku>;
}

export interface StockFigures {
	/** Thousandths. */
	onHandMilli(sku: Sku): number;
	/** Who said the figures that are shown, while the own fold is behind. */
	saidBy(): StockHead | undefined;
	/** Looks again who is ahead; answers the products that may read differently. */
	renew(said: SaidStock | undefined): ReadonlySet<Sku>;
}

export function createStockFigures(ledger: Pick<Ledger, 'state' | 'chain'>): StockFigures {
	const own = onHandOf(ledger);
	let ahead: { readonly said: SaidStock; readonly reach: ReadonlyMap<string, number> } | undefined;

	const chainName = (device: DeviceId, scope: Scope): string => `${device}:${scope}`;

	function isAhead({ head }: SaidStock): boolean {
		return head.marks.some(({ device, scope, seq }) => (ledger.chain(device, scope)?.wholeSeq ?? 0) < seq);
	}

	function onHandMilli(sku: Sku): number {
		const saidMilli = ahead?.said.onHandMilli(sku);
		if (ahead === undefined || saidMilli === undefined) return own(sku);
		let figure = saidMilli;
		for (const { entry, kind, quantityMilli, counts } of ledger.state.stock.get(sku)?.movements ?? []) {
			const { device, scope, seq } = entry.header;
			if (!counts || seq <= (ahead.reach.get(chainName(device, scope)) ?? 0)) continue;
			if (kind === 'counted' || kind === 'corrected') return own(sku);
			figure += quantityMilli;
		}
		return figure;
	}

	return {
		onHandMilli,
		saidBy: () => ahead?.said.head,
		renew(said) {
			const isNow = said !== undefined && isAhead(said);
			if (!isNow && ahead === undefined) return new Set();
			if (isNow && ahead?.said.head === said.head) return new Set();
			const skus = new Set<Sku>();
			// What was shown of the rows before, too.
			for (const of of new Set([ahead?.said, said])) for (const sku of of?.skus() ?? []) if (of?.onHandMilli(sku) !== own(sku)) skus.add(sku);
			ahead = isNow ? { said, reach: new Map(said.head.marks.map(({ device, scope, seq }) => [chainName(device, scope), seq])) } : undefined;
			return skus;
		},
	};
}

/** The other branches' stock of a product, in order of their names. */
export function elsewhereRows(sku: Sku, said: readonly SaidStock[], own: StockHead['branch']): readonly BranchStockRow[] {
	return said
		.flatMap(({ head, onHandMilli }) => {
			const milli = head.branch === own ? undefined : onHandMilli(sku);
			return milli === undefined ? [] : [{ branch: head.branch, name: head.name, onHandMilli: milli, atMs: head.at }];
		})
		.sort((a, b) => a.name.localeCompare(b.name) || (a.branch < b.branch ? -1 : 1));
}
