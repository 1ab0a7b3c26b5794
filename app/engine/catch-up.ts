/**
 * What document sync does not bring: closed ranges, forks, what a long absence missed, other branches' store chains. Every peer answers "what have you after
 * these marks?" from what it holds on disk.
 *
 * 1. An answer is one page, bounded; nothing about the asker is kept. Whoever wants more asks again, with what it holds by then. A peer is answered one question
 *    at a time: of those that it asks meanwhile only the newest counts.
 * 2. Pages begin with the certificates of their devices, and go through the same door as everything else from others.
 * 3. One ask at a time; an answer that does not come in time, or that brings nothing new though it said there was more, ends the asking until the next look.
 * 4. A branch's entries go to devices of that branch only, the store's to everybody of the store. Who that is the links have proven.
 * 5. Where a process has many branches (`turns`), a page is taken in piece by piece, in turn with what the others do: whoever was long away brings page after page.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Documents, EntryStore, Timers, Turns } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { DeviceId, Scope } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import { PAGE_BYTES, PAGE_ENTRIES, type DirectMessage } from '#schemas/wire/direct.ts';
import type { Incoming } from './intake.ts';
import type { Verifier } from './verify.ts';

export interface CatchUpDeps {
	readonly documents: Pick<Documents, 'sendTo' | 'onDirect' | 'onLinked'>;
	readonly entryStore: Pick<EntryStore, 'chain'>;
	readonly ledger: Pick<Ledger, 'lackedBy' | 'branch'>;
	/** How far what is held here reaches, or need not be told. */
	readonly locate: () => Promise<readonly Mark[]>;
	/** Somebody has nothing more. */
	readonly onCaughtUp?: () => void;
	/** What comes now may show that more is wanted: from below a cut. */
	readonly wantsMore?: () => boolean;
	/** Something is waited for: a peer is asked as soon as it is linked. */
	readonly isUrgent?: () => boolean;
	/** Grows with everything new that is held. */
	readonly held: () => number;
	readonly verifier: Pick<Verifier, 'chainOf' | 'certificateOf'>;
	/** Own entries that lie in no entry store (a till's), in order. */
	readonly ownChain: (scope: Scope, fromSeq: number, limit: number) => readonly Uint8Array[] | undefined;
	readonly own: DeviceId | undefined;
	readonly take: (incoming: readonly Incoming[]) => void;
	/** Resolves when what was taken is through. */
	readonly idle: () => Promise<void>;
	readonly timers: Timers;
	/** Of a process with many branches; absent: there is only this one. */
	readonly turns?: Turns | undefined;
}

export interface CatchUp {
	/** Asks everybody who is linked, one after another. */
	askAll(): void;
	/** Entries that came this way since the start. */
	received(): number;
	close(): void;
}

/** Document sync gets a start: what it brings need not be asked for. */
const AFTER_LINK_MS = 3_000;
const LOOK_EVERY_MS = 60_000;
const ANSWER_WITHIN_MS = 10_000;
/** Of a page: to read so many takes a ms. */
const TAKEN_AT_ONCE = 32;
/** As many as an ask holds: 40 devices with both chains, 25 places of each. */
const MOST_MARKS = 2_000;

export function createCatchUp(deps: CatchUpDeps): CatchUp {
	const { documents, entryStore, ledger, verifier, own, timers, turns } = deps;
	const linked = new Set<string>();
	const queue: string[] = [];
	const stops = new Set<() => void>();
	let asking: { readonly peer: string; readonly id: number; readonly before: number; readonly giveUp: () => void } | undefined;
	let lastId = 0;
	let received = 0;
	let closed = false;

	function later(ms: number, task: () => void): () => void {
		const stop = timers.after(ms, () => {
			stops.delete(stop);
			task();
		});
		stops.add(stop);
		return stop;
	}

	function wish(peer: string): void {
		if (!queue.includes(peer)) queue.push(peer);
		askNext();
	}

	function askNext(): void {
		if (asking !== undefined || closed) return;
		const peer = queue.shift();
		if (peer === undefined) return;
		if (linked.has(peer)) ask(peer);
		else askNext();
	}

	function ask(peer: string): void {
		lastId += 1;
		const id = lastId;
		const giveUp = later(ANSWER_WITHIN_MS, done);
		asking = { peer, id, before: deps.held(), giveUp };
		deps.locate().then(
			(marks) => {
				if (asking?.id === id) documents.sendTo(peer, { t: 'ask', id, above: marks.slice(0, MOST_MARKS) });
			},
			() => {
				doneWith(id); // A disk that does not answer is asked again with the next look.
			},
		);
	}

	function doneWith(id: number): void {
		if (asking?.id === id) done();
	}

	function done(): void {
		asking?.giveUp();
		asking = undefined;
		askNext();
	}

	async function hear(message: DirectMessage, from: string): Promise<void> {
		if (message.t === 'ask') await answer(message, from);
		else if (message.t === 'page') await takePage(message, from);
	}

	// ——— answering

	type Ask = Extract<DirectMessage, { t: 'ask' }>;
	/** What each peer asked while it is being answered: the newest alone. */
	const answering = new Map<string, Ask | undefined>();

	async function answer(asked: Ask, from: string): Promise<void> {
		const isBusy = answering.has(from);
		answering.set(from, isBusy ? asked : undefined);
		if (isBusy) return;
		try {
			for (let next: Ask | undefined = asked; next !== undefined && !closed; next = answering.get(from)) {
				answering.set(from, undefined);
				documents.sendTo(from, await pageFor(next));
			}
		} finally {
			answering.delete(from);
		}
	}

	async function pageFor({ id, above }: Ask): Promise<DirectMessage> {
		const sealed: string[] = [];
		const chains = new Map<DeviceId, string>();
		let bytes = 0;
		let more = false;
		for (const { device, scope, fromSeq } of ledger.lackedBy(above)) {
			const proof = verifier.chainOf(device);
			if (proof === undefined || (scope === 'branch' && verifier.certificateOf(device)?.branch !== ledger.branch)) continue;
			const found = await readChain(device, scope, fromSeq, PAGE_ENTRIES);
			for (const one of found) {
				if (sealed.length >= PAGE_ENTRIES || bytes >= PAGE_BYTES) {
					more = true;
					break;
				}
				chains.set(device, hexOf(proof));
				sealed.push(hexOf(one));
				bytes += one.length;
			}
			if (found.length >= PAGE_ENTRIES) more = true;
			if (more) break;
		}
		return { t: 'page', id, chains: [...chains.values()], sealed, more };
	}

	async function readChain(device: DeviceId, scope: Scope, from: number, limit: number): Promise<readonly Uint8Array[]> {
		const mine = device === own ? deps.ownChain(scope, from, limit) : undefined;
		return mine ?? entryStore.chain(device, scope, from, limit);
	}

	// ——— taking

	async function takePage({ id, chains, sealed, more }: Extract<DirectMessage, { t: 'page' }>, from: string): Promise<void> {
		if (asking === undefined || asking.id !== id || asking.peer !== from) return; // Too late, or never asked for.
		const { before, giveUp } = asking;
		giveUp(); // It has answered; to take it in may last longer than that.
		const source = `catch-up from ${from}`;
		const items = [...chains, ...sealed];
		const takeSome = (some: readonly string[]): void => {
			deps.take(some.map((text): Incoming => ({ bytes: bytesOfHex(text), route: 'catch-up', source })));
		};
		try {
			if (turns === undefined) takeSome(items);
			else
				for (let place = 0; place < items.length && !closed; place += TAKEN_AT_ONCE)
					await turns.take(() => {
						takeSome(items.slice(place, place + TAKEN_AT_ONCE));
					});
			await deps.idle();
			received += sealed.length;
			if (!more) deps.onCaughtUp?.();
			if ((more || deps.wantsMore?.() === true) && deps.held() !== before && !queue.includes(from)) queue.unshift(from);
		} finally {
			doneWith(id);
		}
	}

	documents.onDirect((message, from) => {
		hear(message, from).catch(() => undefined); // A disk that fails answers nothing; the asker asks again.
	});
	documents.onLinked((peer, isLinked) => {
		if (!isLinked) {
			linked.delete(peer);
			if (asking?.peer === peer) done();
			return;
		}
		linked.add(peer);
		if (deps.isUrgent?.() === true) wish(peer);
		later(AFTER_LINK_MS, () => {
			wish(peer);
		});
	});
	const askAll = (): void => {
		for (const peer of linked) wish(peer);
	};
	stops.add(timers.every(LOOK_EVERY_MS, askAll));

	return {
		askAll,
		received: () => received,
		close() {
			closed = true;
			for (const stop of stops) stop();
		},
	};
}
