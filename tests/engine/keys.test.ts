/** Devices of one store come to hold the same keys, and whoever is forgotten is forgotten everywhere, whoever had not heard. */
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createMemoryKeyTable } from '#adapters/entries-memory/key-table-memory.ts';
import { createCipher } from '#adapters/keys-webcrypto/cipher-webcrypto.ts';
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { issueCertificate } from '#engine/certify.ts';
import { createKeys, type Keys } from '#engine/keys.ts';
import { signBody } from '#engine/signed-body.ts';
import { createVerifier } from '#engine/verify.ts';
import type { Documents, KeyTable, Signer } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import type { CustomerId, DeviceId } from '#schemas/ids.ts';
import { directMessage, type DirectMessage } from '#schemas/wire/direct.ts';
import { KEY_PARTS, PART_HASH_HEX, type KeyRow } from '#schemas/wire/keys.ts';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { createManualTime, type ManualTime } from '../support/manual-time.ts';
import { openSealingShop, type SealingShop } from '../support/sealing-till.ts';
import { untilPasses } from '../support/eventually.ts';

interface Peer {
	readonly name: string;
	readonly keys: Keys;
	readonly table: KeyTable;
	readonly signer: Signer;
	readonly time: ManualTime;
	readonly forgotten: Set<CustomerId>;
	/** In the ledger. */
	readonly known: Set<CustomerId>;
	readonly removed: Set<DeviceId>;
	readonly sent: DirectMessage[];
	hear(message: DirectMessage, from: string): void;
	link(name: string, to: Pick<Peer, 'hear'> | undefined): void;
}

async function openPeer(
	shop: SealingShop,
	name: string,
	signer: Signer,
	introduced: readonly Signer[],
	table = createMemoryKeyTable(),
): Promise<Peer> {
	const digest = createDigest();
	const verifier = createVerifier({ digest, store: shop.store });
	for (const one of introduced) await verifier.chain(await issueCertificate(shop.certificate(one), shop.hub, shop.hubChain));
	const [forgotten, known, removed, time] = [new Set<CustomerId>(), new Set<CustomerId>(), new Set<DeviceId>(), createManualTime()];
	const state = {
		books: {
			customers: {
				get: (id: CustomerId) => (forgotten.has(id) ? { forgotten: true } : known.has(id) ? { forgotten: false } : undefined),
			},
		},
		devices: { get: (device: DeviceId) => (removed.has(device) ? { standing: 'revoked' } : undefined) },
	};
	const keys = createKeys({
		...{ table, cipher: createCipher(), digest, random: systemRandom, timers: time.timers, signer, verifier },
		ledger: { store: shop.store, state: state as never },
		onFailed(words) {
			throw new Error(words);
		},
	});
	const [direct, linked]: [Parameters<Documents['onDirect']>[0][], Parameters<Documents['onLinked']>[0][]] = [[], []];
	const others = new Map<string, Pick<Peer, 'hear'>>();
	const sent: DirectMessage[] = [];
	await keys.load();
	await keys.attach({
		onDirect: (listener) => direct.push(listener),
		onLinked: (listener) => linked.push(listener),
		sendTo(to, message) {
			sent.push(message);
			others.get(to)?.hear(v.parse(directMessage, decode(encode(message))), name);
		},
	});
	return {
		...{ name, keys, table, signer, time, forgotten, known, removed, sent },
		hear(message, from) {
			for (const listener of direct) listener(message, from);
		},
		link(to, other) {
			if (other === undefined) others.delete(to);
			else others.set(to, other);
			for (const listener of linked) listener(to, other !== undefined);
		},
	};
}

async function openThree() {
	const shop = await openSealingShop();
	const signers = await Promise.all([0, 1, 2].map(async () => signerOf(await generateSigningKey(false))));
	const [a, b, c] = (await Promise.all(signers.map((signer, index) => openPeer(shop, `peer ${index}`, signer, signers)))) as [Peer, Peer, Peer];
	return { shop, a, b, c };
}

async function settle(...peers: readonly Peer[]): Promise<void> {
	// Whoever asks is answered by the other, and tells a third.
	for (let round = 0; round < 4; round += 1) {
		for (const { time } of peers) await time.pass(600);
		for (const { keys } of peers) await keys.idle();
	}
}

async function meet(a: Peer, b: Peer): Promise<void> {
	a.link(b.name, b);
	b.link(a.name, a);
	await settle(a, b);
}

function part(a: Peer, b: Peer): void {
	a.link(b.name, undefined);
	b.link(a.name, undefined);
}

const ids = async ({ table }: Peer): Promise<readonly string[]> => (await table.rows()).map(([, id]) => id).sort();

test('keys that were made apart are on both disks after a meeting; a new one is told at once, and passed on', async () => {
	const { a, b, c } = await openThree();
	const [ada, bob] = [await a.keys.makeCustomer(), await b.keys.makeCustomer()];
	await meet(a, b);
	expect(await ids(a)).toEqual([ada.customer, bob.customer].sort());
	expect(await ids(b)).toEqual(await ids(a));
	expect(b.keys.customer(ada.customer)).toEqual(ada.key);
	await meet(b, c);
	expect(await ids(c)).toEqual(await ids(a));
	const eve = await a.keys.makeCustomer();
	for (const peer of [a, b, c]) await peer.keys.idle();
	expect([b, c].map(({ keys }) => keys.customer(eve.customer))).toEqual([eve.key, eve.key]);
});

test('two hubs that made a secret apart hold both, and write with the same one', async () => {
	const { a, b } = await openThree();
	const made = [(await a.keys.makeSecret()).id, (await b.keys.makeSecret()).id].sort();
	await meet(a, b);
	for (const { keys } of [a, b]) expect(keys.secrets().map(({ id }) => id)).toEqual(made);
});

test('a customer who was forgotten has no key anywhere, and a peer who had not heard brings none back', async () => {
	const { a, b, c } = await openThree();
	const [ada, bob] = [await a.keys.makeCustomer(), await a.keys.makeCustomer()];
	await meet(a, b);
	await meet(a, c);
	part(a, c);
	for (const peer of [a, b]) {
		peer.forgotten.add(ada.customer);
		await peer.keys.sweep();
	}
	expect(await ids(a)).toEqual([bob.customer]);
	expect(a.keys.customer(ada.customer)).toBeUndefined();
	// It was away, and still has the key: it offers it to whoever asks.
	await meet(c, b);
	expect(await ids(c)).toContain(ada.customer);
	expect(await ids(b)).toEqual([bob.customer]);
	c.forgotten.add(ada.customer);
	await c.keys.sweep();
	expect(await ids(c)).toEqual([bob.customer]);
});

test('a key that is being taken while the fact comes does not stay', async () => {
	const { a, b } = await openThree();
	const ada = await a.keys.makeCustomer();
	const add = b.table.add.bind(b.table);
	Object.assign(b.table, {
		async add(rows: readonly KeyRow[]) {
			await add(rows);
			b.forgotten.add(ada.customer); // And its sweep is over before the disk answers.
		},
	});
	await meet(a, b);
	expect(await ids(b)).toEqual([]);
	expect(b.keys.customer(ada.customer)).toBeUndefined();
});

test('a restart reads the disk, and deletes what was forgotten meanwhile', async () => {
	const { shop, a } = await openThree();
	const ada = await a.keys.makeCustomer();
	const again = await openPeer(shop, 'again', a.signer, [a.signer], a.table);
	expect(again.keys.customer(ada.customer)).toEqual(ada.key);
	again.forgotten.add(ada.customer);
	await again.keys.load();
	expect(await a.table.rows()).toEqual([]);
});

test('a relay, a stranger and a device that was removed get nothing, and nobody takes anything of theirs', async () => {
	const { shop, a, b } = await openThree();
	const ada = await a.keys.makeCustomer();
	const stranger = await signerOf(await generateSigningKey(false));
	const box = await createCipher().makeBox();
	const heard: DirectMessage[] = [];
	a.link('relay', { hear: (message) => heard.push(message) });
	const ask = async (signer: Signer, issuer = signer.device): Promise<void> => {
		const have = '0'.repeat(KEY_PARTS * PART_HASH_HEX);
		const body = { v: 1, what: 'want-keys', store: shop.store, issuer, box: hexOf(box.public), have, from: 0 };
		a.hear({ t: 'want-keys', id: 1, signed: hexOf(await signBody(body, signer)) }, 'relay');
		await a.keys.idle();
	};
	await ask(stranger);
	await ask(stranger, b.signer.device); // Under another's name.
	a.removed.add(b.signer.device);
	await ask(b.signer);
	const answers = (): DirectMessage[] => heard.filter(({ t }) => t === 'keys');
	expect(answers()).toEqual([]);
	a.removed.clear();
	await ask(b.signer);
	expect(answers()).toHaveLength(1);
	const said = answers()[0] as Extract<DirectMessage, { t: 'keys' }>;
	const [body = ''] = decode(bytesOfHex(said.signed)) as string[];
	const { sealed } = decode(bytesOfHex(body)) as { sealed: string };
	expect(decode((await box.open(bytesOfHex(sealed))) ?? new Uint8Array())).toEqual([['customer', ada.customer, hexOf(ada.key)]]);
	// The relay saw all of it, and finds neither the key nor the customer.
	expect(said.signed).not.toContain(hexOf(ada.key));
	expect(said.signed).not.toContain(ada.customer);

	await a.time.pass(600);
	await untilPasses(() => {
		expect(heard.map(({ t }) => t)).toContain('want-keys');
	});
	const asked = heard.find(({ t }) => t === 'want-keys') as Extract<DirectMessage, { t: 'want-keys' }>;
	const { box: to } = decode(bytesOfHex((decode(bytesOfHex(asked.signed)) as string[])[0] ?? '')) as { box: string };
	const planted = await rowUnderAnotherId(to);
	for (const signer of [stranger, a.signer]) {
		const answer = { v: 1, what: 'keys', store: shop.store, issuer: signer.device, to, sealed: planted };
		a.hear({ t: 'keys', id: 0, signed: hexOf(await signBody(answer, signer)) }, 'relay');
	}
	a.link('relay', undefined);
	await a.keys.idle();
	// Of the two only the one that a device of ours signed was read; and of its rows the one whose id is not its key's was left.
	expect(await ids(a)).toEqual([ada.customer]);
});

/** A key under an id that is not its own. */
async function rowUnderAnotherId(to: string): Promise<string> {
	const row: KeyRow = ['secret', '00'.repeat(16), '77'.repeat(32)];
	return hexOf(await createCipher().sealFor(bytesOfHex(to), encode([row])));
}

const keyOf = (index: number): string => index.toString(16).padStart(64, '0');
async function rowsOf(customers: number): Promise<readonly KeyRow[]> {
	const digest = createDigest();
	return Promise.all(
		Array.from({ length: customers }, async (_, index): Promise<KeyRow> => {
			const id = await digest.sha256(encode(['holdfast key', 'customer', keyOf(index)]));
			return ['customer', hexOf(id).slice(0, 32), keyOf(index)];
		}),
	);
}

test('6: of customers of whom nobody has heard so many keys are taken, and the rest once they are known', async () => {
	const shop = await openSealingShop();
	const signers = await Promise.all([0, 1].map(async () => signerOf(await generateSigningKey(false))));
	const rows = await rowsOf(20_100);
	const table = createMemoryKeyTable();
	await table.add(rows);
	const [full, empty] = [
		await openPeer(shop, 'full', signers[0] as Signer, signers, table),
		await openPeer(shop, 'empty', signers[1] as Signer, signers),
	];
	await meet(full, empty);
	expect((await ids(empty)).length).toBe(20_000);
	for (const [, id] of rows.slice(0, 500)) empty.known.add(id as CustomerId);
	part(full, empty);
	await meet(full, empty);
	expect(await ids(empty)).toEqual(await ids(full));
});

test('five thousand customers come in pages, and only what differs is told the next time', async () => {
	const shop = await openSealingShop();
	const signers = await Promise.all([0, 1].map(async () => signerOf(await generateSigningKey(false))));
	const table = createMemoryKeyTable();
	await table.add(await rowsOf(5_000));
	const [full, empty] = [
		await openPeer(shop, 'full', signers[0] as Signer, signers, table),
		await openPeer(shop, 'empty', signers[1] as Signer, signers),
	];
	await meet(full, empty);
	expect(await ids(empty)).toEqual(await ids(full));
	const pages = full.sent.filter(({ t }) => t === 'keys');
	expect(pages.length).toBeGreaterThan(2);
	for (const page of pages) expect(encode(page).length).toBeLessThan(256 * 1024);
	const before = full.sent.length;
	part(full, empty);
	await meet(full, empty);
	for (const message of full.sent.slice(before)) expect(encode(message).length).toBeLessThan(3_000);
});
