import { refunded } from '../../facts.ts';
import type { Plant } from '../plant.ts';
import type { EntryHash } from '#schemas/ids.ts';

export const refundWithoutSale: Plant = {
	kind: 'refund-without-sale',
	plant(day) {
		const good = day.newGood(9);
		// It has heard nothing: whatever else is missing in the shop, nothing is that it could mean.
		const till = day.newDevice();
		const sale = day.number().toString(16).padStart(64, '0') as EntryHash;
		day.does(till, [refunded(sale, [[0, good.sku, 1, 100]], till.device.receipt())]);
		return sale;
	},
};
