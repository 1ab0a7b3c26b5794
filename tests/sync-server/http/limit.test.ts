import { createLimit } from '#server/http/limit.ts';
import { expect, test } from 'vitest';

test('so many in a minute, also where the clock was set back by hours since the first: a till prints on', () => {
	let nowMs = 1_800_000_000_000;
	const isTooOften = createLimit({ nowMs: () => nowMs }, 2);
	expect([isTooOften(), isTooOften(), isTooOften()]).toEqual([false, false, true]);
	nowMs -= 2 * 60 * 60_000;
	expect(isTooOften()).toBe(true);
	nowMs += 61_000;
	expect(isTooOften()).toBe(false);
});
