/** Newcomers begin from a checkpoint that somebody signed: at once, and as that one's word until it is recomputed. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { issueCertificate } from '#engine/certify.ts';
import { openOffer } from '#engine/signed-checkpoint.ts';
import type { EntryStore, Signer } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import type { BranchId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import { HUB_RIGHTS } from '#schemas/rights.ts';
import { afterEach, expect, test } from 'vitest';
import { altered } from '../support/altered.ts';
import { eventually } from '../support/eventually.ts';
import { meet, openLinked, type LinkedOptions, type LinkedReplica } from '../support/linked-replicas.ts';
import { openSealingShop, type SealingTill } from '../support/sealing-till.ts';
import { newSigner, relayRenewed, relayUnder } from '../support/successions.ts';
import { writingHub } from '../support/writing-hub.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW_MS = 1_800_000_000_000;
const shop = await openSealingShop();
const digest = createDigest();
const stops: LinkedReplica[] = [];

afterEach(async () => {
	for (const { replica } of stops.splice(0)) await replica.close();
});

async function open(name: string, options: LinkedOptions = {}): Promise<LinkedReplica> {
	const peer = await openLinked(shop, name, { nowMs: NOW_MS, ...options });
	stops.push(peer);
	return peer;
}

/** So many sales long ago, and so many yesterday. */
async function seller(old: number, recent: number): Promise<SealingTill> {
	let nowMs = NOW_MS - 60 * DAY_MS;
	const till = await shop.till({ vault: createMemoryVault(), nowMs: () => nowMs });
	const sell = async (n: number): Promise<void> => {
		nowMs += 60_000;
		await till.sell(`${till.signer.device.slice(0, 8)}-${n}`);
	};
	for (let n = 0; n < old; n += 1) await sell(n);
	nowMs = NOW_MS - DAY_MS;
	for (let n = 0; n < recent; n += 1) await sell(old + n);
	return till;
}

/** A hub that has signed what is old. */
async function hubWith(till: SealingTill, options: LinkedOptions = {}): Promise<LinkedReplica> {
	const hub = await open('hub', { tills: [till], signs: { tier: 'host', signer: shop.hub }, ...options });
	await hub.time.pass(61_000);
	await eventually(async () => ((await hub.entryStore.getCache('checkpoint'))?.length ?? 0) > 0, 'the hub has cut');
	return hub;
}

const begun = (peer: LinkedReplica) => () => peer.replica.findings().adopted !== undefined;
const takings = ({ ledger }: LinkedReplica): number =>
	[...new Set(ledger.chains().map(({ device }) => device))].reduce(
		(sum, device) => sum + (ledger.state.books.zs.get(device)?.open.cashInMinor ?? 0),
		0,
	);

test('a till that is new begins from what the hub signed: all figures, none of the old entries, and it says whose word they are', async () => {
	const till = await seller(40, 3);
	const hub = await hubWith(till);
	const fresh = await open('fresh');
	await meet(hub, fresh);
	await eventually(begun(fresh), 'begun');
	await eventually(() => fresh.ledger.state.sales.size === 3, 'what came after');
	expect(takings(fresh)).toBe(43 * 250);
	expect(fresh.ledger.marks()).toEqual(hub.ledger.marks());
	expect(await fresh.entryStore.chain(till.signer.device, 'branch', 1, 50)).toHaveLength(3);
	expect(fresh.replica.findings()).toMatchObject({ adopted: { issuer: shop.hub.device, agreedBy: [] }, recalculating: false, damaged: [] });
	expect(fresh.ledger.deps.checkpoint?.last.header.seq).toBe(40);
});

test('after a restart it is still that one’s word', async () => {
	const till = await seller(10, 1);
	const hub = await hubWith(till);
	const fresh = await open('fresh');
	await meet(hub, fresh);
	await eventually(() => begun(fresh)() && fresh.ledger.state.sales.size === 1, 'begun');
	const again = await open('again', { entryStore: fresh.entryStore });
	expect(again.replica.findings().adopted?.issuer).toBe(shop.hub.device);
	expect(takings(again)).toBe(11 * 250);
});

test('a new hub begins from it too, fetches what lies below, and recomputes it', async () => {
	const till = await seller(300, 3);
	const hub = await hubWith(till);
	const { signer, chain } = await otherHub();
	const fresh = await open('fresh', { signs: { tier: 'host', signer } });
	await fresh.replica.takeChain(chain);
	await meet(hub, fresh);
	await eventually(() => fresh.ledger.state.sales.size === 3, 'what came after');
	await fresh.time.pass(60_000);
	await eventually(async () => (await fresh.entryStore.chain(till.signer.device, 'branch', 1, 1000)).length === 303, 'the whole record');
	await fresh.time.pass(60_000);
	await eventually(() => fresh.replica.findings().adopted === undefined, 'recomputed');
	expect(fresh.replica.findings().damaged).toEqual([]);
	expect(takings(fresh)).toBe(303 * 250);
	const again = await open('again', { entryStore: fresh.entryStore });
	expect(again.replica.findings().adopted).toBeUndefined();
	expect(takings(again)).toBe(303 * 250);
});

test('something that needs history is fetched for it, and folded from the first day', async () => {
	const till = await seller(20, 1);
	const hub = await hubWith(till);
	const fresh = await open('fresh');
	await meet(hub, fresh);
	await eventually(() => begun(fresh)() && fresh.ledger.state.sales.size === 1, 'begun');
	const alone = await seller(2, 0);
	await fresh.replica.takeChain(alone.chain);
	fresh.replica.take(alone.told.map(({ sealed }) => ({ bytes: sealed, route: 'document', source: 'a segment' })));
	await fresh.replica.idle();
	expect(fresh.replica.findings().recalculating).toBe(true);
	await fresh.time.pass(60_000);
	await eventually(() => fresh.ledger.state.sales.size === 23, 'all sales there have been');
	expect(fresh.replica.findings()).toMatchObject({ adopted: undefined, recalculating: false, damaged: [] });
});

test('a second signer that holds the same agrees, and one that does not is a finding', async () => {
	const till = await seller(20, 2);
	const [one, two] = [await hubWith(till), await otherHub()];
	const agreeing = await open('agreeing', { tills: [till], signs: { tier: 'host', signer: two.signer } });
	await agreeing.replica.takeChain(two.chain);
	await agreeing.time.pass(61_000);
	await eventually(async () => ((await agreeing.entryStore.getCache('checkpoint'))?.length ?? 0) > 0, 'it has cut, too');
	const fresh = await open('fresh');
	await fresh.replica.takeChain(two.chain);
	await meet(one, fresh);
	await eventually(begun(fresh), 'begun');
	await meet(agreeing, fresh);
	await eventually(() => fresh.replica.findings().adopted?.agreedBy.includes(two.signer.device) === true, 'both say the same');

	const other = await open('other');
	await other.replica.takeChain(two.chain);
	await meet(one, other);
	await eventually(begun(other), 'begun');
	const offer = await openOffer(bytesOfHex(signedIn(one.sent)), digest);
	if (offer === undefined) throw new Error('no offer');
	const body = encode({ ...offer.offer, issuer: two.signer.device, hash: '00'.repeat(32) });
	const signed = hexOf(encode([hexOf(body), hexOf(await two.signer.sign(body))]));
	const answers = async (name: string, said: string): Promise<void> => {
		const asked = other.sent.length;
		other.link(name, { ...one, hear: () => undefined });
		await eventually(() => other.sent.length > asked, 'it asks');
		const want = other.sent.findLast((message) => message.t === 'want-checkpoint');
		other.hear({ t: 'checkpoint', id: want?.id ?? 0, signed: said, part: 0, parts: 1, chains: [], bytes: '' }, name);
		for (let turn = 0; turn < 20; turn += 1) await new Promise((go) => setTimeout(go));
	};
	// Whoever signs in the other's name, by a key that he says is its, is heard by nobody.
	const poser = await newSigner();
	const posed = encode({ ...(decode(body) as object), key: poser.device });
	await answers('posing', hexOf(encode([hexOf(posed), hexOf(await poser.sign(posed))])));
	expect(other.replica.findings().damaged).toEqual([]);
	// Nor is a key that nobody has certified, whether it says the same or something else.
	for (const hash of [offer.offer.hash, '00'.repeat(32)]) {
		const said = encode({ ...offer.offer, issuer: poser.device, hash });
		await answers(`nobody, ${hash}`, hexOf(encode([hexOf(said), hexOf(await poser.sign(said))])));
		expect(other.replica.findings()).toMatchObject({ adopted: { agreedBy: [] }, damaged: [] });
	}
	await answers('lying', signed);
	await eventually(() => other.replica.findings().damaged.some(({ reason }) => reason.startsWith('two signers hold different figures')), 'found');
});

test('bytes that were changed on the way, or signed by somebody who may not, begin nothing; everything comes by itself', async () => {
	const till = await seller(20, 1);
	const changed = await hubWith(till, {
		sends: (message) => (message.t === 'checkpoint' && message.part === 1 ? { ...message, bytes: altered(message.bytes) } : message),
	});
	const fresh = await open('fresh');
	await meet(changed, fresh);
	await eventually(() => fresh.ledger.state.sales.size === 21, 'every sale, by catch-up');
	expect(fresh.replica.findings()).toMatchObject({ adopted: undefined, damaged: [] });

	const stranger = await signerOf(await generateSigningKey(false));
	const posing = await open('posing', { tills: [till], signs: { tier: 'host', signer: stranger } });
	await posing.time.pass(61_000);
	await eventually(async () => ((await posing.entryStore.getCache('checkpoint'))?.length ?? 0) > 0, 'it has cut');
	const second = await open('second');
	await meet(posing, second);
	await eventually(() => second.ledger.state.sales.size === 21, 'every sale, by catch-up');
	expect(second.replica.findings().adopted).toBeUndefined();
});

test('a hub of another branch speaks for no figures of this one', async () => {
	const till = await seller(20, 1);
	for (const [branch, isBelieved] of [['5a'.repeat(16) as BranchId, false] as const, [shop.branch, true] as const]) {
		const { signer, chain } = await otherHub(branch);
		const hub = await open('hub', { tills: [till], signs: { tier: 'host', signer } });
		await hub.time.pass(61_000);
		await eventually(async () => ((await hub.entryStore.getCache('checkpoint'))?.length ?? 0) > 0, 'it has cut');
		const fresh = await open('fresh');
		expect(await fresh.replica.takeChain(chain)).toMatchObject({ branch });
		await meet(hub, fresh);
		await eventually(() => takings(fresh) === 21 * 250, 'all figures');
		expect(fresh.ledger.state.sales.size).toBe(isBelieved ? 1 : 21);
	}
});

test('a newcomer begins from what a relay signed under the key that it renewed to, and from nothing under the one that it gave up', async () => {
	const till = await seller(20, 0);
	const { write, ...hub } = await writingHub(shop, () => NOW_MS - 60 * DAY_MS);
	const [first, next] = [await newSigner(), await newSigner()];
	await write({ type: 'relay.joined', v: 1, relay: first.device, url: 'wss://relay.example', name: 'Cloud' });
	await write(await relayRenewed({ relay: first.device, before: first, next }));
	for (const [signer, isBelieved] of [[first, false] as const, [relayUnder(first, next), true] as const]) {
		const relay = await open('relay', { tills: [till, hub], signs: { tier: 'cloud', signer } });
		await relay.time.pass(61_000);
		await eventually(async () => ((await relay.entryStore.getCache('checkpoint'))?.length ?? 0) > 0, 'the relay has cut');
		const fresh = await open('fresh');
		await meet(relay, fresh);
		await eventually(() => takings(fresh) === 20 * 250, 'all figures');
		expect(fresh.ledger.state.sales.size).toBe(isBelieved ? 0 : 20);
		expect(fresh.replica.findings().adopted?.issuer).toBe(isBelieved ? first.device : undefined);
	}
});

test('a newcomer that has heard of a renewal begins from nothing under the key before, though a checkpoint says that there was none', async () => {
	const till = await seller(20, 0);
	const hub = await writingHub(shop, () => NOW_MS - 60 * DAY_MS);
	const [first, next] = [await newSigner(), await newSigner()];
	await hub.write({ type: 'relay.joined', v: 1, relay: first.device, url: 'wss://relay.example', name: 'Cloud' });
	const relay: LinkedOptions = { tills: [till, { ...hub, told: [...hub.told] }], signs: { tier: 'cloud', signer: first } };
	const honest = await open('relay', relay);
	await honest.time.pass(61_000);
	await eventually(async () => ((await honest.entryStore.getCache('checkpoint'))?.length ?? 0) > 0, 'the relay has cut');
	const renewed = await hub.write(await relayRenewed({ relay: first.device, before: first, next }));
	const entryStore = createMemoryEntryStore();
	const document = decode((await honest.entryStore.getCache('checkpoint')) ?? new Uint8Array()) as { readonly chains: readonly Mark[] };
	const chains = document.chains.map((end) => (end.device === shop.hub.device ? { ...end, seq: renewed.header.seq, hash: renewed.hash } : end));
	await entryStore.setCache('checkpoint', encode({ ...document, chains }));
	for (const hasHeard of [false, true]) {
		const lying = await open('relay', { ...relay, entryStore });
		await lying.time.pass(61_000);
		const fresh = await open('fresh');
		await fresh.replica.takeChain(shop.hubChain);
		if (hasHeard) fresh.replica.take(hub.told.map(({ sealed }) => ({ bytes: sealed, route: 'document', source: 'a segment' })));
		await fresh.replica.idle();
		await meet(lying, fresh);
		await eventually(() => takings(fresh) === 20 * 250, 'all figures');
		expect(fresh.ledger.state.sales.size).toBe(hasHeard ? 20 : 0);
		expect(fresh.replica.findings().adopted?.issuer).toBe(hasHeard ? undefined : first.device);
	}
});

test('a hub that signs other figures than its entries come to is found out, and the entries rule', async () => {
	const till = await seller(20, 1);
	const lying = await hubWith(till, { entryStore: await withFalseStock(till) });
	const { signer, chain } = await otherHub();
	const fresh = await open('fresh', { signs: { tier: 'host', signer } });
	await fresh.replica.takeChain(chain);
	await meet(lying, fresh);
	await eventually(() => fresh.ledger.state.sales.size === 1, 'begun');
	expect(fresh.ledger.state.stock.get('GHOST' as never)?.onHandMilli).toBe(5000);
	for (let n = 0; n < 3; n += 1) await fresh.time.pass(60_000);
	await eventually(() => fresh.ledger.state.sales.size === 21, 'from the first day');
	expect(fresh.ledger.state.stock.get('GHOST' as never)).toBeUndefined();
	expect(fresh.replica.findings().damaged).toMatchObject([{ document: 'checkpoint' }]);
});

test('a shop that has nothing old offers nothing', async () => {
	const till = await seller(0, 3);
	const hub = await open('hub', { tills: [till], signs: { tier: 'host', signer: shop.hub } });
	await hub.time.pass(61_000);
	const fresh = await open('fresh');
	await meet(hub, fresh);
	await eventually(() => fresh.ledger.state.sales.size === 3, 'all');
	expect(hub.sent.filter((message) => message.t === 'checkpoint')).toMatchObject([{ parts: 0, bytes: '' }]);
});

async function otherHub(branch = shop.branch): Promise<{ readonly signer: Signer; readonly chain: Uint8Array }> {
	const signer = await signerOf(await generateSigningKey(false));
	const certificate = shop.certificate(signer, { branch, role: 'hub', name: 'Second hub', rights: [...HUB_RIGHTS], issuer: shop.root.device });
	return { signer, chain: await issueCertificate(certificate, shop.root) };
}

/** A hub's disk on which somebody wrote goods into the checkpoint that nobody ever received. */
async function withFalseStock(till: SealingTill): Promise<EntryStore> {
	const honest = await hubWith(till);
	const bytes = await honest.entryStore.getCache('checkpoint');
	const document = decode(bytes ?? new Uint8Array()) as { readonly stock: readonly unknown[] };
	const entryStore = createMemoryEntryStore();
	await entryStore.setCache('checkpoint', encode({ ...document, stock: [...document.stock, ['GHOST', 5000, true]] }));
	return entryStore;
}

function signedIn(sent: readonly DirectMessage[]): string {
	const head = sent.find((message) => message.t === 'checkpoint' && message.signed !== undefined);
	return head?.t === 'checkpoint' ? (head.signed ?? '') : '';
}
