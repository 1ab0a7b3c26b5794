/**
 * WebSockets for libp2p, on a path of a server that is there already.
 *
 * Decided: our own 150 lines instead of `@libp2p/websockets`, because that one listens on a port of its own, and because a connection that it aborts
 * stays open: it calls `close(1006)`, which browsers and `ws` refuse. Then a peer that reads nothing keeps its socket and our memory.
 * Given up: being found by foreign libp2p nodes, which would dial `/` and not `/lan`. Nobody foreign may come in anyway.
 *
 * 1. An aborted connection has no open socket.
 * 2. While more than a megabyte lies in the socket, libp2p is told to wait.
 */
import { serviceCapabilities, transportSymbol } from '@libp2p/interface';
import type { Connection, DialTransportOptions, Listener, Logger, MessageStreamDirection, Transport, Upgrader } from '@libp2p/interface';
import { AbstractMultiaddrConnection } from '@libp2p/utils';
import type { AbstractMultiaddrConnectionInit, SendResult } from '@libp2p/utils';
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr';
import { LAN_PATH } from './addresses.ts';
import { messagesOf } from './socket-messages.ts';

/** What a browser's WebSocket, Node's and that of `ws` have in common. */
export interface Socket {
	binaryType: string;
	readonly bufferedAmount: number;
	send(data: Uint8Array<ArrayBuffer>): void;
	close(code?: number, reason?: string): void;
	addEventListener(type: 'message' | 'open' | 'close' | 'error', listener: (event: never) => void): void;
}

/** Sockets that somebody else accepted (`door.ts`). `enter` is undefined while the LAN is stopped. */
export interface Door {
	enter: ((socket: Socket, from: { readonly address: string; readonly port: number }, destroy: () => void) => void) | undefined;
}

const FULL_BYTES = 1024 * 1024;
const LOOK_AGAIN_MS = 10;

interface TransportComponents {
	readonly upgrader: Upgrader;
	readonly logger: { forComponent(name: string): Logger };
}

export function websocketTransport(door: Door | undefined) {
	return (components: TransportComponents): Transport => {
		const log = components.logger.forComponent('holdfast:websocket');
		const transport: Transport & { start(): void; stop(): void; readonly [serviceCapabilities]: readonly string[] } = {
			[transportSymbol]: true,
			[Symbol.toStringTag]: 'holdfast/websocket',
			[serviceCapabilities]: ['@libp2p/transport'],
			start() {
				if (door === undefined) return;
				const stopped = new AbortController();
				stop = () => stopped.abort();
				door.enter = (socket, from, destroy) => {
					const remoteAddr = multiaddr(`/${from.address.includes(':') ? 'ip6' : 'ip4'}/${from.address}/tcp/${from.port}/ws`);
					const connection = new SocketConnection({ socket, destroy, remoteAddr, direction: 'inbound', log: log.newScope('inbound') });
					// Whoever is refused (gater, handshake, too many) is told by the closed socket.
					components.upgrader.upgradeInbound(connection, { signal: stopped.signal }).catch((error: unknown) => connection.abort(errorOf(error)));
				};
			},
			stop() {
				if (door !== undefined) door.enter = undefined;
				stop();
			},
			async dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
				const socket = await openSocket(urlOf(address), options.signal);
				const connection = new SocketConnection({
					socket,
					destroy: () => socket.close(),
					remoteAddr: address,
					direction: 'outbound',
					log: log.newScope('outbound'),
				});
				try {
					return await options.upgrader.upgradeOutbound(connection, options);
				} catch (error) {
					connection.abort(errorOf(error));
					throw error;
				}
			},
			createListener(): Listener {
				throw new Error('sockets come in by the door, not by listening');
			},
			listenFilter: () => [],
			dialFilter: (addresses) =>
				addresses.filter((address) => /^\/(?:ip4|ip6|dns4|dns6|dns)\/[^/]+\/tcp\/\d+(?:\/tls)?\/wss?(?:\/p2p\/[^/]+)?$/.test(address.toString())),
		};
		let stop: () => void = () => undefined;
		return transport;
	};
}

/** `/ip4/10.0.0.2/tcp/4400/ws/p2p/…` → `ws://10.0.0.2:4400/lan` */
function urlOf(address: Multiaddr): string {
	const [, kind, host, , port, next] = address.toString().split('/');
	const secure = next === 'tls' || next === 'wss';
	return `${secure ? 'wss' : 'ws'}://${kind === 'ip6' ? `[${host}]` : host}:${port}${LAN_PATH}`;
}

async function openSocket(url: string, signal: AbortSignal): Promise<Socket> {
	signal.throwIfAborted();
	const socket = new WebSocket(url);
	socket.binaryType = 'arraybuffer';
	return await new Promise<Socket>((resolve, reject) => {
		const giveUp = () => {
			socket.close();
			reject(new Error(`nobody answered at ${url} in time`));
		};
		signal.addEventListener('abort', giveUp, { once: true });
		const settle = (act: () => void) => () => {
			signal.removeEventListener('abort', giveUp);
			act();
		};
		socket.addEventListener(
			'open',
			settle(() => resolve(socket as Socket)),
			{ once: true },
		);
		// A browser does not say why; it prints the reason to its console.
		socket.addEventListener(
			'error',
			settle(() => reject(new Error(`no connection to ${url}`))),
			{ once: true },
		);
		socket.addEventListener(
			'close',
			settle(() => reject(new Error(`${url} closed the connection at once`))),
			{ once: true },
		);
	});
}

interface SocketConnectionInit extends AbstractMultiaddrConnectionInit {
	readonly socket: Socket;
	readonly destroy: () => void;
	readonly direction: MessageStreamDirection;
}

class SocketConnection extends AbstractMultiaddrConnection {
	readonly #socket: Socket;
	readonly #destroy: () => void;
	#waiting: ReturnType<typeof setInterval> | undefined;

	constructor(init: SocketConnectionInit) {
		super(init);
		this.#socket = init.socket;
		this.#destroy = init.destroy;
		init.socket.binaryType = 'arraybuffer';
		init.socket.addEventListener('message', ({ data }: { data: unknown }) => {
			if (data instanceof ArrayBuffer) this.onData(new Uint8Array(data));
			else this.abort(new Error('a WebSocket message that is not binary'));
		});
		init.socket.addEventListener('close', ({ wasClean }: { wasClean: boolean }) => {
			clearInterval(this.#waiting);
			if (wasClean) this.onTransportClosed();
			else if (this.status === 'open' || this.status === 'closing') this.onRemoteReset();
		});
		// Without a listener `ws` would end the process; what follows is always 'close'.
		init.socket.addEventListener('error', () => undefined);
	}

	override sendData(data: Iterable<Uint8Array> & { readonly byteLength: number }): SendResult {
		const sentBytes = data.byteLength;
		for (const message of messagesOf(data)) this.#socket.send(message);
		const canSendMore = this.#socket.bufferedAmount < FULL_BYTES;
		if (!canSendMore) this.#waitForRoom();
		return { sentBytes, canSendMore };
	}

	#waitForRoom(): void {
		this.#waiting ??= setInterval(() => {
			if (this.#socket.bufferedAmount > FULL_BYTES / 4) return;
			clearInterval(this.#waiting);
			this.#waiting = undefined;
			this.safeDispatchEvent('drain');
		}, LOOK_AGAIN_MS);
	}

	override sendReset(): void {
		clearInterval(this.#waiting);
		this.#destroy();
	}

	override async sendClose(): Promise<void> {
		clearInterval(this.#waiting);
		this.#socket.close();
	}

	/** A WebSocket cannot be told to stop reading; yamux bounds each stream by its window. */
	override sendPause(): void {
		return undefined;
	}

	override sendResume(): void {
		return undefined;
	}
}

function errorOf(error: unknown): Error {
	return error instanceof Error ? error : new Error(String(error));
}
