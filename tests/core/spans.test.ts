import { neverBack } from '#core/spans.ts';
import { expect, test } from 'vitest';

test('1: while the wall clock goes on it says the same; set back, it goes on from where it was', () => {
	let wallMs = 1_000;
	const nowMs = neverBack(() => wallMs);
	const said = [1_000, 1_500, 200, 300, 250, 260].map((ms) => {
		wallMs = ms;
		return nowMs();
	});
	expect(said).toEqual([1_000, 1_500, 1_500, 1_600, 1_600, 1_610]);
});
