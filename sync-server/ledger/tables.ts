/** Sales, lines, tenders and stock movements as tables: CSV for people and spreadsheets, JSON Lines for programs. The same rows in both. */
import { compareEntries } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { decimalText } from '#core/money.ts';
import { printReceipt } from '#core/receipt-number.ts';

type Cell = string | number | boolean;
type Row = Readonly<Record<string, Cell>>;

/** By file name. */
export function tablesOf(ledger: Ledger, nameOf: (device: string) => string): Readonly<Record<string, string>> {
	const tables = {
		sales: salesOf(ledger, nameOf),
		lines: linesOf(ledger),
		tenders: tendersOf(ledger),
		'stock-movements': movementsOf(ledger, nameOf),
	};
	return {
		...Object.fromEntries(
			Object.entries(tables).flatMap(([name, rows]) => [
				[`${name}.csv`, csvOf(rows, COLUMNS[name as keyof typeof COLUMNS])],
				[`${name}.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join('')],
			]),
		),
		'README.txt': README,
	};
}

const COLUMNS = {
	sales: ['entry', 'receipt', 'kind', 'till', 'at', 'trading_day', 'currency', 'total', 'rounding', 'lines', 'counts', 'corrected_by', 'refunds'],
	lines: ['entry', 'line', 'sku', 'name', 'quantity', 'unit_price', 'total', 'tax_rate', 'tax_percent', 'tax', 'restocked'],
	tenders: ['entry', 'tender', 'type', 'amount', 'given', 'change', 'reference'],
	'stock-movements': ['entry', 'at', 'till', 'sku', 'kind', 'quantity', 'on_hand_after', 'counts'],
} as const;

const README = `An archive of one branch, written by Holdfast.

manifest.json      what is in here, with the SHA-256 of every file and the mark that each chain ended in
entries.cbor       every entry as it was signed: a CBOR array of byte strings, in order of device, scope, place
certificates.cbor  who may sign, up to the root key of the shop
*.csv, *.jsonl     the same as tables; money and quantities are decimals, times are UTC

Check it with: npm run ledger -- verify ARCHIVE, or drop it on the page "Verify" of any till. Both need nobody's server.

sales            one row a receipt; kind is sale, refund or exchange; a refund's total went back to the customer, and so did an exchange's where it is below zero. counts is false for what was put aside.
lines            one row a line of a receipt; what came back on an exchange follows what was sold, with quantity and amounts below zero;
                 restocked says for what came back whether the goods went back to the shelf
tenders          one row a payment
stock-movements  one row a movement of one SKU by one entry; on_hand_after is the balance right after it
`;

function allReceipts({ state }: Ledger) {
	return [...state.sales.values(), ...state.refunds.values()].sort((a, b) => compareEntries(a.entry, b.entry));
}

function salesOf(ledger: Ledger, nameOf: (device: string) => string): readonly Row[] {
	return allReceipts(ledger).map(({ entry, fact, counts, correctedBy, ...rest }): Row => ({
		...{ entry: entry.hash, receipt: printReceipt(fact.receipt), kind: KINDS[fact.type] },
		...{ till: nameOf(entry.header.device), at: new Date(entry.header.at).toISOString(), trading_day: entry.header.tradingDay },
		...{ currency: fact.currency.code, total: decimalText(fact.totalMinor, fact.currency), rounding: decimalText(fact.roundingMinor, fact.currency) },
		...{ lines: linesIn(fact).length, counts, corrected_by: correctedBy ?? '', refunds: 'refunds' in rest ? rest.refunds.length : 0 },
	}));
}

function linesOf(ledger: Ledger): readonly Row[] {
	return allReceipts(ledger).flatMap(({ entry, fact }) =>
		linesIn(fact).map((line, place): Row => ({
			...{ entry: entry.hash, line: place + 1, sku: line.sku ?? '', name: line.name, quantity: decimalText(line.quantityMilli, MILLI) },
			unit_price: 'unitPriceE4' in line ? decimalText(line.unitPriceE4, E4) : '',
			...{ total: decimalText(line.totalMinor, fact.currency), tax_rate: line.taxRate, tax_percent: decimalText(line.taxPercentMilli, MILLI) },
			...{ tax: decimalText(line.taxMinor, fact.currency), restocked: 'restock' in line ? line.restock : '' },
		})),
	);
}

type ReceiptFact = ReturnType<typeof allReceipts>[number]['fact'];

const KINDS = { 'sale.completed': 'sale', 'refund.completed': 'refund', 'exchange.completed': 'exchange' } as const;

function linesIn(fact: ReceiptFact): readonly ReceiptFact['lines'][number][] {
	if (fact.type !== 'exchange.completed') return fact.lines;
	const below = ({ quantityMilli, totalMinor, taxMinor }: (typeof fact.returned)[number]) => ({
		...{ quantityMilli: -quantityMilli, totalMinor: -totalMinor, taxMinor: -taxMinor },
	});
	return [...fact.lines, ...fact.returned.map((line) => ({ ...line, ...below(line) }))];
}

function tendersOf(ledger: Ledger): readonly Row[] {
	return allReceipts(ledger).flatMap(({ entry, fact }) =>
		fact.tenders.map((tender, place): Row => ({
			...{ entry: entry.hash, tender: place + 1, type: tender.type, amount: decimalText(tender.amountMinor, fact.currency) },
			given: tender.type === 'cash' ? decimalText(tender.givenMinor, fact.currency) : '',
			change: tender.type === 'cash' ? decimalText(tender.changeMinor, fact.currency) : '',
			reference: tender.type === 'card' ? (tender.reference ?? '') : '',
		})),
	);
}

function movementsOf({ state }: Ledger, nameOf: (device: string) => string): readonly Row[] {
	return [...state.stock.values()].flatMap(({ sku, movements }) =>
		movements.map(({ entry, kind, quantityMilli, afterMilli, counts }): Row => ({
			...{ entry: entry.hash, at: new Date(entry.header.at).toISOString(), till: nameOf(entry.header.device), sku, kind },
			...{ quantity: decimalText(quantityMilli, MILLI), on_hand_after: decimalText(afterMilli, MILLI), counts },
		})),
	);
}

const MILLI = { digits: 3 };
const E4 = { digits: 4 };

/** RFC 4180. A cell that a spreadsheet would run as a formula is told to be text, as OWASP advises against CSV injection. */
function csvOf(rows: readonly Row[], columns: readonly string[]): string {
	return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(value: Cell): string {
	const text = String(value);
	const isFormula = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
	const safe = isFormula ? `'${text}` : text;
	return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
