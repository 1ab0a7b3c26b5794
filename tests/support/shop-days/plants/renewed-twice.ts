import { unsignedRenewal } from '../../unsigned-renewal.ts';
import type { Plant } from '../plant.ts';

/** Two of the day's devices show a renewal each of one key, which has written nothing. */
export const renewedTwice: Plant = {
	kind: 'renewed-twice',
	plant(day) {
		const { id: device } = day.newDevice().device;
		for (const [who, atMs] of [[day.hub, 1_000] as const, [day.newDevice(), 2_000] as const]) {
			const key = Array.from({ length: 64 }, () => day.dice.below(16).toString(16)).join('');
			day.does(who, [unsignedRenewal({ shop: day.shop, device, key, countersigner: who.device.id, atMs })], { scope: 'store' });
		}
		return device;
	},
};
