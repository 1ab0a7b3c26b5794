/** What the soak says of takeovers, from what fell and what was heard. */
import { expect, test } from 'vitest';
import { takeoversOf, type Fall } from './takeovers.ts';

const DEVICES = new Map([
	['hub1', 'A'],
	['hub2', 'B'],
]);
const fall = (part: string, fromMs: number, toMs: number): Fall => ({ part, fromMs, toMs });
const heard = (part: string, ...changes: readonly (readonly [number, string])[]) => ({
	part,
	changes: changes.map(([atMs, device]) => ({ atMs, device })),
});

test('1: from the fall of the holder to the first that anybody hears of another one', () => {
	const observers = [heard('relay', [0, 'A'], [104_000, 'B']), heard('node1', [0, 'A'], [103_100, 'B'])];
	expect(takeoversOf([fall('hub1', 100_000, 106_000)], observers, DEVICES).tookMs).toEqual([3_100]);
	expect(takeoversOf([fall('hub2', 100_000, 106_000)], observers, DEVICES).tookMs).toEqual([]);
});

test('2: a holder that nobody missed, and an observer that was down itself, say nothing', () => {
	const relay = heard('relay', [0, 'A'], [104_000, 'B']);
	expect(takeoversOf([fall('hub1', 100_000, 101_000)], [relay], DEVICES).tookMs).toEqual([]);
	expect(takeoversOf([fall('hub1', 100_000, 106_000), fall('relay', 99_000, 103_000)], [relay], DEVICES).tookMs).toEqual([]);
});

test('3: a change of hands after a fall, after somebody is back, and for no cause that is known', () => {
	const relay = heard('relay', [0, 'A'], [104_000, 'B'], [125_000, 'A'], [300_000, 'B']);
	const { changes } = takeoversOf([fall('hub1', 100_000, 106_000)], [relay], DEVICES);
	expect(changes).toEqual({ fell: 1, back: 1, withoutCause: [{ atMs: 300_000, device: 'B' }] });
});
