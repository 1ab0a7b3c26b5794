/**
 * What goods cost when they came, product by product: the newest deliveries whose cost is known. What is on the shelf is worth what the newest of them cost
 * (first in, first out), so the average follows from this and the stock on hand (`core/cost.ts`).
 *
 * 1. A delivery that was taken back cost nothing.
 * 2. The newest twelve are kept: more than a shelf holds of anything at once, and a few bytes a product in a checkpoint.
 */
import type { Sku } from '#schemas/ids.ts';
import * as v from 'valibot';
import type { Book } from './book.ts';

const delivery = v.strictObject({ atMs: v.number(), quantityMilli: v.number(), costE4: v.number() });
export type CostOfDelivery = Readonly<v.InferOutput<typeof delivery>>;

export interface CostState {
	/** The newest last. */
	readonly deliveries: readonly CostOfDelivery[];
}

const MOST = 12;
const sum = v.array(delivery);

export const costs: Book<Sku, CostState, v.InferOutput<typeof sum>> = {
	reads: ['stock.received'],
	subjectsOf: (fact) => (fact.type === 'stock.received' ? fact.lines.flatMap(({ sku, costE4 }) => (costE4 === undefined ? [] : [sku])) : []),
	fold(sku, changes, { correctedBy }, before = []) {
		const deliveries = [...before];
		for (const { record, fact } of changes) {
			if (fact.type !== 'stock.received' || correctedBy(record) !== undefined) continue;
			for (const line of fact.lines)
				if (line.sku === sku && line.costE4 !== undefined)
					deliveries.push({ atMs: record.header.at, quantityMilli: line.quantityMilli, costE4: line.costE4 });
		}
		return deliveries.length === 0 ? undefined : { deliveries: deliveries.slice(-MOST) };
	},
	sum: { schema: sum, of: ({ deliveries }) => deliveries.map((one) => ({ ...one })) },
};
