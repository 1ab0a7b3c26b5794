import { expect, test } from 'vitest';
import { MESSAGE_BYTES, messagesOf } from '#adapters/lan-libp2p/socket-messages.ts';

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

test('a packet of noise, its length and its content, is one message', () => {
	expect([...messagesOf([bytes(2, 1), bytes(600, 2)])]).toEqual([new Uint8Array([...bytes(2, 1), ...bytes(600, 2)])]);
	expect([...messagesOf([])]).toEqual([]);
});

test('1, 2: a backlog is all its bytes in their order, in messages within their bound', () => {
	const parts = Array.from({ length: 40 }, (_, n) => bytes(n % 2 === 0 ? 2 : 65_535, n));
	const messages = [...messagesOf(parts)];
	expect(Buffer.concat(messages).equals(Buffer.concat(parts))).toBe(true);
	expect(Math.max(...messages.map(({ length }) => length))).toBeLessThanOrEqual(MESSAGE_BYTES);
	expect(messages.length).toBeLessThan(parts.length / 1.5);
	const long = bytes(3 * MESSAGE_BYTES, 7);
	expect([...messagesOf([bytes(2, 1), long, bytes(2, 1)])].map(({ length }) => length)).toEqual([2, long.length, 2]);
});
