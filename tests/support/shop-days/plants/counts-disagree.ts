import { counted } from '../../facts.ts';
import { twoTills, type Plant } from '../plant.ts';

export const countsDisagree: Plant = {
	kind: 'counts-disagree',
	plant(day) {
		const good = day.newGood(9);
		for (const [index, till] of twoTills(day).entries()) day.does(till, [counted(good.sku, 9 - index, till.device.asOf())]);
		return good.sku;
	},
};
