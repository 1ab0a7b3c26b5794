/** Whose request it is: a client cannot choose, with a proxy in front or without. */
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { clientAddress } from '#server/http/client-address.ts';

const from = (passed: string | undefined, isBehindProxy: boolean): string =>
	clientAddress(
		{ headers: passed === undefined ? {} : { 'x-forwarded-for': passed }, socket: { remoteAddress: '127.0.0.1' } } as unknown as IncomingMessage,
		isBehindProxy,
	);

test('without a proxy the header is nobody’s word', () => {
	expect(from('203.0.113.7', false)).toBe('127.0.0.1');
});

test.each([
	['203.0.113.7', '203.0.113.7'],
	['10.9.9.9, 203.0.113.7', '203.0.113.7'],
	['2001:db8::1', '2001:db8::1'],
	['203.0.113.7, <script>', '127.0.0.1'],
	['', '127.0.0.1'],
	[undefined, '127.0.0.1'],
])('behind a proxy %j is from %s: what it wrote itself comes last', (passed, address) => {
	expect(from(passed, true)).toBe(address);
});
