/**
 * Hubs and other Node devices of a branch find each other by mDNS (RFC 6762, DNS-SD of RFC 6763: `_holdfast._tcp`), without anybody typing an address.
 *
 * 1. What is heard is a hint for whom to dial, never a proof: a peer shows its certificate on the link, like everybody else.
 * 2. Nothing is told of the shop but the first half of its branch's id, which says nothing to a stranger.
 * 3. A hub that is elsewhere now is found there, whether it said goodbye or lost its power.
 * 4. A LAN without multicast, or a machine without a network card, costs discovery and nothing else.
 * 5. Nothing off the LAN is dialled: an announced address that is neither of a private network nor of one that this machine is in is refused, with a sentence.
 *    Neither is one without a port, and a port for https that is none is as if it were not there.
 *
 * Decided: bonjour-service (MIT, typed, over multicast-dns) rather than libp2p's own mDNS, which announces only addresses that libp2p listens on; our door is on
 * the HTTP server. And `avahi-browse _holdfast._tcp` shows whoever runs the shop what is there.
 */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { websocketAddress } from '#adapters/lan-libp2p/addresses.ts';
import { isLocalAddress } from '#core/local-address.ts';
import type { BranchId } from '#schemas/ids.ts';
import { Bonjour, type Service } from 'bonjour-service';

export interface Discovery {
	/** Addresses of other hubs of the branch, as libp2p dials them. */
	addresses(): readonly string[];
	/** The same by https, of those that offer it: a page that came by https may dial nothing else. */
	secureAddresses(): readonly string[];
	close(): Promise<void>;
}

export interface DiscoveryDeps {
	readonly branch: BranchId;
	readonly peer: string;
	/** Where our door is; undefined: there is none, and it only listens to others. */
	readonly port: number | undefined;
	readonly securePort?: number | undefined;
	/** One network card by its address; absent: all there are. */
	readonly networkInterface?: string;
	readonly askEveryMs?: number;
	readonly onProblem: (error: unknown) => void;
}

const TYPE = 'holdfast';
/** More hubs than a branch has: who announces thousands fills no more than this. */
const MOST_FOUND = 32;
/** They come and go, and move; one that was told goodbye of too early is found again. */
const ASK_EVERY_MS = 30_000;
const CLOSE_WITHIN_MS = 1_000;
/** Whoever announces rubbish fills no log. */
const MOST_REFUSALS = 100;

export function startDiscovery({ branch, peer, port, securePort, networkInterface, askEveryMs = ASK_EVERY_MS, onProblem }: DiscoveryDeps): Discovery {
	// Its type does not say so, but it hands these on to multicast-dns.
	const onOneCard: object = networkInterface === undefined ? {} : { interface: networkInterface, bind: '0.0.0.0' };
	const bonjour = new Bonjour(onOneCard, onProblem);
	const known = branch.slice(0, 16);
	const found = new Map<string, { readonly plain: readonly string[]; readonly secure: readonly string[] }>();
	const refused = new Set<string>();
	if (port !== undefined)
		bonjour.publish({
			name: `Holdfast ${peer.slice(-8)}`,
			type: TYPE,
			port,
			txt: { branch: known, peer, ...(securePort === undefined ? {} : { https: String(securePort) }) },
		});
	let browser = browse();
	const asking = setInterval(() => {
		browser.stop();
		browser = browse();
	}, askEveryMs);
	asking.unref();

	/** One that knows a service hears nothing of another address that it has now: each asks anew, and what it hears counts. */
	function browse(): ReturnType<typeof bonjour.find> {
		const next = bonjour.find({ type: TYPE });
		next.on('up', take);
		next.on('txt-update', take);
		next.on('down', (service: Service) => {
			const told = toldOf(service);
			if (told !== undefined) found.delete(told.peer);
		});
		return next;
	}

	function take(service: Service): void {
		const told = toldOf(service);
		if (told === undefined || (found.size >= MOST_FOUND && !found.has(told.peer))) return;
		const from = service.referer?.address;
		const all = new Set([...(service.addresses ?? []), ...(from === undefined ? [] : [from])]);
		// Of one card of several, which the address does not say.
		const numbers = [...all].filter((address) => isIP(address) !== 0 && !address.startsWith('fe80:'));
		const hosts = numbers.filter(isOnTheLan);
		for (const host of numbers.filter((one) => !hosts.includes(one))) refuse(told.peer, `announces ${host}, which is not an address of this network`);
		if (!isPort(service.port)) refuse(told.peer, `announces ${service.port}, which is no port`);
		else if (hosts.length > 0)
			found.set(told.peer, {
				plain: hosts.map((host) => websocketAddress({ host, port: service.port, peer: told.peer })),
				secure:
					told.securePort === undefined
						? []
						: hosts.map((host) => websocketAddress({ host, port: told.securePort ?? 0, peer: told.peer, secure: true })),
			});
	}

	/** Once for each sentence: what somebody announces he announces every few seconds. */
	function refuse(peer: string, why: string): void {
		const text = `a device that calls itself ${peer} ${why}: nothing is dialled there`;
		if (refused.has(text) || refused.size >= MOST_REFUSALS) return;
		refused.add(text);
		onProblem(new Error(text));
	}

	/** Undefined for us, for another branch, and for what is not ours at all. */
	function toldOf({ txt }: Service): { readonly peer: string; readonly securePort: number | undefined } | undefined {
		const { branch: of, peer: other, https } = (txt ?? {}) as Readonly<Record<string, unknown>>;
		if (of !== known || typeof other !== 'string' || !/^[1-9A-HJ-NP-Za-km-z]{20,100}$/.test(other) || other === peer) return undefined;
		return { peer: other, securePort: typeof https === 'string' && isPort(Number(https)) ? Number(https) : undefined };
	}

	return {
		addresses: () => [...found.values()].flatMap(({ plain }) => plain),
		secureAddresses: () => [...found.values()].flatMap(({ secure }) => secure),
		close() {
			clearInterval(asking);
			browser.stop();
			return new Promise((resolve) => {
				// Goodbyes go to a network that may be gone.
				const late = setTimeout(resolve, CLOSE_WITHIN_MS);
				bonjour.unpublishAll(() => {
					bonjour.destroy(() => {
						clearTimeout(late);
						resolve();
					});
				});
			});
		},
	};
}

function isPort(port: number): boolean {
	return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** A campus gives its machines public addresses, and an IPv6 router every one: those of a network that this machine is in are as near. */
function isOnTheLan(host: string): boolean {
	if (isLocalAddress(host)) return true;
	const near = new BlockList();
	for (const { family, address, cidr } of Object.values(networkInterfaces()).flatMap((cards) => cards ?? []))
		if (cidr !== null) near.addSubnet(address, Number(cidr.split('/')[1]), family === 'IPv6' ? 'ipv6' : 'ipv4');
	return near.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}
