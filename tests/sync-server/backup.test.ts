/** A relay is backed up while a shop sells into it; the copy verifies, starts, and hears what came later. */
import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteKeyTable } from '#adapters/key-table-sqlite/key-table-sqlite.ts';
import type { KeyRow } from '#schemas/wire/keys.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startRelay, type Relay } from '#server/relay-process.ts';
import { afterEach, expect, test } from 'vitest';
import { hubOf } from '../adapters/relay-websocket/relay-shop.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const open = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
	for (const one of [...open].reverse()) await one.close();
	open.clear();
});
const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-backup-'));
const run = (script: string, ...args: string[]): Promise<string> =>
	promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', `sync-server/${script}.ts`, ...args]).then(
		({ stdout }) => stdout,
		(error: unknown) => `refused: ${(error as { stderr: string }).stderr}`,
	);

async function relayAt(path: string, port: number): Promise<Relay> {
	const relay = await startRelay({
		folder: openDataFolder(path, 'relay'),
		port,
		host: '127.0.0.1',
		name: 'Cloud',
		mostBranches: 5,
		log: () => undefined,
	});
	open.add(relay);
	return relay;
}

test('a backup of a running relay verifies, is refused when a byte of it changed, and goes on where it was', async () => {
	const [data, backup, again] = [temporary(), join(temporary(), 'copy'), join(temporary(), 'again')];
	const port = await freePort();
	const relay = await relayAt(data, port);
	const hub = await hubOf(`ws://127.0.0.1:${port}`, 'Before the backup');
	open.add(hub);
	hub.link.start();
	const held = ({ branches }: Relay): number => branches()[0]?.branch.ledger.size() ?? 0;
	await eventually(() => held(relay) > 0 && held(relay) === hub.branch.ledger.size(), 'the relay has the shop');
	expect(await run('backup', 'backup', '--data', data, '--backup', backup)).toMatch(/files\. Keys are among them/);
	expect(await run('backup', 'backup', '--data', data, '--backup', backup)).toMatch(/refused: .*not empty/);
	await hub.rename('After the backup');
	await eventually(() => held(relay) === hub.branch.ledger.size(), 'the relay has what came later');
	open.delete(relay);
	await relay.close();
	expect(await run('backup', 'restore', '--data', again, '--backup', backup)).toMatch(/as it was at/);
	expect(await run('ledger', 'verify', again)).toMatch(/✓/);
	const second = await relayAt(again, port);
	await eventually(() => held(second) === hub.branch.ledger.size(), 'the restored relay hears what it lacks');
	const [{ store, branch } = { store: '', branch: undefined }] = second.branches();
	appendFileSync(join(backup, 'branches', `${store}-${branch?.ledger.branch}`, 'entries.sqlite'), 'x');
	expect(await run('backup', 'restore', '--data', join(temporary(), 'no'), '--backup', backup)).toMatch(
		/refused: .*is not what was backed up\. Nothing was restored/,
	);
});

test('a key that is being removed while a backup is made is whole in it, and nothing lies beside it that would be played into it', async () => {
	const [data, backup, again] = [temporary(), join(temporary(), 'copy'), join(temporary(), 'again')];
	openDataFolder(data, 'hub').release();
	mkdirSync(join(data, 'branch'));
	const rows = Array.from({ length: 50 }, (_, n) => ['customer', String(n).padStart(32, '0'), 'ab'.repeat(32)] satisfies KeyRow);
	const file = join(data, 'branch', 'keys.sqlite');
	const table = openSqliteKeyTable(file);
	await table.add(rows);
	await table.close();
	const removing = new DatabaseSync(file);
	removing.exec('PRAGMA journal_mode = TRUNCATE; BEGIN IMMEDIATE; DELETE FROM keys');
	expect(statSync(`${file}-journal`).size).toBeGreaterThan(0);
	expect(await run('backup', 'backup', '--data', data, '--backup', backup)).toMatch(/files\. Keys are among them/);
	removing.exec('COMMIT');
	removing.close();
	expect(readdirSync(join(backup, 'branch'))).toEqual(['keys.sqlite']);
	expect(await run('backup', 'restore', '--data', again, '--backup', backup)).toMatch(/as it was at/);
	const copy = openSqliteKeyTable(join(again, 'branch', 'keys.sqlite'));
	expect(await copy.rows()).toHaveLength(50);
	await copy.close();
});
