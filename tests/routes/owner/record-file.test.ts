import type { OwnerPage } from '#engine/owner-record.ts';
import type { RecordRow } from '#schemas/wire/owner-pages.ts';
import { expect, test } from 'vitest';
import { recordFile } from '../../../app/routes/owner/record-file.ts';

const ROWS_A_PAGE = 1_000;

/** As a relay answers: each page names the next. */
function recordOf(rows: readonly RecordRow[], failsAt = Infinity): (after: string | undefined) => Promise<OwnerPage | undefined> {
	return (after) => {
		const from = Number(after ?? 0);
		if (from >= failsAt) return Promise.resolve(undefined);
		const until = from + ROWS_A_PAGE;
		return Promise.resolve({ rows: rows.slice(from, until), ...(until < rows.length ? { next: String(until) } : {}) });
	};
}

const sales = (count: number): readonly RecordRow[] => Array.from({ length: count }, (_, n) => ({ receipt: `T1-${n}`, total: n }));

test('a file has every row of the record, however many pages they are, under one line of names', async () => {
	const rows = sales(123_456);
	const told: number[] = [];
	const file = await recordFile(recordOf(rows), (count) => told.push(count));
	expect(file).toMatchObject({ rows: rows.length, isCut: false });
	const lines = (file?.parts.join('') ?? '').split('\r\n');
	expect(lines).toHaveLength(rows.length + 2);
	expect([lines[0], lines[1], lines[1_001], lines.at(-2)]).toEqual(['receipt,total', 'T1-0,0', 'T1-1000,1000', 'T1-123455,123455']);
	expect(told.slice(0, 2)).toEqual([1_000, 2_000]);
	expect(told.at(-1)).toBe(rows.length);
});

test('a record with nothing is no row and no name', async () => {
	expect(await recordFile(recordOf([]), () => undefined)).toEqual({ parts: [''], rows: 0, isCut: false });
});

test('a relay that goes away half way leaves no half of a file', async () => {
	expect(await recordFile(recordOf(sales(5_000), 3_000), () => undefined)).toBeUndefined();
});

test('sums that have more than their one page say so', async () => {
	expect(
		await recordFile(
			() => Promise.resolve({ rows: sales(10), more: true }),
			() => undefined,
		),
	).toMatchObject({ rows: 10, isCut: true });
});
