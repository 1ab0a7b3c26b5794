import { priced } from '../../facts.ts';
import { twoTills, type Plant } from '../plant.ts';

export const stalePrice: Plant = {
	kind: 'stale-price',
	plant(day) {
		const good = day.newGood(9);
		const [keeper, seller] = twoTills(day);
		const change = day.does(keeper, [priced(good.sku, 9_000, [good.priceEntry])], { scope: 'store' });
		// Later by any clock of the shop.
		day.shop.nowMs += 600_000;
		day.sells(seller, good);
		return `${change.hash}:${seller.device.id}`;
	},
};
