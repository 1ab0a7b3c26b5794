/** What this machine is called and reached by now, for its certificate and for whoever asks where the secure address is. */
import { hostname, networkInterfaces } from 'node:os';
import { isIP } from 'node:net';

/** Every name and address of this machine, loopback too. Link-local IPv6 is left out: a browser cannot be told of its network card. */
export function machineHosts(): readonly string[] {
	const cards = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
	const addresses = cards.filter(({ internal, address }) => !internal && !address.startsWith('fe80:')).map(({ address }) => address);
	const name = /^[a-z0-9-]{1,63}/i.exec(hostname())?.[0]?.toLowerCase();
	return [...addresses, ...(name === undefined ? [] : [`${name}.local`]), 'localhost', '127.0.0.1', '::1'];
}

/** By what name the hub is reached by https from where it was asked as `asked`: by that, where the certificate has it; else as other machines reach it. */
export function secureHost(hosts: readonly string[], asked: string): string {
	const bare = asked.replace(/^\[|\]$/g, '');
	const best = hosts.includes(bare) ? bare : ([...hosts].sort((a, b) => rankOf(a) - rankOf(b))[0] ?? 'localhost');
	return isIP(best) === 6 ? `[${best}]` : best;
}

/** Without what every machine calls itself, unless there is nothing else. */
export function othersReach(hosts: readonly string[]): readonly string[] {
	const found = hosts.filter((host) => rankOf(host) < OWN);
	return found.length === 0 ? hosts : found;
}

const OWN = 9;

/** An address of the LAN, then a name of it, then this machine alone. */
function rankOf(host: string): number {
	if (host === 'localhost' || host === '::1' || host.endsWith('.localhost') || host.startsWith('127.')) return OWN;
	// Of IPv4 the ones that a router gave before those that nobody gave.
	if (isIP(host) === 4) return host.startsWith('169.254.') ? 3 : 0;
	return isIP(host) === 6 ? 2 : 1;
}
