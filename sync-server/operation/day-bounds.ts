/** The bounds of a day as an operator sets them: by what one device may write, in MiB. What a branch and an honest till may write keeps its proportion to that. */
import type { DayBounds } from '#engine/day-budget.ts';
import { DAY_BOUNDS } from '#schemas/wire/bounds.ts';
import { numberFlag, type Flag } from '../flags.ts';

const MIB = 1024 * 1024;
const INITIAL_MIB = DAY_BOUNDS.deviceBytes / MIB;
const LIMITS = { least: 1, most: 1_000_000 };

export function dayBounds(deviceMib = INITIAL_MIB): DayBounds {
	const times = deviceMib / INITIAL_MIB;
	return {
		deviceBytes: deviceMib * MIB,
		branchBytes: DAY_BOUNDS.branchBytes * times,
		shareBytes: DAY_BOUNDS.shareBytes * times,
	};
}

export const dayFlag = numberFlag(INITIAL_MIB, 'MiB that one device may write here in a day, and a branch four times as many', LIMITS);

/** `STORE=N,…`, by the store's id or its beginning. */
export const dayOfStoresFlag: Flag<ReadonlyMap<string, number>> = {
	...{
		hint: 'STORE=N,…',
		help: 'The same for single stores, by the beginning of their id: for an import, say',
		initial: new Map(),
		initialWords: '',
	},
	parse(text) {
		const pairs = text.split(',').map((one) => /^([0-9a-f]{6,64})=(\d{1,7})$/.exec(one.trim()));
		const wrong = { wrong: `expected STORE=N,…, the beginning of a store's id and a whole number from ${LIMITS.least} to ${LIMITS.most}` };
		const read = new Map<string, number>();
		for (const pair of pairs) {
			const mib = Number(pair?.[2]);
			if (pair?.[1] === undefined || !(mib >= LIMITS.least && mib <= LIMITS.most)) return wrong;
			read.set(pair[1], mib);
		}
		return { value: read };
	},
};
