import { twoTills, type Plant } from '../plant.ts';

export const oversold: Plant = {
	kind: 'oversold',
	plant(day) {
		const good = day.newGood(1);
		for (const till of twoTills(day)) day.sells(till, good);
		return good.sku;
	},
};
