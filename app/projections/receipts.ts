/** Receipts of the branch: sales, refunds and exchanges, newest first, and one in full. */
import type { SaleElsewhere } from '#core/intent.ts';
import { sumMinor } from '#core/money.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { RefundState, SaleState } from '#core/ledger/state.ts';
import { approversIn } from '#core/people/roles.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { m } from '#languages/compiled/messages.js';
import { formatMoney, formatPercent } from '#languages/figures.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Coverage } from './coverage.ts';
import { reasonText } from './reasons.ts';
import type { ReceiptDetail, ReceiptLineRow, ReceiptRow, SaleElsewhereRow } from './rows.ts';
import { personName } from './drawers.ts';
import { deviceName } from './shop.ts';

/** `text` filters by a part of the number or of a product's name; without it, all. */
export function receiptRows(ledger: Ledger, coverage: Coverage, text: string, limit: number): readonly ReceiptRow[] {
	const { sales, refunds } = ledger.state;
	const wanted = text.trim().toLowerCase();
	const matches = ({ fact }: SaleState | RefundState): boolean =>
		wanted === '' ||
		printReceipt(fact.receipt).toLowerCase().includes(wanted) ||
		linesOf(fact).some(({ name }) => name.toLowerCase().includes(wanted));
	// Backwards through what is in order already, and no further than asked: a year of receipts is not sorted at every letter that somebody types.
	const entries = ledger.entries();
	const rows: ReceiptRow[] = [];
	for (let place = entries.length - 1; place >= 0 && rows.length < limit; place -= 1) {
		const hash = entries[place]?.hash;
		const one = hash === undefined ? undefined : (sales.get(hash) ?? refunds.get(hash));
		if (one !== undefined && matches(one)) rows.push(receiptRow(ledger, coverage, one));
	}
	return rows;
}

export function receiptDetail(ledger: Ledger, coverage: Coverage, hash: EntryHash): ReceiptDetail | undefined {
	const { sales, refunds } = ledger.state;
	const sale = sales.get(hash);
	const one = sale ?? refunds.get(hash);
	if (one === undefined) return undefined;
	const { fact } = one;
	const named = fact.type !== 'sale.completed' && fact.sale !== undefined ? sales.get(fact.sale) : undefined;
	const relatedTo = [named, ...(sale?.refunds ?? []).map((hash) => refunds.get(hash) ?? sales.get(hash))];
	return {
		...receiptRow(ledger, coverage, one),
		...{
			fact,
			tenders: fact.tenders,
			roundingMinor: fact.roundingMinor,
			taxes: taxesOf(ledger, one),
			deviceName: deviceName(ledger, one.entry.header.device),
		},
		...taxOnTop(fact),
		lines: lineRows(ledger, fact, sale?.refundedMilli ?? []),
		...saidBy(ledger, one),
		...(named === undefined ? {} : { saleNumber: printReceipt(named.fact.receipt) }),
		related: relatedTo.flatMap((other) => (other === undefined ? [] : [receiptRow(ledger, coverage, other)])),
		...(fact.type !== 'sale.completed' && fact.reason !== undefined ? { reason: reasonText(fact.reason) } : {}),
		...(fact.customer === undefined ? {} : { customer: fact.customer }),
	};
}

/** What another branch answered, as the refund desk shows it. */
export function saleElsewhereRow(ledger: Ledger, { entry, sale }: { readonly entry: EntryHash; readonly sale: SaleElsewhere }): SaleElsewhereRow {
	const { fact, refunded } = sale;
	const refundedMilli = refunded.map(({ milli }) => milli);
	return {
		...{ entry, number: printReceipt(fact.receipt), elsewhere: sale, lines: lineRows(ledger, fact, refundedMilli) },
		...{ refunded: refundedOf({ fact, refundedMilli }) },
		...(fact.customer === undefined ? {} : { customer: fact.customer }),
	};
}

function lineRows(ledger: Ledger, fact: Fact, refundedMilli: readonly number[]): readonly ReceiptLineRow[] {
	return linesOf(fact).map((line, place) => ({
		...{
			line: line.isBack === true ? place - fact.lines.length : place,
			name: line.name,
			unit: (line.sku === undefined ? undefined : ledger.state.products.get(line.sku)?.unit.value) ?? 'each',
			quantityMilli: line.quantityMilli,
		},
		...{ unitPriceE4: 'unitPriceE4' in line ? line.unitPriceE4 : 0, totalMinor: line.totalMinor, refundedMilli: refundedMilli[place] ?? 0 },
		...(line.sku === undefined ? {} : { sku: line.sku }),
		...(line.isBack === true ? { isBack: true } : {}),
	}));
}

function saidBy(ledger: Ledger, { entry }: SaleState | RefundState): Pick<ReceiptDetail, 'personName' | 'approvedBy'> {
	const by = personName(ledger, entry.header.by);
	const approvers = new Set(entry.facts.flatMap((fact) => ('unknown' in fact || 'invalid' in fact ? [] : approversIn(fact))));
	const approvedBy = [...approvers].flatMap((person) => personName(ledger, person) ?? []);
	return { ...(by === undefined ? {} : { personName: by }), ...(approvedBy.length === 0 ? {} : { approvedBy }) };
}

export function receiptRow(ledger: Ledger, coverage: Coverage, one: SaleState | RefundState): ReceiptRow {
	const { entry, fact } = one;
	const { hash, header } = entry;
	return {
		...{
			entry: hash,
			number: printReceipt(fact.receipt),
			kind: KINDS[fact.type],
			device: header.device,
			atMs: header.at,
		},
		...{ tradingDay: header.tradingDay, totalMinor: fact.totalMinor, lineCount: linesOf(fact).length, names: namesOf(linesOf(fact)) },
		...{ refunded: 'refundedMilli' in one ? refundedOf(one) : 'no', quarantined: !one.counts, corrected: one.correctedBy !== undefined },
		...{ atHost: coverage.atHost(hash), inCloud: coverage.inCloud(hash) },
	};
}

const KINDS = { 'sale.completed': 'sale', 'refund.completed': 'refund', 'exchange.completed': 'exchange' } as const;

type Fact = (SaleState | RefundState)['fact'];
type AnyLine = Fact['lines'][number] & { readonly isBack?: true };

/** What came back on an exchange stands below what went out, with its amounts below zero. */
function linesOf(fact: Fact): readonly AnyLine[] {
	if (fact.type !== 'exchange.completed') return fact.lines;
	const back = fact.returned.map((line) => ({ ...line, totalMinor: -line.totalMinor, taxMinor: -line.taxMinor, isBack: true as const }));
	return [...fact.lines, ...back];
}

function refundedOf({ fact, refundedMilli }: Pick<SaleState, 'fact' | 'refundedMilli'>): ReceiptRow['refunded'] {
	if (refundedMilli.every((milli) => milli === 0)) return 'no';
	return fact.lines.every(({ quantityMilli }, place) => (refundedMilli[place] ?? 0) >= quantityMilli) ? 'wholly' : 'partly';
}

function namesOf(lines: readonly { readonly name: string }[]): string {
	const names = lines.slice(0, 3).map(({ name }) => name);
	return lines.length > 3 ? m.list_and_more({ items: names.join(', '), count: lines.length - 3 }) : names.join(', ');
}

type TaxedLine = { readonly taxRate: string; readonly taxPercentMilli: number; readonly totalMinor: number; readonly taxMinor: number };

function taxOnTop(fact: Fact): Pick<ReceiptDetail, 'onTop'> {
	const taxMinor = fact.taxExcluded === true ? sumMinor(linesOf(fact).map((line) => line.taxMinor)) : 0;
	return taxMinor === 0 ? {} : { onTop: { linesMinor: fact.totalMinor - fact.roundingMinor - taxMinor, taxMinor } };
}

function taxesOf({ state }: Ledger, { fact }: SaleState | RefundState): ReceiptDetail['taxes'] {
	const lines: readonly TaxedLine[] = linesOf(fact);
	// A rate may have changed its percent while the cart was open: each line was taxed as it was sold.
	const groups = new Map<string, TaxedLine[]>();
	for (const line of lines) {
		const rate = `${line.taxPercentMilli} ${line.taxRate}`;
		groups.set(rate, [...(groups.get(rate) ?? []), line]);
	}
	return [...groups.values()].flatMap((ofRate) => {
		const [first] = ofRate;
		if (first === undefined) return [];
		const name = state.settings.value('taxRates')?.find(({ id }) => id === first.taxRate)?.name ?? first.taxRate;
		const ofLines = formatMoney(sumMinor(ofRate.map(({ totalMinor }) => totalMinor)), fact.currency);
		const told = { name, percent: formatPercent(first.taxPercentMilli) };
		return {
			says: fact.taxExcluded === true ? m.receipt_tax_on({ ...told, of: ofLines }) : m.sales_included({ ...told, gross: ofLines }),
			taxMinor: sumMinor(ofRate.map(({ taxMinor }) => taxMinor)),
		};
	});
}
