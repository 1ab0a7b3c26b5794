import { reportDay } from '../day.ts';
import type { Plant } from '../plant.ts';

export const lateAfterZ: Plant = {
	kind: 'late-after-z',
	isLast: true,
	plant(day) {
		const good = day.newGood(9);
		const late = day.newDevice();
		day.hears(day.hub);
		const { header } = day.sells(late, good);
		reportDay(day);
		return `${header.tradingDay}:${late.device.id}`;
	},
};
