/** Wrong PINs cost time: the numbered invariants of `core/people/wrong-pins.ts`. */
import { afterWrong, isPin, waitMs, type WrongPins } from '#core/people/wrong-pins.ts';
import { expect, test } from 'vitest';

test('1: two slips cost nothing, then half a minute, one, five, fifteen, and no more than that', () => {
	let now: WrongPins | undefined;
	const waits: number[] = [];
	for (let tries = 0; tries < 8; tries += 1) {
		now = afterWrong(now, 1_000_000);
		waits.push(waitMs(now, 1_000_000) / 1000);
	}
	expect(waits).toEqual([0, 0, 30, 60, 300, 900, 900, 900]);
	expect(waitMs(now, 1_000_000 + 900_000)).toBe(0);
});

test('3: a clock that was turned back a year makes nobody wait a year', () => {
	const now: WrongPins = { tries: 6, untilMs: 1e12 };
	expect(waitMs(now, 1e12 - 3e10)).toBe(900_000);
});

test('a PIN is four to eight digits', () => {
	expect(['1234', '12345678', '123', '123456789', '12a4', ''].map(isPin)).toEqual([true, true, false, false, false, false]);
});
