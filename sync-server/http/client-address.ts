/** Whose request it is, for the log. Behind a proxy: what the proxy wrote itself; what stood before that in the header is the client's own word. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

export function clientAddress({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>, isBehindProxy: boolean): string {
	const direct = socket.remoteAddress ?? '';
	if (!isBehindProxy) return direct;
	const passed = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)?.trim() ?? '';
	return isIP(passed) === 0 ? direct : passed;
}
