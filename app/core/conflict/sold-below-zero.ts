/**
 * Sold below zero: an entry leaves a SKU's balance below zero, and over that entry's own causal past it did too: the till knew, and the goods were
 * on the counter all the same. Less urgent than `oversold`: nobody is surprised.
 *
 * Only for products whose stock is tracked, after their first receipt or count. One item a SKU. Stands until answered.
 */
import type { Chains } from '#core/ledger/chains.ts';
import type { StockSubject } from '#core/ledger/stock.ts';
import type { Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';
import { judgedShorts, missingMilli, shortageChoices, stakeOf } from './shortage.ts';

export function findSoldBelowZero(stock: StockSubject, context: ConflictContext, chains: Chains): Conflict | undefined {
	const shorts = judgedShorts(stock, context, chains).filter(({ believedMilli }) => believedMilli < 0);
	if (shorts.length === 0) return undefined;
	return openConflict(
		{
			subject: stock.sku,
			ofStore: false,
			urgency: 'low',
			members: shorts.map(({ record }) => record),
			detail: {
				kind: 'sold-below-zero',
				sku: stock.sku,
				onHandMilli: stock.onHandMilli,
				missingMilli: missingMilli(stock),
				shorts: shorts.map(({ record, takenMilli, afterMilli, believedMilli }) => ({ entry: record.hash, takenMilli, afterMilli, believedMilli })),
			},
			stake: (open) => stakeOf(shorts, open, stock.sku, context),
			choices: (open) => shortageChoices(stock, shorts, open, context),
		},
		context,
	);
}
