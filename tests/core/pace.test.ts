import { createPace } from '#core/pace.ts';
import { expect, test } from 'vitest';

test('who has had its turns of a second waits for the next, and nobody waits with it', () => {
	let nowMs = 5_000;
	const wait = createPace<string>(() => nowMs, 3);
	expect(['a', 'a', 'b', 'a', 'a'].map(wait)).toEqual([0, 0, 0, 1_000, 1_000]);
	nowMs += 400;
	expect(wait('a')).toBe(600);
	nowMs += 600;
	expect(wait('a')).toBe(0);
});

test('1: a clock that is set back keeps nobody waiting for as long', () => {
	let nowMs = 7_200_000;
	const wait = createPace<string>(() => nowMs, 1);
	nowMs = 0;
	expect(wait('a')).toBe(1_000);
	nowMs += 1_000;
	expect(wait('a')).toBe(1_000);
});
