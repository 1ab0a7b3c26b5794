/**
 * One relay of several processes on a real PostgreSQL: killed, frozen and stopped while a shop sells, behind one address and by their own. On loopback.
 *
 * What holds throughout, looked at again and again: whatever the till is told to be in the cloud is in the database at that moment.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { RelayJoined } from '#schemas/facts/relay-joined.ts';
import type { BranchId, IntentKey, Sku } from '#schemas/ids.ts';
import { openDataFolder } from '#server/data-folder.ts';
import type { HeadlessTill } from '#server/headless-till.ts';
import { startRelay, type Relay } from '#server/relay-process.ts';
import { afterEach, expect, test } from 'vitest';
import { hubOf, otherBranchOf, type LinkedHub } from '../adapters/relay-websocket/relay-shop.ts';
import { eventually } from '../support/eventually.ts';
import { newDatabase } from '../support/new-database.ts';
import {
	cloudMarks,
	comesIntoCloud,
	nextComesIntoCloud,
	isAllInCloud,
	LOOPBACK,
	oneAddressFor,
	ownerOf,
	relayProcess,
	sellOn,
	shopAt,
	sqlAt,
	temporary,
	type Closing,
	type RelayProcess,
} from '../support/several-relays.ts';
import { freePort } from '../support/free-port.ts';

const BREAD = 'BREAD' as Sku;
const open: Closing = [];
afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
});

/** Every mark of every watermark that the till has heard is an entry of the database, whole from its beginning. Answers how often it looked. */
function watch(till: HeadlessTill, sql: ReturnType<typeof sqlAt>): { stop(): Promise<number> } {
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

test(
	'the process that keeps a branch is killed, frozen for 15 s and thawed, and stopped, while its till sells: the others take over, every sale is there once, and no watermark lies',
	{ timeout: 300_000 },
	async () => {
		const database = await newDatabase();
		const keys = join(temporary(), 'keys');
		const all = [await relayProcess(open, database, keys, (port) => `ws://${LOOPBACK}:${port}`), await relayProcess(open, database, keys)];
		const out = new Set<RelayProcess>();
		const till = await shopAt(
			open,
			`ws://${LOOPBACK}:${await oneAddressFor(open, () => all.filter((one) => !out.has(one)).map(({ port }) => port))}`,
		);
		const sql = sqlAt(open, database);
		await eventually(() => isAllInCloud(till), 'the shop is in the cloud');
		const keeper = async (): Promise<RelayProcess> => {
			const address = await ownerOf(sql);
			const found = all.find((one) => one.address === address);
			if (found === undefined) throw new Error(`nobody keeps the branch: ${String(address)}`);
			return found;
		};
		const watching = watch(till, sql);
		const selling = sellOn(open, till);
		await nextComesIntoCloud(till, 'sales come into the cloud');

		const killed = await keeper();
		await killed.kill();
		out.add(killed);
		await nextComesIntoCloud(till, 'after kill −9 of its process another one has the branch');
		expect(await keeper()).not.toBe(killed);

		all.push(await relayProcess(open, database, keys, (port) => `ws://${LOOPBACK}:${port}`));
		const frozen = await keeper();
		frozen.freeze();
		const frozenAtMs = Date.now();
		out.add(frozen);
		await nextComesIntoCloud(till, 'while its process stands still another one has the branch');
		expect(await keeper()).not.toBe(frozen);
		await eventually(() => Date.now() - frozenAtMs > 15_000, 'fifteen seconds pass');
		frozen.thaw();
		out.delete(frozen);
		await eventually(
			async () => ((await (await fetch(`${frozen.address}/healthz`)).json()) as { branches: number }).branches === 0,
			'who wakes lets go of it',
		);
		await nextComesIntoCloud(till, 'selling goes on as if nobody had woken');

		const stopped = await keeper();
		expect(stopped).not.toBe(frozen);
		out.add(stopped);
		expect(await stopped.stop()).toBe(0);
		// It was handed over: nobody had to be silent for that.
		expect(await keeper()).toBe(frozen);
		await nextComesIntoCloud(till, 'whoever got it goes on');

		await selling.stop();
		await eventually(() => isAllInCloud(till), 'everything is in the cloud');
		expect(await watching.stop()).toBeGreaterThan(50);
		const rows = await sql<{ hash: string }[]>`SELECT encode(hash, 'hex') AS hash FROM holdfast.entries ORDER BY hash`;
		expect(rows.map(({ hash }) => hash)).toEqual([...till.branch.ledger.entries()].map(({ hash }) => hash as string).sort());
		const findings = till.branch.replica.findings();
		expect(findings.log.filter(({ event: { event } }) => event === 'watermark-behind' || event === 'damaged')).toEqual([]);
	},
);

test(
	'a third process renews the key that all have, while a till sells: the two that run take it over, nobody starts on the old one, and no watermark lies',
	{ timeout: 120_000 },
	async () => {
		const database = await newDatabase();
		const keys = join(temporary(), 'keys');
		const all = [await relayProcess(open, database, keys), await relayProcess(open, database, keys)];
		const copy = join(temporary(), 'keys');
		cpSync(keys, copy, { recursive: true });
		const till = await shopAt(open, `ws://${LOOPBACK}:${await oneAddressFor(open, () => all.map(({ port }) => port))}`);
		const sql = sqlAt(open, database);
		await eventually(() => isAllInCloud(till), 'the shop is in the cloud');
		const watching = watch(till, sql);
		const selling = sellOn(open, till);
		await comesIntoCloud(till, 'sales come into the cloud');
		all.push(await relayProcess(open, database, keys, undefined, { 'renew-keys': 'on' }));
		const successionsAt = async ({ address }: RelayProcess): Promise<unknown> => {
			const answer = await fetch(`${address}/hub.json`).catch(() => undefined);
			return answer?.ok === true ? ((await answer.json()) as { readonly successions?: unknown }).successions : undefined;
		};
		for (const one of all) await eventually(async () => Array.isArray(await successionsAt(one)), 'each shows how it came to its key');
		const [relay] = [...till.branch.ledger.state.relays.values()];
		const keyNow = (): unknown => till.branch.ledger.state.relays.get(relay!.relay)?.keys?.[0];
		await eventually(() => keyNow() !== undefined, 'the shop has followed');
		await comesIntoCloud(till, 'sales come into the cloud by the new key');
		expect(till.branch.replica.findings().watermarks.find(({ tier }) => tier === 'cloud')?.key).toBe(keyNow());
		await selling.stop();
		await eventually(() => isAllInCloud(till), 'everything is in the cloud');
		expect(await watching.stop()).toBeGreaterThan(20);
		const findings = till.branch.replica.findings();
		expect(findings.log.filter(({ event: { event } }) => event === 'watermark-behind' || event === 'damaged')).toEqual([]);
		expect(till.branch.ledger.conflicts()).toEqual([]);
		await expect(relayProcess(open, database, copy)).rejects.toThrow('newer keys of this relay');
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

test('two branches of one store on two processes hear what concerns the store, and each device gets to its own by whichever it knows', async () => {
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
	await comesIntoCloud(high, 'the stock is in the cloud');
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
});
