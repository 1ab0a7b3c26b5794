import { received } from '../../facts.ts';
import type { Plant } from '../plant.ts';

export const rightWithdrawn: Plant = {
	kind: 'right-withdrawn',
	plant(day) {
		const { sku } = day.newGood(9);
		const till = day.newDevice();
		day.does(day.hub, [till.device.enrolment(['sell'])], { scope: 'store' });
		day.does(till, [received(sku, 1)]);
		return till.device.id;
	},
};
