/**
 * Old entries that have left this till are fetched one place at a time from whoever kept them: an old receipt is shown, and refunded.
 *
 * 1. An answer is one short piece of one chain, or entries by their hash; nothing about the asker is kept.
 * 2. A receipt is found by halving: a device's receipt numbers grow along its chain. Twenty questions find one among a million entries.
 * 3. What comes is checked like everything from others. It is shown and folded where it is asked for, and not stored.
 * 4. Nobody there, or nobody who has it: after a few seconds the answer is that there is none. Whoever has let go of it as well hides nobody who has it.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Documents, EntryStore, Timers } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import type { DeviceId, EntryHash, Scope } from '#schemas/ids.ts';
import { RECALL_ENTRIES, type DirectMessage } from '#schemas/wire/direct.ts';
import { createQuestions } from './questions.ts';
import type { Verifier } from './verify.ts';

export interface RecallDeps {
	readonly documents: Pick<Documents, 'sendTo' | 'onDirect' | 'onLinked'>;
	readonly entryStore: Pick<EntryStore, 'chain'>;
	readonly ledger: Pick<Ledger, 'entry' | 'branch'>;
	readonly verifier: Verifier;
	readonly timers: Pick<Timers, 'after'>;
	/** Own entries that lie in no entry store (a till's), in order. */
	readonly ownChain: (scope: Scope, fromSeq: number, limit: number) => readonly Uint8Array[] | undefined;
	readonly own: DeviceId | undefined;
}

export interface Recall {
	/** The entry that bears this number on this device's chain, looked for up to a place. */
	receipt(device: DeviceId, receipt: Pick<Receipt, 'till' | 'number'>, upToSeq: number): Promise<Entry | undefined>;
	byHash(hashes: readonly EntryHash[]): Promise<readonly Entry[]>;
	close(): void;
}

type Ask = Extract<DirectMessage, { t: 'recall' }>;
type Wanted = Pick<Ask, 'chain' | 'hashes'>;

const ANSWER_WITHIN_MS = 3_000;

export function createRecall({ documents, entryStore, ledger, verifier, timers, ownChain, own }: RecallDeps): Recall {
	const questions = createQuestions<readonly Uint8Array[]>(timers);

	// ——— answering

	async function answerFor({ id, chain, hashes }: Ask): Promise<DirectMessage> {
		const found = chain === undefined ? [] : await readChain(chain);
		const named = (hashes ?? []).flatMap((hash) => ledger.entry(hash)?.sealed ?? []);
		return { t: 'recalled', id, sealed: [...found, ...named].slice(0, RECALL_ENTRIES).map(hexOf) };
	}

	async function readChain({ device, scope, fromSeq }: NonNullable<Ask['chain']>): Promise<readonly Uint8Array[]> {
		if (scope === 'branch' && verifier.certificateOf(device)?.branch !== ledger.branch) return [];
		return (device === own ? ownChain(scope, fromSeq, RECALL_ENTRIES) : undefined) ?? entryStore.chain(device, scope, fromSeq, RECALL_ENTRIES);
	}

	// ——— asking

	/** Of everybody who is there what begins nearest to that place: one that has let go of it answers with what it has farther on. */
	async function fetchChain(chain: NonNullable<Wanted['chain']>): Promise<readonly Entry[]> {
		let nearest: readonly Entry[] = [];
		for (const peer of helpfulFirst()) {
			const found = (await ask(peer, { chain })).filter(
				({ header: { device, scope, seq } }) => device === chain.device && scope === chain.scope && seq >= chain.fromSeq,
			);
			if (lowestSeq(found) >= lowestSeq(nearest)) continue;
			nearest = found;
			helpful = peer;
			if (lowestSeq(found) === chain.fromSeq) break;
		}
		return nearest;
	}

	/** One may have some of them, and another the rest. */
	async function fetchHashes(hashes: readonly EntryHash[]): Promise<readonly Entry[]> {
		const found = new Map<EntryHash, Entry>();
		for (const peer of helpfulFirst()) {
			const left = hashes.filter((hash) => !found.has(hash));
			if (left.length === 0) break;
			for (const entry of await ask(peer, { hashes: left })) if (left.includes(entry.hash)) found.set(entry.hash, entry);
		}
		return [...found.values()];
	}

	/** Whoever knew best is asked first the next time: twenty questions for a receipt go to the same. */
	let helpful: string | undefined;
	function helpfulFirst(): readonly string[] {
		return [...questions.linked].sort((a, b) => Number(b === helpful) - Number(a === helpful));
	}

	async function ask(peer: string, wanted: Wanted): Promise<readonly Entry[]> {
		const sealed = await questions.ask(peer, ANSWER_WITHIN_MS, (id) => {
			documents.sendTo(peer, { t: 'recall', id, ...wanted });
		});
		const entries = await Promise.all((sealed ?? []).map((bytes) => verifier.entry(bytes)));
		return entries.filter((one): one is Entry => 'header' in one);
	}

	async function receipt(device: DeviceId, { till, number }: Pick<Receipt, 'till' | 'number'>, upToSeq: number): Promise<Entry | undefined> {
		let [low, high] = [1, upToSeq];
		while (low <= high) {
			const middle = low + Math.floor((high - low) / 2);
			let next = middle;
			/** The first number from the middle on; entries without one lie in between. */
			let first: number | undefined;
			while (first === undefined && next <= high) {
				const page = await fetchChain({ device, scope: 'branch', fromSeq: next });
				if (page.length === 0) return undefined;
				for (const entry of page) {
					const found = receiptOf(entry);
					if (found?.till === till && found.number === number) return entry;
					if (entry.header.seq <= high) first ??= found?.number;
					next = Math.max(next, entry.header.seq + 1);
				}
			}
			if (first === undefined || first > number) high = middle - 1;
			else low = next;
		}
		return undefined;
	}

	documents.onDirect((message, from) => {
		if (message.t === 'recall') {
			answerFor(message).then(
				(answer) => {
					documents.sendTo(from, answer);
				},
				() => undefined, // A disk that fails answers nothing; the asker goes on to the next.
			);
		} else if (message.t === 'recalled') questions.hear(from, message.id, message.sealed.map(bytesOfHex));
	});
	documents.onLinked(questions.link);

	return {
		receipt,
		byHash: (hashes) => fetchHashes(hashes.slice(0, RECALL_ENTRIES)),
		close: questions.close,
	};
}

function lowestSeq(entries: readonly Entry[]): number {
	return Math.min(...entries.map(({ header }) => header.seq));
}

function receiptOf({ facts }: Entry): Receipt | undefined {
	for (const fact of facts) if ('receipt' in fact) return fact.receipt;
	return undefined;
}
