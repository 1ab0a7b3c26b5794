import { counted } from '../../facts.ts';
import { twoTills, type Plant } from '../plant.ts';

/** A till sells, and another counts; neither hears of the other, whichever comes first. */
export const countOverlap: Plant = {
	kind: 'count-overlap',
	plant(day) {
		const good = day.newGood(40);
		const [seller, counter] = twoTills(day);
		const heard = day.shop.entries.filter(({ header }) => header.device === counter.device.id && header.scope === 'branch').length;
		const sellSome = (): void => {
			for (let sold = day.dice.between(1, 3); sold > 0; sold -= 1) day.sells(seller, good);
		};
		const isSoldFirst = day.dice.chance(0.5);
		if (isSoldFirst) sellSome();
		day.does(counter, [counted(good.sku, day.dice.between(30, 40), counter.device.asOf())]);
		if (!isSoldFirst || day.dice.chance(0.3)) sellSome();
		return `${seller.device.id}:${counter.device.id}:${heard}`;
	},
};
