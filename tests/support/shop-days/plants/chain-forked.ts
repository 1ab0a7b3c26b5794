import { received } from '../../facts.ts';
import type { Plant } from '../plant.ts';

/** Nothing is sold on either side: of a fork a report can name one side alone, and the other would be late for it. */
export const chainForked: Plant = {
	kind: 'chain-forked',
	plant(day) {
		const { sku } = day.newGood(9);
		const till = day.newDevice();
		const copy = till.device.copy();
		till.device.does([received(sku, 1)]);
		copy.does([received(sku, 2)]);
		return `${till.device.id}:branch`;
	},
};
