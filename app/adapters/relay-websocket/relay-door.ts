/**
 * The relay's side of one branch: automerge-repo's websocket server behind a gate that looks at every frame first.
 *
 * Invariants:
 * 1. What reaches automerge-repo has passed `checkFrame`; anything else closes the socket that sent it, with the reason, and no other.
 * 2. A device has one socket: a second one of the same repo peer, admitted by its own proof, ends the first.
 * 3. A client that sends more than the bound in a window, or reads nothing while its queue grows, is closed. Nothing that it does ends the process.
 */
import { EventEmitter } from 'node:events';
import type { Message, NetworkAdapterInterface } from '@automerge/automerge-repo/slim';
import { WebSocketServerAdapter } from '@automerge/automerge-repo-network-websocket';
import type { WebSocket } from 'ws';
import type { Clock } from '#ports';
import { checkFrame } from './relay-frame.ts';

export interface RelayDoor {
	readonly network: NetworkAdapterInterface;
	/** A socket whose device was proven at the upgrade. */
	enter(socket: WebSocket, repoPeer: string): void;
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

export interface RelayDoorDeps {
	readonly self: string;
	readonly clock: Clock;
	readonly limits?: Partial<typeof LIMITS>;
	/** As `refused` has it, when it happens. */
	readonly onRefused?: (reason: string) => void;
}

/** A month offline is about 20,000 sales of 600 bytes: 12 MiB, and twice that on the wire. A window of 64 MiB in ten seconds is out of an honest till's reach. */
export const LIMITS = { windowMs: 10_000, bytesInWindow: 64 * 1024 * 1024, framesInWindow: 50_000, queuedBytes: 32 * 1024 * 1024 };
/** The largest frame: a whole segment of 1,000 large entries. Given to `ws`, which closes before it is in memory. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

export function createRelayDoor({ self, clock, limits, onRefused }: RelayDoorDeps): RelayDoor {
	const bounds = { ...LIMITS, ...limits };
	const server = new FacadeServer();
	const network = new WebSocketServerAdapter(server as unknown as ConstructorParameters<typeof WebSocketServerAdapter>[0]);
	const sockets = new Map<string, { readonly socket: WebSocket; readonly facade: FacadeSocket }>();
	const refused = new Map<string, number>();
	const listeners: (() => void)[] = [];

	function enter(socket: WebSocket, repoPeer: string): void {
		sockets.get(repoPeer)?.socket.close(POLICY_VIOLATION, 'this device has connected again');
		const facade = new FacadeSocket(socket, bounds.queuedBytes);
		sockets.set(repoPeer, { socket, facade });
		server.clients.add(facade);
		let hasJoined = false;
		let window = { startMs: clock.nowMs(), bytes: 0, frames: 0 };

		const refuse = (reason: string): void => {
			refused.set(reason, (refused.get(reason) ?? 0) + 1);
			onRefused?.(reason);
			socket.close(POLICY_VIOLATION, reason);
			// Whoever does not answer the closing handshake does not keep the socket either.
			setTimeout(() => {
				socket.terminate();
			}, 1_000).unref();
		};

		socket.on('error', () => undefined); // `close` follows.
		socket.on('pong', () => facade.emit('pong'));
		socket.on('close', () => {
			server.clients.delete(facade);
			if (sockets.get(repoPeer)?.socket === socket) sockets.delete(repoPeer);
			facade.emit('close');
			for (const listener of listeners) listener();
		});
		socket.on('message', (data, isBinary) => {
			if (socket.readyState !== socket.OPEN) return;
			const frame = bytesOf(data);
			const now = clock.nowMs();
			if (now - window.startMs > bounds.windowMs) window = { startMs: now, bytes: 0, frames: 0 };
			window.bytes += frame.length;
			window.frames += 1;
			if (window.bytes > bounds.bytesInWindow || window.frames > bounds.framesInWindow) return refuse('too much at once');
			if (!isBinary) return refuse('a text frame');
			const checked = checkFrame(frame, { repoPeer, self }, hasJoined);
			if ('close' in checked) return refuse(checked.close);
			if ('skip' in checked) return;
			if (checked.pass.type === 'join') hasJoined = true;
			try {
				// automerge-repo's server drops what a client passes on for somebody else: the lane of every till that has no link of its own to the relay.
				if (checked.pass.type === 'ephemeral' && checked.pass.senderId !== repoPeer) network.emit('message', checked.pass as unknown as Message);
				else facade.emit('message', frame);
			} catch {
				refuse('automerge-repo refused a message');
			}
			if (checked.pass.type === 'join') for (const listener of listeners) listener();
		});
		server.emit('connection', facade);
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
			for (const { socket } of sockets.values()) socket.close(GOING_AWAY, 'this relay stops: connect again');
			server.emit('close');
		},
	};
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

	send(data: ArrayBuffer): void {
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
