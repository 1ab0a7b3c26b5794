/** Everything that a stranger or a member gone bad can send to a relay: it is refused or closed, the relay lives, and an honest hub goes on. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentIdOf } from '#adapters/documents-automerge/document-id.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { issueCertificate } from '#engine/certify.ts';
import { encode } from '#schemas/cbor.ts';
import { floorPreimage } from '#schemas/documents/floor.ts';
import type { BranchId } from '#schemas/ids.ts';
import { HUB_RIGHTS } from '#schemas/rights.ts';
import type { Relay } from '#server/relay-process.ts';
import { eventually } from '../../support/eventually.ts';
import { openSealingShop } from '../../support/sealing-till.ts';
import { admissionOf, hubOf, knock, memberOf, newSigner, peerOf, relayAt, secondHubOf, type LinkedHub, type RawSocket } from './relay-shop.ts';

let relay: Relay;
let hub: LinkedHub;
beforeAll(async () => {
	relay = await relayAt();
	hub = await hubOf(`ws://127.0.0.1:${relay.port}`, 'Corner shop');
	hub.link.start();
	await stillWorks();
});
afterAll(async () => {
	await hub.close();
	await relay.close();
});

let count = 0;
async function stillWorks(): Promise<void> {
	const name = `Corner shop ${(count += 1)}`;
	await hub.rename(name);
	await eventually(() => nameAtRelay() === name, `the relay hears of ${name}`);
	expect((await fetch(`http://127.0.0.1:${relay.port}/healthz`)).status).toBe(200);
}
function nameAtRelay(): string | undefined {
	return relay
		.branches()
		.find(({ store }) => store === hub.shop.store)
		?.branch.ledger.state.settings.value('storeName');
}

describe('at the upgrade', () => {
	test('nothing, or half a request, is refused with 401', async () => {
		await expect(knock(relay, {})).rejects.toThrow(/^401 .*lacks a proof/);
		const { chain, ...rest } = await admissionOf(relay, hub.shop, await memberOf(hub.shop));
		await expect(knock(relay, rest)).rejects.toThrow(/^401 .*lacks a proof/);
		await expect(knock(relay, { ...rest, chain: chain.slice(0, 40) })).rejects.toThrow(/^401 .*not of this store/);
	});

	test('a certificate of another store is refused, under its own store’s name and under ours', async () => {
		const other = await openSealingShop();
		const stranger = await memberOf(other);
		const asOurs = await admissionOf(relay, hub.shop, stranger);
		await expect(knock(relay, asOurs)).rejects.toThrow(/^401 .*not of this store/);
		const asTheirs = await admissionOf(relay, other, stranger, { store: hub.shop.store });
		await expect(knock(relay, asTheirs)).rejects.toThrow(/^401 .*not of this store/);
	});

	test('a copied certificate is of no use without its key', async () => {
		const member = await memberOf(hub.shop);
		const thief = { signer: await newSigner(), chain: member.chain };
		const stolen = await admissionOf(relay, hub.shop, thief, { device: member.signer.device, repoPeer: peerOf(member.signer) });
		await expect(knock(relay, stolen)).rejects.toThrow(/^401 .*proof does not fit/);
		const own = await admissionOf(relay, hub.shop, thief);
		await expect(knock(relay, own)).rejects.toThrow(/^401 .*another device/);
	});

	test('a proof counts once, and only under a nonce that the relay drew', async () => {
		const member = await memberOf(hub.shop);
		const once = await admissionOf(relay, hub.shop, member);
		(await knock(relay, once)).close();
		await expect(knock(relay, once)).rejects.toThrow(/^401 .*used or too old/);
		await expect(knock(relay, await admissionOf(relay, hub.shop, member, { nonce: 'ab'.repeat(16) }))).rejects.toThrow(/^401 .*used or too old/);
	});

	test('a member cannot take the place of another one by its name', async () => {
		const member = await memberOf(hub.shop);
		const asHub = await admissionOf(relay, hub.shop, member, { repoPeer: peerOf(hub.shop.hub) });
		await expect(knock(relay, asHub)).rejects.toThrow(/^401 .*another peer/);
		expect(hub.link.state().state).toBe('connected');
	});

	test('strangers make no branch here, whatever they ask for', async () => {
		const before = relay.branches().length;
		const other = await openSealingShop();
		const { signer } = await memberOf(other);
		await expect(knock(relay, await admissionOf(relay, other, { signer, chain: hub.shop.hubChain }))).rejects.toThrow(/^401/);
		expect(relay.branches()).toHaveLength(before);
	});

	test('a shop that a stranger made keeps nothing at a relay for some stores, and one that takes those it knows takes further branches of them', async () => {
		const path = mkdtempSync(join(tmpdir(), 'holdfast-stores-'));
		const [mine, strange] = [await openSealingShop(), await openSealingShop()];
		const knocks = async (at: Relay, shop: typeof mine): Promise<void> =>
			(await knock(at, await admissionOf(at, shop, { signer: shop.hub, chain: shop.hubChain }))).close();
		const listed = await relayAt(path, 0, 8, { stores: ['0123456', mine.store.slice(0, 8)] });
		await expect(knocks(listed, strange)).rejects.toThrow(/^403 .*for other stores/);
		await knocks(listed, mine);
		await listed.close();
		const knowing = await relayAt(path, 0, 8, { stores: 'known' });
		await expect(knocks(knowing, strange)).rejects.toThrow(/^403 .*for other stores/);
		await knocks(knowing, mine);
		expect(knowing.branches().map(({ store }) => store)).toEqual([mine.store]);
		const harbour = await newSigner();
		const certificate = mine.certificate(harbour, {
			...{ role: 'hub', name: 'Harbour', rights: [...HUB_RIGHTS], issuer: mine.root.device, branch: '0a'.repeat(16) as BranchId },
		});
		const hubOfHarbour = { signer: harbour, chain: await issueCertificate(certificate, mine.root) };
		(await knock(knowing, await admissionOf(knowing, { ...mine, branch: certificate.branch }, hubOfHarbour))).close();
		expect(knowing.branches()).toHaveLength(2);
		await knowing.close();
	});

	test.each(['/relay?%', '/relay?store=%ff&store=1', '//relay', '/elsewhere', '/relay/challenge'])(
		'an upgrade at %s is answered, not feared',
		async (path) => {
			const response = await fetch(`http://127.0.0.1:${relay.port}${path}`, { headers: { 'x-why': 'no upgrade' } });
			expect(response.status).toBeLessThan(500);
			await response.arrayBuffer();
		},
	);

	test('the honest hub has noticed nothing', stillWorks);
});

describe('a member gone bad', () => {
	const enter = async (): Promise<{ readonly raw: RawSocket; readonly name: string }> => {
		const member = await memberOf(hub.shop);
		return { raw: await knock(relay, await admissionOf(relay, hub.shop, member)), name: peerOf(member.signer) };
	};
	const joined = async () => {
		const entered = await enter();
		entered.raw.send({ type: 'join', senderId: entered.name, peerMetadata: {}, supportedProtocolVersions: ['1'] });
		await eventually(() => entered.raw.heard.length > 0, 'the relay answers the join');
		return entered;
	};
	const relayPeer = async (): Promise<string> => ((await (await fetch(`http://127.0.0.1:${relay.port}/hub.json`)).json()) as { peer: string }).peer;
	const DOCUMENT = '4NMNnkMhL8jXrdJ9jamS58PAVdXu';

	test.each([
		['CBOR null', new Uint8Array([0xf6])],
		['nothing', new Uint8Array()],
		['garbage', new Uint8Array([0xff, 0x00, 0x13, 0x37])],
		['a number', new Uint8Array([0x01])],
		['a deep nest', new Uint8Array(50_000).fill(0x81)],
		['text', 'hello'],
	])('%s closes its socket with a reason', async (_, bytes) => {
		const { raw } = await enter();
		raw.sendBytes(bytes);
		expect(await raw.ended).toMatch(/^1008 ./);
	});

	test.each([
		['a kind of its own, in long foreign words', { type: '€'.repeat(120) }],
		['a key of long foreign words', { type: 'sync', ['€'.repeat(120)]: 1 }],
		['no message', { type: 'sync' }],
		['words before joining', { type: 'sync', senderId: 'x', targetId: 'y', documentId: DOCUMENT, data: new Uint8Array([1]) }],
		['a join under another name', { type: 'join', senderId: 'somebody-else' }],
	])('%s closes its socket with a reason', async (_, message) => {
		const { raw } = await enter();
		raw.send(message);
		expect(await raw.ended).toMatch(/^1008 ./);
	});

	test('a join under the hub’s name does not end the hub’s link', async () => {
		const { raw } = await enter();
		raw.send({ type: 'join', senderId: peerOf(hub.shop.hub), supportedProtocolVersions: ['1'] });
		expect(await raw.ended).toMatch(/^1008 joined under another name/);
		expect(hub.link.state().state).toBe('connected');
	});

	test('a second join, a message for or from somebody else, closes its socket', async () => {
		const self = await relayPeer();
		const sync = { type: 'sync', targetId: self, documentId: DOCUMENT, data: new Uint8Array([1, 2, 3]) };
		for (const [message, reason] of [
			[(name: string) => ({ type: 'join', senderId: name }), /joined twice/],
			[() => ({ ...sync, senderId: peerOf(hub.shop.hub) }), /another peer/],
			[() => ({ ...sync, senderId: self }), /relay’s own name/],
			[(name: string) => ({ ...sync, senderId: name, targetId: 'somebody' }), /somebody else/],
			[(name: string) => ({ ...sync, senderId: name, documentId: 'constructor/..' }), /not a message/],
		] as const) {
			const { raw, name } = await joined();
			raw.send(message(name));
			expect(await raw.ended).toMatch(reason);
		}
	});

	test('sync messages whose bytes Automerge cannot read end nothing', async () => {
		const self = await relayPeer();
		const { raw, name } = await joined();
		for (const type of ['sync', 'request', 'ephemeral', 'doc-unavailable'] as const) {
			for (const documentId of [DOCUMENT, (await documentIdOf(floorPreimage(hub.shop.store, hub.shop.branch), createDigest())).text]) {
				const about = { type, senderId: name, targetId: self, documentId };
				raw.send({
					...about,
					...(type === 'doc-unavailable' ? {} : { data: new Uint8Array([0x42, 0, 1, 2, 3]) }),
					...(type === 'ephemeral' ? { count: 1, sessionId: 's' } : {}),
				});
			}
		}
		await stillWorks();
		raw.close();
	});

	test('a version that nobody speaks is told so', async () => {
		const { raw, name } = await enter();
		raw.send({ type: 'join', senderId: name, supportedProtocolVersions: ['99'] });
		await raw.ended;
		expect(raw.heard).toContainEqual(expect.objectContaining({ type: 'error' }));
	});

	test('a frame beyond the bound closes its socket before it is in memory', async () => {
		const { raw } = await joined();
		raw.sendBytes(new Uint8Array(16 * 1024 * 1024 + 1));
		expect(await raw.ended).toMatch(/^1009/);
	});

	test('a flood closes its socket', async () => {
		const { raw, name } = await joined();
		const about = encode({ type: 'doc-unavailable', senderId: name, targetId: await relayPeer(), documentId: DOCUMENT });
		let isOver = false;
		void raw.ended.then(() => (isOver = true));
		// In pieces: this process is both ends, and who only sends does not hear within the second that it has to. As long as it takes a busy machine to be a flood.
		for (let sent = 0; sent < 1_000_000 && !isOver; sent += 500) {
			for (let n = 0; n < 500; n += 1) raw.sendBytes(about);
			await new Promise((go) => setImmediate(go));
		}
		expect(await raw.ended).toMatch(/^1008 too much at once/);
	});

	test('a second hub that the root let in works beside the first', async () => {
		const second = await secondHubOf(hub.shop);
		const raw = await knock(relay, await admissionOf(relay, hub.shop, second));
		raw.send({ type: 'join', senderId: peerOf(second.signer), supportedProtocolVersions: ['1'] });
		await eventually(() => raw.heard.some((message) => (message as { type: string }).type === 'peer'), 'it is greeted');
		raw.close();
	});

	test('a device that connects again ends its own first socket, and stays', async () => {
		const member = await memberOf(hub.shop);
		const sockets: RawSocket[] = [];
		for (let n = 0; n < 2; n += 1) {
			const raw = await knock(relay, await admissionOf(relay, hub.shop, member));
			raw.send({ type: 'join', senderId: peerOf(member.signer), supportedProtocolVersions: ['1'] });
			await eventually(() => raw.heard.length > 0, 'the relay answers the join');
			sockets.push(raw);
		}
		expect(await sockets[0]?.ended).toMatch(/connected again/);
		const heardBefore = sockets[1]?.heard.length ?? 0;
		await stillWorks();
		await eventually(() => (sockets[1]?.heard.length ?? 0) > heardBefore, 'the second socket hears what is new');
		sockets[1]?.close();
	});

	test('the honest hub has noticed nothing', stillWorks);
});
