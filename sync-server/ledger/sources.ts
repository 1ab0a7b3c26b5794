/**
 * Where a ledger may lie: a hub's data folder, a relay's, a relay's PostgreSQL, or an archive. Databases are opened read-only, also while their process runs.
 *
 * 1. What is read is the bytes as they lie, with the key of their row: nothing is believed before the audit.
 * 2. A database is read as of one moment, as the audit comes to it, and closed when it has come to the end.
 * 3. What cannot be read is a finding; the rest is read all the same.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openPostgresReader, type RecordReader } from '#adapters/record-postgres/read-record.ts';
import type { Finding } from '#core/audit/finding.ts';
import { readArchive } from '#engine/archive.ts';
import type { AuditSource, Stored } from '#engine/audit.ts';
import { StorageError, type Digest } from '#ports';
import { bytesOfHex, decode } from '#schemas/cbor.ts';
import { branchId, storeId, type BranchId } from '#schemas/ids.ts';
import { watermark } from '#schemas/wire/watermark.ts';
import * as v from 'valibot';
import { withoutPassword } from '../storage/open-record.ts';
import { bytesIn, heardRows, openSnapshot, rowsOf, unreadable } from './stored-sqlite.ts';

export interface LedgerSource extends AuditSource {
	readonly branch: BranchId;
	/** For the screen. */
	readonly title: string;
}

export class NoLedger extends Error {}

/** Of a relay, the name of each branch that it holds, or should hold; of anything else nothing. Throws `NoLedger` with the sentence to show. */
export async function branchesAt(path: string): Promise<readonly string[]> {
	if (isPostgres(path)) return asking(path, async (record) => keysOf(await record.branches()));
	return existsSync(join(path, 'branches')) ? branchFolders(path) : [];
}

/** Throws `NoLedger` with the sentence to show. */
export async function openSource(path: string, branch: string, digest: Digest): Promise<LedgerSource> {
	if (isPostgres(path)) return ofPostgres(path, branch);
	if (!existsSync(path))
		throw new NoLedger(
			`There is nothing at ${path}. Name a hub's or a relay's data folder, a relay's database (postgres://…), or an archive that "export" wrote.`,
		);
	if (statSync(path).isFile()) {
		const archive = await readArchive(new Uint8Array(readFileSync(path)), digest);
		if ('problem' in archive) throw new NoLedger(`${path}: ${BAD_ARCHIVE[archive.problem]}`);
		return { ...archive.source, branch: archive.branch, title: `archive of ${archive.storeName || 'a shop'}, written ${archive.madeAt}` };
	}
	if (existsSync(join(path, 'branch', ENTRIES))) return ofFolder(join(path, 'branch'), shopOf(path), 'hub');
	if (existsSync(join(path, 'branches'))) return ofRelay(path, branch);
	throw new NoLedger(
		`${path} is no data folder with entries: neither branch/entries.sqlite nor branches/ is in it. A relay with PostgreSQL has them there: name postgres://….`,
	);
}

function isPostgres(path: string): boolean {
	return /^postgres(ql)?:\/\//.test(path);
}

const BAD_ARCHIVE = {
	'no-archive': 'This is no archive, or it was cut short. Choose the .zip that “ledger export” wrote.',
	'no-manifest': 'This .zip has no manifest of ours: it is no archive of a branch, or of a newer version.',
} as const;

const names = v.looseObject({ store: storeId, branch: branchId });

function shopOf(path: string): v.InferOutput<typeof names> {
	const file = join(path, 'shop.json');
	try {
		return v.parse(names, JSON.parse(readFileSync(file, 'utf8')));
	} catch {
		throw new NoLedger(`${file} cannot be read: without it nobody knows which shop this is. Put it back from a backup.`);
	}
}

function ofRelay(path: string, wanted: string): LedgerSource {
	const only = theOnly(branchFolders(path), wanted, path);
	const name = nameIn(only);
	if (name === undefined) throw new NoLedger(`${join(path, 'branches', only)} has no name of a branch: nobody knows whose it is.`);
	return ofFolder(join(path, 'branches', only), name, 'relay');
}

function nameIn(key: string): v.InferOutput<typeof names> | undefined {
	const [store, branch] = key.split('-');
	const name = v.safeParse(names, { store, branch });
	return name.success ? name.output : undefined;
}

/** What has the name of a branch is one, also where nothing in it can be read; so is what holds entries, whatever its name. */
function branchFolders(path: string): readonly string[] {
	try {
		return readdirSync(join(path, 'branches'))
			.filter((key) => nameIn(key) !== undefined || existsSync(join(path, 'branches', key, ENTRIES)))
			.sort();
	} catch (error) {
		throw new NoLedger(`${join(path, 'branches')} cannot be read: ${(error as Error).message}.`);
	}
}

function theOnly(keys: readonly string[], wanted: string, place: string): string {
	const [only, ...others] = wanted === '' ? keys : keys.filter((key) => key.includes(wanted));
	if (only === undefined)
		throw new NoLedger(keys.length === 0 ? `${place} holds no branch yet.` : `No branch here is called "${wanted}": there are ${keys.join(', ')}.`);
	if (others.length > 0) throw new NoLedger(`This relay holds ${[only, ...others].join(', ')}. Name one with --branch.`);
	return only;
}

async function ofPostgres(url: string, wanted: string): Promise<LedgerSource> {
	const record = await openReader(url);
	try {
		const [store, branch] = theOnly(keysOf(await record.branches()), wanted, withoutPassword(url)).split('-');
		const name = v.parse(names, { store, branch });
		const cached = await record.cache(name, 'watermarks');
		return {
			...{ store: name.store, branch: name.branch, certificates: await record.certificates(name), stored: heardIn(record, name), isSorted: false },
			...{ title: `relay's PostgreSQL`, witnesses: cached === undefined ? [] : watermarksIn(cached), findings: [] },
		};
	} catch (error) {
		await record.close();
		throw asNoLedger(url, error);
	}
}

const HELD = 'holdfast.entries';

async function* heardIn(record: RecordReader, name: Pick<LedgerSource, 'store' | 'branch'>): AsyncGenerator<Stored | Finding> {
	let last = HELD;
	try {
		for await (const page of record.entries(name))
			for (const { sealed, ...key } of page) {
				last = `${HELD}, ${key.device.slice(0, 8)} ${key.scope} ${key.seq}`;
				yield { at: last, sealed, key };
			}
	} catch (error) {
		yield unreadable(`${last}, and what comes after it`, error);
	} finally {
		await record.close();
	}
}

async function asking<Answer>(url: string, ask: (record: RecordReader) => Promise<Answer>): Promise<Answer> {
	const record = await openReader(url);
	try {
		return await ask(record);
	} catch (error) {
		throw asNoLedger(url, error);
	} finally {
		await record.close();
	}
}

async function openReader(url: string): Promise<RecordReader> {
	try {
		return await openPostgresReader(url);
	} catch (error) {
		throw asNoLedger(url, error);
	}
}

function asNoLedger(url: string, error: unknown): unknown {
	return error instanceof StorageError ? new NoLedger(`${withoutPassword(url)} holds no ledger that can be read: ${error.message}.`) : error;
}

function keysOf(branches: readonly { readonly store: string; readonly branch: string }[]): readonly string[] {
	return branches.map(({ store, branch }) => `${store}-${branch}`);
}

const ENTRIES = 'entries.sqlite';
const VAULT = 'vault.sqlite';

/** Where `entries.sqlite` lies: in a hub's data folder, a relay's, or a till's in Node. */
export function ofFolder(folder: string, { store, branch }: v.InferOutput<typeof names>, role: 'hub' | 'relay'): LedgerSource {
	const findings: Finding[] = [];
	function tried<Read>(at: string, read: () => Read): Read | undefined {
		try {
			return read();
		} catch (error) {
			findings.push(unreadable(at, error));
			return undefined;
		}
	}
	// What has not reached the entry store lies in the vault: its moment is the earlier one.
	const vault = existsSync(join(folder, VAULT)) ? tried(VAULT, () => ofVault(join(folder, VAULT))) : undefined;
	const entries = tried(ENTRIES, () => openSnapshot(join(folder, ENTRIES)));
	const asked = <Read>(at: string, read: (database: DatabaseSync) => Read): Read | undefined =>
		entries && tried(`${ENTRIES}, ${at}`, () => read(entries));
	const count = asked('entries', (database) => [...rowsOf(database, 'SELECT count(*) AS n FROM heard')].map((row) => Number(row['n']))[0]);
	const certificates = asked('certificates', (database) =>
		[...rowsOf(database, 'SELECT device, chain FROM certificates')].map((row) => ({ device: String(row['device']), chain: bytesIn(row['chain']) })),
	);
	const witnesses = asked('watermarks', (database) =>
		[...rowsOf(database, "SELECT bytes FROM caches WHERE name = 'watermarks'")].flatMap((row) => watermarksIn(bytesIn(row['bytes']))),
	);
	return {
		...{ store, branch, isSorted: false, findings, title: `${role}'s folder`, ...(count === undefined ? {} : { count }) },
		...{ certificates: certificates?.map(({ chain }) => chain) ?? [], witnesses: witnesses ?? [] },
		stored: storedIn(entries, certificates?.map(({ device }) => device) ?? [], vault),
	};
}

function* storedIn(entries: DatabaseSync | undefined, devices: readonly string[], vault: OwnVault | undefined): Generator<Stored | Finding> {
	const own = new Set(vault?.hashes);
	try {
		for (const read of entries === undefined ? [] : heardRows(entries, devices, ENTRIES)) {
			if ('hole' in read) {
				yield read.hole;
				continue;
			}
			const { row } = read;
			const key = { device: String(row['device']), scope: String(row['scope']), seq: Number(row['seq']), hash: String(row['hash']) };
			own.delete(key.hash);
			yield { at: `${ENTRIES}, ${key.device.slice(0, 8)} ${key.scope} ${key.seq}`, sealed: bytesIn(row['sealed']), key };
		}
		if (vault !== undefined) yield* ownIn(vault, own);
	} finally {
		entries?.close();
		vault?.database.close();
	}
}

interface OwnVault {
	readonly database: DatabaseSync;
	readonly hashes: readonly string[];
}

function ofVault(file: string): OwnVault {
	const database = openSnapshot(file);
	return { database, hashes: [...rowsOf(database, 'SELECT hash FROM own')].map((row) => String(row['hash'])) };
}

function* ownIn({ database }: OwnVault, missing: ReadonlySet<string>): Generator<Stored | Finding> {
	let at = VAULT;
	try {
		for (const row of rowsOf(database, 'SELECT scope, seq, hash, sealed FROM own ORDER BY scope, seq')) {
			at = `${VAULT}, ${String(row['scope'])} ${String(row['seq'])}`;
			if (missing.has(String(row['hash']))) yield { at, sealed: bytesIn(row['sealed']) };
		}
	} catch (error) {
		yield unreadable(`${at}, and what comes after it`, error);
	}
}

/** The last ones that were heard: what they cover has been there. Their signatures were checked when they came. */
function watermarksIn(bytes: Uint8Array): AuditSource['witnesses'] {
	const list = decode(bytes);
	return (Array.isArray(list) ? list : []).flatMap((signed: unknown) => {
		const parts = typeof signed === 'string' ? decode(bytesOfHex(signed)) : undefined;
		const body: unknown = Array.isArray(parts) ? parts[0] : undefined;
		const parsed = v.safeParse(watermark, typeof body === 'string' ? decode(bytesOfHex(body)) : undefined);
		return parsed.success ? [{ by: `a watermark of the ${parsed.output.tier === 'cloud' ? 'relay' : 'hub'}`, marks: parsed.output.marks }] : [];
	});
}
