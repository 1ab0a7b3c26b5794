/**
 * A websocket that came to the wrong process goes on to the one that keeps its branch: the request as it came, then the bytes of both sides as they come.
 *
 * 1. Nothing is answered twice, and nothing is said for the other process: its refusal is passed on in its own words. That it cannot serve now (503) is no
 *    refusal: the branch may be on its way to another.
 * 2. A request that was passed on once is passed on no further.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { refuseUpgrade } from './http/server.ts';

const PASSED_ON = 'x-holdfast-passed-on';
const ANSWERS_MS = 2_000;
const MOST_WORDS = 1_000;
const UNAVAILABLE = 503;

export function wasPassedOn({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
	return headers[PASSED_ON] !== undefined;
}

/** The other process's socket, 'refused' when it said no, or undefined when it did not answer in time or cannot now, and nothing was said to the client. */
export function passOn(request: IncomingMessage, socket: Duplex, head: Buffer, address: string): Promise<Duplex | 'refused' | undefined> {
	const url = new URL(request.url ?? '/', address);
	const headers = { ...request.headers, host: url.host, [PASSED_ON]: '1' };
	const onward = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { headers, agent: false });
	const outcome = Promise.withResolvers<Duplex | 'refused' | undefined>();
	const tooLong = setTimeout(() => onward.destroy(), ANSWERS_MS);
	onward.on('upgrade', (answer, other: Duplex, first) => {
		clearTimeout(tooLong);
		const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
		socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
		socket.write(first);
		other.write(head);
		join(socket, other);
		outcome.resolve(other);
	});
	onward.on('response', (answer) => {
		clearTimeout(tooLong);
		let words = '';
		answer.on('data', (chunk: Buffer) => (words = `${words}${chunk.toString()}`.slice(0, MOST_WORDS)));
		answer.on('close', () => {
			if (answer.statusCode === UNAVAILABLE) return outcome.resolve(undefined);
			refuseUpgrade(socket, `${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}`, words);
			outcome.resolve('refused');
		});
	});
	onward.on('error', () => {
		clearTimeout(tooLong);
		outcome.resolve(undefined);
	});
	onward.end();
	return outcome.promise;
}

function join(one: Duplex, other: Duplex): void {
	for (const [from, to] of [
		[one, other],
		[other, one],
	] as const) {
		from.on('error', () => undefined); // `close` follows.
		from.on('close', () => to.destroy());
		from.pipe(to);
	}
}
