/** Rows about what goes over the wire: how soon a neighbour knows, what a sale weighs, what a reconnection costs. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createNode } from '#adapters/lan-libp2p/node.ts';
import { multiaddr } from '@multiformats/multiaddr';
import type { Branch } from '#server/branch.ts';
import { startHeadlessTill } from '#server/headless-till.ts';
import { freePort } from '../../support/free-port.ts';
import { joinCodeOf, serve } from '../../support/shop-processes.ts';
import { median, ms, type Row } from '../row.ts';
import { openBenchShop, sellOne, until, type BenchShop } from './shop.ts';

const ECHO = '/holdfast/bench/1';
/** What is said every second or five anyway (beats, leases, marks) is weighed by itself, and taken off. */
const QUIET_MS = 5_000;

/** From the own fold, which follows the vault's `complete` at once, to the fold of the neighbour: over the hub, two hops there, as the echo's way there and back. */
export const neighbour: Row = {
	name: 'neighbour',
	what: 'a sale from the strict transaction’s complete to the neighbour’s projection, over the hub',
	against: 'a raw libp2p echo of the same bytes',
	reach: 'within 4× at the median, 99th percentile under 100 ms',
	async run({ quick, tell }) {
		const sales = quick ? 20 : 400;
		const folder = mkdtempSync(join(tmpdir(), 'holdfast-neighbour-'));
		const port = String(await freePort());
		const hub = await serve('hub', { data: join(folder, 'hub'), port });
		const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true }), () => hub.kill()];
		try {
			const seller = await startHeadlessTill({
				...{ hub: hub.url, folder: join(folder, 'till-1'), claim: { kind: 'demo' } },
				onProblem: (error) => {
					throw error as Error;
				},
			});
			closing.push(() => seller.close());
			const code = await joinCodeOf(hub);
			const child = fork(fileURLToPath(new URL('./neighbour-till.ts', import.meta.url)), [hub.url, join(folder, 'till-2'), code]);
			closing.push(() => child.kill('SIGKILL'));
			const there = new Map<string, number>();
			let isOpen = false;
			child.on('message', (told: { readonly open?: true; readonly hash: string; readonly atMs: number }) => {
				if (told.open === true) isOpen = true;
				else there.set(told.hash, told.atMs);
			});
			await until(() => isOpen && seller.lan.peers().length > 0, 'both are in', 60_000);
			const here = foldTimes(seller.branch);
			tell('selling');
			const times: number[] = [];
			let bytes = 0;
			for (let n = 0; n < sales; n += 1) {
				const hash = await sellOne(seller);
				await until(() => there.has(hash), 'the neighbour has it', 30_000);
				if (n >= sales / 10) times.push((there.get(hash) ?? 0) - (here.get(hash) ?? 0));
				bytes = seller.branch.ledger.entry(hash)?.sealed.length ?? 0;
				await pause(20);
			}
			tell('echoing');
			const echoes = await echoed(bytes, sales);
			const ratio = median(times) / median(echoes);
			const most = percentile(times, 0.99);
			return {
				...{ ours: `${ms(median(times))}, 99 % within ${ms(most)}`, anchor: ms(median(echoes)), ratio, ok: ratio <= 4 && most < 100 },
				numbers: { medianMs: median(times), p99Ms: most, echoMs: median(echoes), bytes },
				note: 'two hops; a hub passes on what it has not read yet, and a till shows what is on its way to its disk. The echo has the same two hops between two processes; the till, the hub and the neighbour are three.',
			};
		} finally {
			for (const close of closing.reverse()) await close();
		}
	},
};

/** Both ways, headers and acknowledgements of TCP with it, as the loopback interface counts them (Linux, proc(5)). */
export const weight: Row = {
	name: 'weight',
	what: 'bytes on the wire for a sale: till to hub, hub to one neighbour, with everything that is said about it',
	against: 'its sealed bytes, twice',
	reach: 'stated',
	async run({ quick, tell }) {
		const sales = quick ? 20 : 300;
		const shop = await openBenchShop(2);
		try {
			await linked(shop);
			const [seller, buyer] = shop.tills;
			if (seller === undefined || buyer === undefined) throw new Error('two tills');
			tell('the quiet');
			await settled(shop);
			const idle = await bytesWithin(() => pause(QUIET_MS));
			tell('selling');
			const begun = performance.now();
			let sealed = 0;
			const all = await bytesWithin(async () => {
				for (let n = 0; n < sales; n += 1) {
					sealed = seller.branch.ledger.entry(await sellOne(seller))?.sealed.length ?? 0;
					await pause(50);
				}
				await until(() => buyer.branch.ledger.state.sales.size >= sales, 'the neighbour has all', 30_000);
				await pause(QUIET_MS);
			});
			const perSale = (all - (idle * (performance.now() - begun)) / QUIET_MS) / sales;
			return {
				...{ ours: `${perSale.toFixed(0)} B`, anchor: `${2 * sealed} B`, ratio: perSale / (2 * sealed) },
				numbers: { bytesPerSale: perSale, sealedBytes: sealed, idleBytesPerSecond: (1_000 * idle) / QUIET_MS },
				note: `while nothing is sold, a hub and two tills say ${((1_000 * idle) / QUIET_MS / 1_000).toFixed(1)} KB a second to each other.`,
			};
		} finally {
			await shop.close();
		}
	},
};

/** A till whose cable was out while nothing happened: what it costs to find that out, by how many documents the branch has open. */
export const reconnect: Row = {
	name: 'reconnect',
	what: 'a till is back on the LAN and knows that nothing is missing: branches of 2 and of 8 tills',
	against: '',
	reach: 'stated',
	async run({ quick, tell }) {
		const told: string[] = [];
		const numbers: Record<string, number> = {};
		for (const count of quick ? [2] : [2, 8]) {
			tell(`${count} tills`);
			const shop = await openBenchShop(count);
			try {
				await linked(shop);
				for (const till of shop.tills) for (let n = 0; n < 20; n += 1) await sellOne(till);
				const [one] = shop.tills;
				if (one === undefined) throw new Error('a till');
				await until(() => shop.tills.every(({ branch }) => branch.ledger.state.sales.size === 20 * count), 'everybody has everything', 60_000);
				await settled(shop);
				const idle = await bytesWithin(() => pause(QUIET_MS));
				await one.lan.stop();
				await pause(QUIET_MS / 5);
				let tookMs = 0;
				const begun = performance.now();
				const all = await bytesWithin(async () => {
					await one.lan.start();
					await until(() => one.lan.peers().length > 0, 'linked', 30_000);
					tookMs = performance.now() - begun;
					await pause(QUIET_MS);
				});
				const bytes = all - (idle * (performance.now() - begun)) / QUIET_MS;
				// Each device has a segment in each scope, the branch one floor.
				const documents = 2 * (count + 1) + 1;
				told.push(`${ms(tookMs)}, ${(bytes / 1_000).toFixed(0)} KB with ${documents} open documents`);
				numbers[`bytesOf${count}Tills`] = bytes;
				numbers[`msOf${count}Tills`] = tookMs;
			} finally {
				await shop.close();
			}
		}
		return { ours: told.join('; '), anchor: '', numbers };
	},
};

async function linked({ tills }: BenchShop): Promise<void> {
	await until(() => tills.every(({ lan }) => lan.peers().length > 0), 'all are linked', 30_000);
	await until(() => tills.every(({ branch }) => branch.replica.findings().lease?.holder !== undefined), 'all know who holds the lease', 30_000);
}

async function settled({ tills }: BenchShop): Promise<void> {
	for (const { branch } of tills) await branch.replica.idle();
	await pause(QUIET_MS);
}

/** When each entry was folded here. */
function foldTimes({ replica }: Branch): ReadonlyMap<string, number> {
	const times = new Map<string, number>();
	replica.onFolded(({ added }) => {
		for (const { hash } of added) times.set(hash, performance.timeOrigin + performance.now());
	});
	return times;
}

async function bytesWithin(work: () => Promise<void>): Promise<number> {
	const before = loopbackBytes();
	await work();
	return loopbackBytes() - before;
}

function loopbackBytes(): number {
	return Number(/^\s*lo:\s*(\d+)/m.exec(readFileSync('/proc/net/dev', 'utf8'))?.[1] ?? Number.NaN);
}

/** The same transport, encryption and muxer as a link's, and two processes, as each of its hops has. */
async function echoed(bytes: number, rounds: number): Promise<readonly number[]> {
	const answers = fork(fileURLToPath(new URL('./echo-peer.ts', import.meta.url)), [ECHO]);
	const asks = await createNode({ networkSeed: crypto.getRandomValues(new Uint8Array(32)), gater: {}, door: undefined });
	try {
		const [{ address }] = (await once(answers, 'message')) as [{ readonly address: string }];
		await asks.libp2p.start();
		const connection = await asks.libp2p.dial(multiaddr(address));
		const stream = await connection.newStream(ECHO);
		let came = 0;
		let whole: (() => void) | undefined;
		stream.addEventListener('message', ({ data }) => {
			came += data.byteLength;
			if (came >= bytes) whole?.();
		});
		const times: number[] = [];
		for (let round = 0; round < rounds; round += 1) {
			came = 0;
			const begun = performance.now();
			const back = new Promise<void>((resolve) => (whole = resolve));
			stream.send(crypto.getRandomValues(new Uint8Array(bytes)));
			await back;
			if (round >= rounds / 10) times.push(performance.now() - begun);
			await pause(20);
		}
		return times;
	} finally {
		await asks.libp2p.stop();
		answers.kill('SIGKILL');
	}
}

function percentile(list: readonly number[], part: number): number {
	return [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(part * list.length))] ?? Number.NaN;
}

function pause(forMs: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, forMs));
}
