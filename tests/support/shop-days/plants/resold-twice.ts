import { refunded } from '../../facts.ts';
import { resaleOf } from '../day.ts';
import { twoTills, type Plant } from '../plant.ts';

export const resoldTwice: Plant = {
	kind: 'resold-twice',
	plant(day) {
		const good = day.newGood(9);
		const sale = day.sells(twoTills(day)[0], good);
		const [till] = twoTills(day);
		const refund = day.does(till, [refunded(sale.hash, [[0, good.sku, 1, 100, false]], till.device.receipt())]);
		for (const one of twoTills(day)) day.does(one, [resaleOf(one, good, refund.hash)]);
		return `${refund.hash}:0`;
	},
};
