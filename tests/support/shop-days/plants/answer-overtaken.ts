import { adjusted, received, resolved } from '../../facts.ts';
import { twoTills, type Plant } from '../plant.ts';

export const answerOvertaken: Plant = {
	kind: 'answer-overtaken',
	plant(day) {
		const good = day.newGood(1);
		const [till] = twoTills(day);
		// The delivery was before the sale by every clock, and nobody has heard of it.
		day.does({ ...day.newDevice(), skewMs: -240_000 }, [received(good.sku, 9)]);
		const sale = day.sells(till, good, 3);
		const conflict = { kind: 'sold-below-zero', subject: good.sku, branch: day.shop.branch };
		return day.does(till, [resolved(conflict, [sale.hash], 'found-more'), adjusted(good.sku, 2, 'found')]).hash;
	},
};
