/** `npm run ledger` as a process, on the folder of a hub that sold, on archives, and on what is none of these. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { openSqliteEntryStore } from '#adapters/entries-sqlite/entry-store-sqlite.ts';
import { unzipSync } from 'fflate';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSealingShop } from '../support/sealing-till.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-ledger-'));
const hub = join(folder, 'hub');
const shop = await openSealingShop();
const till = await shop.till({ vault: createMemoryVault() });

beforeAll(async () => {
	for (let n = 0; n < 4; n += 1) await till.sell(`sale-number-${n}`);
	await writeHub(hub, till.told.length);
});

afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

async function writeHub(path: string, entries: number): Promise<void> {
	mkdirSync(join(path, 'branch'), { recursive: true });
	writeFileSync(join(path, 'shop.json'), JSON.stringify({ store: shop.store, branch: shop.branch }));
	const store = openSqliteEntryStore(join(path, 'branch', 'entries.sqlite'));
	await store.add(till.told.slice(0, entries));
	await store.addCertificates([{ device: till.signer.device, chain: till.chain }]);
	await store.close();
}

function ledger(...args: readonly string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
	const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'sync-server/ledger.ts', ...args], {
		cwd: ROOT,
		encoding: 'utf8',
	});
	return { status, out: stdout, err: stderr };
}

test('verify says that a whole ledger is whole, also while its hub has the file open', () => {
	const open = new DatabaseSync(join(hub, 'branch', 'entries.sqlite'));
	const { status, out } = ledger('verify', hub);
	open.close();
	expect(out).toContain('✓');
	expect(out).toContain('every one of 4 entries is here');
	expect(status).toBe(0);
});

test('verify names the entry that somebody took out, and the one that somebody altered, and ends with 1', async () => {
	const broken = join(folder, 'broken');
	await writeHub(broken, 4);
	const database = new DatabaseSync(join(broken, 'branch', 'entries.sqlite'));
	database.prepare('DELETE FROM heard WHERE seq = 2').run();
	const sealed = till.told[3]?.sealed.map((byte, place, all) => (place === all.length - 1 ? byte ^ 1 : byte));
	database.prepare('UPDATE heard SET sealed = ? WHERE seq = 4').run(sealed ?? new Uint8Array());
	database.close();
	const { status, out } = ledger('verify', broken);
	expect(out).toContain('Entry 2 of Till 1 (branch) is missing');
	expect(out).toContain('entry 4 of Till 1 (branch) was altered: its signature does not verify');
	expect(status).toBe(1);
});

test('show lists what there is, filtered, and one entry whole', () => {
	expect(ledger('show', hub).out).toMatch(/sale\.completed T1-000001[\s\S]*sale\.completed T1-000004[\s\S]*4 of 4 entries/);
	expect(ledger('show', hub, '--limit', '1').out).toContain('the last 1 shown');
	expect(ledger('show', hub, '--day', '1999-01-01').out).toContain('0 of 4 entries');
	const hash = till.told[1]?.hash ?? '';
	const { status, out } = ledger('show', hub, hash.slice(0, 12));
	expect(JSON.parse(out)).toMatchObject({ hash, device: 'Till 1', header: { seq: 2 }, facts: [{ type: 'sale.completed' }] });
	expect(status).toBe(0);
	expect(ledger('show', hub, 'zz')).toMatchObject({ status: 2, err: 'No entry begins with "zz".\n' });
});

test('export writes an archive that verifies by itself, with tables that add up, and writes over nothing', () => {
	const archive = join(folder, 'shop.zip');
	expect(ledger('export', hub, '--out', archive)).toMatchObject({ status: 0 });
	expect(existsSync(archive)).toBe(true);
	expect(ledger('verify', archive)).toMatchObject({ status: 0 });
	const files = unzipSync(new Uint8Array(readFileSync(archive)));
	const rows = new TextDecoder().decode(files['tenders.csv']).trim().split('\r\n');
	expect(rows[0]).toBe('entry,tender,type,amount,given,change,reference');
	expect(rows.slice(1).map((row) => row.split(',').slice(2, 6))).toEqual(Array.from({ length: 4 }, () => ['cash', '2.50', '5.00', '2.50']));
	const sales = new TextDecoder()
		.decode(files['sales.jsonl'])
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, unknown>);
	expect(sales.map(({ receipt, total, kind }) => [receipt, total, kind])).toEqual([1, 2, 3, 4].map((n) => [`T1-00000${n}`, '2.50', 'sale']));
	expect(ledger('export', hub, '--out', archive)).toMatchObject({ status: 2 });
	expect(ledger('diff', hub, archive)).toMatchObject({ status: 0, out: 'Both hold the same entries.\nBoth fold to the same.\n' });
});

test('diff says what one has that the other lacks', async () => {
	const behind = join(folder, 'behind');
	await writeHub(behind, 2);
	const { status, out } = ledger('diff', hub, behind);
	expect(out).toContain('only in the first: 2 of Till 1 (branch), 3 to 4');
	expect(out).toContain('They fold to different states.');
	expect(status).toBe(1);
});

test('what cannot be meant is refused in one sentence, with status 2', () => {
	const cases: readonly (readonly [readonly string[], string])[] = [
		[[], 'Say what to do'],
		[['look', hub], 'There is no "look"'],
		[['verify'], 'verify needs a data folder, a database (postgres://…) or an archive'],
		[['verify', join(folder, 'nowhere')], 'There is nothing at'],
		[['verify', folder], 'is no data folder'],
		[['diff', hub], 'diff needs two'],
		[['export', hub], 'Name the archive to write'],
		[['verify', hub, hub], 'is one too many'],
		[['show', hub, '--limt', '3'], '--limt'],
		[['verify', join(ROOT, 'package.json')], 'This is no archive'],
	];
	for (const [args, words] of cases) {
		const { status, err, out } = ledger(...args);
		expect([status, err.trim().split('\n').length], `${args.join(' ')}: ${err}${out}`).toEqual([2, 1]);
		expect(err).toContain(words);
	}
});
