/**
 * The entry store of a hub, a relay or a headless till. Contract: `tests/contracts/entry-store.ts`.
 *
 * 1. What is written is on the disk when a write resolves: SQLite waits for it, or whoever was given for it (`log`), and then nothing stands still meanwhile.
 */
import type { DamagedBytes, EntryStore, StoreCursor } from '#ports';
import type { EntryHash } from '#schemas/ids.ts';
import { inTransaction, openDatabase, reading } from './database.ts';

/** Who brings the write-ahead log to the disk, and into the file, in place of SQLite. */
export interface LogKeeper {
	/** Resolves when what was committed so far is on the disk. */
	written(): Promise<void>;
	/** While this is under way nothing is written; undefined: it is not. */
	carried(): Promise<void> | undefined;
	/** False: SQLite carries the log into the file. */
	readonly isCarried: boolean;
}

/** Should its keeper not come to it: 32 MB of log. */
const MOST_PAGES = 4_000;

/** Without `log` each commit waits for the disk. Closed by its owner. */
export function openSqliteEntryStore(file: string, log?: LogKeeper): EntryStore {
	const database = openDatabase(file);
	if (log !== undefined) database.exec('PRAGMA synchronous = NORMAL');
	if (log?.isCarried === true) database.exec(`PRAGMA wal_autocheckpoint = ${MOST_PAGES}`);
	async function write<Result>(work: () => Result): Promise<Result> {
		const carried = log?.carried();
		if (carried !== undefined) await carried;
		const result = inTransaction(database, work);
		await log?.written();
		return result;
	}
	const insert = database.prepare('INSERT OR IGNORE INTO heard VALUES (?, ?, ?, ?, ?)');
	const bytes = (value: unknown): Uint8Array => new Uint8Array(value as Uint8Array);
	return {
		add: (entries) =>
			write(() => {
				const fresh = new Set<EntryHash>();
				for (const { hash, header, sealed } of entries) {
					if (insert.run(header.device, header.scope, header.seq, hash, sealed).changes > 0) fresh.add(hash);
				}
				return fresh;
			}),
		page: async (after, limit) => {
			const rows = reading(() =>
				after === undefined
					? database.prepare('SELECT * FROM heard ORDER BY device, scope, seq, hash LIMIT ?').all(limit)
					: database
							.prepare('SELECT * FROM heard WHERE (device, scope, seq, hash) > (?, ?, ?, ?) ORDER BY device, scope, seq, hash LIMIT ?')
							.all(...after, limit),
			);
			const last = rows.at(-1);
			const cursor: StoreCursor | undefined = last && [String(last['device']), String(last['scope']), Number(last['seq']), String(last['hash'])];
			return { sealed: rows.map((row) => bytes(row['sealed'])), cursor };
		},
		chain: async (device, scope, fromSeq, limit) =>
			reading(() =>
				database
					.prepare('SELECT sealed FROM heard WHERE device = ? AND scope = ? AND seq >= ? ORDER BY seq, hash LIMIT ?')
					.all(device, scope, fromSeq, limit),
			).map((row) => bytes(row['sealed'])),
		addCertificates: async (chains) => {
			await write(() => {
				for (const { device, chain } of chains) database.prepare('INSERT OR REPLACE INTO certificates VALUES (?, ?)').run(device, chain);
			});
		},
		certificates: async () => reading(() => database.prepare('SELECT chain FROM certificates').all()).map((row) => bytes(row['chain'])),
		addDamaged: async ({ document, route, reason, hash, atMs }) => {
			await write(() => database.prepare('INSERT INTO damaged VALUES (?, ?, ?, ?, ?)').run(document, route, reason, hash, atMs));
		},
		damaged: async () =>
			reading(() => database.prepare('SELECT * FROM damaged').all()).map((row): DamagedBytes => ({
				document: String(row['document']),
				route: String(row['route']) as DamagedBytes['route'],
				reason: String(row['reason']),
				hash: String(row['hash']) as EntryHash,
				atMs: Number(row['at_ms']),
			})),
		getCache: async (name) => {
			const row = reading(() => database.prepare('SELECT bytes FROM caches WHERE name = ?').get(name));
			return row === undefined ? undefined : bytes(row['bytes']);
		},
		setCache: async (name, value) => {
			await write(() => database.prepare('INSERT OR REPLACE INTO caches VALUES (?, ?)').run(name, value));
		},
		close: async () => {
			database.close();
		},
	};
}
