/**
 * Oversold: an entry leaves a SKU's balance below zero, but over that entry's own causal past it would not have. Two tills sold the last one.
 *
 * Only for products whose stock is tracked, after their first receipt or count. One item a SKU. Members are the entries that left the balance
 * below zero, and those that took from the shelf before them without their authors knowing. Until answered all sales stand, stock is negative.
 */
import type { Chains } from '#core/ledger/chains.ts';
import { rivalsOf, type StockSubject } from '#core/ledger/stock.ts';
import type { Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';
import { judgedShorts, missingMilli, shortageChoices, stakeOf } from './shortage.ts';

export function findOversold(stock: StockSubject, context: ConflictContext, chains: Chains): Conflict | undefined {
	const shorts = judgedShorts(stock, context, chains).filter(({ believedMilli }) => believedMilli >= 0);
	if (shorts.length === 0) return undefined;
	return openConflict(
		{
			subject: stock.sku,
			ofStore: false,
			urgency: 'high',
			members: shorts.flatMap((short) => [short.record, ...rivalsOf(stock, short.record, chains)]),
			detail: {
				kind: 'oversold',
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
