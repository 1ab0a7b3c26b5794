/**
 * Hubs and other Node devices of a branch find each other by mDNS (RFC 6762, DNS-SD of RFC 6763: `_holdfast._tcp`), without anybody typing an address.
 *
 * 1. What is heard is a hint for whom to dial, never a proof: a peer shows its certificate on the link, like everybody else.
 * 2. Nothing is told of the shop but the first half of its branch's id, which says nothing to a stranger.
 * 3. A LAN without multicast, or a machine without a network card, costs discovery and nothing else.
 *
 * Decided: bonjour-service (MIT, typed, over multicast-dns) rather than libp2p's own mDNS, which announces only addresses that libp2p listens on; our door is on
 * the HTTP server. And `avahi-browse _holdfast._tcp` shows whoever runs the shop what is there.
 */
import { websocketAddress } from '#adapters/lan-libp2p/addresses.ts';
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
	/** Where our door is; undefined: it listens to others only. */
	readonly port: number | undefined;
	readonly securePort?: number | undefined;
	/** One network card by its address; absent: all there are. */
	readonly networkInterface?: string;
	readonly onProblem: (error: unknown) => void;
}

const TYPE = 'holdfast';
/** More hubs than a branch has: who announces thousands fills no more than this. */
const MOST_FOUND = 32;
/** They come and go; one that was told goodbye of too early is found again. */
const ASK_AGAIN_MS = 30_000;
const CLOSE_WITHIN_MS = 1_000;

export function startDiscovery({ branch, peer, port, securePort, networkInterface, onProblem }: DiscoveryDeps): Discovery {
	// Its type does not say so, but it hands these on to multicast-dns.
	const onOneCard: object = networkInterface === undefined ? {} : { interface: networkInterface, bind: '0.0.0.0' };
	const bonjour = new Bonjour(onOneCard, onProblem);
	const known = branch.slice(0, 16);
	const found = new Map<string, { readonly plain: readonly string[]; readonly secure: readonly string[] }>();
	if (port !== undefined)
		bonjour.publish({
			name: `Holdfast ${peer.slice(-8)}`,
			type: TYPE,
			port,
			txt: { branch: known, peer, ...(securePort === undefined ? {} : { https: String(securePort) }) },
		});
	const browser = bonjour.find({ type: TYPE });
	browser.on('up', take);
	browser.on('txt-update', take);
	browser.on('down', (service: Service) => {
		const told = toldOf(service);
		if (told !== undefined) found.delete(told.peer);
	});
	const asking = setInterval(() => {
		browser.update();
	}, ASK_AGAIN_MS);
	asking.unref();

	function take(service: Service): void {
		const told = toldOf(service);
		if (told === undefined || (found.size >= MOST_FOUND && !found.has(told.peer))) return;
		const from = service.referer?.address;
		const all = [...(service.addresses ?? []), ...(from === undefined ? [] : [from])];
		const hosts = [...new Set(all)].filter((address) => !address.startsWith('fe80:'));
		if (hosts.length > 0)
			found.set(told.peer, {
				plain: hosts.map((host) => websocketAddress({ host, port: service.port, peer: told.peer })),
				secure:
					told.securePort === undefined
						? []
						: hosts.map((host) => websocketAddress({ host, port: told.securePort ?? 0, peer: told.peer, secure: true })),
			});
	}

	/** Undefined for us, for another branch, and for what is not ours at all. */
	function toldOf({ txt }: Service): { readonly peer: string; readonly securePort: number | undefined } | undefined {
		const { branch: of, peer: other, https } = (txt ?? {}) as Readonly<Record<string, unknown>>;
		if (of !== known || typeof other !== 'string' || !/^[1-9A-HJ-NP-Za-km-z]{20,100}$/.test(other) || other === peer) return undefined;
		return { peer: other, securePort: typeof https === 'string' && /^[1-9]\d{0,4}$/.test(https) ? Number(https) : undefined };
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
