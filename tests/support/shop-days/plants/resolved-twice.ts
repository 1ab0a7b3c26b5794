import { adjusted, resolved } from '../../facts.ts';
import { twoTills, type Plant } from '../plant.ts';

export const resolvedTwice: Plant = {
	kind: 'resolved-twice',
	plant(day) {
		const good = day.newGood(1);
		const members = twoTills(day).map((till) => day.sells(till, good).hash);
		const conflict = { kind: 'oversold', subject: good.sku, branch: day.shop.branch };
		const [first, second] = twoTills(day);
		day.does(first, [resolved(conflict, members, 'found-more'), adjusted(good.sku, 1, 'found')]);
		day.does(second, [resolved(conflict, members, 'customer-waits')]);
		return `oversold:${good.sku}`;
	},
};
