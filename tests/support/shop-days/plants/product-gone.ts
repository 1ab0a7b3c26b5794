import { retired } from '../../facts.ts';
import { twoTills, type Plant } from '../plant.ts';

export const productGone: Plant = {
	kind: 'product-gone',
	plant(day) {
		const good = day.newGood(9);
		const [keeper, seller] = twoTills(day);
		day.does(keeper, [retired(good.sku)], { scope: 'store' });
		day.sells(seller, good);
		return good.sku;
	},
};
