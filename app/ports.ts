/**
 * Everything outside the engine, as interfaces, on one page. `boot.ts` (till) and `sync-server/` (hub, relay) choose who fulfils which.
 *
 * Bytes and ids: an id is hex text (`schemas/ids.ts`); `sealed` is an entry's wire form (`schemas/entry.ts`). Every promise that says "durable"
 * resolves after the disk has it.
 */
import type { TakenBack } from '#core/entry/taken-back.ts';
import type { Paper } from '#core/receipt/paper.ts';
import type { Cart } from '#schemas/cart.ts';
import type { SegmentName } from '#schemas/documents/segment.ts';
import type { Genesis } from '#schemas/documents/genesis.ts';
import type { FloorDocument } from '#schemas/documents/floor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { CableDevice, Equipment } from '#schemas/equipment.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import type { BranchId, DeviceId, EntryHash, IntentKey, Scope, SigningKey, StoreId } from '#schemas/ids.ts';
import type { NetworkPrinter } from '#schemas/facts/setting-changed.ts';
import type { Hlc, Mark, SeenChange } from '#schemas/mark.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import type { KeyRow } from '#schemas/wire/keys.ts';
import type { LaneSaid } from '#schemas/wire/lane.ts';
import type { PrintFailure } from '#schemas/wire/print.ts';

export interface Clock {
	/** Wall clock, ms since 1970. */
	nowMs(): number;
}

export interface Timers {
	/** Runs the task again and again; answers how to stop. A task that is still running is never started a second time. */
	every(ms: number, task: () => void | Promise<void>): () => void;
	after(ms: number, task: () => void | Promise<void>): () => void;
}

/** Of a process that has many branches: their long work goes in slices of some ms, in turn, and what is new of any of them goes between. */
export interface Turns {
	/** Runs the slice when everybody who asked before has had one. Answers as it does. */
	take<Answer>(slice: () => Answer | Promise<Answer>): Promise<Answer>;
}

export interface Random {
	bytes(length: number): Uint8Array;
}

/** Hashing and checking signatures: needs no secret. */
export interface Digest {
	sha256(bytes: Uint8Array): Promise<Uint8Array>;
	/** False for any bytes that are not this key's signature over `bytes`; never throws. */
	verify(key: SigningKey, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** The device's signing key, which never leaves its adapter. */
export interface Signer {
	readonly device: DeviceId;
	/** The public half that its signatures are checked against; absent: the device's id. */
	readonly key?: SigningKey;
	sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** The end of one own chain, with the whole `seen` vector as of that entry: the next one writes only what changed. */
export interface Head {
	readonly seq: number;
	readonly hash: EntryHash;
	/** Key: first 8 bytes of the device + ':' + 'b' or 's'. */
	readonly seen: ReadonlyMap<string, SeenChange>;
}

/** What `commit` must agree with. */
export interface VaultState {
	/** Raised by every record: the token of compare-and-swap. */
	readonly version: number;
	/** The newest owner's number: whoever holds an older one can write no more. */
	readonly ownership: number;
	readonly heads: { readonly [scope in Scope]: Head | undefined };
	readonly hlc: Hlc;
	/** The last receipt number taken; the next sale is this plus one. */
	readonly lastReceiptNumber: number;
}

export type SaleStatus = 'open cart' | 'recorded' | 'ledgered';

export interface SaleRecord {
	readonly key: IntentKey;
	readonly status: Exclude<SaleStatus, 'open cart'>;
	readonly entry: EntryHash;
	readonly seq: number;
	readonly receipt: Receipt;
	readonly totalMinor: number;
	readonly atMs: number;
}

/**
 * What a store throws when it cannot read or write; anything else it throws is a bug. `full`: the disk or the browser's quota. `closed`: this
 * connection is over (the browser closed it, or a newer version of the app took the database), and only opening again helps. `not-owner`: another tab
 * has taken over.
 */
export class StorageError extends Error {
	readonly kind: StorageErrorKind;
	constructor(kind: StorageErrorKind, message: string) {
		super(message);
		this.name = 'StorageError';
		this.kind = kind;
	}
}
export type StorageErrorKind = 'full' | 'failed' | 'closed' | 'not-owner';

/** What a vault found about its two copies. `detail` is for a log. */
export type VaultFinding =
	/** The other goes on alone. */
	| { readonly found: 'copy-does-not-open' | 'copy-cannot-be-written' | 'copy-is-full'; readonly detail: string }
	/** The browser lost one, or deleted what it found broken. */
	| { readonly found: 'copy-restored' | 'no-second-copy' | 'copies-equal-again' };

/** One strict transaction of `commit`: all of it or nothing. */
export interface VaultChange {
	/** Fails with `moved` when another record came between. */
	readonly version: number;
	/** Fails with `not-owner` when another tab has taken over since. */
	readonly ownership: number;
	/** One entry, or the two parts of an intent. */
	readonly entries: readonly Entry[];
	readonly heads: VaultState['heads'];
	readonly hlc: Hlc;
	/** Present when the intent took a receipt number. What does not follow from the state (`core/entry/own-chain.ts`) is our bug, and throws. */
	readonly sale?: Omit<SaleRecord, 'status' | 'entry' | 'seq'>;
	readonly removesCart?: IntentKey;
}

/** What others kept of this device, when its vault is older than that: a restored backup. */
export interface VaultTakeBack {
	readonly version: number;
	readonly ownership: number;
	readonly taken: TakenBack;
}

export type RecordOutcome = { readonly recorded: VaultState } | { readonly failed: 'moved' | 'not-owner' } | { readonly failed: 'key-known' };

/** `not-owner`: another tab has taken over, and nothing was written. */
export type Written = 'saved' | 'not-owner';

/**
 * The sale vault and the critical journal: the device's own record, independent of Automerge and of sync. Every write names its owner's number.
 * Contract (`tests/contracts/vault.ts`): a resolved `record` survives kill −9; two racing records cannot both win; a key is recorded once.
 */
export interface Vault {
	read(): Promise<VaultState>;
	record(change: VaultChange): Promise<RecordOutcome>;
	/** All of it or nothing, as `record`. Its sales are `recorded`, and a cart that one of them was is gone. */
	takeBack(change: VaultTakeBack): Promise<Exclude<RecordOutcome, { readonly failed: 'key-known' }>>;
	saleByKey(key: IntentKey): Promise<SaleRecord | undefined>;
	/** The one or two entries that were recorded under a key; empty when it is new. */
	entriesByKey(key: IntentKey): Promise<readonly Uint8Array[]>;
	salesByStatus(status: SaleRecord['status'], limit: number): Promise<readonly SaleRecord[]>;
	/** The entries are in their segment document, and that is on disk. */
	markLedgered(scope: Scope, upToSeq: number, ownership: number): Promise<Written>;
	/** Own sealed entries in order of seq, from `fromSeq` on, at most `limit`. */
	ownEntries(scope: Scope, fromSeq: number, limit: number): Promise<readonly Uint8Array[]>;
	/**
	 * Own entries of the branch up to here leave, with what is kept of their sales: others keep them (`engine/prunable.ts`). In steps from below, so that no cut
	 * leaves a hole. The last entry never leaves: asked for it, this throws.
	 */
	prune(upToSeq: number, ownership: number): Promise<Written>;
	/** What is recorded above these places of the two own chains; sales and refunds are those with a receipt. */
	recordedAbove(seqs: { readonly [scope in Scope]: number }): Promise<{ readonly entries: number; readonly receipts: number }>;
	/** All open carts (parked ones excluded); durable, strict. */
	carts(): Promise<readonly Cart[]>;
	saveCart(cart: Cart, ownership: number): Promise<Written>;
	dropCart(key: IntentKey, ownership: number): Promise<Written>;
	/** Raises the ownership number: whoever held the one before can write no more. */
	takeOwnership(): Promise<number>;
	/** Small durable values of the device: certificate chain, genesis, `Work alone`, last watermarks. JSON-like. */
	getValue(name: string): Promise<unknown>;
	setValue(name: string, value: unknown, ownership: number): Promise<Written>;
	close(): Promise<void>;
}

/** Where verified bytes came from; named in findings. */
export type Route = 'own' | 'lane' | 'document' | 'catch-up' | 'file';

export interface DamagedBytes {
	readonly document: string;
	readonly route: Route;
	readonly reason: string;
	readonly hash: EntryHash;
	readonly atMs: number;
}

/**
 * Entries heard from others (on a hub and a relay: all entries), by (device, scope, seq, hash). Two hashes at one seq are both kept.
 * Contract (`tests/contracts/entry-store.ts`).
 */
export interface EntryStore {
	/** Durable when it resolves. Answers the hashes that were new; the others were known. */
	add(entries: readonly Entry[]): Promise<ReadonlySet<EntryHash>>;
	/** In order of (device, scope, seq, hash), from after the cursor; an empty page is the end. */
	page(after: StoreCursor | undefined, limit: number): Promise<{ readonly sealed: readonly Uint8Array[]; readonly cursor: StoreCursor | undefined }>;
	/** One chain from `fromSeq` on. */
	chain(device: DeviceId, scope: Scope, fromSeq: number, limit: number): Promise<readonly Uint8Array[]>;
	addCertificates(chains: readonly { readonly device: DeviceId; readonly chain: Uint8Array }[]): Promise<void>;
	certificates(): Promise<readonly Uint8Array[]>;
	addDamaged(found: DamagedBytes): Promise<void>;
	damaged(): Promise<readonly DamagedBytes[]>;
	/** Disposable caches (projections), by name. */
	getCache(name: string): Promise<Uint8Array | undefined>;
	setCache(name: string, bytes: Uint8Array): Promise<void>;
	close(): Promise<void>;
}
/** A till's: what others keep for it may leave. Hubs and the relay keep everything. */
export interface PrunableEntryStore extends EntryStore {
	/** Deletes what lies on these chains up to these places, and keeps the caches that stand for it, together: all of it or nothing. Answers how many left. */
	prune(upTo: readonly Pick<Mark, 'device' | 'scope' | 'seq'>[], caches: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<number>;
}
export type StoreCursor = readonly [device: string, scope: string, seq: number, hash: string];

/**
 * Keys that are in no entry and no document: of customers, and the store's secrets.
 * Contract (`tests/contracts/key-table.ts`).
 */
export interface KeyTable {
	/** In no order. */
	rows(): Promise<readonly KeyRow[]>;
	/** Durable when it resolves. A row whose id is there stays as it is. */
	add(rows: readonly KeyRow[]): Promise<void>;
	/** Gone from the disk, as far as this system can, when it resolves. */
	remove(ids: readonly string[]): Promise<void>;
	close(): Promise<void>;
}

/** What is read with a key alone. */
export interface Cipher {
	/** AES-256-GCM under 32 bytes of key; the nonce comes first. */
	seal(key: Uint8Array, plain: Uint8Array): Promise<Uint8Array>;
	/** Undefined for what was not sealed under this key. */
	open(key: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | undefined>;
	/** HMAC-SHA-256. */
	mac(key: Uint8Array, bytes: Uint8Array): Promise<Uint8Array>;
	/** A new key pair (X25519), whose private half nobody can take out and no disk ever has. */
	makeBox(): Promise<Box>;
	/** For the box alone with this public half. Throws for bytes that are no public half. */
	sealFor(box: Uint8Array, plain: Uint8Array): Promise<Uint8Array>;
}
export interface Box {
	/** 32 bytes. */
	readonly public: Uint8Array;
	open(sealed: Uint8Array): Promise<Uint8Array | undefined>;
}

/** Automerge's chunks by the parts of their keys, as automerge-repo's storage adapters are asked for them. A resolved write is on the disk. */
export interface ChunkStorage {
	load(key: string[]): Promise<Uint8Array | undefined>;
	save(key: string[], data: Uint8Array): Promise<void>;
	remove(key: string[]): Promise<void>;
	/** In the order of writing: changes come after those they stand on. */
	loadRange(prefix: string[]): Promise<{ key: string[]; data: Uint8Array | undefined }[]>;
	removeRange(prefix: string[]): Promise<void>;
}

/** What a relay names a branch by. `root`: the store's root key, which the store's id is the hash of. */
export interface BranchName {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly root: DeviceId;
}

/**
 * Tables of a relay that the fold fills, and views on them for people. All disposable: other tables than those that lie there are made anew, and filled from the
 * ledger. Every table has `store` and `branch` before its columns and its key.
 */
export interface ReportPlan {
	readonly tables: readonly ReportTable[];
	readonly views: readonly ReportView[];
}
export interface ReportTable {
	readonly name: string;
	readonly columns: Readonly<Record<string, ReportType>>;
	readonly key: readonly string[];
}
/** `integer`: whole, up to 2^53. `day`: a calendar date. */
export type ReportType = 'text' | 'integer' | 'day' | 'boolean';
export interface ReportView {
	readonly name: string;
	/** The query; `table` is how a table is named in it. */
	sql(dialect: 'postgres' | 'sqlite', table: (name: string) => string): string;
	/** Columns that every row differs in, in the order in which pages go. */
	readonly order: readonly string[];
	/** Columns that are added up, and those by which (`ReportQuestion.by`). */
	readonly sums?: readonly string[];
	readonly groups?: readonly string[];
	/** Columns that are looked through for `ReportQuestion.find`. */
	readonly found?: readonly string[];
}
export type ReportCell = string | number | boolean | null;
export type ReportRow = Readonly<Record<string, ReportCell>>;

export interface ReportChange {
	/** Everything of this branch goes first. */
	readonly begins?: boolean;
	/** By table; no two rows with one key. What is there already is written over. */
	readonly rows: ReadonlyMap<string, readonly ReportRow[]>;
	/** Rows of this table that are not among these go. */
	readonly whole?: ReadonlySet<string>;
	/** What the rows reflect once this is written; absent: there is more to come. */
	readonly marks?: readonly Mark[];
}

/** The reports of one branch. */
export interface BranchReports {
	/** What the rows reflect; undefined: they are not whole. */
	marks(): Promise<readonly Mark[] | undefined>;
	/** All of it or nothing. */
	write(change: ReportChange): Promise<void>;
}

/** What a record throws where a value of a question is none that its column could have, or the answer takes longer than a question may. */
export class BadQuestion extends Error {
	readonly why: 'bad-value' | 'too-much';
	constructor(why: BadQuestion['why'], message: string) {
		super(message);
		this.why = why;
	}
}

export interface ReportQuestion {
	readonly view: string;
	readonly store: StoreId;
	readonly branch?: string;
	/** Bounds of the view's `day`, both within. */
	readonly from?: string;
	readonly to?: string;
	/** Only rows in which one of the view's `found` holds this text, in capitals or not. */
	readonly find?: string;
	/** One row for each that differ in these columns of the view, with its `sums` added up; without `after`. */
	readonly by?: readonly string[];
	/** With `by`: the most of this sum first. */
	readonly most?: string;
	/** The last come first. */
	readonly reverse?: boolean;
	/** The order columns of the last row of the page before. */
	readonly after?: readonly ReportCell[];
	readonly limit: number;
}

/** Where all of one branch lies. */
export interface BranchStorage {
	readonly entryStore: EntryStore;
	readonly chunks: ChunkStorage;
	readonly reports: BranchReports;
	/** Nobody asks for some time: what memory it can spare goes, and comes back with the next call. */
	rest?(): Promise<void>;
	/** Writes what waits and lets go of the branch. */
	close(): Promise<void>;
}

export type StorageStanding = { readonly answers: true } | { readonly answers: false; readonly sinceMs: number; readonly reason: string };

export type BranchLoss = 'taken' | 'put-back';

/** One of several processes that keep one record together. */
export interface RelayProcess {
	readonly id: string;
	/** Where the other processes reach it: `http://10.0.0.2:4500`. */
	readonly address: string;
	/** Where devices reach it and no other process, `wss://…`; absent: they come by way of whichever process they reach. */
	readonly publicUrl?: string;
}

/** `unknown`: whoever kept it may be gone or not, which shows within seconds. `full`: it would be new, and nobody takes more. */
export type Keeper = RelayProcess | 'unknown' | 'full';

/** What a process learns each second. */
export interface SharedTurn {
	/** Ids of the processes that are there. */
	readonly alive: ReadonlySet<string>;
	/** Branches that this process should open: given to it, or nobody's. */
	readonly open: readonly BranchName[];
	/** So many more than its share are open here. */
	readonly surplus: number;
}

/** A record that several processes share: each branch is kept by one of them at a time. Whoever is silent for some seconds keeps nothing any more. */
export interface SharedRecord {
	/** From here on this process takes part, and `open` opens nothing that another one keeps: it throws `not-owner`. Answers itself, with its id. */
	join(process: Omit<RelayProcess, 'id'>): Promise<RelayProcess>;
	/** No other process can have taken a branch of this one by now. What is signed is signed while this holds. */
	isSure(): boolean;
	onTurn(listener: (turn: SharedTurn) => void): void;
	/** Who keeps the branch, as far as that is known; changes nothing. */
	keeperNow(name: Pick<BranchName, 'store' | 'branch'>): Promise<RelayProcess | undefined>;
	/** Who keeps it; one that nobody keeps is given to whoever has fewest, a new one only while that one has less than `most`. */
	keeper(name: BranchName, most: number): Promise<Keeper>;
	/** To whoever has fewest, or to nobody: after it was closed here. */
	hand(name: BranchName): Promise<void>;
	/** False: nothing more is given to this process. */
	stay(stays: boolean): Promise<void>;
	/** True once for a nonce, in all processes together. */
	spend(nonce: string): Promise<boolean>;
	/** Every branch of a store; a higher count than before: it was written. */
	branchesOf(store: StoreId): Promise<readonly { readonly branch: BranchId; readonly writes: number }[]>;
	/** Devices that a branch knows, these left out: their certificate chains, and how far their chain of the store scope reaches there (0: nothing). */
	storeChains(
		name: Pick<BranchName, 'store' | 'branch'>,
		without: readonly DeviceId[],
	): Promise<readonly { readonly device: DeviceId; readonly chain: Uint8Array; readonly seq: number }[]>;
	/** To read in, whoever keeps it. */
	read(name: Pick<BranchName, 'store' | 'branch'>): Pick<EntryStore, 'chain' | 'getCache'>;
}

/**
 * Everything that a relay keeps. Contract (`tests/contracts/relay-storage.ts`): branches know nothing of each other, what is resolved survives kill −9.
 */
export interface RelayStorage {
	/** Every branch that was ever opened here. `problem`: what is there of it cannot be read. */
	branches(): Promise<readonly (BranchName | { readonly key: string; readonly problem: string })[]>;
	/** Makes what is not there yet. From here on this process alone writes the branch: whoever opened it before can write no more. */
	open(name: BranchName): Promise<BranchStorage>;
	/** Rows of a view, in its order. Throws `BadQuestion`. */
	report(question: ReportQuestion): Promise<readonly ReportRow[]>;
	/** Of a view, as its rows have them. */
	reportColumns(view: string): Promise<readonly string[]>;
	/** A small durable value of the relay as a whole. JSON-like. */
	getValue(name: string): Promise<unknown>;
	setValue(name: string, value: unknown): Promise<void>;
	/** Sets it where there is none; answers what stands. */
	keepValue(name: string, value: unknown): Promise<unknown>;
	/** Where several processes may share it. */
	readonly shared?: SharedRecord;
	/** A database that does not answer: writes are refused until it does, and whoever asked tries again. */
	standing(): StorageStanding;
	onStanding(listener: (standing: StorageStanding) => void): void;
	/**
	 * What was open is not this process's any more. `taken`: another one opened it. `put-back`: the database is one of an earlier day, and what the ledger
	 * in memory says is not what is there.
	 */
	onLost(listener: (name: BranchName, why: BranchLoss) => void): void;
	close(): Promise<void>;
}

/** The Automerge documents. The engine never sees Automerge; entries go in and come out as bytes. */
export interface Documents {
	/** Opens (makes, finds, keeps finding) a segment. Idempotent. Items that are there already are told through `onItems`. */
	openSegment(name: SegmentName): Promise<void>;
	/** Its document leaves: no longer shared, not in memory, not on disk. Entries stay where they are, in the entry store. Opening it again begins anew. */
	closeSegment(name: SegmentName): Promise<void>;
	/** Its document is neither shared nor in memory until it is opened again; it stays on the disk. */
	restSegment(name: SegmentName): Promise<void>;
	/** Appends the items that the list does not hold yet; resolves when the document is durable here. */
	append(name: SegmentName, items: readonly Uint8Array[]): Promise<void>;
	onItems(listener: (name: SegmentName, items: readonly Uint8Array[]) => void): void;
	floor(): FloorDocument;
	changeFloor(change: (floor: FloorDocument) => void): Promise<void>;
	onFloor(listener: (floor: FloorDocument) => void): void;
	/** The live lane: ephemeral, to every peer that has the floor open. */
	broadcast(message: LaneSaid): void;
	onLane(listener: (message: LaneSaid, fromRepoPeer: string) => void): void;
	/** To one peer alone, beside the documents; dropped when it is not linked. */
	sendTo(repoPeer: string, message: DirectMessage): void;
	onDirect(listener: (message: DirectMessage, fromRepoPeer: string) => void): void;
	/** Peers that come and go, by any network; those that are there are told at once. */
	onLinked(listener: (repoPeer: string, isLinked: boolean) => void): void;
	/** Documents that did not load whole, with what was set aside. */
	onDamage(listener: (document: string, reason: string) => void): void;
	genesis(): Promise<Genesis | undefined>;
	close(): Promise<void>;
}

/** What the browser lets this origin keep. Never throws. */
export interface StorageRoom {
	/** The browser has promised not to clear it by itself. */
	isPersisted(): Promise<boolean>;
	/** Asks for that promise; some browsers ask the person. */
	persist(): Promise<boolean>;
	estimate(): Promise<{ readonly usedBytes: number; readonly quotaBytes: number } | undefined>;
}

/** Whether this page may reach devices of the network it is in; `prompt`: the browser asks when it tries. `unknown`: the browser has no such permission. */
export type LocalNetworkAccess = 'granted' | 'prompt' | 'denied' | 'unknown';

/** Never throws. */
export interface LocalNetwork {
	/** To other machines of the network, or to this very machine: browsers tell the two apart. */
	access(where: 'network' | 'this-machine'): Promise<LocalNetworkAccess>;
	onChange(listener: () => void): void;
}

/** Tells that this device may have slept, or come to another network: what waits for its next try, or for a word from a dead peer, need not wait. */
export interface Wakes {
	onWake(listener: () => void): void;
}

/** A LAN link that has said hello. */
export interface LanPeer {
	readonly device: DeviceId;
	readonly name: string;
	readonly role: 'till' | 'hub';
	readonly transport: 'websocket' | 'webrtc' | 'webrtc-direct' | 'other';
	readonly connectedSinceMs: number;
	/** Marks from its hello. */
	readonly marks: readonly Mark[];
}

export interface Lan {
	/** Dials what it knows and answers what comes, until `stop`. */
	start(): Promise<void>;
	/** Closes every link and dials nobody. */
	stop(): Promise<void>;
	/** Whoever is away is dialled now, and who is linked shows life soon or is dialled anew. */
	wake(): void;
	peers(): readonly LanPeer[];
	onPeers(listener: (peers: readonly LanPeer[]) => void): void;
}

export interface PrintJob {
	/** Empty: nothing but the drawer. */
	readonly paper: Paper;
	readonly opensDrawer: boolean;
	/** Of the language that the paper is in. */
	readonly direction: 'ltr' | 'rtl';
	readonly equipment: Equipment;
	/** Of the shop's network. */
	readonly printers: readonly NetworkPrinter[];
}

/** A printer that takes commands, wherever it is. Never throws, and answers within seconds. */
export interface ReceiptPrinter {
	send(job: PrintJob): Promise<'printed' | PrintFailure>;
	/** The browser asks the person which one; only while a tap is being answered. */
	choose(by: 'serial' | 'usb'): Promise<CableDevice | 'given-up' | 'not-supported'>;
}

export type RelayState =
	| { readonly state: 'none' }
	| { readonly state: 'connecting' | 'stopped' }
	| { readonly state: 'connected'; readonly sinceMs: number }
	| { readonly state: 'waiting'; readonly sinceMs: number; readonly retryAtMs: number; readonly reason: string };

export interface RelayLink {
	start(): void;
	/** A next try that is waited for is made now. */
	wake(): void;
	stop(): Promise<void>;
	state(): RelayState;
	onState(listener: (state: RelayState) => void): void;
}

/** A secret of the store, and the name that hashes made with it bear. */
export interface PinSecret {
	readonly id: string;
	readonly bytes: Uint8Array;
}

/** PINs as hashes (`schemas/facts/person-added.ts`), made and checked off the page. */
export interface Pins {
	hash(pin: string, secret: PinSecret): Promise<string>;
	/** `no-secret`: the one it was made with is not among these. */
	check(pin: string, hash: string, secrets: readonly PinSecret[]): Promise<'right' | 'wrong' | 'no-secret'>;
}
