import { expect, test } from 'vitest';
import { isWorse, roomRow } from '#projections/room.ts';

const MB = 1_000_000;
const row = (leftBytes: number | undefined, full = false) => roomRow({ persisted: false, usedBytes: 5 * MB, leftBytes, full });

test('a disk with room is not worth a word, and neither is one of which nothing is known', () => {
	expect(row(10_000 * MB)).toMatchObject({ level: 'plenty' });
	expect(row(10_000 * MB).words).toBeUndefined();
	expect(row(undefined).words).toBeUndefined();
});

test('low space is announced in sales, months before it matters, and each step down is worse than the one before', () => {
	const levels = [500, 199, 39, 7].map((left) => row(left * MB));
	expect(levels.map(({ level }) => level)).toEqual(['plenty', 'low', 'very-low', 'nearly-full']);
	expect(levels[1]?.words).toContain('about 40,000 more sales');
	expect(levels[2]?.words).toContain('about 9,000 more sales');
	expect(levels[3]?.words).toContain('about 1,000 more sales');
	for (let n = 1; n < levels.length; n += 1) expect(isWorse(levels[n]!.level, levels[n - 1]!.level)).toBe(true);
	expect(isWorse('low', 'low')).toBe(false);
	expect(isWorse('low', 'full')).toBe(false);
});

test('a write that found the disk full counts more than an estimate of plenty', () => {
	expect(row(10_000 * MB, true)).toMatchObject({ level: 'full', words: expect.stringContaining('Everything that was paid is safe') as string });
});

test('the browser’s answer about keeping the data is told either way', () => {
	expect(roomRow({ persisted: true, leftBytes: undefined, usedBytes: undefined, full: false }).keeping).toContain('promised');
	expect(row(undefined).keeping).toContain('may clear it');
});
