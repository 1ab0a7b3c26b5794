/** A till that asks for new keys without a code, and a manager's till that says yes or no (`engine/renewal-desk.ts`, `engine/renewals.ts`). */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { keyInForce } from '#core/entry/certificate.ts';
import { renewalNumber } from '#core/entry/renewals.ts';
import { issueCertificate } from '#engine/certify.ts';
import { createRenewalDesk, type RenewalDesk } from '#engine/renewal-desk.ts';
import { createRenewals, draftRenewal, type HowAllowed, type Renewals } from '#engine/renewals.ts';
import { createSealer } from '#engine/seal.ts';
import type { Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { IntentKey, SigningKey } from '#schemas/ids.ts';
import { HUB_RIGHTS, MANAGER_RIGHTS, type Right } from '#schemas/rights.ts';
import type { WaitingRenewal } from '#schemas/wire/renewal-approval.ts';
import { expect, test } from 'vitest';
import { altered } from '../support/altered.ts';
import { openLinked, type LinkedReplica } from '../support/linked-replicas.ts';
import { digest, nextKeyOf } from '../support/renewing.ts';
import { nothingSeen, openSealingShop, type SealingTill } from '../support/sealing-till.ts';

const WAITS: HowAllowed = { waits: true };

interface Peer extends LinkedReplica {
	readonly renewals: Renewals;
	readonly desk: RenewalDesk;
}

/** Two hubs, a till that sold once, a manager's till and one for selling, of one branch; the three are linked to the first hub. */
async function openBranch() {
	const shop = await openSealingShop();
	const till = await shop.till({ vault: createMemoryVault() });
	await till.sell('sale-before');
	const second = await signerOf(await generateSigningKey(false));
	const [managers, selling] = [await signerOf(await generateSigningKey(false)), await signerOf(await generateSigningKey(false))];
	const chains = new Map<Signer, Uint8Array>([
		[shop.hub, shop.hubChain],
		[second, await issueCertificate(shop.certificate(second, { role: 'hub', name: 'Hub 2', rights: [...HUB_RIGHTS] }), shop.hub, shop.hubChain)],
		[till.signer, till.chain],
		[managers, await issueCertificate(shop.certificate(managers, { name: 'Till 2', till: 2 }), shop.hub, shop.hubChain)],
		[selling, await issueCertificate(shop.certificate(selling, { name: 'Till 3', till: 3, rights: ['sell'] }), shop.hub, shop.hubChain)],
	]);
	const enrolled = [...chains].map(([{ device }, chain], place): Fact => {
		const rights: Right[] = device === selling.device ? ['sell'] : [...MANAGER_RIGHTS];
		const isHub = device === shop.hub.device || device === second.device;
		const said = {
			type: 'device.enrolled',
			v: 1,
			device,
			branch: shop.branch,
			name: isHub ? 'Hub' : `Till ${place}`,
			rights,
			chain: hexOf(chain),
		} as const;
		return isHub ? { ...said, role: 'hub' } : { ...said, role: 'till', till: place };
	});
	const sealed = await createSealer({ store: shop.store, signer: shop.hub, digest, clock: { nowMs: Date.now } })({
		...{ branch: [], store: enrolled, key: 'enrolments' as IntentKey, heads: { branch: undefined, store: undefined }, hlc: [0, 0] },
		...{ seen: nothingSeen(), day: { timeZone: 'Europe/London', dayStartMinutes: 0 } },
	});
	if ('tooLarge' in sealed) throw new Error('too large');
	const entries: readonly Entry[] = [...sealed.entries, ...till.told];

	async function peerOf(name: string, signer: Signer, own?: SealingTill): Promise<Peer> {
		const isHub = signer === shop.hub || signer === second;
		const linked = await openLinked(shop, name, isHub ? { signs: { tier: 'host', signer } } : own === undefined ? {} : { own });
		for (const chain of chains.values()) await linked.replica.takeChain(chain);
		linked.replica.take(entries.map(({ sealed: bytes }) => ({ bytes, route: 'lane', source: 'test' })));
		await linked.replica.idle();
		const { documents, ledger, verifier, entryStore, time, replica } = linked;
		const renewals = createRenewals({
			...{ documents, store: shop.store, verifier, ledger, entryStore, signer, digest, clock: time.clock, timers: time.timers },
			takeChain: replica.takeChain,
			...(isHub ? { spendCode: () => false } : {}),
		});
		const desk = createRenewalDesk({
			...{ documents, ledger, verifier, random: systemRandom, signer, timers: time.timers, ...(isHub ? { asks: renewals } : {}) },
		});
		return { ...linked, renewals, desk };
	}

	const peerNameOf = ({ device }: Signer): string => `peer-of-${device.slice(0, 16)}`;
	const hub = await peerOf(peerNameOf(shop.hub), shop.hub);
	const hub2 = await peerOf(peerNameOf(second), second);
	const asker = await peerOf(peerNameOf(till.signer), till.signer, till);
	const manager = await peerOf(peerNameOf(managers), managers);
	const cashier = await peerOf(peerNameOf(selling), selling);
	for (const one of [asker, manager, cashier]) {
		one.link(hub.name, hub);
		hub.link(one.name, one);
	}
	const next = await nextKeyOf(till.signer);
	const draft = async (key = next): Promise<Uint8Array> => {
		const { heads } = await till.vault.read();
		return draftRenewal({
			...{ store: shop.store, chain: till.chain, heads, signer: till.signer, nextSigner: key, nextPeer: `peer-of-${key.key.slice(0, 16)}` },
		});
	};
	return { shop, till, hub, hub2, asker, manager, cashier, next, draft };
}

test('a till waits until a manager has compared its number and said yes; then the hub countersigns that key', async () => {
	const { till, asker, manager, hub, next, draft } = await openBranch();
	expect(await manager.desk.ask()).toEqual([]);
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('waiting');
	const [one] = (await manager.desk.ask()) as Exclude<Awaited<ReturnType<RenewalDesk['ask']>>, string>;
	expect(one).toMatchObject({ device: till.signer.device, key: next.key });
	expect(renewalNumber(one!.key)).toBe(renewalNumber(next.key as SigningKey));
	expect(renewalNumber(one!.key)).toMatch(/^\d{3} \d{3}$/);
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('waiting');
	expect(await manager.desk.ask({ ...one!, is: 'approved' })).toEqual([]);
	const chain = await asker.renewals.ask(await draft(), WAITS);
	if (typeof chain === 'string') throw new Error(chain);
	expect(keyInForce(chain)).toMatchObject({ device: till.signer.device, key: next.key, generation: 1 });
	expect(hub.renewals.waiting()).toEqual([]);
});

test('refused is refused, once; asked again it waits again, and the word of before says nothing about that', async () => {
	const { asker, manager, draft, hub } = await openBranch();
	await asker.renewals.ask(await draft(), WAITS);
	const [one] = hub.renewals.waiting();
	await manager.desk.ask({ ...one!, is: 'refused' });
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('refused');
	await hub.time.pass(5);
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('waiting');
	await manager.desk.ask({ ...one!, is: 'approved' });
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('waiting');
});

test('renewal desk 1: a till for selling sees nobody and approves nobody, nor does a till approve itself; a stranger’s signature is nobody’s', async () => {
	const { asker, cashier, manager, draft, hub, till } = await openBranch();
	await asker.renewals.ask(await draft(), WAITS);
	const [one] = hub.renewals.waiting();
	expect(await cashier.desk.ask({ ...one!, is: 'approved' })).toBe('not-allowed');
	expect(await asker.desk.ask({ ...one!, is: 'approved' })).toEqual([]);
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('waiting');
	// The manager's own words, with another key behind the same name.
	await manager.desk.ask();
	const { signed } = manager.sent.find(({ t }) => t === 'want-waiting') as { readonly signed: string };
	hub.hear({ t: 'want-waiting', id: 77, signed: altered(signed) }, manager.name);
	await expect.poll(() => hub.sent.find((message) => message.t === 'waiting' && message.id === 77)).toEqual({ t: 'waiting', id: 77 });
	expect(hub.ledger.state.devices.get(till.signer.device)?.rights).toContain('enrol');
});

test('renewal desk 2: a till believes hubs alone, and no answer of before', async () => {
	const { asker, manager, draft, hub, cashier } = await openBranch();
	await manager.desk.ask();
	const before = hub.sent.find(({ t }) => t === 'waiting') as { readonly signed: string };
	await asker.renewals.ask(await draft(), WAITS);
	manager.link(hub.name, undefined);
	manager.link(hub.name, cashier); // Whoever answers in the hub's place.
	const asking = manager.desk.ask();
	await expect.poll(() => manager.sent.filter(({ t }) => t === 'want-waiting').length).toBe(2);
	const { id } = manager.sent.findLast(({ t }) => t === 'want-waiting') as { readonly id: number };
	manager.hear({ t: 'waiting', id, signed: before.signed }, hub.name);
	expect(await asking).toBe('nobody');
});

test('renewal desk 3: one that asks two hubs is listed once, and a no or a yes is heard by both', async () => {
	const { asker, manager, draft, hub, hub2, till } = await openBranch();
	for (const one of [asker, manager]) {
		one.link(hub2.name, hub2);
		hub2.link(one.name, one);
	}
	await hub2.time.pass(1_000);
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('waiting');
	expect(hub.renewals.waiting()[0]?.atMs).not.toBe(hub2.renewals.waiting()[0]?.atMs);
	const listed = await manager.desk.ask();
	expect(listed).toMatchObject([{ device: till.signer.device }]);
	const [one] = listed as readonly WaitingRenewal[];
	expect(await manager.desk.ask({ ...one!, is: 'refused' })).toEqual([]);
	expect([hub.renewals.waiting(), hub2.renewals.waiting()]).toEqual([[], []]);
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('refused');
	// Heard by one of them alone it is a no, too.
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('waiting');
	hub2.renewals.decide({ ...hub2.renewals.waiting()[0]!, is: 'refused' });
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('refused');
});

test('renewals 6: what waits is proven: a key that the till never had and one for another’s chain are not listed; of one till no more than three, and each for fifteen seconds', async () => {
	const { asker, draft, hub, shop, till } = await openBranch();
	const stranger = await signerOf(await generateSigningKey(false));
	const { heads } = await till.vault.read();
	const next = await nextKeyOf(till.signer);
	const forged = await draftRenewal({
		...{ store: shop.store, chain: till.chain, heads, nextSigner: next, nextPeer: `peer-of-${next.key.slice(0, 16)}` },
		signer: { ...stranger, device: till.signer.device, key: till.signer.device },
	});
	expect(await asker.renewals.ask(forged, WAITS)).toBe('not-allowed');
	expect(hub.renewals.waiting()).toEqual([]);
	for (let count = 0; count < 3; count += 1) expect(await asker.renewals.ask(await draft(await nextKeyOf(till.signer)), WAITS)).toBe('waiting');
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('not-allowed');
	expect(hub.renewals.waiting()).toHaveLength(3);
	await hub.time.pass(16_000);
	expect(hub.renewals.waiting()).toEqual([]);
	expect(await asker.renewals.ask(await draft(), WAITS)).toBe('waiting');
});
