/**
 * Customers' names on this device: opened with the keys that are here, sealed with them, and never written down in the clear.
 *
 * 1. What cannot be opened has no name here; it is nobody's mistake, for the key may be on its way.
 * 2. Whoever was forgotten has no name, from the moment in which this device knows.
 * 3. Thousands are opened some at a time: in between, whoever holds this goes on with what else there is.
 * 4. A contact is written as its handle under the store's first secret, and looked for under all of them: two hubs may have made one apart.
 */
import { normalCard, normalEmail, normalPhone } from '#core/customer/contact.ts';
import { rootOf } from '#core/customer/group.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Cipher } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import { customerFields, type CustomerFields } from '#schemas/customer-fields.ts';
import type { CustomerId } from '#schemas/ids.ts';
import * as v from 'valibot';
import type { Keys } from './keys.ts';

export interface CustomersDeps {
	readonly keys: Pick<Keys, 'customer' | 'makeCustomer' | 'secrets'>;
	readonly cipher: Cipher;
	readonly ledger: Pick<Ledger, 'state'>;
}

export interface SealedCustomer {
	readonly customer: CustomerId;
	readonly sealed: string;
	readonly contacts: readonly string[];
}

export interface Customers {
	/** What was opened by the last `renew`. */
	fieldsOf(customer: CustomerId): CustomerFields | undefined;
	/** Opens what is new or was changed. */
	renew(): Promise<void>;
	/** For an intent; without a customer a new one is drawn. Undefined where this customer's key is not here. */
	seal(fields: CustomerFields, customer?: CustomerId): Promise<SealedCustomer | undefined>;
	/** Whose card, phone or address this is, of those who are not forgotten. */
	byContact(text: string): Promise<readonly CustomerId[]>;
}

const HANDLE_BYTES = 16;
/** Opening one costs about 0.1 ms beside what WebCrypto does in threads of its own: 6 ms, then the next message has its turn. */
const OPENED_AT_ONCE = 64;

export function createCustomers({ keys, cipher, ledger }: CustomersDeps): Customers {
	const opened = new Map<CustomerId, { readonly sealed: string; readonly fields: CustomerFields | undefined }>();
	/** One after another: who types on while names are opened has none opened twice. */
	let renewal: Promise<void> = Promise.resolve();

	async function open(customer: CustomerId, sealed: string): Promise<CustomerFields | undefined> {
		const key = keys.customer(customer);
		const plain = key && (await cipher.open(key, bytesOfHex(sealed)));
		const parsed = plain && v.safeParse(customerFields, decode(plain));
		return parsed?.success === true ? parsed.output : undefined;
	}

	async function openWhatChanged(): Promise<void> {
		const names = [...ledger.state.books.customers.names()];
		for (let from = 0; from < names.length; from += OPENED_AT_ONCE)
			await Promise.all(names.slice(from, from + OPENED_AT_ONCE).flatMap((name) => openChanged(name) ?? []));
	}

	/** Undefined: it is as it was. */
	function openChanged(customer: CustomerId): Promise<void> | undefined {
		const sealed = ledger.state.books.customers.get(customer)?.fields?.value.sealed;
		const before = opened.get(customer);
		if (sealed === undefined) opened.delete(customer);
		else if (before?.sealed !== sealed || before.fields === undefined)
			return open(customer, sealed).then((fields) => void opened.set(customer, { sealed, fields }));
		return undefined;
	}

	async function handle(secret: Uint8Array, contact: string): Promise<string> {
		// PIN hashes are made with the same secret: this one is for contacts alone.
		const ofContacts = await cipher.mac(secret, new TextEncoder().encode('holdfast contacts 1'));
		return hexOf(await cipher.mac(ofContacts, new TextEncoder().encode(contact))).slice(0, 2 * HANDLE_BYTES);
	}

	return {
		fieldsOf: (customer) => (keys.customer(customer) === undefined ? undefined : opened.get(customer)?.fields),
		renew: () => (renewal = renewal.then(openWhatChanged, openWhatChanged)),
		async seal(fields, known) {
			const key = known === undefined ? undefined : keys.customer(known);
			if (known !== undefined && key === undefined) return undefined;
			const made = known !== undefined && key !== undefined ? { customer: known, key } : await keys.makeCustomer();
			const [secret] = keys.secrets();
			const contacts = secret === undefined ? [] : await Promise.all(contactsOf(fields).map((contact) => handle(secret.bytes, contact)));
			return { customer: made.customer, sealed: hexOf(await cipher.seal(made.key, encode(fields))), contacts };
		},
		async byContact(text) {
			const contacts = [normalCard(text), normalEmail(text), normalPhone(text)].filter((one) => one !== undefined);
			const handles = await Promise.all(keys.secrets().flatMap(({ bytes }) => contacts.map((contact) => handle(bytes, contact))));
			const { customers, contacts: holders } = ledger.state.books;
			const now = handles.flatMap((one) =>
				(holders.get(one)?.customers ?? []).filter((customer) => customers.get(customer)?.fields?.value.contacts.includes(one) === true),
			);
			return [...new Set(now.map((customer) => rootOf(customers, customer)))];
		},
	};
}

function contactsOf({ phone, email, card }: CustomerFields): readonly string[] {
	return [
		phone === undefined ? undefined : normalPhone(phone),
		email === undefined ? undefined : normalEmail(email),
		card === undefined ? undefined : normalCard(card),
	].filter((contact) => contact !== undefined);
}
