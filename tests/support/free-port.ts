/**
 * A port for a process that is told which one, or that comes back at the one it had. Below those that the system gives to whoever asks for any (from 32,768 on
 * Linux, from 49,152 elsewhere): of these one that was free a moment ago is another test's, or some connection's own end.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

const LOWEST = 12_000;
const HIGHEST = 32_000;

export function freePort(): Promise<number> {
	return choose(canListen);
}

export function freeUdpPort(): Promise<number> {
	return choose(canBind);
}

async function choose(isFree: (port: number) => Promise<boolean>): Promise<number> {
	for (;;) {
		const port = randomInt(LOWEST, HIGHEST);
		if (await isFree(port)) return port;
	}
}

function canListen(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen(port, () => server.close(() => resolve(true)));
	});
}

function canBind(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = createSocket('udp4');
		socket.once('error', () => resolve(false));
		socket.bind(port, () => socket.close(() => resolve(true)));
	});
}
