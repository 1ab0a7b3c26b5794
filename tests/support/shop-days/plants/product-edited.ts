import { renamed } from '../../facts.ts';
import { twoTills, type Plant } from '../plant.ts';

export const productEdited: Plant = {
	kind: 'product-edited',
	plant(day) {
		const { sku, nameEntry } = day.newGood(9);
		for (const till of twoTills(day)) day.does(till, [renamed(sku, `name ${day.number()}`, [nameEntry])], { scope: 'store' });
		return `name:${sku}`;
	},
};
