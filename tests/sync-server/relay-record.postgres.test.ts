/** A shop sells into a relay whose record is a real PostgreSQL: killed and back under load, put back to an earlier day, restarted. HTTP, libp2p and websockets on loopback. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SaleDone } from '#engine/commands.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub, type Hub } from '#server/hub-process.ts';
import { startRelay, type Relay } from '#server/relay-process.ts';
import postgres from 'postgres';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { newDatabase } from '../support/new-database.ts';
import { startPostgres } from '../support/postgres-server.ts';

const LOOPBACK = '127.0.0.1';
const open = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
	for (const one of [...open].reverse()) await close(one);
});

async function close(one: { close(): Promise<void> }): Promise<void> {
	open.delete(one);
	await one.close();
}

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-relay-record-'));

interface LoggedRelay extends Relay {
	readonly events: readonly string[];
}

async function relayOn(database: string, { path = temporary(), port = 0, patienceMs = 1_500 } = {}): Promise<LoggedRelay> {
	const events: string[] = [];
	const relay = await startRelay({
		...{ folder: openDataFolder(path, 'relay'), database, port, host: LOOPBACK, name: 'Cloud', mostBranches: 5, patienceMs },
		log: (event) => {
			events.push(event);
		},
	});
	const logged = Object.assign(relay, { events });
	open.add(logged);
	return logged;
}

async function shopAt(relayPort: number): Promise<{ readonly hub: Hub; readonly till: HeadlessTill }> {
	const hub = await startHub({
		...{ folder: openDataFolder(temporary(), 'hub'), port: 0, host: LOOPBACK, app: undefined, log: () => undefined },
		relay: `ws://${LOOPBACK}:${relayPort}`,
	});
	open.add(hub);
	const till = await startHeadlessTill({
		...{ hub: `http://${LOOPBACK}:${hub.port}`, folder: temporary(), claim: { kind: 'demo' } },
		onProblem: (error) => {
			throw error as Error;
		},
	});
	open.add(till);
	return { hub, till };
}

let keys = 0;
async function sell(till: HeadlessTill): Promise<void> {
	const done = await till.till.sell(
		{
			key: `record-sale-${(keys += 1)}` as IntentKey,
			lines: [{ id: 'a', name: 'Bread', quantityMilli: 1000, unit: 'each', unitPriceE4: 25_000, taxRate: 'standard', taxPercentMilli: 20_000 }],
			changedAtMs: 1,
		},
		[{ type: 'cash', amountMinor: 250, givenMinor: 250, changeMinor: 0 }],
	);
	if (!('fact' in done)) throw new Error(`not sold: ${JSON.stringify(done)}`);
	expect((done as SaleDone).receipt.number).toBeGreaterThan(0);
}

const ledgerOf = (relay: Relay) => relay.branches()[0]?.branch.ledger;
/** What the till may tell its cashier. */
function inCloud({ branch: { replica } }: HeadlessTill): { readonly seqs: number; readonly at: string } {
	const cloud = replica.findings().watermarks.find(({ tier }) => tier === 'cloud');
	return { seqs: cloud?.marks.reduce((sum, { seq }) => sum + seq, 0) ?? 0, at: JSON.stringify(cloud?.hlc) };
}
const isAllInCloud = (till: HeadlessTill): boolean => inCloud(till).seqs === till.branch.ledger.marks().reduce((sum, { seq }) => sum + seq, 0);
const health = async ({ port }: Relay): Promise<{ status: number; body: unknown }> => {
	const answer = await fetch(`http://${LOOPBACK}:${port}/readyz`);
	return { status: answer.status, body: await answer.json() };
};

test('what a till sells is in PostgreSQL before the cloud says so, and there after a restart', { timeout: 120_000 }, async () => {
	const database = await newDatabase();
	const [path, port] = [temporary(), await freePort()];
	const relay = await relayOn(database, { path, port });
	const { till } = await shopAt(port);
	for (let n = 0; n < 5; n += 1) await sell(till);
	await eventually(() => isAllInCloud(till), 'the cloud covers everything');
	const sql = postgres(database, { max: 1 });
	const [row] = await sql<{ entries: number }[]>`SELECT count(*)::int AS entries FROM holdfast.entries`;
	await sql.end();
	expect(row?.entries).toBe(till.branch.ledger.size());
	expect(await health(relay)).toMatchObject({ status: 200, body: { ready: true } });
	const healthy: unknown = await (await fetch(`http://${LOOPBACK}:${relay.port}/healthz`)).json();
	expect(healthy).toMatchObject({ ok: true, record: { kind: 'postgres', answers: true } });
	await close(relay);
	await expect(relayOn(database)).rejects.toThrow(/signed for by another key/);
	const again = await relayOn(database, { path, port });
	// At once, unless the database was too busy for the one before to hand it over: then as soon as it is surely gone.
	await eventually(() => ledgerOf(again) !== undefined, 'the branch is open again');
	expect(ledgerOf(again)?.size()).toBe(till.branch.ledger.size());
	await sell(till);
	await eventually(() => isAllInCloud(till), 'the cloud covers what came after the restart');
});

test(
	'the database dies under load: the relay stays up and says so, signs nothing, lets nobody in, and has every sale when it is back',
	{ timeout: 180_000 },
	async () => {
		const server = await startPostgres();
		open.add(server);
		const port = await freePort();
		const relay = await relayOn(await server.database(), { port });
		const { till } = await shopAt(port);
		await eventually(() => isAllInCloud(till), 'the shop is in the cloud');
		let isOver = false;
		const selling = (async () => {
			while (!isOver) {
				await sell(till);
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		})();
		await server.kill();
		await eventually(async () => (await health(relay)).status === 503, 'the relay says that its record is gone');
		const before = inCloud(till);
		await eventually(() => relay.events.includes('links ended'), 'links end after a moment');
		await new Promise((resolve) => setTimeout(resolve, 2_500));
		// A watermark that was signed before the kill may have been on its way; nothing newer comes.
		expect(inCloud(till)).toEqual(before);
		expect(relay.events).toContain('record does not answer');
		await server.start();
		await eventually(async () => (await health(relay)).status === 200, 'the relay says that it is back');
		await new Promise((resolve) => setTimeout(resolve, 500));
		isOver = true;
		await selling;
		await eventually(() => isAllInCloud(till), 'everything that was sold meanwhile is in the cloud', 90_000);
		expect(ledgerOf(relay)?.size()).toBe(till.branch.ledger.size());
		expect(relay.branches()[0]?.branch.replica.findings().damaged).toEqual([]);
	},
);

test(
	'a database that is put back under the running relay is filled again from the shop, and the till hears what the cloud lost',
	{ timeout: 180_000 },
	async () => {
		const server = await startPostgres();
		open.add(server);
		const database = await server.database();
		const port = await freePort();
		const relay = await relayOn(database, { port });
		const { till } = await shopAt(port);
		for (let n = 0; n < 3; n += 1) await sell(till);
		await eventually(() => isAllInCloud(till), 'three sales are in the cloud');
		// A copy of this moment, which is put in place of what comes after it.
		const admin = postgres(database.replace(/[^/]+$/, 'postgres'), { max: 1, onnotice: () => undefined });
		const name = new URL(database).pathname.slice(1);
		await eventually(
			async () => {
				await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
				return admin.unsafe(`CREATE DATABASE earlier TEMPLATE ${name}`).then(
					() => true,
					() => false,
				);
			},
			'a copy is made',
			20_000,
		);
		await eventually(async () => (await health(relay)).status === 200, 'the relay is back');
		for (let n = 0; n < 4; n += 1) await sell(till);
		await eventually(() => isAllInCloud(till), 'seven sales are in the cloud');
		await admin.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
		await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
		await eventually(
			() =>
				admin.unsafe(`ALTER DATABASE ${name} RENAME TO later`).then(
					() => true,
					() => false,
				),
			'it is out of the way',
		);
		await admin.unsafe(`ALTER DATABASE earlier RENAME TO ${name}`);
		await admin.end();
		await eventually(() => relay.events.includes('branch lost'), 'the relay sees that it was put back');
		await eventually(() => isAllInCloud(till) && ledgerOf(relay)?.size() === till.branch.ledger.size(), 'the shop has filled it again', 90_000);
		const said = (event: string): boolean => till.branch.replica.findings().log.some((one) => one.event.event === event);
		await eventually(() => said('watermark-behind') && said('refilled'), 'the till hears what the cloud lost, and that it has it again');
	},
);
