/** Who counts as this machine: the socket, the name, the origin and the absence of a proxy must all say so. */
import { expect, test } from 'vitest';
import { hostnameOf, isSameMachine } from '#server/http/same-machine.ts';

const asked = (headers: Readonly<Record<string, string>>, remoteAddress = '127.0.0.1'): boolean =>
	isSameMachine({ headers, socket: { remoteAddress } } as unknown as Parameters<typeof isSameMachine>[0]);
const HOST = { host: 'localhost:4400' };

test.each([
	['a shell', HOST],
	['a shell by number', { host: '127.0.0.1:4400' }],
	['a shell by IPv6', { host: '[::1]:4400' }],
	['the second till of the machine', { host: 'till-2.localhost:4400', origin: 'http://till-2.localhost:4400' }],
	['the page itself', { ...HOST, 'sec-fetch-site': 'same-origin' }],
	['the page itself, that posts', { ...HOST, origin: 'http://localhost:4400', 'sec-fetch-site': 'same-origin' }],
	['an address typed by hand', { ...HOST, 'sec-fetch-site': 'none' }],
	['capital letters', { host: 'LOCALHOST:4400' }],
])('%s is this machine', (_, headers) => {
	for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) expect(asked(headers, address)).toBe(true);
});

test.each([
	['another machine', HOST, '192.168.1.7'],
	['another machine by IPv6', HOST, 'fe80::1'],
	['a socket that is gone', HOST, ''],
	['an address that begins like ours', HOST, '128.0.0.1'],
])('%s is not, whatever it says', (_, headers, address) => {
	expect(asked(headers, address)).toBe(false);
});

test.each([
	['no name at all', {}],
	['a name that was made to resolve here', { host: 'evil.example:4400' }],
	['a name that begins like ours', { host: 'localhost.evil.example' }],
	['a name that ends like ours', { host: 'evillocalhost' }],
	['a number in a name', { host: '127.0.0.1.evil.example:4400' }],
	['two names', { host: 'localhost:4400, evil.example' }],
	['a user in the name', { host: 'localhost@evil.example' }],
	['a page of another site', { ...HOST, origin: 'http://evil.example' }],
	['a page of another port', { ...HOST, origin: 'http://localhost:8080' }],
	['a page of the other till', { ...HOST, origin: 'http://till-2.localhost:4400' }],
	['a secure page', { ...HOST, origin: 'https://localhost:4400' }],
	['a page without an origin', { ...HOST, origin: 'null' }],
	['an image on another site', { ...HOST, 'sec-fetch-site': 'cross-site' }],
	['a frame of another port', { ...HOST, 'sec-fetch-site': 'same-site' }],
	['a proxy', { ...HOST, 'x-forwarded-for': '127.0.0.1' }],
	['a proxy by its standard name', { ...HOST, forwarded: 'for=127.0.0.1' }],
	['a proxy that says only the host', { ...HOST, 'x-forwarded-host': 'localhost' }],
	['a proxy that says only the protocol', { ...HOST, 'x-forwarded-proto': 'http' }],
	['a proxy that says the address', { ...HOST, 'x-real-ip': '127.0.0.1' }],
	['a proxy that says its name', { ...HOST, via: '1.1 proxy' }],
])('%s is not this machine', (_, headers) => {
	expect(asked(headers as Record<string, string>)).toBe(false);
});

test('the name in a Host header', () => {
	expect(['Till-2.Localhost:80', '[::1]:4400', 'a b', '', 'x:y', '192.168.1.7'].map(hostnameOf)).toEqual([
		'till-2.localhost',
		'[::1]',
		'',
		'',
		'',
		'192.168.1.7',
	]);
});
