import { m } from '#languages/compiled/messages.js';
import type { Story } from './story.ts';

export const stalePrice: Story<'stale-price'> = {
	title: m.conflict_stale_title,
	tone: 'amber',
	tell({ change, device, lines }, _conflict, words) {
		const skus = [...new Set(lines.map(({ sku }) => sku))];
		const [first] = skus;
		const paidMinor = lines.reduce((sum, line) => sum + line.paidMinor, 0);
		const dueMinor = lines.reduce((sum, line) => sum + line.dueMinor, 0);
		return {
			about: skus.length === 1 && first !== undefined ? words.productName(first) : m.conflict_stale_about({ count: skus.length }),
			summary: m.conflict_stale_summary({ paid: words.money(paidMinor), due: words.money(dueMinor), count: skus.length }),
			story: m.conflict_stale_story({ device: words.deviceName(device), count: lines.length, who: words.whoAndWhen(change) }),
			provisional: m.conflict_stale_stands(),
		};
	},
};
