/** Customers as people see them: names where their keys are here, credit, and what they bought. */
import { creditMinor, groupOf, owedMinor, rootOf } from '#core/customer/group.ts';
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { CustomerFields } from '#schemas/customer-fields.ts';
import type { CustomerId } from '#schemas/ids.ts';
import type { Coverage } from './coverage.ts';
import { plainText } from './plain-text.ts';
import { reasonText } from './reasons.ts';
import { receiptRow } from './receipts.ts';
import type { CreditMoveRow, CustomerDetail, CustomerRow } from './rows.ts';

export type FieldsOf = (customer: CustomerId) => CustomerFields | undefined;

/** By name; `text` is looked for in everything that is written of a customer. Whoever was forgotten, or merged into another, is not in the list. */
export function customerRows(ledger: Ledger, fieldsOf: FieldsOf, text: string, limit: number): readonly CustomerRow[] {
	const { customers } = ledger.state.books;
	const wanted = plainText(text)
		.split(' ')
		.filter((word) => word !== '');
	const found = new Map<CustomerId, string>();
	for (const customer of customers.names()) {
		const state = customers.get(customer);
		if (state?.createdAtMs === undefined || state.forgotten) continue;
		const root = rootOf(customers, customer);
		if (found.has(root)) continue;
		const fields = fieldsOf(customer);
		const name = plainText(fields?.name ?? '');
		const written = () => `${name} ${plainText([fields?.phone, fields?.email, fields?.card].filter((one) => one !== undefined).join(' '))}`;
		if (wanted.length > 0 && !includesAll(written(), wanted)) continue;
		const shown = root === customer ? fields : fieldsOf(root);
		found.set(root, shown === undefined ? NAMELESS : shown === fields ? name : plainText(shown.name));
	}
	// Only those that are shown are made into rows: the sums of thousands take longer than finding them.
	return [...found]
		.sort(([one, a], [other, b]) => compareText(a, b) || compareText(one, other))
		.slice(0, limit)
		.map(([customer]) => customerRow(ledger, fieldsOf, customer));
}

/** After every name. */
const NAMELESS = '\uffff';

function includesAll(text: string, words: readonly string[]): boolean {
	return words.every((word) => text.includes(word));
}

export function customerRow(ledger: Ledger, fieldsOf: FieldsOf, customer: CustomerId): CustomerRow {
	const { customers } = ledger.state.books;
	const root = rootOf(customers, customer);
	const state = customers.get(root);
	const fields = fieldsOf(root);
	return {
		customer: root,
		state: state?.forgotten === true ? 'forgotten' : fields === undefined ? 'no-key' : 'known',
		...(fields === undefined ? {} : { name: fields.name }),
		...{ phone: fields?.phone ?? '', email: fields?.email ?? '', card: fields?.card ?? '', note: fields?.note ?? '' },
		...{ creditMinor: creditMinor(ledger.state, root), owedMinor: owedMinor(ledger.state, root), replaces: state?.fields?.replaces ?? [] },
	};
}

export function customerDetail(
	ledger: Ledger,
	coverage: Coverage,
	fieldsOf: FieldsOf,
	customer: CustomerId,
	limit: number,
): CustomerDetail | undefined {
	const { customers, credit } = ledger.state.books;
	if (customers.get(customer)?.createdAtMs === undefined) return undefined;
	const group = new Set(groupOf(customers, customer));
	const { sales, refunds } = ledger.state;
	const receipts: CustomerDetail['receipts'][number][] = [];
	const entries = ledger.entries();
	for (let place = entries.length - 1; place >= 0 && receipts.length < limit; place -= 1) {
		const hash = entries[place]?.hash;
		const one = hash === undefined ? undefined : (sales.get(hash) ?? refunds.get(hash));
		if (one?.fact.customer !== undefined && group.has(one.fact.customer)) receipts.push(receiptRow(ledger, coverage, one));
	}
	const moves = [...group].flatMap((one) => (credit.get(one)?.moves ?? []).map((move) => creditMove(ledger, move)));
	return {
		...customerRow(ledger, fieldsOf, customer),
		...{ receipts, moves: moves.sort((a, b) => b.atMs - a.atMs) },
		openingMinor: [...group].reduce((sum, one) => sum + (credit.get(one)?.openingMinor ?? 0), 0),
	};
}

function creditMove(ledger: Ledger, { entry, amountMinor }: { readonly entry: CreditMoveRow['entry']; readonly amountMinor: number }): CreditMoveRow {
	const held = ledger.entry(entry);
	const given = held?.facts.find((fact) => !('unknown' in fact) && !('invalid' in fact) && fact.type === 'credit.given');
	return {
		...{ entry, amountMinor, atMs: held?.header.at ?? 0 },
		reason: given !== undefined && 'reason' in given && typeof given.reason === 'string' ? reasonText(given.reason) : '',
	};
}
