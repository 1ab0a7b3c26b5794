/**
 * The hub's door for tills, in Node: takes WebSocket upgrades from the HTTP server that serves the app, and hands the sockets to libp2p.
 *
 * Usage: `http.on('upgrade', door.upgrade)`, or call it for requests of `LAN_PATH` only; `createLan({ …, door })`.
 *
 * 1. While the LAN is stopped, upgrades are answered 503.
 * 2. A message beyond 1 MiB ends the socket before it is in memory; libp2p's frames are 64 KiB.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { LAN_BOUNDS } from '#schemas/wire/bounds.ts';
import type { Door, Socket } from './websocket-transport.ts';

export interface HttpDoor extends Door {
	readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export function createDoor(): HttpDoor {
	const server = new WebSocketServer({ noServer: true, maxPayload: LAN_BOUNDS.socketMessageBytes, perMessageDeflate: false, clientTracking: false });
	const door: HttpDoor = {
		enter: undefined,
		upgrade(request, raw, head) {
			if (door.enter === undefined) {
				raw.on('error', () => undefined);
				raw.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
				return;
			}
			server.handleUpgrade(request, raw, head, (socket) => {
				const { remoteAddress = '0.0.0.0', remotePort = 0 } = request.socket;
				if (door.enter === undefined) socket.terminate();
				else door.enter(socket as Socket, { address: remoteAddress.split('%')[0] ?? remoteAddress, port: remotePort }, () => socket.terminate());
			});
		},
	};
	return door;
}
