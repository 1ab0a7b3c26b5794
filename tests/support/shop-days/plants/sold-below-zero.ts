import { twoTills, type Plant } from '../plant.ts';

export const soldBelowZero: Plant = {
	kind: 'sold-below-zero',
	plant(day) {
		const good = day.newGood(1);
		day.sells(twoTills(day)[0], good, 2);
		return good.sku;
	},
};
