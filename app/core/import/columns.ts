/**
 * Columns of a CSV file by what their titles say: in lower-case letters and digits, without what stands in brackets. Of two that fit, the name that stands first
 * among a column's names wins.
 */
import { plainCell } from '#core/csv.ts';

export type ColumnNames<Column extends string> = Readonly<Record<Column, readonly string[]>>;

export interface Columns<Column extends string> {
	/** In each row; absent: the file has no such column. */
	readonly places: Map<Column, number>;
	/** What the file itself calls it. */
	titleOf(column: Column): string;
	/** As it was before this program wrote it; empty where there is none. */
	cellOf(row: readonly string[], column: Column): string;
}

/** `titles`: the file's first record. */
export function columnsOf<Column extends string>(titles: readonly string[], names: ColumnNames<Column>): Columns<Column> {
	const header = titles.map(nameOfTitle);
	const places = new Map<Column, number>();
	for (const [column, all] of Object.entries(names) as [Column, readonly string[]][]) {
		const place = all.map((name) => header.indexOf(name)).find((found) => found >= 0);
		if (place !== undefined) places.set(column, place);
	}
	return {
		places,
		titleOf: (column) => (titles[places.get(column) ?? -1] ?? column).trim(),
		cellOf: (row, column) => plainCell((row[places.get(column) ?? -1] ?? '').trim()),
	};
}

export function nameOfTitle(title: string): string {
	return title
		.toLowerCase()
		.replace(/\(.*?\)|\[.*?\]/g, '')
		.replace(/[^\p{L}\d]/gu, '');
}
