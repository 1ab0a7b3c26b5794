/**
 * Where it becomes true: decide, seal, and one strict transaction of the vault.
 *
 * Invariants:
 * 1. Commits are sealed and recorded one at a time. A head that moved since deciding means deciding and sealing again, under the same key.
 * 2. One key, one intent: deciding again under a key that is recorded answers what was recorded, and writes nothing. The transaction itself sees to it; it is
 *    asked before only where this run has tried the key already, or where a refusal would be the answer.
 * 3. Receipt numbers are taken in the same transaction as the entry that bears them: no gap, no number twice.
 * 4. Whoever does not own the vault writes nothing.
 * 5. A sale, which is decided at once, waits for no decision that is asked of the replica: a worker that hangs stops no cashier.
 * 6. Nothing new is sealed while this device may be behind its own entries (`take-back.ts`); what is recorded already is answered at once.
 * 7. What is recorded stays recorded for its caller, even if whoever must hear of it fails; `recover` tells them at the next start.
 * 8. A device that another side of its fork was kept against seals nothing (`stand-down.ts`); what is recorded already is answered.
 * 9. Keys that the device has given up for others sign nothing more (`own-renewal.ts`); what is recorded already is answered.
 * 10. The vault's state is not read again after an own record: the transaction refuses whatever was sealed on another one, and then it is read.
 * 11. What is being written is told to whoever asked while the disk writes it, and nothing that they make of it changes what becomes of it.
 */
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { isRefusal, type Decision, type Refusal } from '#core/intent.ts';
import { StorageError, type Digest, type SaleRecord, type Vault, type VaultState } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash, IntentKey, PersonId } from '#schemas/ids.ts';
import type { Trouble } from './commands.ts';
import { createOneAtATime, type OneAtATime } from './one-at-a-time.ts';
import type { DayRule, Sealer, Seen } from './seal.ts';

export interface CommitDeps {
	readonly sealer: Sealer;
	readonly vault: Vault;
	readonly digest: Digest;
	/** The number that `takeOwnership` gave to this tab or process. */
	readonly ownership: () => number;
	/** Asked right after deciding: the state that was decided on had folded this. */
	readonly seen: () => Seen;
	readonly day: () => DayRule;
	/** Durable from here on: the ledger, the lane and the segment document hear of it. May be told of one entry more than once. */
	readonly onRecorded: (entries: readonly Entry[]) => void;
	/** Undefined: this device has all its own entries. Else it has when this resolves. */
	readonly settled?: () => Promise<void> | undefined;
	/** Another side of this device's fork keeps the till. */
	readonly isDropped?: () => boolean;
	/** The keys of this run have signed their last entry: the device starts again with others. */
	readonly isOver?: () => boolean;
	/** What must not come between deciding and recording takes its turn here, too; absent: nothing else does. */
	readonly turns?: OneAtATime;
}

export interface CommitRequest {
	readonly key: IntentKey;
	/** Given the receipt number that it would take. Pure, or asked of the worker; runs again when a head has moved. */
	readonly decide: (nextReceiptNumber: number) => Decision | Refusal | Promise<Decision | Refusal>;
	readonly removesCart?: IntentKey;
	/** Who is at the device; absent: the owner. */
	readonly by?: PersonId;
	/** Told of what is being written while the disk writes it: it may yet be refused, or sealed once more. */
	readonly onSealed?: (entries: readonly Entry[]) => void;
	/** Told of what was recorded now, before anything is decided after it. */
	readonly onRecorded?: (entries: readonly Entry[]) => void;
}

export interface Committed {
	readonly entries: readonly Entry[];
	/** Recorded by an earlier try. */
	readonly again: boolean;
}

export type Commit = (request: CommitRequest) => Promise<Committed | Refusal | Trouble>;

/** A head moves between two tries only if a sale was rung up in the milliseconds that a decision takes, or another tab writes. */
const MOST_TRIES = 10;
/** Keys of 36 letters: less than a megabyte. */
const MOST_TRIED = 10_000;

export function createCommit(deps: CommitDeps): Commit {
	const { sealer, vault, digest } = deps;
	const recordingTurn = deps.turns ?? createOneAtATime();
	/** Decisions of the replica take turns among themselves, or each would move the head under the others. */
	const askingTurn = createOneAtATime();
	const tried = new Set<IntentKey>();
	/** As the last record here left it. */
	let known: VaultState | undefined;

	return async (request) => {
		try {
			const first = await recordingTurn(() => record(request, undefined));
			return isAsked(first) ? await askingTurn(() => decideAndRecord(request, first.asked)) : first;
		} catch (error) {
			if (error instanceof StorageError) return troubleOf(error);
			throw error;
		}
	};

	async function decideAndRecord(request: CommitRequest, firstAsked: Promise<Made>): Promise<Committed | Refusal | Trouble> {
		let asked = firstAsked;
		for (let tries = 0; tries < MOST_TRIES; tries += 1) {
			const made = await asked;
			const outcome = await recordingTurn(() => record(request, made));
			if (!isAsked(outcome)) return outcome;
			asked = outcome.asked;
		}
		return BUSY;
	}

	/** With what was decided, if the state is still the one it was decided on; else it decides, or answers that it has asked. */
	async function record(
		{ key, decide, removesCart, by, onSealed, onRecorded }: CommitRequest,
		made: Made | undefined,
	): Promise<Committed | Refusal | Trouble | Asked> {
		for (let tries = 0; tries < MOST_TRIES; tries += 1) {
			const settling = deps.settled?.();
			if (tried.has(key) || settling !== undefined) {
				const before = await recorded(key);
				if (before !== undefined) return before;
			}
			noteTried(key);
			if (settling !== undefined) {
				await settling;
				known = undefined;
			}
			if (deps.isDropped?.() === true) return (await recorded(key)) ?? DROPPED;
			if (deps.isOver?.() === true) return (await recorded(key)) ?? OVER;
			const state = known ?? (await vault.read());
			known = undefined; // Until the record below has ended well.
			if (made?.version !== state.version) {
				const decision = decide(state.lastReceiptNumber + 1);
				if (decision instanceof Promise)
					return { asked: observed(decision.then((decided) => ({ decision: decided, version: state.version, seen: deps.seen() }))) };
				made = { decision, version: state.version, seen: deps.seen() };
			}
			if (isRefusal(made.decision)) return (await recorded(key)) ?? made.decision;
			const { branch, store } = made.decision;
			const sealed = await sealer({
				branch,
				store,
				key,
				heads: state.heads,
				hlc: state.hlc,
				seen: made.seen,
				day: deps.day(),
				...(by === undefined ? {} : { by }),
			});
			if ('tooLarge' in sealed) return { refused: 'too-large', bytes: sealed.tooLarge };
			const sale = receiptOf(made.decision, key, sealed.entries);
			const recording = vault.record({
				...{ version: state.version, ownership: deps.ownership(), entries: sealed.entries, heads: sealed.heads, hlc: sealed.hlc },
				...(sale === undefined ? {} : { sale }),
				...(removesCart === undefined ? {} : { removesCart }),
			});
			if (onSealed !== undefined) tell(onSealed, sealed.entries);
			const outcome = await recording;
			if ('recorded' in outcome) {
				known = outcome.recorded;
				tell(deps.onRecorded, sealed.entries);
				if (onRecorded !== undefined) tell(onRecorded, sealed.entries);
				return { entries: sealed.entries, again: false };
			}
			if (outcome.failed === 'not-owner') return NOT_OWNER;
		}
		return BUSY;
	}

	function noteTried(key: IntentKey): void {
		// What is forgotten here is decided once more for nothing, and the transaction answers that it is known.
		if (tried.size >= MOST_TRIED) tried.clear();
		tried.add(key);
	}

	async function recorded(key: IntentKey): Promise<Committed | undefined> {
		const sealed = await vault.entriesByKey(key);
		if (sealed.length === 0) return undefined;
		const entries = await Promise.all(sealed.map(openOwn));
		// The try that recorded it may have ended before it told anybody.
		tell(deps.onRecorded, entries);
		return { entries, again: true };
	}

	/** Own bytes from the own disk: the hash is computed anew, the signature is this device's. */
	async function openOwn(sealed: Uint8Array): Promise<Entry> {
		const parts = splitSealed(sealed);
		const decoded = parts === undefined ? { damaged: 'not a sealed entry' } : decodeBody(parts.body);
		if (parts === undefined || 'damaged' in decoded)
			throw new StorageError('failed', `an own entry cannot be read back: ${'damaged' in decoded ? decoded.damaged : ''}`);
		return { hash: hexOf(await digest.sha256(parts.body)) as EntryHash, header: decoded.header, facts: decoded.facts, sealed };
	}
}

function tell(listener: (entries: readonly Entry[]) => void, entries: readonly Entry[]): void {
	try {
		listener(entries);
	} catch (error) {
		// Our own mistake, and it must be seen; but what becomes of the sale is the vault's to say, and its caller hears that.
		queueMicrotask(() => {
			throw error;
		});
	}
}

/** What stopped a write, as the screens are told. */
export function troubleOf(error: StorageError): Trouble {
	switch (error.kind) {
		case 'full':
			return { trouble: 'storage-full', detail: error.message };
		case 'not-owner':
			return NOT_OWNER;
		case 'closed':
		case 'failed':
			return { trouble: 'storage-failed', detail: error.message };
	}
}

/** A decision, the state of the vault that it was made on, and what that state's ledger had seen. */
interface Made {
	readonly decision: Decision | Refusal;
	readonly version: number;
	readonly seen: Seen;
}

/** The decision was asked of the replica: it is not waited for where sales are recorded. */
interface Asked {
	readonly asked: Promise<Made>;
}

function isAsked(outcome: Committed | Refusal | Trouble | Asked): outcome is Asked {
	return 'asked' in outcome && outcome.asked instanceof Promise;
}

const DROPPED: Trouble = { trouble: 'dropped', detail: 'another device goes on as this till' };
const OVER: Trouble = { trouble: 'not-ready', detail: 'this device takes its new keys' };
const NOT_OWNER: Trouble = { trouble: 'another-tab', detail: 'another tab of this till has taken over' };
const BUSY: Trouble = { trouble: 'storage-failed', detail: `the chain moved ${MOST_TRIES} times while deciding; try again` };

/** Awaited when its turn comes; until then a failure is nobody's unhandled rejection. */
function observed<Result>(promise: Promise<Result>): Promise<Result> {
	promise.catch(() => undefined);
	return promise;
}

function receiptOf(decision: Decision, key: IntentKey, entries: readonly Entry[]): Omit<SaleRecord, 'status' | 'entry' | 'seq'> | undefined {
	if (!decision.takesReceipt) return undefined;
	const fact = decision.branch.find((one) => 'receipt' in one);
	const entry = entries[0];
	if (fact === undefined || entry === undefined) throw new Error('a receipt number was taken by nothing that has a receipt');
	return { key, receipt: fact.receipt, totalMinor: fact.totalMinor, atMs: entry.header.at };
}
