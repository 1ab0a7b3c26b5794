/** One key of a device given up for two others: everybody is shown it, in whatever order it came, and a person decides (`core/conflict/renewed-twice.ts`). */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { conflictKey } from '#core/ledger/answers.ts';
import type { Conflict } from '#core/conflict/conflict.ts';
import { decide } from '#core/decide.ts';
import { isRefusal, type DecideContext } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { issueCertificate } from '#engine/certify.ts';
import type { Committed } from '#engine/commit.ts';
import { createRivalRenewals } from '#engine/rival-renewals.ts';
import { createSealer } from '#engine/seal.ts';
import { createVerifier, provenBy, type Verifier } from '#engine/verify.ts';
import type { Signer, VaultState } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, IntentKey, SigningKey } from '#schemas/ids.ts';
import type { Right } from '#schemas/rights.ts';
import { expect, test } from 'vitest';
import { openLinked } from '../support/linked-replicas.ts';
import { digest, endsOf, nextKeyOf, renewedChain } from '../support/renewing.ts';
import { nothingSeen, openSealingShop, sale, type SealingShop } from '../support/sealing-till.ts';

const AT_OWN = 1_000;
const AT_RIVAL = 2_000;
const CONFLICT = 'renewed-twice';

/** A till that sold once; its key is given up for one key at its hub and for another at a second hub. Each says so and sells under it. */
async function renewedTwice(changes: { readonly role?: 'hub' } = {}) {
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	await till.sell('sale-before');
	const atRenewal = await till.vault.read();
	const ends = await endsOf(till);
	const second = await signerOf(await generateSigningKey(false));
	const secondHub = await issueCertificate(
		shop.certificate(second, { role: 'hub', name: 'Hub 2', rights: ['sell', 'enrol', 'settings'] }),
		shop.hub,
		shop.hubChain,
	);
	const certified = changes.role === undefined ? till.chain : await hubChainOf(shop, till.signer);
	const rights: Right[] = ['sell'];
	const enrolled: Fact = {
		...{ type: 'device.enrolled', v: 1, device: till.signer.device, branch: shop.branch, role: changes.role ?? 'till', name: 'Till 1' },
		...(changes.role === undefined ? { till: 1 } : {}),
		...{ rights, chain: hexOf(certified) },
	};
	const atHub = await createMemoryVault().read();
	const letIn = await sealedBy(shop, shop.hub, atHub, [enrolled], 'store');
	const own = await side(AT_OWN, { signer: shop.hub, chain: undefined });
	const rival = await side(AT_RIVAL, { signer: second, chain: secondHub });

	async function side(atMs: number, countersigner: { readonly signer: Signer; readonly chain: Uint8Array | undefined }) {
		const next = await nextKeyOf(till.signer);
		const chain = await renewedChain(shop, { signer: till.signer, chain: certified, ends, next, atMs, countersigner });
		const noted = await sealedBy(shop, next, atRenewal, [renewedFact(till.signer, chain)], 'store');
		const sold = await sealedBy(shop, next, atRenewal, [sale(`sale-${atMs}`)(2).branch[0]!]);
		return { key: next.key as SigningKey, signer: next, chain, noted, sold };
	}

	return {
		shop,
		till,
		second,
		secondHub,
		own,
		rival,
		letIn,
		atHub,
		ends,
		certified,
		atRenewal,
		all: [letIn, ...till.told, ...of(own), ...of(rival)],
	};
}

type Story = Awaited<ReturnType<typeof renewedTwice>>;

function of({ noted, sold }: { readonly noted: Entry; readonly sold: Entry }): readonly Entry[] {
	return [noted, sold];
}

async function hubChainOf(shop: SealingShop, signer: Signer): Promise<Uint8Array> {
	return issueCertificate(shop.certificate(signer, { role: 'hub', name: 'Hub 3' }), shop.hub, shop.hubChain);
}

function renewedFact({ device }: Signer, chain: Uint8Array): Fact {
	return { type: 'device.renewed', v: 1, device, generation: 1, chain: hexOf(chain) };
}

async function sealedBy(
	shop: SealingShop,
	signer: Signer,
	at: Pick<VaultState, 'heads' | 'hlc'>,
	facts: readonly Fact[],
	scope: 'branch' | 'store' = 'branch',
	nowMs = Date.now(),
): Promise<Entry> {
	const sealed = await createSealer({ store: shop.store, signer, digest, clock: { nowMs: () => nowMs } })({
		...{ branch: [], store: [], [scope]: facts, key: `${facts[0]!.type}-${hexOf(crypto.getRandomValues(new Uint8Array(6)))}` as IntentKey },
		...{ heads: at.heads, hlc: at.hlc, seen: nothingSeen(), day: { timeZone: 'Europe/London', dayStartMinutes: 0 } },
	});
	if ('tooLarge' in sealed) throw new Error('too large');
	return sealed.entries[0]!;
}

async function verifierOf({ shop, secondHub }: Story, ...chains: readonly Uint8Array[]): Promise<Verifier> {
	const verifier = createVerifier({ digest, store: shop.store });
	for (const chain of [shop.hubChain, secondHub, ...chains]) expect(await verifier.chain(chain)).toBeDefined();
	return verifier;
}

function ledgerOf({ shop }: Story, verifier: Verifier, entries: readonly Entry[]): Ledger {
	const ledger = createLedger({ store: shop.store, branch: shop.branch, ...provenBy(verifier) });
	for (const entry of entries) {
		ledger.add([entry]);
		ledger.conflicts();
	}
	return ledger;
}

function asked(ledger: Ledger): Conflict | undefined {
	return ledger.conflicts().find(({ kind }) => kind === CONFLICT);
}

function orders<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
	return items.length < 2 ? [items] : items.flatMap((item, at) => orders(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

function contextOf({ device }: Signer): DecideContext {
	return { device, nowMs: Date.now(), nextReceipt: { till: 1, number: 1 } };
}

/** What a person at the hub chose, in one entry. */
async function answered(story: Story, ledger: Ledger, choice: string): Promise<Entry> {
	const { shop, atHub, letIn } = story;
	const { id } = asked(ledger)!;
	const done = decide(ledger, { intent: 'resolve', conflict: id, choice }, contextOf(shop.hub));
	if (isRefusal(done)) throw new Error(JSON.stringify(done));
	const head = { seq: letIn.header.seq, hash: letIn.hash, seen: new Map() };
	return sealedBy(shop, shop.hub, { heads: { ...atHub.heads, store: head }, hlc: ledger.hlc() }, done.store, 'store');
}

test('1: two renewals of one key are one item with who approved which and when, the same in every order of entries and of chains', async () => {
	const story = await renewedTwice();
	const { shop, till, second, own, rival, all } = story;
	expect(all).toHaveLength(6);
	const expected = {
		id: { kind: CONFLICT, subject: till.signer.device },
		urgency: 'high',
		unsettled: [own.noted.hash, rival.noted.hash].sort(),
		detail: {
			role: 'till',
			renewals: [
				{ entry: own.noted.hash, key: own.key, generation: 1, countersigner: shop.hub.device, atMs: AT_OWN, isInForce: true },
				{ entry: rival.noted.hash, key: rival.key, generation: 1, countersigner: second.device, atMs: AT_RIVAL, isInForce: false },
			],
		},
		choices: [{ id: 'remove-device' }, { id: 'keep-first' }],
	};
	const texts = new Set<string>();
	for (const chains of [
		[own.chain, rival.chain],
		[rival.chain, own.chain],
	]) {
		const verifier = await verifierOf(story, ...chains);
		for (const order of orders(all)) {
			const ledger = ledgerOf(story, verifier, order);
			const conflict = asked(ledger)!;
			expect({ ...conflict, unsettled: [...conflict.unsettled].sort() }).toMatchObject(expected);
			texts.add(
				JSON.stringify([conflict.key, conflict.unsettled, conflict.detail, ledger.statusOf(rival.sold.hash), ledger.statusOf(own.sold.hash)]),
			);
		}
	}
	expect([...texts]).toHaveLength(1);
	expect([...texts][0]).toContain('["quarantined","counts"]'.slice(1, -1));
});

test('one renewal alone, shown as often as it may be, asks nobody', async () => {
	const story = await renewedTwice();
	const { own, till, shop, atHub } = story;
	const again = await sealedBy(shop, shop.hub, atHub, [renewedFact(till.signer, own.chain)], 'store');
	const ledger = ledgerOf(story, await verifierOf(story, own.chain), [...till.told, ...of(own), again]);
	expect(asked(ledger)).toBeUndefined();
	expect([...ledger.keysShown(till.signer.device)]).toEqual([own.key]);
});

test('1: who removes the device ends it, in every order: none of the keys is in the shop any more', async () => {
	const story = await renewedTwice();
	const { own, rival, all, till } = story;
	const verifier = await verifierOf(story, own.chain, rival.chain);
	const answer = await answered(story, ledgerOf(story, verifier, all), 'remove-device');
	for (const order of orders([answer, ...all.filter((entry) => entry !== own.sold)])) {
		const ledger = ledgerOf(story, verifier, order);
		expect(asked(ledger)).toBeUndefined();
		expect(ledger.state.devices.get(till.signer.device)).toMatchObject({ standing: 'revoked', revocations: [{ reason: 'keys renewed twice' }] });
	}
});

test('1: a removal that nobody wrote as an answer ends it, too', async () => {
	const story = await renewedTwice();
	const { shop, own, rival, all, till, atHub } = story;
	const removal: Fact = { type: 'device.revoked', v: 1, device: till.signer.device, marks: [], reason: 'stolen' };
	const removed = await sealedBy(shop, shop.hub, atHub, [removal], 'store');
	const verifier = await verifierOf(story, own.chain, rival.chain);
	for (const order of [[...all, removed], [removed, ...all], [...all, removed].reverse()])
		expect(asked(ledgerOf(story, verifier, order))).toBeUndefined();
});

test('2: whoever keeps the first is asked no more, however often the same two are shown; a third renewal is asked about alone', async () => {
	const story = await renewedTwice();
	const { shop, own, rival, all, till, certified, ends, atRenewal } = story;
	const verifier = await verifierOf(story, own.chain, rival.chain);
	const answer = await answered(story, ledgerOf(story, verifier, all), 'keep-first');
	// By its author's clock long before.
	const shownAgain = await sealedBy(shop, shop.hub, story.atHub, [renewedFact(till.signer, rival.chain)], 'store', 1_000_000);
	const next = await nextKeyOf(till.signer);
	const later = await renewedChain(shop, { signer: own.signer, chain: own.chain, ends, next, atMs: 4_000 });
	await verifier.chain(later);
	const renewedLater = await sealedBy(shop, next, atRenewal, [renewedFact(till.signer, later)], 'store');
	expect(asked(ledgerOf(story, verifier, [...all, answer, renewedLater]))).toBeUndefined();
	for (const order of [[...all, answer, shownAgain], [shownAgain, answer, ...all], [...all, shownAgain, answer].reverse()])
		expect(asked(ledgerOf(story, verifier, order))).toBeUndefined();
	const third = await nextKeyOf(till.signer);
	const thirdChain = await renewedChain(shop, { signer: till.signer, chain: certified, ends, next: third, atMs: 3_000 });
	const thirdNoted = await sealedBy(shop, third, atRenewal, [renewedFact(till.signer, thirdChain)], 'store');
	await verifier.chain(thirdChain);
	for (const order of [
		[...all, answer, thirdNoted],
		[thirdNoted, answer, ...all],
	]) {
		const conflict = asked(ledgerOf(story, verifier, order));
		expect(conflict?.members).toHaveLength(3);
		expect(conflict?.unsettled).toEqual([thirdNoted.hash]);
	}
});

test('3: of a hub no till removes, the choice is to keep the first; a device does not remove itself', async () => {
	const story = await renewedTwice({ role: 'hub' });
	const { own, rival, all, shop } = story;
	const ledger = ledgerOf(story, await verifierOf(story, own.chain, rival.chain), all);
	expect(asked(ledger)?.choices.map(({ id }) => id)).toEqual(['keep-first']);
	const ofTill = await renewedTwice();
	const verifier = await verifierOf(ofTill, ofTill.own.chain, ofTill.rival.chain);
	const there = ledgerOf(ofTill, verifier, ofTill.all);
	const itself = decide(there, { intent: 'resolve', conflict: asked(there)!.id, choice: 'remove-device' }, contextOf(ofTill.till.signer));
	expect(itself).toMatchObject({ refused: 'not-allowed' });
	expect(conflictKey(asked(there)!.id)).not.toContain(shop.branch);
});

test('rival renewals 1, 2: a hub that is only told of the second renewal puts it into the record, once, and so everybody is asked', async () => {
	const story = await renewedTwice();
	const { shop, till, own, rival, letIn } = story;
	const hub = await openLinked(shop, 'hub', { signs: { tier: 'host', signer: shop.hub } });
	const writer = await shop.till({ vault: createMemoryVault() });
	for (const chain of [writer.chain, till.chain, own.chain]) await hub.replica.takeChain(chain);
	hub.replica.take([letIn, ...till.told, ...of(own)].map(({ sealed }) => ({ bytes: sealed, route: 'lane', source: 'test' })));
	await hub.replica.idle();
	const failed: string[] = [];
	let diskIsFull = true;
	const rivals = createRivalRenewals({
		...{ self: writer.signer.device, verifier: hub.verifier, ledger: hub.ledger, onFailed: (words) => failed.push(words) },
		async commit(request) {
			if (diskIsFull) return { trouble: 'storage-full', detail: '' } as const;
			const done = await writer.commit(request);
			if (!isRefusal(done) && !('trouble' in done)) hub.replica.hear(done.entries);
			return done;
		},
	});
	hub.replica.onRivals(rivals.heard);
	await hub.replica.takeChain(rival.chain);
	await hub.replica.idle();
	expect(writer.told).toEqual([]);
	diskIsFull = false;
	rivals.look();
	await expect.poll(() => writer.told.length).toBeGreaterThan(0);
	await expect.poll(() => asked(hub.ledger)?.unsettled).toHaveLength(2);
	// It comes to the door again and again.
	rivals.heard(till.signer.device);
	await hub.replica.takeChain(rival.chain);
	await new Promise((resolve) => setTimeout(resolve, 20));
	const shown = writer.told.filter(({ facts }) => facts.some((fact) => fact.type === 'device.renewed'));
	expect(shown).toHaveLength(1);
	expect(failed).toEqual([]);

	// Another till, which never heard the chain itself.
	const other = await openLinked(shop, 'other');
	for (const chain of [shop.hubChain, writer.chain, till.chain, own.chain]) await other.replica.takeChain(chain);
	other.replica.take([letIn, ...till.told, ...of(own), ...shown].map(({ sealed }) => ({ bytes: sealed, route: 'lane', source: 'test' })));
	await other.replica.idle();
	expect(asked(other.ledger)?.unsettled).toHaveLength(2);
});

test('intake 3: what a key signed whose renewal was outdone is taken in as soon as that renewal is known, and put aside', async () => {
	const story = await renewedTwice();
	const { shop, till, own, rival, letIn } = story;
	const peer = await openLinked(shop, 'peer');
	for (const chain of [shop.hubChain, till.chain, own.chain]) await peer.replica.takeChain(chain);
	peer.replica.take([letIn, ...till.told, ...of(own), ...of(rival)].map(({ sealed }) => ({ bytes: sealed, route: 'lane', source: 'test' })));
	await peer.replica.idle();
	expect(peer.ledger.statusOf(rival.sold.hash)).toBe('unknown');
	await peer.replica.takeChain(rival.chain);
	await peer.replica.idle();
	expect(peer.ledger.statusOf(rival.sold.hash)).toBe('quarantined');
	expect(peer.ledger.statusOf(rival.noted.hash)).toBe('quarantined');
});

test('2: a renewal that is shown while another one is put into the record is put there, too, and so is one that the disk did not take', async () => {
	const [first, second] = ['a1'.repeat(32), 'b2'.repeat(32)] as unknown as [DeviceId, DeviceId];
	const shown = new Set<unknown>();
	const writing: PromiseWithResolvers<Committed>[] = [];
	const failures: string[] = [];
	const rivals = createRivalRenewals({
		self: 'c3'.repeat(32) as DeviceId,
		verifier: {
			rivalChains: (device) =>
				[{ renewal: { key: device, generation: 1 }, chain: new Uint8Array() }] as unknown as ReturnType<Verifier['rivalChains']>,
		},
		ledger: { keysShown: () => shown as ReadonlySet<SigningKey> },
		commit() {
			const one = Promise.withResolvers<Committed>();
			writing.push(one);
			return one.promise;
		},
		onFailed: (words) => failures.push(words),
	});
	const done: Committed = { entries: [], again: false };
	rivals.heard(first);
	expect(writing).toHaveLength(1);
	rivals.heard(second);
	shown.add(first);
	writing[0]?.resolve(done);
	await expect.poll(() => writing.length).toBe(2);
	writing[1]?.reject(new Error('the disk'));
	await expect.poll(() => failures.length).toBe(1);
	rivals.look();
	await expect.poll(() => writing.length).toBe(3);
	shown.add(second);
	writing[2]?.resolve(done);
	rivals.look();
	expect(writing).toHaveLength(3);
});
