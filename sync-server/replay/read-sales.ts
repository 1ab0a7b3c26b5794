/**
 * Real past sales from a CSV file, as invoices. Columns by name: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice (others are ignored).
 *
 * 1. A bad row is listed with its line and the reason, and never stops the rest.
 * 2. Rows are never told apart by content: two equal rows are two real lines.
 * 3. An invoice is the rows of one number, wherever in the file they stand; its time is that of its first row.
 */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

export interface PastLine {
	readonly sku: string;
	/** Empty where the file has none. */
	readonly description: string;
	/** Whole units, below zero in cancellations and write-offs; never zero. */
	readonly quantity: number;
	readonly unitPriceE4: number;
}

export interface PastInvoice {
	readonly number: string;
	/** Numbers that begin with C are cancellations: money went back. */
	readonly kind: 'sale' | 'cancellation';
	/** The file's wall clock, read as UTC. */
	readonly atMs: number;
	readonly lines: readonly PastLine[];
}

export interface BadRow {
	/** Line in the file, from 1; the header is line 1. */
	readonly line: number;
	readonly reason: string;
}

export interface PastSales {
	/** In the order of time, then of the file. */
	readonly invoices: readonly PastInvoice[];
	/** Good rows. */
	readonly rows: number;
	readonly badRows: readonly BadRow[];
}

const COLUMNS = ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'UnitPrice'] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;

/** Throws with one sentence when the file cannot be read or its header lacks a column. */
export async function readPastSales(file: string, onRows: (rows: number) => void): Promise<PastSales> {
	const invoices = new Map<string, { kind: PastInvoice['kind']; atMs: number; lines: PastLine[] }>();
	const badRows: BadRow[] = [];
	let rows = 0;
	let columns: Map<string, number> | undefined;
	const parser = createReadStream(file).pipe(parse({ bom: true, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true }));
	for await (const record of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
		if (columns === undefined) {
			columns = new Map(record.record.map((name, place) => [name.trim(), place]));
			const missing = COLUMNS.filter((name) => !columns?.has(name));
			if (missing.length > 0) throw new Error(`the first line must name the columns; missing: ${missing.join(', ')}`);
			continue;
		}
		const row = rowOf(record.record, columns);
		const parsed = parseRow(row);
		if ('reason' in parsed) {
			badRows.push({ line: record.info.lines, reason: parsed.reason });
			continue;
		}
		rows += 1;
		if (rows % 5_000 === 0) onRows(rows);
		const invoice = invoices.get(row.InvoiceNo.trim());
		if (invoice === undefined) invoices.set(row.InvoiceNo.trim(), { kind: parsed.kind, atMs: parsed.atMs, lines: [parsed.line] });
		else invoice.lines.push(parsed.line);
	}
	const inOrder = [...invoices].map(([number, invoice]) => ({ number, ...invoice })).sort((a, b) => a.atMs - b.atMs);
	return { invoices: inOrder, rows, badRows };
}

function rowOf(values: readonly string[], columns: ReadonlyMap<string, number>): Row {
	return Object.fromEntries(COLUMNS.map((name) => [name, values[columns.get(name) ?? -1] ?? ''])) as Row;
}

function parseRow(row: Row): { readonly kind: PastInvoice['kind']; readonly atMs: number; readonly line: PastLine } | { readonly reason: string } {
	const number = row.InvoiceNo.trim();
	if (number === '') return { reason: 'InvoiceNo is empty' };
	const kind = number.startsWith('C') ? 'cancellation' : 'sale';
	const sku = row.StockCode.trim();
	if (sku === '' || sku.length > 64) return { reason: `StockCode "${sku}" must have 1 to 64 characters` };
	const quantity = Number(row.Quantity);
	if (row.Quantity.trim() === '' || !Number.isSafeInteger(quantity) || quantity === 0 || Math.abs(quantity) > 1e9)
		return { reason: `Quantity "${row.Quantity}" must be a whole number other than 0` };
	if (kind === 'cancellation' && quantity > 0) return { reason: `Quantity ${quantity} of a cancellation must be below 0` };
	const atMs = parseMoment(row.InvoiceDate);
	if (atMs === undefined) return { reason: `InvoiceDate "${row.InvoiceDate}" must look like 2010-12-01 08:26:00` };
	const unitPriceE4 = parsePriceE4(row.UnitPrice);
	if (unitPriceE4 === undefined) return { reason: `UnitPrice "${row.UnitPrice}" must be a number of at least 0 with at most four decimals` };
	return { kind, atMs, line: { sku, description: row.Description.trim(), quantity, unitPriceE4 } };
}

function parseMoment(text: string): number | undefined {
	const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?$/.exec(text.trim());
	if (match === null) return undefined;
	const atMs = Date.parse(`${match[1]}T${match[2]}${match[3] ?? ':00'}Z`);
	return Number.isNaN(atMs) || atMs < 0 ? undefined : atMs;
}

function parsePriceE4(text: string): number | undefined {
	const match = /^(\d{1,9})(?:\.(\d{1,4}))?$/.exec(text.trim());
	return match === null ? undefined : Number(match[1]) * 10_000 + Number((match[2] ?? '').padEnd(4, '0'));
}
