/**
 * Where it becomes true: decide, seal, and one strict transaction of the vault.
 *
 * Invariants:
 * 1. Commits run one at a time. A head that moved meanwhile means deciding and sealing again, under the same key.
 * 2. One key, one intent: deciding again under a key that is recorded answers what was recorded, and writes nothing.
 * 3. Receipt numbers are taken in the same transaction as the entry that bears them: no gap, no number twice.
 * 4. Whoever does not own the vault writes nothing.
 */
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { isRefusal, type Decision, type Refusal } from '#core/intent.ts';
import { StorageError, type Digest, type SaleRecord, type Vault, type VaultState } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { EntryHash, IntentKey } from '#schemas/ids.ts';
import type { Trouble } from './commands.ts';
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
	/** Durable from here on: the ledger, the lane and the segment document hear of it. */
	readonly onRecorded: (entries: readonly Entry[]) => void;
}

export interface CommitRequest {
	readonly key: IntentKey;
	/** Given the receipt number that it would take. Pure, or asked of the worker; runs again when a head has moved. */
	readonly decide: (nextReceiptNumber: number) => Decision | Refusal | Promise<Decision | Refusal>;
	readonly removesCart?: IntentKey;
}

export interface Committed {
	readonly entries: readonly Entry[];
	/** Recorded by an earlier try. */
	readonly again: boolean;
}

export type Commit = (request: CommitRequest) => Promise<Committed | Refusal | Trouble>;

const MOST_TRIES = 5;

export function createCommit(deps: CommitDeps): Commit {
	const { sealer, vault, digest } = deps;
	let tail: Promise<unknown> = Promise.resolve();

	async function run(request: CommitRequest): Promise<Committed | Refusal | Trouble> {
		try {
			return await record(request);
		} catch (error) {
			if (error instanceof StorageError) return { trouble: error.kind === 'full' ? 'storage-full' : 'storage-failed', detail: error.message };
			throw error;
		}
	}

	async function record({ key, decide, removesCart }: CommitRequest): Promise<Committed | Refusal | Trouble> {
		const before = await recorded(key);
		if (before !== undefined) return before;
		for (let tries = 0; tries < MOST_TRIES; tries += 1) {
			const state: VaultState = await vault.read();
			const decision = await decide(state.lastReceiptNumber + 1);
			if (isRefusal(decision)) return decision;
			const { branch, store } = decision;
			const sealed = await sealer({ branch, store, key, heads: state.heads, hlc: state.hlc, seen: deps.seen(), day: deps.day() });
			if ('tooLarge' in sealed) return { refused: 'too-large', bytes: sealed.tooLarge };
			const sale = receiptOf(decision, key, sealed.entries);
			const outcome = await vault.record({
				...{ version: state.version, ownership: deps.ownership(), entries: sealed.entries, heads: sealed.heads, hlc: sealed.hlc },
				...(sale === undefined ? {} : { sale }),
				...(removesCart === undefined ? {} : { removesCart }),
			});
			if ('recorded' in outcome) {
				deps.onRecorded(sealed.entries);
				return { entries: sealed.entries, again: false };
			}
			switch (outcome.failed) {
				case 'not-owner':
					return { trouble: 'another-tab', detail: 'another tab of this till has taken over' };
				case 'key-known': {
					const known = await recorded(key);
					if (known !== undefined) return known;
					break;
				}
				case 'moved':
			}
		}
		return { trouble: 'storage-failed', detail: `the chain moved ${MOST_TRIES} times while sealing; try again` };
	}

	async function recorded(key: IntentKey): Promise<Committed | undefined> {
		const sealed = await vault.entriesByKey(key);
		if (sealed.length === 0) return undefined;
		return { entries: await Promise.all(sealed.map(openOwn)), again: true };
	}

	/** Own bytes from the own disk: the hash is computed anew, the signature is this device's. */
	async function openOwn(sealed: Uint8Array): Promise<Entry> {
		const parts = splitSealed(sealed);
		const decoded = parts === undefined ? { damaged: 'not a sealed entry' } : decodeBody(parts.body);
		if (parts === undefined || 'damaged' in decoded) throw new StorageError('failed', `an own entry cannot be read back: ${'damaged' in decoded ? decoded.damaged : ''}`);
		return { hash: hexOf(await digest.sha256(parts.body)) as EntryHash, header: decoded.header, facts: decoded.facts, sealed };
	}

	return (request) => {
		const mine = tail.then(() => run(request));
		tail = mine.catch(() => undefined);
		return mine;
	};
}

function receiptOf(decision: Decision, key: IntentKey, entries: readonly Entry[]): Omit<SaleRecord, 'status' | 'entry' | 'seq'> | undefined {
	if (!decision.takesReceipt) return undefined;
	const fact = decision.branch.find((one) => one.type === 'sale.completed' || one.type === 'refund.completed');
	const entry = entries[0];
	if (fact === undefined || entry === undefined) throw new Error('a receipt number was taken by no sale and no refund');
	return { key, receipt: fact.receipt, totalMinor: fact.totalMinor, atMs: entry.header.at };
}
