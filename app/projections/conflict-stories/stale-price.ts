import { plural, type Story } from './story.ts';

export const stalePrice: Story<'stale-price'> = {
	title: 'Sold at an old price',
	tone: 'amber',
	tell({ change, device, lines }, _conflict, words) {
		const skus = [...new Set(lines.map(({ sku }) => sku))];
		const [first] = skus;
		const paidMinor = lines.reduce((sum, line) => sum + line.paidMinor, 0);
		const dueMinor = lines.reduce((sum, line) => sum + line.dueMinor, 0);
		return {
			about: skus.length === 1 && first !== undefined ? words.productName(first) : plural(skus.length, 'product'),
			summary: `${words.money(paidMinor)} paid, ${words.money(dueMinor)} by the new ${skus.length === 1 ? 'price' : 'prices'}`,
			story: `${words.deviceName(device)} sold ${plural(lines.length, 'line')} at a price that ${words.whoAndWhen(change)} had replaced.`,
			provisional: 'What the customers saw is what they paid.',
		};
	},
};
