/** The door by webrtc-direct, in Node on both sides: who comes in by it to be enrolled, who gets a link, and who gets neither. */
import { createSocket } from 'node:dgram';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addressesOfTry, directAddress } from '#adapters/lan-libp2p/addresses.ts';
import { NobodyAnswered, visitHub, type EnrolmentDesk, type Visit } from '#adapters/lan-libp2p/enrolment.ts';
import { createNode, type DirectDoor } from '#adapters/lan-libp2p/node.ts';
import { makeDirectCertificate } from '#server/tls/certificates.ts';
import { openDirectCertificate } from '#server/tls/direct-certificate.ts';
import type { Enrolled, HubInfo, JoinRequest } from '#schemas/wire/enrolment.ts';
import { LAN_PROTOCOL } from '#schemas/wire/hello.ts';
import { freeUdpPort } from '../../support/free-port.ts';
import { untilPasses } from '../../support/eventually.ts';
import { startHub, type Hub } from './hub.ts';
import { enrolHub, enrolSmaller, helloOf, intrude } from './intruder.ts';
import { openShop, startDevice, type Member, type Shop } from './shop.ts';

const INFO: HubInfo = { protocolVersion: 1, claimed: true, local: false, peer: '', multiaddrs: [] };
const ENROLLED = { till: 2, chain: 'aa', certificates: [] } as unknown as Enrolled;

/** Seconds, as an owner counts them, and what a busy machine adds. */

let shop: Shop;
let hubMember: Member;
let hub: Hub;
let folder: Parameters<typeof openDirectCertificate>[0];
let address: string;
let door: DirectDoor;
let enrols: boolean;
let asked: JoinRequest[];
let aheadMs: number;
let revoked: Set<string>;
const others: { stop(): Promise<unknown> }[] = [];

const desk: EnrolmentDesk = {
	isOpen: () => enrols,
	ask: () => ({ info: { ...INFO, store: shop.store, branch: shop.branch }, nonce: '0'.repeat(32) }),
	join(request) {
		asked.push(request);
		return Promise.resolve(
			request.code === 'K7QM-42XR'
				? { enrolled: { ...ENROLLED, store: shop.store, branch: shop.branch, root: shop.root.device } }
				: { error: 'That is not the code.' },
		);
	},
};

beforeEach(async () => {
	[enrols, asked, aheadMs, revoked] = [true, [], 0, new Set()];
	shop = await openShop();
	hubMember = await enrolHub(shop);
	const kept = new Map<string, unknown>();
	folder = { path: '', read: (name: string) => kept.get(name), write: (name: string, value: unknown) => void kept.set(name, value) };
	await openHub();
});

/** On a port of its own each time: the native listener keeps one that it was stopped on until the process ends. */
async function openHub(): Promise<void> {
	door = { host: '127.0.0.1', port: await freeUdpPort(), certificate: await openDirectCertificate(folder, Date.now()) };
	address = directAddress({ host: '127.0.0.1', port: door.port, certhash: door.certificate.certhash, peer: hubMember.peer });
	hub = await startHub(shop, hubMember, {
		...{ direct: door, enrolment: desk, clock: { nowMs: () => Date.now() + aheadMs }, isRevoked: (device) => revoked.has(device) },
		knownPeers: () => new Set(shop.members.filter(({ certificate }) => !revoked.has(certificate.device)).map(({ peer }) => peer)),
	});
	hub.network.connect('Hub' as never);
}

/** Whatever happened did not end the hub: a member still gets its link by this door. */
afterEach(async () => {
	aheadMs = 0;
	const good = await openTill();
	await untilPasses(() => expect(good.lan.peers().map(({ name, transport }) => [name, transport])).toEqual([['Hub', 'webrtc-direct']]));
	await Promise.all(others.splice(0).map((other) => other.stop()));
	await hub.stop();
});

async function openTill() {
	// It listens, too: in Node that is how it dials.
	const till = startDevice(shop, await shop.enrol('Till 1', 'till'), { dial: () => [address], direct: { ...door, port: await freeUdpPort() } });
	others.push(till);
	till.network.connect(`Till ${Math.random()}` as never);
	await till.lan.start();
	return till;
}

async function visit(networkSeed: Uint8Array = crypto.getRandomValues(new Uint8Array(32))): Promise<Visit> {
	const made = await visitHub(networkSeed, [address]);
	others.push({ stop: () => made.close() });
	return made;
}

const requestOf = (peer: string, code = 'K7QM-42XR'): JoinRequest =>
	({ device: shop.root.device, peer, code, proof: '0'.repeat(128), nonce: '0'.repeat(32) }) as JoinRequest;

test('a stranger hears who the hub is and is enrolled under its own network key; after that it has a link by the same door', async () => {
	const till = await shop.enrol('Till 2', 'till');
	shop.members.splice(shop.members.indexOf(till), 1);
	const visitor = await visit(till.networkSeed);
	expect(visitor.info).toMatchObject({ store: shop.store, branch: shop.branch });
	expect(visitor.address).toBe(address);
	expect(await visitor.join(requestOf(till.peer, 'AAAA-AAAA'))).toEqual({ error: 'That is not the code.' });
	expect(await visitor.join(requestOf(hubMember.peer))).toMatchObject({ why: 'other-key' });
	expect(asked.map(({ code }) => code)).toEqual(['AAAA-AAAA']);
	expect(await visitor.join(requestOf(till.peer))).toMatchObject({ enrolled: { till: 2 } });
	await visitor.close();
	expect(hub.lan.peers()).toEqual([]);

	shop.members.push(till);
	const device = startDevice(shop, till, { dial: () => [address], direct: { ...door, port: await freeUdpPort() } });
	others.push(device);
	device.network.connect('Till 2' as never);
	await device.lan.start();
	await untilPasses(() => expect(hub.lan.peers().map(({ name, transport }) => [name, transport])).toEqual([['Till 2', 'webrtc-direct']]));
});

test('a hub that was stopped comes back under the same hash', async () => {
	const { certhash } = door.certificate;
	await hub.stop();
	await openHub();
	expect(door.certificate.certhash).toBe(certhash);
	expect((await visit()).info.store).toBe(shop.store);
});

test('a stranger gets no link while the hub enrols, and is put out after a while; without a code it never gets in', async () => {
	const stranger = await enrolSmaller(await openShop(), hubMember);
	const { libp2p } = await createNode({
		networkSeed: stranger.networkSeed,
		gater: { denyDialMultiaddr: () => false },
		door: undefined,
		dialsDirect: true,
	});
	others.push({ stop: async () => libp2p.stop() });
	await libp2p.start();
	const connection = await libp2p.dial(multiaddr(address), { signal: AbortSignal.timeout(5_000) });
	// Refused while it is asked for, or right after that: then its hello falls on deaf ears.
	const stream = await connection.newStream(LAN_PROTOCOL, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
	stream?.send(helloOf(shop, stranger));
	await untilPasses(() => expect(stream?.status).not.toBe('open'));
	expect(hub.lan.ends()).toEqual([]);
	expect(connection.status).toBe('open');
	await new Promise((resolve) => setTimeout(resolve, 1_500));
	aheadMs = 30_000;
	await untilPasses(() => expect(connection.status).not.toBe('open'));

	enrols = false;
	await expect(visit()).rejects.toThrow();
	expect(hub.lan.counts().denied).toBeGreaterThan(0);
});

test('by the websocket a stranger stays out while the hub enrols', async () => {
	const elsewhere = await openShop();
	const stranger = await elsewhere.enrol('Till 9', 'till');
	await expect(intrude(shop, stranger, hub.address)).rejects.toThrow();
	expect(hub.lan.counts().denied).toBeGreaterThan(0);
});

test('a revoked device is no visitor either: it cannot come back in by enrolment’s door', async () => {
	const till = await shop.enrol('Till 3', 'till');
	const device = startDevice(shop, till, { dial: () => [address], direct: { ...door, port: await freeUdpPort() } });
	device.network.connect('Till 3' as never);
	await device.lan.start();
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(1));
	revoked.add(till.certificate.device);
	await untilPasses(() => expect(hub.lan.peers()).toHaveLength(0));
	await device.stop();
	await expect(visit(till.networkSeed)).rejects.toThrow();
});

test('a till that is linked by this door is cut off within seconds of its removal, and gets no link again', async () => {
	const till = await openTill();
	await untilPasses(() => expect(hub.lan.peers().map(({ transport }) => transport)).toEqual(['webrtc-direct']));
	revoked.add(shop.members.at(-1)!.certificate.device);
	await untilPasses(() => expect([hub.lan.peers(), till.lan.peers()]).toEqual([[], []]));
	expect(hub.lan.ends().map(({ reason }) => reason)).toContain('revoked');
	// It tries again meanwhile, more than once.
	await new Promise((resolve) => setTimeout(resolve, 5_000));
	expect([hub.lan.peers(), till.lan.peers()]).toEqual([[], []]);
});

test('another certificate at the same address, and another hub behind it, are not taken for this one', async () => {
	const other = await makeDirectCertificate(Date.now());
	const kept = { path: '', read: () => other, write: () => undefined };
	const { certhash } = await openDirectCertificate(kept, Date.now());
	const stranger = await (await openShop()).enrol('Hub', 'hub');
	const wrong = [
		directAddress({ host: '127.0.0.1', port: door.port, certhash, peer: hubMember.peer }),
		directAddress({ host: '127.0.0.1', port: door.port, certhash: door.certificate.certhash, peer: stranger.peer }),
	];
	for (const one of wrong) await expect(visitHub(crypto.getRandomValues(new Uint8Array(32)), [one])).rejects.toThrow(NobodyAnswered);
});

test('rubbish on its UDP port, and greetings that nobody follows up, do not end the hub', async () => {
	const socket = createSocket('udp4');
	const send = (bytes: Uint8Array): Promise<void> =>
		new Promise((resolve, reject) => {
			socket.send(bytes, door.port, '127.0.0.1', (error) => {
				if (error === null) resolve();
				else reject(error);
			});
		});
	for (let n = 0; n < 200; n += 1) await send(crypto.getRandomValues(new Uint8Array(1 + ((n * 7) % 1_200))));
	const good = `libp2p+webrtc+v1/${'a'.repeat(32)}`;
	for (const name of [
		'',
		':',
		'x:y',
		`${good}:${good}`,
		`${'é'.repeat(200)}:x`,
		`${'a'.repeat(500)}:${'a'.repeat(500)}`,
		'\0\0\0\0:\n',
		`${good}\r\na=x:${good}`,
	])
		await send(stunRequest(name));
	for (let n = 0; n < 60; n += 1) await send(stunRequest(`libp2p+webrtc+v1/${n}${'b'.repeat(30)}:c`));
	socket.close();
	// Its members and visitors come in as before, while what it made of these goes by itself.
	expect((await visit()).info.store).toBe(shop.store);
});

/** As a browser's first datagram (RFC 8489, 6.3): a binding request with a user name. */
function stunRequest(name: string): Uint8Array {
	const user = Buffer.from(name);
	const padded = Buffer.concat([user, Buffer.alloc((4 - (user.length % 4)) % 4)]);
	const head = Buffer.alloc(24);
	head.writeUInt16BE(0x0001, 0);
	head.writeUInt16BE(4 + padded.length, 2);
	head.writeUInt32BE(0x2112a442, 4);
	crypto.getRandomValues(head.subarray(8, 20));
	head.writeUInt16BE(0x0006, 20);
	head.writeUInt16BE(user.length, 22);
	return Buffer.concat([head, padded]);
}

test('which addresses of a hub are dialled after so many failures', () => {
	const sockets = ['/ip4/10.0.0.2/tcp/4400/ws/p2p/A'];
	const direct = ['/ip4/10.0.0.2/udp/4404/webrtc-direct/certhash/x/p2p/A', '/ip4/10.0.0.3/udp/4404/webrtc-direct/certhash/x/p2p/A'];
	expect(addressesOfTry(sockets, 9)).toEqual(sockets);
	expect([0, 1, 2].map((failures) => addressesOfTry(direct, failures))).toEqual([[direct[0]], [direct[1]], [direct[0]]]);
	const tries = (addresses: readonly string[]) => [0, 1, 6, 7, 8, 15].map((failures) => addressesOfTry(addresses, failures));
	expect(tries([...sockets, ...direct])).toEqual([sockets, sockets, sockets, [direct[0]], sockets, [direct[1]]]);
	// Of a hub whose certificate the device may not trust, the likelier way comes first.
	expect(tries([...direct, ...sockets])).toEqual([[direct[0]], sockets, sockets, sockets, [direct[1]], sockets]);
});
