/** What a till knows of customers: names opened with the keys that are here, found by anything that is written of them, and nothing of whoever was forgotten. */
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createMemoryKeyTable } from '#adapters/entries-memory/key-table-memory.ts';
import { createCipher } from '#adapters/keys-webcrypto/cipher-webcrypto.ts';
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { createCustomers } from '#engine/customers.ts';
import { createKeys } from '#engine/keys.ts';
import type { Coverage } from '#projections/coverage.ts';
import { customerDetail, customerRow, customerRows } from '#projections/customers.ts';
import type { Cipher, KeyTable } from '#ports';
import type { CustomerFields } from '#schemas/customer-fields.ts';
import type { CustomerId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { sold } from '../support/facts.ts';
import { createManualTime } from '../support/manual-time.ts';
import { openFloor } from '../support/shop-floor.ts';
import { perform } from '../support/till-day.ts';

const coverage: Coverage = { atHost: () => true, inCloud: () => false, update: () => undefined };

async function openShop(table: KeyTable = createMemoryKeyTable(), floor = openFloor({ A: 10 }), ledger = floor.ledger()) {
	const real = createCipher();
	const atWork = { names: 0, most: 0, opened: 0 };
	const cipher: Cipher = {
		...real,
		async open(key, sealed) {
			atWork.most = Math.max(atWork.most, (atWork.names += 1));
			const plain = await real.open(key, sealed);
			atWork.names -= 1;
			atWork.opened += 1;
			return plain;
		},
	};
	const keys = createKeys({
		...{ table, cipher, digest: createDigest(), random: systemRandom, timers: createManualTime().timers, ledger },
		...{ signer: await signerOf(await generateSigningKey(false)), verifier: { certificateOf: () => undefined } },
		onFailed(words) {
			throw new Error(words);
		},
	});
	await keys.load();
	const customers = createCustomers({ keys, cipher, ledger });
	return {
		...{ floor, ledger, keys, customers, table, atWork },
		async writeDown(fields: Omit<CustomerFields, 'v'>): Promise<CustomerId> {
			const sealed = await customers.seal({ v: 1, ...fields });
			if (sealed === undefined) throw new Error('not sealed');
			perform(ledger, floor.till1, { intent: 'add-customer', ...sealed });
			return sealed.customer;
		},
		async find(text: string) {
			await customers.renew();
			return customerRows(ledger, customers.fieldsOf, text, 10).map(({ name }) => name);
		},
		async see(customer: CustomerId) {
			await customers.renew();
			return customerDetail(ledger, coverage, customers.fieldsOf, customer, 50);
		},
	};
}

const ADA = { name: 'Ada Lovelace', phone: '+44 20 7946 0018', email: 'Ada@Example.org', card: 'TIDE 0417' };

test('a customer is found by a part of anything that is written of them, however it is accented or cased', async () => {
	const shop = await openShop();
	await shop.keys.makeSecret();
	await shop.writeDown(ADA);
	await shop.writeDown({ name: 'Ørjan Sæther-Núñez' });
	for (const text of ['love', 'ADA', '7946', 'example.org', 'tide', 'lovelace ada']) expect(await shop.find(text)).toEqual(['Ada Lovelace']);
	expect(await shop.find('nunez')).toEqual(['Ørjan Sæther-Núñez']);
	expect(await shop.find('')).toEqual(['Ada Lovelace', 'Ørjan Sæther-Núñez']);
	expect(await shop.find('nobody')).toEqual([]);
});

test('a card, a phone and an address find their customer exactly, also under an older secret', async () => {
	const shop = await openShop();
	const made = [await shop.keys.makeSecret(), await shop.keys.makeSecret()];
	const ada = await shop.writeDown(ADA);
	for (const text of ['tide0417', '+44 (0)20 79460018', 'ada@example.ORG']) expect(await shop.customers.byContact(text)).toEqual([ada]);
	expect(await shop.customers.byContact('TIDE 0418')).toEqual([]);
	// Other hubs' secrets come until one is before the one that the handles were made with.
	const [used] = shop.keys.secrets();
	while (shop.keys.secrets()[0]?.id === used?.id) made.push(await shop.keys.makeSecret());
	expect(await shop.customers.byContact('tide0417')).toEqual([ada]);
	// A number that somebody changed is theirs no more.
	const row = customerRow(shop.ledger, shop.customers.fieldsOf, ada);
	const sealed = await shop.customers.seal({ v: 1, name: 'Ada King' }, ada);
	perform(shop.ledger, shop.floor.till1, { intent: 'edit-customer', ...(sealed as NonNullable<typeof sealed>), replaces: row.replaces });
	expect(await shop.customers.byContact('tide0417')).toEqual([]);
	expect(await shop.find('king')).toEqual(['Ada King']);
});

test('nothing of a name is in what is sealed, and without the key there is none', async () => {
	const shop = await openShop();
	await shop.keys.makeSecret();
	const ada = await shop.writeDown(ADA);
	const text = shop.floor.shop.entries.map(({ sealed }) => Buffer.from(sealed).toString('latin1')).join('');
	for (const word of ['Ada', 'Lovelace', '7946', 'xample']) expect(text).not.toContain(word);
	const without = await openShop(createMemoryKeyTable(), shop.floor, shop.ledger);
	expect(await without.see(ada)).toMatchObject({ state: 'no-key', phone: '', creditMinor: 0 });
	expect(await without.customers.seal({ v: 1, name: 'Ada' }, ada)).toBeUndefined();
	// The key comes later, with nothing else.
	await without.table.add(await shop.table.rows());
	await without.keys.load();
	expect(await without.see(ada)).toMatchObject({ state: 'known', name: 'Ada Lovelace' });
});

test('credit and receipts of everybody who turned out to be this customer are one history', async () => {
	const shop = await openShop();
	const [ada, twin] = [await shop.writeDown(ADA), await shop.writeDown({ name: 'A. Lovelace' })];
	const { till1 } = shop.floor;
	perform(shop.ledger, till1, { intent: 'give-credit', customer: twin, amountMinor: 500, reason: 'goodwill' });
	shop.ledger.add([till1.does([{ ...sold([['A', 1, 100]], till1.receipt()), v: 2, customer: ada }])]);
	perform(shop.ledger, till1, { intent: 'merge-customers', customer: twin, into: ada });
	expect(await shop.see(twin)).toMatchObject({
		...{ customer: ada, name: 'Ada Lovelace', creditMinor: 500 },
		...{ moves: [{ amountMinor: 500, reason: 'Goodwill' }], receipts: [{ totalMinor: 100 }] },
	});
	expect(await shop.find('lovelace')).toEqual(['Ada Lovelace']);
});

test('whoever is forgotten is in no list and has no name; what was bought and the credit stay', async () => {
	const shop = await openShop();
	const ada = await shop.writeDown(ADA);
	const { till1 } = shop.floor;
	shop.ledger.add([till1.does([{ ...sold([['A', 1, 100]], till1.receipt()), v: 2, customer: ada }])]);
	await shop.customers.renew();
	perform(shop.ledger, till1, { intent: 'forget-customer', customer: ada });
	// In the very moment, before any disk has been written.
	expect(shop.customers.fieldsOf(ada)).toBeUndefined();
	await shop.keys.sweep();
	expect(await shop.table.rows()).toEqual([]);
	expect(await shop.find('')).toEqual([]);
	const seen = await shop.see(ada);
	expect(seen).toMatchObject({ state: 'forgotten', phone: '', receipts: [{ totalMinor: 100 }] });
	expect(seen).not.toHaveProperty('name');
	expect(await shop.customers.byContact('tide0417')).toEqual([]);
});

test('hundreds of names are opened some at a time, and once, however fast somebody types', async () => {
	const shop = await openShop();
	for (let n = 0; n < 200; n += 1) await shop.writeDown({ name: `Customer ${n}` });
	expect(await Promise.all(['150', 'customer 199'].map((text) => shop.find(text)))).toEqual([['Customer 150'], ['Customer 199']]);
	expect(shop.atWork.opened).toBe(200);
	expect(shop.atWork.most).toBeLessThanOrEqual(64);
});
