/** Links between a hub and tills in Node over loopback: what they tell, how they end, how they come back. */
import { Repo, type PeerId } from '@automerge/automerge-repo';
import { expect, test } from 'vitest';
import { websocketAddress } from '#adapters/lan-libp2p/addresses.ts';
import type { LanDeps } from '#adapters/lan-libp2p/lan.ts';
import type { Mark } from '#schemas/mark.ts';
import { LINK_BOUNDS } from '#schemas/wire/bounds.ts';
import { layCable } from '../../support/cable.ts';
import { untilPasses } from '../../support/eventually.ts';
import { startHub, type Hub } from './hub.ts';
import { openShop, startDevice, type Device, type Member, type Shop } from './shop.ts';

interface Lan {
	readonly shop: Shop;
	readonly hubMember: Member;
	/** The one that runs now. */
	hub: Hub;
	/** Stopped at the end. */
	readonly others: { stop(): Promise<void> }[];
	startTill(name: string, changes?: Partial<LanDeps>): Promise<Device & { readonly member: Member }>;
}

/** Each test has a shop and a hub of its own, so that those that wait can wait side by side. */
function inLan(run: (lan: Lan) => Promise<void>): () => Promise<void> {
	return async () => {
		const shop = await openShop();
		const hubMember = await shop.enrol('Hub', 'hub');
		const lan: Lan = {
			...{ shop, hubMember, hub: await startHub(shop, hubMember), others: [] },
			async startTill(name, changes = {}) {
				const member = await shop.enrol(name, 'till');
				const device = startDevice(shop, member, { dial: () => [lan.hub.address], ...changes });
				lan.others.push(device);
				device.network.connect(`${name}-repo` as PeerId);
				await device.lan.start();
				return { ...device, member };
			},
		};
		lan.hub.network.connect('hub-repo' as PeerId);
		try {
			await run(lan);
		} finally {
			await Promise.all([lan.hub, ...lan.others].map((other) => other.stop()));
		}
	};
}

const linked = (device: Device, names: readonly string[]) =>
	untilPasses(() =>
		expect(
			device.lan
				.peers()
				.map(({ name }) => name)
				.sort(),
		).toEqual([...names].sort()),
	);

test.concurrent(
	'a link tells who, how, since when, and what the other one holds',
	inLan(async ({ hub, hubMember, startTill }) => {
		const mark: Mark = { device: hubMember.certificate.device, scope: 'branch', seq: 7, hash: 'ab'.repeat(32) as Mark['hash'] };
		const told: number[] = [];
		const till = await startTill('Till 1', { marks: () => [mark] });
		till.lan.onPeers((peers) => told.push(peers.length));
		await linked(till, ['Hub']);
		await linked(hub, ['Till 1']);
		expect(hub.lan.peers()[0]).toMatchObject({ device: till.member.certificate.device, role: 'till', transport: 'websocket', marks: [mark] });
		expect(till.lan.peers()[0]).toMatchObject({ device: hubMember.certificate.device, role: 'hub', marks: [] });
		expect(Date.now() - (hub.lan.peers()[0]?.connectedSinceMs ?? 0)).toBeLessThan(10_000);
		await till.lan.stop();
		await linked(hub, []);
		expect(told.at(-1)).toBe(0);
	}),
);

test.concurrent(
	'after `stop` nobody is dialled, after `start` the till is back',
	inLan(async ({ hub, startTill }) => {
		const till = await startTill('Till 1');
		await linked(till, ['Hub']);
		await linked(hub, ['Till 1']);
		await till.lan.stop();
		await linked(hub, []);
		expect(hub.lan.ends()).toContainEqual(expect.objectContaining({ reason: 'stopped', here: false }));
		await new Promise((resolve) => setTimeout(resolve, 3_000));
		expect(hub.lan.peers()).toEqual([]);
		expect(till.lan.peers()).toEqual([]);
		await till.lan.start();
		await linked(till, ['Hub']);
		await linked(hub, ['Till 1']);
	}),
);

test.concurrent(
	'start and stop in one breath end as the last one said',
	inLan(async ({ startTill }) => {
		const till = await startTill('Till 1');
		await Promise.all([till.lan.stop(), till.lan.start(), till.lan.stop(), till.lan.start()]);
		await linked(till, ['Hub']);
		await Promise.all([till.lan.start(), till.lan.stop()]);
		expect(till.lan.peers()).toEqual([]);
	}),
);

test.concurrent(
	'a killed hub is noticed at once and found again soon after its return',
	inLan(async (lan) => {
		const till = await lan.startTill('Till 1');
		await linked(till, ['Hub']);
		const { port } = lan.hub;
		await lan.hub.kill();
		await linked(till, []);
		expect(till.lan.ends().at(-1)?.reason).not.toBe('silent');
		await new Promise((resolve) => setTimeout(resolve, 5_000));
		lan.hub = await startHub(lan.shop, lan.hubMember, {}, port);
		lan.hub.network.connect('hub-repo-2' as PeerId);
		await linked(till, ['Hub']);
	}),
);

test.concurrent(
	'a cut cable is noticed within seconds on both sides',
	inLan(async ({ hub, hubMember, others, startTill }) => {
		const cable = await layCable(hub.port);
		others.push(cable);
		const till = await startTill('Till 1', { dial: () => [websocketAddress({ host: '127.0.0.1', port: cable.port, peer: hubMember.peer })] });
		await linked(till, ['Hub']);
		await new Promise((resolve) => setTimeout(resolve, 6_000)); // Quiet, but alive: the pulse holds it.
		expect(till.lan.peers()).toHaveLength(1);
		cable.cut();
		await Promise.all([linked(till, []), linked(hub, [])]); // TCP itself would take minutes.
		cable.mend();
		await linked(till, ['Hub']);
	}),
);

/** As a machine has it whose clock was hours ahead until the network corrected it. */
function clockToSetBack() {
	let backMs = 0;
	return {
		clock: { nowMs: () => Date.now() - backMs },
		setBack: () => void (backMs = 2 * 60 * 60_000),
	};
}

test.concurrent(
	'a till whose clock is set back while its hub is away finds it soon after its return',
	inLan(async (lan) => {
		const { clock, setBack } = clockToSetBack();
		const till = await lan.startTill('Till 1', { clock });
		await linked(till, ['Hub']);
		const { port } = lan.hub;
		await lan.hub.kill();
		await linked(till, []);
		await new Promise((resolve) => setTimeout(resolve, 3_000));
		setBack();
		lan.hub = await startHub(lan.shop, lan.hubMember, {}, port);
		lan.hub.network.connect('hub-repo-2' as PeerId);
		await linked(till, ['Hub']);
	}),
);

test.concurrent(
	'a hub whose clock is set back goes on hearing a till that sends no faster than it may',
	inLan(async (lan) => {
		const { clock, setBack } = clockToSetBack();
		const { port } = lan.hub;
		await lan.hub.stop();
		lan.hub = await startHub(lan.shop, lan.hubMember, { clock, limits: { framesInSecond: 20 } }, port);
		lan.hub.network.connect('hub-repo-2' as PeerId);
		let heard = 0;
		lan.hub.network.on('message', () => void (heard += 1));
		const till = await lan.startTill('Till 1');
		await linked(till, ['Hub']);
		setBack();
		const about = { senderId: 'Till 1-repo' as PeerId, targetId: 'hub-repo-2' as PeerId, documentId: '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as never };
		for (let count = 1; count <= 60; count += 1) {
			till.network.send({ type: 'ephemeral', ...about, data: new Uint8Array([0x40]), ...{ count, sessionId: 's' } });
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
		await untilPasses(() => expect(heard).toBe(60), 5_000);
	}),
);

test.concurrent(
	'a cut cable is noticed by a hub and a till whose clocks were set back',
	inLan(async (lan) => {
		const { clock, setBack } = clockToSetBack();
		const { port } = lan.hub;
		await lan.hub.stop();
		lan.hub = await startHub(lan.shop, lan.hubMember, { clock }, port);
		lan.hub.network.connect('hub-repo-2' as PeerId);
		const cable = await layCable(port);
		lan.others.push(cable);
		const dial = () => [websocketAddress({ host: '127.0.0.1', port: cable.port, peer: lan.hubMember.peer })];
		const till = await lan.startTill('Till 1', { clock, dial });
		await linked(till, ['Hub']);
		cable.cut();
		setBack();
		await Promise.all([linked(till, []), linked(lan.hub, [])]);
		cable.mend();
		await linked(till, ['Hub']);
	}),
);

test.concurrent(
	'a new replica beside the same LAN says a new hello under its new name',
	inLan(async ({ hub, startTill }) => {
		const till = await startTill('Till 1');
		await linked(till, ['Hub']);
		const seen: string[] = [];
		hub.network.on('peer-candidate', ({ peerId }) => seen.push(peerId));
		till.network.disconnect();
		till.network.connect('Till 1-repo after a restart' as PeerId);
		// The first name may be heard only now: the till had its link before the hub had.
		await untilPasses(() => expect(seen.filter((name) => name !== 'Till 1-repo')).toEqual(['Till 1-repo after a restart']));
		await linked(hub, ['Till 1']);
	}),
);

test.concurrent(
	'a replica that comes late finds its links without a second start',
	inLan(async ({ hub, others, shop }) => {
		const member = await shop.enrol('Till 1', 'till');
		const till = startDevice(shop, member, { dial: () => [hub.address] });
		others.push(till);
		await till.lan.start();
		await new Promise((resolve) => setTimeout(resolve, 1_500));
		expect(till.lan.peers()).toEqual([]);
		till.network.connect('late' as PeerId);
		await linked(till, ['Hub']);
	}),
);

test.concurrent(
	'a replica that does not keep up holds its peers back instead of piling up',
	inLan(async ({ hub, others, shop }) => {
		const member = await shop.enrol('Slow till', 'till');
		const { port1, port2 } = new MessageChannel();
		const slow = startDevice(shop, member, { dial: () => [hub.address], port: port1, limits: { unackedBytes: 1_000_000 } });
		let got = 0;
		port2.addEventListener('message', ({ data }: MessageEvent<{ t: string; bytes?: Uint8Array }>) => {
			if (data.t === 'frame') got += data.bytes?.length ?? 0; // And no acknowledgement.
		});
		port2.start();
		port2.postMessage({ t: 'connect', self: { repoPeer: 'slow' } });
		others.push({
			async stop() {
				await slow.stop();
				port1.close();
				port2.close();
			},
		});
		await slow.lan.start();
		await linked(hub, ['Slow till']);
		for (let i = 0; i < 10; i += 1)
			hub.network.send({ type: 'ephemeral', senderId: 'hub-repo' as PeerId, targetId: 'slow' as PeerId, data: new Uint8Array(1_000_000) });
		// Longer than the silence that ends a link: not reading is not being dead.
		await new Promise((resolve) => setTimeout(resolve, 7_000));
		expect(got).toBeGreaterThan(900_000);
		expect(got).toBeLessThan(3_100_000);
		expect(hub.lan.peers()).toHaveLength(1);
		let acked = 0;
		const working = setInterval(() => {
			port2.postMessage({ t: 'ack', from: 'hub-repo', bytes: got - acked });
			acked = got;
		}, 50);
		await untilPasses(() => expect(got).toBeGreaterThan(10_000_000));
		clearInterval(working);
	}),
);

test.concurrent(
	'two tills without a link of their own share documents through the hub',
	inLan(async ({ hub, startTill }) => {
		const hubRepo = new Repo({ network: [hub.network], peerId: 'hub-with-repo' as PeerId });
		const [one, two] = [await startTill('Till 1'), await startTill('Till 2')];
		const [first, second] = [
			new Repo({ network: [one.network], peerId: 'one' as PeerId }),
			new Repo({ network: [two.network], peerId: 'two' as PeerId }),
		];
		await linked(hub, ['Till 1', 'Till 2']);
		const handle = first.create({ sold: 1 });
		await untilPasses(async () => expect((await second.find<{ sold: number }>(handle.url)).doc().sold).toBe(1));
		expect(hubRepo.peers).toHaveLength(2);
	}),
);

// What these two are about has a bound that others beside them would eat up.

test(
	'a till that woke in another network gives up the dead way sooner, and is back by the one that leads to its hub now',
	inLan(async ({ hub, hubMember, others, startTill }) => {
		const [before, after] = [await layCable(hub.port), await layCable(hub.port)];
		others.push(before, after);
		let way = before;
		const till = await startTill('Till 1', { dial: () => [websocketAddress({ host: '127.0.0.1', port: way.port, peer: hubMember.peer })] });
		await linked(till, ['Hub']);
		before.cut();
		way = after;
		const wokeAtMs = Date.now();
		till.lan.wake();
		await untilPasses(() => expect(till.lan.ends().at(-1)).toMatchObject({ reason: 'silent', here: true }));
		expect((till.lan.ends().at(-1)?.atMs ?? Infinity) - wokeAtMs).toBeLessThan(LINK_BOUNDS.silenceMs - 500);
		await linked(till, ['Hub']);
		// It goes on with a link that lives.
		till.lan.wake();
		await new Promise((resolve) => setTimeout(resolve, 3_000));
		expect(till.lan.ends()).toHaveLength(1);
	}),
);

test(
	'twenty megabytes in one message arrive whole while the pulse goes on',
	inLan(async ({ hub, startTill }) => {
		const till = await startTill('Till 1');
		await linked(till, ['Hub']);
		const data = crypto.getRandomValues(new Uint8Array(65_536));
		const large = new Uint8Array(20 * 1024 * 1024);
		for (let at = 0; at < large.length; at += data.length) large.set(data, at);
		const arrived = new Promise<Uint8Array>((resolve) => hub.network.on('message', (message) => resolve(message.data ?? new Uint8Array())));
		till.network.send({
			type: 'ephemeral',
			senderId: 'Till 1-repo' as PeerId,
			targetId: 'hub-repo' as PeerId,
			documentId: '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as never,
			data: large,
			...{ count: 1, sessionId: 's' },
		});
		const got = await arrived;
		expect(got.length).toBe(large.length);
		expect(Buffer.compare(got, large)).toBe(0);
	}),
);
