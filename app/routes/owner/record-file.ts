/**
 * A question's rows as a file for a spreadsheet, whole however many they are: page after page, and no page is kept as rows.
 *
 * 1. A file is whole, or says that it is not: sums have one page (`GET /api`), and whoever asks for more of them than that gets the first ones.
 * 2. A page that is not to be had leaves no file: half of one would look like a whole one.
 */
import type { OwnerPage } from '#engine/owner-record.ts';
import { recordCsv } from '#projections/owner/record-csv.ts';

export interface RecordFile {
	/** Together the CSV, without its byte order mark. */
	readonly parts: readonly string[];
	readonly rows: number;
	/** The record has more rows, and no page of them. */
	readonly isCut: boolean;
}

/** Undefined when a page was not to be had. `onRows`: how many have come. */
export async function recordFile(
	page: (after: string | undefined) => Promise<OwnerPage | undefined>,
	onRows: (rows: number) => void,
): Promise<RecordFile | undefined> {
	const parts: string[] = [];
	let rows = 0;
	let after: string | undefined;
	for (;;) {
		const next = await page(after);
		if (next === undefined) return undefined;
		parts.push(recordCsv(next.rows, rows === 0));
		rows += next.rows.length;
		onRows(rows);
		after = next.next;
		if (after === undefined) return { parts, rows, isCut: next.more === true };
	}
}
