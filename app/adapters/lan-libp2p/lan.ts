/**
 * The LAN of a branch: a link to every device of the branch that can be reached, over libp2p, for as long as the device wants to be part of it.
 *
 * Invariants:
 * 1. A link is up only after both hellos verified (`greeting.ts`); before, nothing of the peer reaches the Repo, and nothing of ours the peer.
 * 2. One link a device. The smaller peer id opens the stream; a second stream of the same peer replaces the first, which the peer must have lost.
 * 3. Frames carry the repo peer of their link; the other side of the port checks their sender, and a peer that keeps sending rubbish is put out.
 * 4. Links live on whatever happened to the peer that introduced them: a till's links outlive the hub.
 * 5. Nothing a peer sends throws out of here, and what is kept for one peer is bounded (`link-wire.ts`).
 * 6. A visitor (`enrolment.ts`) is no peer: no link is opened with it or answered, and it goes after `visitMs`.
 * 7. Two devices under one peer id (a copied profile beside its original) have their turns at a hub: neither is kept out by the other.
 * 8. `stop` ends every link and dials nobody until `start`.
 */
import type { Connection, Stream } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import * as v from 'valibot';
import { decodeChain, keyInForce } from '#core/entry/certificate.ts';
import { neverBack } from '#core/spans.ts';
import type { Clock, Lan, LanPeer, Timers } from '#ports';
import { decode, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { DeviceId, StoreId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { HubPlace } from '#schemas/wire/hub-place.ts';
import { LAN_BOUNDS, LINK_BOUNDS } from '#schemas/wire/bounds.ts';
import { ENROL_PROTOCOL, LAN_PROTOCOL, PROTOCOL_VERSION, type Hello } from '#schemas/wire/hello.ts';
import { CONTROL_KIND, FRAME_KIND, linkMessage, type Goodbye, type LinkedPeer } from '#schemas/wire/link.ts';
import { addressesOfTry, introducedAddress, peerOfAddress, transportOf } from './addresses.ts';
import { answerVisitor, type EnrolmentDesk } from './enrolment.ts';
import { createGater } from './gater.ts';
import { judgeHello, type Greeted } from './greeting.ts';
import { createWire, FAREWELL_MS, type Wire, type WireLimits } from './link-wire.ts';
import { createHubPlaces, MOST_HUBS } from './hub-places.ts';
import { chooseMesh } from './mesh.ts';
import { createNode, DIAL_MS, type DirectDoor, type LanNode } from './node.ts';
import type { FramePort, FromRepo, RepoIdentity, ToRepo } from './port-messages.ts';
import { createReach, type Reach, type Wanted } from './reach.ts';
import type { Door } from './websocket-transport.ts';

export interface LanDeps {
	readonly store: StoreId;
	/** Own certificate chain, as bytes: tells branch, device and role. */
	readonly chain: Uint8Array;
	/** 32 raw bytes; their peer id is the one that the chain names last. */
	readonly networkSeed: Uint8Array;
	readonly verifyChain: (bytes: Uint8Array) => Promise<Certificate | undefined>;
	readonly isRevoked: (device: DeviceId) => boolean;
	/** What we hold, told in every hello. */
	readonly marks: () => readonly Mark[];
	/** Peer ids of all certificates known here. Others are not let in, except those that a linked peer names (a till learns of newcomers late). */
	readonly knownPeers: () => ReadonlySet<string>;
	/** Those that their devices have given up: they may say hello, and hear why it is refused. */
	readonly formerPeers: () => Pick<ReadonlySet<string>, 'has'>;
	/** Who is known was lost with a disk: whoever comes may say hello, and shows its certificate there. */
	readonly admitsStrangers?: () => boolean;
	/** The other end of `createPortNetwork`'s port. */
	readonly port: FramePort;
	/** Addresses of hubs, each ending in `/p2p/<peer>`; asked before each try. A hub gives none. */
	readonly dial: () => readonly string[];
	/** Where sockets come in; on a hub. */
	readonly door?: Door;
	/** Where connections come in by webrtc-direct; on a hub. */
	readonly direct?: DirectDoor | undefined;
	/** Where that is, as tills are told; on a hub that has such a door. */
	readonly place?: () => HubPlace | undefined;
	/** Lets devices in by webrtc-direct; on a hub. */
	readonly enrolment?: EnrolmentDesk | undefined;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log?: (event: string, detail: Readonly<Record<string, unknown>>) => void;
	readonly limits?: Partial<WireLimits>;
}

/** A link that was refused or ended, for the screen that explains: `here` when we ended it. */
export interface LinkEnd {
	readonly peer: string;
	readonly device: DeviceId | undefined;
	readonly reason: Goodbye | (string & {}) | 'closed';
	readonly here: boolean;
	readonly atMs: number;
}

export interface LibP2pLan extends Lan {
	/** Where other hubs are, as hubs told on their links (`hub-places.ts`); the newest first. A restart forgets it. */
	hubs(): readonly HubPlace[];
	onHubs(listener: (hubs: readonly HubPlace[]) => void): void;
	/** Links that ended, the newest last, at most 100. `update` here or there: one of the two must be updated. */
	ends(): readonly LinkEnd[];
	/** Connections that the gater closed, and frames that were refused, since the beginning. */
	counts(): { readonly denied: number; readonly droppedFrames: number };
}

const MAX_INTRODUCERS = 8;
const MAX_ENDS = 100;

/** After these, trying again at once leads to the same answer. */
const LASTING: ReadonlySet<string> = new Set([
	'update',
	'other-store',
	'other-branch',
	'not-certified',
	'certificate-of-another-peer',
	'revoked',
	'key-given-up',
	'malformed',
] satisfies Goodbye[]);

interface Link {
	readonly peer: string;
	readonly connection: Connection;
	readonly wire: Wire;
	readonly openedByUs: boolean;
	/** `sinceMs`: by the wall clock; `atMs`: to measure by. */
	up: (Greeted & { readonly sinceMs: number; readonly atMs: number; readonly repo: RepoIdentity }) | undefined;
	told: readonly LinkedPeer[];
	/** What it was told of hubs last, as text. */
	toldHubs: string;
	dropped: number;
	second: { startMs: number; frames: number };
	farewell: string | undefined;
	readonly settled: PromiseWithResolvers<undefined>;
}

interface Run {
	readonly node: LanNode;
	readonly self: string;
	readonly reach: Reach;
	readonly links: Map<string, Link>;
	readonly stopTicking: () => void;
}

export function createLan(deps: LanDeps): LibP2pLan {
	const { clock, port, log = () => undefined } = deps;
	const limits: WireLimits = { ...LINK_BOUNDS, ...deps.limits };
	/** Of all that is measured here; the wall clock is for people. */
	const nowMs = neverBack(() => clock.nowMs());
	const own = decodeChain(deps.chain)?.[0]?.certificate;
	const ownPeer = keyInForce(deps.chain)?.peer;
	if (own === undefined || ownPeer === undefined || own.store !== deps.store)
		throw new Error('the device’s own certificate chain cannot be read or is of another store');
	const { store, verifyChain, isRevoked, formerPeers } = deps;
	const judge = { ...{ store, branch: own.branch, device: own.device }, ...{ verifyChain, isRevoked, formerPeers } };

	let run: Run | undefined;
	let changing: Promise<void> = Promise.resolve();
	let repo: RepoIdentity | undefined;
	let repoArrived = Promise.withResolvers<undefined>();
	const listeners = new Set<(peers: readonly LanPeer[]) => void>();
	const hubListeners = new Set<(hubs: readonly HubPlace[]) => void>();
	const places = createHubPlaces({
		...{ self: ownPeer, isHub: own.role === 'hub' },
		onOffTheLan: (peer, host) => log('lan: told an address off the local network, not dialled', { peer, host }),
	});
	const ends: LinkEnd[] = [];
	const told = new Set<string>();
	const refusedUntilMs = new Map<string, number>();
	const deviceOf = new Map<string, DeviceId>();
	const unlinkedSinceMs = new Map<string, number>();
	let denied = 0;
	let droppedFrames = 0;

	port.addEventListener('message', ({ data }) => hearRepo(data as FromRepo));
	port.start?.();

	// ── start and stop ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

	/** One after the other: a stop that comes during a start waits for it. */
	function inTurn(change: () => Promise<void>): Promise<void> {
		changing = changing.then(change, change);
		return changing;
	}

	async function open(): Promise<void> {
		if (run !== undefined) return;
		const gater = createGater({
			isKnown,
			isRefused,
			isWanted: (peer) => run?.reach.isDialling(peer) ?? false,
			mayVisit,
			onDenied(peer) {
				denied += 1;
				log('lan: a connection was refused', { peer });
			},
		});
		const node = await createNode({ networkSeed: deps.networkSeed, gater, door: deps.door, direct: deps.direct });
		const self = node.libp2p.peerId.toString();
		if (self !== ownPeer) throw new Error('the network key is not the one that the device’s certificate chain names');
		const links = new Map<string, Link>();
		const reach = createReach({
			self,
			nowMs,
			wanted,
			isLinked: (peer) => links.has(peer),
			connected: () => [...new Set(directConnections(node).map(({ remotePeer }) => remotePeer.toString()))].filter(isKnown),
			dial: async (addresses) =>
				void (await node.libp2p.dial(
					addresses.map((address) => multiaddr(address)),
					{ signal: AbortSignal.timeout(DIAL_MS) },
				)),
			open: openLink,
			mayOpen: () => repo !== undefined,
			after: (ms, task) => void deps.timers.after(ms, task),
			onFailure: (peer, error) => log('lan: not reached', { peer, error: error instanceof Error ? error.message : String(error) }),
		});
		run = { node, self, reach, links, stopTicking: deps.timers.every(1_000, tick) };
		const { enrolment } = deps;
		for (const event of ['connection:open', 'connection:close'] as const) node.libp2p.addEventListener(event, () => reach.look());
		try {
			await node.libp2p.handle(LAN_PROTOCOL, (stream, connection) => answer(stream, connection), { maxInboundStreams: 4, maxOutboundStreams: 4 });
			if (enrolment !== undefined) {
				await node.libp2p.handle(ENROL_PROTOCOL, (stream, connection) => answerVisitor(stream, connection, enrolment), { maxInboundStreams: 1 });
			}
			await node.libp2p.start();
		} catch (error) {
			await close();
			throw error;
		}
		reach.look();
	}

	async function close(): Promise<void> {
		const ending = run;
		if (ending === undefined) return;
		run = undefined; // From here nothing of it is answered any more.
		ending.stopTicking();
		ending.reach.stop();
		for (const link of [...ending.links.values()]) link.wire.end('stopped');
		unlinkedSinceMs.clear();
		await ending.node.libp2p.stop();
	}

	// ── greeting ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

	async function openLink(peer: string): Promise<void> {
		const current = run;
		// The newest: an older one may be what a device of the same peer id has just had its turn on (7).
		const connection = current === undefined ? undefined : connectionsOf(current.node, peer).sort((a, b) => b.timeline.open - a.timeline.open)[0];
		if (current === undefined || connection === undefined) throw new Error('the connection is gone');
		const stream = await connection.newStream(LAN_PROTOCOL, { signal: AbortSignal.timeout(limits.greetingMs) });
		if (run !== current || current.links.has(peer) || repo === undefined) {
			stream.abort(new Error('no longer wanted'));
			return;
		}
		const link = begin(current, stream, connection, true);
		greet(link, repo);
		await link.settled.promise;
	}

	function answer(stream: Stream, connection: Connection): void {
		const current = run;
		const peer = connection.remotePeer.toString();
		// The smaller id opens (2): the same stream opened from both sides would be two links. A visitor has none (6).
		if (current === undefined || connection.limits !== undefined || current.self < peer || !isKnown(peer)) {
			stream.abort(new Error('not answered'));
			return;
		}
		current.links.get(peer)?.wire.end('replaced');
		begin(current, stream, connection, false);
	}

	function begin(current: Run, stream: Stream, connection: Connection, openedByUs: boolean): Link {
		const peer = connection.remotePeer.toString();
		const settled = Promise.withResolvers<undefined>();
		settled.promise.catch(() => undefined); // The answering side has nobody who waits for it.
		const wire = createWire({
			stream,
			limits,
			nowMs,
			after: (ms, task) => void deps.timers.after(ms, task),
			onMessage: (kind, payload) => hear(current, link, kind, payload),
			onEnd: (reason) => ended(current, link, reason),
		});
		const link: Link = {
			peer,
			connection,
			wire,
			openedByUs,
			up: undefined,
			told: [],
			toldHubs: '',
			dropped: 0,
			second: { startMs: nowMs(), frames: 0 },
			farewell: undefined,
			settled,
		};
		current.links.set(peer, link);
		deps.timers.after(limits.greetingMs, () => {
			if (link.up === undefined) link.wire.end('silent');
		});
		return link;
	}

	function greet(link: Link, self: RepoIdentity): void {
		const hello: Hello = { v: PROTOCOL_VERSION, store: deps.store, chain: hexOf(deps.chain), ...self, marks: [...deps.marks()] };
		link.wire.sendControl({ t: 'hello', hello });
	}

	async function judgeAndAnswer(current: Run, link: Link, said: unknown): Promise<void> {
		const judged = await judgeHello(said, link.peer, judge);
		if (link.wire.ended) return;
		if ('refused' in judged) {
			refuse(link, judged.refused);
			return;
		}
		if (repo === undefined) await repoArrived.promise; // The greeting's own limit ends the wait.
		if (link.wire.ended || repo === undefined) return;
		const { repoPeer, storageId, isEphemeral } = judged.hello;
		const isTaken = [...current.links.values()].some((other) => other !== link && other.up?.hello.repoPeer === repoPeer);
		if (isTaken || repoPeer === repo.repoPeer) {
			refuse(link, 'repo-peer-taken');
			return;
		}
		if (!link.openedByUs) greet(link, repo);
		const peerRepo: RepoIdentity = {
			repoPeer,
			...(storageId === undefined ? {} : { storageId }),
			...(isEphemeral === undefined ? {} : { isEphemeral }),
		};
		link.up = { ...judged, sinceMs: clock.nowMs(), atMs: nowMs(), repo: peerRepo };
		deviceOf.set(link.peer, judged.certificate.device);
		tellRepo({ t: 'peer', peer: peerRepo, device: judged.certificate.device });
		link.settled.resolve(undefined);
		log('lan: linked', {
			peer: link.peer,
			device: judged.certificate.device,
			name: judged.certificate.name,
			transport: transportOf(link.connection.remoteAddr.toString()),
		});
		linksChanged(current);
		link.wire.release();
	}

	function refuse(link: Link, reason: Goodbye): void {
		if (LASTING.has(reason)) refusedUntilMs.set(link.peer, nowMs() + limits.refusedMs);
		link.wire.end(reason);
	}

	// ── a link's life ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

	function hear(current: Run, link: Link, kind: number, payload: Uint8Array<ArrayBuffer>): 'hold' | undefined {
		if (kind === FRAME_KIND) {
			if (link.up === undefined) refuse(link, 'malformed');
			else {
				link.wire.delivered(payload.length);
				tellRepo({ t: 'frame', from: link.up.repo.repoPeer, bytes: payload }, [payload.buffer]);
				return paced(link);
			}
			return undefined;
		}
		if (kind !== CONTROL_KIND) return undefined;
		const parsed = v.safeParse(linkMessage, decode(payload));
		if (!parsed.success) {
			if (link.up === undefined) refuse(link, 'malformed');
			else countDropped(link);
			return undefined;
		}
		const message = parsed.output;
		switch (message.t) {
			case 'hello':
				if (link.up !== undefined) return undefined;
				// A bug in judging must not leave a half-open link behind.
				judgeAndAnswer(current, link, message.hello).catch((error: unknown) => {
					log('lan: a hello could not be judged', { peer: link.peer, error: String(error) });
					refuse(link, 'not-certified');
				});
				return 'hold';
			case 'peers':
				if (link.up === undefined) return undefined;
				link.told = message.peers;
				for (const { peer } of message.peers) if (told.size < LAN_BOUNDS.told) told.add(peer);
				current.reach.look();
				return undefined;
			case 'hubs':
				// A till speaks for no hub.
				if (link.up?.certificate.role === 'hub' && places.take(link.peer, message.hubs)) {
					tellHubs(current);
					for (const listener of hubListeners) listener(places.list());
					current.reach.look();
				}
				return undefined;
			case 'bye':
				link.farewell = message.reason;
				return undefined;
			case 'beat':
				return undefined;
		}
	}

	/** A peer that sends faster than any shop does is read at our pace. */
	function paced(link: Link): 'hold' | undefined {
		const now = nowMs();
		if (now - link.second.startMs >= 1_000) link.second = { startMs: now, frames: 0 };
		link.second.frames += 1;
		if (link.second.frames < limits.framesInSecond) return undefined;
		deps.timers.after(Math.max(1, link.second.startMs + 1_000 - now), () => link.wire.release());
		return 'hold';
	}

	function ended(current: Run, link: Link, reason: Goodbye | 'closed'): void {
		if (current.links.get(link.peer) === link) current.links.delete(link.peer);
		const end: LinkEnd = {
			peer: link.peer,
			device: link.up?.certificate.device,
			reason: reason === 'closed' ? (link.farewell ?? 'closed') : reason,
			here: reason !== 'closed',
			atMs: clock.nowMs(),
		};
		ends.push(end);
		if (ends.length > MAX_ENDS) ends.shift();
		log('lan: a link ended', { ...end });
		if (link.up !== undefined) tellRepo({ t: 'gone', repoPeer: link.up.repo.repoPeer });
		link.settled.reject(new Error(end.reason));
		current.reach.lost(link.peer, link.up === undefined ? 0 : nowMs() - link.up.atMs, LASTING.has(end.reason) ? limits.refusedMs : 0);
		// A refused peer goes, a dead or clogged one too: what it still sends is of no use. Otherwise the connection may carry the next link.
		if (end.here && (LASTING.has(reason) || reason === 'silent' || reason === 'too-slow')) hangUp(link.connection, LASTING.has(reason));
		if (link.up !== undefined) linksChanged(current);
		queueMicrotask(() => current.reach.look());
	}

	/** `politely`: the goodbye gets its time to leave. */
	function hangUp(connection: Connection, politely: boolean): void {
		if (!politely) connection.abort(new Error('hung up'));
		else deps.timers.after(FAREWELL_MS, () => connection.abort(new Error('hung up')));
	}

	function linksChanged(current: Run): void {
		const upLinks = [...current.links.values()].filter((link) => link.up !== undefined);
		for (const link of upLinks) {
			const others = upLinks.filter((other) => other !== link);
			link.wire.sendControl({
				t: 'peers',
				peers: others.flatMap(({ peer, up }) => (up === undefined ? [] : [{ device: up.certificate.device, peer, role: up.certificate.role }])),
			});
		}
		tellHubs(current);
		const peers = listPeers();
		for (const listener of listeners) listener(peers);
	}

	/** Once for each link and change: a peer that is older than this message counts it among what it does not understand. */
	function tellHubs(current: Run): void {
		if (own?.role !== 'hub') return;
		const self = deps.place?.();
		for (const link of current.links.values()) {
			if (link.up === undefined) continue;
			const others = places.list().filter(({ peer }) => peer !== link.peer);
			const hubs = [...(self === undefined ? [] : [self]), ...others].slice(0, MOST_HUBS);
			const text = JSON.stringify(hubs);
			if (hubs.length === 0 || text === link.toldHubs) continue;
			link.toldHubs = text;
			link.wire.sendControl({ t: 'hubs', hubs });
		}
	}

	function countDropped(link: Link): void {
		droppedFrames += 1;
		link.dropped += 1;
		if (link.dropped > limits.droppedFrames) refuse(link, 'malformed');
	}

	async function tick(): Promise<void> {
		const current = run;
		if (current === undefined) return;
		for (const link of [...current.links.values()]) {
			if (link.up !== undefined && deps.isRevoked(link.up.certificate.device)) refuse(link, 'revoked');
			else if (link.up !== undefined && deps.formerPeers().has(link.peer)) refuse(link, 'key-given-up');
			else if (isTurnOver(current, link)) link.wire.end('replaced');
			else link.wire.tick();
		}
		for (const [peer, until] of refusedUntilMs) if (until < nowMs()) refusedUntilMs.delete(peer);
		closeUseless(current);
		reserve(current);
		current.reach.look();
	}

	/**
	 * Another device with this peer id waits (7). A hub dials no till, so that a second connection is a second call; where the till opens the stream, it
	 * replaces the first itself.
	 */
	function isTurnOver({ node }: Run, { up, peer, connection, openedByUs }: Link): boolean {
		if (own?.role !== 'hub' || up?.certificate.role !== 'till' || !openedByUs || nowMs() - up.atMs < TURN_MS) return false;
		return connectionsOf(node, peer).some((other) => other !== connection && other.timeline.open > connection.timeline.open);
	}

	/** Connections that carry no link: strangers to the protocol, second ones of a linked peer, and relayed ones once their job is done. */
	function closeUseless(current: Run): void {
		const connections = current.node.libp2p.getConnections();
		const now = nowMs();
		for (const connection of connections) {
			const link = current.links.get(connection.remotePeer.toString());
			const isUseful =
				link === undefined
					? !isVisitor(connection) && (connection.limits !== undefined || repo === undefined)
					: link.connection === connection || link.up === undefined;
			if (isUseful) unlinkedSinceMs.delete(connection.id);
			else if (!unlinkedSinceMs.has(connection.id)) unlinkedSinceMs.set(connection.id, now);
			else if (now - (unlinkedSinceMs.get(connection.id) ?? now) > (isVisitor(connection) ? LAN_BOUNDS.visitMs : limits.unlinkedMs))
				connection.abort(new Error('carries no link'));
		}
		const open = new Set(connections.map(({ id }) => id));
		for (const id of unlinkedSinceMs.keys()) if (!open.has(id)) unlinkedSinceMs.delete(id);
	}

	/** Asks linked peers, hubs first, to introduce others to us: a till can be dialled only through somebody it has reserved a place with. */
	function reserve(current: Run): void {
		if (!current.node.hasWebRtc) return;
		const introducers = [...current.links.values()]
			.filter(({ up }) => up !== undefined)
			.sort((a, b) => Number(b.up?.certificate.role === 'hub') - Number(a.up?.certificate.role === 'hub') || (a.peer < b.peer ? -1 : 1))
			.slice(0, MAX_INTRODUCERS);
		for (const { peer } of introducers) {
			const id = peerIdFromString(peer);
			if (current.node.reservations.hasReservation(id)) continue;
			current.node.reservations.addRelay(id, 'configured').catch((error: unknown) => log('lan: no reservation', { peer, error: String(error) }));
		}
	}

	// ── who ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

	function hubAddresses(): readonly { readonly peer: string; readonly address: string }[] {
		return deps.dial().flatMap((address) => {
			const peer = peerOfAddress(address);
			return peer === undefined || peer === run?.self ? [] : [{ peer, address }];
		});
	}

	function wanted(failures: (peer: string) => number): readonly Wanted[] {
		const byPeer = new Map<string, Wanted>();
		for (const { peer, address } of hubAddresses()) {
			if (run?.node.hasDirect === false && transportOf(address) === 'webrtc-direct') continue;
			if (!isRefused(peer)) byPeer.set(peer, { peer, isHub: true, addresses: [...(byPeer.get(peer)?.addresses ?? []), address] });
		}
		for (const [peer, hub] of byPeer) byPeer.set(peer, { ...hub, addresses: addressesOfTry(hub.addresses, failures(peer)) });
		if (run === undefined || !run.node.hasWebRtc) return [...byPeer.values()];
		const introducersOf = new Map<string, string[]>();
		for (const link of run.links.values()) {
			for (const { peer, role, device } of link.up === undefined ? [] : link.told) {
				if (role !== 'till' || peer === run.self || isRefused(peer) || deps.isRevoked(device)) continue;
				introducersOf.set(peer, [...(introducersOf.get(peer) ?? []), link.peer]);
			}
		}
		const chosen = chooseMesh(run.self, [...introducersOf.keys(), ...linkedTills(run)], failures);
		for (const [peer, introducers] of introducersOf) {
			if (!chosen.has(peer)) continue;
			const introducer = introducers[failures(peer) % introducers.length];
			if (introducer !== undefined) byPeer.set(peer, { peer, isHub: false, addresses: [introducedAddress(introducer, peer)] });
		}
		return [...byPeer.values()];
	}

	function linkedTills({ links }: Run): readonly string[] {
		return [...links.values()].flatMap(({ peer, up }) => (up?.certificate.role === 'till' ? [peer] : []));
	}

	/** A hub knows every certificate of its shop. A till hears of a newcomer from its links, often before the ledger tells it. */
	function isKnown(peer: string): boolean {
		return (
			deps.knownPeers().has(peer) ||
			deps.formerPeers().has(peer) ||
			deps.admitsStrangers?.() === true ||
			(own?.role === 'till' && told.has(peer)) ||
			hubAddresses().some((hub) => hub.peer === peer)
		);
	}

	function isVisitor(connection: Connection): boolean {
		return deps.enrolment !== undefined && !isKnown(connection.remotePeer.toString());
	}

	function mayVisit(peer: string): boolean {
		if (deps.enrolment?.isOpen() !== true || isRefused(peer)) return false;
		return (run?.node.libp2p.getConnections().filter(isVisitor).length ?? LAN_BOUNDS.visitors) < LAN_BOUNDS.visitors;
	}

	function isRefused(peer: string): boolean {
		const device = deviceOf.get(peer);
		return (refusedUntilMs.get(peer) ?? 0) > nowMs() || (device !== undefined && deps.isRevoked(device));
	}

	function listPeers(): readonly LanPeer[] {
		return [...(run?.links.values() ?? [])].flatMap(({ up, connection }) =>
			up === undefined
				? []
				: [
						{
							device: up.certificate.device,
							name: up.certificate.name,
							role: up.certificate.role,
							transport: transportOf(connection.remoteAddr.toString()),
							connectedSinceMs: up.sinceMs,
							marks: up.hello.marks,
						},
					],
		);
	}

	// ── the Repo's side ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

	function hearRepo(message: FromRepo): void {
		switch (message.t) {
			case 'connect':
				leaveRepo();
				repo = message.self;
				repoArrived.resolve(undefined);
				run?.reach.look();
				return;
			case 'disconnect':
				leaveRepo();
				return;
			case 'frame':
				linkOfRepo(message.to)?.wire.send(FRAME_KIND, message.bytes, message.urgent);
				return;
			case 'ack':
				linkOfRepo(message.from)?.wire.ack(message.bytes);
				return;
			case 'dropped': {
				log('lan: a frame was dropped', { from: message.from, reason: message.reason });
				const link = linkOfRepo(message.from);
				if (link === undefined) droppedFrames += 1;
				else countDropped(link);
				return;
			}
		}
	}

	/** Links speak for one Repo; a new one says a new hello. */
	function leaveRepo(): void {
		if (repo === undefined) return;
		repo = undefined;
		repoArrived = Promise.withResolvers();
		for (const link of [...(run?.links.values() ?? [])]) link.wire.end('replaced');
	}

	function linkOfRepo(repoPeer: string): Link | undefined {
		return [...(run?.links.values() ?? [])].find(({ up }) => up?.repo.repoPeer === repoPeer);
	}

	function tellRepo(message: ToRepo, transfer: ArrayBuffer[] = []): void {
		port.postMessage(message, transfer);
	}

	return {
		start: () => inTurn(open),
		stop: () => inTurn(close),
		wake() {
			for (const link of [...(run?.links.values() ?? [])]) if (link.up !== undefined) link.wire.doubt();
			run?.reach.hurry();
		},
		peers: listPeers,
		onPeers: (listener) => void listeners.add(listener),
		hubs: places.list,
		onHubs: (listener) => void hubListeners.add(listener),
		ends: () => ends,
		counts: () => ({ denied, droppedFrames }),
	};
}

/** As long as a link must live to be opened again at once (`reach.ts`), and time enough for a catch-up. */
const TURN_MS = 5_000;

function connectionsOf(node: LanNode, peer: string): Connection[] {
	return directConnections(node).filter(({ remotePeer }) => remotePeer.toString() === peer);
}

/** Connections without the limits of a relayed one. */
function directConnections(node: LanNode): readonly Connection[] {
	return node.libp2p.getConnections().filter((connection) => connection.limits === undefined && connection.status === 'open');
}
