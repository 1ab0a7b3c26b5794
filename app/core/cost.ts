/**
 * What the goods on a shelf cost, without tax: the newest deliveries are what is left of them (first in, first out).
 *
 * Undefined where nobody ever said what one cost. Of more on hand than the known deliveries brought, the oldest of them tells for the rest.
 */
import type { CostState } from '#core/ledger/books/costs.ts';

/** Ten-thousandths of the major unit for one; `onHandMilli` at nothing or below: what the last one cost. */
export function averageCostE4(state: CostState | undefined, onHandMilli: number): number | undefined {
	const deliveries = state?.deliveries ?? [];
	const [oldest, newest] = [deliveries[0], deliveries.at(-1)];
	if (oldest === undefined || newest === undefined) return undefined;
	if (onHandMilli <= 0) return newest.costE4;
	let leftMilli = onHandMilli;
	let sum = 0n;
	for (const { quantityMilli, costE4 } of [...deliveries].reverse()) {
		const taken = Math.min(leftMilli, quantityMilli);
		sum += BigInt(taken) * BigInt(costE4);
		leftMilli -= taken;
		if (leftMilli === 0) break;
	}
	sum += BigInt(leftMilli) * BigInt(oldest.costE4);
	return Number((sum + BigInt(onHandMilli) / 2n) / BigInt(onHandMilli));
}

/** What one cost when it was sold, in ten-thousandths of the major unit: the newest delivery of before; of what was sold before any that is known, the oldest. */
export function costAtE4(state: CostState | undefined, soldAtMs: number): number | undefined {
	const deliveries = state?.deliveries ?? [];
	return (deliveries.findLast(({ atMs }) => atMs <= soldAtMs) ?? deliveries[0])?.costE4;
}
