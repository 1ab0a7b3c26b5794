/**
 * What document sync does not bring: closed ranges, forks, what a long absence missed, other branches' store chains. Every peer answers "what have you after
 * these marks?" from what it holds on disk.
 *
 * 1. An answer is one page, bounded; nothing about the asker is kept. Whoever wants more asks again, with what it holds by then. A peer is answered one question
 *    at a time: of those that it asks meanwhile only the newest counts.
 * 2. Pages begin with the certificates of their devices, and go through the same door as everything else from others.
 * 3. One ask at a time; an answer that brings nothing new though it said there was more ends the asking until the next look. For one that does not come in time
 *    nobody waits, and it is taken when it comes: on a thin line a page takes longer than that, each time.
 * 4. A branch's entries go to devices of that branch only, the store's to everybody of the store. Who that is the links have proven.
 * 5. A gap that nobody fills keeps back nothing else: where a page holds only what lies beyond it and is here already, what stands behind that is asked for.
 * 6. Where a process has many branches (`turns`), a page is taken in piece by piece, in turn with what the others do: whoever was long away brings page after page.
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
	readonly ledger: Pick<Ledger, 'lackedBy' | 'beyondGaps' | 'branch'>;
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
	/** Somebody who is linked may still have more: he is asked soon, or has not answered yet. For whoever says nothing for minutes nobody waits. */
	isAsking(): boolean;
	/** Entries that came this way since the start. */
	received(): number;
	close(): void;
}

interface Asked {
	readonly peer: string;
	readonly id: number;
	/** How much was held then. */
	readonly before: number;
	/** It names what it holds beyond its gaps. */
	readonly isBeyond: boolean;
	readonly giveUp: () => void;
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
	let asking: Asked | undefined;
	/** Whose answer is waited for no more, by peer. */
	const late = new Map<string, Asked>();
	/** Linked a moment ago, and to be asked. */
	const soon = new Set<string>();
	/** Those whose answer was late at a look already. */
	const mute = new Set<string>();
	/** Those whose answer was full of what lies beyond a gap and is held here: asked once more, for what stands behind that. */
	const beyond = new Set<string>();
	let lastId = 0;
	let received = 0;
	let closed = false;

	function later(ms: number, task: () => void): () => void {
		const stop = timers.after(ms, () => {
			stops.delete(stop);
			task();
		});
		stops.add(stop);
		return () => {
			stops.delete(stop);
			stop();
		};
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
		const giveUp = later(ANSWER_WITHIN_MS, () => {
			if (asking !== undefined) late.set(peer, asking);
			done();
		});
		const isBeyond = beyond.delete(peer);
		asking = { peer, id, before: deps.held(), isBeyond, giveUp };
		deps.locate().then(
			(marks) => {
				const above = isBeyond ? [...ledger.beyondGaps(), ...marks] : marks;
				if (asking?.id === id) documents.sendTo(peer, { t: 'ask', id, above: above.slice(0, MOST_MARKS) });
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
		const asked = [asking, late.get(from)].find((one) => one?.id === id && one.peer === from);
		if (asked === undefined) return; // Never asked for, or of a link before.
		if (late.get(from) === asked) late.delete(from);
		mute.delete(from);
		const { before, isBeyond, giveUp } = asked;
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
			const brought = deps.held() !== before;
			const goesOn = brought ? more || deps.wantsMore?.() === true : more && !isBeyond && ledger.beyondGaps().length > 0;
			if (!goesOn || queue.includes(from)) return;
			if (isBeyond || !brought) beyond.add(from);
			queue.unshift(from);
		} finally {
			doneWith(id);
			askNext();
		}
	}

	documents.onDirect((message, from) => {
		hear(message, from).catch(() => undefined); // A disk that fails answers nothing; the asker asks again.
	});
	documents.onLinked((peer, isLinked) => {
		if (!isLinked) {
			for (const about of [linked, late, beyond, soon, mute]) about.delete(peer);
			if (asking?.peer === peer) done();
			return;
		}
		linked.add(peer);
		if (deps.isUrgent?.() === true) wish(peer);
		soon.add(peer);
		later(AFTER_LINK_MS, () => {
			soon.delete(peer);
			wish(peer);
		});
	});
	const askAll = (): void => {
		for (const peer of linked) wish(peer);
	};
	stops.add(
		timers.every(LOOK_EVERY_MS, () => {
			for (const peer of late.keys()) mute.add(peer);
			askAll();
		}),
	);

	return {
		askAll,
		isAsking: () => soon.size > 0 || [asking?.peer, ...queue, ...late.keys()].some((peer) => peer !== undefined && !mute.has(peer)),
		received: () => received,
		close() {
			closed = true;
			for (const stop of stops) stop();
		},
	};
}
