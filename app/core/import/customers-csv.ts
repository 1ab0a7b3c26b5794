/**
 * Customers from a CSV file that some other program wrote: rows of texts in, drafts and every bad row out.
 *
 * 1. A bad row is named by its line and what is wrong with it, and never stops the rest.
 * 2. A phone, an address or a card stands once in a file; the second row of it is bad, because nobody can know whose it is.
 * 3. What is read fits what is encrypted (`schemas/customer-fields.ts`). An empty cell says nothing.
 */
import { normalCard, normalEmail, normalPhone } from '#core/customer/contact.ts';
import { plainCell } from '#core/csv.ts';
import type { CustomerFields } from '#schemas/customer-fields.ts';
import { unread, type BadRow, type RowProblem } from './row-problem.ts';

export interface CustomerDraft {
	/** In the file, from 1. */
	readonly line: number;
	readonly fields: Omit<CustomerFields, 'v'>;
}

export interface CustomerFile {
	readonly customers: readonly CustomerDraft[];
	readonly badRows: readonly BadRow[];
}

/** As in `products-csv.ts`. A first and a last name are read where no column has the whole of it. */
const COLUMNS = {
	name: ['name', 'customername', 'fullname', 'customer', 'displayname', 'company'],
	firstName: ['firstname', 'givenname', 'forename'],
	lastName: ['lastname', 'surname', 'familyname'],
	phone: ['phone', 'phonenumber', 'telephone', 'tel', 'mobile', 'mobilephone', 'cell'],
	email: ['email', 'emailaddress', 'mail'],
	card: ['card', 'cardnumber', 'customercard', 'loyaltycard', 'membershipnumber'],
	note: ['note', 'notes', 'comment', 'comments', 'remark'],
} as const;
type Column = keyof typeof COLUMNS;

/** As the encrypted fields have it. */
const MOST = { name: 120, phone: 40, email: 254, card: 64, note: 500 } as const;

/** `rows` are the file's records in order, the header first. */
export function customersOfCsv(rows: readonly (readonly string[])[]): CustomerFile {
	const header = (rows[0] ?? []).map((title) => title.toLowerCase().replace(/[^\p{L}\d]/gu, ''));
	const places = new Map<Column, number>();
	for (const [column, names] of Object.entries(COLUMNS) as [Column, readonly string[]][]) {
		const place = names.map((name) => header.indexOf(name)).find((found) => found >= 0);
		if (place !== undefined) places.set(column, place);
	}
	if (!places.has('name') && !places.has('firstName') && !places.has('lastName'))
		return { customers: [], badRows: [{ line: 1, why: { problem: 'columns-missing', columns: ['name'] } }] };
	const titleOf = (column: Column): string => (rows[0]?.[places.get(column) ?? -1] ?? column).trim();
	const customers: CustomerDraft[] = [];
	const badRows: BadRow[] = [];
	const lineOfContact = new Map<string, number>();
	for (const [place, cells] of rows.slice(1).entries()) {
		if (cells.every((cell) => cell.trim() === '')) continue;
		const line = place + 2;
		const fields = fieldsOf((column) => plainCell((cells[places.get(column) ?? -1] ?? '').trim()), titleOf);
		const why = 'problem' in fields ? fields : twice(fields, line, lineOfContact, titleOf);
		if (why !== undefined) badRows.push({ line, why });
		else if (!('problem' in fields)) customers.push({ line, fields });
	}
	return { customers, badRows };
}

function fieldsOf(cell: (column: Column) => string, titleOf: (column: Column) => string): CustomerDraft['fields'] | RowProblem {
	const whole = cell('name') === '' ? `${cell('firstName')} ${cell('lastName')}` : cell('name');
	const texts = { name: whole.replace(/\s+/gu, ' ').trim(), phone: cell('phone'), email: cell('email'), card: cell('card'), note: cell('note') };
	if (texts.name === '') return { problem: 'empty', column: titleOf('name') };
	for (const [column, most] of Object.entries(MOST) as [keyof typeof MOST, number][])
		if (texts[column].length > most) return { problem: 'too-long', column: titleOf(column), most };
	if (texts.email !== '' && normalEmail(texts.email) === undefined) return unread('email-wrong', texts.email);
	if (/^\d([.,]\d+)?E\+?\d+$/i.test(texts.phone)) return unread('phone-shortened', texts.phone);
	const { name, ...rest } = texts;
	return { name, ...Object.fromEntries(Object.entries(rest).filter(([, text]) => text !== '')) };
}

function twice(
	{ phone, email, card }: CustomerDraft['fields'],
	line: number,
	lineOfContact: Map<string, number>,
	titleOf: (column: Column) => string,
): RowProblem | undefined {
	const contacts = [
		{ column: 'phone', text: phone, contact: phone === undefined ? undefined : (normalPhone(phone) ?? phone) },
		{ column: 'email', text: email, contact: email === undefined ? undefined : normalEmail(email) },
		{ column: 'card', text: card, contact: card === undefined ? undefined : (normalCard(card) ?? card) },
	] as const;
	for (const { column, text, contact } of contacts) {
		const before = contact === undefined ? undefined : lineOfContact.get(`${column} ${contact}`);
		if (before !== undefined) return { problem: 'contact-twice', column: titleOf(column), text: text ?? '', before };
	}
	for (const { column, contact } of contacts) if (contact !== undefined) lineOfContact.set(`${column} ${contact}`, line);
	return undefined;
}
