import { twoTills, type Plant } from '../plant.ts';

export const oversold: Plant = {
	kind: 'oversold',
	plant(day) {
		const units = day.dice.between(1, 3);
		const good = day.newGood(units);
		for (const till of twoTills(day)) for (let sold = 0; sold < units; sold += 1) day.sells(till, good);
		return good.sku;
	},
};
