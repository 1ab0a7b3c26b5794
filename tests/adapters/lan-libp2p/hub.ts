/** A hub in this process: an HTTP server on a free port of loopback, its door, and its LAN. */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { websocketAddress } from '#adapters/lan-libp2p/addresses.ts';
import { createDoor } from '#adapters/lan-libp2p/door.ts';
import type { LanDeps } from '#adapters/lan-libp2p/lan.ts';
import { freePort } from '../../support/free-port.ts';
import { startDevice, type Device, type Member, type Shop } from './shop.ts';

export interface Hub extends Device {
	readonly address: string;
	readonly port: number;
	readonly peer: string;
	/** As a power cut would: no goodbye, sockets gone, nobody at the port. */
	readonly kill: () => Promise<void>;
}

export async function startHub(shop: Shop, member: Member, changes: Partial<LanDeps> = {}, port?: number): Promise<Hub> {
	const door = createDoor();
	const sockets = new Set<Socket>();
	const http = createServer((_request, response) => response.end('hub'));
	http.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
	http.on('upgrade', door.upgrade);
	const taken = port ?? (await freePort());
	await new Promise<void>((resolve) => http.listen(taken, '127.0.0.1', resolve));
	const device = startDevice(shop, member, { door, ...changes });
	await device.lan.start();
	return {
		...device,
		port: taken,
		peer: member.peer,
		address: websocketAddress({ host: '127.0.0.1', port: taken, peer: member.peer }),
		async stop() {
			await device.stop();
			await closeHttp();
		},
		async kill() {
			await closeHttp();
			await device.stop();
		},
	};

	async function closeHttp(): Promise<void> {
		const closed = new Promise((resolve) => http.close(resolve));
		for (const socket of sockets) socket.destroy();
		await closed;
	}
}
