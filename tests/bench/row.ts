/**
 * A row of a bench: ours and its anchor, measured in the same process and run, so that the machine's speed falls out of the ratio.
 *
 * 1. Interleaved: every round measures each side once, after rounds that nobody counts; the median stands.
 * 2. What a side needs is prepared outside the time, and the garbage of one side is collected before the other starts.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface RunOptions {
	/** Fewer rounds, smaller heaps of entries: to see whether a row works, not what it says. */
	readonly quick: boolean;
	/** What a row is busy with, for whoever waits. */
	readonly tell: (words: string) => void;
}

export interface Outcome {
	readonly ours: string;
	readonly anchor: string;
	/** Ours divided by the anchor, where the two are of one kind. */
	readonly ratio?: number;
	/** Absent: stated, not judged. */
	readonly ok?: boolean;
	/** For the JSON file: name with its unit, number. */
	readonly numbers: Readonly<Record<string, number>>;
	/** What a reader of the table must know. */
	readonly note?: string;
}

export interface Row {
	/** For `--only`. */
	readonly name: string;
	readonly what: string;
	readonly against: string;
	readonly reach: string;
	run(options: RunOptions): Outcome | Promise<Outcome>;
}

/** One side of a comparison: `prepare` outside the time, then `work` with what it made. */
export interface Side<Prepared> {
	prepare(): Prepared | Promise<Prepared>;
	work(prepared: Prepared): unknown;
}

export async function interleaved<Sides extends Readonly<Record<string, Side<unknown>>>>(
	sides: Sides,
	{ rounds, warmups }: { readonly rounds: number; readonly warmups: number },
): Promise<{ readonly [Name in keyof Sides]: number }> {
	const times: Record<string, number[]> = {};
	for (let round = 0; round < warmups + rounds; round += 1) {
		// The side that begins changes, for the first pays for what the round before left.
		const order = Object.entries(sides);
		if (round % 2 === 1) order.reverse();
		for (const [name, side] of order) {
			const prepared = await side.prepare();
			collectGarbage();
			const begun = performance.now();
			await side.work(prepared);
			const ms = performance.now() - begun;
			if (round >= warmups) (times[name] ??= []).push(ms);
		}
	}
	return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)])) as { readonly [Name in keyof Sides]: number };
}

export function median(list: readonly number[]): number {
	const sorted = [...list].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

let collect: (() => void) | undefined;

export function collectGarbage(): void {
	if (collect === undefined) {
		setFlagsFromString('--expose-gc');
		collect = runInNewContext('gc') as () => void;
	}
	collect();
}

/** Bytes of the heap and of buffers that are in use after everything else was thrown away. */
export async function usedBytes(): Promise<number> {
	// What a finished promise still holds is let go in the next turn.
	for (let turn = 0; turn < 3; turn += 1) {
		await new Promise((resolve) => setImmediate(resolve));
		collectGarbage();
	}
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
}

/** Three significant digits, with its unit. */
export function ms(value: number): string {
	if (value >= 1000) return `${digits(value / 1000)} s`;
	return value >= 1 ? `${digits(value)} ms` : `${digits(value * 1000)} µs`;
}

export function megabytes(bytes: number): string {
	return `${digits(bytes / 1e6)} MB`;
}

export function digits(value: number): string {
	return value >= 100 || value <= -100 ? value.toFixed(0) : value >= 10 || value <= -10 ? value.toFixed(1) : value.toFixed(2);
}
