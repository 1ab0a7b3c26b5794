import { received } from '../../facts.ts';
import type { Plant } from '../plant.ts';

export const notAllowed: Plant = {
	kind: 'not-allowed',
	plant(day) {
		const { sku } = day.newGood(9);
		const till = day.newDevice(['sell']);
		day.does(till, [received(sku, 1)]);
		return `${till.device.id}:branch:no-right`;
	},
};
