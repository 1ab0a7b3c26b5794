/** The numbered invariants of `engine/customers-file.ts`. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { importCustomers, recordedCustomer, type KnownCustomer } from '#engine/customers-file.ts';
import type { CustomerDraft } from '#core/import/customers-csv.ts';
import type { CustomerId, EntryHash, IntentKey } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { customerCreated, customerEdited, customerId } from '../support/customer-facts.ts';
import { openSealingShop } from '../support/sealing-till.ts';

type Fields = CustomerDraft['fields'];

/** Customers that were written down, by key; a key that comes again writes nothing. */
function shop(most = Infinity) {
	const written = new Map<IntentKey, CustomerId>();
	const known = new Map<CustomerId, Fields>();
	const deps = {
		saveCustomer(fields: Fields, key: IntentKey, edits?: { readonly customer: CustomerId }) {
			const before = written.get(key);
			if (before !== undefined) return Promise.resolve({ customer: before, again: true });
			if (known.size >= most) return Promise.resolve({ trouble: 'storage-full', detail: 'full' } as const);
			const customer = edits?.customer ?? (`c${written.size + 1}` as CustomerId);
			written.set(key, customer);
			known.set(customer, fields);
			return Promise.resolve({ customer, again: false });
		},
		byContact: (text: string) =>
			Promise.resolve(
				[...known].flatMap(([customer, fields]): KnownCustomer[] =>
					[fields.card, fields.email, fields.phone].includes(text) ? [rowOf(customer, fields)] : [],
				),
			),
	};
	return { deps, known };
}

function rowOf(customer: CustomerId, { name, phone = '', email = '', card = '', note = '' }: Fields): KnownCustomer {
	return { customer, state: 'known', name, phone, email, card, note, replaces: [`e-${customer}` as EntryHash] };
}

const drafts = (...fields: readonly Fields[]): readonly CustomerDraft[] => fields.map((one, place) => ({ line: place + 2, fields: one }));
const FILE = drafts({ name: 'Ada', card: 'A1', note: 'likes rye' }, { name: 'Grace' });

test('2: the same file again doubles nobody, with a contact or without', async () => {
	const { deps, known } = shop();
	const steps: string[] = [];
	const note = (done: number, of: number): void => void steps.push(`${done}/${of}`);
	expect(await importCustomers(deps, 'hash', FILE, note)).toEqual({ added: 2, changed: 0, left: 0 });
	expect(steps).toEqual(['1/2', '2/2']);
	expect(await importCustomers(deps, 'hash', FILE, note)).toEqual({ added: 0, changed: 0, left: 2 });
	expect([...known.values()].map(({ name }) => name)).toEqual(['Ada', 'Grace']);
});

test('2: whom an earlier try wrote down is known by the key, however it was written', async () => {
	const vault = createMemoryVault();
	const till = await (await openSealingShop()).till({ vault });
	for (const [key, fact] of [
		['a row that was added', customerCreated('Ada', 'A1')],
		['a row that changed somebody', customerEdited('Grace', [])],
	] as const)
		expect(await till.commit({ key: key as IntentKey, decide: () => ({ branch: [], store: [fact], takesReceipt: false }) })).toHaveProperty(
			'entries',
		);
	await till.sell('no customer at all');
	const known = (key: string): Promise<CustomerId | undefined> => recordedCustomer(vault, key as IntentKey);
	expect(await known('a row that was added')).toBe(customerId('Ada'));
	expect(await known('a row that changed somebody')).toBe(customerId('Grace'));
	expect([await known('no customer at all'), await known('a row of tomorrow')]).toEqual([undefined, undefined]);
});

test('1: who has the contact is changed where the row says otherwise, and keeps what it says nothing of', async () => {
	const { deps, known } = shop();
	await importCustomers(deps, 'hash', FILE, () => undefined);
	const next = drafts({ name: 'Ada Lovelace', card: 'A1', email: 'ada@tide.example' });
	expect(await importCustomers(deps, 'other', next, () => undefined)).toEqual({ added: 0, changed: 1, left: 0 });
	expect(known.get('c1' as CustomerId)).toEqual({ name: 'Ada Lovelace', card: 'A1', email: 'ada@tide.example', note: 'likes rye' });
});

test('1: the same file after somebody was changed at the counter says again what it said', async () => {
	const { deps, known } = shop();
	await importCustomers(deps, 'hash', FILE, () => undefined);
	known.set('c1' as CustomerId, { name: 'Ada', card: 'A1', note: 'likes wheat' });
	expect(await importCustomers(deps, 'hash', FILE, () => undefined)).toEqual({ added: 0, changed: 1, left: 1 });
	expect(known.get('c1' as CustomerId)?.note).toBe('likes rye');
});

test('3: where one cannot be written down the reason is given, and the next try goes on', async () => {
	const { deps, known } = shop(1);
	expect(await importCustomers(deps, 'hash', FILE, () => undefined)).toMatchObject({ trouble: 'storage-full' });
	expect(known.size).toBe(1);
});
