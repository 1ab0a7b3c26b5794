/**
 * The relay under load: shops in a process of their own, the relay as an operator starts it, a real database that waits for its disk. Where a loop of ours is the anchor, it and the
 * relay have the same processors, one after the other, and the shops have others (`processors.ts`); in all other rows they share what there is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, availableParallelism } from 'node:os';
import { join } from 'node:path';
import { digits, median, ms, type Outcome, type Row } from '../row.ts';
import { openDatabase, type BenchDatabase, type Kind } from './database.ts';
import { moves } from './moves.ts';
import { pin, processorsHere } from './processors.ts';
import { startMeasuredRelay, type Figures, type MeasuredRelay, type RelayPlan } from './measured-relay.ts';
import { startShops, type Shops } from './shops.ts';
import { stockRate } from './stock.ts';

/** Sales of a shop that may be on their way: a till of a busy shop has one or two, a hub that caught up has many. */
const WINDOW = 20;
/** Of a rush, after the first of each till that nobody counts. */
const EACH = 60;
/** So many that a relay's code is compiled, which it is for all but the first minute of its months. */
const WARMUP = 20;
const LEAST_SHARE = 1 / 3;
const STOCK_TIMES = 5;
const COMMIT_TIMES = 10;
const MOST_P99_MS = 500;
const PACE_SECONDS = 10;
const MOST_IDLE_BYTES = 300_000;
const IDLE_TILLS = 8;
/** Shops open one after another; so many at once. */
const IDLE_GROUP = 8;
const IDLE_GROUPS = 6;
/** In place of ten minutes. */
const REST_SECONDS = 3;
const BACKLOG = 20_000;
const LEAST_GAIN = 1.7;
/** Shops, two processes and PostgreSQL, each on a core of its own. */
const CORES_FOR_TWO = 4;
/** What the same work costs from one run to the next. */
const CPU_SPREAD = 1.15;

type Size = Readonly<{ quick: boolean }>;
const shopsOf = (count: number, { quick }: Size): number => (quick ? 4 : count);
const eachOf = ({ quick }: Size): number => (quick ? 10 : EACH);

const intake = (kind: Kind, count: number): Row => ({
	name: `${kind === 'SQLite' ? 'sqlite' : 'postgres'}-${count}`,
	what: `sales a second into the relay, ${count} branches, ${kind}`,
	against: 'the same sealed bytes verified and inserted in plain batches of 50',
	reach: 'at least a third',
	run: ({ tell, ...size }) =>
		inBenchApart(kind, async ({ shops, database, closing, processors }) => {
			tell('sealing');
			const each = eachOf(size);
			const tills = await shops.seal({ shops: shopsOf(count, size), tills: 1, sales: WARMUP + each });
			const before = await database.plainRate(tills, each);
			const relay = await relayFor(database, closing);
			tell('the shops link');
			await shops.link({ from: 0, to: tills.length, urls: [relay.url] });
			tell('selling');
			const rush = await rushOf(shops, [relay], each);
			const anchor = (before + (await database.plainRate(tills, each))) / 2;
			const ratio = rush.perSecond / anchor;
			return {
				...{ ours: `${digits(rush.perSecond)} sales a second`, anchor: `${digits(anchor)} a second`, ratio, ok: ratio >= LEAST_SHARE },
				numbers: { salesPerSecond: rush.perSecond, plainPerSecond: anchor, relayCpuMsPerSale: rush.cpuMs, shopsCpuMsPerSale: rush.shopsCpuMs },
				note: `of the processors a sale took ${ms(rush.cpuMs)} in the relay and ${ms(rush.shopsCpuMs)} in the shops; ${processors}.`,
			};
		}),
});

const stock: Row = {
	name: 'stock',
	what: 'sales a second into the relay, 100 branches, SQLite, durable',
	against: 'a stock automerge-repo websocket server with its nodefs storage, which waits for no disk',
	reach: `${STOCK_TIMES}× or more`,
	run: ({ tell, ...size }) =>
		inBench('SQLite', async ({ shops, database, closing }) => {
			tell('sealing');
			const each = eachOf(size);
			const tills = await shops.seal({ shops: shopsOf(100, size), tills: 1, sales: WARMUP + each });
			tell('the stock server');
			const anchor = await stockRate(tills, { each, window: WINDOW });
			tell('the relay');
			const relay = await relayFor(database, closing);
			await shops.link({ from: 0, to: tills.length, urls: [relay.url] });
			const { perSecond } = await rushOf(shops, [relay], each);
			const ratio = perSecond / anchor;
			return {
				...{ ours: `${digits(perSecond)} sales a second`, anchor: `${digits(anchor)} a second`, ratio, ok: ratio >= STOCK_TIMES },
				numbers: { salesPerSecond: perSecond, stockPerSecond: anchor },
				note: 'the stock server verifies, folds and reports nothing, and is asked only what its memory holds.',
			};
		}),
};

const inCloud = (kind: Kind): Row => ({
	name: `in-cloud-${kind === 'SQLite' ? 'sqlite' : 'postgres'}`,
	what: `a sale until it is in the cloud, at half the load that 100 branches reach, ${kind}`,
	against: 'one commit of that database',
	reach: `median within ${COMMIT_TIMES}×, 99th percentile under ${MOST_P99_MS} ms`,
	run: ({ tell, ...size }) =>
		inBenchApart(kind, async ({ shops, database, closing, processors }) => {
			const count = shopsOf(100, size);
			const seconds = size.quick ? 1 : PACE_SECONDS;
			tell('sealing');
			const rushed = size.quick ? 10 : 30;
			// 400 sales of a till last for 8,000 a second in all.
			const tills = await shops.seal({ shops: count, tills: 1, sales: WARMUP + rushed + (size.quick ? 100 : 400) });
			const commits = await database.commits(tills[0]!, 100);
			const relay = await relayFor(database, closing);
			await shops.link({ from: 0, to: count, urls: [relay.url] });
			tell('how much it takes');
			const { perSecond: most } = await rushOf(shops, [relay], rushed);
			const perSecond = Math.min(most / 2, (count * (size.quick ? 100 : 400)) / seconds);
			tell('at half the load');
			const latencies = await shops.pace({ perSecond, seconds });
			const [ours, p99, anchor] = [median(latencies), percentile(latencies, 0.99), median(commits)];
			return {
				ours: `${ms(ours)}, 99 % within ${ms(p99)}`,
				...{ anchor: ms(anchor), ratio: ours / anchor, ok: ours <= COMMIT_TIMES * anchor && p99 < MOST_P99_MS },
				numbers: { medianMs: ours, p99Ms: p99, commitMs: anchor, perSecond },
				note: `${digits(perSecond)} sales a second; ${processors}.`,
			};
		}),
});

const idle: Row = {
	name: 'idle',
	what: `memory of an idle connected branch of ${IDLE_TILLS} tills`,
	against: '',
	reach: `under ${MOST_IDLE_BYTES / 1000} KB`,
	run: ({ tell, ...size }) =>
		inBench('SQLite', async ({ shops, database, closing }) => {
			const group = size.quick ? 2 : IDLE_GROUP;
			const groups = size.quick ? 2 : IDLE_GROUPS;
			tell('sealing');
			await shops.seal({ shops: groups * group, tills: IDLE_TILLS, sales: 11 });
			const relay = await relayFor(database, closing, { restAfterSeconds: REST_SECONDS });
			const figures: Figures[] = [];
			for (let from = 0; from < groups * group; from += group) {
				tell(`${group} branches after ${from}`);
				await shops.link({ from, to: from + group, urls: [relay.url] });
				await shops.rush({ from, each: 10, window: WINDOW });
				await new Promise((resolve) => setTimeout(resolve, 3 * REST_SECONDS * 1000));
				figures.push(await relay.figures());
			}
			// What the first groups load and take while they sell (code, wasm's memory, which never becomes less) is not of each.
			const before = figures[size.quick ? 0 : 1]!;
			const after = figures.at(-1)!;
			const count = group * (groups - (size.quick ? 1 : 2));
			const residentBytes = (after.residentBytes - before.residentBytes) / count;
			const heapBytes = (after.heapBytes - before.heapBytes) / count;
			const externalBytes = (after.externalBytes - before.externalBytes) / count;
			tell('one comes back');
			const begun = performance.now();
			await shops.rush({ from: groups * group - 1, each: 1, window: WINDOW });
			const backMs = performance.now() - begun;
			return {
				ours: `${kilobytes(residentBytes)} as the system counts, ${kilobytes(heapBytes)} of it in JavaScript, ${kilobytes(externalBytes)} in Automerge's wasm and buffers`,
				...{ anchor: '', ok: residentBytes < MOST_IDLE_BYTES, numbers: { residentBytes, heapBytes, externalBytes, branches: count, backMs } },
				note: `${count} branches after ${groups * group - count} others, ${group} at a time, ten sales a till and then quiet for ${REST_SECONDS} s, which is ten minutes here; ${IDLE_TILLS} sales that one of them brought then were in the cloud after ${ms(backMs)}.`,
			};
		}),
};

const backlog: Row = {
	name: 'backlog',
	what: 'a sale of others until it is in the cloud, while a branch brings 20,000 sales',
	against: 'the same before',
	reach: '99th percentile not doubled',
	run: ({ tell, ...size }) =>
		inBench('PostgreSQL', async ({ shops, database, closing }) => {
			const count = size.quick ? 4 : 20;
			const seconds = size.quick ? 1 : PACE_SECONDS;
			const perSecond = 2 * count;
			tell('sealing');
			await shops.seal({ shops: count, tills: 1, sales: 400 });
			// In a process of its own: what it has to do for its documents must not keep the others waiting.
			const alone = startShops();
			closing.push(alone.close);
			await alone.seal({ shops: 1, tills: 1, sales: size.quick ? 200 : BACKLOG });
			const relay = await relayFor(database, closing);
			await shops.link({ from: 0, to: count, urls: [relay.url] });
			await rushOf(shops, [relay], 10);
			tell('before');
			const before = percentile(await shops.pace({ perSecond, seconds }), 0.99);
			tell('meanwhile');
			const bringing = alone.bring({ shop: 0, url: relay.url }).finally(shops.enough);
			const meanwhile = percentile(await shops.pace({ perSecond, seconds, goesOn: true }), 0.99);
			const broughtMs = await bringing;
			return {
				...{ ours: `99 % within ${ms(meanwhile)}`, anchor: `99 % within ${ms(before)}`, ratio: meanwhile / before, ok: meanwhile <= 2 * before },
				numbers: { meanwhileP99Ms: meanwhile, beforeP99Ms: before, broughtMs, perSecond },
				note: `${perSecond} sales a second of ${count} branches; the 20,000 were in the cloud after ${ms(broughtMs)}.`,
			};
		}),
};

const two: Row = {
	name: 'two',
	what: 'two processes on one PostgreSQL, 100 branches',
	against: 'one process',
	reach: `${LEAST_GAIN}× the sales a second where cores allow, else CPU a sale unchanged`,
	run: ({ tell, ...size }) =>
		inBench('PostgreSQL', async ({ shops, database, closing }) => {
			const count = shopsOf(100, size);
			const each = eachOf(size);
			tell('sealing');
			await shops.seal({ shops: count, tills: 1, sales: WARMUP + each });
			const rushes: Rush[] = [];
			for (const processes of [1, 2]) {
				tell(`${processes} of them`);
				const record = await database.forRelay();
				const keys = temporary(closing);
				const relays: MeasuredRelay[] = [];
				for (let n = 0; n < processes; n += 1) relays.push(await startMeasuredRelay({ database: record, keys }));
				try {
					await shops.link({ from: 0, to: count, urls: relays.map(({ url }) => url) });
					rushes.push(await rushOf(shops, relays, each));
					await shops.unlink();
				} finally {
					for (const relay of relays) await relay.close();
				}
			}
			const [one, both] = rushes as [Rush, Rush];
			const hasCores = availableParallelism() >= CORES_FOR_TWO;
			const ratio = hasCores ? both.perSecond / one.perSecond : both.cpuMs / one.cpuMs;
			return {
				ours: `${digits(both.perSecond)} sales a second, ${ms(both.cpuMs)} of the processors a sale`,
				anchor: `${digits(one.perSecond)} a second, ${ms(one.cpuMs)}`,
				...{ ratio, ok: hasCores ? ratio >= LEAST_GAIN : ratio <= CPU_SPREAD },
				numbers: { onePerSecond: one.perSecond, bothPerSecond: both.perSecond, oneCpuMs: one.cpuMs, bothCpuMs: both.cpuMs },
				note: hasCores
					? 'judged by sales a second.'
					: `judged by processor time, within ${CPU_SPREAD}×: ${availableParallelism()} cores are too few for two processes, the shops and PostgreSQL.`,
			};
		}),
};

export const relayRows: readonly Row[] = [
	...(['PostgreSQL', 'SQLite'] as const).flatMap((kind) => [intake(kind, 100), intake(kind, 300)]),
	...[stock, inCloud('PostgreSQL'), inCloud('SQLite'), idle, backlog, two, moves],
];

interface Bench {
	readonly shops: Shops;
	readonly database: BenchDatabase;
	/** Run at the end, the last first. */
	readonly closing: (() => unknown)[];
}

async function inBench(kind: Kind, measure: (bench: Bench) => Promise<Outcome>): Promise<Outcome> {
	const database = await openDatabase(kind);
	const shops = startShops();
	const closing: (() => unknown)[] = [() => database.close(), shops.close];
	try {
		return await measure({ shops, database, closing });
	} finally {
		for (const close of closing.reverse()) await close();
	}
}

/** What is started by this process has its processors, the shops have others. */
async function inBenchApart(kind: Kind, measure: (bench: Bench & { readonly processors: string }) => Promise<Outcome>): Promise<Outcome> {
	const { all, split, words } = processorsHere();
	pin(process.pid, split?.relay);
	try {
		return await inBench(kind, (bench) => {
			pin(bench.shops.pid, split?.shops);
			return measure({ ...bench, processors: words });
		});
	} finally {
		if (split !== undefined) pin(process.pid, all);
	}
}

async function relayFor(database: BenchDatabase, closing: Bench['closing'], plan: RelayPlan = {}): Promise<MeasuredRelay> {
	const relay = await startMeasuredRelay({ ...plan, database: await database.forRelay() });
	closing.push(relay.close);
	return relay;
}

function temporary(closing: Bench['closing']): string {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-keys-'));
	closing.push(() => {
		rmSync(folder, { recursive: true, force: true });
	});
	return folder;
}

interface Rush {
	readonly perSecond: number;
	/** Of the relay's processors, a sale. */
	readonly cpuMs: number;
	readonly shopsCpuMs: number;
}

async function rushOf(shops: Shops, relays: readonly MeasuredRelay[], each: number): Promise<Rush> {
	await shops.rush({ from: 0, each: WARMUP, window: WINDOW });
	const used = async (): Promise<number> => (await Promise.all(relays.map((one) => one.figures()))).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
	const before = await used();
	const { sales, ms: took, cpuMs } = await shops.rush({ from: 0, each, window: WINDOW });
	return { perSecond: sales / (took / 1000), cpuMs: ((await used()) - before) / sales, shopsCpuMs: cpuMs / sales };
}

function percentile(list: readonly number[], share: number): number {
	const sorted = [...list].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function kilobytes(bytes: number): string {
	return `${digits(bytes / 1000)} KB`;
}
