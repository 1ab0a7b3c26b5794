import type { Plant } from '../plant.ts';

export const rosterDisputed: Plant = {
	kind: 'roster-disputed',
	plant(day) {
		const pair = [day.newDevice(), day.newDevice()] as const;
		for (const [who, of] of [pair, [pair[1], pair[0]] as const])
			day.does(who, [{ type: 'device.revoked', v: 1, device: of.device.id, marks: [], reason: 'stolen' }], { scope: 'store' });
		return pair
			.map(({ device }) => device.id.slice(0, 16))
			.sort()
			.join(':');
	},
};
