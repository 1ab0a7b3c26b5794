/**
 * Whatever can go wrong with machines and cables, one thing after another, from a seed: kills (−9), freezes, cables pulled, directions lost, lines that delay and
 * drop, disks that fill up, bits flipped on a disk, clocks that are set, tills that come to another address.
 * Everything that it does it undoes, in its own time.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { end, type Host } from './lab.ts';
import { pause, type Part, type Server } from './parts.ts';
import type { Fall } from './takeovers.ts';

export interface Faults {
	kills: number;
	freezes: number;
	cuts: number;
	silences: number;
	flips: number;
	slowLines: number;
	fullDisks: number;
	clocks: number;
	moves: number;
	/** Kills, freezes and pulled cables: whoever carried the branch carried it no more. */
	readonly falls: Fall[];
}

export interface NemesisDeps {
	readonly random: () => number;
	readonly parts: readonly Part[];
	readonly servers: readonly Server[];
	readonly isOver: () => boolean;
	readonly say: (words: string) => void;
}

/** Two things at most go wrong at once: a shop in which nothing works has nothing to show. */
const AT_ONCE = 2;
const BETWEEN_MS = 2_500;
const MOST_WRONG_S = 600;

export async function torment({ random, parts, servers, isOver, say }: NemesisDeps): Promise<Faults> {
	const faults: Faults = { kills: 0, freezes: 0, cuts: 0, silences: 0, flips: 0, slowLines: 0, fullDisks: 0, clocks: 0, moves: 0, falls: [] };
	const hit = new Set<Part>();
	const running = new Set<Promise<void>>();
	const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)];
	const lasting = (leastMs: number, mostMs: number): Promise<void> => pause(leastMs + random() * (mostMs - leastMs));

	while (!isOver()) {
		await pause(BETWEEN_MS * (0.5 + random()));
		const part = pick(parts.filter((one) => !hit.has(one) && one.isUp()));
		if (part === undefined || running.size >= AT_ONCE || isOver()) continue;
		hit.add(part);
		const happening: Promise<void> = strike(part)
			.catch((error: unknown) => {
				say(`${part.name}: ${String(error)}`);
			})
			.finally(() => {
				hit.delete(part);
				running.delete(happening);
			});
		running.add(happening);
	}
	await Promise.all(running);
	return faults;

	async function falling(part: Part, during: () => Promise<void>): Promise<void> {
		const fall = { part: part.name, fromMs: Date.now(), toMs: undefined as number | undefined };
		faults.falls.push(fall);
		await during();
		fall.toMs = Date.now();
	}

	async function strike(part: Part): Promise<void> {
		const dice = random();
		if (dice < 0.38) {
			faults.kills += 1;
			say(`${part.name} is killed`);
			await falling(part, async () => {
				part.kill();
				await lasting(500, 6_000);
				if (random() < 0.3 && part.flipBit?.(random) === true) {
					faults.flips += 1;
					say(`a bit on the disk of ${part.name} is flipped`);
				}
				await part.start();
			});
		} else if (dice < 0.56) {
			faults.freezes += 1;
			say(`${part.name} is frozen`);
			await falling(part, async () => {
				const pids = part.host.pids();
				for (const pid of pids) end(pid, 'SIGSTOP');
				await lasting(2_000, 12_000);
				for (const pid of pids) end(pid, 'SIGCONT');
			});
		} else if (dice < 0.65) {
			faults.slowLines += 1;
			say(`the line of ${part.name} is slow`);
			part.host.slow(true);
			await lasting(3_000, 20_000);
			part.host.slow(false);
		} else if (dice < 0.73) {
			const full = pick(servers.filter((one) => one.disk !== undefined));
			if (full?.disk === undefined) return;
			faults.fullDisks += 1;
			say(`the disk of ${full.name} is full`);
			fill(full.disk);
			await lasting(2_000, 15_000);
			rmSync(join(full.disk, FILLER), { force: true });
		} else if (dice < 0.8) {
			if (part.clock === undefined) return;
			faults.clocks += 1;
			const aheadMs = Math.round((2 * random() - 1) * MOST_WRONG_S) * 1_000;
			say(`the clock of ${part.name} is set ${Math.abs(aheadMs / 1000)} s ${aheadMs < 0 ? 'behind' : 'ahead'}`);
			part.clock.set(aheadMs);
		} else if (dice < 0.86) {
			// A hub has the address that its operator gave it.
			if (servers.some((one) => one === part)) return;
			faults.moves += 1;
			say(`${part.name} comes to another address`);
			part.host.move();
		} else if (dice < 0.93) {
			faults.cuts += 1;
			say(`the cable of ${part.name} is pulled`);
			await falling(part, async () => {
				part.host.cable(false);
				await lasting(3_000, 20_000);
				part.host.cable(true);
			});
		} else {
			const other = pick(parts.filter((one) => one !== part));
			if (other === undefined) return;
			faults.silences += 1;
			say(`${part.name} is not heard by ${other.name}`);
			await silenced(part.host, other.host, () => lasting(3_000, 15_000));
		}
	}
}

const FILLER = 'filler';

/** To the last byte: a write of any size fails from here on. */
function fill(disk: string): void {
	const file = openSync(join(disk, FILLER), 'w');
	// The smaller pieces take what the bigger ones left.
	for (const size of [1 << 20, 1 << 12]) while (isWritten(file, new Uint8Array(size)));
	closeSync(file);
}

function isWritten(file: number, bytes: Uint8Array): boolean {
	try {
		return writeSync(file, bytes) > 0;
	} catch {
		return false;
	}
}

async function silenced(from: Host, to: Host, during: () => Promise<void>): Promise<void> {
	from.silence(to, true);
	await during();
	from.silence(to, false);
}
