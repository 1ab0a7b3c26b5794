/**
 * Barcode shared: one GTIN on two products that are offered. Whoever scans it is asked which; the shop is asked once.
 *
 * It does not matter who knew: a code means one thing in the world. One item a code, of the store; members are the entries that gave it to each product as
 * it stands. A product that is retired, was merged, or has the code no more is none of them.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { ProductState } from '#core/ledger/state.ts';
import type { Gtin } from '#schemas/ids.ts';
import type { Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';

export function findBarcodeShared(gtin: Gtin, products: readonly ProductState[], context: ConflictContext): Conflict | undefined {
	const having = products
		.flatMap(({ sku, gtins }) => {
			const record = context.record(gtins.entry);
			return record === undefined ? [] : [{ sku, record }];
		})
		.sort((a, b) => compareEntries(a.record, b.record) || (a.sku < b.sku ? -1 : 1));
	const [first, ...others] = having;
	if (first === undefined || others.length === 0) return undefined;
	return openConflict(
		{
			subject: gtin,
			ofStore: true,
			urgency: 'low',
			members: having.map(({ record }) => record),
			detail: { kind: 'barcode-shared', gtin, products: having.map(({ sku, record }) => ({ sku, entry: record.hash })) },
			stake: () => ({ unitsMilli: 0, minor: 0 }),
			choices: () => [
				...having.map(({ sku: to }) => ({
					...{ id: `move:${to.slice(0, 55)}`, label: 'Move it' },
					effect: { does: 'move-barcode', gtin, to, from: having.map(({ sku }) => sku).filter((sku) => sku !== to) } as const,
				})),
				{
					...{ id: 'merge-products', label: 'Merge the products' },
					effect: { does: 'merge-products', skus: others.map(({ sku }) => sku), into: first.sku },
				},
			],
		},
		context,
	);
}
