import { MANAGER_RIGHTS } from '#schemas/rights.ts';
import type { Plant } from '../plant.ts';

export const tillNumberShared: Plant = {
	kind: 'till-number-shared',
	plant(day) {
		const till = day.number();
		day.newDevice(MANAGER_RIGHTS, till);
		day.newDevice(MANAGER_RIGHTS, till);
		return `${day.shop.branch}:${till}`;
	},
};
