import { received } from '../../facts.ts';
import type { Plant } from '../plant.ts';

export const clockAdrift: Plant = {
	kind: 'clock-adrift',
	plant(day) {
		const { sku } = day.newGood(9);
		const slow = { ...day.newDevice(), skewMs: -day.dice.between(10, 90) * 60_000 };
		// Slow from the beginning, and it has heard of one thing alone.
		day.does(slow, [received(sku, 1)]);
		slow.device.hears(day.does(day.hub, [received(sku, 1)]));
		day.does(slow, [received(sku, 1)]);
		return [slow.device.id, day.hub.device.id].sort().join(':');
	},
};
