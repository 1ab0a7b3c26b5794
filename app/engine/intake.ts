/**
 * The one door for bytes from others: what comes out of it is verified, and durable here or on its way there, or is a finding with document and route.
 *
 * Invariants:
 * 1. Nothing is folded before its signature is checked, and before the entry store has it on disk; but for what a till hears by the lane (`foldsAhead`), which is
 *    `onTheWay` until it is there.
 * 2. An entry counts once, however many peers deliver it, by whatever route. A copy costs a lookup, no signature check.
 * 3. Entries of a device whose certificate is not here yet, or under a key whose renewal is not, wait, in bounded memory, and go on as soon as it comes. What falls out of the bound
 *    comes again with the next look at its document.
 * 4. A store that fails keeps the batch and tries again, whether it is written or asked; nothing is dropped because a disk was busy.
 * 5. What comes by the lane goes before what comes by documents and catch-up: the newest sale does not wait for a backlog. Where a process has many branches
 *    (`turns`), a backlog goes in short slices, one branch after another, and is read a few entries at a time; what any of them sold just now goes between.
 * 6. What lies below the checkpoint is asked of the store. Is it really new, the checkpoint is given up before it is stored: else a start that reads only
 *    what lies above would never see it again. So is one that this run has kept since, for what it knows to be new.
 * 7. Of a device that has written its bytes of the day nothing more is taken, nor its signatures checked, and nobody else waits for that. What is put off is
 *    as if it had not come. What a person brings as a file is taken whole.
 */
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import type { Clock, DamagedBytes, Digest, EntryStore, Route, Timers, Turns } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import { textOfLetters } from '#schemas/hex.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { DayBudget } from './day-budget.ts';
import { chainsIn, type Verifier } from './verify.ts';
import { DOCUMENT_BOUNDS } from '#schemas/wire/bounds.ts';

export interface Incoming {
	/** A sealed entry or a certificate chain. */
	readonly bytes: Uint8Array;
	readonly route: Route;
	/** What a finding names: a segment, a lane, a file. */
	readonly source: string;
}

export interface IntakeDeps {
	readonly entryStore: EntryStore;
	readonly verifier: Verifier;
	readonly digest: Digest;
	readonly clock: Clock;
	readonly timers: Timers;
	/** Of a process with many branches; absent: there is only this one. */
	readonly turns?: Turns | undefined;
	/** Verified, durable or `onTheWay`, new. */
	readonly onEntries: (entries: readonly Entry[]) => void;
	/** Durable; also what is not folded now. */
	readonly onStored?: (entries: readonly Entry[]) => void;
	/** A certificate, or renewals of it, that were not known before. */
	readonly onCertificate: (certificate: Certificate) => void;
	/** One more key of this device is proven, and is not its key: another renewal outdid it. */
	readonly onRivals?: (device: DeviceId) => void;
	readonly onFinding: (finding: DamagedBytes) => void;
	readonly isBelowCheckpoint?: (entry: Entry) => boolean;
	readonly giveUpCheckpoint?: () => Promise<void>;
	/** Of a checkpoint that this run keeps for the next start: it begins without this entry, should it be new here. */
	readonly isBelowKept?: (entry: Entry) => boolean;
	/** The next start begins as this run did. */
	readonly giveUpKept?: () => Promise<void>;
	/** Whether what comes by the lane is folded while it is on its way to the disk. Whoever signs for its disk says no, and nobody says yes to what the store decides. */
	readonly foldsAhead?: (entry: Entry) => boolean;
	/** The checkpoint is another's word: what lies below it is kept for the day on which it is recomputed, and folded by nobody until then. */
	readonly isRecomputedLater?: () => boolean;
	/** A hub's and a relay's, with which entries it takes whatever is full: those that were taken before. */
	readonly day?: { readonly budget: Pick<DayBudget, 'full' | 'take'>; readonly mayBeBack: (header: Entry['header']) => boolean } | undefined;
}

export interface Intake {
	take(incoming: readonly Incoming[]): void;
	/** Entries that came another way (the own journal): copies of them are recognised from now on. */
	know(entries: readonly Entry[]): void;
	/** Entries that came another way and are not there any more: a copy is new again. */
	forget(entries: readonly Entry[]): void;
	/** The chain's certificate, verified and kept; undefined when it proves nothing. */
	takeChain(chain: Uint8Array): Promise<Certificate | undefined>;
	/** Whether document sync has brought it, not only the lane. */
	cameByDocument(entry: Entry): boolean;
	/** Second copies in documents: the same fact again, closed quietly. */
	duplicates(): number;
	/** Entries that were stored for a recomputation, and not folded. */
	storedBelow(): number;
	/** Folded, and not yet on the disk: nobody is told that they are here. */
	onTheWay(): ReadonlySet<Entry>;
	/** Something waits to be looked at, or to be on the disk. */
	isBusy(): boolean;
	/** Resolves when nothing is waiting to be looked at. */
	idle(): Promise<void>;
	/** Takes nothing more; resolves when the batch at hand is through. */
	close(): Promise<void>;
}

/** Enough to keep the verifier busy, little enough to let a question in between two batches. */
const BATCH = 128;
/** Of a process with many branches: so many share a write and a fold, which take a few ms each. */
const SLICE = 32;
/** Of these, read in one go: a quarter of a ms each, with handing its signature to the threads that check it; thirty-two kept everybody's sales waiting for 8 ms. */
const READ_AT_ONCE = 8;
const RETRY_MS = 500;
/** A chain that forks has two entries at a place; more than a few is no shop's life, and one that is not found is only folded from farther back. */
const SAME_PLACE = 8;

export function createIntake(deps: IntakeDeps): Intake {
	const { entryStore, verifier, digest, clock, timers, turns } = deps;
	const most = turns === undefined ? BATCH : SLICE;
	const mostRead = turns === undefined ? BATCH : READ_AT_ONCE;
	const known = new Map<string, { byDocument: boolean }>();
	const waiting = new Map<DeviceId, Incoming[]>();
	let waitingBytes = 0;
	/** What came by the live lane: a handful, which a month of documents must not keep waiting. */
	const urgent: Queue = { waiting: [], draining: undefined, inTurn: async (slice) => slice() };
	const backlog: Queue = { ...urgent, waiting: [], inTurn: turns?.take ?? urgent.inTurn };
	const onTheWay = new Set<Entry>();
	let duplicates = 0;
	let storedBelow = 0;
	let closed = false;

	async function drain(queue: Queue): Promise<void> {
		try {
			while (queue.waiting.length > 0 && !closed) await takeIn(queue.waiting.splice(0, most), queue);
		} finally {
			// A batch that fails is our mistake and is thrown; what comes after it is taken in all the same.
			queue.draining = undefined;
		}
	}

	async function takeIn(batch: readonly Incoming[], queue: Queue): Promise<void> {
		const { inTurn } = queue;
		// Chains first: an entry of this very batch may need one.
		for (const incoming of batch) if (!looksSealed(incoming.bytes)) await takeChainItem(incoming);
		const sealed = batch.filter(({ bytes }) => looksSealed(bytes));
		const opened: (Entry | undefined)[] = [];
		for (let from = 0; from < sealed.length; from += mostRead)
			opened.push(...(await inTurn(() => Promise.all(sealed.slice(from, from + mostRead).map(open)))));
		const fresh = new Map<EntryHash, Entry>();
		for (const entry of opened) if (entry !== undefined) fresh.set(entry.hash, entry);
		if (fresh.size === 0) return;
		const byHand = new Set(opened.filter((_, place) => sealed[place]?.route === 'file'));
		const entries = await withinTheDay(await withoutStored([...fresh.values()]), byHand);
		if (entries.length === 0) return;
		if (queue === urgent && entries.every(goesAhead)) {
			await foldAhead(entries);
			return;
		}
		await store(entries);
		await keepChainsOf(entries);
		const toFold = deps.isRecomputedLater?.() === true ? entries.filter((entry) => deps.isBelowCheckpoint?.(entry) !== true) : entries;
		storedBelow += entries.length - toFold.length;
		if (toFold.length === 0) return;
		await inTurn(() => {
			deps.onEntries(toFold);
		});
	}

	/** Not in a turn: a disk that does not answer keeps its own branch waiting, and those that write at once share a commit. */
	async function store(entries: readonly Entry[]): Promise<void> {
		await untilDone(() => entryStore.add(entries));
		for (const entry of entries) onTheWay.delete(entry);
		deps.onStored?.(entries);
	}

	/** Who may be believed, and what a start begins with, is on the disk before it is folded. */
	function goesAhead(entry: Entry): boolean {
		return deps.foldsAhead?.(entry) === true && deps.isBelowCheckpoint?.(entry) !== true && chainsIn([entry]).length === 0;
	}

	async function foldAhead(entries: readonly Entry[]): Promise<void> {
		for (const entry of entries) onTheWay.add(entry);
		try {
			deps.onEntries(entries);
		} finally {
			// Also when folding fails, which is our own mistake.
			await store(entries);
		}
	}

	async function withoutStored(entries: readonly Entry[]): Promise<readonly Entry[]> {
		if (deps.isBelowCheckpoint === undefined) return entries;
		const stored = new Set<Entry>();
		for (const entry of entries.filter(deps.isBelowCheckpoint)) {
			const { device, scope, seq } = entry.header;
			const there = await untilDone(() => entryStore.chain(device, scope, seq, SAME_PLACE));
			if (there.some((sealed) => signatureOf(sealed) === signatureOf(entry.sealed))) stored.add(entry);
			else if (deps.isRecomputedLater?.() !== true) await untilDone(() => deps.giveUpCheckpoint?.() ?? Promise.resolve());
		}
		const fresh = entries.filter((entry) => !stored.has(entry));
		if (fresh.some((entry) => deps.isBelowKept?.(entry) === true)) await untilDone(() => deps.giveUpKept?.() ?? Promise.resolve());
		return fresh;
	}

	async function withinTheDay(entries: readonly Entry[], byHand: ReadonlySet<Entry | undefined>): Promise<readonly Entry[]> {
		const { day } = deps;
		if (day === undefined) return entries;
		const taken = new Set(await untilDone(() => day.budget.take(entries.filter((entry) => !byHand.has(entry)))));
		const isPutOff = (entry: Entry): boolean => !taken.has(entry) && !byHand.has(entry);
		for (const entry of entries) if (isPutOff(entry)) known.delete(signatureOf(entry.sealed));
		return entries.filter((entry) => !isPutOff(entry));
	}

	/** Before its signature is looked at: whoever says so falsely only puts off his own bytes. */
	function isPutOff({ bytes, route }: Incoming): boolean {
		if (route === 'file') return false;
		const full = deps.day?.budget.full().devices;
		if (full === undefined || full.size === 0) return false;
		const body = splitSealed(bytes)?.body;
		const read = body === undefined ? undefined : decodeBody(body);
		return read !== undefined && 'header' in read && full.has(read.header.device) && deps.day?.mayBeBack(read.header) !== true;
	}

	async function open(incoming: Incoming): Promise<Entry | undefined> {
		const name = signatureOf(incoming.bytes);
		if (isCopy(name, incoming) || isPutOff(incoming)) return undefined;
		const result = await verifier.entry(incoming.bytes);
		if ('damaged' in result) {
			await report(incoming, result.damaged);
			return undefined;
		}
		if ('unknownDevice' in result) {
			wait(result.unknownDevice, incoming);
			return undefined;
		}
		if (isCopy(name, incoming)) return undefined; // The other copy lay in the same batch.
		known.set(name, { byDocument: incoming.route === 'document' });
		return result;
	}

	function isCopy(name: string, { route }: Incoming): boolean {
		const before = known.get(name);
		if (before !== undefined && route === 'document') {
			if (before.byDocument) duplicates += 1;
			before.byDocument = true;
		}
		return before !== undefined;
	}

	async function takeChainItem(incoming: Incoming): Promise<void> {
		if ((await takeChain(incoming.bytes)) === undefined) await report(incoming, 'neither an entry nor a certificate of this store');
	}

	async function takeChain(chain: Uint8Array): Promise<Certificate | undefined> {
		const certificate = await verifier.chain(chain);
		const inForce = certificate && verifier.chainOf(certificate.device);
		if (certificate === undefined || inForce === undefined) return certificate;
		const { device } = certificate;
		const rivals = verifier.keyLine(device).rivals.length;
		if (rivals > (rivalsOf.get(device) ?? 0)) {
			rivalsOf.set(device, rivals);
			deps.onRivals?.(device);
			release(device); // Under a key that is not its key entries are entries: what they are worth the ledger says.
		}
		if (certified.get(device) === inForce) return certificate;
		certified.set(device, inForce);
		await untilDone(() => entryStore.addCertificates([{ device, chain: inForce }]));
		deps.onCertificate(certificate);
		release(device);
		return certificate;
	}
	/** The chain that is kept of each. */
	const certified = new Map<DeviceId, Uint8Array>();
	const rivalsOf = new Map<DeviceId, number>();

	function release(device: DeviceId): void {
		const released = waiting.get(device) ?? [];
		waiting.delete(device);
		for (const { bytes } of released) waitingBytes -= bytes.length;
		take(released);
	}

	/** The roster travels in the ledger: whoever is enrolled there may speak. */
	async function keepChainsOf(entries: readonly Entry[]): Promise<void> {
		for (const chain of chainsIn(entries)) await takeChain(chain);
	}

	function wait(device: DeviceId, incoming: Incoming): void {
		if (waitingBytes + incoming.bytes.length > DOCUMENT_BOUNDS.waitingBytes) return;
		waitingBytes += incoming.bytes.length;
		waiting.set(device, [...(waiting.get(device) ?? []), incoming]);
	}

	async function report({ bytes, route, source }: Incoming, reason: string): Promise<void> {
		const hash = hexOf(await digest.sha256(bytes)) as EntryHash;
		deps.onFinding({ document: source, route, reason, hash, atMs: clock.nowMs() });
	}

	async function untilDone<Answer>(work: () => Promise<Answer>): Promise<Answer> {
		for (;;) {
			try {
				return await work();
			} catch (error) {
				if (closed) throw error;
				await new Promise<void>((resolve) => timers.after(RETRY_MS, resolve));
			}
		}
	}

	function take(incoming: readonly Incoming[]): void {
		if (incoming.length === 0 || closed) return;
		for (const one of incoming) (one.route === 'lane' ? urgent : backlog).waiting.push(one);
		for (const queue of [urgent, backlog]) if (queue.waiting.length > 0) queue.draining ??= drain(queue);
	}

	const underWay = (): Promise<void> | undefined => urgent.draining ?? backlog.draining;

	return {
		take,
		takeChain,
		know(entries) {
			for (const { sealed } of entries) {
				const name = signatureOf(sealed);
				if (!known.has(name)) known.set(name, { byDocument: false });
			}
		},
		forget(entries) {
			for (const { sealed } of entries) known.delete(signatureOf(sealed));
		},
		cameByDocument: ({ sealed }) => known.get(signatureOf(sealed))?.byDocument === true,
		duplicates: () => duplicates,
		storedBelow: () => storedBelow,
		onTheWay: () => onTheWay,
		isBusy: () => underWay() !== undefined,
		async idle() {
			for (let draining = underWay(); draining !== undefined; draining = underWay()) await draining;
		},
		async close() {
			closed = true;
			// A write that failed while closing: the entry comes again with its document.
			for (const { draining } of [urgent, backlog]) await draining?.catch(() => undefined);
		},
	};
}

interface Queue {
	readonly waiting: Incoming[];
	draining: Promise<void> | undefined;
	readonly inTurn: Turns['take'];
}

/** A sealed entry is a CBOR array of two byte strings; a chain is an array of arrays. */
function looksSealed(bytes: Uint8Array): boolean {
	const BYTE_STRING = 2;
	return bytes[0] === 0x82 && (bytes[1] ?? 0) >> 5 === BYTE_STRING;
}

/**
 * A sealed entry ends in its 64 bytes of signature, and only verified ones are remembered: bytes that borrow a known signature for another body are
 * skipped, which is all that they deserve.
 */
function signatureOf(sealed: Uint8Array): string {
	const letters: number[] = [];
	for (let at = Math.max(0, sealed.length - SIGNATURE_BYTES); at < sealed.length; at += 1) letters.push(sealed[at] ?? 0);
	return textOfLetters(letters);
}

const SIGNATURE_BYTES = 64;
