/**
 * A LAN on one machine: hosts as network namespaces behind a bridge, made here and removed at the end. Needs root and iproute2.
 *
 * 1. Nothing of it is reachable from outside, nor the outside from it; its addresses exist in its own namespaces alone.
 * 2. A cable is pulled at the switch: a host that lost its own card would lose its default route, and Chromium its candidates, with it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Host {
	readonly name: string;
	/** Its first one, which it has until it is moved. */
	readonly address: string;
	/** All that it may have. */
	readonly addresses: readonly string[];
	/** What runs a program there. */
	readonly enter: readonly string[];
	/** Programs that run there now. */
	pids(): readonly number[];
	cable(isIn: boolean): void;
	/** What this host sends to the other is lost, whichever address that has; what comes from there arrives. */
	silence(to: Host, isSilent: boolean): void;
	/** The network gives it another address, or its first one again: what was open under the other is dead, and nobody is told. */
	move(): void;
	/** A line that takes 256 kbit a second both ways: what does not fit waits up to 400 ms, and is dropped. */
	slow(isSlow: boolean): void;
	/** A program that starts Chromium there, for Playwright. */
	chromium(folder: string, executable: string): string;
}

const NET = '10.77.0';
/** So far from a host's first address lies its second. */
const SECOND = 100;
const SLOW = ['tbf', 'rate', '256kbit', 'burst', '3000', 'latency', '400ms'];

export function canOpenLab(): string | undefined {
	if (process.getuid?.() !== 0) return 'The soak makes network namespaces, and needs to run as root.';
	return ['ip', 'tc'].every((tool) => spawnSync(tool, ['-V']).status === 0)
		? undefined
		: 'The soak needs "ip" and "tc": install the package iproute2.';
}

/** `lab` names it among others on the machine. Answers what removes it, with everything that still runs there. */
export function openLab(lab: string, names: readonly string[]): () => void {
	const made: string[] = [];
	const netns = (name: string): void => {
		ip('netns', 'add', name);
		made.push(name);
	};
	const close = (): void => {
		for (const space of made.reverse()) {
			for (const pid of pidsIn(space)) end(pid);
			ip('netns', 'del', space);
		}
	};
	try {
		netns(switchOf(lab));
		ip('-n', switchOf(lab), 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0', 'stp_state', '0');
		ip('-n', switchOf(lab), 'link', 'set', 'br0', 'up');
		for (const [place, name] of names.entries()) {
			const space = spaceOf(lab, name);
			netns(space);
			ip('-n', space, 'link', 'set', 'lo', 'up');
			ip('-n', switchOf(lab), 'link', 'add', portOf(name), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
			ip('-n', switchOf(lab), 'link', 'set', portOf(name), 'master', 'br0', 'up');
			ip('-n', space, 'addr', 'add', `${addressOf(place)}/24`, 'dev', 'eth0');
			ip('-n', space, 'link', 'set', 'eth0', 'up');
			// Without one Chromium gathers no candidates, and mDNS finds nothing.
			ip('-n', space, 'route', 'add', 'default', 'dev', 'eth0');
		}
	} catch (error) {
		close();
		throw error;
	}
	return close;
}

/** A host of a LAN that is open, by its name and its place among the names. */
export function hostOf(lab: string, name: string, place: number): Host {
	const space = spaceOf(lab, name);
	const [first, second] = [addressOf(place), addressOf(place + SECOND)];
	let address = first;
	return {
		...{ name, address: first, addresses: [first, second], enter: ['ip', 'netns', 'exec', space] },
		pids: () => pidsIn(space),
		cable(isIn) {
			ip('-n', switchOf(lab), 'link', 'set', portOf(name), isIn ? 'up' : 'down');
		},
		silence(to, isSilent) {
			for (const there of to.addresses) ip('-n', space, 'route', isSilent ? 'replace' : 'del', 'blackhole', `${there}/32`);
		},
		move() {
			const next = address === first ? second : first;
			ip('-n', space, 'addr', 'del', `${address}/24`, 'dev', 'eth0');
			ip('-n', space, 'addr', 'add', `${next}/24`, 'dev', 'eth0');
			// The last address took it along.
			ip('-n', space, 'route', 'replace', 'default', 'dev', 'eth0');
			address = next;
		},
		slow(isSlow) {
			for (const [at, device] of [
				[switchOf(lab), portOf(name)],
				[space, 'eth0'],
			] as const)
				execFileSync('ip', ['netns', 'exec', at, 'tc', 'qdisc', isSlow ? 'replace' : 'del', 'dev', device, 'root', ...(isSlow ? SLOW : [])], {
					stdio: 'pipe',
				});
		},
		chromium(folder, executable) {
			const file = join(folder, `chromium-${name}`);
			writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${space} ${executable} "$@"\n`, { mode: 0o755 });
			return file;
		},
	};
}

const switchOf = (lab: string): string => `${lab}-sw`;
const spaceOf = (lab: string, name: string): string => `${lab}-${name}`;
const portOf = (name: string): string => `p-${name}`;
const addressOf = (place: number): string => `${NET}.${place + 1}`;

function ip(...args: readonly string[]): string {
	return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function pidsIn(space: string): readonly number[] {
	return ip('netns', 'pids', space).split('\n').filter(Boolean).map(Number);
}

/** A process that may have ended by itself. */
export function end(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
	try {
		process.kill(pid, signal);
	} catch {
		// It has.
	}
}
