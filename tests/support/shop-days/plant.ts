/** One thing that cannot both be meant, put into a lawful day: on goods, devices and customers of its own, so that nothing else is found. One file a kind. */
import type { ConflictKind } from '#core/conflict/conflict.ts';
import type { ShopDay, Till } from './day.ts';

export interface Plant {
	readonly kind: ConflictKind;
	/** It happens after closing time: a report that comes later would take it in. */
	readonly isLast?: true;
	/** The subject under which it must be found. */
	plant(day: ShopDay): string;
}

/** Two of the tills, which have heard everything so far. What they do is of no shift: an answer may take it back after the drawer was counted. */
export function twoTills(day: ShopDay): readonly [Till, Till] {
	const [first, second] = day.dice.shuffled(day.tills);
	if (first === undefined || second === undefined) throw new Error('a shop with fewer than two tills');
	day.hears(first);
	day.hears(second);
	return [
		{ ...first, shift: undefined },
		{ ...second, shift: undefined },
	];
}
