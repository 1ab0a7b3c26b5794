import type { Plant } from '../plant.ts';

export const chainGap: Plant = {
	kind: 'chain-gap',
	plant(day) {
		const good = day.newGood(9);
		const till = day.newDevice();
		day.sells(till, good);
		day.lost.add(day.sells(till, good));
		day.sells(till, good);
		return `${till.device.id}:branch`;
	},
};
