/** Which addresses no router of the internet leads to. */
import { expect, test } from 'vitest';
import { isLocalAddress } from '#core/local-address.ts';

test.each(['10.0.0.1', '127.0.0.1', '172.16.0.1', '172.31.255.1', '192.168.1.10', '169.254.3.4', '100.64.0.1', '100.127.0.1', '::ffff:192.168.1.10'])(
	'%s is of a local network',
	(host) => {
		expect(isLocalAddress(host)).toBe(true);
	},
);

test.each(['fd00::10', 'fc12:3:4::1', 'fe80::1', 'FD12::1', '::1'])('%s is of a local network', (host) => {
	expect(isLocalAddress(host)).toBe(true);
});

test.each(['8.8.8.8', '172.15.0.1', '172.32.0.1', '192.169.1.1', '100.63.0.1', '100.128.0.1', '11.0.0.1', '::ffff:8.8.8.8'])('%s is not', (host) => {
	expect(isLocalAddress(host)).toBe(false);
});

test.each(['2001:db8::1', 'fd::1', 'fec0::1', '::', '', 'localhost', 'fd00.example.com', '10.0.0.1.example.com', ' 10.0.0.1'])(
	'"%s" is not (1)',
	(host) => {
		expect(isLocalAddress(host)).toBe(false);
	},
);
