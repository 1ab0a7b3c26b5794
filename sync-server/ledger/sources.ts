/**
 * Where a ledger may lie: a hub's data folder, a relay's, a relay's PostgreSQL, or an archive. Databases are opened read-only, also while their process runs.
 *
 * 1. What is read is the bytes as they lie, with the key of their row: nothing is believed before the audit.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readPostgresRecord } from '#adapters/record-postgres/read-record.ts';
import { readArchive } from '#engine/archive.ts';
import type { AuditSource, Stored } from '#engine/audit.ts';
import { StorageError, type Digest } from '#ports';
import { bytesOfHex, decode } from '#schemas/cbor.ts';
import { branchId, storeId, type BranchId } from '#schemas/ids.ts';
import { watermark } from '#schemas/wire/watermark.ts';
import * as v from 'valibot';
import { withoutPassword } from '../storage/open-record.ts';

export interface LedgerSource extends AuditSource {
	readonly branch: BranchId;
	/** For the screen. */
	readonly title: string;
}

export class NoLedger extends Error {}

/** Of a relay, each branch that it holds; of anything else nothing. Throws `NoLedger` with the sentence to show. */
export async function branchesAt(path: string): Promise<readonly string[]> {
	if (isPostgres(path)) return reading(path, async (record) => keysOf(await record.branches()));
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
	if (existsSync(join(path, 'branch', 'entries.sqlite'))) return ofFolder(join(path, 'branch'), shopOf(path), 'hub');
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
	const [store, branch] = only.split('-');
	return ofFolder(join(path, 'branches', only), v.parse(names, { store, branch }), 'relay');
}

function branchFolders(path: string): readonly string[] {
	return readdirSync(join(path, 'branches')).filter((key) => existsSync(join(path, 'branches', key, 'entries.sqlite')));
}

function theOnly(keys: readonly string[], wanted: string, place: string): string {
	const [only, ...others] = wanted === '' ? keys : keys.filter((key) => key.includes(wanted));
	if (only === undefined)
		throw new NoLedger(keys.length === 0 ? `${place} holds no branch yet.` : `No branch here is called "${wanted}": there are ${keys.join(', ')}.`);
	if (others.length > 0) throw new NoLedger(`This relay holds ${[only, ...others].join(', ')}. Name one with --branch.`);
	return only;
}

function ofPostgres(url: string, wanted: string): Promise<LedgerSource> {
	return reading(url, async (record): Promise<LedgerSource> => {
		const [store, branch] = theOnly(keysOf(await record.branches()), wanted, withoutPassword(url)).split('-');
		const name = v.parse(names, { store, branch });
		const stored = (await record.entries(name)).map(({ sealed, ...key }): Stored => ({
			at: `holdfast.entries, ${key.device.slice(0, 8)} ${key.scope} ${key.seq}`,
			sealed,
			key,
		}));
		const cached = await record.cache(name, 'watermarks');
		return {
			...{ store: name.store, branch: name.branch, certificates: await record.certificates(name), stored, isSorted: false, findings: [] },
			...{ title: `relay's PostgreSQL, ${stored.length} entries`, witnesses: cached === undefined ? [] : watermarksIn(cached) },
		};
	});
}

async function reading<Read>(url: string, read: Parameters<typeof readPostgresRecord<Read>>[1]): Promise<Read> {
	try {
		return await readPostgresRecord(url, read);
	} catch (error) {
		if (error instanceof StorageError) throw new NoLedger(`${withoutPassword(url)} holds no ledger that can be read: ${error.message}.`);
		throw error;
	}
}

function keysOf(branches: readonly { readonly store: string; readonly branch: string }[]): readonly string[] {
	return branches.map(({ store, branch }) => `${store}-${branch}`);
}

/** Where `entries.sqlite` lies: in a hub's data folder, a relay's, or a till's in Node. */
export function ofFolder(folder: string, { store, branch }: v.InferOutput<typeof names>, role: 'hub' | 'relay'): LedgerSource {
	const stored: Stored[] = [];
	const known = new Set<string>();
	const entries = readOnly(join(folder, 'entries.sqlite'));
	try {
		for (const row of entries.prepare('SELECT * FROM heard ORDER BY device, scope, seq, hash').iterate()) {
			const key = { device: String(row['device']), scope: String(row['scope']), seq: Number(row['seq']), hash: String(row['hash']) };
			known.add(key.hash);
			stored.push({
				at: `entries.sqlite, ${key.device.slice(0, 8)} ${key.scope} ${key.seq}`,
				sealed: new Uint8Array(row['sealed'] as Uint8Array),
				key,
			});
		}
		const certificates = entries
			.prepare('SELECT chain FROM certificates')
			.all()
			.map((row) => new Uint8Array(row['chain'] as Uint8Array));
		const cached = entries.prepare("SELECT bytes FROM caches WHERE name = 'watermarks'").get();
		// What has not reached the entry store lies in the vault.
		if (existsSync(join(folder, 'vault.sqlite'))) stored.push(...ownOf(join(folder, 'vault.sqlite'), known));
		return {
			...{ store, branch, certificates, stored, isSorted: false, findings: [], title: `${role}'s folder, ${stored.length} entries` },
			witnesses: cached === undefined ? [] : watermarksIn(new Uint8Array(cached['bytes'] as Uint8Array)),
		};
	} finally {
		entries.close();
	}
}

function ownOf(file: string, known: ReadonlySet<string>): readonly Stored[] {
	const vault = readOnly(file);
	try {
		return vault
			.prepare('SELECT scope, seq, hash, sealed FROM own ORDER BY scope, seq')
			.all()
			.filter((row) => !known.has(String(row['hash'])))
			.map((row) => ({ at: `vault.sqlite, ${String(row['scope'])} ${String(row['seq'])}`, sealed: new Uint8Array(row['sealed'] as Uint8Array) }));
	} finally {
		vault.close();
	}
}

function readOnly(file: string): DatabaseSync {
	try {
		return new DatabaseSync(file, { readOnly: true });
	} catch (error) {
		throw new NoLedger(`${file} cannot be opened: ${(error as Error).message}.`);
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
