/** New keys for a device: what proves them (`core/entry/renewals.ts`, `engine/verify.ts`), what the ledger makes of the old ones, and who countersigns. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { keyInForce, type SignedRenewal } from '#core/entry/certificate.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { issueCertificate } from '#engine/certify.ts';
import { createRenewals, draftRenewal, type Renewals } from '#engine/renewals.ts';
import { createSealer } from '#engine/seal.ts';
import { openSignedBody, signBody } from '#engine/signed-body.ts';
import { chainsIn, createVerifier, provenBy, type Verifier } from '#engine/verify.ts';
import type { EntryStore, Signer, VaultState } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import { deviceId, type EntryHash, type IntentKey, type Scope } from '#schemas/ids.ts';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { meet, openLinked, type LinkedReplica } from '../support/linked-replicas.ts';
import { digest, endsOf, nextKeyOf, renewedChain } from '../support/renewing.ts';
import { nothingSeen, openSealingShop, sale, type SealingShop, type SealingTill } from '../support/sealing-till.ts';

const newSigner = async (): Promise<Signer> => signerOf(await generateSigningKey(false));

/** A till that has sold twice, renewed its keys, said so, and sold once more. */
async function renewedTill(shop: SealingShop) {
	const till = await shop.till({ vault: createMemoryVault() });
	await till.sell('sale-before-1');
	await till.sell('sale-before-2');
	const atRenewal = await till.vault.read();
	const ends = await endsOf(till);
	const next = await nextKeyOf(till.signer);
	const chain = await renewedChain(shop, { signer: till.signer, chain: till.chain, ends, next });
	const after = await shop.till({ vault: till.vault, signer: next });
	const renewed: Fact = { type: 'device.renewed', v: 1, device: till.signer.device, generation: 1, chain: hexOf(chain) };
	const [noted] = await commitStore(after, renewed);
	const [sold] = (await after.sell('sale-after-1')).entries;
	const oldBeyond = await sealedBy(shop, till.signer, atRenewal, [await saleFact('stolen-key')]);
	return { till, after, next, ends, chain, atRenewal, noted: noted!, sold: sold!, oldBeyond, before: [...till.told] };
}

async function commitStore(till: SealingTill, fact: Fact): Promise<readonly Entry[]> {
	const done = await till.commit({ key: `store-${fact.type}` as IntentKey, decide: () => ({ branch: [], store: [fact], takesReceipt: false }) });
	if (isRefusal(done) || 'trouble' in done) throw new Error(JSON.stringify(done));
	return done.entries;
}

async function saleFact(key: string): Promise<Fact> {
	return sale(key)(99).branch[0]!;
}

async function sealedBy(
	shop: SealingShop,
	signer: Signer,
	at: VaultState,
	facts: readonly Fact[],
	scope: Scope = 'branch',
	nowMs = Date.now(),
): Promise<Entry> {
	const seal = createSealer({ store: shop.store, signer, digest, clock: { nowMs: () => nowMs } });
	const sealed = await seal({
		...{ branch: [], store: [], [scope]: facts, key: `by-${signer.key ?? 'first'}-${scope}`.slice(0, 60) as IntentKey, heads: at.heads, hlc: at.hlc },
		...{ seen: nothingSeen(), day: { timeZone: 'Europe/London', dayStartMinutes: 0 } },
	});
	if ('tooLarge' in sealed) throw new Error('too large');
	return sealed.entries[0]!;
}

/** The vault's state with this entry at its store chain's end. */
function behind(state: VaultState, { header, hash }: Entry): VaultState {
	return { ...state, heads: { ...state.heads, store: { seq: header.seq, hash, seen: new Map() } }, hlc: header.hlc };
}

async function ledgerOf(
	shop: SealingShop,
	entries: readonly Entry[],
	...chains: readonly Uint8Array[]
): Promise<{ ledger: Ledger; verifier: Verifier }> {
	const verifier = createVerifier({ digest, store: shop.store });
	for (const chain of [shop.hubChain, ...chains]) expect(await verifier.chain(chain)).toBeDefined();
	const ledger = createLedger({ store: shop.store, branch: shop.branch, ...provenBy(verifier) });
	ledger.add(entries);
	return { ledger, verifier };
}

test('verify 4: entries before a renewal are believed under the old key, those behind it under the new one, and one under a key that is not known waits', async () => {
	const shop = await openSealingShop();
	const { till, before, sold, chain } = await renewedTill(shop);
	const verifier = createVerifier({ digest, store: shop.store });
	await verifier.chain(till.chain);
	expect(await verifier.entry(before[0]!.sealed)).toEqual(before[0]);
	expect(await verifier.entry(sold.sealed)).toEqual({ unknownDevice: till.signer.device });
	expect(await verifier.chain(chain)).toMatchObject({ device: till.signer.device, peer: keyInForce(chain)!.peer });
	for (const entry of [...before, sold]) expect(await verifier.entry(entry.sealed)).toEqual(entry);
	expect(sold.header).toMatchObject({ device: till.signer.device, seq: 3, prev: before[1]!.hash });
	expect(verifier.chainOf(till.signer.device)).toEqual(chain);
	expect([...verifier.formerPeers()]).toEqual([[keyInForce(till.chain)!.peer, keyInForce(chain)!.peer]]);
	await verifier.chain(till.chain); // An older one, shown again, takes nothing back.
	expect(verifier.chainOf(till.signer.device)).toEqual(chain);
});

test('verify 5: what a device says now is believed under its newest key alone', async () => {
	const shop = await openSealingShop();
	const { till, next, chain } = await renewedTill(shop);
	const schema = v.object({ issuer: deviceId });
	const verifier = createVerifier({ digest, store: shop.store });
	const byOld = await signBody({ issuer: till.signer.device }, till.signer);
	const byNew = await signBody({ issuer: till.signer.device }, next);
	await verifier.chain(till.chain);
	expect([await openSignedBody(byOld, schema, verifier.live), await openSignedBody(byNew, schema, verifier.live)]).toEqual([
		{ issuer: till.signer.device },
		undefined,
	]);
	await verifier.chain(chain);
	expect([await openSignedBody(byOld, schema, verifier.live), await openSignedBody(byNew, schema, verifier.live)]).toEqual([
		undefined,
		{ issuer: till.signer.device },
	]);
});

test('certificate 3: renewals that prove nothing', async () => {
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	await till.sell('sale-one');
	const [ends, next, stranger] = [await endsOf(till), await nextKeyOf(till.signer), await newSigner()];
	const how = { signer: till.signer, chain: till.chain, ends, next };
	const bent = (change: (one: SignedRenewal) => Partial<SignedRenewal>) => renewedChain(shop, how, (one) => ({ ...one, ...change(one) }));
	const flipped = (bytes: Uint8Array) => new Uint8Array(bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)));
	const seller = await newSigner();
	const sellerChain = await issueCertificate(shop.certificate(seller, { rights: ['sell'] }), shop.hub, shop.hubChain);
	const bad: Record<string, Uint8Array> = {
		'the old key did not say yes': await bent(({ byKeyBefore }) => ({ byKeyBefore: flipped(byKeyBefore) })),
		'the new key was not shown to be held': await bent(({ byNewKey }) => ({ byNewKey: flipped(byNewKey) })),
		'nobody countersigned': await bent(({ countersignature }) => ({ countersignature: flipped(countersignature) })),
		'countersigned for another time': await bent(({ atMs }) => ({ atMs: atMs + 1 })),
		'countersigned by the device itself': await renewedChain(shop, { ...how, countersigner: { signer: till.signer, chain: undefined } }),
		'countersigned by a stranger': await renewedChain(shop, { ...how, countersigner: { signer: stranger, chain: undefined } }),
		'countersigned without the right': await renewedChain(shop, { ...how, countersigner: { signer: seller, chain: sellerChain } }),
		'of another device': await renewedChain(shop, { ...how, change: { device: shop.hub.device } }),
		'out of order': await renewedChain(shop, { ...how, change: { generation: 2 } }),
		'from a key that it never had': await renewedChain(shop, { ...how, signer: { ...stranger, device: till.signer.device, key: stranger.device } }),
		'back to its first key': await renewedChain(shop, { ...how, next: { ...till.signer, key: till.signer.device } as Required<Signer> }),
		'of another store': await renewedChain(shop, { ...how, change: { store: 'ab'.repeat(16) as typeof shop.store } }),
	};
	for (const [why, chain] of Object.entries(bad)) {
		const verifier = createVerifier({ digest, store: shop.store });
		expect(await verifier.chain(chain), why).toBeUndefined();
		expect(verifier.devices(), why).toEqual([]);
	}
	const good = await renewedChain(shop, how);
	const second = await nextKeyOf(till.signer);
	const goesBack = { branch: { seq: 0 as number, hash: 'cd'.repeat(32) as EntryHash } };
	expect(await createVerifier({ digest, store: shop.store }).chain(good)).toBeDefined();
	expect(
		await createVerifier({ digest, store: shop.store }).chain(await renewedChain(shop, { ...how, signer: next, chain: good, next: second })),
	).toBeDefined();
	expect(
		await createVerifier({ digest, store: shop.store }).chain(
			await renewedChain(shop, { ...how, signer: next, chain: good, next: second, ends: goesBack }),
		),
	).toBeUndefined();
});

test('a till may countersign for its hub, and the hub for it afterwards: the chain proves itself', async () => {
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	const hubNext = await nextKeyOf(shop.hub);
	const hubChain = await renewedChain(shop, {
		...{ signer: shop.hub, chain: shop.hubChain, ends: {}, next: hubNext },
		countersigner: { signer: till.signer, chain: till.chain },
	});
	const verifier = createVerifier({ digest, store: shop.store });
	expect(await verifier.chain(hubChain)).toMatchObject({ device: shop.hub.device });
	const byNewHub = await issueCertificate(shop.certificate(await newSigner()), hubNext, hubChain);
	expect(await createVerifier({ digest, store: shop.store }).chain(byNewHub)).toBeDefined();
	expect(await createVerifier({ digest, store: shop.store }).chain(till.chain)).toBeDefined(); // Issued under the key before, for good.
});

test('roster 9: what the old key signs beyond the renewal is quarantined on every peer, whenever it arrives, and the till’s own entries go on without a gap', async () => {
	const shop = await openSealingShop();
	const { before, noted, sold, oldBeyond, chain, till } = await renewedTill(shop);
	const all = [...before, noted, sold, oldBeyond];
	for (const order of [all, [...all].reverse(), [oldBeyond, ...before, sold, noted], [sold, noted, oldBeyond, ...before]]) {
		const { ledger } = await ledgerOf(shop, [], chain);
		for (const entry of order) ledger.add([entry]);
		expect(order.map((entry) => [entry.hash, ledger.statusOf(entry.hash)])).toEqual(
			order.map((entry) => [entry.hash, entry === oldBeyond ? 'quarantined' : 'counts']),
		);
		expect(ledger.conflicts().find(({ kind }) => kind === 'not-allowed')).toMatchObject({ detail: { reason: 'key-given-up' } });
		expect(ledger.state.sales.size).toBeGreaterThanOrEqual(3);
	}
	const honest = await ledgerOf(shop, [...before, noted, sold], chain);
	expect(honest.ledger.conflicts()).toEqual([]);
	expect(honest.ledger.marks().filter(({ device, scope }) => device === till.signer.device && scope === 'branch')).toMatchObject([{ seq: 3 }]);
});

test('roster 9: an entry that the old key puts into the past, beside what it had signed there, is quarantined too', async () => {
	const shop = await openSealingShop();
	const { before, noted, sold, chain, till } = await renewedTill(shop);
	const empty = await createMemoryVault().read();
	const beside = await sealedBy(shop, till.signer, empty, [await saleFact('another-first')], 'branch', before[0]!.header.at - 5_000);
	const { ledger } = await ledgerOf(shop, [...before, noted, sold, beside], chain);
	expect(ledger.statusOf(beside.hash)).toBe('quarantined');
	expect(ledger.statusOf(before[0]!.hash)).toBe('counts');
});

test('roster 9: devices that the old key lets in or removes beyond the renewal are neither', async () => {
	const shop = await openSealingShop();
	const hubNext = await nextKeyOf(shop.hub);
	const manager = await shop.till({ vault: createMemoryVault() });
	const empty = await createMemoryVault().read();
	const guest = await newSigner();
	const enrolment = async (device: Signer): Promise<Fact> => ({
		...{
			type: 'device.enrolled',
			v: 1,
			device: device.device,
			branch: shop.branch,
			role: 'till',
			name: 'Till 9',
			till: 9,
			rights: ['sell', 'revoke'],
		},
		chain: hexOf(await issueCertificate(shop.certificate(device, { rights: ['sell', 'revoke'] }), shop.hub, shop.hubChain)),
	});
	const letIn = await sealedBy(shop, shop.hub, empty, [await enrolment(guest)], 'store');
	const atRenewal = behind(empty, letIn);
	const chain = await renewedChain(shop, {
		...{ signer: shop.hub, chain: shop.hubChain, ends: { store: { seq: letIn.header.seq, hash: letIn.hash } }, next: hubNext },
		countersigner: { signer: manager.signer, chain: manager.chain },
	});
	const renewed: Fact = { type: 'device.renewed', v: 1, device: shop.hub.device, generation: 1, chain: hexOf(chain) };
	const noted = await sealedBy(shop, hubNext, atRenewal, [renewed], 'store');
	const thief = await newSigner();
	const thiefEnrolled = await sealedBy(shop, shop.hub, atRenewal, [await enrolment(thief)], 'store');
	const removal: Fact = { type: 'device.revoked', v: 1, device: guest.device, marks: [], reason: 'by a thief' };
	const removed = await sealedBy(shop, shop.hub, behind(atRenewal, thiefEnrolled), [removal], 'store');
	const { ledger, verifier } = await ledgerOf(shop, [], chain);
	for (const shown of chainsIn([letIn, noted, thiefEnrolled, removed])) await verifier.chain(shown);
	ledger.add([letIn, noted, thiefEnrolled, removed]);
	expect(ledger.statusOf(thiefEnrolled.hash)).toBe('quarantined');
	expect(ledger.statusOf(removed.hash)).toBe('quarantined');
	expect(ledger.state.devices.get(guest.device)?.standing).toBe('active');
	expect(ledger.state.devices.get(thief.device)?.standing).toBe('fallen');
});

test('renewals 2: of two renewals of one generation every peer takes the one that was countersigned first, and what the other’s key signed is put aside', async () => {
	const shop = await openSealingShop();
	const { till, before, noted, sold, chain, ends, atRenewal } = await renewedTill(shop);
	const rivalKey = await nextKeyOf(till.signer);
	const second = await newSigner();
	const secondHub = await issueCertificate(
		shop.certificate(second, { role: 'hub', name: 'Hub 2', rights: ['sell', 'enrol'] }),
		shop.hub,
		shop.hubChain,
	);
	const rival = await renewedChain(shop, {
		...{ signer: till.signer, chain: till.chain, ends, next: rivalKey, atMs: 2_000 },
		countersigner: { signer: second, chain: secondHub },
	});
	const fact: Fact = { type: 'device.renewed', v: 1, device: till.signer.device, generation: 1, chain: hexOf(rival) };
	const rivalNoted = await sealedBy(shop, rivalKey, atRenewal, [fact], 'store', 1_000_000); // By its author's clock long before.
	const rivalSale = await sealedBy(shop, rivalKey, atRenewal, [await saleFact('rival-sale')]);
	const all = [...before, noted, sold, rivalNoted, rivalSale];
	for (const [first, then] of [
		[chain, rival],
		[rival, chain],
	] as const) {
		for (const entries of [all, [...all].reverse()]) {
			const { ledger, verifier } = await ledgerOf(shop, [], first, then);
			for (const entry of entries) {
				expect(await verifier.entry(entry.sealed)).toEqual(entry);
				ledger.add([entry]);
			}
			expect(verifier.keyLine(till.signer.device)).toMatchObject({
				inForce: [{ renewal: { key: keyInForce(chain)!.key } }],
				rivals: [{ renewal: { key: rivalKey.key } }],
			});
			expect(ledger.statusOf(rivalSale.hash)).toBe('quarantined');
			expect(ledger.statusOf(sold.hash)).toBe('counts');
		}
	}
});

test('renewals 3: of two for one key, from asking again, the one rules that ends later', async () => {
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	await till.sell('sale-one');
	const next = await nextKeyOf(till.signer);
	const how = { signer: till.signer, chain: till.chain, next };
	const early = await renewedChain(shop, { ...how, ends: await endsOf(till), atMs: 1_000 });
	const [between] = (await till.sell('sale-two')).entries;
	const late = await renewedChain(shop, { ...how, ends: await endsOf(till), atMs: 2_000 });
	const fact = (chain: Uint8Array): Fact => ({ type: 'device.renewed', v: 1, device: till.signer.device, generation: 1, chain: hexOf(chain) });
	const noted = await sealedBy(shop, next, await till.vault.read(), [fact(late), fact(early)], 'store');
	const { ledger, verifier } = await ledgerOf(shop, [...till.told, noted], late, early);
	expect(verifier.keyLine(till.signer.device)).toMatchObject({ inForce: [{ atMs: 2_000 }], rivals: [] });
	expect(ledger.statusOf(between!.hash)).toBe('counts');
});

test('a removal is of the device, whatever its keys', async () => {
	const shop = await openSealingShop();
	const { before, noted, sold, chain, till } = await renewedTill(shop);
	const end = before[1]!;
	const marks = [{ device: till.signer.device, scope: 'branch' as const, seq: end.header.seq, hash: end.hash }];
	const removal: Fact = { type: 'device.revoked', v: 1, device: till.signer.device, marks, reason: 'stolen' };
	const revoked = await sealedBy(shop, shop.hub, await createMemoryVault().read(), [removal], 'store');
	const { ledger } = await ledgerOf(shop, [...before, noted, sold, revoked], chain);
	expect(ledger.statusOf(sold.hash)).toBe('quarantined');
	expect(ledger.statusOf(end.hash)).toBe('counts');
});

// ——— who countersigns

/** As the hub shows it. */
const CODE = 'K7QM-42XR';

interface Desk extends LinkedReplica {
	readonly renewals: Renewals;
}

async function desk(
	shop: SealingShop,
	name: string,
	signer: Signer,
	options: Parameters<typeof openLinked>[2] & { readonly entryStore?: EntryStore } = {},
): Promise<Desk> {
	const linked = await openLinked(shop, name, options);
	const renewals = createRenewals({
		...{ documents: linked.documents, store: shop.store, verifier: linked.verifier, ledger: linked.ledger, entryStore: linked.entryStore },
		...{ signer, digest, clock: linked.time.clock, timers: linked.time.timers, takeChain: linked.replica.takeChain },
		...(signer.device === shop.hub.device ? { spendCode: (code: string) => code === CODE } : {}),
	});
	return { ...linked, renewals };
}

async function tillAndHub(hubHas: 'all' | 'less' = 'all') {
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	await till.sell('sale-before-1');
	const told = [...till.told];
	await till.sell('sale-before-2');
	const hubStore = createMemoryEntryStore();
	const held = { ...till, told: hubHas === 'all' ? till.told : told };
	const hub = await desk(shop, 'hub', shop.hub, { tills: [held], signs: { tier: 'host', signer: shop.hub }, entryStore: hubStore });
	const own = await desk(shop, 'till', till.signer, { own: till });
	await own.replica.takeChain(shop.hubChain);
	own.link('hub', hub);
	hub.link('till', own);
	return { shop, till, hub, own, hubStore };
}

async function ask(shop: SealingShop, till: SealingTill, next: Required<Signer>): Promise<Uint8Array> {
	const { heads } = await till.vault.read();
	return draftRenewal({
		store: shop.store,
		chain: till.chain,
		heads,
		signer: till.signer,
		nextSigner: next,
		nextPeer: `peer-of-${next.key.slice(0, 16)}`,
	});
}

test('1, 3, 4: a till asks its hub, which countersigns; nothing is renewed before the till shows it, and then both go by the new key', async () => {
	const { shop, till, hub, own } = await tillAndHub();
	const next = await nextKeyOf(till.signer);
	const chain = await own.renewals.ask(await ask(shop, till, next), CODE);
	if (typeof chain === 'string') throw new Error(chain);
	expect(keyInForce(chain)).toMatchObject({ device: till.signer.device, key: next.key, generation: 1 });
	for (const { verifier } of [hub, own]) expect(verifier.keyLine(till.signer.device).inForce).toEqual([]);
	await hub.replica.takeChain(chain);
	const after = await shop.till({ vault: till.vault, signer: next });
	const [noted] = await commitStore(after, { type: 'device.renewed', v: 1, device: till.signer.device, generation: 1, chain: hexOf(chain) });
	const [sold] = (await after.sell('sale-after-1')).entries;
	own.replica.hear([noted!, sold!]);
	await own.replica.takeChain(chain);
	hub.replica.take([noted!, sold!].map(({ sealed }) => ({ bytes: sealed, route: 'lane', source: 'test' })));
	await hub.replica.idle();
	expect(hub.ledger.statusOf(sold!.hash)).toBe('counts');
	expect(hub.replica.findings().damaged).toEqual([]);
});

test('2: asked again for the same key the hub answers again, for another one it does not, across a restart', async () => {
	const { shop, till, hub, own, hubStore } = await tillAndHub();
	const next = await nextKeyOf(till.signer);
	expect(await own.renewals.ask(await ask(shop, till, next), CODE)).toBeInstanceOf(Uint8Array);
	expect(await own.renewals.ask(await ask(shop, till, next), CODE)).toBeInstanceOf(Uint8Array);
	expect(await own.renewals.ask(await ask(shop, till, await nextKeyOf(till.signer)), CODE)).toBe('renewed-before');
	own.link('hub', undefined);
	hub.renewals.close();
	const again = await desk(shop, 'hub again', shop.hub, { signs: { tier: 'host', signer: shop.hub }, entryStore: hubStore });
	own.link('hub again', again);
	again.link('till', own);
	expect(await own.renewals.ask(await ask(shop, till, await nextKeyOf(till.signer)), CODE)).toBe('renewed-before');
	expect(await own.renewals.ask(await ask(shop, till, next))).toBeInstanceOf(Uint8Array); // The code is of the first ask.
});

test('1: a hub that lacks the till’s last sale says so, and countersigns once it has it', async () => {
	const { shop, till, hub, own } = await tillAndHub('less');
	const asking = own.renewals.ask(await ask(shop, till, await nextKeyOf(till.signer)), CODE);
	await expect.poll(() => hub.sent.findLast(({ t }) => t === 'renewal')).toMatchObject({ refused: 'behind' });
	hub.replica.take(till.told.map(({ sealed }) => ({ bytes: sealed, route: 'lane', source: 'test' })));
	await hub.replica.idle();
	await own.time.pass(1_000);
	expect(await asking).toBeInstanceOf(Uint8Array);
});

test('1: nothing is countersigned for a mark that is on no chain here, nor under a key that was given up', async () => {
	const { shop, till, hub, own } = await tillAndHub();
	const next = await nextKeyOf(till.signer);
	const { heads } = await till.vault.read();
	const wrong = { ...heads, branch: { ...heads.branch!, hash: 'ab'.repeat(32) as EntryHash } };
	const drafted = { store: shop.store, chain: till.chain, signer: till.signer, nextSigner: next, nextPeer: `peer-of-${next.key.slice(0, 16)}` };
	const asking = own.renewals.ask(await draftRenewal({ ...drafted, heads: wrong }));
	await expect.poll(() => hub.sent.findLast(({ t }) => t === 'renewal')).toMatchObject({ refused: 'behind' });
	// A till beside the hub, which may countersign for nobody, is no reason.
	const neighbour = await shop.till({ vault: createMemoryVault() });
	const beside = await desk(shop, 'neighbour', neighbour.signer, { own: neighbour });
	own.link('neighbour', beside);
	beside.link('till', own);
	for (let step = 0; step < 40; step += 1) await own.time.pass(500);
	expect(await asking).toBe('behind');
	own.link('neighbour', undefined);
	const chain = await renewedChain(shop, { signer: till.signer, chain: till.chain, ends: await endsOf(till), next });
	await hub.replica.takeChain(chain);
	expect(await own.renewals.ask(await ask(shop, till, await nextKeyOf(till.signer)), CODE)).toBe('renewed-before');
});

test('with nobody linked that may enrol it says so', async () => {
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	const own = await desk(shop, 'till', till.signer, { own: till });
	expect(await own.renewals.ask(await ask(shop, till, await nextKeyOf(till.signer)), CODE)).toBe('nobody');
});

test('a replica that hears a sale under the new key before the renewal keeps it until that comes; the certificate is there after a restart', async () => {
	const shop = await openSealingShop();
	const { before, noted, sold, chain, till } = await renewedTill(shop);
	const entryStore = createMemoryEntryStore();
	const hub = await openLinked(shop, 'hub', { signs: { tier: 'host', signer: shop.hub }, entryStore });
	await hub.replica.takeChain(till.chain);
	hub.replica.take([...before, sold].map(({ sealed }) => ({ bytes: sealed, route: 'lane', source: 'test' })));
	await hub.replica.idle();
	expect(hub.ledger.statusOf(sold.hash)).toBe('unknown');
	expect(hub.replica.findings().damaged).toEqual([]);
	await hub.replica.takeChain(chain);
	await hub.replica.idle();
	expect(hub.ledger.statusOf(sold.hash)).toBe('counts');
	hub.replica.take([{ bytes: noted.sealed, route: 'lane', source: 'test' }]);
	await hub.replica.idle();
	const again = await openLinked(shop, 'hub again', { signs: { tier: 'host', signer: shop.hub }, entryStore });
	expect(again.ledger.statusOf(sold.hash)).toBe('counts');
	expect(again.replica.findings().damaged).toEqual([]);
	const newcomer = await openLinked(shop, 'newcomer', {});
	await meet(again, newcomer);
	await newcomer.replica.idle();
	expect(newcomer.ledger.statusOf(sold.hash)).toBe('counts');
});

test('5: without the hub’s code nothing is countersigned or promised; a till, a manager’s too, countersigns for no till', async () => {
	const { shop, till, own } = await tillAndHub();
	const copied = await nextKeyOf(till.signer);
	expect(await own.renewals.ask(await ask(shop, till, copied))).toBe('wrong-code');
	expect(await own.renewals.ask(await ask(shop, till, copied), 'AAAA-AAAA')).toBe('wrong-code');
	expect(await own.renewals.ask(await ask(shop, till, await nextKeyOf(till.signer)), CODE)).toBeInstanceOf(Uint8Array);
	const manager = await shop.till({ vault: createMemoryVault() });
	const beside = await desk(shop, 'manager', manager.signer, { own: manager, tills: [till] });
	const alone = await desk(shop, 'till alone', till.signer, { own: till });
	alone.link('manager', beside);
	beside.link('till alone', alone);
	expect(await alone.renewals.ask(await ask(shop, till, copied), CODE)).toBe('not-allowed');
});

test('a renewal that is shown, unasked, is known to whoever is linked', async () => {
	const { shop, till, hub, own } = await tillAndHub();
	const next = await nextKeyOf(till.signer);
	const chain = await own.renewals.ask(await ask(shop, till, next), CODE);
	if (typeof chain === 'string') throw new Error(chain);
	own.renewals.show(chain);
	await expect.poll(() => hub.verifier.keyLine(till.signer.device).inForce.length).toBe(1);
	expect(hub.verifier.formerPeers().has(keyInForce(till.chain)!.peer)).toBe(true);
});
