/**
 * The replica of a branch: own entries go out, others' come in, both meet in the ledger. Runs in the till's worker, in the hub and in the relay.
 *
 * Invariants:
 * 1. An own entry is folded before `hear` returns, and on its way on the live lane; its segment document follows, and only then is it `ledgered`.
 * 2. Document sync alone is enough: a lane that drops everything changes when, not whether.
 * 3. A watermark is signed only over what the entry store has on disk.
 * 4. No peer makes this replica open documents without bound: segments are opened for certified devices, a few past the last entry held.
 * 5. A start folds the checkpoint and what lies above it. When something needs what lies below, everything is folded again, apart, while this ledger goes on;
 *    until then `recalculating` says that its figures are not the last word.
 * 6. A newcomer may begin from a checkpoint that a hub or the relay signed; until it is recomputed, `adopted` says whose word its figures are.
 * 7. A segment that is full, or whose device was removed, is closed once a hub's or the relay's newest watermark covers it: its document leaves, its entries
 *    stay in the entry store, and catch-up brings them to whoever lacks them. Entries that come for it all the same open it again.
 * 8. A till prunes what lies below the checkpoint that it began from, as `prunable.ts` says, and fetches what is asked for again. Its own journal is pruned by
 *    whoever holds the vault, after the note that says so is on disk here.
 * 9. Where segments rest (a relay), they are opened for what is missing, as `segment-rest.ts` says: what the lane drops still comes.
 * 10. From the moment at which the ledger says that a relay has renewed its key, nothing more is believed that the key before has signed. What is held of it
 *    stays, so that nothing that was in the cloud waits again, until the new key says its first word: that one rules whatever its clock says, for whoever has a
 *    copy of the old key may have dated a last word far ahead.
 */
import { chainKey } from '#core/entry/codec.ts';
import { compareHlc } from '#core/entry/hlc.ts';
import {
	compareTerms,
	hearLease,
	holdsLease as isHolding,
	liveHolder,
	QUIET_MS,
	setCloud,
	startLease,
	tickLease,
	type LeaseMessage,
	type LeaseStep,
} from '#core/lease/lease.ts';
import type { OwnHeads } from '#core/entry/taken-back.ts';
import { shiftId } from '#core/ledger/books/shifts.ts';
import type { Checkpoint } from '#core/ledger/checkpoint.ts';
import type { LedgerChange } from '#core/ledger/ledger.ts';
import type { RenewableLedger } from '#core/ledger/renewable.ts';
import type {
	Clock,
	DamagedBytes,
	Digest,
	Documents,
	EntryStore,
	LanPeer,
	PrunableEntryStore,
	Random,
	Signer,
	Timers,
	Turns,
	VaultFinding,
} from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import { ENTRIES_A_SEGMENT, segmentLabel, segmentOfSeq, type SegmentName } from '#schemas/documents/segment.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import { SCOPES, type BranchId, type DeviceId, type EntryHash, type Scope, type Sku, type StoreId } from '#schemas/ids.ts';
import type { Hlc, Mark } from '#schemas/mark.ts';
import type { LaneSaid } from '#schemas/wire/lane.ts';
import type { StockHead } from '#schemas/wire/stock-head.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';
import { decodeMarks, encodeCheckpoint, encodeMarks, nextCheckpoint, openCheckpoint, readHeld } from './checkpoints.ts';
import { createAdoption, type Adopted } from './adoption.ts';
import { createCatchUp, type CatchUp } from './catch-up.ts';
import { createDayBudget, type DayBounds } from './day-budget.ts';
import { createIntake } from './intake.ts';
import { createNewcomers, type Newcomers } from './newcomers.ts';
import { KEPT_MS, prunableEnds, type PruneFacts } from './prunable.ts';
import { createRecall, type Recall } from './recall.ts';
import { isKeyOf, keyNamed } from './signed-body.ts';
import { signCheckpoint } from './signed-checkpoint.ts';
import { createReceiptsElsewhere, type ReceiptsElsewhere } from './receipts-elsewhere.ts';
import { createSegmentRest, type ChainReach } from './segment-rest.ts';
import { createStockRows, type StockRows } from './stock-rows.ts';
import type { OwnClaims } from './take-back.ts';
import { chainsIn, type Verifier } from './verify.ts';
import { createWatermarkIssuer, entriesLost, openWatermark, type SignedWatermark } from './watermark.ts';

export interface ReplicaDeps {
	readonly store: StoreId;
	readonly branch: BranchId;
	/** The device whose entries are written here; the relay has none. */
	readonly own?: { readonly device: DeviceId; readonly chain: Uint8Array };
	/** Hub and relay: signs "on my disk". A till signs none. */
	readonly issues?: {
		readonly tier: Watermark['tier'];
		readonly signer: Signer;
		/** Whether the disk answers now; absent: it does, or the process is not there. */
		readonly mayIssue?: () => boolean;
	};
	/** A relay's: documents of what the lane brought whole are not open. */
	readonly restsSegments?: boolean;
	/** What a hub or a relay takes on a day; absent: everything. `onFull`: a device has written its bytes of this one. */
	readonly takesInADay?: { readonly bounds: DayBounds; readonly onFull: (device: DeviceId, bytes: number) => void };
	/** A hub and a relay keep their own entries in the entry store too; a till's lie in its vault. */
	readonly keepsOwn: boolean;
	/** A relay's: how the store's other branches, which it holds apart, answer for their stock and their receipts. */
	readonly elsewhere?: (branch: BranchId) => (Pick<StockRows, 'answer'> & Pick<ReceiptsElsewhere, 'answerOwn'>) | undefined;
	readonly entryStore: EntryStore;
	/** A till's entry store, where old entries leave; absent: everything is kept. */
	readonly prunes?: Pick<PrunableEntryStore, 'prune'>;
	readonly ledger: RenewableLedger;
	readonly verifier: Verifier;
	readonly digest: Digest;
	readonly clock: Clock;
	readonly timers: Timers;
	/** Of a process with many branches. */
	readonly turns?: Turns | undefined;
	readonly random: Random;
}

export interface LeaseHeard {
	readonly holder: DeviceId;
	/** By this device's clock. */
	readonly sinceMs: number;
	readonly cloud: 'none' | 'connected' | 'apart';
	/** By this device's clock. */
	readonly heardAtMs: number;
}

/** What replication knows beyond the ledger. */
export interface ReplicaFindings {
	/** The newest of each issuer that may speak for its tier. */
	readonly watermarks: readonly Watermark[];
	/** What an issuer covered before it lost some of it; not there any more once it covers it again. */
	readonly owed: readonly Watermark[];
	readonly lease: LeaseHeard | undefined;
	/** What each device last said that it holds, chain by chain. What it said stays known while it is away. */
	readonly peerMarks: ReadonlyMap<DeviceId, readonly Mark[]>;
	/** Per `chainKey`, the highest seq that anybody claims to hold. */
	readonly claimedSeq: ReadonlyMap<string, number>;
	readonly duplicates: number;
	/** Older entries came in, and everything is being folded again. */
	readonly recalculating: boolean;
	/** Whose word the figures below a cut are. */
	readonly adopted: Adopted | undefined;
	/** Somebody who is linked may have more, and is being asked (`catch-up.ts`). */
	readonly asking: boolean;
	readonly damaged: readonly DamagedBytes[];
	readonly log: readonly { readonly atMs: number; readonly event: LogEvent }[];
}

export type LogEvent =
	| { readonly event: 'watermark-behind'; readonly tier: Watermark['tier']; readonly entries: number }
	| { readonly event: 'refilled'; readonly tier: Watermark['tier'] }
	/** Of a device that has written its bytes of this day a hub or the relay takes no more. */
	| { readonly event: 'full'; readonly tier: Watermark['tier']; readonly device: DeviceId }
	| { readonly event: 'holder'; readonly device: DeviceId }
	| { readonly event: 'cloud'; readonly state: LeaseHeard['cloud'] }
	| { readonly event: 'damaged'; readonly document: string; readonly reason: string }
	/** What the vault noticed about its own copies, in its words. */
	| { readonly event: 'vault'; readonly finding: VaultFinding };

export interface Replica {
	/** Folds what the disk has. Resolves when the ledger stands as it stood. */
	load(): Promise<void>;
	/** Own entries, durable in the vault. Folded when this returns. */
	hear(own: readonly Entry[]): void;
	/** Own entries of earlier runs, from the journal: folded, and written to their documents where these lack them; not announced again. */
	recover(own: readonly Entry[]): void;
	/** From here on entries travel. */
	attach(documents: Documents): Promise<void>;
	/** Bytes that came by another way: a file, catch-up. */
	take: ReturnType<typeof createIntake>['take'];
	takeChain(chain: Uint8Array): Promise<Certificate | undefined>;
	/** Entries of others with their certificates, taken in already: whoever is linked hears of them at once, and asks for what the lane drops. */
	pass(items: readonly Uint8Array[]): void;
	/** Brings back what lies below the checkpoint and is asked for: to be shown and refunded. Reads the whole disk. */
	recall(isWanted: (entry: Entry) => boolean): Promise<void>;
	/** The same for one receipt, which may have left this disk: then whoever is linked is asked. */
	recallReceipt(receipt: Pick<Receipt, 'till' | 'number'>): Promise<void>;
	/**
	 * Who is linked right now: newcomers are told marks and watermarks at once, and the entries of nobody here are never written for them. With what each
	 * one's hello said that it holds, where it said hello.
	 */
	setConnected(devices: ReadonlySet<DeviceId>, hellos?: readonly Pick<LanPeer, 'device' | 'role' | 'marks'>[]): void;
	/** Others have sent own entries: verified, on disk. */
	onOwnCame(listener: () => void): void;
	/** Another renewal of one key of this device is proven here (`rival-renewals.ts`). */
	onRivals(listener: (device: DeviceId) => void): void;
	/** A relay of this store said something under a key of which nothing is known here: it may have renewed its own. */
	onStrangeKey(listener: (relay: DeviceId) => void): void;
	/** Others said how far they hold the own chains. */
	onOwnClaimed(listener: (claims: OwnClaims) => void): void;
	/** Own entries of the branch up to here may leave the vault: others keep them, and it is noted here that they may be gone. */
	onOwnPrunable(listener: (upToSeq: number) => void): void;
	/** Of what others have sent, the own entries beyond these heads. */
	ownAbove(heads: OwnHeads['heads']): Promise<readonly Entry[]>;
	/** Whether this device reaches the cloud; undefined: it has none to reach, or does not know. */
	setCloud(reached: boolean | undefined): void;
	/** This device carries the branch now: it forwards, and writes what absent devices left undone. */
	holdsLease(): boolean;
	onLease(listener: () => void): void;
	/** Own entries up to here lie below the checkpoint, and are not in memory one by one. */
	belowSeq(scope: Scope): number;
	/** What the vault found about its copies: for whoever looks after this device. */
	noteVault(finding: VaultFinding): void;
	/** Tells everybody what is here, and looks again for what is missing. */
	askAgain(): Promise<void>;
	findings(): ReplicaFindings;
	/** The newest that this device signed, as signed. */
	ownWatermark(): Uint8Array | undefined;
	onFolded(listener: (change: LedgerChange) => void): void;
	onFindings(listener: () => void): void;
	/** Own entries up to `seq` are in their segment documents, on disk here. */
	onLedgered(listener: (scope: Scope, seq: number) => void): void;
	/** The ends of the chains that are on disk here, for a hello: the ledger may be ahead of it (`intake.ts`). */
	heldMarks(): readonly Mark[];
	/** In the ledger, and not yet on the disk here. */
	onTheWay(): ReadonlySet<EntryHash>;
	/** The disk has more, which the ledger may have shown before. */
	onHeld(listener: () => void): void;
	/** What servers said about stock; undefined before entries travel. */
	stockRows(): Pick<StockRows, 'of' | 'all' | 'answer'> | undefined;
	/** What other branches sold; undefined before entries travel. */
	receiptsElsewhere(): Pick<ReceiptsElsewhere, 'find' | 'answerOwn'> | undefined;
	onStockRows(listener: (branch: BranchId, skus: ReadonlySet<Sku>) => void): void;
	/** Resolves when nothing that has arrived waits any more. */
	idle(): Promise<void>;
	close(): Promise<void>;
}

const CLOSE_EVERY_MS = 30_000;
/** After a watermark. */
const CLOSE_AFTER_MS = 1_000;
const CHECKPOINT = 'checkpoint';
/** Marks up to which signatures have been checked. */
const PROVEN = 'proven';
const DAY_MS = 24 * 60 * 60 * 1000;
const CHECKPOINT_AFTER_MS = 60_000;
const CHECKPOINT_EVERY_MS = 6 * 60 * 60 * 1000;
const HISTORY_AGAIN_MS = 5_000;
const RECALL_AFTER_MS = 50;
/** After watermarks have been heard, and before a next checkpoint is kept. */
const PRUNE_AFTER_MS = 50_000;
/** From one to the next: a sale on its own is answered at once, and a busy branch is signed for five times a second. */
const WATERMARK_EVERY_MS = 200;
/** A process that comes so late to sign has more to do than it can, and each watermark is a signature and a frame to everybody: then it signs for more at once. */
const LATE_TIMES = 2;
const LONGEST_WATERMARK_MS = 500;
/** What an issuer signed is kept so often: a start without the last ones signs a newer one, over no less. */
const KEEP_OWN_WATERMARK_MS = 5_000;
/** Whoever hears nothing for much longer takes a link for dead (`adapters/relay-websocket/relay-link.ts`). */
export const TELL_EVERY_MS = 5_000;
const TELL_AGAIN_MS = 1_000;
const WRITE_AGAIN_MS = 1_000;
/** Twice a heartbeat and a bit. */
const LEASE_TICK_MS = 400;
/** A device that writes its own segment itself is never helped; one that is away is, after a minute and a random wait, so that two helpers rarely both write. */
const HELP_AFTER_MS = 60_000;
const HELP_SPREAD_MS = 20_000;
/** So many beyond the first that lacks something: a document of a thousand sales takes some 15 MB of memory while it is open. */
const MAX_SEGMENTS_AHEAD = 3;
const MAX_LANE_CHUNK_BYTES = 192 * 1024;
const MAX_LANE_CHUNK_ENTRIES = 64;
const OWN_PAGE = 500;
/** A watermark of this age says what its issuer holds now. */
const FRESH_MS = 5_000;
/** As many as a watermark names. */
const MOST_FULL = 500;
const MAX_DAMAGED = 500;
const MAX_LOG = 200;

export function createReplica(deps: ReplicaDeps): Replica {
	const { store, branch, own, entryStore, ledger, verifier, clock, timers, random } = deps;
	/** What is said now is signed by the newest keys. */
	const digest = verifier.live;
	const speaker = deps.issues && speakerOf(deps.issues);
	const day =
		deps.takesInADay &&
		createDayBudget({
			...{ entryStore, clock, wasTaken, bounds: deps.takesInADay.bounds },
			onFull(device, bytes) {
				deps.takesInADay?.onFull(device, bytes);
				scheduleWatermark();
			},
		});
	const intake = createIntake({
		day: day && { budget: day, mayBeBack: isSignedFor },
		...{ entryStore, verifier, digest, clock, timers, turns: deps.turns, onEntries: fold, onCertificate: openSegmentsOf, onFinding },
		onRivals(device) {
			for (const listener of rivalListeners) listener(device);
		},
		onStored(entries) {
			tellHeldSoon(entries);
			for (const listener of heldListeners) listener();
			if (entries.some(({ header }) => header.device === own?.device)) for (const listener of ownCame) listener();
		},
		isBelowCheckpoint: ({ header }) => isBelow(header),
		giveUpCheckpoint: () => entryStore.setCache(CHECKPOINT, new Uint8Array()),
		isBelowKept: ({ header }) => kept !== undefined && isBelow(header, kept),
		async giveUpKept() {
			const began = ledger.deps.checkpoint;
			await entryStore.setCache(CHECKPOINT, began === undefined ? new Uint8Array() : encodeCheckpoint(began));
			kept = undefined;
		},
		isRecomputedLater: () => adoption.isPartial(),
		foldsAhead: ({ header }) => deps.issues === undefined && header.scope === 'branch' && header.device !== own?.device,
	});
	const adoption = createAdoption({
		...{ store, branch, entryStore, ledger, verifier, digest, keepsAll: deps.keepsOwn, checkpointCache: CHECKPOINT },
		chain: heldChain,
		readAll: async () => [...(await readAbove([])), ...ownBelow],
		certify: takeEnrolled,
		onBegun(checkpoint, change) {
			for (const { device, scope, seq } of checkpoint.chains) raiseHeld(device, scope, seq);
			for (const certificate of verifier.devices()) openSegmentsOf(certificate);
			for (const listener of folded) listener(change);
			scheduleWatermark();
			catchUp?.askAll();
		},
		onRecomputed: () => {
			wantHistory();
		},
		onDiffers(words) {
			onFinding({ document: 'checkpoint', route: 'catch-up', reason: words, hash: '' as Entry['hash'], atMs: clock.nowMs() });
			isHistoryWanted = true;
			wantHistory();
		},
		onChanged: changed,
	});
	/** What another signed is not what its entries come to. */
	let isHistoryWanted = false;

	const folded: ((change: LedgerChange) => void)[] = [];
	const findingsChanged: (() => void)[] = [];
	const ledgered: ((scope: Scope, seq: number) => void)[] = [];
	const leaseListeners: (() => void)[] = [];
	const ownCame: (() => void)[] = [];
	const rivalListeners: ((device: DeviceId) => void)[] = [];
	const strangeKeyListeners: ((relay: DeviceId) => void)[] = [];
	const heldListeners: (() => void)[] = [];
	const ownClaimed: ((claims: OwnClaims) => void)[] = [];
	const ownPrunable: ((upToSeq: number) => void)[] = [];
	const stockTold: ((branch: BranchId, skus: ReadonlySet<Sku>) => void)[] = [];
	const stops = new Set<() => void>();

	let documents: Documents | undefined;
	let catchUp: CatchUp | undefined;
	let newcomers: Newcomers | undefined;
	let recaller: Recall | undefined;
	let stockRows: StockRows | undefined;
	let receiptsElsewhere: ReceiptsElsewhere | undefined;
	let closed = false;
	const heldSeq = new Map<string, number>();
	const claimedSeq = new Map<string, number>();
	const openSegments = new Map<string, SegmentName>();
	/** On the disk, maybe, and not open. */
	const restingSegments = new Map<string, SegmentName>();
	const peerMarks = new Map<DeviceId, readonly Mark[]>();
	const watermarks = new Map<DeviceId, SignedWatermark>();
	/** What an issuer covered before it lost some of it. */
	const owed = new Map<DeviceId, SignedWatermark>();
	let owingKept = '';
	const damaged: DamagedBytes[] = [];
	const log: { atMs: number; event: LogEvent }[] = [];
	let lease = own && startLease(own.device, isHub(own.device), clock.nowMs());
	/** A relay holds no lease; what it hears is a line in its log. */
	let overheard: (LeaseHeard & { readonly term: LeaseMessage['term'] }) | undefined;
	let told: Pick<LeaseHeard, 'holder' | 'cloud'> | undefined;
	let connected: ReadonlySet<DeviceId> = new Set();
	/** Entries of others that came by lane or file and not yet by document, with the time at which a helper writes them. */
	const unwritten = new Map<Entry['hash'], { readonly entry: Entry; readonly helpAtMs: number }>();

	// ——— what is on disk

	async function load(): Promise<void> {
		await day?.load();
		for (const chain of await entryStore.certificates()) {
			const certificate = await verifier.chain(chain);
			if (certificate === undefined) onDiskFinding('a certificate that no longer verifies');
		}
		if (own !== undefined && (await intake.takeChain(own.chain)) === undefined) throw new Error('this device’s own certificate does not verify');
		damaged.push(...(await entryStore.damaged()));
		const checkpoint = await openCheckpoint(await entryStore.getCache(CHECKPOINT), store, verifier);
		ledger.begin(checkpoint);
		for (const { device, scope, seq } of checkpoint?.chains ?? []) raiseHeld(device, scope, seq);
		// One fold of all: in pages, which come chain by chain, late entries would take the fold back again and again.
		const held = await readAbove(checkpoint?.chains ?? []);
		intake.know(held);
		// The roster asks for certificates that enrolments name: also for a second one of a device, which is in no table.
		for (const chain of chainsIn([...(checkpoint?.kept.map(({ entry }) => entry) ?? []), ...held])) await verifier.chain(chain);
		fold(held);
		await adoption.load();
		await entryStore.setCache(PROVEN, encodeMarks(ledger.marks())).catch(() => undefined); // A full disk: the next start asks once more.
		for (const signed of signedInCache(await entryStore.getCache('owed'))) {
			const opened = await openWatermark(signed, digest);
			if (opened !== undefined && maySpeak(opened.watermark) && isOfOwnLine(opened.watermark)) owed.set(opened.watermark.issuer, opened);
		}
		owingKept = [...owed.keys()].join();
		for (const signed of signedInCache(await entryStore.getCache('watermarks'))) await takeWatermark(signed);
	}

	/** To be found again at the next start, too. */
	async function takeEnrolled(entries: readonly Entry[]): Promise<void> {
		for (const chain of chainsIn(entries)) await intake.takeChain(chain);
	}

	function raiseHeld(device: DeviceId, scope: Scope, seq: number): void {
		const key = chainKey(device, scope);
		if (seq > (heldSeq.get(key) ?? 0)) heldSeq.set(key, seq);
	}

	async function readAbove(marks: readonly Mark[]): Promise<readonly Entry[]> {
		const { entries, problems } = await readHeld(entryStore, verifier, marks, decodeMarks(await entryStore.getCache(PROVEN)));
		for (const problem of problems) onDiskFinding(problem);
		return entries;
	}

	/** A till's own entries lie in its vault, which is not read here; what is in memory is all that anybody may ask for. */
	function ownChain(scope: Scope, fromSeq: number, limit: number): readonly Uint8Array[] {
		const isAsked = ({ header }: Entry): boolean => header.device === own?.device && header.scope === scope && header.seq >= fromSeq;
		return [...ownBelow, ...ledger.entries()]
			.filter(isAsked)
			.sort((a, b) => a.header.seq - b.header.seq)
			.slice(0, limit)
			.map(({ sealed }) => sealed);
	}

	/** What is on disk of a chain; a till's own lies in its vault, and in the entry store what had left that and was fetched again: below it. */
	async function heldChain(device: DeviceId, scope: Scope, fromSeq: number, limit: number): Promise<readonly Uint8Array[]> {
		const stored = await entryStore.chain(device, scope, fromSeq, limit);
		return device === own?.device && !deps.keepsOwn ? [...stored, ...ownChain(scope, fromSeq, limit)] : stored;
	}

	// ——— own entries that others kept

	/** What lies on disk beyond these heads because others have sent it: a till's own entries come into the entry store in no other way. */
	async function ownAbove(heads: OwnHeads['heads']): Promise<readonly Entry[]> {
		if (own === undefined) return [];
		const found: Entry[] = [];
		for (const scope of SCOPES) {
			for (let fromSeq = (heads[scope]?.seq ?? 0) + 1; ;) {
				const page = await entryStore.chain(own.device, scope, fromSeq, OWN_PAGE);
				for (const opened of await Promise.all(page.map((sealed) => verifier.entry(sealed)))) if ('header' in opened) found.push(opened);
				const last = found.at(-1)?.header;
				// A place of a fork may lie across two pages: it is read again.
				if (page.length < OWN_PAGE || last?.scope !== scope || last.seq <= fromSeq) break;
				fromSeq = last.seq;
			}
		}
		// Whoever was put back goes on where the till was kept, not on a side that somebody has dropped.
		return found.filter(({ hash }) => ledger.sideStanding(hash) !== 'dropped');
	}

	let keeperClaim: OwnClaims['byKeeper'];

	/** `isKeeper`: a hub or the relay says so, and says it now. */
	function hearOwnClaim(marks: readonly Mark[], isKeeper: boolean): void {
		if (own === undefined) return;
		const said = { branch: 0, store: 0 };
		for (const { device, scope, seq } of marks) if (device === own.device) said[scope] = Math.max(said[scope], seq);
		for (const scope of SCOPES) {
			const key = chainKey(own.device, scope);
			claimedSeq.set(key, Math.max(said[scope], claimedSeq.get(key) ?? 0));
		}
		if (isKeeper) keeperClaim = { branch: Math.max(said.branch, keeperClaim?.branch ?? 0), store: Math.max(said.store, keeperClaim?.store ?? 0) };
		if (isBehindOwn()) {
			const certificate = verifier.certificateOf(own.device);
			if (certificate !== undefined) openSegmentsOf(certificate);
			if (adoption.now() !== undefined) adoption.needBelow();
			catchUp?.askAll();
		}
		for (const listener of ownClaimed) listener(claimsNow());
	}

	function claimsNow(): OwnClaims {
		const claimed = (scope: Scope): number => (own === undefined ? 0 : (claimedSeq.get(chainKey(own.device, scope)) ?? 0));
		return { seqs: { branch: claimed('branch'), store: claimed('store') }, byKeeper: keeperClaim };
	}

	/** Others hold more of this device than it does. */
	function isBehindOwn(): boolean {
		const { seqs } = claimsNow();
		return own !== undefined && SCOPES.some((scope) => seqs[scope] > (heldSeq.get(chainKey(own.device, scope)) ?? 0));
	}

	// ——— checkpoints

	/** For the next start: this run goes on from the one that it began from. */
	let kept: Checkpoint | undefined;

	function isBelow({ device, scope, seq }: Pick<Entry['header'], 'device' | 'scope' | 'seq'>, checkpoint = ledger.deps.checkpoint): boolean {
		const end = checkpoint?.chains.find((chain) => chain.device === device && chain.scope === scope);
		return end !== undefined && seq <= end.seq;
	}

	/** What came to rest long ago need not be folded at the next start. */
	async function keepCheckpoint(): Promise<void> {
		// What the cloud has not got yet is counted as waiting, however old it is.
		const cloud = [...watermarks.values()].find(({ watermark }) => watermark.tier === 'cloud');
		const within = ledger.state.relays.size === 0 ? undefined : (cloud?.watermark.marks ?? []);
		// A sale that lies below says whether too much of it was given back.
		await recallMissing();
		// No start begins with what its disk has not got.
		if (intake.onTheWay().size > 0) {
			later(CHECKPOINT_AFTER_MS, keepCheckpoint);
			return;
		}
		const next = nextCheckpoint(ledger, ledger.deps, dayBefore(clock.nowMs() - KEPT_MS), within);
		if (next === undefined) return;
		kept = next;
		// A disk that is full keeps the old one; it is a cache.
		await entryStore.setCache(CHECKPOINT, encodeCheckpoint(next)).catch(() => undefined);
		await offerCheckpoint(next);
	}

	/** For newcomers. What another's word is, is not signed here. */
	async function offerCheckpoint(checkpoint: Checkpoint | undefined): Promise<void> {
		if (checkpoint === undefined || speaker === undefined || adoption.now() !== undefined) return;
		offered = await signCheckpoint(checkpoint, { signer: speaker, digest, clock });
	}
	let offered: Awaited<ReturnType<typeof signCheckpoint>> | undefined;

	/** Own entries below the checkpoint: a till's lie in its vault, which is not read here. */
	let ownBelow: Entry[] = [];
	let history: { readonly since: Entry[]; readonly done: Promise<void> } | undefined;

	function wantHistory(): void {
		if (history !== undefined || !(ledger.needsHistory() || isHistoryWanted) || closed) return;
		if (adoption.needBelow()) {
			catchUp?.askAll();
			changed();
			return;
		}
		isHistoryWanted = false;
		const since: Entry[] = [];
		history = {
			since,
			done: foldHistory(since).catch((error: unknown) => {
				history = undefined;
				later(HISTORY_AGAIN_MS, wantHistory);
				onDiskFinding(`older entries cannot be read: ${String(error)}`);
			}),
		};
		changed();
	}

	async function foldHistory(since: readonly Entry[]): Promise<void> {
		await entryStore.setCache(CHECKPOINT, new Uint8Array());
		const draft = ledger.draft(undefined);
		draft.add([...(await readAbove([])), ...ownBelow, ...ledger.entries()]);
		draft.add(since);
		if (closed) return;
		const change = ledger.renew(draft);
		history = undefined;
		for (const listener of folded) listener(change);
		changed();
	}

	/** The sale of a refund that lies below. */
	async function recallMissing(): Promise<void> {
		const wanted = new Set(ledger.missing());
		if (wanted.size > 0) await recallWhere(({ hash }) => wanted.has(hash), [...wanted]);
		if (adoption.isPartial()) recallNow((await recaller?.byHash(ledger.missing())) ?? []);
	}

	/** `sought`: by hash. Where everything below is here, what is not found is nowhere. */
	async function recallWhere(isWanted: (entry: Entry) => boolean, sought: readonly EntryHash[] = []): Promise<void> {
		if (ledger.deps.checkpoint === undefined) return;
		recallNow([...ownBelow, ...(await readAbove([]))].filter(isWanted), adoption.isPartial() ? [] : sought);
	}

	async function recallReceipt(receipt: Pick<Receipt, 'till' | 'number'>): Promise<void> {
		const isIt = ({ facts }: Entry): boolean =>
			facts.some((fact) => 'receipt' in fact && fact.receipt.till === receipt.till && fact.receipt.number === receipt.number);
		await recallWhere(isIt);
		if (!adoption.isPartial() || ledger.entries().some(isIt)) return;
		for (const end of ledger.deps.checkpoint?.chains ?? []) {
			// Whatever its number is by now: its receipts bear the one of their day.
			const tills = [verifier.certificateOf(end.device)?.till, ...(ledger.state.devices.get(end.device)?.tillsEver ?? [])];
			if (end.scope !== 'branch' || !tills.includes(receipt.till)) continue;
			const found = await recaller?.receipt(end.device, receipt, end.seq);
			if (found !== undefined) recallNow([found]);
		}
	}

	function recallNow(found: readonly Entry[], sought: readonly EntryHash[] = []): void {
		if (found.length + sought.length === 0 || closed) return;
		const change = ledger.recall(found, sought);
		for (const listener of folded) listener(change);
		wantHistory();
	}

	// ——— what may leave

	async function prune(): Promise<void> {
		const checkpoint = ledger.deps.checkpoint;
		const { prunes } = deps;
		if (prunes === undefined || checkpoint === undefined || history !== undefined || ledger.needsHistory() || adoption.isClimbing()) return;
		const leaving = await prunableEnds(checkpoint.chains, [...watermarks.values()].map(({ watermark }) => watermark).filter(maySpeak), pruneFacts());
		if (leaving.length === 0) return;
		await adoption.standBy(checkpoint, (note) => prunes.prune(leaving, [note, [CHECKPOINT, encodeCheckpoint(checkpoint)]]));
		const ownSeq = leaving.find(({ device }) => device === own?.device)?.seq;
		if (ownSeq === undefined) return;
		const left = Map.groupBy(ownBelow, ({ header }) => header.scope === 'branch' && header.seq <= ownSeq);
		intake.forget(left.get(true) ?? []);
		ownBelow = left.get(false) ?? [];
		for (const listener of ownPrunable) listener(ownSeq);
	}

	function pruneFacts(): PruneFacts {
		const nowMs = clock.nowMs();
		return {
			nowMs,
			tier: ledger.state.relays.size > 0 ? 'cloud' : 'host',
			stays: (device) => ledger.chain(device, 'branch')?.forks === true || (device === own?.device && isShiftOpenSince(device, nowMs - KEPT_MS)),
			mostSeq: (device) => (device === own?.device ? (ledger.chain(device, 'branch')?.heldSeq ?? 0) - 1 : Infinity),
			async entryAt(place) {
				const { device, scope, seq } = place;
				for (const sealed of await heldChain(device, scope, seq, 1)) {
					const entry = await verifier.unproven(sealed);
					if ('header' in entry && entry.header.seq === seq) return { hash: entry.hash, atMs: entry.header.hlc[0] };
				}
				return undefined;
			},
		};
	}

	function isShiftOpenSince(device: DeviceId, beforeMs: number): boolean {
		const { drawers, shifts } = ledger.state.books;
		const open = drawers.get(device)?.openShift;
		return open !== undefined && (shifts.get(shiftId(device, open))?.opened?.atMs ?? 0) < beforeMs;
	}

	function onDiskFinding(reason: string): void {
		onFinding({ document: 'entry store', route: 'own', reason, hash: '' as Entry['hash'], atMs: clock.nowMs() });
	}

	function signedInCache(bytes: Uint8Array | undefined): readonly Uint8Array[] {
		const value = bytes === undefined ? undefined : decode(bytes);
		return Array.isArray(value) ? value.filter((item) => typeof item === 'string').map(bytesOfHex) : [];
	}

	// ——— the ledger

	function fold(entries: readonly Entry[]): void {
		if (entries.length === 0) return;
		for (const entry of entries) {
			const { device, scope, seq } = entry.header;
			raiseHeld(device, scope, seq);
			if (own !== undefined && device !== own.device && verifier.certificateOf(device)?.branch === branch && !intake.cameByDocument(entry)) {
				unwritten.set(entry.hash, { entry, helpAtMs: clock.nowMs() + HELP_AFTER_MS + ((random.bytes(1)[0] ?? 0) / 255) * HELP_SPREAD_MS });
			}
		}
		const change = ledger.add(entries);
		if (change.relays) forgetUnspeaking();
		wantHistory();
		// What asked for history is set aside in the ledger, and an own entry lies in no entry store: it is given along.
		history?.since.push(...entries);
		if (ledger.missing().length > 0) later(RECALL_AFTER_MS, recallMissing);
		for (const device of new Set(entries.map(({ header }) => header.device))) {
			const certificate = verifier.certificateOf(device);
			if (certificate !== undefined) openSegmentsOf(certificate);
		}
		if (entries.some(({ header: { device, scope } }) => isGap(ledger.chain(device, scope)))) segmentRest?.look();
		scheduleWatermark();
		for (const listener of folded) listener(change);
	}

	function hear(entries: readonly Entry[]): void {
		try {
			announce(entries); // Before the fold and the documents: a neighbour waits for neither.
		} finally {
			foldOwn(entries);
			write(entries);
		}
	}

	function recover(entries: readonly Entry[]): void {
		foldOwn(entries);
		write(entries);
	}

	function foldOwn(entries: readonly Entry[]): void {
		intake.know(entries);
		for (const entry of entries) if (isBelow(entry.header)) ownBelow.push(entry);
		fold(entries.filter(({ header }) => !isBelow(header)));
	}

	function write(entries: readonly Entry[]): void {
		toWrite = toWrite.concat(entries);
		startWriting();
	}

	// ——— out: the live lane at once, the segment behind it

	function announce(entries: readonly Pick<Entry, 'sealed'>[]): void {
		let chunk: Uint8Array[] = [];
		let bytes = 0;
		const send = (): void => {
			if (chunk.length > 0) documents?.broadcast({ t: 'entries', sealed: chunk });
			chunk = [];
			bytes = 0;
		};
		for (const { sealed } of entries) {
			if (chunk.length >= MAX_LANE_CHUNK_ENTRIES || bytes + sealed.length > MAX_LANE_CHUNK_BYTES) send();
			chunk.push(sealed);
			bytes += sealed.length;
		}
		send();
	}

	let toWrite: Entry[] = [];
	let writing: Promise<void> | undefined;

	function startWriting(): void {
		if (writing !== undefined || documents === undefined || toWrite.length === 0) return;
		writing = writeOwn(documents).finally(() => {
			writing = undefined;
			if (!closed) startWriting(); // An entry may have come between the last look and the end.
		});
	}

	async function writeOwn(to: Documents): Promise<void> {
		while (toWrite.length > 0 && !closed) {
			const batch = toWrite;
			toWrite = [];
			try {
				if (deps.keepsOwn) await entryStore.add(batch);
				await appendToSegments(
					to,
					batch.filter(({ header }) => !isClosed(header.device, header.scope, segmentOfSeq(header.seq))),
				);
			} catch {
				// The vault has them; the document will, too.
				toWrite = batch.concat(toWrite);
				await pause(WRITE_AGAIN_MS);
				continue;
			}
			for (const scope of SCOPES) {
				// Not as arguments of one call: the journal of a year is more than a call takes.
				const seq = batch.reduce((last, { header }) => (header.scope === scope ? Math.max(last, header.seq) : last), 0);
				if (seq > 0) for (const listener of ledgered) listener(scope, seq);
			}
		}
	}

	async function appendToSegments(to: Documents, entries: readonly Entry[]): Promise<void> {
		const bySegment = new Map<string, { name: SegmentName; items: Uint8Array[] }>();
		for (const { header, sealed } of entries) {
			const name = segmentName(header.device, header.scope, segmentOfSeq(header.seq));
			const key = segmentKey(name);
			const chain = verifier.chainOf(header.device);
			const group = bySegment.get(key) ?? { name, items: chain === undefined ? [] : [chain] };
			group.items.push(sealed);
			bySegment.set(key, group);
		}
		for (const { name, items } of bySegment.values()) {
			openSegments.set(segmentKey(name), name);
			await to.openSegment(name);
			await to.append(name, items);
		}
	}

	/** The lease holder's duty: what a device that is gone has not written, and nobody has seen in its document for a minute. */
	async function helpTheAbsent(): Promise<void> {
		const to = documents;
		if (to === undefined) return;
		forgetWritten();
		const now = clock.nowMs();
		const due: Entry[] = [];
		for (const { entry, helpAtMs } of unwritten.values()) {
			if (helpAtMs <= now && !connected.has(entry.header.device)) due.push(entry);
		}
		if (due.length === 0) return;
		await appendToSegments(
			to,
			due.filter(({ header }) => !isClosed(header.device, header.scope, segmentOfSeq(header.seq))),
		);
		for (const { hash } of due) unwritten.delete(hash);
	}

	/** Whoever holds no lease collects them too, for it may hold one later; and none for ever. */
	function forgetWritten(): void {
		for (const [hash, { entry }] of unwritten) if (intake.cameByDocument(entry)) unwritten.delete(hash);
	}

	// ——— documents

	async function attach(to: Documents): Promise<void> {
		documents = to;
		to.onItems((name, items) => {
			intake.take(items.map((bytes) => ({ bytes, route: 'document' as const, source: segmentLabel(name) })));
		});
		to.onLane((message) => {
			void onLane(message);
		});
		to.onDamage((document, reason) => {
			onFinding({ document, route: 'document', reason, hash: '' as Entry['hash'], atMs: clock.nowMs() });
		});
		to.onLinked((peer, isLinked) => {
			if (isLinked) for (const { signed } of watermarks.values()) to.sendTo(peer, { t: 'watermark', signed: hexOf(signed) });
		});
		to.onDirect((message, from) => {
			if (message.t === 'watermark') void onShown(message.signed, from);
		});
		for (const certificate of verifier.devices()) openSegmentsOf(certificate);
		startWriting();
		stops.add(timers.every(TELL_EVERY_MS, tell));
		if (own !== undefined) {
			lease = startLease(own.device, isHub(own.device), clock.nowMs());
			stops.add(
				timers.every(LEASE_TICK_MS, () => {
					if (lease !== undefined) stepLease(tickLease(lease, clock.nowMs()));
				}),
			);
			stops.add(timers.every(TELL_EVERY_MS, () => (lease !== undefined && isHolding(lease) ? helpTheAbsent() : undefined)));
		}
		if (own !== undefined) stops.add(timers.every(HELP_AFTER_MS, forgetWritten));
		if (day !== undefined) stops.add(timers.every(TELL_EVERY_MS, beginDay));
		stops.add(timers.every(CLOSE_EVERY_MS, closeWhatIsCovered));
		catchUp = createCatchUp({
			...{ documents: to, entryStore, ledger, verifier, own: own?.device, timers, turns: deps.turns, take: intake.take, idle: intake.idle },
			isUrgent: isBehindOwn,
			...{ held: () => ledger.size() + intake.storedBelow(), onCaughtUp: adoption.caughtUp, wantsMore: adoption.isClimbing },
			async locate() {
				await newcomers?.idle();
				return [...marksOfFull(), ...(await adoption.locate())];
			},
			ownChain: deps.keepsOwn ? () => undefined : ownChain,
		});
		newcomers = createNewcomers({
			...{ documents: to, digest, timers, ...adoption, offered: () => offered, takeChain: intake.takeChain },
			chains: () => verifier.devices().flatMap(({ device }) => verifier.chainOf(device) ?? []),
		});
		recaller = createRecall({
			documents: to,
			entryStore,
			ledger,
			verifier,
			timers,
			own: own?.device,
			ownChain: deps.keepsOwn ? () => undefined : ownChain,
		});
		stockRows = createStockRows({
			...{ documents: to, entryStore, ledger, digest, clock, timers, signer: speaker, elsewhere: deps.elsewhere },
			maySpeak: maySpeakFor,
			onChanged(of, skus) {
				for (const listener of stockTold) listener(of, skus);
			},
			onFailed(words) {
				onDiskFinding(`stock rows cannot be kept: ${words}`);
			},
		});
		receiptsElsewhere = createReceiptsElsewhere({
			...{ documents: to, ledger, verifier, takeChain: intake.takeChain, recallReceipt, elsewhere: deps.elsewhere, timers },
			hasBelow: () => ledger.deps.checkpoint !== undefined,
		});
		folded.push(({ skus }) => {
			stockRows?.note(skus);
		});
		later(PRUNE_AFTER_MS, prune);
		stops.add(timers.every(CHECKPOINT_EVERY_MS, prune));
		void offerCheckpoint(ledger.deps.checkpoint);
		stops.add(timers.every(CHECKPOINT_EVERY_MS, keepCheckpoint));
		later(CHECKPOINT_AFTER_MS, keepCheckpoint);
		if (deps.issues !== undefined && speaker !== undefined) {
			const before = [...watermarks.values()].find(({ watermark }) => watermark.issuer === deps.issues?.signer.device);
			startMarks = ledger.marks();
			startHlc = before?.watermark.hlc;
			issue = createWatermarkIssuer({ store, branch, clock, tier: deps.issues.tier, signer: speaker }, before?.watermark.hlc);
			issuedAtMs = clock.nowMs();
			scheduleWatermark();
		}
	}

	// ——— what a day holds

	/** Own watermarks that others have shown: what this disk had before it was put back, or lost. */
	const hadSeq = new Map<string, number>();

	/** Also of an older one than this run has signed: whoever links late shows what was had all the same. */
	function noteHad({ marks }: Watermark): void {
		for (const { device, scope, seq } of marks) hadSeq.set(chainKey(device, scope), Math.max(seq, hadSeq.get(chainKey(device, scope)) ?? 0));
		letBack();
	}

	/** By an own watermark; on a hub by another hub's or the relay's, too, which bound what they take themselves. */
	function isSignedFor({ device, scope, seq }: Pick<Entry['header'], 'device' | 'scope' | 'seq'>): boolean {
		if (seq <= (hadSeq.get(chainKey(device, scope)) ?? 0)) return true;
		return deps.issues?.tier === 'host' && seq <= coveredSeq(device, scope);
	}

	/** Somebody's word has come that what is missing here was taken before. */
	function letBack(): void {
		const isBack = (device: DeviceId): boolean =>
			SCOPES.some((scope) => isSignedFor({ device, scope, seq: (ledger.chain(device, scope)?.wholeSeq ?? 0) + 1 }));
		const back = [...(day?.full().devices ?? [])].filter(isBack);
		if (back.length === 0) return;
		for (const device of back) day?.letBack(device);
		scheduleWatermark();
		catchUp?.askAll();
	}

	async function wasTaken(header: Entry['header']): Promise<boolean> {
		if (!isSignedFor(header)) return false;
		const [there] = await entryStore.chain(header.device, header.scope, header.seq, 1);
		const read = there === undefined ? undefined : await verifier.unproven(there);
		return read === undefined || !('header' in read) || read.header.seq !== header.seq;
	}

	/** What is put off is not asked for: pages would hold nothing else. Named as those that have it name it. */
	function marksOfFull(): readonly Mark[] {
		const devices = day?.full().devices ?? new Set();
		return devices.size === 0 ? [] : [...peerMarks.values()].flat().filter(({ device }) => devices.has(device));
	}

	function beginDay(): void {
		if (day?.turn() !== true) return;
		scheduleWatermark();
		segmentRest?.look();
		catchUp?.askAll();
	}

	function openSegmentsOf(certificate: Certificate): void {
		for (const scope of SCOPES) {
			const key = chainKey(certificate.device, scope);
			const held = segmentOfSeq((heldSeq.get(key) ?? 0) + 1);
			const claimed = segmentOfSeq((claimedSeq.get(key) ?? 0) + 1);
			// A backlog comes from its beginning, a few segments at once; what is sold meanwhile is in the last one.
			const whole = segmentOfSeq((ledger.chain(certificate.device, scope)?.wholeSeq ?? 0) + 1);
			const most = Math.min(Math.max(held, claimed), whole + MAX_SEGMENTS_AHEAD);
			for (let n = firstOpen(certificate.device, scope); n <= most; n += 1) openUnlessThere(certificate.device, scope, n);
			if (held > most) openUnlessThere(certificate.device, scope, held);
		}
	}

	/** Looked at for every entry that comes: mostly it is open, or rests. */
	function openUnlessThere(device: DeviceId, scope: Scope, n: number): void {
		const key = segmentKey({ device, scope, n });
		const rests = restingSegments.has(key) && segmentRest?.isWanted(device, scope) === false;
		if (!openSegments.has(key) && !rests) void openSegment(device, scope, n);
	}

	/** Segments below are closed: not asked one by one, for a till of ten years has hundreds. */
	function firstOpen(device: DeviceId, scope: Scope): number {
		let n = Math.max(1, segmentOfSeq(coveredSeq(device, scope)));
		while (n > 1 && !isClosed(device, scope, n - 1)) n -= 1;
		return n;
	}

	// ——— closing

	/** How far a hub or the relay says that it has a chain on disk; `tier`: one of them. */
	function coveredSeq(device: DeviceId, scope: Scope, tier?: Watermark['tier']): number {
		let seq = 0;
		for (const { watermark } of watermarks.values())
			if (tier === undefined || watermark.tier === tier)
				for (const mark of watermark.marks) if (mark.device === device && mark.scope === scope) seq = Math.max(seq, mark.seq);
		return seq;
	}

	/** Full, or its device writes no more; and safe elsewhere, and here whole. */
	function isClosed(device: DeviceId, scope: Scope, n: number): boolean {
		const covered = coveredSeq(device, scope);
		const chain = ledger.chain(device, scope);
		if (chain === undefined || chain.forks) return false; // A fork's sides meet in its documents until somebody has answered.
		if (isOnTheWay(device, scope)) return false; // Should this device die now, its document brings it again.
		const last = n * ENTRIES_A_SEGMENT;
		if (last <= covered) return last <= chain.wholeSeq;
		const isRemoved = (ledger.state.devices.get(device)?.standing ?? 'active') !== 'active';
		return isRemoved && covered >= chain.heldSeq && chain.wholeSeq === chain.heldSeq && chain.heldSeq <= last;
	}

	let closingScheduled = false;
	function scheduleClosing(): void {
		if (closingScheduled || closed) return;
		closingScheduled = true;
		later(CLOSE_AFTER_MS, () => {
			closingScheduled = false;
			return closeWhatIsCovered();
		});
	}

	async function closeWhatIsCovered(): Promise<void> {
		const to = documents;
		if (to === undefined) return;
		for (const segments of [openSegments, restingSegments])
			for (const [key, name] of [...segments]) {
				if (!isClosed(name.device, name.scope, name.n) || toWrite.some(({ header }) => isIn(header, name))) continue;
				segments.delete(key);
				await to.closeSegment(name);
			}
	}

	function isIn({ device, scope, seq }: Entry['header'], name: SegmentName): boolean {
		return device === name.device && scope === name.scope && segmentOfSeq(seq) === name.n;
	}

	async function openSegment(device: DeviceId, scope: Scope, n: number): Promise<void> {
		// Other branches' store chains come by catch-up, never as documents.
		if (documents === undefined || verifier.certificateOf(device)?.branch !== branch) return;
		const name = segmentName(device, scope, n);
		const key = segmentKey(name);
		if (openSegments.has(key) || isClosed(device, scope, n)) return;
		if (segmentRest?.isWanted(device, scope) === false) {
			restingSegments.set(key, name);
			return;
		}
		restingSegments.delete(key);
		openSegments.set(key, name);
		try {
			await documents.openSegment(name);
		} catch (error) {
			openSegments.delete(key);
			if (!closed)
				onFinding({
					document: segmentLabel(name),
					route: 'document',
					reason: `cannot be opened: ${String(error)}`,
					hash: '' as Entry['hash'],
					atMs: clock.nowMs(),
				});
		}
	}

	// ——— segments that rest

	const segmentRest =
		deps.restsSegments === true
			? createSegmentRest({
					...{ timers, chains: chainsHere, isBusy: intake.isBusy },
					ask: () => catchUp?.askAll(),
					open({ device }) {
						const certificate = verifier.certificateOf(device);
						if (certificate !== undefined) openSegmentsOf(certificate);
					},
					rest: () => {
						void restSegments();
					},
				})
			: undefined;

	function chainsHere(): readonly ChainReach[] {
		return verifier
			.devices()
			.flatMap((certificate) => (certificate.branch === branch ? SCOPES.map((scope) => reachOf(certificate.device, scope)) : []));
	}

	function reachOf(device: DeviceId, scope: Scope): ChainReach {
		const chain = ledger.chain(device, scope);
		const wholeSeq = chain?.wholeSeq ?? 0;
		// What is put off is not missing.
		const isPutOff = day?.full().devices.has(device) === true;
		const knownSeq = isPutOff ? wholeSeq : Math.max(chain?.heldSeq ?? 0, claimedSeq.get(chainKey(device, scope)) ?? 0);
		return { device, scope, wholeSeq, knownSeq, forks: chain?.forks === true };
	}

	function isGap(chain: ReturnType<RenewableLedger['chain']>): boolean {
		return chain !== undefined && (chain.heldSeq > chain.wholeSeq || chain.forks);
	}

	async function restSegments(): Promise<void> {
		for (const [key, name] of [...openSegments]) {
			if (segmentRest?.isWanted(name.device, name.scope) !== false) continue;
			openSegments.delete(key);
			restingSegments.set(key, name);
			await documents?.restSegment(name);
		}
	}

	function segmentName(device: DeviceId, scope: Scope, n: number): SegmentName {
		return { store, branch, scope, device, n };
	}

	// ——— the live lane

	async function onLane(message: LaneSaid): Promise<void> {
		switch (message.t) {
			case 'entries':
				intake.take(message.sealed.map((bytes) => ({ bytes, route: 'lane' as const, source: 'live lane' })));
				return;
			case 'marks':
				hearMarks(message.device, message.marks);
				return;
			case 'lease':
				hearLeaseOf(message);
				return;
			case 'watermark':
				await onWatermark(message.signed);
		}
	}

	let isHeldBack = false;
	let startMarks: readonly Mark[] = [];
	let startHlc: Hlc | undefined;
	let firstHlc: Hlc | undefined;
	/** An own watermark that is neither of this run nor known to this disk. */
	function wasPutBack(hlc: Hlc): boolean {
		return (startHlc === undefined || compareHlc(hlc, startHlc) > 0) && (firstHlc === undefined || compareHlc(hlc, firstHlc) < 0);
	}

	/** Of this very device: answered with a newer one, at once and to whoever showed it, for the lane may not be open yet and what was lost may come before. */
	async function onShown(signed: string, from: string): Promise<void> {
		const said = deps.issues === undefined ? undefined : await openWatermark(bytesOfHex(signed), digest);
		await onWatermark(signed);
		if (said === undefined || said.watermark.issuer !== speaker?.device) return;
		if (!mayIssue()) return; // It is shown again.
		if (isByOwnKey(said.watermark) && wasPutBack(said.watermark.hlc) && issue !== undefined) {
			// What this disk had at its start, however fast it was filled again: the loss is told first, then how far it reaches by now.
			const { signed: early } = await issue(startMarks, said.watermark.hlc);
			if (!mayIssue()) return;
			documents?.sendTo(from, { t: 'watermark', signed: hexOf(early) });
			// A newer one on the lane would overtake it.
			isHeldBack = true;
			later(TELL_AGAIN_MS, () => {
				isHeldBack = false;
				scheduleWatermark();
			});
			return;
		}
		if (!watermarks.has(said.watermark.issuer)) await issueNow();
		const mine = watermarks.get(said.watermark.issuer);
		if (mine !== undefined) documents?.sendTo(from, { t: 'watermark', signed: hexOf(mine.signed) });
	}

	/** One after another, as they came: a newer one that is checked faster would hide what the one before it said. */
	function onWatermark(signed: string): Promise<void> {
		hearing = hearing.then(() => takeWatermark(bytesOfHex(signed), true)).catch(() => undefined); // It is told again.
		return hearing;
	}
	let hearing: Promise<void> = Promise.resolve();

	/** `isHello`: it may lag behind what was said before. A till's page says it, and knows what its worker last told it. */
	function hearMarks(device: DeviceId, marks: readonly Mark[], isHello = false): void {
		if (verifier.certificateOf(device) === undefined || device === own?.device) return;
		const before = peerMarks.get(device);
		// Of devices of the store alone: one that names two thousand others in each message would fill this process.
		const known = marks.filter((mark) => verifier.certificateOf(mark.device) !== undefined);
		if (!isHello || before === undefined) peerMarks.set(device, [...chainsBeside(before, known), ...known]);
		hearOwnClaim(marks, isHub(device));
		for (const mark of marks) {
			const certificate = verifier.certificateOf(mark.device);
			if (certificate === undefined) continue;
			const key = chainKey(mark.device, mark.scope);
			if (mark.seq <= (claimedSeq.get(key) ?? 0)) continue;
			claimedSeq.set(key, mark.seq);
			openSegmentsOf(certificate);
			segmentRest?.look();
		}
		changed();
	}

	/** Chains that a message does not name stand as they were said. */
	function chainsBeside(before: readonly Mark[] | undefined, marks: readonly Mark[]): readonly Mark[] {
		const named = new Set(marks.map(({ device, scope }) => chainKey(device, scope)));
		return before?.filter(({ device, scope }) => !named.has(chainKey(device, scope))) ?? [];
	}

	// ——— the lease

	function isHub(device: DeviceId): boolean {
		return verifier.certificateOf(device)?.role === 'hub';
	}

	function hearLeaseOf(message: LeaseMessage): void {
		const [, device] = message.term;
		if (verifier.certificateOf(device) === undefined || (ledger.state.devices.get(device)?.standing ?? 'active') !== 'active') return;
		const nowMs = clock.nowMs();
		if (lease === undefined) {
			// Both sides of a split network are heard here. The higher term is the holder while it lives, as among devices that hear each other: else
			// the branch would seem to change hands with every heartbeat.
			const isLive = overheard !== undefined && nowMs - overheard.heardAtMs < QUIET_MS;
			if (overheard !== undefined && isLive && compareTerms(message.term, overheard.term) < 0) return;
			overheard = { term: message.term, holder: device, sinceMs: nowMs - message.heldForMs, cloud: message.cloud, heardAtMs: nowMs };
			noteLease();
		} else stepLease(hearLease(lease, message, isHub(device), nowMs));
	}

	function stepLease({ state, send }: LeaseStep): void {
		const held = lease !== undefined && isHolding(lease);
		lease = state;
		for (const message of send) documents?.broadcast(message);
		if (isHolding(state) !== held) for (const listener of leaseListeners) listener();
		noteLease();
	}

	function leaseNow(): LeaseHeard | undefined {
		if (lease === undefined) return overheard;
		const nowMs = clock.nowMs();
		const { own: held, cloud } = lease;
		if (held !== undefined)
			return {
				...{ holder: lease.self, sinceMs: held.sinceMs, heardAtMs: nowMs },
				cloud: cloud === undefined ? 'none' : cloud.reached ? 'connected' : 'apart',
			};
		const other = liveHolder(lease, nowMs);
		return other && { holder: other.term[1], sinceMs: other.sinceMs, cloud: other.cloud, heardAtMs: other.heardAtMs };
	}

	function noteLease(): void {
		const now = leaseNow();
		if (now === undefined || (told?.holder === now.holder && told.cloud === now.cloud)) return;
		if (told?.holder !== now.holder) note({ event: 'holder', device: now.holder });
		if (told?.cloud !== now.cloud) note({ event: 'cloud', state: now.cloud });
		told = now;
		changed();
	}

	function tell(): void {
		if (documents === undefined || connected.size === 0) return;
		if (own !== undefined) documents.broadcast({ t: 'marks', device: own.device, marks: [...heldMarks()] });
		const isHolder = lease !== undefined && isHolding(lease);
		for (const { watermark, signed } of watermarks.values()) {
			if (isHolder || watermark.issuer === deps.issues?.signer.device) documents.broadcast({ t: 'watermark', signed: hexOf(signed) });
		}
	}

	/** What may be told to be here. A chain whose last entries are on their way to the disk is not named, and stands as it was said. */
	function heldMarks(): readonly Mark[] {
		const marks = ledger.marks();
		return intake.onTheWay().size === 0 ? marks : marks.filter(({ device, scope }) => !isOnTheWay(device, scope));
	}

	function isOnTheWay(device: DeviceId, scope: Scope): boolean {
		for (const { header } of intake.onTheWay()) if (header.device === device && header.scope === scope) return true;
		return false;
	}

	const untold = new Set<string>();

	/** Who sold what waits is told where it is: of these chains at once, of all every five seconds. Hubs say it by their watermarks. */
	function tellHeldSoon(entries: readonly Entry[]): void {
		if (own === undefined || deps.issues !== undefined) return;
		const isScheduled = untold.size > 0;
		for (const { header } of entries) if (header.device !== own.device) untold.add(chainKey(header.device, header.scope));
		if (isScheduled || untold.size === 0) return;
		later(TELL_AGAIN_MS, () => {
			const tier = ledger.state.relays.size > 0 ? 'cloud' : 'host';
			const marks = heldMarks().filter(({ device, scope, seq }) => untold.has(chainKey(device, scope)) && seq > coveredSeq(device, scope, tier));
			untold.clear();
			if (marks.length > 0 && connected.size > 0) documents?.broadcast({ t: 'marks', device: own.device, marks });
		});
	}

	// ——— watermarks

	let issue: ReturnType<typeof createWatermarkIssuer> | undefined;
	/** The newest own one that others have shown: newer than the own disk knows, where that was put back. */
	let shown: Hlc | undefined;
	let watermarkScheduled = false;
	/** The start counts as one: whoever links then shows first what it holds. */
	let issuedAtMs = 0;
	let watermarkEveryMs = WATERMARK_EVERY_MS;

	function scheduleWatermark(): void {
		if (issue === undefined || watermarkScheduled || closed) return;
		watermarkScheduled = true;
		// A wall clock that was set back waits no longer than usual.
		const nowMs = clock.nowMs();
		const waitMs = Math.max(0, watermarkEveryMs - Math.max(0, nowMs - issuedAtMs));
		later(waitMs, () => {
			const lateMs = Math.max(0, clock.nowMs() - nowMs - waitMs);
			watermarkEveryMs = Math.min(LONGEST_WATERMARK_MS, WATERMARK_EVERY_MS + LATE_TIMES * lateMs);
			return issueNow();
		});
	}

	const mayIssue = (): boolean => deps.issues?.mayIssue?.() !== false;

	async function issueNow(): Promise<void> {
		watermarkScheduled = false;
		if (issue === undefined || closed || isHeldBack) return;
		if (!mayIssue()) {
			watermarkScheduled = true;
			later(TELL_AGAIN_MS, issueNow);
			return;
		}
		issuedAtMs = clock.nowMs();
		// Own entries fold when they are durable in the vault, which is the same disk; what others wrote was stored before it was folded.
		const signed = await issue(ledger.marks(), shown, fullNow());
		// A process that was frozen here and wakes may have lost the branch meanwhile: whoever has it now speaks. Frozen after this line, what is signed is
		// older than whatever the other one signs.
		if (!mayIssue()) {
			scheduleWatermark();
			return;
		}
		firstHlc ??= signed.watermark.hlc;
		const before = watermarks.get(signed.watermark.issuer);
		if (before !== undefined && !isNewer(signed.watermark, before.watermark)) return; // A later one was signed faster.
		watermarks.set(signed.watermark.issuer, signed);
		documents?.broadcast({ t: 'watermark', signed: hexOf(signed.signed) });
		changed();
		scheduleClosing();
		keepOwnSoon();
	}

	function fullNow(): Watermark['full'] {
		const full = day?.full();
		if (full === undefined || full.devices.size === 0) return undefined;
		return { devices: [...full.devices].slice(0, MOST_FULL), untilMs: full.untilMs };
	}

	let isKeptSoon = false;
	function keepOwnSoon(): void {
		if (isKeptSoon) return;
		isKeptSoon = true;
		later(KEEP_OWN_WATERMARK_MS, keepWatermarks);
	}

	async function takeWatermark(bytes: Uint8Array, isNow = false): Promise<void> {
		const opened = await openWatermark(bytes, digest);
		if (opened === undefined || opened.watermark.store !== store || opened.watermark.branch !== branch || !maySpeak(opened.watermark)) return;
		const { issuer, hlc } = opened.watermark;
		if (!isOfOwnLine(opened.watermark)) for (const listener of strangeKeyListeners) listener(issuer);
		// What the own disk kept was believed when it was said.
		if (isNow ? !isByKeyInForce(opened.watermark) : !isOfOwnLine(opened.watermark)) return;
		const isOwn = isNow && issuer === deps.issues?.signer.device;
		if (isOwn) noteHad(opened.watermark);
		const before = watermarks.get(issuer);
		if (before !== undefined && !isNewer(opened.watermark, before.watermark)) return;
		if (isOwn) {
			// This disk was put back to before it: what it says now must be newer, and says how far it reaches.
			shown = hlc;
			await issueNow();
			return;
		}
		watermarks.set(issuer, opened);
		const wereFull = new Set(before?.watermark.full?.devices);
		for (const device of opened.watermark.full?.devices ?? [])
			if (!wereFull.has(device)) note({ event: 'full', tier: opened.watermark.tier, device });
		// One that was passed on may be older than what the issuer holds now.
		hearOwnClaim(opened.watermark.marks, isNow && hlc[0] >= clock.nowMs() - FRESH_MS);
		noteLoss(before, opened);
		letBack();
		scheduleClosing();
		if (isNow) changed(); // Before the disk has it: whoever looks at a sale waits for the cloud, and not for that.
		await keepWatermarks();
	}

	/** An issuer that covers less than it did has lost it; it owes that until it covers it again. */
	function noteLoss(before: SignedWatermark | undefined, now: SignedWatermark): void {
		const { watermark } = now;
		const { issuer, tier } = watermark;
		const lost = before === undefined ? 0 : entriesLost(before.watermark, watermark);
		if (before !== undefined && lost > 0) {
			note({ event: 'watermark-behind', tier, entries: lost });
			// The next one may cover everything again: whoever has not heard of this one by then never would.
			documents?.broadcast({ t: 'watermark', signed: hexOf(now.signed) });
			const owes = owed.get(issuer);
			if (owes === undefined || entriesLost(owes.watermark, before.watermark) === 0) owed.set(issuer, before);
		}
		const owes = owed.get(issuer);
		if (owes === undefined || entriesLost(owes.watermark, watermark) > 0) return;
		owed.delete(issuer);
		note({ event: 'refilled', tier });
	}

	/** A hub speaks for its branch by its certificate until it is removed, a relay for the cloud because an entry of this store says so. */
	function maySpeak({ issuer, tier }: Watermark): boolean {
		if (issuer === deps.issues?.signer.device) return tier === deps.issues.tier;
		return tier === 'cloud' ? ledger.state.relays.has(issuer) : isHubOf(issuer, branch);
	}

	function maySpeakFor(said: StockHead, of: BranchId): boolean {
		return (ledger.state.relays.has(said.issuer) || isHubOf(said.issuer, of)) && isKeyOf(said, ledger.state);
	}

	/** By a key that the relay has, or has had; of itself it may know more than the ledger does. */
	function isOfOwnLine(said: Watermark): boolean {
		const relay = ledger.state.relays.get(said.issuer);
		const key = keyNamed(said);
		return said.issuer === speaker?.device || relay === undefined || key === relay.relay || relay.keys?.includes(key) === true;
	}

	/** A relay may be this store's no more, and of two renewals of one key another may rule by now: what it said is nobody's word then. */
	function forgetUnspeaking(): void {
		for (const kept of [watermarks, owed])
			for (const [issuer, { watermark }] of kept)
				if (watermark.tier === 'cloud' && !(maySpeak(watermark) && isOfOwnLine(watermark))) kept.delete(issuer);
	}

	function isByKeyInForce(said: Watermark): boolean {
		return said.issuer === speaker?.device ? isByOwnKey(said) : isKeyOf(said, ledger.state);
	}

	function isByOwnKey(said: Watermark): boolean {
		return said.key === speaker?.key;
	}

	/** Whatever a key that was given up has said last, the one in force says something newer. */
	function isNewer(now: Watermark, before: Watermark): boolean {
		const isSuccessor = keyNamed(now) !== keyNamed(before) && isByKeyInForce(now);
		return isSuccessor || compareHlc(before.hlc, now.hlc) < 0;
	}

	function isHubOf(device: DeviceId, of: BranchId): boolean {
		const certificate = verifier.certificateOf(device);
		const isOfBranch = certificate?.role === 'hub' && certificate.branch === of;
		return isOfBranch && (ledger.state.devices.get(device)?.standing ?? 'active') === 'active';
	}

	/** So that a rollback shows across restarts. A disk that is full or closing loses this, and no more: watermarks are told again every few seconds. */
	async function keepWatermarks(): Promise<void> {
		isKeptSoon = false;
		const bytesOf = (kept: ReadonlyMap<DeviceId, SignedWatermark>): Uint8Array => encode([...kept.values()].map(({ signed }) => hexOf(signed)));
		await entryStore.setCache('watermarks', bytesOf(watermarks)).catch(() => undefined);
		const owing = [...owed.keys()].join();
		if (owing === owingKept) return;
		owingKept = owing;
		await entryStore.setCache('owed', bytesOf(owed)).catch(() => undefined);
	}

	// ——— what is told

	function onFinding(finding: DamagedBytes): void {
		const isKnown = damaged.some(({ document, hash, reason }) => document === finding.document && hash === finding.hash && reason === finding.reason);
		if (isKnown || damaged.length >= MAX_DAMAGED) return;
		damaged.push(finding);
		note({ event: 'damaged', document: finding.document, reason: finding.reason });
		void entryStore.addDamaged(finding).catch(() => undefined); // A finding about a disk may meet the same disk.
		changed();
	}

	function note(event: LogEvent): void {
		log.push({ atMs: clock.nowMs(), event });
		if (log.length > MAX_LOG) log.shift();
	}

	function later(ms: number, task: () => void | Promise<void>): void {
		const stop = timers.after(ms, () => {
			stops.delete(stop);
			return task();
		});
		stops.add(stop);
	}

	/** Ends at closing, too: what was to be tried again later is not waited for. */
	async function pause(ms: number): Promise<void> {
		const ended = Promise.withResolvers<undefined>();
		const end = (): void => {
			ended.resolve(undefined);
		};
		later(ms, end);
		stops.add(end);
		await ended.promise;
		stops.delete(end);
	}

	function changed(): void {
		for (const listener of findingsChanged) listener();
	}

	return {
		load,
		hear,
		recover,
		attach,
		take: intake.take,
		takeChain: intake.takeChain,
		pass(items) {
			announce(items.map((sealed) => ({ sealed })));
		},
		recall: recallWhere,
		recallReceipt,
		noteVault(finding) {
			note({ event: 'vault', finding });
			changed();
		},
		setConnected(devices, hellos = []) {
			const isNew = [...devices].some((device) => !connected.has(device));
			const before = connected;
			connected = devices;
			segmentRest?.setMany(devices.size > 1);
			for (const { device, role, marks } of hellos) {
				if (before.has(device)) continue;
				// The link has proven who it is, maybe before its certificate is here.
				if (verifier.certificateOf(device) === undefined) hearOwnClaim(marks, role === 'hub');
				else hearMarks(device, marks, true);
			}
			if (!isNew) return;
			if (issue !== undefined) scheduleWatermark();
			tell();
			// A link that has just said hello may not carry the floor yet, and the lane may drop: say it once more.
			later(TELL_AGAIN_MS, tell);
		},
		setCloud(reached) {
			if (lease === undefined) return;
			lease = setCloud(lease, reached, clock.nowMs());
			noteLease();
		},
		belowSeq: (scope) => ledger.deps.checkpoint?.chains.find((end) => end.device === own?.device && end.scope === scope)?.seq ?? 0,
		holdsLease: () => lease !== undefined && isHolding(lease),
		onLease: (listener) => {
			leaseListeners.push(listener);
		},
		async askAgain() {
			tell();
			for (const certificate of verifier.devices()) openSegmentsOf(certificate);
			catchUp?.askAll();
			await intake.idle();
		},
		findings: () => ({
			watermarks: [...watermarks.values()].map(({ watermark }) => watermark),
			owed: [...owed.values()].map(({ watermark }) => watermark),
			lease: leaseNow(),
			peerMarks,
			claimedSeq,
			duplicates: intake.duplicates(),
			recalculating: history !== undefined || (ledger.needsHistory() && adoption.isPartial()),
			adopted: adoption.now(),
			asking: catchUp?.isAsking() === true,
			damaged,
			log,
		}),
		heldMarks,
		onTheWay: () => new Set([...intake.onTheWay()].map(({ hash }) => hash)),
		onHeld: (listener) => {
			heldListeners.push(listener);
		},
		ownWatermark: () => (deps.issues === undefined ? undefined : watermarks.get(deps.issues.signer.device)?.signed),
		onFolded: (listener) => {
			folded.push(listener);
		},
		onFindings: (listener) => {
			findingsChanged.push(listener);
		},
		onLedgered: (listener) => {
			ledgered.push(listener);
		},
		stockRows: () => stockRows,
		receiptsElsewhere: () => receiptsElsewhere,
		onStockRows: (listener) => {
			stockTold.push(listener);
		},
		ownAbove,
		onOwnCame: (listener) => {
			ownCame.push(listener);
		},
		onRivals: (listener) => {
			rivalListeners.push(listener);
		},
		onStrangeKey: (listener) => {
			strangeKeyListeners.push(listener);
		},
		onOwnClaimed: (listener) => {
			ownClaimed.push(listener);
		},
		onOwnPrunable: (listener) => {
			ownPrunable.push(listener);
		},
		async idle() {
			await intake.idle();
			await writing;
			await history?.done;
			await stockRows?.idle();
		},
		async close() {
			closed = true;
			segmentRest?.close();
			catchUp?.close();
			newcomers?.close();
			recaller?.close();
			stockRows?.close();
			receiptsElsewhere?.close();
			for (const stop of stops) stop();
			await intake.close();
			await writing;
			await history?.done;
			await stockRows?.idle();
			if (isKeptSoon) await keepWatermarks();
			await day?.keep();
		},
	};
}

/** A relay names the key that it renewed to. A hub's is in its certificate, and everybody looks there. */
function speakerOf({ tier, signer }: NonNullable<ReplicaDeps['issues']>): Signer {
	if (tier === 'cloud') return signer;
	return { device: signer.device, sign: (bytes) => signer.sign(bytes) };
}

function segmentKey({ device, scope, n }: Pick<SegmentName, 'device' | 'scope' | 'n'>): string {
	return `${chainKey(device, scope)}:${n}`;
}

/** Signers cut at the same midnight (UTC): what they signed can then be held against each other. */
function dayBefore(atMs: number): number {
	return atMs - (atMs % DAY_MS);
}
