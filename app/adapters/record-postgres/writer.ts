/**
 * Writes of all branches, gathered: what is asked for while a transaction is under way goes into the next one, together.
 *
 * Invariants:
 * 1. A write resolves when it is on the server's disk. All of it is there or nothing.
 * 2. The writes of a branch happen in the order in which they were asked for.
 * 3. Every transaction names the epoch in which its branches were opened here. A branch that has another one by now is not written: who opened it later owns it.
 * 4. A write that the server does not take fails alone: the others of its transaction are written without it.
 * 5. Chunks: of several writes of one key in a transaction the last one counts.
 */
import { StorageError, type BranchLoss } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { isAway, type Connection, type Transaction } from './connection.ts';

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
	/** Anything else, asked for in one go: these are not waited for one by one. */
	readonly statements?: (transaction: Transaction) => readonly Promise<unknown>[];
}

export interface Writer {
	/** Answers the entries that were new. */
	write(write: Write): Promise<ReadonlySet<EntryHash>>;
	/** Resolves when what was asked for so far is written, or was refused. */
	settled(to: OpenedBranch): Promise<void>;
}

interface Waiting extends Write {
	readonly bytes: number;
	readonly resolve: (fresh: ReadonlySet<EntryHash>) => void;
	readonly reject: (error: unknown) => void;
}

/** A transaction of so much takes a few tens of ms, and nobody's sale waits longer than for two of them. */
const MOST_BYTES = 4 * 1024 * 1024;

export function createWriter({ connection, onLost }: { readonly connection: Connection; readonly onLost: (branch: OpenedBranch) => void }): Writer {
	let waiting: Waiting[] = [];
	let running: Promise<void> | undefined;
	const last = new Map<OpenedBranch, Promise<unknown>>();

	function start(): void {
		if (running !== undefined || waiting.length === 0) return;
		running = run().finally(() => {
			running = undefined;
			start();
		});
	}

	async function run(): Promise<void> {
		// What this turn of the event loop still asks for goes along.
		await new Promise((resolve) => setImmediate(resolve));
		while (waiting.length > 0) {
			const batch = nextBatch();
			try {
				await writeAll(batch);
			} catch (error) {
				// A server that is away takes none of them; else each is tried alone, for one of them may be to blame.
				if (batch.length === 1 || !connection.standing().answers || isAway(error)) for (const { reject } of batch) reject(error);
				else for (const one of batch) await writeAll([one]).catch(one.reject);
			}
		}
	}

	function nextBatch(): readonly Waiting[] {
		let bytes = 0;
		let count = 0;
		while (count < waiting.length && (count === 0 || bytes < MOST_BYTES)) bytes += waiting[count++]?.bytes ?? 0;
		const batch = waiting.slice(0, count);
		waiting = waiting.slice(count);
		return batch;
	}

	async function writeAll(batch: readonly Waiting[]): Promise<void> {
		const outcome = await connection.transaction(async (transaction) => {
			const open = new Set(batch.map(({ to }) => to).filter(({ lost }) => lost === undefined));
			const counts = await fence(transaction, [...open]);
			const lost = await lossesOf(
				transaction,
				[...open].filter((one) => !counts.has(one)),
			);
			const written = batch.filter(({ to }) => counts.has(to));
			const [fresh] = await Promise.all([
				insertEntries(transaction, written),
				...changeChunks(transaction, written),
				...written.flatMap(({ statements }) => statements?.(transaction) ?? []),
			]);
			return { counts, lost, fresh };
		});
		for (const { to } of batch) {
			const writes = outcome.counts.get(to);
			const why = writes === undefined ? outcome.lost.get(to) : writes <= to.writes ? 'put-back' : undefined;
			if (why !== undefined) lose(to, why);
		}
		// Counted once a transaction, however many writes of a branch are in it.
		for (const [to, writes] of outcome.counts) to.writes = writes;
		for (const one of batch) {
			if (one.to.lost === undefined) one.resolve(outcome.fresh.get(one) ?? NONE);
			else one.reject(notOwner(one.to.lost));
		}
	}

	function lose(to: OpenedBranch, why: BranchLoss): void {
		if (to.lost !== undefined) return;
		to.lost = why;
		onLost(to);
	}

	return {
		write(write) {
			const { to } = write;
			const written = new Promise<ReadonlySet<EntryHash>>((resolve, reject) => {
				if (to.lost !== undefined) throw notOwner(to.lost);
				waiting.push({ ...write, bytes: bytesOf(write), resolve, reject });
				start();
			});
			last.set(to, written);
			const forget = (): void => {
				if (last.get(to) === written) last.delete(to);
			};
			written.then(forget, forget);
			return written;
		},
		async settled(to) {
			// They are written in order: with the last one all are.
			await last.get(to)?.catch(() => undefined);
		},
	};
}

const NONE: ReadonlySet<EntryHash> = new Set();

function bytesOf({ entries = [], chunks = [] }: Write): number {
	return (
		entries.reduce((sum, { sealed }) => sum + sealed.length + 200, 0) +
		chunks.reduce((sum, one) => sum + ('data' in one ? one.data.length : 0) + 200, 0)
	);
}

/** The branches of which this process still is the owner, each with its new count; their rows are locked until the transaction ends, always in one order. */
async function fence(transaction: Transaction, branches: readonly OpenedBranch[]): Promise<ReadonlyMap<OpenedBranch, number>> {
	if (branches.length === 0) return new Map();
	const rows = await transaction<{ store: string; branch: string; writes: number }[]>`
		WITH named AS (
			SELECT decode(store, 'hex') AS store, decode(branch, 'hex') AS branch, epoch
			FROM unnest(${arrayOf(branches.map(({ store }) => store))}::text[], ${arrayOf(branches.map(({ branch }) => branch))}::text[],
				${arrayOf(branches.map(({ epoch }) => epoch))}::bigint[]) AS given (store, branch, epoch)
		), locked AS (
			SELECT b.store, b.branch FROM holdfast.branches b JOIN named n ON b.store = n.store AND b.branch = n.branch AND b.epoch = n.epoch
			ORDER BY b.store, b.branch FOR UPDATE OF b
		)
		UPDATE holdfast.branches b SET writes = b.writes + 1 FROM locked l WHERE b.store = l.store AND b.branch = l.branch
		RETURNING encode(b.store, 'hex') AS store, encode(b.branch, 'hex') AS branch, b.writes`;
	const counts = new Map(rows.map(({ store, branch, writes }) => [`${store}-${branch}`, writes]));
	return new Map(
		branches.flatMap((one) => {
			const writes = counts.get(`${one.store}-${one.branch}`);
			return writes === undefined ? [] : [[one, writes] as const];
		}),
	);
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

function notOwner(why: BranchLoss): StorageError {
	return new StorageError(
		'not-owner',
		why === 'taken' ? 'another process has opened this branch since' : 'the database was put back to an earlier day',
	);
}

async function insertEntries(transaction: Transaction, batch: readonly Waiting[]): Promise<ReadonlyMap<Waiting, ReadonlySet<EntryHash>>> {
	const fresh = new Map<Waiting, Set<EntryHash>>();
	const askedFirstBy = new Map<string, { readonly write: Waiting; readonly entry: Entry }>();
	for (const write of batch)
		for (const entry of write.entries ?? []) {
			const { hash } = entry;
			const key = `${write.to.store}-${write.to.branch}-${hash}`;
			if (!askedFirstBy.has(key)) askedFirstBy.set(key, { write, entry });
		}
	const asked = [...askedFirstBy.values()];
	if (asked.length === 0) return fresh;
	const column = (of: (one: (typeof asked)[number]) => string | number): string => arrayOf(asked.map(of));
	const rows = await transaction<{ key: string }[]>`
		INSERT INTO holdfast.entries (store, branch, device, scope, seq, hash, sealed)
		SELECT decode(store, 'hex'), decode(branch, 'hex'), decode(device, 'hex'), scope, seq, decode(hash, 'hex'), decode(sealed, 'hex')
		FROM unnest(${column(({ write }) => write.to.store)}::text[], ${column(({ write }) => write.to.branch)}::text[],
			${column(({ entry }) => entry.header.device)}::text[], ${column(({ entry }) => scopeNumber(entry.header.scope))}::smallint[],
			${column(({ entry }) => entry.header.seq)}::bigint[], ${column(({ entry }) => entry.hash)}::text[],
			${column(({ entry }) => hexOf(entry.sealed))}::text[]) AS given (store, branch, device, scope, seq, hash, sealed)
		ON CONFLICT DO NOTHING
		RETURNING encode(store, 'hex') || '-' || encode(branch, 'hex') || '-' || encode(hash, 'hex') AS key`;
	for (const { key } of rows) {
		const one = askedFirstBy.get(key);
		if (one === undefined) throw new Error(`an entry was written that nobody asked for: ${key}`);
		fresh.set(one.write, (fresh.get(one.write) ?? new Set()).add(one.entry.hash));
	}
	return fresh;
}

/** What goes goes first, and what is left to be saved after it. */
function changeChunks(transaction: Transaction, batch: readonly Waiting[]): readonly Promise<unknown>[] {
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

export const scopeNumber = (scope: string): number => (scope === 'branch' ? 0 : 1);

/**
 * An array as PostgreSQL reads it, of what has nothing to escape: hex and numbers. Many times quicker than asking the driver for it item by item. In quotes,
 * for without them an empty text alone would be an empty array.
 */
export function arrayOf(items: readonly (string | number)[]): string {
	return items.length === 0 ? '{}' : `{"${items.join('","')}"}`;
}
