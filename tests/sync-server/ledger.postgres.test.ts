/** `npm run ledger` on the record of a relay in a real PostgreSQL, open all the while in the relay. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { branchName } from '../contracts/relay-storage.ts';
import { newDatabase } from '../support/new-database.ts';
import { openSealingShop } from '../support/sealing-till.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const timers = createSystemTimers((error) => {
	throw error as Error;
});
const database = await newDatabase();
const record = await openPostgresRecord({ url: database, clock: systemClock, timers });
const sql = postgres(database, { max: 1, onnotice: () => undefined });
const shop = await openSealingShop();
const till = await shop.till({ vault: createMemoryVault() });

beforeAll(async () => {
	for (let n = 0; n < 4; n += 1) await till.sell(`sale-number-${n}`);
	const { entryStore } = await record.open({ store: shop.store, branch: shop.branch, root: shop.root.device });
	await entryStore.add(till.told);
	await entryStore.addCertificates([{ device: till.signer.device, chain: till.chain }]);
});
afterAll(async () => {
	await sql.end();
	await record.close();
});

function ledger(...args: readonly string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
	const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'sync-server/ledger.ts', ...args], {
		...{ cwd: ROOT, encoding: 'utf8' },
	});
	return { status, out: stdout, err: stderr };
}

test('verify says that a whole record is whole, export carries it away, and both are the same', () => {
	expect(ledger('verify', database)).toMatchObject({ status: 0, err: '' });
	expect(ledger('verify', database).out).toContain("relay's PostgreSQL, 4 entries: every one of 4 entries is here");
	const archive = join(mkdtempSync(join(tmpdir(), 'holdfast-ledger-')), 'shop.zip');
	expect(ledger('export', database, '--out', archive)).toMatchObject({ status: 0 });
	expect(ledger('diff', database, archive)).toMatchObject({ status: 0, out: 'Both hold the same entries.\nBoth fold to the same.\n' });
});

test('an address in the environment is the ledger that a command names none of: what stands in a command, everybody on the machine sees', () => {
	const env = { ...process.env, HOLDFAST_DATABASE: database };
	const cwd = mkdtempSync(join(tmpdir(), 'holdfast-ledger-'));
	const here = (...args: readonly string[]): readonly [status: number | null, said: string] => {
		const { status, stdout, stderr } = spawnSync(
			process.execPath,
			['--disable-warning=ExperimentalWarning', join(ROOT, 'sync-server/ledger.ts'), ...args],
			{ cwd, encoding: 'utf8', env },
		);
		return [status, stdout + stderr];
	};
	expect(here('verify')).toEqual([0, expect.stringContaining("relay's PostgreSQL, 4 entries")]);
	expect(here('show')).toEqual([0, expect.stringContaining('4 of 4 entries')]);
	const hash = till.told[1]?.hash ?? '';
	for (const entry of [hash, hash.slice(0, 12).toUpperCase()]) expect(here('show', entry)).toEqual([0, expect.stringContaining(hash)]);
	// What lies there is a path, whatever it is called.
	writeFileSync(join(cwd, 'cafe'), 'no archive');
	expect(here('show', 'cafe')).toEqual([2, expect.stringContaining('cafe: This is no archive')]);
	expect(here('show', 'nowhere')).toEqual([2, expect.stringContaining('There is nothing at nowhere.')]);
});

test('what somebody took out, altered or put in another place is named, with status 1', async () => {
	await sql`CREATE TABLE before AS SELECT * FROM holdfast.entries`;
	await sql`DELETE FROM holdfast.entries WHERE seq = 2`;
	await sql`UPDATE holdfast.entries SET sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1) WHERE seq = 4`;
	const broken = ledger('verify', database);
	expect(broken.out).toContain('Entry 2 of Till 1 (branch) is missing');
	expect(broken.out).toContain('entry 4 of Till 1 (branch) was altered: its signature does not verify');
	expect(broken.status).toBe(1);
	await sql`DELETE FROM holdfast.entries`;
	await sql`INSERT INTO holdfast.entries SELECT * FROM before`;
	await sql`UPDATE holdfast.entries SET seq = 9 WHERE seq = 3`;
	expect(ledger('verify', database).status).toBe(1);
	await sql`UPDATE holdfast.entries SET seq = 3 WHERE seq = 9`;
	expect(ledger('verify', database).status).toBe(0);
});

test('of several branches verify checks each, and what shows one has it named; a database that holds none, or does not answer, is one sentence without its password', async () => {
	await (await record.open(branchName('5e', 'b1'))).close();
	expect(ledger('show', database)).toMatchObject({ status: 2 });
	expect(ledger('show', database).err).toContain('Name one with --branch.');
	const all = ledger('verify', database);
	expect([all.status, all.err, all.out.match(/^✓/gm)?.length]).toEqual([0, '', 2]);
	expect(all.out).toContain(`, ${shop.store}-${shop.branch}\n`);
	await sql`UPDATE holdfast.entries SET seq = 9 WHERE seq = 3`;
	const one = ledger('verify', database);
	expect([one.status, one.out.match(/^✓/gm)?.length]).toEqual([1, 1]);
	await sql`UPDATE holdfast.entries SET seq = 3 WHERE seq = 9`;
	expect(ledger('verify', database, '--branch', shop.branch)).toMatchObject({ status: 0 });
	expect(ledger('verify', await newDatabase()).err).toContain('holds no ledger that can be read');
	const { status, err } = ledger('verify', 'postgres://somebody:secret@127.0.0.1:1/none');
	expect(status).toBe(2);
	expect(err).toContain('holds no ledger that can be read');
	expect(err).not.toContain('secret');
});
