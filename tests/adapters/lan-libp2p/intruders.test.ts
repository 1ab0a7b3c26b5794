/** Who may not come in, and what the members may not do: each is put out, and the shop goes on. */
import { Repo, type PeerId } from '@automerge/automerge-repo';
import { encode as encodeCbor } from 'cborg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { issueCertificate } from '#engine/certify.ts';
import { encode } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { untilPasses } from '../../support/eventually.ts';
import { startHub, type Hub } from './hub.ts';
import { enrolHub, enrolSmaller, intrude, type Intruder } from './intruder.ts';
import { openShop, startDevice, type Member, type Shop } from './shop.ts';

let shop: Shop;
let hubMember: Member;
let hub: Hub;
let repo: Repo;
let revoked: Set<DeviceId>;
const others: { stop(): Promise<void> }[] = [];
const DOCUMENT = '2akvofn6L1o4RMUEMQi7qzwRjKWZ';

beforeEach(async () => {
	shop = await openShop();
	hubMember = await enrolHub(shop);
	revoked = new Set();
	hub = await startHub(shop, hubMember, {
		isRevoked: (device) => revoked.has(device),
		limits: { queueBytes: 4_000_000, frameBytes: 2_000_000, framesInSecond: 150 },
	});
	repo = new Repo({ network: [hub.network], peerId: 'hub-repo' as PeerId });
});

/** The hub still serves a till that behaves: whatever happened did not end it. */
afterEach(async () => {
	const good = startDevice(shop, await shop.enrol('Till 1', 'till'), { dial: () => [hub.address] });
	const goodRepo = new Repo({ network: [good.network], peerId: 'good-repo' as PeerId });
	await good.lan.start();
	await untilPasses(() => expect(good.lan.peers().map(({ name }) => name)).toEqual(['Hub']));
	const handle = repo.create({ sold: 1 });
	await untilPasses(async () => expect((await goodRepo.find<{ sold: number }>(handle.url)).doc().sold).toBe(1));
	await Promise.all([good, ...others.splice(0)].map((other) => other.stop()));
	await hub.stop();
});

async function intruder(member: Pick<Member, 'chain' | 'networkSeed'>): Promise<Intruder> {
	const made = await intrude(shop, member, hub.address);
	others.push(made);
	return made;
}

const farewell = (intruder: Intruder) => intruder.heard.findLast(({ t }) => t === 'bye')?.reason;
const isOut = (intruder: Intruder, reason?: string) =>
	untilPasses(() => {
		if (reason !== undefined) expect(farewell(intruder)).toBe(reason);
		expect(intruder.isOut()).toBe(true);
	});

test('a peer id that no certificate names is put out by the gater before it can say a word', async () => {
	const elsewhere = await openShop();
	const stranger = await enrolSmaller(elsewhere, hubMember);
	await expect(intruder(stranger)).rejects.toThrow();
	expect(hub.lan.counts().denied).toBeGreaterThan(0);
	expect(hub.lan.ends()).toEqual([]);
});

test('a certificate of another store is refused', async () => {
	const elsewhere = await openShop();
	const stranger = await enrolSmaller(elsewhere, hubMember);
	shop.members.push(stranger); // Past the gater, to meet the hello.
	const sameStoreSaid = await intruder(stranger);
	sameStoreSaid.hello();
	await isOut(sameStoreSaid, 'not-certified');
	const another = await enrolSmaller(elsewhere, hubMember);
	shop.members.push(another);
	const otherStoreSaid = await intruder(another);
	otherStoreSaid.hello({ store: elsewhere.store });
	await isOut(otherStoreSaid, 'other-store');
});

test('a till that calls itself a hub leads nobody anywhere', async () => {
	const member = await enrolSmaller(shop, hubMember);
	const till = await intruder(member);
	till.hello();
	await untilPasses(() => expect(till.heard.some(({ t }) => t === 'peers')).toBe(true));
	const place = { peer: member.peer, certhash: `uEi${'a'.repeat(44)}`, doors: [{ host: '192.168.1.66', port: 4404 }] };
	till.say(0, encode({ t: 'hubs', hubs: [place] }));
	till.say(0, encode({ t: 'hubs', hubs: [{ ...place, doors: [{ host: 'example.com', port: 53 }] }] }));
	// Counted behind the first: by now that one was heard.
	await untilPasses(() => expect(hub.lan.counts().droppedFrames).toBe(1));
	expect(hub.lan.hubs()).toEqual([]);
});

test('a stolen certificate is worth nothing under another peer id', async () => {
	const victim = await enrolSmaller(shop, hubMember);
	const thief = await enrolSmaller(shop, hubMember);
	const caught = await intruder({ chain: victim.chain, networkSeed: thief.networkSeed });
	caught.hello();
	await isOut(caught, 'certificate-of-another-peer');
	await untilPasses(() => expect(caught.connection.status).not.toBe('open'));
	// And stays out for a while.
	await expect(intruder({ chain: victim.chain, networkSeed: thief.networkSeed })).rejects.toThrow();
});

test('a certificate of another branch, and one that the member signed itself, are refused', async () => {
	const elsewhere = await enrolSmaller(shop, hubMember, { branch: 'ab'.repeat(16) });
	const fromElsewhere = await intruder(elsewhere);
	fromElsewhere.hello();
	await isOut(fromElsewhere, 'other-branch');
	const member = await enrolSmaller(shop, hubMember);
	const otherRoot = (await openShop()).root;
	const selfMade = await intruder({
		...member,
		chain: await issueCertificate({ ...member.certificate, issuer: otherRoot.device, name: 'Owner' }, otherRoot),
	});
	selfMade.hello();
	await isOut(selfMade, 'not-certified');
});

test('a peer of another version is told to update', async () => {
	const newer = await intruder(await enrolSmaller(shop, hubMember));
	newer.hello({ v: 2, more: 'fields' });
	await isOut(newer, 'update');
	expect(hub.lan.ends().at(-1)).toMatchObject({ reason: 'update', here: true });
});

test('who says nothing is put out after five seconds', async () => {
	const silent = await intruder(await enrolSmaller(shop, hubMember));
	await isOut(silent);
	expect(hub.lan.ends().at(-1)).toMatchObject({ reason: 'silent', here: true });
	await untilPasses(() => expect(silent.connection.status).not.toBe('open'));
});

test('rubbish instead of a hello, a frame before it, and a length beyond all bounds end the connection', async () => {
	const cases: ((intruder: Intruder) => void)[] = [
		(it) => it.say(0, Uint8Array.of(1, 2, 3)),
		(it) => it.say(0, Uint8Array.of(0xf6)),
		(it) => it.hello({ chain: 'zz' }),
		(it) => it.hello({ repoPeer: 'constructor' }),
		(it) => it.say(1, encodeCbor({ type: 'sync' })),
		(it) => it.sayRaw(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0)),
	];
	for (const misbehave of cases) {
		const made = await intruder(await enrolSmaller(shop, hubMember));
		misbehave(made);
		await isOut(made, 'malformed');
	}
});

test('a revoked device is put out while it is linked, and does not come back', async () => {
	const member = await enrolSmaller(shop, hubMember);
	const made = await intruder(member);
	made.hello();
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(1));
	revoked.add(member.certificate.device);
	await isOut(made, 'revoked');
	await expect(intruder(member)).rejects.toThrow();
});

test('a second device under the repo peer of a first is refused; the first stays', async () => {
	const first = await intruder(await enrolSmaller(shop, hubMember));
	first.hello();
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(1));
	const second = await intruder(await enrolSmaller(shop, hubMember));
	second.hello();
	await isOut(second, 'repo-peer-taken');
	expect(hub.lan.peers()).toHaveLength(1);
	const third = await intruder(await enrolSmaller(shop, hubMember));
	third.hello({ repoPeer: 'hub-repo' });
	await isOut(third, 'repo-peer-taken');
});

test('frames that are no messages are dropped one by one, and at last their sender', async () => {
	const arrived = vi.fn();
	hub.network.on('message', arrived);
	const made = await intruder(await enrolSmaller(shop, hubMember));
	made.hello();
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(1));
	const good = { senderId: 'intruder', targetId: 'hub-repo', documentId: DOCUMENT };
	const frames: unknown[] = [
		null,
		[],
		'text',
		{ ...good, type: 'join' },
		{ ...good, type: 'sync', data: Uint8Array.of(0x42), documentId: 'not an id' },
		{ ...good, type: 'sync', data: 'text' },
		{ ...good, type: 'sync', data: Uint8Array.of(1, 2, 3) },
		{ ...good, type: 'sync', data: Uint8Array.of(0x42), senderId: 'another-repo' },
		{ ...good, type: 'sync', data: Uint8Array.of(0x42), senderId: 'hub-repo' },
		{ ...good, type: 'sync', data: Uint8Array.of(0x42), targetId: 'another-repo' },
		{ ...good, type: 'ephemeral', data: Uint8Array.of(1), count: -1, sessionId: 's' },
		{ ...good, type: 'remote-heads-changed', newHeads: { s: { heads: 'no list', timestamp: 1 } } },
		{ ...good, type: 'remote-subscription-change', add: [1] },
	];
	for (const frame of frames) made.say(1, encodeCbor(frame));
	made.say(1, Uint8Array.of(0xff, 0xff));
	made.say(1, new Uint8Array(0));
	made.say(77, Uint8Array.of(1)); // A kind that a newer peer may know: no offence.
	await untilPasses(() => expect(hub.lan.counts().droppedFrames).toBe(frames.length + 2));
	expect(arrived).not.toHaveBeenCalled();
	expect(hub.network.dropped.get('under the name of another peer')).toBe(1);
	expect(hub.lan.peers()).toHaveLength(1);

	for (let i = 0; i < 100; i += 1) made.say(1, Uint8Array.of(0xf6));
	await isOut(made, 'malformed');
});

test('sync data that only looks like sync data does no harm in the Repo', async () => {
	const made = await intruder(await enrolSmaller(shop, hubMember));
	made.hello();
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(1));
	const known = repo.create({ sold: 3 });
	const told = vi.spyOn(console, 'log').mockImplementation(() => undefined); // automerge-repo prints what it could not take.
	for (const documentId of [DOCUMENT, known.documentId]) {
		for (const type of ['sync', 'request', 'ephemeral', 'doc-unavailable', 'remote-heads-changed']) {
			for (const data of [Uint8Array.of(0x42), Uint8Array.of(0x43, 0xff, 0xff, 0xff), new Uint8Array(5_000).fill(0x42)]) {
				made.say(
					1,
					encodeCbor({ type, senderId: 'intruder', targetId: 'hub-repo', documentId, data, count: data.length, sessionId: 's', newHeads: {} }),
				);
			}
		}
	}
	await new Promise((resolve) => setTimeout(resolve, 1_000));
	expect(hub.lan.peers()).toHaveLength(1);
	expect(known.doc()).toEqual({ sold: 3 });
	told.mockRestore();
});

test('an ephemeral message keeps its author while others pass it on', async () => {
	const arrived = vi.fn();
	hub.network.on('message', arrived);
	const made = await intruder(await enrolSmaller(shop, hubMember));
	made.hello();
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(1));
	made.say(
		1,
		encodeCbor({
			type: 'ephemeral',
			senderId: 'author',
			targetId: 'hub-repo',
			documentId: DOCUMENT,
			data: Uint8Array.of(0xf6),
			count: 1,
			sessionId: 's',
		}),
	);
	await untilPasses(() => expect(arrived).toHaveBeenCalledWith(expect.objectContaining({ senderId: 'author' })));
});

test('a peer that sends faster than any shop does is read at our pace, and loses nothing', async () => {
	const arrived = vi.fn();
	hub.network.on('message', arrived);
	const made = await intruder(await enrolSmaller(shop, hubMember));
	made.hello();
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(1));
	const begunMs = Date.now();
	for (let count = 1; count <= 400; count += 1) {
		const about = { senderId: 'intruder', targetId: 'hub-repo', documentId: DOCUMENT, data: Uint8Array.of(0xf6), count, sessionId: 's' };
		made.say(1, encodeCbor({ type: 'ephemeral', ...about }));
	}
	await untilPasses(() => expect(arrived).toHaveBeenCalledTimes(400));
	// Twice it had to wait for the next second, the first time for what was left of one.
	expect(Date.now() - begunMs).toBeGreaterThan(1_000);
	expect(hub.lan.peers()).toHaveLength(1);
});

test('a frame beyond the bound ends the link before it is in memory', async () => {
	const made = await intruder(await enrolSmaller(shop, hubMember));
	made.hello();
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(1));
	made.sayRaw(Uint8Array.of(0, 0x1e, 0x84, 0x81, 1)); // 2,000,001 bytes
	await isOut(made, 'malformed');
});

test('a peer that stops reading is put out when its queue is full', async () => {
	const made = await intruder(await enrolSmaller(shop, hubMember));
	made.hello();
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(1));
	made.stream.pause();
	const alive = setInterval(() => made.say(0, Uint8Array.of(0xa1, 0x61, 0x74, 0x64, 0x62, 0x65, 0x61, 0x74)), 500); // { t: 'beat' }
	try {
		for (let i = 0; i < 8; i += 1) {
			hub.network.send({ type: 'ephemeral', senderId: 'hub-repo' as PeerId, targetId: 'intruder' as PeerId, data: new Uint8Array(1_000_000) });
		}
		await untilPasses(() => expect(hub.lan.ends().at(-1)).toMatchObject({ reason: 'too-slow', here: true }));
		expect(hub.lan.peers()).toEqual([]);
	} finally {
		clearInterval(alive);
	}
});
