import { shiftClosed, shiftOpened } from '../../till-day.ts';
import type { Plant } from '../plant.ts';

export const drawerDifference: Plant = {
	kind: 'drawer-difference',
	plant(day) {
		const till = day.newDevice();
		const shift = 7;
		day.does(till, [shiftOpened(shift, 1000)]);
		day.does(till, [shiftClosed(shift, 900, 1000)]);
		return `${till.device.id}:${shift}`;
	},
};
