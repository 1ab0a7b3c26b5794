/** Invariants of `engine/keep-links.ts` and `engine/until-it-works.ts`, with a clock that the test moves. */
import { keepLinks } from '#engine/keep-links.ts';
import { untilItWorks } from '#engine/until-it-works.ts';
import type { Timers } from '#ports';
import { expect, test } from 'vitest';

/** What waits, and for how long it was told to. */
function clockwork(): { readonly timers: Pick<Timers, 'after'>; readonly pausesMs: number[]; ring(): Promise<void>; readonly waiting: () => number } {
	let tasks: (() => void | Promise<void>)[] = [];
	const pausesMs: number[] = [];
	return {
		timers: {
			after(ms, task) {
				pausesMs.push(ms);
				tasks.push(task);
				return () => {
					tasks = tasks.filter((one) => one !== task);
				};
			},
		},
		pausesMs,
		async ring() {
			const due = tasks;
			tasks = [];
			for (const task of due) await task();
		},
		waiting: () => tasks.length,
	};
}

function network({ failsToOpen = 0, failsToStart = 0 }) {
	const said: string[] = [];
	let [toOpen, toStart] = [failsToOpen, failsToStart];
	return {
		said,
		async open() {
			toOpen -= 1;
			if (toOpen >= 0) throw new Error('the program does not come');
			said.push('opened');
			return {
				async start() {
					toStart -= 1;
					if (toStart >= 0) throw new Error('it does not start');
					said.push('started');
				},
				async stop() {
					said.push('stopped');
				},
				wake: () => undefined,
				peers: () => [],
			};
		},
	};
}

test('1: a program that does not come, and a start that throws, are tried again with growing pauses until they work', async () => {
	const { timers, pausesMs, ring, waiting } = clockwork();
	const { open, said } = network({ failsToOpen: 2, failsToStart: 6 });
	const failures: string[] = [];
	const lan = keepLinks({ open, timers, onFailure: (error) => failures.push((error as Error).message) });
	await lan.want(true);
	expect(said).toEqual([]);
	for (let n = 0; n < 8; n += 1) await ring();
	expect(said).toEqual(['opened', 'started']);
	expect(failures).toHaveLength(8);
	expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
	expect(waiting()).toBe(0);
});

test('1: who comes back to the till, or says so, waits for no pause', async () => {
	const { timers, pausesMs, ring, waiting } = clockwork();
	const { open, said } = network({ failsToStart: 3 });
	const lan = keepLinks({ open, timers, onFailure: () => undefined });
	await lan.want(true);
	await ring();
	lan.wake();
	await lan.want(true);
	expect(said).toEqual(['opened', 'started']);
	expect(pausesMs).toEqual([1_000, 2_000, 1_000]);
	expect(waiting()).toBe(0);
});

test('2: whoever works alone in the meantime is not linked by a later try, and is when it wants to be', async () => {
	const { timers, ring } = clockwork();
	const { open, said } = network({ failsToStart: 1 });
	const lan = keepLinks({ open, timers, onFailure: () => undefined });
	await lan.want(true);
	await lan.want(false);
	await ring();
	expect(said).not.toContain('started');
	await lan.want(true);
	expect(said.at(-1)).toBe('started');
});

test('2: who wants no links does not wait for a program that never comes, and at the end nothing is tried any more', async () => {
	const { timers, ring, waiting } = clockwork();
	const never = keepLinks({ open: () => new Promise(() => undefined), timers, onFailure: () => undefined });
	void never.want(true);
	await never.want(false);
	const { open, said } = network({ failsToStart: 9 });
	const lan = keepLinks({ open, timers, onFailure: () => undefined });
	await lan.want(true);
	await lan.end();
	await ring();
	expect(said.at(-1)).toBe('stopped');
	expect(waiting()).toBe(0);
});

test('a part of the program that does not come is asked for again with growing pauses', async () => {
	const { timers, pausesMs, ring } = clockwork();
	let missing = 3;
	const answer = untilItWorks(
		async () => {
			missing -= 1;
			if (missing >= 0) throw new Error('not there');
			return 'here';
		},
		{ timers, onFailure: () => undefined },
	);
	while (missing >= 0) {
		await Promise.resolve();
		await ring();
	}
	expect(await answer).toBe('here');
	expect(pausesMs).toEqual([1_000, 2_000, 4_000]);
});
