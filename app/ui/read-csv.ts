/** A CSV file that a person chose, as rows of texts; whatever stands between its cells. */
import { parse } from 'csv-parse/browser/esm/sync';
import { spokenNow } from '#languages/spoken.ts';
import { hexOf } from '#schemas/cbor.ts';

export interface CsvFile {
	readonly rows: readonly (readonly string[])[];
	/** Of its bytes. */
	readonly hash: string;
	readonly name: string;
}

const MAX_BYTES = 50 * 1024 * 1024;

/** Throws what its reader throws where it is no CSV: that knows in which line it lost its way. */
export async function readCsv(file: File): Promise<CsvFile | 'too-large'> {
	if (file.size > MAX_BYTES) return 'too-large';
	const bytes = new Uint8Array(await file.arrayBuffer());
	const hash = hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))).slice(0, 32);
	const text = textOf(bytes);
	return {
		rows: parse(text, { bom: true, delimiter: delimiterOf(text), relax_column_count: true, relax_quotes: true, skip_empty_lines: false }),
		hash,
		name: file.name,
	};
}

/** UTF-8; or what spreadsheets on Windows call Unicode; or, where it is neither, their one byte for each letter. */
function textOf(bytes: Uint8Array): string {
	const [first, second] = bytes;
	if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
	if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return new TextDecoder(spokenNow().language === 'ar' ? 'windows-1256' : 'windows-1252').decode(bytes);
	}
}

/** Of the signs that part the titles, the one that stands there most often; what is between quotes parts nothing. */
function delimiterOf(text: string): string {
	const titles = (/^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text)?.[0] ?? '').replace(/"(?:[^"]|"")*"/g, '');
	const countOf = (sign: string): number => titles.split(sign).length;
	return [';', '\t', ','].reduce((most, sign) => (countOf(sign) > countOf(most) ? sign : most));
}
