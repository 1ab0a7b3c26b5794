import type { EntryHash } from '#schemas/ids.ts';
import type { Plant } from '../plant.ts';

export const damaged: Plant = {
	kind: 'damaged',
	plant(day) {
		const number = day.number();
		const document = `segment ${number}`;
		const hash = String(number).padStart(64, '0') as EntryHash;
		day.damaged.push({ document, route: 'document', reason: 'its signature does not verify', hash, atMs: day.shop.nowMs });
		return `document:${document}`;
	},
};
