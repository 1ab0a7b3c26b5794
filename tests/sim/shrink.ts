/**
 * Makes a failing run small: fewer days, fewer tills, fewer kinds of fault, fewer lines of the script, as long as it fails in the same way.
 *
 * Lines are crossed out by delta debugging (Zeller and Hildebrandt, 2002): halves first, then ever smaller parts, until no part can go.
 */
import type { FaultName } from './faults.ts';
import { writeScript } from './script.ts';
import { playWorld, type Failure, type WorldOptions } from './world.ts';

export interface Shrunk {
	readonly options: WorldOptions;
	readonly failure: Failure;
	readonly steps: number;
	readonly runs: number;
}

export interface ShrinkDeps {
	/** So many runs at most. */
	readonly mostRuns: number;
	readonly onBetter?: (shrunk: Shrunk) => void;
}

export async function shrink(failing: WorldOptions, failure: Failure, { mostRuns, onBetter }: ShrinkDeps): Promise<Shrunk> {
	let best: Shrunk = { options: failing, failure, steps: linesOf(failing).length, runs: 0 };
	let runs = 0;

	async function stillFails(options: WorldOptions): Promise<boolean> {
		if (runs >= mostRuns) return false;
		runs += 1;
		const result = await playWorld({ ...options, onDay: () => undefined });
		if (result.failure?.invariant !== failure.invariant) return false;
		best = { options, failure: result.failure, steps: linesOf(options).length, runs };
		onBetter?.(best);
		return true;
	}

	const { days, tills } = failing;
	for (let fewer = failure.day; fewer < days; fewer += 1) if (await stillFails({ ...best.options, days: fewer })) break;
	for (let fewer = 2; fewer < tills; fewer += 1) if (await stillFails({ ...best.options, tills: fewer })) break;
	const faults = await smallest<FaultName>(best.options.faults, (some) => stillFails({ ...best.options, faults: some }));
	void faults;
	await smallest<number>(linesOf(best.options), (some) => stillFails({ ...best.options, only: new Set(some) }));
	return { ...best, runs };
}

/** Numbers of the lines that would be played. */
function linesOf(options: WorldOptions): readonly number[] {
	return writeScript(options)
		.filter(({ id }) => options.only?.has(id) ?? true)
		.map(({ id }) => id);
}

/** Answers a part of the items of which nothing more can be left out, as far as was tried. */
async function smallest<Item>(items: readonly Item[], fails: (some: readonly Item[]) => Promise<boolean>): Promise<readonly Item[]> {
	let kept = items;
	for (let parts = 2; kept.length > 1;) {
		const size = Math.ceil(kept.length / parts);
		let isSmaller = false;
		for (let from = 0; from < kept.length; from += size) {
			const rest = [...kept.slice(0, from), ...kept.slice(from + size)];
			if (rest.length === 0 || !(await fails(rest))) continue;
			kept = rest;
			isSmaller = true;
			break;
		}
		if (isSmaller) parts = Math.max(2, parts - 1);
		else if (size === 1) break;
		else parts = Math.min(kept.length, parts * 2);
	}
	if (kept.length === 1 && (await fails([]))) kept = [];
	return kept;
}

/** `3,7-12`: what `--only` takes. */
export function rangesOf(numbers: ReadonlySet<number>): string {
	const ranges: [from: number, to: number][] = [];
	for (const number of [...numbers].sort((a, b) => a - b)) {
		const last = ranges.at(-1);
		if (last?.[1] === number - 1) last[1] = number;
		else ranges.push([number, number]);
	}
	return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}

/** Undefined for text that names no numbers. */
export function numbersOf(ranges: string): ReadonlySet<number> | undefined {
	const numbers = new Set<number>();
	for (const part of ranges.split(',').filter((text) => text !== '')) {
		const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
		if (match === null) return undefined;
		for (let number = Number(match[1]); number <= Number(match[2] ?? match[1]); number += 1) numbers.add(number);
	}
	return numbers;
}
