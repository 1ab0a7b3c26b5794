/** Goods in, goods gone, goods counted. */
import { isRefusal, type DecideContext, type Intent, type Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { approved } from '#core/people/approved.ts';
import type { ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import type { Sku } from '#schemas/ids.ts';
import { problemOfCount } from './counts.ts';
import { lineProblem, peopleOf, type Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

/**
 * Against an order: what is left of it is what was expected, line by line, and who sends it is the order's supplier. It is closed when all of it has come, or
 * when whoever receives says that the rest will not. Without an order nothing is expected.
 */
export function decideReceive(ledger: Ledger, { lines, reference, order, closes }: Of<'receive'>): Facts | Refusal {
	const came = order === undefined ? lines : lines.filter(({ quantityMilli }) => quantityMilli !== 0);
	const problem = lineProblem(ledger, came, 2000, (milli) => milli > 0);
	if (problem !== undefined) return problem;
	const state = order === undefined ? undefined : ledger.state.books.orders.get(order);
	if (order !== undefined && state?.placed === undefined) return { refused: 'no-such-order' };
	if (state?.closed !== undefined) return { refused: 'order-closed' };
	const supplier = state?.placed && ledger.state.books.suppliers.get(state.placed.supplier)?.fields.name?.value;
	const words = reference?.trim() ?? '';
	const leftOf = (sku: Sku): number | undefined => {
		const line = state?.lines.find((one) => one.sku === sku);
		return state === undefined ? undefined : Math.max(0, (line?.orderedMilli ?? 0) - (line?.receivedMilli ?? 0));
	};
	const receivedNow = (sku: Sku): number => came.reduce((sum, line) => sum + (line.sku === sku ? line.quantityMilli : 0), 0);
	const isComplete = state?.lines.every(({ sku, orderedMilli, receivedMilli }) => receivedMilli + receivedNow(sku) >= orderedMilli) === true;
	return {
		branch: [
			{
				...{ type: 'stock.received', v: 3 },
				lines: came.map(({ sku, quantityMilli, costE4 }) => {
					const [expectedMilli, cost] = [leftOf(sku), costE4 ?? state?.lines.find((line) => line.sku === sku)?.costE4];
					return { sku, quantityMilli, ...(expectedMilli === undefined ? {} : { expectedMilli }), ...(cost === undefined ? {} : { costE4: cost }) };
				}),
				...(words === '' ? {} : { reference: words }),
				...(supplier === undefined ? {} : { supplier }),
				...(order === undefined ? {} : { order }),
			},
			...(order !== undefined && (isComplete || closes === true)
				? [{ type: 'order.closed', v: 1, order, ...(isComplete ? {} : { reason: 'rest-not-coming' }) } as const]
				: []),
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
export function decideCount(ledger: Ledger, { lines, count }: Of<'count'>, { device, by, approvedBy }: DecideContext): Facts | Refusal {
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
	// Everybody counts; who may not answer leaves the question to a manager.
	const may = isRefusal(approved(answers, { by, approvedBy, people: peopleOf(ledger) })) ? [] : answers;
	return { branch: [count === undefined ? { type: 'stock.counted', v: 1, ...facts } : { type: 'stock.counted', v: 2, ...facts, count }, ...may] };
}
