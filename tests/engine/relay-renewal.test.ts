/** A relay renews its key: what counts as a renewal, what is believed before, between and after, and what people are asked where a key was given up twice. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { isRefusal } from '#core/intent.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { createVerifier, provenBy } from '#engine/verify.ts';
import { createWatermarkIssuer } from '#engine/watermark.ts';
import type { Signer } from '#ports';
import { encode, hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, IntentKey, SigningKey } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import { expect, test } from 'vitest';
import { openLinked, type LinkedReplica } from '../support/linked-replicas.ts';
import { openSealingShop, type SealingShop } from '../support/sealing-till.ts';
import { newSigner, relayRenewed, relayUnder } from '../support/successions.ts';
import { writingHub } from '../support/writing-hub.ts';

const digest = createDigest();
const [relay, second, third, stranger] = await Promise.all([newSigner(), newSigner(), newSigner(), newSigner()]);
const joined: Fact = { type: 'relay.joined', v: 1, relay: relay.device, url: 'wss://relay.example', name: 'Cloud' };
const renewed = await relayRenewed({ relay: relay.device, before: relay, next: second });
const renewedAgain = await relayRenewed({ relay: relay.device, generation: 2, before: second, next: third });
const renewedApart = await relayRenewed({ relay: relay.device, before: relay, next: stranger });

/** A ledger with what an entry store would hand to it, in this order. */
async function ledgerOf(shop: SealingShop, entries: readonly Entry[], chains: readonly Uint8Array[] = []): Promise<Ledger> {
	const verifier = createVerifier({ digest, store: shop.store });
	for (const chain of [shop.hubChain, ...chains]) await verifier.chain(chain);
	const ledger = createLedger({ ...shop, ...provenBy(verifier) });
	for (const { sealed } of entries) {
		const read = await verifier.entry(sealed);
		if (!('header' in read)) throw new Error(JSON.stringify(read));
		ledger.add([read]);
	}
	return ledger;
}

const keysIn = ({ state }: Ledger): readonly SigningKey[] | undefined => state.relays.get(relay.device)?.keys;
const idOf = ({ device }: Signer): SigningKey => device;

test('a renewal that both keys have signed gives the relay its new key, and one behind it the next, in whatever order they come', async () => {
	const shop = await openSealingShop();
	const { write } = await writingHub(shop);
	const entries = [await write(joined), await write(renewed), await write(renewedAgain)];
	expect(keysIn(await ledgerOf(shop, entries.slice(0, 1)))).toBeUndefined();
	expect(keysIn(await ledgerOf(shop, entries.slice(0, 2)))).toEqual([idOf(second)]);
	for (const order of [entries, [...entries].reverse()]) expect(keysIn(await ledgerOf(shop, order))).toEqual([second, third].map(idOf));
	expect((await ledgerOf(shop, entries)).conflicts()).toEqual([]);
});

test.each([
	['the old key has not signed', { signs: [stranger, second] }],
	['the new key has not signed', { signs: [relay, stranger] }],
	['hangs on a key that the relay never had', { before: third }],
	['skips one', { generation: 2 }],
	['leads back to the key that it gives up', { next: relay }],
] as const)('a renewal that %s changes nothing', async (_, bent) => {
	const shop = await openSealingShop();
	const { write } = await writingHub(shop);
	const entries = [await write(joined), await write(await relayRenewed({ relay: relay.device, before: relay, next: second, ...bent }))];
	const ledger = await ledgerOf(shop, entries);
	expect(keysIn(ledger)).toBeUndefined();
	expect(ledger.state.relays.has(relay.device)).toBe(true);
});

test('a renewal of another relay, or one that a device without the right to join relays has written, changes nothing', async () => {
	const shop = await openSealingShop();
	const { write } = await writingHub(shop);
	const till = await shop.till({ vault: createMemoryVault() });
	const done = await till.commit({ key: 'a-till-writes' as IntentKey, decide: () => ({ branch: [], store: [renewed], takesReceipt: false }) });
	if (isRefusal(done) || 'trouble' in done) throw new Error(JSON.stringify(done));
	const others = await write({ ...renewed, relay: third.device });
	const ledger = await ledgerOf(shop, [await write(joined), ...done.entries, others], [till.chain]);
	expect(keysIn(ledger)).toBeUndefined();
	expect(ledger.quarantined().map(({ entry, reason }) => [entry.hash, reason])).toEqual([[done.entries[0]!.hash, 'no-right']]);
	ledger.add([await write(renewedApart)]);
	expect(keysIn(ledger)).toBeUndefined(); // Nobody has read that entry, and so nobody has proven what it shows.
});

test('a key that was given up for two others: the one that was written down first goes on, people are asked, and their answer ends it', async () => {
	const shop = await openSealingShop();
	const { write } = await writingHub(shop);
	const entries = [await write(joined), await write(renewed), await write(renewedApart), await write(renewedAgain)];
	for (const order of [entries, [...entries].reverse()]) {
		const ledger = await ledgerOf(shop, order);
		expect(keysIn(ledger)).toEqual([second, third].map(idOf));
		expect(ledger.conflicts()).toMatchObject([
			{
				members: [{ hash: entries[1]!.hash }, { hash: entries[2]!.hash }],
				choices: [{ id: 'keep-first' }],
				detail: {
					...{ kind: 'renewed-twice', device: relay.device, role: 'relay' },
					renewals: [
						{ key: second.device, countersigner: shop.hub.device, isInForce: true },
						{ key: stranger.device, isInForce: false },
					],
				},
			},
		]);
	}
	const ledger = await ledgerOf(shop, entries);
	const [asked] = ledger.conflicts();
	const members = asked!.members.map(({ hash }) => hash);
	const answer: Fact = { type: 'conflict.resolved', v: 1, conflict: asked!.id, choice: 'keep-first', members };
	const settled = await ledgerOf(shop, [...entries, await write(answer)]);
	expect([settled.conflicts(), keysIn(settled)]).toEqual([[], [second, third].map(idOf)]);
});

// ——— what it says

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/** A till that believes the relay under its first key, and hears what anybody shows it. */
async function believer(entryStore = createMemoryEntryStore()) {
	const shop = await openSealingShop();
	const { write } = await writingHub(shop);
	const till = await shop.till({ vault: createMemoryVault() });
	for (let n = 0; n < 3; n += 1) await till.sell(`sale-of-a-believer-${n}`);
	const open = async (): Promise<LinkedReplica> => {
		const opened = await openLinked(shop, 'till', { entryStore, own: till });
		opened.link('anybody', undefined);
		return opened;
	};
	const here = await open();
	await here.replica.takeChain(shop.hubChain);
	const hear = async (entry: Entry): Promise<void> => {
		here.replica.take([{ bytes: entry.sealed, route: 'catch-up', source: 'test' }]);
		await here.replica.idle();
	};
	await hear(await write(joined));
	const marks = (sales: number): readonly Mark[] => [{ device: till.signer.device, scope: 'branch', seq: sales, hash: till.told[sales - 1]!.hash }];
	const shows = async (signer: Signer, sales: number, atMs: number, on = here): Promise<void> => {
		const issue = createWatermarkIssuer({ ...shop, tier: 'cloud', signer, clock: { nowMs: () => atMs } });
		on.hear({ t: 'watermark', signed: hexOf((await issue(marks(sales))).signed) }, 'anybody');
		for (let turn = 0; turn < 20; turn += 1) await new Promise((go) => setTimeout(go));
	};
	return { shop, here, open, hear, write, shows };
}

const inCloud = ({ replica }: LinkedReplica): readonly number[] =>
	replica
		.findings()
		.watermarks.filter(({ tier }: Watermark) => tier === 'cloud')
		.flatMap(({ marks }) => marks.map(({ seq }) => seq));

test('10: what was in the cloud stays there through a renewal and a restart; the old key says nothing more, and the new one rules from its first word', async () => {
	const { here, open, hear, write, shows } = await believer();
	const nowMs = Date.now();
	await shows(relay, 2, nowMs);
	expect(inCloud(here)).toEqual([2]);
	await hear(await write(renewed));
	expect(inCloud(here)).toEqual([2]);
	await shows(relay, 3, nowMs + 1);
	expect(inCloud(here)).toEqual([2]);
	expect(inCloud(await open())).toEqual([2]);
	await shows(relayUnder(relay, second), 1, nowMs - YEAR_MS);
	expect(inCloud(here)).toEqual([1]);
	await shows(relayUnder(relay, second), 3, nowMs + 2);
	expect(inCloud(here)).toEqual([3]);
	expect(inCloud(await open())).toEqual([3]);
	await shows(relay, 2, nowMs + YEAR_MS);
	expect(inCloud(here)).toEqual([3]);
});

test('10: a last word that a copy of the old key has dated ahead is over with the first one of the new key', async () => {
	const { here, hear, write, shows } = await believer();
	const nowMs = Date.now();
	await shows(relay, 3, nowMs + YEAR_MS);
	expect(inCloud(here)).toEqual([3]);
	await hear(await write(renewed));
	await shows(relayUnder(relay, second), 1, nowMs);
	expect(inCloud(here)).toEqual([1]);
});

test('a key of which nothing is known is not believed, and whoever can ask the relay is told; so is no key that a hub is said to have', async () => {
	const { shop, here, shows } = await believer();
	const strange: DeviceId[] = [];
	here.replica.onStrangeKey((device) => strange.push(device));
	await shows(relayUnder(relay, second), 3, Date.now());
	expect([inCloud(here), strange]).toEqual([[], [relay.device]]);
	const issue = createWatermarkIssuer({ ...shop, tier: 'host', signer: relayUnder(shop.hub, stranger), clock: { nowMs: Date.now } });
	here.hear({ t: 'watermark', signed: hexOf((await issue([])).signed) }, 'anybody');
	await shows(relay, 1, Date.now());
	expect(here.replica.findings().watermarks.map(({ issuer }) => issuer)).toEqual([relay.device]);
});

test('a relay that is given up as lost is believed in nothing more, not in what it had said either; it is again if it is joined once more', async () => {
	const { here, hear, write, shows } = await believer();
	await shows(relay, 2, Date.now());
	expect(inCloud(here)).toEqual([2]);
	await hear(await write({ type: 'relay.left', v: 1, relay: relay.device }));
	expect([inCloud(here), here.ledger.state.relays.size]).toEqual([[], 0]);
	await shows(relay, 3, Date.now());
	expect(inCloud(here)).toEqual([]);
	await hear(await write(joined));
	await shows(relay, 3, Date.now());
	expect(inCloud(here)).toEqual([3]);
});

test('10: of what a relay owes nothing is taken from the disk that a key has said which it never had', async () => {
	const entryStore = createMemoryEntryStore();
	const { shop, open, hear, write } = await believer(entryStore);
	await hear(await write(renewed));
	const owedUnder = async (signer: Signer): Promise<readonly DeviceId[]> => {
		const issue = createWatermarkIssuer({ ...shop, tier: 'cloud', signer, clock: { nowMs: Date.now } });
		await entryStore.setCache('owed', encode([hexOf((await issue([])).signed)]));
		return (await open()).replica.findings().owed.map(({ issuer }) => issuer);
	};
	expect(await owedUnder(relay)).toEqual([relay.device]);
	expect(await owedUnder(relayUnder(relay, second))).toEqual([relay.device]);
	expect(await owedUnder(relayUnder(relay, stranger))).toEqual([]);
});

test('of two new keys the one that another was written down before is nobody’s word any more, and what it said is forgotten', async () => {
	const { here, hear, write, shows } = await believer();
	const first = await write(renewed);
	await hear(await write(renewedApart));
	await shows(relayUnder(relay, stranger), 3, Date.now());
	expect(inCloud(here)).toEqual([3]);
	await hear(first);
	expect(inCloud(here)).toEqual([]);
	await shows(relayUnder(relay, stranger), 3, Date.now());
	expect(inCloud(here)).toEqual([]);
	await shows(relayUnder(relay, second), 2, Date.now());
	expect(inCloud(here)).toEqual([2]);
});
