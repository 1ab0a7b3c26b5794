/**
 * What a server keeps, in SQLite files of its data folder: the embedded default. Contract: `tests/contracts/relay-storage.ts`.
 *
 * 1. A folder a branch: `branches/<store>-<branch>/` with its databases and `branch.json`, which says whose it is.
 * 2. A branch that rests has no file open; the next call opens them again.
 * 3. One process a data folder, by the folder's lock; a branch that is opened again in it is taken from whoever opened it before.
 * 4. But for the relay's small values, which commands change while it runs: one process at a time reads and writes them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import { createSqliteStorage, type SqliteStorage } from '#adapters/documents-automerge/storage-sqlite.ts';
import { openSqliteEntryStore } from '#adapters/entries-sqlite/entry-store-sqlite.ts';
import { openSqliteVault } from '#adapters/entries-sqlite/vault-sqlite.ts';
import { openSqliteKeyTable } from '#adapters/key-table-sqlite/key-table-sqlite.ts';
import { openSqliteReports } from '#adapters/reports-sqlite/reports-sqlite.ts';
import {
	StorageError,
	type BranchName,
	type BranchReports,
	type BranchStorage,
	type ChunkStorage,
	type EntryStore,
	type KeyTable,
	type RelayStorage,
	type ReportPlan,
	type Vault,
} from '#ports';
import { branchId, deviceId, storeId } from '#schemas/ids.ts';
import type { DataFolder } from '../data-folder.ts';
import { CARRIED_FROM_BYTES, createCarriedLogs } from './carry-logs.ts';
import { createLogsOnDisk, type LogOnDisk, type LogsOnDisk } from './log-on-disk.ts';

/** Of a hub or a till, which keep no reports. */
export function openSqliteBranch(folder: string): BranchStorage {
	return openFiles(folder, { reports: NO_REPORTS, onDisk: createLogsOnDisk(), waitsForDisk: true });
}

interface FilesDeps {
	readonly reports: BranchReports;
	readonly onDisk: LogsOnDisk;
	/** Of the documents; entries always do. */
	readonly waitsForDisk: boolean;
}

function openFiles(folder: string, { reports, onDisk, waitsForDisk }: FilesDeps): BranchStorage {
	mkdirSync(folder, { recursive: true });
	let isClosed = false;
	let files: OpenFiles | undefined = openNow();

	function openNow(): OpenFiles {
		const file = join(folder, 'entries.sqlite');
		const log = onDisk(file);
		return {
			...{ log, entryStore: openSqliteEntryStore(file, log) },
			chunks: createSqliteStorage({ file: join(folder, 'documents.sqlite'), waitsForDisk }),
		};
	}

	function filesNow(): OpenFiles {
		if (isClosed) throw new StorageError('closed', 'the database was closed');
		return (files ??= openNow());
	}

	async function closeFiles(): Promise<void> {
		const open = files;
		files = undefined;
		open?.chunks.close();
		await open?.log.close();
		await open?.entryStore.close();
	}

	return {
		...{ entryStore: entriesOf(() => filesNow().entryStore, closeFiles), chunks: chunksOf(() => filesNow().chunks), reports },
		rest: closeFiles,
		async close() {
			isClosed = true;
			await closeFiles();
		},
	};
}

interface OpenFiles {
	readonly log: LogOnDisk;
	readonly entryStore: EntryStore;
	readonly chunks: SqliteStorage;
}

/** Of files that close while a branch rests: each call is of those that are open then. */
function entriesOf(now: () => EntryStore, close: () => Promise<void>): EntryStore {
	return {
		add: async (entries) => now().add(entries),
		page: async (after, limit) => now().page(after, limit),
		chain: async (...where) => now().chain(...where),
		addCertificates: async (chains) => now().addCertificates(chains),
		certificates: async () => now().certificates(),
		addDamaged: async (found) => now().addDamaged(found),
		damaged: async () => now().damaged(),
		getCache: async (name) => now().getCache(name),
		setCache: async (name, bytes) => now().setCache(name, bytes),
		close,
	};
}

function chunksOf(now: () => SqliteStorage): ChunkStorage {
	return {
		load: async (key) => now().load(key),
		save: async (key, data) => now().save(key, data),
		remove: async (key) => now().remove(key),
		loadRange: async (prefix) => now().loadRange(prefix),
		removeRange: async (prefix) => now().removeRange(prefix),
	};
}

const NO_REPORTS: BranchReports = { marks: async () => undefined, write: async () => undefined };

/** Of the device that writes the branch, in the same folder. */
export function openOwn(folder: string): { readonly vault: Vault; readonly keyTable: KeyTable } {
	return { vault: openSqliteVault(join(folder, 'vault.sqlite')), keyTable: openSqliteKeyTable(join(folder, 'keys.sqlite')) };
}

const BRANCH_FILE = 'branch.json';
const branchFile = v.strictObject({ store: storeId, branch: branchId, root: deviceId });

export function openSqliteRecord(folder: Pick<DataFolder, 'path' | 'read' | 'write'>, plan: ReportPlan = { tables: [], views: [] }): RelayStorage {
	const root = join(folder.path, 'branches');
	const open = new Map<string, BranchStorage>();
	const logs = createCarriedLogs();
	const onDisk = createLogsOnDisk(logs);
	const reports =
		plan.tables.length === 0
			? undefined
			: openSqliteReports(join(folder.path, 'reports.sqlite'), plan, { carry: logs.carry, fromBytes: CARRIED_FROM_BYTES });
	return {
		async branches() {
			const keys = existsSync(root) ? readdirSync(root) : [];
			return keys.map((key): BranchName | { key: string; problem: string } => {
				try {
					return v.parse(branchFile, JSON.parse(readFileSync(join(root, key, BRANCH_FILE), 'utf8')));
				} catch (error) {
					return { key, problem: (error as Error).message };
				}
			});
		},
		async open({ store, branch, root: rootKey }) {
			const key = `${store}-${branch}`;
			const path = join(root, key);
			await open.get(key)?.close();
			const storage = openFiles(path, { reports: reports?.of(store, branch) ?? NO_REPORTS, onDisk, waitsForDisk: false });
			open.set(key, storage);
			const written = join(path, BRANCH_FILE);
			if (!isBranchFile(written)) {
				// Whole or not at all: a torn one would hide the branch at the next start.
				writeFileSync(`${written}.new`, JSON.stringify({ store, branch, root: rootKey }), { flush: true });
				renameSync(`${written}.new`, written);
			}
			return {
				...storage,
				async rest() {
					await storage.rest?.();
					reports?.rest();
				},
				async close() {
					if (open.get(key) !== storage) return;
					open.delete(key);
					await storage.close();
				},
			};
		},
		report: async (question) => reports?.report(question) ?? [],
		reportColumns: async (view) => reports?.columns(view) ?? [],
		getValue: async (name) => valuesOf(folder)[name],
		async setValue(name, value) {
			inTurn(folder, () => {
				folder.write(VALUES, { ...valuesOf(folder), [name]: value });
			});
		},
		keepValue: async (name, value) =>
			inTurn(folder, () => {
				const values = valuesOf(folder);
				if (values[name] === undefined) folder.write(VALUES, { ...values, [name]: value });
				return values[name] ?? value;
			}),
		standing: () => ({ answers: true }),
		onStanding: () => undefined, // A file is there or the process does not start.
		onLost: () => undefined,
		async close() {
			for (const storage of open.values()) await storage.close();
			open.clear();
			reports?.close();
			await logs.close();
		},
	};
}

const VALUES = 'relay.json';

function valuesOf(folder: Pick<DataFolder, 'read'>): Readonly<Record<string, unknown>> {
	const read = folder.read(VALUES);
	if (read === undefined) return {};
	if (typeof read !== 'object' || read === null) throw new StorageError('failed', `${VALUES} of the data folder is not what was written`);
	return read as Readonly<Record<string, unknown>>;
}

/** Else a token that is taken back while somebody signs in might be written again. The lock is SQLite's: it dies with its process. */
function inTurn<Result>({ path }: Pick<DataFolder, 'path'>, work: () => Result): Result {
	let lock: DatabaseSync | undefined;
	try {
		lock = new DatabaseSync(join(path, 'lock-values'));
		lock.exec('PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE;');
	} catch (error) {
		lock?.close();
		throw new StorageError('failed', `${VALUES} of the data folder cannot be written now: ${(error as Error).message}`);
	}
	try {
		return work();
	} finally {
		lock.close();
	}
}

function isBranchFile(path: string): boolean {
	try {
		return v.is(branchFile, JSON.parse(readFileSync(path, 'utf8')));
	} catch {
		return false;
	}
}
