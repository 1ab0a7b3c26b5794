/**
 * Keeps the report tables of one branch current: what the fold says changed is written again, a moment later and together.
 *
 * Invariants:
 * 1. Rows come from verified entries that were folded, and say which: the marks are written in the transaction of the rows.
 * 2. Late entries and what was put aside correct what was written: the fold names what reads differently.
 * 3. A start goes on where the rows stand. Rows of other tables, or none, are made anew from all entries. A branch that this run let go and takes up again
 *    writes nothing anew, where the rows reflect what it has.
 * 4. Reports may be behind, never in the way: a database that is away is tried again, and nothing of the branch waits for them. Rows are worked out some hundred at a
 *    time, in turn with other branches: a branch that brings a month keeps nobody's sale waiting.
 */
import { decodeMarks, readHeld } from '#engine/checkpoints.ts';
import { chainKey } from '#core/entry/codec.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { StorageError, type BranchReports, type Clock, type Timers, type Turns } from '#ports';
import type { Replica } from '#engine/replicate.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Branch } from '../branch.ts';
import { everythingDirty, noteChange, nothingDirty, partsOf, type Dirty, type Rows, type WrittenMovements } from './rows.ts';

export interface ReporterDeps {
	readonly branch: Pick<Branch, 'ledger' | 'entryStore' | 'verifier'> & { readonly replica: Pick<Replica, 'onFolded'> };
	readonly reports: BranchReports;
	/** Makes everything anew, whatever lies there. */
	readonly rebuild: boolean;
	/** The same run wrote these rows, by these rules. */
	readonly goesOn?: boolean;
	readonly clock: Clock;
	readonly timers: Timers;
	/** Of all branches of the process. */
	readonly turns: Turns;
	readonly onFailed: (error: unknown) => void;
	/** All rows of the branch have gone, and are being written again. */
	readonly onBegun?: () => void;
}

export interface Reporter {
	/** The rows say what the fold says now. */
	isSettled(): boolean;
	/** Whoever asks does not wait for company, only for a database that is away. */
	hurry(): void;
	/** Resolves when the rows say what the fold says now. */
	settled(): Promise<void>;
	close(): Promise<void>;
}

const AFTER_MS = 300;
/** From one write to the next: of a branch that sells on and on, what many sales change (stock, the branch's own row) is written once for all of them. */
const EVERY_MS = 2_000;
const AGAIN_MS = 2_000;
/** The rows of some forty sales: a few ms to work them out, and a few to write them. */
const ROWS_AT_ONCE = 500;

export function createReporter({ branch, reports, rebuild, goesOn = false, clock, timers, turns, onFailed, onBegun }: ReporterDeps): Reporter {
	const { ledger, replica } = branch;
	let dirty = nothingDirty();
	let isBegun = false;
	let mustRebuild = rebuild;
	let written: WrittenMovements = new Map();
	let aside = new Map<EntryHash, Entry>();
	let stop: (() => void) | undefined;
	let running: Promise<void> | undefined;
	let closed = false;
	let writtenAtMs = -Infinity;
	let isFailing = false;

	replica.onFolded((change) => {
		noteChange(dirty, change);
		wakeSoon();
	});
	wake(0);

	function wakeSoon(): void {
		wake(Math.max(AFTER_MS, Math.min(EVERY_MS, writtenAtMs + EVERY_MS - clock.nowMs())));
	}

	function wake(ms: number): void {
		if (closed || stop !== undefined || running !== undefined) return;
		stop = timers.after(ms, start);
	}

	function start(): void {
		stop = undefined;
		writtenAtMs = clock.nowMs();
		running = run().then(
			() => {
				running = undefined;
				isFailing = false;
				if (isDirty(dirty)) wakeSoon();
			},
			(error: unknown) => {
				running = undefined;
				isFailing = true;
				if (closed) return;
				onFailed(error);
				// Who lost the branch writes no more of it; the owner does.
				if (!(error instanceof StorageError && (error.kind === 'not-owner' || error.kind === 'closed'))) wake(AGAIN_MS);
			},
		);
	}

	async function run(): Promise<void> {
		if (!isBegun) await begin();
		const now = dirty;
		dirty = nothingDirty();
		try {
			await write(ledger, now, ledger.marks());
		} catch (error) {
			// What was under way and what came meanwhile, together.
			merge(now, dirty);
			dirty = now;
			written = new Map();
			throw error;
		}
	}

	/** Where the rows stand, and what has to be written to go on. */
	async function begin(): Promise<void> {
		const before = mustRebuild ? undefined : await reports.marks();
		if (before === undefined || isBehindCheckpoint(before)) {
			const whole = await fromZero();
			await reports.write({ begins: true, rows: new Map() });
			onBegun?.();
			await write(whole, everythingDirty(whole), undefined);
			if (whole !== ledger) written = new Map();
			mustRebuild = false;
		}
		isBegun = true;
		if (goesOn && before !== undefined && isReached(before)) aside = asideOf(ledger);
		else merge(dirty, everythingDirty(ledger));
	}

	function isReached(marks: readonly Mark[]): boolean {
		const now = ledger.marks();
		const hashes = new Set(marks.map(({ hash }) => hash));
		return now.length === marks.length && now.every(({ hash }) => hashes.has(hash));
	}

	/** What lies below the checkpoint was never written. */
	function isBehindCheckpoint(marks: Awaited<ReturnType<BranchReports['marks']>>): boolean {
		const reached = new Map(marks?.map(({ device, scope, seq }) => [chainKey(device, scope), seq]));
		return ledger.deps.checkpoint?.chains.some(({ device, scope, seq }) => seq > (reached.get(chainKey(device, scope)) ?? 0)) === true;
	}

	async function fromZero(): Promise<Ledger> {
		if (ledger.deps.checkpoint === undefined) return ledger;
		const { entries } = await readHeld(branch.entryStore, branch.verifier, [], decodeMarks(await branch.entryStore.getCache('proven')));
		const draft = ledger.draft(undefined);
		draft.add(entries);
		return draft;
	}

	async function write(from: Ledger, what: Dirty, marks: ReturnType<Ledger['marks']> | undefined): Promise<void> {
		const asideNow = asideOf(from);
		const released = [...aside].filter(([hash]) => !asideNow.has(hash)).map(([, entry]) => entry);
		const whole = new Set(what.conflicts ? ['conflicts'] : []);
		const parts = partsOf({ ledger: from, dirty: what, written, released, nowMs: clock.nowMs(), most: ROWS_AT_ONCE });
		for (let part = await inTurn(parts); part !== undefined; part = await inTurn(parts)) {
			if (closed) return;
			// The branch's own row is in the last one: with it the rows are current.
			const isLast = part.has('branches');
			await reports.write({ rows: part, ...(isLast ? { whole, ...(marks === undefined ? {} : { marks }) } : {}) });
		}
		aside = asideNow;
	}

	async function inTurn(parts: Iterator<Rows, void>): Promise<Rows | undefined> {
		const { done, value } = await turns.take(() => parts.next());
		return done === true ? undefined : (value as Rows);
	}

	const isSettled = (): boolean => running === undefined && stop === undefined && !isDirty(dirty);

	function hurry(): void {
		if (running !== undefined || isFailing) return;
		stop?.();
		start();
	}

	return {
		...{ isSettled, hurry },
		async settled() {
			while (!isSettled()) {
				hurry();
				await (running ?? new Promise((resolve) => timers.after(20, () => resolve(undefined))));
			}
		},
		async close() {
			closed = true;
			stop?.();
			await running;
		},
	};
}

function asideOf(ledger: Ledger): Map<EntryHash, Entry> {
	return new Map(ledger.quarantined().map(({ entry }) => [entry.hash, entry]));
}

function isDirty({ entries, skus, products, sales, books, devices, conflicts }: Dirty): boolean {
	return entries.size + skus.size + products.size + sales.size + books.size > 0 || devices || conflicts;
}

function merge(into: Dirty, from: Dirty): void {
	for (const [hash, entry] of from.entries) into.entries.set(hash, entry);
	for (const name of ['skus', 'products', 'sales', 'books'] as const) for (const one of from[name]) (into[name] as Set<unknown>).add(one);
	into.devices ||= from.devices;
	into.conflicts ||= from.conflicts;
}
