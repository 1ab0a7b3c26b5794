/** What the simulator is asked for on its command line, or one sentence that says what cannot be read. */
import { parseArgs } from 'node:util';
import { FAULT_NAMES, type FaultName } from './faults.ts';
import { numbersOf, rangesOf } from './shrink.ts';
import type { WorldOptions } from './world.ts';

export interface SimFlags {
	readonly world: WorldOptions;
	readonly isJson: boolean;
	/** Seed after seed, until one fails or somebody stops it. */
	readonly isEndless: boolean;
	/** So many seeds; one, where nothing is said. */
	readonly seeds: number;
	/** A failing run is made small, in so many runs at most. */
	readonly shrinkRuns: number;
}

export const HELP = `npm run sim -- [flags]      one shop from one seed; the same seed does the same, to the byte
npm run soak:sim -- [flags] seed after seed, until one fails or Ctrl-C

  --seed N        the seed, a number (1)
  --tills N       2 to 8 (6)
  --days N        1 to 60 (2)
  --faults LIST   all, none, or names with commas: ${FAULT_NAMES.join(', ')}
  --only LIST     play only these lines of the script, e.g. 3,7-12
  --seeds N       so many seeds, one after another (1)
  --shrink N      runs to make a failing one small (120); 0 leaves it as it is
  --json          the result as one line of JSON
`;

export function readFlags(args: readonly string[]): SimFlags | { readonly problem: string } | { readonly help: true } {
	let values: Record<string, string | boolean | undefined>;
	try {
		({ values } = parseArgs({
			args: [...args],
			options: {
				seed: { type: 'string', default: '1' },
				tills: { type: 'string', default: '6' },
				days: { type: 'string', default: '2' },
				faults: { type: 'string', default: 'all' },
				only: { type: 'string' },
				seeds: { type: 'string', default: '1' },
				shrink: { type: 'string', default: '120' },
				json: { type: 'boolean', default: false },
				soak: { type: 'boolean', default: false },
				help: { type: 'boolean', short: 'h', default: false },
			},
		}));
	} catch (error) {
		return { problem: error instanceof Error ? error.message : String(error) };
	}
	if (values['help'] === true) return { help: true };
	const seed = String(values['seed']);
	if (!/^\d{1,15}$/.test(seed)) return { problem: `--seed takes a number, not "${seed}".` };
	const tills = wholeNumber(values['tills'], 2, 8);
	if (tills === undefined) return { problem: '--tills takes a number from 2 to 8.' };
	const days = wholeNumber(values['days'], 1, 60);
	if (days === undefined) return { problem: '--days takes a number from 1 to 60.' };
	const seeds = wholeNumber(values['seeds'], 1, 1e9);
	if (seeds === undefined) return { problem: '--seeds takes a number from 1 on.' };
	const shrinkRuns = wholeNumber(values['shrink'], 0, 100_000);
	if (shrinkRuns === undefined) return { problem: '--shrink takes a number from 0 on.' };
	const named = String(values['faults']);
	const faults = named === 'all' ? FAULT_NAMES : named === 'none' ? [] : named.split(',').map((name) => name.trim());
	const strange = faults.find((name) => !(FAULT_NAMES as readonly string[]).includes(name));
	if (strange !== undefined) return { problem: `There is no fault "${strange}". There are: ${FAULT_NAMES.join(', ')}.` };
	const only = values['only'] === undefined ? undefined : numbersOf(String(values['only']));
	if (values['only'] !== undefined && only === undefined) return { problem: '--only takes numbers and ranges, as in 3,7-12.' };
	return {
		world: { seed, tills, days, faults: faults as readonly FaultName[], ...(only === undefined ? {} : { only }) },
		...{ isJson: values['json'] === true, isEndless: values['soak'] === true, seeds, shrinkRuns },
	};
}

/** The line that plays this again. */
export function commandOf({ seed, tills, days, faults, only }: WorldOptions): string {
	const named = faults.length === FAULT_NAMES.length ? undefined : faults.length === 0 ? 'none' : faults.join(',');
	return [
		`npm run sim -- --seed ${seed} --tills ${tills} --days ${days}`,
		...(named === undefined ? [] : [`--faults ${named}`]),
		...(only === undefined ? [] : [`--only "${rangesOf(only)}"`]),
	].join(' ');
}

function wholeNumber(text: string | boolean | undefined, least: number, most: number): number | undefined {
	const number = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : NaN;
	return number >= least && number <= most ? number : undefined;
}
