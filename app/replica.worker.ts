/**
 * The till's replica, in a worker: entries in, rows out. The page stays free whatever arrives.
 *
 * Invariants:
 * 1. Cached rows are told before anything is folded, and they carry what they had seen: a sale can start at once, and says truly what it knew. They are read
 *    while the page opens the vault, and nothing is folded before the page has drawn them.
 * 2. News are gathered and told at most every 30 ms: a thousand entries at once are one redraw. Conflicts are told at most twice a second.
 * 3. The worker writes nothing that `commit` writes.
 * 4. The cache's head never says that it has seen more than the cached rows show, wherever a crash cuts the writing.
 */
import type { ReceiptCode } from '#core/receipt/receipt-code.ts';
import { expose, transfer } from 'comlink';
import { createSystemTimers, systemClock, systemRandom } from '#adapters/clock-system/clock-system.ts';
import { readCachesAhead } from '#adapters/entries-indexeddb/caches-ahead.ts';
import { openIndexedDbEntryStore } from '#adapters/entries-indexeddb/entry-store-indexeddb.ts';
import { openIndexedDbKeyTable } from '#adapters/key-table-indexeddb/key-table-indexeddb.ts';
import { createCipher } from '#adapters/keys-webcrypto/cipher-webcrypto.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import { decide } from '#core/decide.ts';
import { compareText } from '#core/entry/order.ts';
import { nextPriceMs } from '#core/price.ts';
import { parseReceipt } from '#core/receipt-number.ts';
import type { SideStanding } from '#core/ledger/forks.ts';
import type { Ledger, LedgerChange } from '#core/ledger/ledger.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import { createCachedParts } from '#engine/cached-parts.ts';
import { createCustomers, type Customers, type SealedCustomer } from '#engine/customers.ts';
import { createJoinCodes, type JoinCodes, type NoCode } from '#engine/join-codes.ts';
import { createKeys, type Keys, type StoreSecret } from '#engine/keys.ts';
import { createRenewalDesk, type NotTold, type RenewalDesk } from '#engine/renewal-desk.ts';
import { createRenewals, type HowAllowed, type NotRenewed, type Renewals } from '#engine/renewals.ts';
import type { RenewalVerdict, WaitingRenewal } from '#schemas/wire/renewal-approval.ts';
import { createReplica, type Replica } from '#engine/replicate.ts';
import { bringIn } from '#engine/bring-in.ts';
import type { BadJournal, BroughtIn } from '#engine/journal-file.ts';
import type { OwnHeads } from '#core/entry/taken-back.ts';
import type { OwnClaims } from '#engine/take-back.ts';
import { standingOf } from '#engine/stand-down.ts';
import { untilItWorks } from '#engine/until-it-works.ts';
import { createUplink, type Uplink } from '#engine/uplink.ts';
import { createVerifier, provenBy, type Verifier } from '#engine/verify.ts';
import type { Documents, LanPeer, PrunableEntryStore, VaultFinding } from '#ports';
import {
	allRows,
	CACHE_PARTS,
	cachePartOf,
	catalogueRow,
	changedRows,
	decodeCache,
	encodeCache,
	isCatalogueWhole,
	retiredRows,
	rowsBeside,
} from '#projections/catalogue.ts';
import {
	decodeIndex,
	decodeRows,
	encodeIndex,
	encodeRows,
	indexOf,
	packedAlready,
	packRows,
	shapeOf,
	type PackedRows,
} from '#projections/catalogue-cache.ts';
import { conflictRows } from '#projections/conflicts.ts';
import { createCoverage, sentUpTo, type Coverage } from '#projections/coverage.ts';
import { dayReportRow, dayRows } from '#projections/days.ts';
import { drawerRow, shiftRows, zRows } from '#projections/drawers.ts';
import { customerDetail, customerRow, customerRows } from '#projections/customers.ts';
import { countStart, movementRows } from '#projections/movements.ts';
import { createDemand, soldSinceMs, type Demand } from '#projections/demand.ts';
import { favouritesInOrder, placesOf } from '#projections/favourites.ts';
import { parkedRows, readParked } from '#projections/parked.ts';
import { answerTo, type AnswerTo, type Question, type QuestionArgs } from '#projections/questions.ts';
import { createStockFigures, elsewhereRows, type StockFigures } from '#projections/stock-figures.ts';
import { creditLeft } from '#projections/credit.ts';
import { receiptDetail, receiptRows, saleElsewhereRow } from '#projections/receipts.ts';
import type {
	BranchStockRow,
	CatalogueRow,
	ConflictRow,
	CountStart,
	CustomerDetail,
	CustomerRow,
	DayReportRow,
	DayRow,
	DrawerRow,
	MovementRow,
	ParkedRow,
	ReceiptDetail,
	ReceiptRow,
	SaleElsewhereRow,
	ShiftRow,
	ShopRow,
	SyncRow,
	TillReportRow,
} from '#projections/rows.ts';
import { createSearch } from '#projections/search.ts';
import { shopRow } from '#projections/shop.ts';
import { nextBacklog, type Backlog } from '#projections/backlog.ts';
import { syncRow } from '#projections/sync.ts';
import { speak, type Spoken } from '#languages/spoken.ts';
import type { AskContext, Decision, Intent, NotElsewhere, Refusal } from '#core/intent.ts';
import type { Hlc, Mark, SeenChange } from '#schemas/mark.ts';
import type { CatalogueUpdate } from '#projections/catalogue-view.ts';
import type { ParkedCart, ParkedOnFloor } from '#schemas/cart.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { CustomerFields } from '#schemas/customer-fields.ts';
import type { Entry } from '#schemas/entry.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import {
	SCOPES,
	type BranchId,
	type CustomerId,
	type DeviceId,
	type EntryHash,
	type Scope,
	type Sku,
	type StoreId,
	type TradingDay,
} from '#schemas/ids.ts';
import type { JoinsFor, ShownCode } from '#schemas/wire/join-code.ts';

// ——— what page and worker say to each other; both are one version of one program, so nothing of it is validated

export interface WorkerConfig {
	readonly databaseName: string;
	/** Of customers' keys. */
	readonly keyTableName: string;
	/** What this tab's vault gave it: a worker of a tab that has lost the till writes nothing more. */
	readonly ownership: number;
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly root: DeviceId;
	readonly device: DeviceId;
	readonly chain: Uint8Array;
	/** Chains that came with the enrolment. */
	readonly certificates: readonly Uint8Array[];
	/** Of this very tab: a reload is another peer. */
	readonly repoPeer: string;
	/** The worker's rows carry sentences. */
	readonly spoken: Spoken;
}

/** What a state had folded: goes with the rows that show it. */
export interface SeenNews {
	readonly vector: readonly (readonly [string, SeenChange])[];
	readonly hlc: Hlc;
	readonly marks: readonly Mark[];
}

/** All rows there are; their bytes leave the worker. */
export interface WholeCatalogue {
	readonly packed: PackedRows;
	readonly live: boolean;
}

/** What selling needs. */
export type CachedNews = Required<Pick<News, 'shop' | 'seen' | 'favourites'>> & { readonly catalogue: WholeCatalogue };

/** Only what changed is there. */
export interface News {
	readonly shop?: ShopRow;
	readonly catalogue?: CatalogueUpdate | WholeCatalogue;
	readonly conflicts?: readonly ConflictRow[];
	readonly sync?: SyncRow;
	readonly favourites?: readonly Sku[];
	readonly parked?: readonly ParkedRow[];
	readonly receiptsVersion?: number;
	readonly goodsVersion?: number;
	readonly customersVersion?: number;
	readonly seen?: SeenNews;
	/** Peer ids of certified devices, who was removed, and which peer ids have another by now. */
	readonly roster?: {
		readonly peers: readonly string[];
		readonly removed: readonly DeviceId[];
		readonly renewed: readonly (readonly [former: string, now: string])[];
	};
	readonly ledgered?: { readonly scope: Scope; readonly seq: number };
	/** Own entries of the branch up to here may leave the vault. */
	readonly ownPrunable?: number;
	/** Others have sent own entries. */
	readonly ownCame?: true;
	/** How far others say that they hold the own chains. */
	readonly ownClaims?: OwnClaims;
	/** The own chains fork, and what is said of it may have changed. */
	readonly ownFork?: true;
}

export interface ReplicaWorker {
	/** The cached rows, for `open` to tell: nothing is claimed. */
	readAhead(databaseName: string): Promise<void>;
	/** Answers the cached rows, if this device has any; selling can start. */
	open(
		config: WorkerConfig,
		frames: MessagePort,
		tell: (news: News) => void,
		sign: (bytes: Uint8Array) => Promise<Uint8Array>,
	): Promise<CachedNews | undefined>;
	/** Folds what is on the disk. */
	load(): Promise<void>;
	/** Own entries of earlier runs, sealed. */
	recover(sealed: readonly Uint8Array[]): Promise<void>;
	/** After the last `recover`: rows are live from here on, then Automerge starts and entries travel. */
	start(): Promise<void>;
	/** Own entries, durable in the vault. */
	hear(entries: readonly Entry[]): Promise<void>;
	decide(intent: Intent, context: AskContext): Promise<{ readonly outcome: Decision | Refusal; readonly seen: SeenNews }>;
	/** Own entries beyond these heads that others have sent. */
	ownAbove(heads: OwnHeads['heads']): Promise<readonly Entry[]>;
	/** How an answer to the own fork sees the side that ends in these heads. */
	standing(heads: OwnHeads['heads']): Promise<SideStanding | undefined>;
	setLinks(peers: readonly LanPeer[], workingAlone: boolean): Promise<void>;
	/** The device woke, or came to another network. */
	wake(): Promise<void>;
	takeChain(chain: Uint8Array): Promise<void>;
	/** Resolves when it is on disk; `not-ready`: the floor is not open yet. */
	park(id: string, cart: ParkedCart): Promise<'parked' | 'not-ready'>;
	parked(id: string): Promise<ParkedCart | 'gone' | 'not-ready'>;
	/** These are open carts again. */
	unpark(ids: readonly string[]): Promise<void>;
	setFavourite(sku: Sku, favourite: boolean): Promise<void>;
	arrangeFavourites(order: readonly Sku[]): Promise<void>;
	/** What the page's vault found about its copies. */
	noteVault(finding: VaultFinding): Promise<void>;
	/** The countersign under new keys (`engine/renewals.ts`). */
	askRenewal(ask: Uint8Array, how: HowAllowed | undefined): Promise<Uint8Array | NotRenewed>;
	/** Tills that wait for it at a hub, after what was said to one of them. */
	waitingRenewals(verdict?: RenewalVerdict): Promise<readonly WaitingRenewal[] | NotTold>;
	showRenewal(chain: Uint8Array): Promise<void>;
	askAgain(): Promise<void>;
	/** What this till holds of others, and everybody's certificates. */
	heard(): Promise<{ readonly chains: readonly Uint8Array[]; readonly sealed: readonly Uint8Array[] }>;
	bringIn(bytes: Uint8Array): Promise<BroughtIn | { readonly problem: BadJournal }>;
	/** How far a hub or the cloud has this device's own chains, which end in these heads. */
	sent(heads: OwnHeads['heads']): Promise<{ readonly [scope in Scope]: number }>;
	search(text: string, limit: number): Promise<readonly Sku[]>;
	receipts(text: string, limit: number): Promise<readonly ReceiptRow[]>;
	credit(customer: CustomerId): Promise<number>;
	receipt(entry: EntryHash): Promise<ReceiptDetail | undefined>;
	/** From a hub. */
	joinCode(till: JoinsFor): Promise<ShownCode | NoCode>;
	receiptElsewhere(code: ReceiptCode): Promise<SaleElsewhereRow | NotElsewhere>;
	movements(sku: Sku, limit: number): Promise<readonly MovementRow[]>;
	elsewhere(sku: Sku): Promise<readonly BranchStockRow[]>;
	startCount(sku: Sku, count?: CountId): Promise<CountStart>;
	ask<Name extends Question>(name: Name, args: QuestionArgs<Name>): Promise<AnswerTo<Name>>;
	retired(): Promise<readonly CatalogueRow[]>;
	drawer(): Promise<DrawerRow>;
	shifts(limit: number): Promise<readonly ShiftRow[]>;
	zs(limit: number): Promise<readonly TillReportRow[]>;
	days(limit: number): Promise<readonly DayRow[]>;
	day(day: TradingDay): Promise<DayReportRow | undefined>;
	customers(text: string, limit: number): Promise<readonly CustomerRow[]>;
	customer(customer: CustomerId): Promise<CustomerDetail | undefined>;
	customerByContact(text: string): Promise<readonly CustomerRow[]>;
	sealCustomer(fields: CustomerFields, customer?: CustomerId): Promise<SealedCustomer | undefined>;
	/** The store's; the first is the one to write with. None yet on a till that no hub has told. */
	secrets(): Promise<readonly StoreSecret[]>;
	close(): Promise<void>;
}

const TELL_MS = 30;
/** All of them are told anew: a flood of sales from elsewhere would have the page unpack its conflicts thirty times a second. */
const CONFLICTS_EVERY_MS = 500;
const SYNC_EVERY_MS = 2_000;
const CACHE_AFTER_MS = 1_000;
const INDEX_AFTER_MS = 5_000;
const PROBE_MS = 3_000;
/** Of one customer, in a list: more are found by number. */
const CUSTOMER_RECEIPTS = 50;

interface Opened {
	readonly config: WorkerConfig;
	readonly frames: MessagePort;
	readonly tell: (news: News) => void;
	readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
	readonly entryStore: PrunableEntryStore;
	readonly ledger: Ledger;
	readonly verifier: Verifier;
	readonly replica: Replica;
	readonly keys: Keys;
	readonly customers: Customers;
	readonly coverage: Coverage;
	readonly figures: StockFigures;
	readonly demand: Demand;
}

const clock = systemClock;
const timers = createSystemTimers((error) => {
	console.error(error);
});
const search = createSearch();
let opened: Opened | undefined;
let documents: Documents | undefined;
let joinCodes: JoinCodes | undefined;
let renewalDesk: RenewalDesk | undefined;
let uplink: Uplink | undefined;
let renewals: Renewals | undefined;
/** Once there is a link to it. */
let wakeRelay = (): void => undefined;
let links: { readonly peers: readonly LanPeer[]; readonly workingAlone: boolean } = { peers: [], workingAlone: false };
let live = false;
let receiptsVersion = 0;
let goodsVersion = 0;
let customersVersion = 0;
let cachedFavourites: readonly Sku[] = [];

// ——— what has changed since the last news

let dirty = emptyDirty();
let tellScheduled = false;
let conflictsRest = false;
let lastSync = '';
/** The cached rows that the page shows, until the first ones from the ledger have been told. */
let shownRows: ReadonlyMap<Sku, CatalogueRow> | undefined;

function emptyDirty() {
	return {
		skus: new Set<Sku>(),
		products: new Set<Sku>(),
		allRows: false,
		shop: false,
		conflicts: false,
		receipts: false,
		goods: false,
		customers: false,
		sync: false,
		roster: false,
		favourites: false,
		parked: false,
		seen: false,
	};
}

function scheduleNews(): void {
	if (tellScheduled || opened === undefined || !live) return;
	tellScheduled = true;
	timers.after(TELL_MS, () => {
		tellScheduled = false;
		tellNews();
	});
}

function tellNews(): void {
	if (opened === undefined) return;
	const { ledger, tell, replica, coverage, verifier, figures, demand } = opened;
	const now = dirty;
	dirty = emptyDirty();
	const findings = replica.findings();
	const before = figures.saidBy();
	const renewed = figures.renew(replica.stockRows()?.of(ledger.branch));
	for (const sku of renewed) now.skus.add(sku);
	demand.touch(renewed);
	if (figures.saidBy() !== before) now.sync = true;
	coverage.update(findings.watermarks);
	if (ledger.setDamaged(findings.damaged)) now.conflicts = true;
	const { rows, whole } = now.allRows
		? besideShown(allRows(ledger, clock.nowMs(), figures.onHandMilli))
		: {
				rows: changedRows(ledger, { products: now.products, skus: now.skus, settings: false }, clock.nowMs(), figures.onHandMilli),
				whole: false,
			};
	for (const { sku } of rows) cachedParts.touch(cachePartOf(sku));
	indexAhead();
	if (whole) search.index(rows);
	else search.update(rows);
	if (now.receipts) receiptsVersion += 1;
	if (now.goods) goodsVersion += 1;
	if (now.customers) customersVersion += 1;
	const sync = now.sync || now.receipts || now.conflicts ? syncNews(opened) : undefined;
	const tellsConflicts = now.conflicts && !conflictsRest;
	if (tellsConflicts) restConflicts();
	else if (now.conflicts) dirty.conflicts = true;
	const packed = whole ? packRows(rows) : undefined;
	const news: News = {
		...(rows.length === 0 && !now.allRows ? {} : { catalogue: packed === undefined ? { rows, whole, live: true } : { packed, live: true } }),
		...(now.shop ? { shop: shopRow(ledger, ownCertificate(opened)) } : {}),
		...(tellsConflicts ? { conflicts: conflictRows(ledger, opened.config.device) } : {}),
		...(sync === undefined ? {} : { sync }),
		...(now.receipts ? { receiptsVersion } : {}),
		...(now.goods ? { goodsVersion } : {}),
		...(now.customers ? { customersVersion } : {}),
		...(now.favourites && documents !== undefined ? { favourites: favouritesOf(documents) } : {}),
		...(now.parked && documents !== undefined ? { parked: parkedRows(ledger, documents.floor().parked, ownCertificate(opened)) } : {}),
		...(now.roster
			? {
					roster: {
						peers: verifier.devices().map(({ peer }) => peer),
						renewed: [...verifier.formerPeers()],
						removed: [...ledger.state.devices.values()].filter(({ standing }) => standing !== 'active').map(({ device }) => device),
					},
				}
			: {}),
		...(now.seen ? { seen: seenOf(opened) } : {}),
	};
	tell(packed === undefined ? news : transfer(news, buffersOf(packed)));
	if (rows.length > 0 || now.shop) cachedParts.write();
}

/** Handed over, not copied. */
function buffersOf({ parts, order, codes, categoryAt }: PackedRows): ArrayBuffer[] {
	return [...new Set([...parts, order, codes, categoryAt].map(({ buffer }) => buffer as ArrayBuffer))];
}

function restConflicts(): void {
	conflictsRest = true;
	timers.after(CONFLICTS_EVERY_MS, () => {
		conflictsRest = false;
		if (dirty.conflicts) scheduleNews();
	});
}

/** All there is, to a page that may show it already: mostly nothing but that it is live is new then. */
function besideShown(rows: readonly CatalogueRow[]): Pick<CatalogueUpdate, 'rows' | 'whole'> {
	const changed = shownRows === undefined ? undefined : rowsBeside(shownRows, rows);
	shownRows = undefined;
	return changed === undefined ? { rows, whole: true } : { rows: changed, whole: false };
}

/** Of sales for the cloud. */
let backlog: Backlog | undefined;

function syncNews({ ledger, replica, coverage, config, figures }: Opened) {
	const { watermarks, lease, owed, claimedSeq, peerMarks, duplicates, recalculating, adopted, damaged, log } = replica.findings();
	const row = syncRow(ledger, coverage, {
		...{
			self: config.device,
			nowMs: clock.nowMs(),
			workingAlone: links.workingAlone,
			linked: links.peers,
			watermarks,
			lease,
			owed,
			backlog,
			claimedSeq,
			peerMarks,
			duplicates,
			recalculating,
			stockSaid: figures.saidBy(),
			adopted,
			damaged: damaged.length,
			onTheWay: replica.onTheWay(),
			log,
		},
	});
	backlog = nextBacklog(backlog, row.cloud.waiting);
	const text = JSON.stringify(row);
	if (text === lastSync) return undefined;
	lastSync = text;
	return row;
}

/** A sale is in none of them. */
const GOODS_BOOKS = ['counts', 'orders', 'suppliers', 'levels', 'transfers', 'costs'] as const;

function onFolded(change: LedgerChange): void {
	for (const sku of change.skus) dirty.skus.add(sku);
	for (const sku of change.products) dirty.products.add(sku);
	for (const skus of [change.skus, change.products]) opened?.demand.touch(skus);
	dirty.allRows ||= opened !== undefined && isCatalogueWhole(opened.ledger, change);
	// Asked of what came, not of the book: a sale folds no shift on a till.
	dirty.shop ||=
		change.settings ||
		change.devices ||
		change.books.has('people') ||
		change.books.has('wrongPins') ||
		change.added.some(({ facts }) => facts.some(({ type }) => type === 'shift.opened' || type === 'shift.closed'));
	dirty.conflicts ||= change.conflicts || change.devices;
	dirty.receipts ||= change.sales.size > 0 || change.added.some(({ facts }) => facts.some(({ type }) => DRAWER_FACTS.has(type)));
	dirty.customers ||= change.books.has('customers') || change.books.has('credit') || change.books.has('debts');
	dirty.parked ||= change.books.has('parked');
	dirty.goods ||= change.products.size > 0 || GOODS_BOOKS.some((book) => change.books.has(book));
	dirty.roster ||= change.devices;
	dirty.sync ||= change.devices || change.relays || change.marks;
	dirty.seen ||= change.marks || change.added.length > 0;
	if (opened !== undefined && isOwnForkTouched(opened, change)) opened.tell({ ownFork: true });
	scheduleNews();
}

/** Own chains that fork, or an answer that says so although the other side is not here yet. */
function isOwnForkTouched({ ledger, config: { device } }: Opened, { conflicts, added }: LedgerChange): boolean {
	if (!conflicts) return false;
	if (SCOPES.some((scope) => ledger.chain(device, scope)?.forks === true)) return true;
	return added.some(({ facts }) =>
		facts.some((fact) => fact.type === 'conflict.resolved' && 'conflict' in fact && fact.conflict.subject.startsWith(device)),
	);
}

const DRAWER_FACTS: ReadonlySet<string> = new Set(['shift.opened', 'shift.closed', 'cash.moved', 'drawer.opened', 'z.closed', 'day.reported']);

// ——— the cache: rows, and what they had seen

const cachedParts = createCachedParts({
	...{ timers, afterMs: CACHE_AFTER_MS },
	async setCache(name, bytes) {
		await opened?.entryStore.setCache(name, bytes);
	},
	catchUp() {
		if (tellScheduled) tellNews(); // What was folded in these last milliseconds is in the head's `seen`, and must be among the parts.
		return opened !== undefined;
	},
	read(parts) {
		const from = need();
		const rowsOfParts = cachedRows(from, parts);
		const head: CachedHead = { shop: shopRow(from.ledger, ownCertificate(from)), seen: seenOf(from), favourites: favouritesNow() };
		for (const [place, part] of parts.entries()) shapes.set(part, shapeOf(rowsOfParts[place] ?? []));
		return [
			...parts.map((part, place) => [`${CACHED_PART}${part}`, encodeRows(rowsOfParts[place] ?? [])] as const),
			['head', encodeCache(head)] as const,
		];
	},
	onWritten(parts) {
		if (indexed.length === 0 || parts.some((part) => shapes.get(part) !== indexed[part])) scheduleIndex();
	},
});

/** Of the parts as they were written. */
const shapes = new Map<number, number>();

/** Of each of these parts the rows by SKU: where a row stands in its part says nothing of how its entries arrived. */
function cachedRows({ ledger, figures }: Opened, parts: readonly number[]): readonly (readonly CatalogueRow[])[] {
	const byPart = new Map<number, CatalogueRow[]>(parts.map((part) => [part, []]));
	for (const product of ledger.state.products.values())
		byPart.get(cachePartOf(product.sku))?.push(catalogueRow(ledger, product, clock.nowMs(), figures.onHandMilli));
	return parts.map((part) => (byPart.get(part) ?? []).sort((a, b) => compareText(a.sku, b.sku)));
}

/** Shapes of the parts that the index on the disk is of; none: there is none. */
let indexed: readonly number[] = [];
let stopIndexing: (() => void) | undefined;

/** After the last of many changes: it is made of all rows. Until then a start makes it by itself. */
function scheduleIndex(): void {
	stopIndexing?.();
	stopIndexing = timers.after(INDEX_AFTER_MS, async () => {
		if (opened === undefined) return;
		const index = indexOf(cachedRows(opened, ALL_PARTS));
		await opened.entryStore.setCache(CACHED_INDEX, encodeIndex(index));
		indexed = index.shapes;
	});
}

type CachedHead = Required<Pick<News, 'shop' | 'seen' | 'favourites'>>;

const CACHED_PART = 'catalogue:';
const CACHED_INDEX = 'index';
const ALL_PARTS = Array.from({ length: CACHE_PARTS }, (_, part) => part);

interface ReadAhead {
	readonly device: string | undefined;
	readonly head: CachedHead;
	readonly packed: PackedRows;
	/** Of the index on the disk; none where the rows had to be looked through. */
	readonly shapes: readonly number[];
	readonly parts: readonly (Uint8Array | undefined)[];
}

/** What lay on the disk, until the page has it. */
let ahead: Promise<ReadAhead | undefined> = Promise.resolve(undefined);
/** The cached parts, until their rows are in the search. */
let unindexed: ReadAhead['parts'] | undefined;

async function readCached(databaseName: string): Promise<ReadAhead | undefined> {
	const [place] = await storagePlaces('heard');
	if (place === undefined) return undefined;
	const { device, caches } = await readCachesAhead(place, databaseName, { names: ['head', CACHED_INDEX], prefix: CACHED_PART });
	const head = decodeCache(caches.get('head')) as CachedHead | undefined;
	if (head === undefined) return undefined;
	const parts = ALL_PARTS.map((part) => caches.get(`${CACHED_PART}${part}`));
	return { device, head, parts, ...packedWith(parts, caches.get(CACHED_INDEX)) };
}

/** The parts go to the page as copies: the search reads them, too. */
function packedWith(parts: ReadAhead['parts'], bytes: Uint8Array | undefined): Pick<ReadAhead, 'packed' | 'shapes'> {
	const nothing = encodeRows([]);
	const copies = parts.map((part) => (part ?? nothing).slice());
	const index = decodeIndex(bytes);
	try {
		if (index !== undefined) return { packed: packedAlready(copies, index), shapes: index.shapes };
	} catch {
		// Of other parts than these, or one of them is broken.
	}
	const rowsOfParts = parts.map(decodeRows);
	const whole = copies.map((part, place) => (rowsOfParts[place]?.length === 0 ? nothing.slice() : part));
	return { packed: packedAlready(whole, indexOf(rowsOfParts)), shapes: [] };
}

/** Who sells waits for the rows, and who searches a moment longer. */
function indexAhead(): void {
	const parts = unindexed;
	unindexed = undefined;
	if (parts === undefined) return;
	const rows = parts.flatMap(decodeRows);
	search.index(rows);
	shownRows = new Map(rows.map((row) => [row.sku, row]));
}

// ——— the cloud, when this till carries the branch

function relayUrl(): string | undefined {
	const relays = [...need().ledger.state.relays.values()];
	return relays.reduce<(typeof relays)[number] | undefined>(
		(newest, one) => (newest === undefined || one.joinedAtMs > newest.joinedAtMs ? one : newest),
		undefined,
	)?.url;
}

/** Somebody is there: what a page may know of another origin. The link finds out who. */
async function answers(url: string | undefined): Promise<boolean> {
	if (url === undefined) return false;
	const at = new URL('/healthz', url.replace(/^ws/, 'http'));
	return fetch(at, { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(PROBE_MS) }).then(
		() => true,
		() => false,
	);
}

// ——— what the page asks

function need(): Opened {
	if (opened === undefined) throw new Error('the worker is not open yet');
	return opened;
}

function seenOf({ ledger, replica }: Opened): SeenNews {
	return { vector: [...ledger.seen()], hlc: ledger.hlc(), marks: replica.heldMarks() };
}

function ownCertificate({ verifier, config }: Opened): Certificate {
	const certificate = verifier.certificateOf(config.device);
	if (certificate === undefined) throw new Error('this device’s own certificate is not proven');
	return certificate;
}

/** The floor document is open some time after selling began; until then the last ones known. */
function favouritesNow(): readonly Sku[] {
	return documents === undefined ? cachedFavourites : favouritesOf(documents);
}

function favouritesOf(from: Documents): readonly Sku[] {
	return favouritesInOrder(from.floor().favourites);
}

async function openAll(sealed: readonly Uint8Array[], { verifier }: Opened): Promise<readonly Entry[]> {
	const entries = await Promise.all(sealed.map((bytes) => verifier.entry(bytes)));
	return entries.filter((entry): entry is Entry => 'header' in entry);
}

const opening = Promise.withResolvers<Opened>();

/** Claims what the till has heard, and puts the replica together; nothing is in its ledger yet. */
async function assemble(config: WorkerConfig, frames: MessagePort, tell: Opened['tell'], sign: Opened['sign']): Promise<Opened> {
	const speaking = speak(config.spoken);
	const { store, branch } = config;
	const entryStore = await openIndexedDbEntryStore({
		...{ places: await storagePlaces('heard'), name: config.databaseName, ownership: config.ownership, device: config.device },
		onFinding(sentence) {
			console.error(sentence);
		},
	});
	const digest = createDigest();
	const verifier = createVerifier({ digest, store });
	const ledger = createRenewableLedger({ store, branch, ...provenBy(verifier) });
	const replica = createReplica({
		...{
			store,
			branch,
			own: { device: config.device, chain: config.chain },
			keepsOwn: false,
			entryStore,
			prunes: entryStore,
			ledger,
			verifier,
			digest,
			clock,
			timers,
			random: systemRandom,
		},
	});
	const cipher = createCipher();
	const keys = createKeys({
		...{ table: openIndexedDbKeyTable({ place: indexedDB, name: config.keyTableName }), cipher, digest: verifier.live, ledger, verifier, timers },
		...{ random: systemRandom, signer: { device: config.device, sign }, onFailed: console.error },
	});
	const figures = createStockFigures(ledger);
	await speaking;
	const assembled: Opened = {
		config,
		frames,
		tell,
		sign,
		entryStore,
		ledger,
		verifier,
		replica,
		keys,
		customers: createCustomers({ keys, cipher, ledger }),
		coverage: createCoverage(ledger),
		figures,
		demand: createDemand(ledger, figures.onHandMilli),
	};
	opened = assembled;
	replica.onFolded(onFolded);
	replica.onHeld(() => {
		// The page says in its hellos what is here (`marks`).
		dirty.seen = true;
		dirty.sync = true;
		scheduleNews();
	});
	keys.onChanged(() => {
		dirty.customers = true;
		scheduleNews();
	});
	replica.onStockRows((of, skus) => {
		if (of !== branch) return;
		for (const sku of skus) dirty.skus.add(sku);
		opened?.demand.touch(skus);
		scheduleNews();
	});
	replica.onFindings(() => {
		dirty.sync = true;
		dirty.receipts = true; // Where each sale is may read differently.
		scheduleNews();
	});
	replica.onLedgered((scope, seq) => {
		tell({ ledgered: { scope, seq } });
	});
	replica.onOwnPrunable((ownPrunable) => {
		tell({ ownPrunable });
	});
	replica.onOwnCame(() => {
		tell({ ownCame: true });
	});
	replica.onOwnClaimed((ownClaims) => {
		tell({ ownClaims });
	});
	return assembled;
}

const api: ReplicaWorker = {
	async readAhead(databaseName) {
		ahead = readCached(databaseName);
		await ahead;
	},
	async open(config, frames, tell, sign) {
		assemble(config, frames, tell, sign).then(opening.resolve, opening.reject);
		opening.promise.catch(() => undefined); // Whoever waits for it hears of it.
		const cached = await ahead;
		ahead = Promise.resolve(undefined);
		if (cached?.device !== config.device) return undefined;
		const { head, packed, shapes, parts } = cached;
		cachedFavourites = head.favourites;
		indexed = shapes;
		unindexed = parts;
		return transfer({ ...head, catalogue: { packed, live: false } }, buffersOf(packed));
	},
	async load() {
		const { config, replica, keys } = await opening.promise;
		indexAhead();
		await replica.load();
		await keys.load().catch(console.error); // A till that cannot read its keys sells; its customers have no names until it can.
		replica.onFolded(({ books }) => {
			if (books.has('customers')) keys.sweep().catch(console.error);
		});
		for (const chain of config.certificates) await replica.takeChain(chain);
	},
	async recover(sealed) {
		const now = need();
		now.replica.recover(await openAll(sealed, now));
	},
	async start() {
		const { config, sign, replica, frames, tell, ledger, verifier, entryStore } = need();
		live = true;
		dirty = { ...emptyDirty(), allRows: true, shop: true, conflicts: true, receipts: true, goods: true, sync: true, roster: true, seen: true };
		tellNews();
		let pricedAtMs = clock.nowMs();
		timers.every(SYNC_EVERY_MS, () => {
			const nowMs = clock.nowMs();
			for (const product of need().ledger.state.products.values())
				if ((nextPriceMs(product, config.branch, pricedAtMs) ?? Infinity) <= nowMs) dirty.products.add(product.sku);
			pricedAtMs = nowMs;
			need().demand.readAhead(soldSinceMs(nowMs));
			dirty.sync = true;
			scheduleNews();
		});
		const { createDocuments, createIndexedDbStorage, createPortNetwork, createRelayLink } = await untilItWorks(programOfSync, {
			timers,
			onFailure: console.error,
		});
		const relay = createRelayLink({
			...{ url: relayUrl, store: config.store, branch: config.branch, signer: { device: config.device, sign } },
			...{ chain: config.chain, repoPeer: config.repoPeer, clock, timers },
		});
		documents = await createDocuments({
			...{ store: config.store, branch: config.branch, genesis: { store: config.store, root: config.root }, repoPeer: config.repoPeer },
			...{
				storage: createIndexedDbStorage({ database: `${config.databaseName}-documents`, clock }),
				network: [createPortNetwork(frames), relay.network],
				digest: createDigest(),
				timers,
			},
		});
		documents.onFloor(() => {
			dirty.favourites = true;
			dirty.parked = true;
			scheduleNews();
		});
		await replica.attach(documents);
		await need().keys.attach(documents);
		joinCodes = createJoinCodes({
			...{ documents, ledger, verifier, cipher: createCipher(), timers },
			signer: { device: config.device, sign },
		});
		renewalDesk = createRenewalDesk({ documents, ledger, verifier, timers, random: systemRandom, signer: { device: config.device, sign } });
		renewals = createRenewals({
			...{ documents, store: config.store, ledger, verifier, entryStore, clock, timers, digest: createDigest() },
			...{ signer: { device: config.device, sign }, takeChain: (chain) => api.takeChain(chain) },
		});
		wakeRelay = relay.wake;
		uplink = createUplink({
			replica,
			link: relay,
			probe: () => answers(relayUrl()),
			isRelayKnown: () => relayUrl() !== undefined,
			isHub: false,
			timers,
		});
		uplink.want(!links.workingAlone);
		tell({ favourites: favouritesOf(documents), parked: parkedRows(need().ledger, documents.floor().parked, ownCertificate(need())) });
	},
	hear(entries) {
		need().replica.hear(entries);
		return Promise.resolve();
	},
	decide(intent, context) {
		const it = need();
		return Promise.resolve({ outcome: decide(it.ledger, intent, { ...context, nowMs: clock.nowMs() }), seen: seenOf(it) });
	},
	ownAbove: (heads) => need().replica.ownAbove(heads),
	standing: (heads) => Promise.resolve(standingOf(need().ledger, heads)),
	setLinks(peers, workingAlone) {
		links = { peers, workingAlone };
		opened?.replica.setConnected(new Set(peers.map(({ device }) => device)), peers);
		uplink?.want(!workingAlone);
		dirty.sync = true;
		scheduleNews();
		return Promise.resolve();
	},
	wake() {
		wakeRelay();
		return Promise.resolve();
	},
	async takeChain(chain) {
		const { verifier, replica } = need();
		const known = (): number => verifier.devices().length + verifier.formerPeers().size;
		const before = known();
		await replica.takeChain(chain);
		if (known() === before) return;
		dirty.roster = true;
		scheduleNews();
	},
	async park(id, cart) {
		if (documents === undefined) return 'not-ready';
		const text = JSON.stringify({ v: 1, cart, atMs: clock.nowMs(), device: need().config.device } satisfies ParkedOnFloor);
		await documents.changeFloor((floor) => {
			floor.parked[id] = text;
		});
		return 'parked';
	},
	parked(id) {
		if (documents === undefined) return Promise.resolve('not-ready');
		return Promise.resolve(readParked(documents.floor().parked[id])?.cart ?? 'gone');
	},
	async unpark(ids) {
		const there = documents?.floor().parked;
		if (there === undefined || !ids.some((id) => id in there)) return;
		await documents?.changeFloor((floor) => {
			for (const id of ids) Reflect.deleteProperty(floor.parked, id);
		});
	},
	async setFavourite(sku, favourite) {
		await documents?.changeFloor((floor) => {
			if (favourite) floor.favourites[sku] = clock.nowMs();
			else Reflect.deleteProperty(floor.favourites, sku);
		});
	},
	async arrangeFavourites(order) {
		const places = placesOf(order);
		await documents?.changeFloor((floor) => {
			for (const sku of Object.keys(floor.favourites)) if (!(sku in places)) Reflect.deleteProperty(floor.favourites, sku);
			for (const [sku, place] of Object.entries(places)) if (floor.favourites[sku] !== place) floor.favourites[sku] = place;
		});
	},
	async noteVault(finding) {
		need().replica.noteVault(finding);
	},
	askRenewal: async (ask, how) => (await renewals?.ask(ask, how)) ?? 'nobody',
	waitingRenewals: (verdict) => renewalDesk?.ask(verdict) ?? Promise.resolve('nobody'),
	async showRenewal(chain) {
		renewals?.show(chain);
	},
	askAgain: () => need().replica.askAgain(),
	heard() {
		const { ledger, verifier, config } = need();
		const chains = verifier.devices().flatMap(({ device }) => verifier.chainOf(device) ?? []);
		const sealed = ledger.entries().flatMap((entry) => (entry.header.device === config.device ? [] : [entry.sealed]));
		return Promise.resolve({ chains, sealed });
	},
	bringIn(bytes) {
		const { config, ledger, replica, verifier, entryStore } = need();
		return bringIn(bytes, { store: config.store, self: config.device, ledger, replica, verifier, entryStore, digest: createDigest() });
	},
	sent(heads) {
		const { ledger, replica, config } = need();
		return Promise.resolve(sentUpTo(ledger, replica.findings().watermarks, config.device, replica.belowSeq, heads));
	},
	search(text, limit) {
		indexAhead();
		return Promise.resolve(search.find(text, limit));
	},
	async receipts(text, limit) {
		const { ledger, coverage, replica } = need();
		const rows = receiptRows(ledger, coverage, text, limit);
		const receipt = rows.length === 0 ? parseReceipt(text) : undefined;
		if (receipt === undefined) return rows;
		// An old receipt is on a shelf at the back: it takes a moment, and is at hand from then on.
		await replica.recallReceipt(receipt);
		return receiptRows(ledger, coverage, text, limit);
	},
	credit: (customer) => Promise.resolve(creditLeft(need().ledger, customer)),
	receipt: (entry) => Promise.resolve(receiptDetail(need().ledger, need().coverage, entry)),
	joinCode: (till) => joinCodes?.ask(till) ?? Promise.resolve('nobody'),
	async receiptElsewhere(code) {
		const { ledger, replica } = need();
		const found = (await replica.receiptsElsewhere()?.find(code)) ?? 'unasked';
		return typeof found === 'string' ? found : saleElsewhereRow(ledger, found);
	},
	movements: (sku, limit) => Promise.resolve(movementRows(need().ledger, sku, limit)),
	elsewhere: (sku) => Promise.resolve(elsewhereRows(sku, need().replica.stockRows()?.all() ?? [], need().config.branch)),
	startCount: (sku, count) => Promise.resolve(countStart(need().ledger, sku, clock.nowMs(), count)),
	ask(name, args) {
		const { ledger, figures, demand } = need();
		return Promise.resolve(answerTo({ ledger, nowMs: clock.nowMs(), onHandMilli: figures.onHandMilli, demand }, name, args));
	},
	retired: () => Promise.resolve(retiredRows(need().ledger, clock.nowMs())),
	drawer: () => Promise.resolve(drawerRow(need().ledger, need().config.device, clock.nowMs())),
	shifts: (limit) => Promise.resolve(shiftRows(need().ledger, limit)),
	zs: (limit) => Promise.resolve(zRows(need().ledger, limit)),
	days: (limit) => Promise.resolve(dayRows(need().ledger, limit)),
	day: (day) => Promise.resolve(dayReportRow(need().ledger, day)),
	async customers(text, limit) {
		const { ledger, customers } = need();
		await customers.renew();
		return customerRows(ledger, customers.fieldsOf, text, limit);
	},
	async customer(customer) {
		const { ledger, customers, coverage } = need();
		await customers.renew();
		return customerDetail(ledger, coverage, customers.fieldsOf, customer, CUSTOMER_RECEIPTS);
	},
	async customerByContact(text) {
		const { ledger, customers } = need();
		await customers.renew();
		return (await customers.byContact(text)).map((customer) => customerRow(ledger, customers.fieldsOf, customer));
	},
	sealCustomer: (fields, customer) => need().customers.seal(fields, customer),
	secrets: () => Promise.resolve(need().keys.secrets()),
	async close() {
		await uplink?.close();
		renewals?.close();
		joinCodes?.close();
		renewalDesk?.close();
		await opened?.keys.close();
		await opened?.replica.close();
		await documents?.close();
		await opened?.entryStore.close();
	},
};

/** Automerge's wasm is a megabyte: it is fetched when the till can sell already. */
async function programOfSync() {
	const [{ startAutomerge }, { createDocuments }, { createIndexedDbStorage }, { createPortNetwork }, { createRelayLink }] = await Promise.all([
		import('#adapters/documents-automerge/wasm-browser.ts'),
		import('#adapters/documents-automerge/documents-automerge.ts'),
		import('#adapters/documents-automerge/storage-indexeddb.ts'),
		import('#adapters/lan-libp2p/port-network.ts'),
		import('#adapters/relay-websocket/relay-link.ts'),
	]);
	await startAutomerge();
	return { createDocuments, createIndexedDbStorage, createPortNetwork, createRelayLink };
}

/** Of what is asked of the ledger nothing is answered before there is one. */
function onceOpen(asked: ReplicaWorker): ReplicaWorker {
	const early: readonly string[] = ['readAhead', 'open', 'load', 'search'] satisfies (keyof ReplicaWorker)[];
	const entries = Object.entries(asked) as [string, (...args: unknown[]) => Promise<unknown>][];
	return Object.fromEntries(
		entries.map(([name, answer]) => [name, early.includes(name) ? answer : (...args: unknown[]) => opening.promise.then(() => answer(...args))]),
	) as unknown as ReplicaWorker;
}

expose(onceOpen(api));
