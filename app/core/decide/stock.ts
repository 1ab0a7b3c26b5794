/** Goods in, goods gone, goods counted. */
import type { DecideContext, Intent, Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import { problemOfCount } from './counts.ts';
import { lineProblem, type Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

export function decideReceive(ledger: Ledger, { lines, reference }: Of<'receive'>): Facts | Refusal {
	const problem = lineProblem(ledger, lines, 2000, (milli) => milli > 0);
	if (problem !== undefined) return problem;
	return {
		branch: [
			{
				type: 'stock.received',
				v: 1,
				lines: lines.map(({ sku, quantityMilli }) => ({ sku, quantityMilli })),
				...(reference === undefined ? {} : { reference }),
			},
		],
	};
}

export function decideAdjust(ledger: Ledger, { lines, reason, note }: Of<'adjust'>): Facts | Refusal {
	const problem = lineProblem(ledger, lines, 2000, (milli) => milli !== 0);
	if (problem !== undefined) return problem;
	return {
		branch: [
			{
				type: 'stock.adjusted',
				v: 1,
				lines: lines.map(({ sku, quantityMilli }) => ({ sku, quantityMilli })),
				reason,
				...(note === undefined ? {} : { note }),
			},
		],
	};
}

/** A count is what "Count it" asks for: it answers the shortages of what was counted, as far as this device knows of them. */
export function decideCount(ledger: Ledger, { lines, count }: Of<'count'>, { device }: DecideContext): Facts | Refusal {
	const problem = lineProblem(ledger, lines, 500, (milli) => milli >= 0);
	if (problem !== undefined) return problem;
	const counted = new Set(lines.map(({ sku }) => sku));
	const notThere = count === undefined ? undefined : problemOfCount(ledger, count, [...counted]);
	if (notThere !== undefined) return notThere;
	const mayAnswer = ledger.state.devices.get(device)?.rights.includes('resolve') ?? true;
	const answers = !mayAnswer
		? []
		: ledger.conflicts().flatMap(({ id, detail, unsettled }): ConflictResolved[] => {
				if ((detail.kind !== 'oversold' && detail.kind !== 'sold-below-zero') || !counted.has(detail.sku)) return [];
				return [{ type: 'conflict.resolved', v: 1, conflict: id, members: [...unsettled], choice: 'count-it' }];
			});
	const facts = { lines: lines.map(({ sku, quantityMilli, asOf }) => ({ sku, quantityMilli, asOf })) };
	return { branch: [count === undefined ? { type: 'stock.counted', v: 1, ...facts } : { type: 'stock.counted', v: 2, ...facts, count }, ...answers] };
}
