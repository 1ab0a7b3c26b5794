import { refunded } from '../../facts.ts';
import { twoTills, type Plant } from '../plant.ts';

export const refundedTwice: Plant = {
	kind: 'refunded-twice',
	plant(day) {
		const good = day.newGood(9);
		const sale = day.sells(twoTills(day)[0], good);
		for (const till of twoTills(day)) day.does(till, [refunded(sale.hash, [[0, good.sku, 1, 100]], till.device.receipt())]);
		return `${sale.hash}:0`;
	},
};
