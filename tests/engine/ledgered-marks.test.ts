/** The numbered invariants of `engine/ledgered-marks.ts`. */
import { expect, test } from 'vitest';
import { createLedgeredMarks } from '#engine/ledgered-marks.ts';
import type { Written } from '#ports';
import type { Scope } from '#schemas/ids.ts';

function watched() {
	const marked: (readonly [Scope, number])[] = [];
	const waiting: (() => void | Promise<void>)[] = [];
	const mark = createLedgeredMarks({
		vault: {
			markLedgered: (scope, seq): Promise<Written> => {
				marked.push([scope, seq]);
				return Promise.resolve('saved');
			},
		},
		ownership: () => 1,
		timers: {
			after: (_ms, task) => {
				waiting.push(task);
				return () => undefined;
			},
		},
		onError: (error) => {
			throw error;
		},
	});
	const later = async (): Promise<void> => {
		for (const task of waiting.splice(0)) await task();
	};
	return { marked, mark, later };
}

test('1. many sales in a row are one write, up to the newest of each chain', async () => {
	const { marked, mark, later } = watched();
	for (let seq = 1; seq <= 50; seq += 1) mark('branch', seq);
	mark('store', 3);
	mark('branch', 49);
	expect(marked).toEqual([]);
	await later();
	expect(marked).toEqual([
		['branch', 50],
		['store', 3],
	]);
});

test('1. what comes after a write is in the next one, and without anything new there is none', async () => {
	const { marked, mark, later } = watched();
	mark('branch', 1);
	await later();
	await later();
	mark('branch', 2);
	await later();
	expect(marked).toEqual([
		['branch', 1],
		['branch', 2],
	]);
});
