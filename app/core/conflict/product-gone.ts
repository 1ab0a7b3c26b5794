/**
 * Product gone: a sale of a product, and its retirement (or its merging into another), neither of which knew of the other. The sale stands.
 *
 * One item a product. Members are the retirements that nobody brought back and the sales of this branch that were made apart from one of them. A sale by
 * somebody who had heard of the retirement is none: the goods were on the counter, and whoever sold them knew.
 */
import type { EntryRecord } from '#core/ledger/chains.ts';
import { offeredLines } from '#core/ledger/shelf.ts';
import type { ProductState } from '#core/ledger/state.ts';
import { sumMinor } from '#core/money.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import type { Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';
import { knownFacts } from './worth.ts';

export interface Gone {
	readonly product: ProductState;
	readonly retirements: readonly EntryRecord[];
	/** Entries of the branch that some retirement's author had not seen, nor their own author the retirement; counting, and not taken back. */
	readonly apart: readonly EntryRecord[];
}

export function findProductGone({ product: { sku }, retirements, apart }: Gone, context: ConflictContext): Conflict | undefined {
	const sales = apart.filter((record) => soldIn(record, sku).length > 0);
	if (sales.length === 0) return undefined;
	const linesOf = (open: ReadonlySet<EntryHash>) => sales.filter(({ hash }) => open.has(hash)).flatMap((record) => soldIn(record, sku));
	return openConflict(
		{
			subject: sku,
			ofStore: false,
			urgency: 'low',
			members: [...retirements, ...sales],
			detail: { kind: 'product-gone', sku, sales: sales.map(({ hash }) => hash) },
			stake: (open) => ({
				unitsMilli: sumMinor(linesOf(open).map(({ quantityMilli }) => quantityMilli)),
				minor: sumMinor(linesOf(open).map(({ totalMinor }) => totalMinor)),
			}),
			choices: () => [
				{ id: 'stay-retired', label: 'Stay retired', effect: { does: 'nothing' } },
				{ id: 'bring-back', label: 'Bring back', effect: { does: 'restore-product', sku } },
			],
		},
		context,
	);
}

/** Lines of a sale or an exchange that sold this product. */
function soldIn({ entry }: EntryRecord, sku: Sku) {
	return knownFacts(entry).flatMap((fact) => offeredLines(fact).filter((line) => line.sku === sku));
}
