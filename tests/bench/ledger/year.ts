/**
 * Rows about a year behind: a start from a checkpoint and the last 1,000 entries, from a disk on which everything lies; the memory that it takes.
 *
 * Started as `engine/replicate.ts` starts: the checkpoint with its kept entries verified, the open entries hashed and linked to marks that an earlier run
 * proved, folded, conflicts asked.
 */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteEntryStore } from '#adapters/entries-sqlite/entry-store-sqlite.ts';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { checkpointOf, type Checkpoint } from '#core/ledger/checkpoint.ts';
import { keysIn } from '#core/ledger/key-table.ts';
import { createLedger, type Ledger, type LedgerDeps } from '#core/ledger/ledger.ts';
import { issueCertificate } from '#engine/certify.ts';
import { encodeCheckpoint, openCheckpoint, readHeld } from '#engine/checkpoints.ts';
import { createVerifier, type Verifier } from '#engine/verify.ts';
import type { EntryStore, Signer } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import { HUB_RIGHTS, MANAGER_RIGHTS } from '#schemas/rights.ts';
import { interleaved, megabytes, ms, usedBytes, type Row, type RunOptions, type Side } from '../row.ts';
import { openBusyShop } from './busy-shop.ts';

const OPEN = 1_000;
const DAY_SALES = 300;
const TILLS = 4;

/** A replica's disk, and what it needs to start from it. */
interface Disk {
	readonly deps: LedgerDeps;
	readonly verifier: Verifier;
	readonly entryStore: EntryStore;
	readonly proven: readonly Mark[];
	/** For the anchor: what the start reads. */
	readonly checkpoint: Checkpoint;
	readonly open: readonly Entry[];
	readonly rowsFile: string;
}

interface Key extends Signer {
	readonly signNow: (body: Uint8Array) => Uint8Array;
}

function newKey(): Key {
	const { privateKey, publicKey } = generateKeyPairSync('ed25519');
	const device = rawOf(publicKey);
	const signNow = (body: Uint8Array): Uint8Array => new Uint8Array(sign(null, body, privateKey));
	return { device, signNow, sign: (body) => Promise.resolve(signNow(body)) };
}

/** The last 32 bytes of the key's DER form (RFC 8410, section 4). */
function rawOf(key: KeyObject): DeviceId {
	return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex') as DeviceId;
}

async function diskOf(folder: string, name: string, sales: number, goods: number): Promise<Disk> {
	const digest = createNodeDigest();
	const root = newKey();
	const keys = Array.from({ length: TILLS + 2 }, newKey);
	const store = hexOf(await digest.sha256(bytesOfHex(root.device))).slice(0, 32) as StoreId;
	const branch = 'b0'.repeat(16) as BranchId;
	const verifier = createVerifier({ digest, store });
	const hub = keys[0]!;
	let hubChain: Uint8Array | undefined;
	for (const [index, { device }] of keys.entries()) {
		const certificate: Certificate = {
			...{ v: 1, store, branch, device, peer: `peer-of-${device.slice(0, 16)}`, name: `Device ${index}`, issuedAtMs: 1 },
			...(index === 0
				? { role: 'hub', rights: [...HUB_RIGHTS], issuer: root.device }
				: { role: 'till', till: index, rights: [...MANAGER_RIGHTS], issuer: hub.device }),
		};
		const chain = await issueCertificate(certificate, index === 0 ? root : hub, hubChain);
		hubChain ??= chain;
		if ((await verifier.chain(chain)) === undefined) throw new Error('a certificate of the bench does not verify');
	}
	const sealing = { store, branch, keys: keys.map(({ device, signNow }) => ({ device, sign: signNow })) };
	const shop = openBusyShop({ goods, tills: TILLS, sealing });
	const behind = [...shop.opening, ...Array.from({ length: sales }, () => shop.sell((24 * 3_600_000) / DAY_SALES))];
	const cutMs = shop.nowMs() + 1;
	// One sale of each till after the cut, and more, so that all have seen what lies below it.
	const open = Array.from({ length: OPEN }, () => shop.sell((24 * 3_600_000) / DAY_SALES));
	const deps: LedgerDeps = { store, branch, certificateOf: verifier.certificateOf };
	const ledger = createLedger(deps);
	ledger.add([...behind, ...open]);
	const checkpoint = checkpointOf(ledger, deps, cutMs);
	if (checkpoint === undefined) throw new Error('nothing was cut off');
	const entryStore = openSqliteEntryStore(join(folder, `${name}.sqlite`));
	const all = [...behind, ...open];
	for (let from = 0; from < all.length; from += 5_000) await entryStore.add(all.slice(from, from + 5_000));
	await entryStore.setCache('checkpoint', encodeCheckpoint(checkpoint));
	const rowsFile = join(folder, `${name}-rows.sqlite`);
	const above = new Map(checkpoint.chains.map(({ device, scope, seq }) => [`${device}:${scope}`, seq]));
	const left = all.filter(({ header }) => header.seq > (above.get(`${header.device}:${header.scope}`) ?? 0));
	writeRows(rowsFile, checkpoint, left);
	return { deps, verifier, entryStore, proven: ledger.marks(), checkpoint, open: left, rowsFile };
}

async function start({ deps, verifier, entryStore, proven }: Disk): Promise<Ledger> {
	const checkpoint = await openCheckpoint(await entryStore.getCache('checkpoint'), deps.store, verifier);
	if (checkpoint === undefined) throw new Error('the checkpoint was not believed');
	const { entries } = await readHeld(entryStore, verifier, checkpoint.chains, proven);
	const ledger = createLedger({ ...deps, checkpoint });
	ledger.add(entries);
	ledger.conflicts();
	return ledger;
}

/** The anchor: the same rows and entries, in tables. */
function writeRows(file: string, checkpoint: Checkpoint, open: readonly Entry[]): void {
	const database = new DatabaseSync(file);
	database.exec(`
		PRAGMA synchronous = OFF;
		CREATE TABLE stock (sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL, stocked INTEGER NOT NULL) STRICT;
		CREATE TABLE keys (row BLOB NOT NULL) STRICT;
		CREATE TABLE kept (sealed BLOB NOT NULL, seen TEXT NOT NULL) STRICT;
		CREATE TABLE entries (device TEXT NOT NULL, scope TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (device, scope, seq, hash)) STRICT, WITHOUT ROWID;
		BEGIN`);
	const stock = database.prepare('INSERT INTO stock VALUES (?, ?, ?)');
	for (const { sku, onHandMilli, stocked } of checkpoint.stock) stock.run(sku, onHandMilli, stocked ? 1 : 0);
	const keys = database.prepare('INSERT INTO keys VALUES (?)');
	const bytesOfKey = checkpoint.keys.length / keysIn(checkpoint.keys);
	for (let at = 0; at < checkpoint.keys.length; at += bytesOfKey) keys.run(checkpoint.keys.subarray(at, at + bytesOfKey));
	const kept = database.prepare('INSERT INTO kept VALUES (?, ?)');
	for (const { entry, seen } of checkpoint.kept) kept.run(entry.sealed, JSON.stringify(seen));
	const entries = database.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?)');
	for (const { header, hash, sealed } of open) entries.run(header.device, header.scope, header.seq, hash, sealed);
	database.exec('COMMIT');
	database.close();
}

function readRows({ rowsFile }: Disk): number {
	const database = new DatabaseSync(rowsFile, { readOnly: true });
	let rows = 0;
	for (const table of ['stock', 'keys', 'kept', 'entries']) rows += database.prepare(`SELECT * FROM ${table}`).all().length;
	database.close();
	return rows;
}

/** Two shops alike, but for what lies behind. Signing a year takes half a minute: it is done once for all rows. */
const disks = new Map<boolean, Promise<{ readonly year: Disk; readonly none: Disk }>>();

function disksOf({ quick, tell }: RunOptions): Promise<{ readonly year: Disk; readonly none: Disk }> {
	let made = disks.get(quick);
	if (made === undefined) disks.set(quick, (made = makeDisks(quick, tell)));
	return made;
}

async function makeDisks(quick: boolean, tell: RunOptions['tell']): Promise<{ readonly year: Disk; readonly none: Disk }> {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
	process.on('exit', () => {
		rmSync(folder, { recursive: true, force: true });
	});
	tell('signing a year of sales');
	const goods = quick ? 1_000 : 5_000;
	return { year: await diskOf(folder, 'year', yearSales(quick), goods), none: await diskOf(folder, 'none', 0, goods) };
}

function yearSales(quick: boolean): number {
	return quick ? 3_000 : 365 * DAY_SALES;
}

const side = (disk: Disk): Side<Disk> => ({ prepare: () => disk, work: start });

export const startRow: Row = {
	name: 'start',
	what: 'start from a checkpoint and 1,000 open entries, a year (109,500 sales) behind',
	against: 'the same with no year behind',
	reach: 'within 10 %',
	async run(options) {
		const { year, none } = await disksOf(options);
		const times = await interleaved({ year: side(year), none: side(none) }, rounds(options));
		const ratio = times.year / times.none;
		return {
			...{ ours: ms(times.year), anchor: ms(times.none), ratio, ok: ratio <= 1.1 },
			numbers: { yearMs: times.year, noneMs: times.none, ...countsOf(year) },
			note: told(year),
		};
	},
};

export const startRows: Row = {
	name: 'start-sqlite',
	what: 'the same start',
	against: 'reading the same checkpoint rows and entries from node:sqlite',
	reach: 'within 5×',
	async run(options) {
		const { year } = await disksOf(options);
		const times = await interleaved({ year: side(year), rows: { prepare: () => year, work: readRows } satisfies Side<Disk> }, rounds(options));
		const ratio = times.year / times.rows;
		return {
			...{ ours: ms(times.year), anchor: ms(times.rows), ratio, ok: ratio <= 5 },
			numbers: { yearMs: times.year, rowsMs: times.rows, ...countsOf(year) },
		};
	},
};

export const memory: Row = {
	name: 'memory',
	what: 'memory with a year behind',
	against: 'an empty till',
	reach: '+60 MB at most',
	async run(options) {
		const { year } = await disksOf(options);
		const held: { ledger: Ledger | undefined } = { ledger: await start(year) }; // What only the first start costs, code above all, is not the year's.
		held.ledger = undefined;
		const before = await usedBytes();
		held.ledger = createLedger(year.deps);
		const empty = (await usedBytes()) - before;
		held.ledger = await start(year);
		const full = (await usedBytes()) - before;
		if (held.ledger.size() < OPEN) throw new Error(`a ledger of ${held.ledger.size()} entries`);
		const more = full - empty;
		return {
			...{ ours: `+${megabytes(more)}`, anchor: megabytes(Math.max(0, empty)), ok: more <= 60e6 },
			numbers: { moreBytes: more, emptyBytes: empty, ...countsOf(year) },
		};
	},
};

function rounds({ quick }: RunOptions): { readonly rounds: number; readonly warmups: number } {
	return { rounds: quick ? 1 : 9, warmups: quick ? 0 : 3 };
}

function countsOf({ checkpoint, open }: Disk): Readonly<Record<string, number>> {
	return { openEntries: open.length, keptEntries: checkpoint.kept.length, stockRows: checkpoint.stock.length, keys: keysIn(checkpoint.keys) };
}

function told({ checkpoint, open }: Disk): string {
	return `${open.length} entries above the cut; in the checkpoint ${checkpoint.kept.length} entries, ${checkpoint.stock.length} stock rows, ${keysIn(checkpoint.keys)} keys of 35 days.`;
}
