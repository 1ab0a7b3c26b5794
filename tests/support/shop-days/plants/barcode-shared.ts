import { edited } from '../../facts.ts';
import { twoTills, type Plant } from '../plant.ts';
import type { Gtin } from '#schemas/ids.ts';

export const barcodeShared: Plant = {
	kind: 'barcode-shared',
	plant(day) {
		const gtin = `${day.number()}`.padStart(13, '4') as Gtin;
		const [one, other] = [day.newGood(3), day.newGood(3)];
		for (const [till, good] of [
			[twoTills(day)[0], one],
			[twoTills(day)[1], other],
		] as const)
			day.does(till, [edited(good.sku, { gtins: { value: [gtin], replaces: [good.nameEntry] } })], { scope: 'store' });
		return gtin;
	},
};
