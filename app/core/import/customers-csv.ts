/**
 * Customers from a CSV file that some other program wrote: rows of texts in, drafts and every bad row out.
 *
 * 1. A bad row is named by its line and what is wrong with it, and never stops the rest.
 * 2. A phone, an address or a card stands once in a file; the second row of it is bad, because nobody can know whose it is.
 * 3. What is read fits what is encrypted (`schemas/customer-fields.ts`). An empty cell says nothing.
 */
import { normalCard, normalEmail, normalPhone } from '#core/customer/contact.ts';
import { MOST_CHARACTERS, type CustomerFields } from '#schemas/customer-fields.ts';
import { columnsOf } from './columns.ts';
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

/** A first and a last name are read where no column has the whole of it. */
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

/** `rows` are the file's records in order, the header first. */
export function customersOfCsv(rows: readonly (readonly string[])[]): CustomerFile {
	const { places, titleOf, cellOf } = columnsOf<Column>(rows[0] ?? [], COLUMNS);
	if (!places.has('name') && !places.has('firstName') && !places.has('lastName'))
		return { customers: [], badRows: [{ line: 1, why: { problem: 'columns-missing', columns: ['name'] } }] };
	const customers: CustomerDraft[] = [];
	const badRows: BadRow[] = [];
	const lineOfContact = new Map<string, number>();
	for (const [place, cells] of rows.slice(1).entries()) {
		if (cells.every((cell) => cell.trim() === '')) continue;
		const line = place + 2;
		const fields = fieldsOf((column) => cellOf(cells, column), titleOf);
		if ('problem' in fields) {
			badRows.push({ line, why: fields });
			continue;
		}
		const why = twice(fields, line, lineOfContact, titleOf);
		if (why === undefined) customers.push({ line, fields });
		else badRows.push({ line, why });
	}
	return { customers, badRows };
}

function fieldsOf(cell: (column: Column) => string, titleOf: (column: Column) => string): CustomerDraft['fields'] | RowProblem {
	const whole = cell('name') === '' ? `${cell('firstName')} ${cell('lastName')}` : cell('name');
	const texts = { name: whole.replace(/\s+/gu, ' ').trim(), phone: cell('phone'), email: cell('email'), card: cell('card'), note: cell('note') };
	if (texts.name === '') return { problem: 'empty', column: titleOf('name') };
	for (const [column, most] of Object.entries(MOST_CHARACTERS) as [keyof typeof MOST_CHARACTERS, number][])
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
