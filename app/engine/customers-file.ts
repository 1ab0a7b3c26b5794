/**
 * Customers from a file, one intent each.
 *
 * 1. Whoever has the row's card, address or phone is that customer: what the row says otherwise is changed, what it says nothing of stays.
 * 2. The same file again doubles nobody: a row that finds no customer has a key that derives from the file and the row, and one that changes somebody from what it
 *    replaces, too. Whoever has neither card nor address, nor a phone with its country, is found by no other file, which adds them anew.
 * 3. Where one cannot be written down the rest waits for the next try.
 */
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { fingerprint } from '#core/import/chunks.ts';
import type { CustomerDraft } from '#core/import/customers-csv.ts';
import { isRefusal, type Refusal } from '#core/intent.ts';
import type { Vault } from '#ports';
import type { CustomerId, EntryHash, IntentKey } from '#schemas/ids.ts';
import type { Commands, Trouble } from './commands.ts';

const FIELDS = ['name', 'phone', 'email', 'card', 'note'] as const;

/** A customer as this till knows them; empty or absent: there is none. */
export interface KnownCustomer extends Readonly<Partial<Record<(typeof FIELDS)[number], string>>> {
	readonly customer: CustomerId;
	readonly state: 'known' | 'no-key' | 'forgotten';
	readonly replaces: readonly EntryHash[];
}

export interface CustomersFileDeps {
	readonly saveCustomer: Commands['saveCustomer'];
	/** Whose card, phone or address this is. */
	readonly byContact: (text: string) => Promise<readonly KnownCustomer[]>;
}

export interface CustomersBrought {
	readonly added: number;
	readonly changed: number;
	/** As they were, written down by an earlier try, or known by a key that is not here. */
	readonly left: number;
}

export async function importCustomers(
	{ saveCustomer, byContact }: CustomersFileDeps,
	fileHash: string,
	drafts: readonly CustomerDraft[],
	onProgress: (done: number, of: number) => void,
): Promise<CustomersBrought | Refusal | Trouble> {
	const brought = { added: 0, changed: 0, left: 0 };
	for (const [place, { line, fields }] of drafts.entries()) {
		const keyOf = (row: unknown): IntentKey => `customers:${fileHash}:${line}:${fingerprint(JSON.stringify(row))}` as IntentKey;
		const known = await knownBy(fields, byContact);
		if (known === undefined) {
			const done = await saveCustomer(fields, keyOf(fields));
			if (isRefusal(done) || 'trouble' in done) return done;
			brought[done.again ? 'left' : 'added'] += 1;
		} else if (known.state !== 'known' || FIELDS.every((field) => fields[field] === undefined || fields[field] === known[field])) {
			brought.left += 1;
		} else {
			const before = Object.fromEntries(FIELDS.flatMap((field) => ((known[field] ?? '') === '' ? [] : [[field, known[field]]])));
			const done = await saveCustomer({ ...before, ...fields }, keyOf([fields, known.replaces]), {
				customer: known.customer,
				replaces: known.replaces,
			});
			if (isRefusal(done) || 'trouble' in done) return done;
			brought[done.again ? 'left' : 'changed'] += 1;
		}
		onProgress(place + 1, drafts.length);
	}
	return brought;
}

/** The card is the shop's own number, and an address is more one person's than a phone is. */
async function knownBy(
	{ card, email, phone }: CustomerDraft['fields'],
	byContact: CustomersFileDeps['byContact'],
): Promise<KnownCustomer | undefined> {
	for (const contact of [card, email, phone]) {
		const [row] = contact === undefined ? [] : await byContact(contact);
		if (row !== undefined) return row;
	}
	return undefined;
}

/** Whom an earlier try wrote down under this key. */
export async function recordedCustomer(vault: Pick<Vault, 'entriesByKey'>, key: IntentKey): Promise<CustomerId | undefined> {
	for (const sealed of await vault.entriesByKey(key)) {
		const body = splitSealed(sealed)?.body;
		const decoded = body === undefined ? undefined : decodeBody(body);
		if (decoded === undefined || 'damaged' in decoded) continue;
		for (const fact of decoded.facts)
			if (!('raw' in fact) && (fact.type === 'customer.created' || fact.type === 'customer.edited')) return fact.customer;
	}
	return undefined;
}
