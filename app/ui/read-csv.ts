/** A CSV file that a person chose, as rows of texts; whatever stands between its cells. */
import { parse } from 'csv-parse/browser/esm/sync';
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
	const text = new TextDecoder().decode(bytes);
	const firstLine = text.slice(0, text.search(/\r?\n|$/));
	const delimiter = [';', '\t', ','].find((sign) => firstLine.includes(sign)) ?? ',';
	return {
		rows: parse(text, { bom: true, delimiter, relax_column_count: true, relax_quotes: true, skip_empty_lines: false }),
		hash,
		name: file.name,
	};
}
