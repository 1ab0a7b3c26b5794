/**
 * Checkpoints between peers: a hub or the relay offers the one it signed, a newcomer begins from it rather than from the shop's first day.
 *
 * 1. What is offered is taken whole or not at all: its signature, length and hash fit, and every entry in it proves itself.
 * 2. One peer is asked at a time, one part at a time; one that falls silent or changes its mind is left, and the next is asked.
 * 3. Who has begun from one asks the others for theirs, too: of the same cut it must be the same.
 * 4. Nothing is kept about whoever asks; certificates come before what they prove.
 */
import type { Digest, Documents, Timers } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import { FOLD_VERSION } from '#core/ledger/checkpoint.ts';
import type { CheckpointOffer } from '#schemas/wire/checkpoint-offer.ts';
import { CHECKPOINT_PART_BYTES, type DirectMessage } from '#schemas/wire/direct.ts';
import { createQuestions } from './questions.ts';
import { openOffer, type SignedCheckpoint } from './signed-checkpoint.ts';

export interface NewcomersDeps {
	readonly documents: Pick<Documents, 'sendTo' | 'onDirect' | 'onLinked'>;
	readonly digest: Digest;
	readonly timers: Timers;
	/** What this device signed. */
	readonly offered: () => (SignedCheckpoint & { readonly bytes: Uint8Array }) | undefined;
	/** Certificate chains that prove what is in it. */
	readonly chains: () => readonly Uint8Array[];
	readonly takeChain: (chain: Uint8Array) => Promise<unknown>;
	/** `begin`: nothing is here yet. `compare`: it began from one that it has not recomputed. */
	readonly wants: () => 'begin' | 'compare' | 'nothing';
	/** Whether such an offer is of use here at all: of this store and branch. */
	readonly fits: (offer: CheckpointOffer) => boolean;
	readonly begin: (from: SignedCheckpoint, bytes: Uint8Array) => Promise<void>;
	readonly compare: (other: CheckpointOffer) => Promise<void>;
}

type Answer = Extract<DirectMessage, { t: 'checkpoint' }>;

/** Whether there is one at all is a short answer; a part is a quarter of a megabyte, and a phone's hotspot brings it in this time. */
const HEAD_WITHIN_MS = 3_000;
const PART_WITHIN_MS = 15_000;
/** More certificates than a branch and its neighbours have; a message holds no more. */
const MOST_CHAINS = 500;

export interface Newcomers {
	/** Resolves when nobody is being asked: catch-up waits for it, or it would bring one by one what comes as a whole. */
	idle(): Promise<void>;
	close(): void;
}

export function createNewcomers(deps: NewcomersDeps): Newcomers {
	const { documents, digest, timers } = deps;
	const queue: string[] = [];
	const questions = createQuestions<Answer>(timers);
	let asking: Promise<void> | undefined;
	let closed = false;

	// ——— answering

	function answer({ id, part, last }: Extract<DirectMessage, { t: 'want-checkpoint' }>): Answer {
		const offered = deps.offered();
		if (offered === undefined || (last !== undefined && last !== offered.offer.last))
			return { t: 'checkpoint', id, part, parts: 0, chains: [], bytes: '' };
		const from = (part - 1) * CHECKPOINT_PART_BYTES;
		return {
			...{ t: 'checkpoint', id, part, signed: hexOf(offered.signed), parts: partsOf(offered.bytes.length) },
			chains: part === 0 ? deps.chains().slice(0, MOST_CHAINS).map(hexOf) : [],
			bytes: part === 0 ? '' : hexOf(offered.bytes.subarray(from, from + CHECKPOINT_PART_BYTES)),
		};
	}

	// ——— asking

	function askNext(): void {
		if (asking !== undefined || closed || deps.wants() === 'nothing') return;
		const peer = queue.shift();
		if (peer === undefined) return;
		asking = askOne(peer)
			.catch(() => undefined) // A disk that fails: entries come by themselves, only later.
			.finally(() => {
				asking = undefined;
				askNext();
			});
	}

	async function askOne(peer: string): Promise<void> {
		const head = await askPart(peer, 0);
		const opened = head?.signed === undefined ? undefined : await openOffer(bytesOfHex(head.signed), digest);
		if (head === undefined || opened === undefined || opened.offer.fold !== FOLD_VERSION || !deps.fits(opened.offer)) return;
		if (deps.wants() === 'compare') return deps.compare(opened.offer);
		for (const chain of head.chains) await deps.takeChain(bytesOfHex(chain));
		const bytes = await fetchParts(peer, opened.offer);
		if (bytes !== undefined && deps.wants() === 'begin') await deps.begin(opened, bytes);
	}

	async function fetchParts(peer: string, offer: CheckpointOffer): Promise<Uint8Array | undefined> {
		const bytes = new Uint8Array(offer.bytes);
		let at = 0;
		for (let part = 1; part <= partsOf(offer.bytes); part += 1) {
			const heard = await askPart(peer, part, offer.last);
			if (heard?.part !== part || at + heard.bytes.length / 2 > bytes.length) return undefined;
			bytes.set(bytesOfHex(heard.bytes), at);
			at += heard.bytes.length / 2;
		}
		return at === bytes.length && hexOf(await digest.sha256(bytes)) === offer.hash ? bytes : undefined;
	}

	async function askPart(peer: string, part: number, last?: CheckpointOffer['last']): Promise<Answer | undefined> {
		return questions.ask(peer, part === 0 ? HEAD_WITHIN_MS : PART_WITHIN_MS, (id) => {
			documents.sendTo(peer, { t: 'want-checkpoint', id, part, ...(last === undefined ? {} : { last }) });
		});
	}

	documents.onDirect((message, from) => {
		if (message.t === 'want-checkpoint') documents.sendTo(from, answer(message));
		else if (message.t === 'checkpoint') questions.hear(from, message.id, message);
	});
	documents.onLinked((peer, isLinked) => {
		questions.link(peer, isLinked);
		if (!isLinked) return;
		if (!queue.includes(peer)) queue.push(peer);
		askNext();
	});

	return {
		async idle() {
			while (asking !== undefined) await asking;
		},
		close() {
			closed = true;
			questions.close();
		},
	};
}

function partsOf(bytes: number): number {
	return Math.ceil(bytes / CHECKPOINT_PART_BYTES);
}
