/** What mDNS says is a hint: real multicast on loopback, with announcements that no hub makes. */
import { Bonjour } from 'bonjour-service';
import { afterEach, expect, test } from 'vitest';
import type { BranchId } from '#schemas/ids.ts';
import { startDiscovery } from '#server/discovery.ts';
import { eventually } from '../support/eventually.ts';

const LOOPBACK = '127.0.0.1';
const ON_LOOPBACK: object = { interface: LOOPBACK, bind: '0.0.0.0' };
const BRANCH = 'b0'.repeat(16) as BranchId;
const peerOf = (letter: string): string => `12D3KooW${letter.repeat(44)}`;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of open.splice(0)) await close();
});

interface Announced {
	readonly peer: string;
	readonly port: number;
	readonly addresses: readonly string[];
	readonly https?: string;
	readonly branch?: string;
}

/** As somebody else's program writes it: whatever addresses it likes. */
function announce({ peer, https, branch = BRANCH.slice(0, 16), ...first }: Announced): {
	moveTo(place: Pick<Announced, 'port' | 'addresses'>): void;
} {
	let { port, addresses }: Pick<Announced, 'port' | 'addresses'> = first;
	const bonjour = new Bonjour(ON_LOOPBACK);
	const service = `_holdfast._tcp.local`;
	const [name, host] = [`x-${peer.slice(-4)}.${service}`, `x-${peer.slice(-4)}.local`];
	const { mdns } = (bonjour as unknown as { server: { mdns: { respond(answer: object): void; on(event: string, hear: () => void): void } } }).server;
	const say = (): void => {
		mdns.respond({
			answers: [
				{ name: service, type: 'PTR', ttl: 120, data: name },
				{ name, type: 'SRV', ttl: 120, data: { port, target: host } },
				{ name, type: 'TXT', ttl: 120, data: [`branch=${branch}`, `peer=${peer}`, ...(https === undefined ? [] : [`https=${https}`])] },
				...addresses.map((data) => ({ name: host, type: data.includes(':') ? 'AAAA' : 'A', ttl: 120, data })),
			],
		});
	};
	// Whoever listens begins by asking.
	mdns.on('query', say);
	say();
	open.push(() => new Promise((resolve) => bonjour.destroy(() => resolve())));
	return {
		moveTo(place) {
			({ port, addresses } = place);
			say();
		},
	};
}

function listen(): { readonly discovery: ReturnType<typeof startDiscovery>; readonly problems: string[] } {
	const problems: string[] = [];
	const discovery = startDiscovery({
		...{ branch: BRANCH, peer: peerOf('Z'), port: undefined, networkInterface: LOOPBACK, askEveryMs: 200 },
		onProblem: (error) => problems.push(String(error)),
	});
	open.push(() => discovery.close());
	return { discovery, problems };
}

test('addresses off the LAN are refused with a sentence and never dialled; those of the LAN beside them are (5)', async () => {
	const { discovery, problems } = listen();
	announce({ peer: peerOf('A'), port: 4400, addresses: ['203.0.113.7', '192.168.7.9', '2001:db8::5', 'fe80::1'] });
	await eventually(() => discovery.addresses().length > 0, 'it is found');
	expect(discovery.addresses()).toContain(`/ip4/192.168.7.9/tcp/4400/ws/p2p/${peerOf('A')}`);
	expect(discovery.addresses().filter((address) => /203\.0\.113|2001:db8|fe80/.test(address))).toEqual([]);
	expect(problems.sort()).toEqual([
		`Error: a device that calls itself ${peerOf('A')} announces 2001:db8::5, which is not an address of this network: nothing is dialled there`,
		`Error: a device that calls itself ${peerOf('A')} announces 203.0.113.7, which is not an address of this network: nothing is dialled there`,
	]);
});

test('no port, a port for https that is none, a name that is no peer id, and another branch lead nowhere (5)', async () => {
	const { discovery, problems } = listen();
	announce({ peer: peerOf('B'), port: 0, addresses: ['192.168.7.9'] });
	announce({ peer: 'x'.repeat(200), port: 4400, addresses: ['192.168.7.9'] });
	announce({ peer: peerOf('C'), port: 4400, addresses: ['192.168.7.9'], branch: 'c0'.repeat(8) });
	announce({ peer: peerOf('D'), port: 4400, addresses: ['192.168.7.9'], https: '99999' });
	await eventually(() => problems.length > 0 && discovery.addresses().length > 0, 'the last one is found');
	expect(new Set(discovery.addresses().map((address) => address.split('/').at(-1)))).toEqual(new Set([peerOf('D')]));
	expect(discovery.secureAddresses()).toEqual([]);
	expect(problems).toEqual([`Error: a device that calls itself ${peerOf('B')} announces 0, which is no port: nothing is dialled there`]);
});

test('a hub that comes back elsewhere, after a power cut and without a goodbye, is found there (3)', async () => {
	const { discovery } = listen();
	const peer = peerOf('E');
	const hub = announce({ peer, port: 4400, addresses: ['192.168.7.9'] });
	const placed = (host: string, port: number): boolean => discovery.addresses().includes(`/ip4/${host}/tcp/${port}/ws/p2p/${peer}`);
	await eventually(() => placed('192.168.7.9', 4400), 'it is found');
	hub.moveTo({ port: 4400, addresses: ['192.168.7.23'] });
	await eventually(() => placed('192.168.7.23', 4400) && !placed('192.168.7.9', 4400), 'at its new address', 5_000);
	hub.moveTo({ port: 4401, addresses: ['192.168.7.23'] });
	await eventually(() => placed('192.168.7.23', 4401) && !placed('192.168.7.23', 4400), 'at its new port', 5_000);
});
