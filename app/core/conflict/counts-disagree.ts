/**
 * Counts disagree: a product was counted twice, by people who had not heard of each other, and by the one count the shelf would hold something else than by
 * the other, with all that moved since. Two figures that differ by just what was sold in between agree.
 *
 * Until answered the later in ledger order stands. One item a SKU; members are the count that stands and those beside it. A count by anybody who had heard of
 * them ends it. Keeping a count writes the difference; the count again is a count like any other.
 */
import type { Chains } from '#core/ledger/chains.ts';
import { countsApart, heldByMilli, wasCountApart, type StockSubject } from '#core/ledger/stock.ts';
import { conflictKey } from '#core/ledger/answers.ts';
import type { Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';

export function findCountsDisagree(stock: StockSubject, context: ConflictContext, chains: Chains): Conflict | undefined {
	const { base, sku } = stock;
	if (base === undefined || !wasCountApart(stock) || context.product(sku)?.tracked.value !== true) return undefined;
	const apart = countsApart(stock, chains);
	if (apart.length === 0) return undefined;
	const settled = context.settled(conflictKey({ kind: 'counts-disagree', subject: sku, branch: context.branch }));
	if (settled !== undefined && [...apart, base].every(({ record }) => settled.has(record.hash))) return undefined;
	// What was answered before made one of them good: that is no movement of the shelf.
	const answers = new Set(settled?.values());
	const heldMilli = heldByMilli(stock, base, answers, chains);
	const others = apart
		.map((count) => ({ count, heldMilli: heldByMilli(stock, count, answers, chains) }))
		.filter((other) => other.heldMilli !== heldMilli);
	if (others.length === 0) return undefined;
	const counts = [...others, { count: base, heldMilli }];
	return openConflict(
		{
			subject: sku,
			ofStore: false,
			urgency: 'high',
			members: counts.map(({ count }) => count.record),
			detail: {
				...{ kind: 'counts-disagree', sku, onHandMilli: stock.onHandMilli },
				counts: counts.map(({ count: { record, countedMilli = 0 }, heldMilli: held }) => ({ entry: record.hash, countedMilli, heldMilli: held })),
			},
			stake: () => ({ unitsMilli: Math.max(...others.map((other) => Math.abs(other.heldMilli - heldMilli))), minor: 0 }),
			choices: () => [
				...counts.map(({ count: { record }, heldMilli: held }) => ({
					...{ id: `keep:${record.hash.slice(0, 16)}`, label: 'This count' },
					effect: {
						does: 'adjust-lines',
						lines: [{ sku, quantityMilli: held - stock.onHandMilli }].filter((line) => line.quantityMilli !== 0),
					} as const,
				})),
				{ id: 'count-again', label: 'Count again', effect: { does: 'count', sku } },
			],
		},
		context,
	);
}
