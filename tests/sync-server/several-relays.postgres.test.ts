/**
 * One relay of several processes on a real PostgreSQL: killed, frozen and stopped while a shop sells, behind one address and by their own. On loopback.
 *
 * What holds throughout, looked at again and again: whatever the till is told to be in the cloud is in the database at that moment.
 */
import { mkdtempSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RelayJoined } from '#schemas/facts/relay-joined.ts';
import type { BranchId, IntentKey, Sku } from '#schemas/ids.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub } from '#server/hub-process.ts';
import { startRelay, type Relay } from '#server/relay-process.ts';
import postgres from 'postgres';
import { afterEach, expect, test } from 'vitest';
import { hubOf, otherBranchOf, type LinkedHub } from '../adapters/relay-websocket/relay-shop.ts';
import { eventually } from '../support/eventually.ts';
import { sellBread } from '../support/live-shop.ts';
import { newDatabase } from '../support/new-database.ts';
import { freePort, serve, type Served } from '../support/shop-processes.ts';

const LOOPBACK = '127.0.0.1';
const BREAD = 'BREAD' as Sku;
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
});
const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-several-'));

interface Process extends Served {
	readonly port: number;
	readonly address: string;
}

async function relayProcess(database: string, keys: string, publicUrl?: (port: number) => string): Promise<Process> {
	const port = await freePort();
	const named = publicUrl === undefined ? {} : { 'public-url': publicUrl(port) };
	const served = await serve('relay', { data: temporary(), database, keys, port: String(port), ...named });
	open.push(() => served.kill());
	return { ...served, port, address: `http://${LOOPBACK}:${port}` };
}

/** What stands before several processes: any that takes the connection gets it. One that does not answer is taken out, as by a check of its health. */
async function oneAddressFor(ports: () => readonly number[]): Promise<number> {
	const server = createServer((socket) => {
		const tryNext = ([port, ...others]: readonly number[]): void => {
			if (port === undefined) return void socket.destroy();
			const onward = createConnection(port, LOOPBACK);
			onward.once('connect', () => {
				socket.pipe(onward).pipe(socket);
			});
			onward.on('error', () => {
				if (onward.connecting || onward.bytesRead === 0) tryNext(others);
				else socket.destroy();
			});
			onward.on('close', () => {
				if (onward.bytesRead > 0) socket.destroy();
			});
			socket.on('error', () => onward.destroy());
			socket.on('close', () => onward.destroy());
		};
		tryNext(ports());
	});
	await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
	open.push(async () => server.close());
	return (server.address() as AddressInfo).port;
}

async function shopAt(relay: string): Promise<HeadlessTill> {
	const hub = await startHub({
		...{ folder: openDataFolder(temporary(), 'hub'), port: 0, host: LOOPBACK, app: undefined, relay, log: () => undefined },
	});
	open.push(() => hub.close());
	const till = await startHeadlessTill({
		...{ hub: `http://${LOOPBACK}:${hub.port}`, folder: temporary(), claim: { kind: 'demo' } },
		onProblem: (error) => {
			throw error as Error;
		},
	});
	open.push(() => till.close());
	return till;
}

function sellOn(till: HeadlessTill): { stop(): Promise<void> } {
	let isOver = false;
	const selling = (async () => {
		while (!isOver) {
			await sellBread(till);
			await new Promise((resolve) => setTimeout(resolve, 40));
		}
	})();
	const stop = async (): Promise<void> => {
		isOver = true;
		await selling;
	};
	open.push(stop);
	return { stop };
}

function sqlAt(database: string): postgres.Sql<{ bigint: number }> {
	const sql = postgres(database, { max: 2, onnotice: () => undefined, types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } } });
	open.push(() => sql.end({ timeout: 1 }));
	return sql;
}

const cloudMarks = ({ branch }: Pick<HeadlessTill, 'branch'>) =>
	branch.replica.findings().watermarks.find(({ tier }) => tier === 'cloud')?.marks ?? [];
const sum = (marks: readonly { readonly seq: number }[]): number => marks.reduce((total, { seq }) => total + seq, 0);
const isAllInCloud = (till: HeadlessTill): boolean => cloudMarks(till).length > 0 && sum(cloudMarks(till)) === sum(till.branch.ledger.marks());
/** Its ledger as of now is covered, whatever is sold meanwhile. */
async function comesIntoCloud(till: Pick<HeadlessTill, 'branch'>, what: string, withinMs: number): Promise<void> {
	const now = sum(till.branch.ledger.marks());
	await eventually(() => sum(cloudMarks(till)) >= now, what, withinMs);
}

/** Every mark of every watermark that the till has heard is an entry of the database, whole from its beginning. Answers how often it looked. */
function watch(till: HeadlessTill, sql: postgres.Sql<{ bigint: number }>): { stop(): Promise<number> } {
	let isOver = false;
	let looks = 0;
	const watching = (async () => {
		for (; !isOver; looks += 1) {
			const marks = cloudMarks(till);
			const rows = await sql<{ device: string; scope: number; seq: number; hash: string }[]>`
				SELECT encode(device, 'hex') AS device, scope, seq, encode(hash, 'hex') AS hash FROM holdfast.entries`;
			const held = new Map(rows.map(({ device, scope, seq, hash }) => [`${device}-${scope}-${seq}`, hash]));
			for (const { device, scope, seq, hash } of marks) {
				expect(held.get(`${device}-${scope === 'branch' ? 0 : 1}-${seq}`)).toBe(hash);
				for (let n = 1; n < seq; n += 1) expect(held.has(`${device}-${scope === 'branch' ? 0 : 1}-${n}`)).toBe(true);
			}
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	})();
	const stop = async (): Promise<number> => {
		isOver = true;
		await watching;
		return looks;
	};
	open.push(stop);
	return { stop };
}

async function ownerOf(sql: postgres.Sql<{ bigint: number }>): Promise<string | undefined> {
	const [row] = await sql<{ address: string }[]>`SELECT p.address FROM holdfast.branches b JOIN holdfast.processes p ON p.id = b.owner`;
	return row?.address;
}

test(
	'the process that keeps a branch is killed, frozen for 15 s and thawed, and stopped, while its till sells: the others take over, every sale is there once, and no watermark lies',
	{ timeout: 120_000 },
	async () => {
		const database = await newDatabase();
		const keys = join(temporary(), 'keys');
		const all = [await relayProcess(database, keys, (port) => `ws://${LOOPBACK}:${port}`), await relayProcess(database, keys)];
		const out = new Set<Process>();
		const till = await shopAt(`ws://${LOOPBACK}:${await oneAddressFor(() => all.filter((one) => !out.has(one)).map(({ port }) => port))}`);
		const sql = sqlAt(database);
		await eventually(() => isAllInCloud(till), 'the shop is in the cloud');
		const keeper = async (): Promise<Process> => {
			const address = await ownerOf(sql);
			const found = all.find((one) => one.address === address);
			if (found === undefined) throw new Error(`nobody keeps the branch: ${String(address)}`);
			return found;
		};
		const watching = watch(till, sql);
		const selling = sellOn(till);
		await comesIntoCloud(till, 'sales come into the cloud', 10_000);

		const killed = await keeper();
		await killed.kill();
		out.add(killed);
		await comesIntoCloud(till, 'after kill −9 of its process another one has the branch within 10 s', 10_000);
		expect(await keeper()).not.toBe(killed);

		all.push(await relayProcess(database, keys, (port) => `ws://${LOOPBACK}:${port}`));
		const frozen = await keeper();
		frozen.freeze();
		const frozenAtMs = Date.now();
		out.add(frozen);
		await comesIntoCloud(till, 'while its process stands still another one has the branch within 10 s', 10_000);
		expect(await keeper()).not.toBe(frozen);
		await eventually(() => Date.now() - frozenAtMs > 15_000, 'fifteen seconds pass');
		frozen.thaw();
		out.delete(frozen);
		await eventually(
			async () => ((await (await fetch(`${frozen.address}/healthz`)).json()) as { branches: number }).branches === 0,
			'who wakes lets go of it',
		);
		await comesIntoCloud(till, 'selling goes on as if nobody had woken', 10_000);

		const stopped = await keeper();
		expect(stopped).not.toBe(frozen);
		out.add(stopped);
		expect(await stopped.stop()).toBe(0);
		// It was handed over: nobody had to be silent for that.
		expect(await keeper()).toBe(frozen);
		await comesIntoCloud(till, 'whoever got it goes on', 10_000);

		await selling.stop();
		await eventually(() => isAllInCloud(till), 'everything is in the cloud');
		expect(await watching.stop()).toBeGreaterThan(50);
		const rows = await sql<{ hash: string }[]>`SELECT encode(hash, 'hex') AS hash FROM holdfast.entries ORDER BY hash`;
		expect(rows.map(({ hash }) => hash)).toEqual([...till.branch.ledger.entries()].map(({ hash }) => hash as string).sort());
		const findings = till.branch.replica.findings();
		expect(findings.log.filter(({ event: { event } }) => event === 'watermark-behind' || event === 'damaged')).toEqual([]);
	},
);

async function relayIn(database: string, keys: string): Promise<Relay> {
	const port = await freePort();
	const relay = await startRelay({
		...{ folder: openDataFolder(temporary(), 'relay'), database, keys, port, host: LOOPBACK, name: 'Cloud', mostBranches: 5 },
		...{ publicUrl: `ws://${LOOPBACK}:${port}`, log: () => undefined },
	});
	open.push(() => relay.close());
	return relay;
}

test(
	'two branches of one store on two processes hear what concerns the store, and each device gets to its own by whichever it knows',
	{ timeout: 60_000 },
	async () => {
		const database = await newDatabase();
		const keys = join(temporary(), 'keys');
		const [one, other] = [await relayIn(database, keys), await relayIn(database, keys)];
		expect(other.device).toBe(one.device);
		const url = `ws://${LOOPBACK}:${one.port}`;
		const kept = (hub: LinkedHub): LinkedHub => {
			open.push(() => hub.close());
			return hub;
		};
		const high = kept(await hubOf(url, 'Kelp & Co'));
		high.link.start();
		await eventually(() => one.branches().length + other.branches().length === 1, 'the first branch is kept by one of them');
		const harbour = kept(await otherBranchOf(url, high, '0a'.repeat(16) as BranchId));
		harbour.link.start();
		await eventually(() => one.branches().length === 1 && other.branches().length === 1, 'each keeps one of the two');
		const nameOf = ({ branch }: LinkedHub): string | undefined => branch.ledger.state.settings.value('storeName');
		await eventually(() => nameOf(harbour) === 'Kelp & Co', 'the name of the store reaches the other branch');
		await high.rename('Kelp & Daughters');
		await eventually(() => nameOf(harbour) === 'Kelp & Daughters', 'what changes does, too');

		// What is on the shelves of the one is asked of its process by the other's.
		const { writer } = high.branch;
		const fields = { name: 'Bread', category: '', unit: 'each' as const, gtins: [], taxRate: 'standard', tracked: true };
		const products = [{ sku: BREAD, fields, unitPriceE4: 25_000, openingMilli: 10_000 }];
		await writer?.till.perform({ intent: 'create-products', products }, 'bread-of-a-test' as IntentKey);
		const joined: RelayJoined = { type: 'relay.joined', v: 1, relay: one.device, url, name: 'Cloud' };
		await writer?.commit({ key: 'relay-of-this-store' as IntentKey, decide: () => ({ branch: [], store: [joined], takesReceipt: false }) });
		await eventually(() => harbour.branch.ledger.state.relays.has(one.device), 'the relay is known in the other branch');
		await comesIntoCloud(high, 'the stock is in the cloud', 15_000);
		await harbour.link.stop();
		harbour.link.start();
		const shelf = () => harbour.branch.replica.stockRows()?.of(high.shop.branch);
		await eventually(() => shelf()?.onHandMilli(BREAD) === 10_000, 'the stock of the one branch in the other');
		const stranger = await fetch(`http://${LOOPBACK}:${one.port}/relay/ask`, {
			method: 'POST',
			body: '{}',
			headers: { 'Content-Type': 'application/json' },
		});
		expect(stranger.status).toBe(401);
	},
);
