import { twoTills, type Plant } from '../plant.ts';
import { saleOf } from '../day.ts';

export const keyReused: Plant = {
	kind: 'key-reused',
	plant(day) {
		const good = day.newGood(9);
		const key = `planted-key-${day.number()}`;
		for (const till of twoTills(day)) day.does(till, [saleOf(till, [{ good, units: 1 }])], { key });
		return key;
	},
};
