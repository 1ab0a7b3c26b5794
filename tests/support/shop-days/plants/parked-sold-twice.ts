import { twoTills, type Plant } from '../plant.ts';

export const parkedSoldTwice: Plant = {
	kind: 'parked-sold-twice',
	plant(day) {
		const good = day.newGood(9);
		const parked = `planted cart ${day.number()}`;
		for (const till of twoTills(day)) day.sells(till, good, 1, { parked });
		return parked;
	},
};
