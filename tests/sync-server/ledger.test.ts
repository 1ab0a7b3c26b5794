/** `npm run ledger` as a process, on the folder of a hub that sold, on archives, and on what is none of these. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
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

async function writeHub(path: string, entries: number, of = till): Promise<void> {
	mkdirSync(join(path, 'branch'), { recursive: true });
	writeFileSync(join(path, 'shop.json'), JSON.stringify({ store: shop.store, branch: shop.branch }));
	const store = openSqliteEntryStore(join(path, 'branch', 'entries.sqlite'));
	await store.add(of.told.slice(0, entries));
	await store.addCertificates([{ device: of.signer.device, chain: of.chain }]);
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

/** So many sales fill some twenty pages of the file. */
const MANY = 200;

test('where the file can be read no further verify names the hole, and what lies behind it is read', async () => {
	const long = await shop.till({ vault: createMemoryVault() });
	for (let n = 0; n < MANY; n += 1) await long.sell(`sale-of-many-${n}`);
	const holed = join(folder, 'holed');
	await writeHub(holed, long.told.length, long);
	const file = join(holed, 'branch', 'entries.sqlite');
	const bytes = readFileSync(file);
	for (const seq of [40, 150]) bytes.fill(0xff, ...pageWith(bytes, long.told[seq - 1]?.sealed));
	writeFileSync(file, bytes);
	const { status, out } = ledger('verify', holed);
	const holes = out.match(/^✗ entries\.sqlite, after \w{8} branch \d+ to before \w{8} branch \d+: .*malformed\.$/gm);
	expect(holes, out).toHaveLength(2);
	for (const seq of [40, 150]) expect(out).toContain(`Entry ${seq} of Till 1 (branch) is missing`);
	for (const seq of [1, 90, MANY]) expect(out).not.toContain(`Entry ${seq} of Till 1 (branch) is missing`);
	expect(out).toMatch(new RegExp(`ends in ${long.told.at(-1)?.hash.slice(0, 16)}$`, 'm'));
	expect(status).toBe(1);
});

test('a file that is cut short, that is none, and a row that holds something else: each is named, and the vault is read all the same', async () => {
	const cut = join(folder, 'cut');
	await writeHub(cut, 4);
	truncateSync(join(cut, 'branch', 'entries.sqlite'), 3 * 8192);
	const none = join(folder, 'none');
	await writeHub(none, 4);
	writeFileSync(join(none, 'branch', 'entries.sqlite'), 'no database at all');
	const vault = new DatabaseSync(join(none, 'branch', 'vault.sqlite'));
	vault.exec('CREATE TABLE own (scope, seq, hash, key, sealed)');
	for (const { header, hash, sealed } of till.told)
		vault.prepare('INSERT INTO own VALUES (?, ?, ?, ?, ?)').run(header.scope, header.seq, hash, '', sealed);
	vault.close();
	const odd = join(folder, 'odd');
	await writeHub(odd, 4);
	const database = new DatabaseSync(join(odd, 'branch', 'entries.sqlite'));
	database.exec('CREATE TABLE other (device, scope, seq, hash, sealed, PRIMARY KEY (device, scope, seq, hash)) WITHOUT ROWID');
	database.exec(
		'INSERT INTO other SELECT * FROM heard; UPDATE other SET sealed = 7e12 WHERE seq = 2; UPDATE other SET seq = 9223372036854775807 WHERE seq = 3',
	);
	database.exec('DROP TABLE heard; ALTER TABLE other RENAME TO heard; DROP TABLE caches');
	database.close();
	for (const [path, words] of [
		[cut, '✗ entries.sqlite, entries: database disk image is malformed.'],
		[none, '✗ entries.sqlite, entries: file is not a database.'],
		[none, '✗ vault.sqlite, branch 4: an entry of a device whose certificate is not here.'],
		[odd, '✗ entries.sqlite, watermarks: no such table: caches.'],
		[odd, 'branch 2: entry 2 of Till 1 (branch) was altered: not a sealed entry.'],
		[odd, 'entry 3 of Till 1 (branch) lies where entry 9223372036854776000 of'],
	] as const) {
		const { status, out, err } = ledger('verify', path);
		expect([status, err], out).toEqual([1, '']);
		expect(out).toContain(words);
	}
});

test('of a relay every branch is looked at, whatever the others are like', async () => {
	const relay = join(folder, 'relay');
	const [store, branches] = [shop.store, [1, 2, 3, 4, 5].map((n) => String(n).repeat(shop.branch.length))];
	for (const [place, branch] of branches.entries()) {
		const made = join(folder, `made-${place}`);
		await writeHub(made, 4);
		mkdirSync(join(relay, 'branches'), { recursive: true });
		renameSync(join(made, 'branch'), join(relay, 'branches', `${store}-${branch}`));
	}
	const file = (place: number): string => join(relay, 'branches', `${store}-${branches[place]}`, 'entries.sqlite');
	writeFileSync(file(0), 'no database at all');
	rmSync(file(1));
	mkdirSync(file(1));
	rmSync(file(2));
	mkdirSync(join(relay, 'branches', 'lost+found'));
	renameSync(join(relay, 'branches', `${store}-${branches[3]}`), join(relay, 'branches', 'renamed'));
	const { status, out, err } = ledger('verify', relay);
	expect(err).toBe('');
	expect(out).toContain('✗ entries.sqlite, entries: file is not a database.');
	expect(out).toMatch(/^✗ entries\.sqlite.*: disk I\/O error\.$/m);
	expect(out).toContain('✗ entries.sqlite: unable to open database file.');
	expect(out).toMatch(/^✗ renamed: .* has no name of a branch/m);
	expect(out).not.toContain('lost+found');
	expect(out.match(/every one of 4 entries is here/g)).toHaveLength(1);
	expect(status).toBe(1);
});

/** Begin and end of the page of 8 KiB in which these bytes lie. */
function pageWith(bytes: Buffer, sealed: Uint8Array | undefined): readonly [number, number] {
	const at = bytes.indexOf(sealed ?? new Uint8Array());
	expect(at).toBeGreaterThan(0);
	return [at - (at % 8192), at - (at % 8192) + 8192];
}

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
