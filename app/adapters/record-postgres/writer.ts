/**
 * Writes of all branches, gathered: what is asked for while a transaction is under way goes into the next one, together. What takes long is gathered apart, and
 * written beside the rest.
 *
 * Invariants:
 * 1. A write resolves when it is on the server's disk. All of it is there or nothing.
 * 2. The writes of a branch happen in the order in which they were asked for.
 * 3. Every transaction names the epoch in which its branches were opened here. A branch that has another one by now is not written: who opened it later owns it.
 * 4. A write that the server does not take fails alone: the others of its transaction are written without it.
 * 5. Chunks: of several writes of one key in a transaction the last one counts.
 * 6. A sale of just now waits for no transaction that a backlog or a document is in. Two exceptions: where a branch asks for both, 2 comes first, and what is
 *    gathered with them waits along; and reports hold the rows of their branches while they are written.
 */
import type { BranchLoss } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Connection, Transaction } from './connection.ts';
import { createGathering, notOwner, type Gathered, type Gathering } from './gathering.ts';

/** A branch as it was opened by this process. */
export interface OpenedBranch {
	/** Hex. */
	readonly store: string;
	readonly branch: string;
	/** Raised when a connection was lost: what is still on its way by the old one must not be written after what is written now. */
	epoch: number;
	/** The last count that the database answered. */
	writes: number;
	/** Why nothing is written any more. */
	lost: BranchLoss | undefined;
}

export type ChunkChange =
	| { readonly save: string; readonly data: Uint8Array }
	| { readonly remove: string }
	/** The key itself and everything that goes on after a `/`. */
	| { readonly removeRange: string };

export interface Write {
	readonly to: OpenedBranch;
	readonly entries?: readonly Entry[];
	readonly chunks?: readonly ChunkChange[];
	/** Small values; their names are ours and have nothing to escape. */
	readonly caches?: readonly { readonly name: string; readonly bytes: Uint8Array }[];
	/** Anything else, asked for in one go: these are not waited for one by one. */
	readonly statements?: (transaction: Transaction) => readonly Promise<unknown>[];
}

/** Answers the entries that were new. */
export type Writer = Gathering<Write, ReadonlySet<EntryHash>>;

type Waiting = Gathered<Write, ReadonlySet<EntryHash>>;

/** More at once is a slice of a backlog: what a branch's tills sell comes one by one, and together only what came while a transaction was under way. Less than `SLICE` of `engine/intake.ts`. */
const FEW_ENTRIES = 24;
/** A cache beyond this is a checkpoint. */
const FEW_BYTES = 64 * 1024;
/** A transaction of so much takes a few tens of ms, and nobody's sale waits longer than for two of them. */
const MOST_BYTES = 4 * 1024 * 1024;

export function createWriter({ connection, onLost }: { readonly connection: Connection; readonly onLost: (branch: OpenedBranch) => void }): Writer {
	function count(waiting: readonly Write[]): number {
		let bytes = 0;
		let many = 0;
		while (many < waiting.length && (many === 0 || bytes < MOST_BYTES)) bytes += bytesOf(waiting[many++] ?? {});
		return many;
	}

	async function writeAll(batch: readonly Waiting[]): Promise<void> {
		const open = [...new Set(batch.map(({ write: { to } }) => to).filter(({ lost }) => lost === undefined))];
		const isPlain = batch.every(({ write: { chunks, statements } }) => chunks === undefined && statements === undefined);
		// Sales, and nothing else that has to go with them: one question, one answer.
		const written = isPlain
			? await connection.write((sql) => writePlain(sql, open, batch))
			: await connection.transaction(async (transaction) => {
					const plain = await writePlain(transaction, open, batch);
					const kept = batch.filter(({ write: { to } }) => plain.counts.has(to)).map(({ write }) => write);
					await Promise.all([...changeChunks(transaction, kept), ...kept.flatMap(({ statements }) => statements?.(transaction) ?? [])]);
					return plain;
				});
		const { counts, fresh } = written;
		const missing = open.filter((one) => !counts.has(one));
		const lost = missing.length === 0 ? NOTHING_LOST : await connection.write((sql) => lossesOf(sql, missing));
		for (const to of open) {
			const writes = counts.get(to);
			const why = writes === undefined ? lost.get(to) : writes <= to.writes ? 'put-back' : undefined;
			if (why !== undefined) lose(to, why, onLost);
		}
		// Counted once a transaction, however many writes of a branch are in it.
		for (const [to, writes] of counts) to.writes = writes;
		for (const one of batch) {
			const { to } = one.write;
			if (to.lost === undefined) one.resolve(fresh.get(one) ?? NONE);
			else one.reject(notOwner(to.lost));
		}
	}

	const short = createGathering({ connection, count, writeAll });
	const long = createGathering({ connection, count, writeAll });
	return {
		write: (write) => (long.isWriting(write.to) || (isLong(write) && !short.isWriting(write.to)) ? long : short).write(write),
		isWriting: (to) => short.isWriting(to) || long.isWriting(to),
		async settled(to) {
			await short.settled(to);
			await long.settled(to);
		},
	};
}

function isLong({ entries = [], chunks, statements, caches }: Write): boolean {
	return entries.length > FEW_ENTRIES || chunks !== undefined || statements !== undefined || bytesOf({ caches: caches ?? [] }) > FEW_BYTES;
}

export function lose(to: OpenedBranch, why: BranchLoss, onLost: (branch: OpenedBranch) => void): void {
	if (to.lost !== undefined) return;
	to.lost = why;
	onLost(to);
}

const NOTHING_LOST: ReadonlyMap<OpenedBranch, BranchLoss> = new Map();
const NONE: ReadonlySet<EntryHash> = new Set();

function bytesOf({ entries = [], chunks = [], caches = [] }: Partial<Write>): number {
	return (
		entries.reduce((sum, { sealed }) => sum + sealed.length + 200, 0) +
		caches.reduce((sum, { bytes }) => sum + bytes.length + 200, 0) +
		chunks.reduce((sum, one) => sum + ('data' in one ? one.data.length : 0) + 200, 0)
	);
}

interface Plain {
	/** The branches of which this process still is the owner, each with its new count. */
	readonly counts: ReadonlyMap<OpenedBranch, number>;
	readonly fresh: ReadonlyMap<Waiting, ReadonlySet<EntryHash>>;
}

interface PlainRow {
	readonly key: string;
	readonly writes: number | null;
}

/** Entries and small values, in one statement that names the epochs: rows of branches are locked always in one order. */
async function writePlain(ask: Transaction, branches: readonly OpenedBranch[], batch: readonly Waiting[]): Promise<Plain> {
	const counts = new Map<OpenedBranch, number>();
	const fresh = new Map<Waiting, Set<EntryHash>>();
	if (branches.length === 0) return { counts, fresh };
	const placeOf = new Map(branches.map((one, place) => [one, place]));
	const askedFirstBy = new Map<string, { readonly waiting: Waiting; readonly place: number; readonly entry: Entry }>();
	const caches = new Map<string, { readonly place: number; readonly name: string; readonly bytes: Uint8Array }>();
	for (const waiting of batch) {
		const place = placeOf.get(waiting.write.to);
		if (place === undefined) continue;
		for (const entry of waiting.write.entries ?? []) {
			const key = `${place}-${entry.hash}`;
			if (!askedFirstBy.has(key)) askedFirstBy.set(key, { waiting, place, entry });
		}
		for (const { name, bytes } of waiting.write.caches ?? []) caches.set(`${place}-${name}`, { place, name, bytes });
	}
	const asked = [...askedFirstBy.values()];
	const kept = [...caches.values()];
	const ofBranches = (of: (one: OpenedBranch) => string | number): string => arrayOf(branches.map(of));
	const ofEntries = (of: (one: (typeof asked)[number]) => string | number): string => arrayOf(asked.map(of));
	const ofCaches = (of: (one: (typeof kept)[number]) => string | number): string => arrayOf(kept.map(of));
	const rows = await ask<PlainRow[]>`
		WITH named AS (
			SELECT place, decode(store, 'hex') AS store, decode(branch, 'hex') AS branch, epoch
			FROM unnest(${arrayOf([...branches.keys()])}::int[], ${ofBranches(({ store }) => store)}::text[], ${ofBranches(({ branch }) => branch)}::text[],
				${ofBranches(({ epoch }) => epoch)}::bigint[]) AS given (place, store, branch, epoch)
		), locked AS (
			SELECT n.place, b.store, b.branch FROM holdfast.branches b JOIN named n ON b.store = n.store AND b.branch = n.branch AND b.epoch = n.epoch
			ORDER BY b.store, b.branch FOR UPDATE OF b
		), fenced AS (
			UPDATE holdfast.branches b SET writes = b.writes + 1 FROM locked l WHERE b.store = l.store AND b.branch = l.branch
			RETURNING l.place, b.store, b.branch, b.writes
		), written AS (
			INSERT INTO holdfast.entries (store, branch, device, scope, seq, hash, sealed)
			SELECT f.store, f.branch, decode(device, 'hex'), scope, seq, decode(hash, 'hex'), decode(sealed, 'hex')
			FROM unnest(${ofEntries(({ place }) => place)}::int[], ${ofEntries(({ entry }) => entry.header.device)}::text[],
				${ofEntries(({ entry }) => scopeNumber(entry.header.scope))}::smallint[], ${ofEntries(({ entry }) => entry.header.seq)}::bigint[],
				${ofEntries(({ entry }) => entry.hash)}::text[], ${ofEntries(({ entry }) => longHexOf(entry.sealed))}::text[])
				AS given (place, device, scope, seq, hash, sealed) JOIN fenced f USING (place)
			ON CONFLICT DO NOTHING
			RETURNING store, branch, hash
		), cached AS (
			INSERT INTO holdfast.caches (store, branch, name, bytes)
			SELECT f.store, f.branch, name, decode(bytes, 'hex')
			FROM unnest(${ofCaches(({ place }) => place)}::int[], ${ofCaches(({ name }) => name)}::text[], ${ofCaches(({ bytes }) => hexOf(bytes))}::text[])
				AS given (place, name, bytes) JOIN fenced f USING (place)
			ON CONFLICT (store, branch, name) DO UPDATE SET bytes = excluded.bytes
		)
		SELECT place::text AS key, writes FROM fenced
		UNION ALL
		SELECT f.place || '-' || encode(w.hash, 'hex'), NULL FROM written w JOIN fenced f ON f.store = w.store AND f.branch = w.branch`;
	for (const { key, writes } of rows) {
		if (writes !== null) {
			const one = branches[Number(key)];
			if (one !== undefined) counts.set(one, writes);
			continue;
		}
		const first = askedFirstBy.get(key);
		if (first === undefined) throw new Error(`an entry was written that nobody asked for: ${key}`);
		fresh.set(first.waiting, (fresh.get(first.waiting) ?? new Set()).add(first.entry.hash));
	}
	return { counts, fresh };
}

/** Epochs only grow: a lower one, or none, is of an earlier day. */
export async function lossesOf(ask: Transaction, branches: readonly OpenedBranch[]): Promise<ReadonlyMap<OpenedBranch, BranchLoss>> {
	if (branches.length === 0) return new Map();
	const rows = await ask<{ store: string; branch: string; epoch: number }[]>`
		SELECT encode(b.store, 'hex') AS store, encode(b.branch, 'hex') AS branch, b.epoch FROM holdfast.branches b
		JOIN unnest(${arrayOf(branches.map(({ store }) => store))}::text[], ${arrayOf(branches.map(({ branch }) => branch))}::text[]) AS given (store, branch)
			ON b.store = decode(given.store, 'hex') AND b.branch = decode(given.branch, 'hex')`;
	return new Map(
		branches.map((one) => {
			const now = rows.find(({ store, branch }) => store === one.store && branch === one.branch);
			return [one, now === undefined || now.epoch < one.epoch ? 'put-back' : 'taken'];
		}),
	);
}

/** What goes goes first, and what is left to be saved after it. */
function changeChunks(transaction: Transaction, batch: readonly Write[]): readonly Promise<unknown>[] {
	const statements: Promise<unknown>[] = [];
	for (const [to, writes] of Map.groupBy(batch, (one) => one.to)) {
		const saved = new Map<string, Uint8Array>();
		const removed = new Set<string>();
		const removedRanges = new Set<string>();
		for (const change of writes.flatMap(({ chunks }) => chunks ?? [])) {
			if ('save' in change) {
				// Where it lay before, it keeps its place in the order of writing.
				saved.set(change.save, change.data);
			} else if ('remove' in change) {
				saved.delete(change.remove);
				removed.add(change.remove);
			} else {
				for (const key of saved.keys()) if (key === change.removeRange || key.startsWith(`${change.removeRange}/`)) saved.delete(key);
				removedRanges.add(change.removeRange);
			}
		}
		const of = transaction`store = decode(${to.store}, 'hex') AND branch = decode(${to.branch}, 'hex')`;
		for (const prefix of removedRanges)
			statements.push(
				transaction`DELETE FROM holdfast.chunks WHERE ${of} AND (key = ${prefix} OR (key >= ${`${prefix}/`} AND key < ${`${prefix}0`}))`,
			);
		if (removed.size > 0) statements.push(transaction`DELETE FROM holdfast.chunks WHERE ${of} AND key = ANY (${[...removed]}::text[])`);
		if (saved.size > 0)
			statements.push(transaction`
				INSERT INTO holdfast.chunks (store, branch, key, data)
				SELECT decode(${to.store}, 'hex'), decode(${to.branch}, 'hex'), key, decode(data, 'hex')
				FROM unnest(${[...saved.keys()]}::text[], ${arrayOf([...saved.values()].map(hexOf))}::text[]) WITH ORDINALITY AS given (key, data, place)
				ORDER BY place
				ON CONFLICT (store, branch, key) DO UPDATE SET data = excluded.data`);
	}
	return statements;
}

/** Of a sealed entry Node's own way takes half as long. */
function longHexOf({ buffer, byteOffset, length }: Uint8Array): string {
	return Buffer.from(buffer, byteOffset, length).toString('hex');
}

export const scopeNumber = (scope: string): number => (scope === 'branch' ? 0 : 1);

/**
 * An array as PostgreSQL reads it, of what has nothing to escape: hex and numbers. Many times quicker than asking the driver for it item by item. In quotes,
 * for without them an empty text alone would be an empty array.
 */
export function arrayOf(items: readonly (string | number)[]): string {
	return items.length === 0 ? '{}' : `{"${items.join('","')}"}`;
}
