/**
 * The relay's side of one branch: automerge-repo's websocket server behind a gate that looks at every frame first.
 *
 * Invariants:
 * 1. What reaches automerge-repo has passed `checkFrame`; anything else closes the socket that sent it, with the reason, and no other.
 * 2. A repo peer has one socket: a second one, admitted by its own proof, ends the first. A device has a few, the oldest of which makes room.
 * 3. A device that sends more than the bound in a window, through however many sockets, or reads nothing while its queue grows, is closed. Nothing that it does
 *    ends the process.
 * 4. While a branch sends more than its bound, the device that sends most is closed, and no other.
 * 5. Questions beside the documents are taken in at a pace: a device that asks faster waits, and the others do not wait for it.
 * 6. Who gets in when it has closed already, for an admission takes a moment, is sent away like those who were there: nobody would hear what it says.
 */
import { EventEmitter } from 'node:events';
import type { Message, NetworkAdapterInterface } from '@automerge/automerge-repo/slim';
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket';
import type { WebSocket } from 'ws';
import { createPace } from '#core/pace.ts';
import { neverBack } from '#core/spans.ts';
import type { Clock } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import { RELAY_BOUNDS } from '#schemas/wire/bounds.ts';
import { writeLaneFrame, type LaneFrame } from './lane-frame.ts';
import { checkFrame } from './relay-frame.ts';

export interface RelayDoor {
	readonly network: NetworkAdapterInterface;
	/** A socket whose device was proven at the upgrade. */
	enter(socket: WebSocket, repoPeer: string, device: DeviceId): void;
	/** Repo peers that are linked now. */
	peers(): readonly string[];
	onPeers(listener: () => void): void;
	/** Reasons for which sockets were closed, with how often. The sentences are ours alone: no client chooses what is kept here. */
	refused(): ReadonlyMap<string, number>;
	/** Ends the link of a device that was revoked. */
	expel(repoPeer: string, reason: string): void;
	/** Ends every link; whoever was there comes back in its own time. */
	closeLinks(reason: string): void;
	close(): void;
}

type RelayBounds = { readonly [Name in keyof typeof RELAY_BOUNDS]: number };

export interface RelayDoorDeps {
	readonly self: string;
	readonly clock: Clock;
	readonly limits?: Partial<RelayBounds>;
	/** As `refused` has it, when it happens. */
	readonly onRefused?: (reason: string) => void;
}

const GOING_AWAY = 1001;
const AGAIN = 'this device has connected again';
const STOPS = 'this relay stops: connect again';
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

export function createRelayDoor({ self, clock, limits, onRefused }: RelayDoorDeps): RelayDoor {
	const bounds: RelayBounds = { ...RELAY_BOUNDS, ...limits };
	const server = new FacadeServer();
	const network = new LaneServerAdapter(server as unknown as ConstructorParameters<typeof WebSocketServerAdapter>[0]);
	const sockets = new Map<string, { readonly socket: WebSocket; readonly device: DeviceId; readonly facade: FacadeSocket }>();
	const traffic = createTraffic(clock, bounds);
	const refused = new Map<string, number>();
	const listeners: (() => void)[] = [];
	let isClosed = false;

	function enter(socket: WebSocket, repoPeer: string, device: DeviceId): void {
		socket.on('error', () => undefined); // `close` follows.
		if (isClosed) {
			socket.close(GOING_AWAY, STOPS);
			return;
		}
		sockets.get(repoPeer)?.socket.close(POLICY_VIOLATION, AGAIN);
		sockets.delete(repoPeer);
		const others = [...sockets.values()].filter((one) => one.device === device);
		if (others.length >= bounds.linksOfDevice) others[0]?.socket.close(POLICY_VIOLATION, AGAIN);
		const facade = new FacadeSocket(socket, bounds.queuedBytes);
		sockets.set(repoPeer, { socket, device, facade });
		server.clients.add(facade);
		let hasJoined = false;

		const refuse = (reason: string): void => {
			refuseSocket(socket, reason);
		};

		socket.on('pong', () => facade.emit('pong'));
		socket.on('close', () => {
			server.clients.delete(facade);
			if (sockets.get(repoPeer)?.socket === socket) sockets.delete(repoPeer);
			facade.emit('close');
			for (const listener of listeners) listener();
		});
		/** What was read already while its device waits: of one chunk at most, for then the socket is not read. */
		const waiting: (readonly [Uint8Array, boolean])[] = [];
		let isHeld = false;

		const hear = (frame: Uint8Array, isBinary: boolean): void => {
			if (socket.readyState !== socket.OPEN) return;
			const greedy = traffic.count(device, frame.length);
			if (greedy !== undefined) for (const one of sockets.values()) if (one.device === greedy) refuseSocket(one.socket, 'too much at once');
			if (greedy === device) return;
			if (!isBinary) return refuse('a text frame');
			const checked = checkFrame(frame, { repoPeer, self }, hasJoined);
			if ('close' in checked) return refuse(checked.close);
			if ('skip' in checked) return;
			if (checked.pass.type === 'join') hasJoined = true;
			if (checked.pass.type === 'direct') holdBack(traffic.waitOfDirect(device));
			try {
				// Past automerge-repo's server, which would decode it once more, and drop what a client passes on for somebody else: the lane of every till that has
				// no link of its own to the relay.
				if (checked.pass.type === 'join') facade.emit('message', frame);
				else if (sockets.get(repoPeer)?.socket === socket) network.emit('message', checked.pass as unknown as Message);
			} catch {
				refuse('automerge-repo refused a message');
			}
			if (checked.pass.type === 'join') for (const listener of listeners) listener();
		};
		const holdBack = (ms: number): void => {
			if (ms <= 0) return;
			isHeld = true;
			socket.pause();
			setTimeout(() => {
				isHeld = false;
				for (let next = waiting.shift(); next !== undefined; next = isHeld ? undefined : waiting.shift()) hear(...next);
				if (!isHeld) socket.resume();
			}, ms).unref();
		};
		socket.on('message', (data, isBinary) => {
			if (isHeld) waiting.push([bytesOf(data), isBinary]);
			else hear(bytesOf(data), isBinary);
		});
		server.emit('connection', facade);
	}

	function refuseSocket(socket: WebSocket, reason: string): void {
		refused.set(reason, (refused.get(reason) ?? 0) + 1);
		onRefused?.(reason);
		socket.resume();
		socket.close(POLICY_VIOLATION, reason);
		// Whoever does not answer the closing handshake does not keep the socket either.
		setTimeout(() => {
			socket.terminate();
		}, 1_000).unref();
	}

	return {
		network,
		enter,
		peers: () => [...sockets.keys()],
		onPeers: (listener) => {
			listeners.push(listener);
		},
		refused: () => refused,
		expel(repoPeer, reason) {
			sockets.get(repoPeer)?.socket.close(POLICY_VIOLATION, reason);
		},
		closeLinks(reason) {
			for (const { socket } of sockets.values()) socket.close(TRY_AGAIN_LATER, reason);
		},
		close() {
			isClosed = true;
			for (const { socket } of sockets.values()) socket.close(GOING_AWAY, STOPS);
			server.emit('close');
		},
	};
}

/** What each device, and the branch, sent in the window of now. A device that comes back is counted on. */
function createTraffic(clock: Clock, bounds: RelayBounds) {
	const begin = (startMs: number) => ({ startMs, bytes: 0, frames: 0 });
	const nowMs = neverBack(() => clock.nowMs());
	let branch = begin(nowMs());
	const devices = new Map<DeviceId, ReturnType<typeof begin>>();
	const waitOfDirect = createPace<DeviceId>(() => clock.nowMs(), bounds.directInSecond);

	return {
		/** The device that has sent too much, which need not be this one. */
		count(device: DeviceId, bytes: number): DeviceId | undefined {
			const now = nowMs();
			const isOver = ({ startMs }: typeof branch): boolean => now - startMs > bounds.windowMs;
			if (isOver(branch)) {
				branch = begin(now);
				for (const [other, sent] of devices) if (isOver(sent)) devices.delete(other);
			}
			const before = devices.get(device);
			// From its own first frame on: of a window that began with another's it could use two.
			const own = before === undefined || isOver(before) ? begin(now) : before;
			devices.set(device, own);
			for (const sent of [own, branch]) {
				sent.bytes += bytes;
				sent.frames += 1;
			}
			if (own.bytes > bounds.bytesInWindow || own.frames > bounds.framesInWindow) return device;
			if (branch.bytes <= bounds.branchBytesInWindow && branch.frames <= bounds.branchFramesInWindow) return undefined;
			const share = ({ bytes: sent, frames }: typeof own): number => sent / bounds.branchBytesInWindow + frames / bounds.branchFramesInWindow;
			return [...devices].reduce((most, one) => (share(one[1]) > share(most[1]) ? one : most), [device, own] as const)[0];
		},
		/** How long its next frame has to wait, ms. */
		waitOfDirect,
	};
}

/** automerge-repo's adapter makes an encoder for each message, which costs more than the message; what goes by the lane is written by hand. */
class LaneServerAdapter extends WebSocketServerAdapter {
	override send(message: Parameters<WebSocketServerAdapter['send']>[0]): void {
		const frame = message.type === 'ephemeral' ? writeLaneFrame(message as unknown as LaneFrame) : undefined;
		if (frame === undefined) super.send(message);
		else this.sockets[message.targetId]?.send(frame);
	}
}

/** The part of `ws`'s server that automerge-repo's adapter uses. */
class FacadeServer extends EventEmitter {
	readonly clients = new Set<FacadeSocket>();
}

/** The part of a socket that automerge-repo's adapter uses; messages come in through `emit` alone. */
class FacadeSocket extends EventEmitter {
	readonly #socket: WebSocket;
	readonly #queuedBytes: number;

	constructor(socket: WebSocket, queuedBytes: number) {
		super();
		this.#socket = socket;
		this.#queuedBytes = queuedBytes;
	}

	get readyState(): number {
		return this.#socket.readyState;
	}

	send(data: ArrayBuffer | Uint8Array): void {
		if (this.#socket.readyState !== this.#socket.OPEN) return;
		// What it does not read it will ask for again; memory is not waited with.
		if (this.#socket.bufferedAmount > this.#queuedBytes) this.#socket.terminate();
		else this.#socket.send(data);
	}

	ping(): void {
		if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
	}

	close(): void {
		this.#socket.close();
	}

	terminate(): void {
		this.#socket.terminate();
	}
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
	if (Array.isArray(data)) return new Uint8Array(Buffer.concat(data));
	return new Uint8Array(data);
}
