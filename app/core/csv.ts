/**
 * Comma-separated values (RFC 4180) that a spreadsheet reads as what they are, and that come in again as they left.
 *
 * 1. A text that a spreadsheet would take for a formula (it begins with = + - @, their wide forms, a tab or a carriage return) is written with an apostrophe before it: a
 *    product called `=HYPERLINK(…)` must do nothing on the bookkeeper's desk (OWASP, "CSV Injection"). So is what follows a semicolon, a tab or a line's end: a
 *    spreadsheet that speaks German, French or Spanish parts cells at semicolons, and heeds quotes at the beginning of a cell only.
 * 2. A figure is a figure, also below zero: it is given as a number or as `amount`, never as a text.
 * 3. A text comes in again as it left, one that begins with an apostrophe, too.
 */

/** Where a cell begins, and the apostrophes before what would be a formula there. */
const FIRST = /^'*(?=[=+\-@＝＋－＠\t\r])/;
/** Where one may be made to begin. */
const AFTER = /([;\t\r\n][" ]*)('*)(?=[=+\-@＝＋－＠])/g;

/** As it was before `csvText` wrote it. */
export function plainCell(text: string): string {
	return text.replace(FIRST, (before) => before.slice(1)).replace(AFTER, (_, after: string, before: string) => `${after}${before.slice(1)}`);
}

export type CsvCell = string | number | { readonly amount: string };

export function csvText(rows: readonly (readonly CsvCell[])[]): string {
	return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: CsvCell): string {
	if (typeof cell === 'number') return String(cell);
	if (typeof cell === 'object') return cell.amount;
	const safe = cell.replace(AFTER, "$&'").replace(FIRST, "$&'");
	return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
