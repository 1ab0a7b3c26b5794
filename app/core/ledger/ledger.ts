/**
 * The ledger: verified entries in, state and conflicts out. The only place where entries become what the shop believes.
 *
 * Invariants:
 * 1. Any order of arrival, one by one or all at once: the same state, the same conflicts, the same marks.
 * 2. An entry counts once, however often it is added.
 * 3. Ledger order is (`hlc`, device, seq, hash). An entry that comes last in it is folded on; an earlier, late one folds again only what it touches.
 * 4. What is quarantined is in its chain, is seen and is marked like any other; only its effects are not in the fold.
 * 5. Entries of newer versions are kept, carried and covered by marks; `updateNeeded` says that totals lack them.
 * 6. From a checkpoint and what comes after it: the same. What cannot be folded on it is set aside, and `needsHistory` says so (`checkpoint.ts`).
 */
import type { Conflict, ConflictContext, DamagedFound } from '#core/conflict/conflict.ts';
import { compareConflicts, findConflicts, type Subject } from '#core/conflict/registry.ts';
import { compareHlc, latestHlc } from '#core/entry/hlc.ts';
import type { SignedRenewal } from '#core/entry/certificate.ts';
import { compareEntries, type Ordered } from '#core/entry/order.ts';
import { keyLineOf } from '#core/entry/renewals.ts';
import { relayLineOf, type RelayLine, type SignedSuccession } from '#core/entry/successions.ts';
import { seenKey, type SeenVector } from '#core/entry/seen.ts';
import { judgedShorts } from '#core/conflict/shortage.ts';
import { isCompensating, lookedAtFor, type Left } from '#core/conflict/answer-overtaken.ts';
import { overlapsOf, wasOverlapping } from '#core/conflict/count-overlap.ts';
import { isDisputed } from '#core/conflict/product-edited.ts';
import type { Gone } from '#core/conflict/product-gone.ts';
import type { Renewed } from '#core/conflict/renewed-twice.ts';
import type { StaleLine, StalePrices } from '#core/conflict/stale-price.ts';
import { wereTooMany } from '#core/conflict/refunded-twice.ts';
import { roundHalfEven } from '#core/money.ts';
import { paidMinor } from '#core/sale/paid.ts';
import { ownPriceAt, storePriceAt } from '#core/price.ts';
import { originsOf, type Enrolment } from '#core/roster/origins.ts';
import { createRoster, ROSTER_DISPUTED, type Revocation, type Roster } from '#core/roster/roster.ts';
import { needOf, type Need } from '#core/people/roles.ts';
import { createStanding, type Lack, type PersonChange } from '#core/people/standing.ts';
import { hasLabelCode, isOtherThanOwn, setsPriceIn } from '#core/sale/other-price.ts';
import { withTillNumbers } from '#core/roster/till-numbers.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { Entry } from '#schemas/entry.ts';
import type { ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import type { DeviceRenamed } from '#schemas/facts/device-renamed.ts';
import type { DeviceRenewed } from '#schemas/facts/device-renewed.ts';
import type { EntriesDeclaredLost } from '#schemas/facts/entries-declared-lost.ts';
import type { PersonRole } from '#schemas/facts/person-added.ts';
import type { Fact, FactType } from '#schemas/facts/registry.ts';
import type { BranchPriceChanged } from '#schemas/facts/branch-price-changed.ts';
import type { SaleLine } from '#schemas/facts/sale-completed.ts';
import type { RefundOwed } from '#schemas/facts/refund-owed.ts';
import type { RelayJoined } from '#schemas/facts/relay-joined.ts';
import type { RelayLeft } from '#schemas/facts/relay-left.ts';
import type { RelayRenewed } from '#schemas/facts/relay-renewed.ts';
import type { SettingChanged } from '#schemas/facts/setting-changed.ts';
import {
	OWNER,
	type BranchId,
	type DeviceId,
	type EntryHash,
	type Gtin,
	type IntentKey,
	type PersonId,
	type Scope,
	type SigningKey,
	type Sku,
	type StoreId,
} from '#schemas/ids.ts';
import type { Hlc, Mark } from '#schemas/mark.ts';
import { createDrifts, DRIFT_MS, type Earlier } from './drifts.ts';
import { ACCEPT, CHAIN_FORKED, conflictKey, foldAnswers, NOT_ALLOWED, RESOLVED_TWICE, type AnswerRecord, type Answers } from './answers.ts';
import { openBook, type Book, type BookConflictContext, type BookContext, type OpenBook } from './books/book.ts';
import { BOOKS, type BookName, type Books, type BookSum } from './books/registry.ts';
import { createChains, type Chain, type ChainBase, type ChainView, type EntryRecord, type LostRange } from './chains.ts';
import { judgeContent, type Detail } from './judge.ts';
import { foldPrices, foldProduct, type PriceFact, type ProductFact, type ProductSubject } from './products.ts';
import { foldSale, returnedOf, type LineGivenBack, type ReturnFact, type SaleSubject } from './sales.ts';
import type {
	LedgerState,
	OwedState,
	ProductState,
	RefundState,
	RelayState,
	SaleState,
	SettingName,
	SettingsState,
	SettingValue,
	ValueState,
} from './state.ts';
import { createBelow } from './below.ts';
import { sideStanding, type SideStanding } from './forks.ts';
import { FOLD_VERSION, type Checkpoint, type CuttableChain, type ShortOpening, type StockOpening } from './checkpoint.ts';
import { backOnShelf, offeredLines, offShelf } from './shelf.ts';
import {
	beginWith,
	createStockSubject,
	foldStock,
	insertOp,
	isApartOtherwise,
	isStocked,
	resetStock,
	rivalsOf,
	wasCountApart,
	wereCountsApart,
	type CarriedShort,
	type StockOp,
	type StockSubject,
} from './stock.ts';
import { foldValue, replacesNamed } from './values.ts';

export interface LedgerDeps {
	readonly store: StoreId;
	readonly branch: BranchId;
	/**
	 * What was proven of a device. Without it the enrolment facts are believed, which is right for tests and for nothing else: a fact says what
	 * its author says, a certificate what its issuer may say.
	 */
	readonly certificateOf?: (device: DeviceId, chain?: string) => Certificate | undefined;
	/** Of what `device.renewed` shows: the renewals that this chain (hex) proves. Absent: nobody's. */
	readonly renewalsIn?: (chain: string) => readonly SignedRenewal[];
	/** Of what `relay.renewed` shows (hex), where both keys have signed it. Absent: nothing is. */
	readonly successionIn?: (shown: string) => SignedSuccession | undefined;
	/** Where to begin; absent: from zero. */
	readonly checkpoint?: Checkpoint | undefined;
}

/** What an `add` changed. The sets name what to read again. */
export interface LedgerChange {
	/** New here, in ledger order. */
	readonly added: readonly Entry[];
	/** How many of the entries given were known. */
	readonly duplicates: number;
	/** Stock or movements. */
	readonly skus: ReadonlySet<Sku>;
	readonly products: ReadonlySet<Sku>;
	/** Sales and refunds that are new or read differently. */
	readonly sales: ReadonlySet<EntryHash>;
	readonly settings: boolean;
	readonly devices: boolean;
	readonly relays: boolean;
	readonly owed: boolean;
	/** Books of which a subject reads differently. */
	readonly books: ReadonlySet<BookName>;
	/** Conflicts may read differently: ask again. */
	readonly conflicts: boolean;
	readonly marks: boolean;
}

export type EntryStatus = 'counts' | 'quarantined' | 'elsewhere' | 'unknown';

export interface Ledger {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly state: LedgerState;
	/** Entries must be verified, and their devices certified. */
	add(entries: readonly Entry[]): LedgerChange;
	/** What this process holds of bytes that do not verify; true when conflicts may read differently. */
	setDamaged(found: readonly DamagedFound[]): boolean;

	/** Per chain the end of what is whole from its beginning, in order of device and scope; one for each side where a chain forks. */
	marks(): readonly Mark[];
	/** What an ask for catch-up names, and what its answer begins from (`core/ledger/chains.ts`). */
	locator(): readonly Mark[];
	beyondGaps(): readonly Mark[];
	lackedBy(marks: readonly Mark[]): readonly { readonly device: DeviceId; readonly scope: Scope; readonly fromSeq: number }[];
	/** The same as a vector, one for each chain: what an entry sealed now has seen. */
	seen(): SeenVector;
	/** The latest of everything held. */
	hlc(): Hlc;
	/** How far each chain is here, with its gaps. */
	chains(): readonly ChainView[];
	chain(device: DeviceId, scope: Scope): ChainView | undefined;

	/** Open ones, the most pressing first. The array is new when anything in it changed. */
	conflicts(): readonly Conflict[];
	/**
	 * Of a chain's side, by its last entry: whether an answer to the chain's fork keeps the till there. Undefined where nobody has answered; `unknown` while
	 * what is here does not tell; so of an entry that is not here, unless a checkpoint ends with it: such a chain does not fork.
	 */
	sideStanding(end: EntryHash): SideStanding | undefined;
	/** Everything that people answered, in ledger order. */
	answers(): readonly { readonly entry: Entry; readonly fact: AnswerRecord['fact'] }[];
	/** Quarantined now, in ledger order, with the reason. */
	quarantined(): readonly { readonly entry: Entry; readonly reason: NonNullable<EntryRecord['problem']>['reason']; readonly words: string }[];
	/** By what is here now; `none`: may do nothing in this branch. Undefined for a person of whom nothing is here. */
	roleOf(person: PersonId): PersonRole | 'none' | undefined;
	/** Keys of the device that entries here show a proven renewal to, in force or not. */
	keysShown(device: DeviceId): ReadonlySet<SigningKey>;
	/** In words for a log, why a removal of one device by the other would have no effect. */
	removalOverreach(by: DeviceId, of: DeviceId): string | undefined;
	/** Whether an answer that this device writes lets that entry count (`core/roster`, 6). */
	mayAccept(device: DeviceId, member: EntryHash): boolean;
	/** Facts of newer versions are here. */
	updateNeeded(): boolean;

	/**
	 * Something here cannot be folded on the checkpoint that this ledger began from: it is set aside, and what it touches is not to be trusted until the
	 * ledger is made again from farther back. Never so for one that began from zero.
	 */
	needsHistory(): boolean;
	/** Entries below the checkpoint that facts here name, and that `recall` would take: the sale of a refund. */
	missing(): readonly EntryHash[];
	/**
	 * Entries below the checkpoint, from the entry store: to be shown and refunded, never folded again. `sought` and not among them: everything below was
	 * looked through, and it is not there.
	 */
	recall(entries: readonly Entry[], sought?: readonly EntryHash[]): LedgerChange;
	/** What this ledger's entries gave back of a sale, by its lines: of one that is another branch's, too. */
	givenBackOf(sale: EntryHash): ReadonlyMap<number, LineGivenBack>;
	/** Everything that is here as a checkpoint. Only `checkpointOf` asks, of a ledger that holds what lies below a stable cut. */
	asCheckpoint(): Checkpoint;
	/** The chains as a cut looks at them; each ends below `beforeMs` and below a fork. */
	cuttable(beforeMs: number): readonly (CuttableChain & { seq: number })[];

	size(): number;
	entry(hash: EntryHash): Entry | undefined;
	/** What is sealed as the other part of an intent that begins with this entry (`header.part`): one, unless somebody sealed more. */
	secondParts(first: EntryHash): readonly Entry[];
	/** In ledger order. */
	entries(): readonly Entry[];
	statusOf(hash: EntryHash): EntryStatus;
	/** Whether the author of `a` had seen `b` when it sealed. False for entries that are not here. */
	hasSeen(a: EntryHash, b: EntryHash): boolean;
	/** Whether one of the marks covers the entry: a watermark's, a peer's. */
	isCovered(marks: readonly Mark[], hash: EntryHash): boolean;
}

export function createLedger({ store, branch, certificateOf = () => undefined, renewalsIn, successionIn, checkpoint }: LedgerDeps): Ledger {
	const chains = createChains(checkpoint?.chains);
	const below = createBelow(checkpoint);
	/** What does not fit on the checkpoint. */
	const setAside = new Set<EntryHash>();
	let isHistoryNeeded = false;

	// Everything of one subject, by subject; what must be folded again is in `dirty`.
	const stock = new Map<Sku, StockSubject>();
	const products = new Map<Sku, ProductSubject>();
	const sales = new Map<EntryHash, SaleSubject>();
	const settings = new Map<string, { readonly record: EntryRecord; readonly fact: SettingChanged }[]>();
	const keys = new Map<IntentKey, EntryRecord[]>();
	const corrections = new Map<EntryHash, EntryRecord[]>();
	/** Where a conflict could be: keys with more than one entry, sales with more than one refund. */
	const sharedKeys = new Set<IntentKey>();
	const refundedAgain = new Set<EntryHash>();
	/** Who has a code, of the products that are offered. */
	const skusOfGtin = new Map<Gtin, readonly Sku[]>();
	/** Prices that were replaced, each by what. */
	const replacedPrices = new Map<EntryHash, { readonly record: EntryRecord; readonly fact: PriceFact }[]>();
	/** What this branch ever said of its own price, by product. */
	const ownPrices = new Map<Sku, { readonly record: EntryRecord; readonly fact: BranchPriceChanged }[]>();
	/** Sales that may have used a replaced price, by the change and the till. */
	const staleSales = new Map<string, Set<EntryRecord>>();
	/** Sales with a line whose price is not the one that it names, by product: whether somebody had to allow it is asked again when a price comes. */
	const askingPrice = new Map<Sku, Set<EntryRecord>>();
	/** Of those, with a price that is not here: it may be on its way, for as long as something before the sale is. */
	const awaitingPrice = new Set<EntryRecord>();
	/** Sales that refunds name and nobody has: looked at again whenever something comes. */
	const unknownSales = new Set<EntryHash>();
	const enrolments: Enrolment[] = [];
	const revocations: Revocation[] = [];
	const renewals = new Map<DeviceId, Pick<Renewed<SignedRenewal>, 'line' | 'shown'>>();
	const renamings: { readonly record: EntryRecord; readonly fact: DeviceRenamed }[] = [];
	/** The roster with its names and numbers of today; folded when somebody asks. */
	let deviceStates: LedgerState['devices'] | undefined;
	const personChanges = new Map<PersonId, PersonChange[]>();
	/** What a person must have been allowed: judged again when something of people comes. */
	const needing = new Set<EntryRecord>();
	const answered: AnswerRecord[] = [];
	const declaredLost: { readonly record: EntryRecord; readonly fact: EntriesDeclaredLost }[] = [];
	const owedFacts: { readonly record: EntryRecord; readonly fact: RefundOwed }[] = [];
	const relayFacts: { readonly record: EntryRecord; readonly fact: RelayJoined | RelayLeft }[] = [];
	/** Proven, of relays that may not have joined yet. */
	const successions: (SignedSuccession & { readonly record: EntryRecord })[] = [];
	const relayLines = new Map<DeviceId, RelayLine<(typeof successions)[number]>>();
	/** Entries that wait for one that their `seen` names, to compare clocks: by chain and seq. */
	const clockWaits = new Map<string, EntryRecord[]>();
	const drifts = createDrifts();

	const productStates = new Map<Sku, ProductState>();
	const saleStates = new Map<EntryHash, SaleState>();
	const refundStates = new Map<EntryHash, RefundState>();
	const settingStates = new Map<string, ValueState<unknown>>();
	const relayStates = new Map<DeviceId, RelayState>();
	let owedStates: readonly OwedState[] = [];
	const bookContext: BookContext = { branch, saw: chains.saw, correctedBy };
	const books = Object.fromEntries(
		BOOK_NAMES.map((name) => [name, openBook(BOOKS[name] as Book<string, unknown, unknown>, bookContext, below.sumsOf(name))]),
	) as { readonly [Name in BookName]: OpenBook<string, unknown> };
	const booksByFact = new Map<FactType, readonly BookName[]>();
	for (const name of BOOK_NAMES) for (const type of BOOKS[name].reads) booksByFact.set(type, [...(booksByFact.get(type) ?? []), name]);
	let origins = originsOf([], certificateOf);
	let roster: Roster = createRoster({
		...{ origins, enrolments: [], revocations: [], verdicts: [], accepted: new Map() },
		...{ keyLineOf: () => undefined, covers: chains.covers, saw: chains.saw, everSaw: chains.everSaw, lacksSay: () => false },
	});
	const peopleHere = {
		people: () => personChanges.keys(),
		changesOf: (person: PersonId) => personChanges.get(person) ?? NO_CHANGES,
		needsIn,
		saw: chains.saw,
		isOwnWord: ({ header }: EntryRecord) => header.by === OWNER && origins.isOwner(header.device),
		branchOf: ({ header }: EntryRecord) => origins.branchOf(header.device),
	};
	const standing = createStanding({ ...peopleHere, isInOrder: (record) => problemOfItself(record, detailOf(record)) === undefined });
	/** Says whose enrolments and revocations the roster hears, and so hangs on no roster. */
	const rosterStanding = createStanding({ ...peopleHere, isStrict: true, isInOrder: (record) => isWellMade(detailOf(record)) });
	/** Enrolments and revocations that a person let count. */
	let acceptedInRoster: ReadonlySet<EntryHash> = NO_HASHES;
	/** Somebody answered for entries of the store: the roster may hang on that. */
	let hasStoreVerdicts = false;
	/** Products in which a till's movements and another's counts were apart, by the conflict that they are part of; and the other way round. */
	const overlapping = new Map<string, Set<Sku>>();
	const overlapsOfSku = new Map<Sku, ReadonlySet<string>>();
	/** Per author, what counts although the right to it was gone. */
	const withdrawn = new Map<DeviceId, Map<EntryRecord, readonly EntryRecord[]>>();
	let answers: Answers = {
		settled: new Map(),
		overtaken: new Set(),
		accepted: NO_HASHES,
		acceptedBy: new Map(),
		rejected: NO_HASHES,
		linked: new Map(),
		clashes: [],
		kept: new Map(),
	};
	/** Answers that carry a compensation, by what is looked at for the conflict that they answered. */
	let compensating = new Map<string, readonly AnswerRecord[]>();
	const quarantine = new Set<EntryRecord>();
	let damaged: readonly DamagedFound[] = [];
	let unknownFacts = checkpoint?.unknownFacts ?? 0;
	const ordered: EntryRecord[] = [];
	let isOrdered = true;

	const settingsState: SettingsState = {
		value: (name) => settingsState.at(name, branch)?.value ?? settingsState.at(name)?.value,
		at: <Name extends SettingName>(name: Name, of?: BranchId) =>
			settingStates.get(settingKey(name, of)) as ValueState<SettingValue<Name>> | undefined,
	};
	const state: LedgerState = {
		products: productStates,
		stock,
		sales: saleStates,
		refunds: refundStates,
		get owed() {
			return owedStates;
		},
		settings: settingsState,
		get devices() {
			return (deviceStates ??= numberedDevices());
		},
		relays: relayStates,
		books: books as unknown as Books,
	};

	// ——— taking entries in

	function add(entries: readonly Entry[]): LedgerChange {
		const round = newRound();
		const added: Entry[] = [];
		const fresh: EntryRecord[] = [];
		// In ledger order most of a batch is appended, whatever order it came in.
		for (const entry of [...entries].sort(compareEntries)) {
			if (entry.header.store !== store) throw new Error(`an entry of store ${entry.header.store} in the ledger of ${store}`);
			if (checkpoint !== undefined && chains.record(entry.hash) === undefined && (isBelow(entry) || !chains.fits(entry))) {
				setAside.add(entry.hash);
				continue;
			}
			const { record, known, reordered } = chains.add(entry);
			if (known) {
				round.duplicates += 1;
				continue;
			}
			added.push(entry);
			fresh.push(record);
			round.chains.add(record.chain);
			if (reordered) round.reordered = true;
			if (record.chain.forks) round.forked.add(record.chain.device);
			if (record.header.seq < record.chain.maxSeq) round.filled = true;
			const last = ordered.at(-1);
			if (last !== undefined && compareEntries(last, record) > 0) isOrdered = false;
			ordered.push(record);
			takeIn(record, round);
		}
		if (fresh.length > 0) settle(round);
		return changeOf(round, added, round.duplicates);
	}

	function changeOf(round: Round, added: readonly Entry[], duplicates: number): LedgerChange {
		return {
			added,
			duplicates,
			skus: round.skus,
			products: round.products,
			sales: round.sales,
			settings: round.settings.size > 0,
			devices: round.devices,
			relays: round.relays,
			owed: round.owed,
			books: round.books,
			conflicts: dirtyConflicts.size > 0,
			marks: added.length > 0,
		};
	}

	/** Puts an entry with all that it concerns; nothing is judged or folded yet. */
	function takeIn(record: EntryRecord, round: Round): void {
		const judged = judgeContent(record.entry);
		record.detail = { judged, clock: undefined, elsewhere: false, isNew: true, subjects: [] };
		if (judged.hasUnknown) unknownFacts += 1;
		judgeClocksAround(record, round);
		round.toJudge.add(record);
		if (judged.needs.length > 0) needing.add(record);
		const sameKey = keys.get(record.header.key);
		if (sameKey === undefined) keys.set(record.header.key, [record]);
		else {
			sameKey.push(record);
			sharedKeys.add(record.header.key);
		}
		if (below.hasKey(record.header) && !isBelow(record)) isHistoryNeeded = true;
		for (const { fact, place } of judged.facts) {
			takeInFact(record, fact, place, round);
			const reading = booksByFact.get(fact.type);
			if (reading === undefined) continue;
			const change = { record, fact, place };
			for (const name of reading) if (BOOKS[name].sum === undefined || !isBelow(record)) books[name].take(change);
		}
		for (const correction of corrections.get(record.hash) ?? []) takeInCorrection(correction, record);
		askPricesAround(record, round);
	}

	function takeInFact(record: EntryRecord, fact: Fact, place: number, round: Round): void {
		switch (fact.type) {
			case 'product.created':
			case 'product.edited':
			case 'product.retired':
			case 'product.restored':
			case 'product.merged':
				productSubject(fact.sku).changes.push({ record, fact });
				return;
			case 'branchPrice.changed':
				if (fact.branch === branch) {
					const own = ownPrices.get(fact.sku);
					if (own === undefined) ownPrices.set(fact.sku, [{ record, fact }]);
					else own.push({ record, fact });
				}
				takeInPrice(record, fact);
				return;
			case 'price.changed':
				takeInPrice(record, fact);
				return;
			case 'stock.received':
				moveLines(record, place, 'received', fact.lines, 1);
				return;
			case 'stock.adjusted':
				moveLines(record, place, 'adjusted', fact.lines, 1);
				return;
			case 'stock.counted':
				// Counted before the cut and sealed after it: what moved in between lies below.
				if (!isBelow(record) && fact.lines.some(({ asOf }) => !below.isCoveredBy(asOf.marks, branch))) isHistoryNeeded = true;
				for (const [index, line] of fact.lines.entries())
					putOp(line.sku, { ...newOp(record, place * PLACES_A_FACT + index, 'counted', 0), countedMilli: line.quantityMilli, asOf: line.asOf });
				return;
			case 'sale.completed':
				saleSubject(record.hash).own = { record, fact };
				moveLines(record, place, 'sold', offShelf(fact.lines), -1);
				return;
			case 'refund.completed':
				if (fact.sale !== undefined) takeInReturn(record, fact, fact.sale);
				moveLines(record, place, 'returned', backOnShelf(fact.lines), 1);
				return;
			case 'refund.claimed':
				if (fact.home === branch) takeInReturn(record, fact, fact.sale);
				return;
			case 'exchange.completed':
				saleSubject(record.hash).own = { record, fact };
				if (fact.sale !== undefined) takeInReturn(record, fact, fact.sale);
				moveLines(record, place, 'returned', backOnShelf(fact.returned), 1);
				moveLines(record, place, 'sold', offShelf(fact.lines), -1, 1);
				return;
			case 'refund.owed':
				owedFacts.push({ record, fact });
				return;
			case 'correction.made': {
				const list = corrections.get(fact.corrects) ?? [];
				corrections.set(
					fact.corrects,
					insertInOrder(list, record, (one) => one),
				);
				const target = chains.record(fact.corrects);
				if (target !== undefined) takeInCorrection(record, target);
				return;
			}
			case 'setting.changed': {
				const key = settingKey(fact.setting.name, fact.branch);
				const list = settings.get(key);
				if (list === undefined) settings.set(key, [{ record, fact }]);
				else list.push({ record, fact });
				return;
			}
			case 'conflict.resolved':
				answered.push({ record, fact });
				round.answers = true;
				if (!concernsRoster(fact) || record.header.scope !== 'store') return;
				hasStoreVerdicts = true;
				round.roster = true;
				return;
			case 'device.enrolled':
				enrolments.push({ record, fact });
				round.roster = true;
				return;
			case 'device.revoked':
				revocations.push({ record, fact });
				round.roster = true;
				return;
			case 'device.renamed':
				renamings.push({ record, fact });
				return;
			case 'device.renewed':
				takeInRenewal(record, fact);
				round.roster = true;
				return;
			case 'person.added':
			case 'person.changed':
			case 'person.disabled': {
				const changes = personChanges.get(fact.person);
				if (changes === undefined) personChanges.set(fact.person, [{ record, fact }]);
				else insertInOrder(changes, { record, fact }, (one) => one.record);
				round.people = true;
				return;
			}
			case 'entries.declaredLost':
				declaredLost.push({ record, fact });
				return;
			case 'relay.joined':
			case 'relay.left':
				relayFacts.push({ record, fact });
				return;
			case 'relay.renewed':
				takeInSuccession(record, fact);
				return;
			case 'transfer.sent':
				if (fact.from === branch) moveLines(record, place, 'sent', fact.lines, -1);
				return;
			case 'transfer.received':
				if (fact.at === branch) moveLines(record, place, 'arrived', fact.lines, 1);
				return;
			default: // The books' alone.
				return;
		}
	}

	function takeInSuccession(record: EntryRecord, { relay, succession }: RelayRenewed): void {
		const proven = successionIn?.(succession);
		if (proven?.succession.relay === relay) successions.push({ ...proven, record });
	}

	/** What its chain proves is true whoever shows it. */
	function takeInRenewal(record: EntryRecord, { device, chain }: DeviceRenewed): void {
		const proven = (renewalsIn?.(chain) ?? []).filter(({ renewal }) => renewal.device === device);
		if (proven.length === 0) return;
		const shown = [...(renewals.get(device)?.shown ?? []), { record, renewals: proven }];
		const line = keyLineOf(
			device,
			shown.flatMap((one) => one.renewals),
		);
		renewals.set(device, { line, shown });
	}

	function takeInPrice(record: EntryRecord, fact: PriceFact): void {
		productSubject(fact.sku).changes.push({ record, fact });
		for (const price of fact.replaces) {
			const by = replacedPrices.get(price);
			if (by === undefined) replacedPrices.set(price, [{ record, fact }]);
			else by.push({ record, fact });
		}
	}

	function takeInReturn(record: EntryRecord, fact: ReturnFact, sale: EntryHash): void {
		putReturn(sale, { record, fact });
		const linked = answers.linked.get(record.hash);
		if (linked !== undefined) link(record, linked);
	}

	function putReturn(sale: EntryHash, one: SaleSubject['refunds'][number]): void {
		const { refunds } = saleSubject(sale);
		insertInOrder(refunds, one, ({ record }) => record);
		if (refunds.length > 1) refundedAgain.add(sale);
	}

	/** Somebody found the sale that a refund is of. */
	function link(record: EntryRecord, sale: EntryHash): void {
		for (const { fact } of detailOf(record).judged.facts)
			if (fact.type === 'refund.completed' || fact.type === 'exchange.completed' || fact.type === 'refund.claimed')
				putReturn(sale, { record, fact, isLinked: true });
	}

	function renewLinks(before: Answers['linked'], round: Round): void {
		for (const member of new Set([...before.keys(), ...answers.linked.keys()])) {
			const [from, to] = [before.get(member), answers.linked.get(member)];
			const record = chains.record(member);
			if (from === to || record === undefined) continue;
			for (const sale of [from, to]) if (sale !== undefined) round.sales.add(sale);
			const refunds = from === undefined ? [] : saleSubject(from).refunds;
			const index = refunds.findIndex((one) => one.record === record && one.isLinked === true);
			if (index >= 0) refunds.splice(index, 1);
			if (to !== undefined) link(record, to);
		}
	}

	/** A correction moves every SKU that its target moved, once the target is here. */
	function takeInCorrection(correction: EntryRecord, target: EntryRecord): void {
		if (correction === target) return;
		if (isBelow(target) && !isBelow(correction)) isHistoryNeeded = true;
		for (const sku of skusMoved(target)) putOp(sku, { ...newOp(correction, PLACES_A_FACT * MAX_FACTS, 'corrected', 0), target });
	}

	function moveLines(
		record: EntryRecord,
		place: number,
		kind: StockOp['kind'],
		lines: readonly { readonly sku?: Sku | undefined; readonly quantityMilli: number }[],
		sign: 1 | -1,
		/** Of several movements by one fact. */
		which = 0,
	): void {
		if (lines.length > MOST_LOOKED_THROUGH) {
			const sums = new Map<Sku, number>();
			for (const { sku, quantityMilli } of lines) if (sku !== undefined) sums.set(sku, (sums.get(sku) ?? 0) + sign * quantityMilli);
			for (const [sku, deltaMilli] of sums) putOp(sku, newOp(record, place * PLACES_A_FACT + which, kind, deltaMilli));
			return;
		}
		// Most sales have a handful of lines: looking through them is quicker than a map.
		for (let index = 0; index < lines.length; index += 1) {
			const sku = lines[index]?.sku;
			if (sku === undefined) continue;
			let deltaMilli = 0;
			let isFirst = true;
			for (let other = 0; other < lines.length; other += 1) {
				const line = lines[other];
				if (line?.sku !== sku) continue;
				if (other < index) isFirst = false;
				deltaMilli += sign * line.quantityMilli;
			}
			if (isFirst) putOp(sku, newOp(record, place * PLACES_A_FACT + which, kind, deltaMilli));
		}
	}

	function putOp(sku: Sku, op: StockOp): void {
		if (isBelow(op.record)) return;
		let subject = stock.get(sku);
		if (subject === undefined) stock.set(sku, (subject = createStockSubject(sku)));
		insertOp(subject, op);
		const { subjects } = detailOf(op.record);
		if (!subjects.includes(subject)) subjects.push(subject);
	}

	// ——— judging

	/** An entry's clock is after the one before it on its chain and after all it saw. Whichever of the two comes later asks. */
	function judgeClocksAround(record: EntryRecord, round: Round): void {
		const { header, chain } = record;
		judgeClock(record, round);
		if (header.seq < chain.maxSeq)
			for (const next of chain.places.get(header.seq + 1) ?? []) if (next.header.prev === record.hash) judgeClock(next, round);
		if (clockWaits.size > 0) for (const waiting of clockWaits.get(`${chain.key}:${header.seq}`) ?? []) judgeClock(waiting, round);
		for (const change of header.seen) {
			if (chains.named(change) !== undefined) continue;
			const missing = `${change[0]}:${change[1]}:${change[2]}`;
			const list = clockWaits.get(missing);
			if (list === undefined) clockWaits.set(missing, [record]);
			else list.push(record);
		}
	}

	function judgeClock(record: EntryRecord, round: Round): void {
		const detail = detailOf(record);
		const { header, chain } = record;
		const before = header.seq === 1 ? undefined : chain.places.get(header.seq - 1)?.find(({ hash }) => hash === header.prev);
		let notBefore: EntryRecord | undefined;
		let earlier: Earlier[] | undefined;
		const compare = (other: EntryRecord | undefined, base: ChainBase | undefined, seq: number): void => {
			if (other !== undefined && notBefore === undefined && compareHlc(other.header.hlc, header.hlc) >= 0) notBefore = other;
			const atMs = other?.header.at ?? (base?.seq === seq ? base.atMs : undefined);
			if (atMs === undefined || atMs <= header.at + DRIFT_MS) return;
			const hash = other?.hash ?? base?.hash;
			const device = other?.header.device ?? base?.device;
			if (hash !== undefined && device !== undefined) (earlier ??= []).push({ hash, device, atMs });
		};
		compare(before, chain.base, header.seq - 1);
		for (const change of header.seen) compare(chains.named(change), chains.byKey(seenKey(change))?.base, change[2]);
		for (const pair of drifts.set(record, earlier ?? NO_EARLIER)) markConflict(`clocks:${pair}`);
		const clock =
			notBefore === undefined ? undefined : `its clock ${header.hlc.join('.')} is not after ${notBefore.header.hlc.join('.')}, which it had seen`;
		if (clock === detail.clock) return;
		detail.clock = clock;
		round.toJudge.add(record);
		if (detail.judged.facts.some(({ fact }) => concernsRoster(fact))) round.roster = true;
		if (detail.judged.facts.some(({ fact }) => concernsPeople(fact))) round.people = true;
	}

	function problemOf(record: EntryRecord, detail: Detail): EntryRecord['problem'] {
		const ofItself = problemOfItself(record, detail);
		if (ofItself !== undefined || !needing.has(record)) return ofItself;
		const lack = (isOfRoster(detail) ? rosterStanding : standing).lackAt(record);
		return lack === undefined ? undefined : { reason: 'no-right', words: lackWords(lack), lack };
	}

	/** Whoever was at the device. */
	function problemOfItself(record: EntryRecord, { judged, clock }: Detail): EntryRecord['problem'] {
		if (roster.isBeyond(record)) return { reason: 'revoked', words: 'beyond the revocation of its device' };
		if (roster.isByKeyGivenUp(record)) return { reason: 'key-given-up', words: 'signed by a key that its device had given up' };
		if (judged.problem !== undefined) return { reason: 'broken-fact', words: judged.problem };
		if (clock !== undefined) return { reason: 'clock', words: clock };
		const overreach = isOfRoster({ judged }) ? roster.overreachOf(record) : undefined;
		if (overreach !== undefined) return { reason: 'no-right', words: overreach };
		const rights = roster.rightsAt(record);
		if (rights === undefined) return undefined;
		for (const right of judged.rights) if (!rights.has(right)) return { reason: 'no-right', words: `its device has no right to "${right}"` };
		return undefined;
	}

	/** Beyond what everybody may, by what the entry says and by what its author had heard; and who allowed it. */
	function needsIn(record: EntryRecord): { readonly needs: readonly Need[]; readonly approvers: readonly PersonId[] } {
		const { judged } = detailOf(record);
		return hasOtherPrice(record) ? { needs: [...judged.needs, needOf('price')], approvers: judged.approvers } : judged;
	}

	/** Nearly every line costs what the price that it names says, and is not looked at again. */
	function askPricesAround(record: EntryRecord, round: Round): void {
		const isJudged = record.header.by !== OWNER && !isBelow(record);
		for (const { fact } of detailOf(record).judged.facts) {
			if (isPrice(fact) || isCodes(fact)) askPriceAgain(fact.sku, round);
			if (!isJudged) continue;
			for (const line of offeredLines(fact)) {
				if (line.sku === undefined || line.priceReason !== undefined || costsAsNamed(line)) continue;
				const asking = askingPrice.get(line.sku);
				if (asking === undefined) askingPrice.set(line.sku, new Set([record]));
				else asking.add(record);
				needing.add(record);
				if (line.price !== undefined && chains.record(line.price) === undefined) awaitingPrice.add(record);
			}
		}
	}

	/** From the newest, which is what is sold at. */
	function costsAsNamed({ sku, price, unitPriceE4 }: SaleLine): boolean {
		if (sku === undefined || price === undefined) return false;
		const isIt = ({ record, fact }: ProductSubject['changes'][number]): boolean =>
			record.hash === price && setsPriceIn(fact, branch) && fact.unitPriceE4 === unitPriceE4;
		return products.get(sku)?.changes.findLast(isIt) !== undefined;
	}

	/** In the order in which they come a sale is judged after what it saw; whatever of that comes later, or is judged otherwise, asks for it again. */
	function askPriceAgain(sku: Sku, round: Round): void {
		for (const record of askingPrice.get(sku) ?? []) {
			round.toJudge.delete(record);
			round.toJudge.add(record);
		}
	}

	function hasOtherPrice(record: EntryRecord): boolean {
		const asks = ({ sku }: SaleLine): boolean => sku !== undefined && askingPrice.get(sku)?.has(record) === true;
		return detailOf(record).judged.facts.some(({ fact }) => offeredLines(fact).some((line) => asks(line) && isAtOtherPrice(record, line)));
	}

	function isAtOtherPrice(record: EntryRecord, line: SaleLine): boolean {
		const { sku, price, priceReason, unitPriceE4 } = line;
		if (sku === undefined || priceReason !== undefined || costsAsNamed(line)) return false;
		const all = products.get(sku)?.changes ?? [];
		const changes = all.filter(({ fact }) => setsPriceIn(fact, branch));
		if (price !== undefined) {
			if (changes.some((one) => one.record.hash === price)) return true;
			const named = chains.record(price);
			if (named === undefined ? !chains.hasWholePast(record) : detailOf(named).judged.hasUnknown) return false;
		}
		if (all.some(({ fact }) => hasLabelCode(fact))) return false;
		const heard = changes.filter((one) => chains.saw(record, one.record) && problemOf(one.record, detailOf(one.record)) === undefined);
		return isOtherThanOwn(unitPriceE4, heard, branch, record.header.at);
	}

	/** From entries taken in to state: roster, then each entry's standing, then answers, then the folds of what was touched. */
	function settle(round: Round): void {
		if (round.reordered) forgetWhatWasSeen(round);
		// Whom an author had heard of says whom it might let in.
		const isRosterOtherwise =
			round.roster ||
			(round.reordered && (roster.asksWhoSaw || personChanges.size > 0)) ||
			((round.forked.size > 0 || round.people) && revocations.length + enrolments.length + renewals.size > 0);
		const asksPeople = round.people || round.reordered || isRosterOtherwise;
		for (const record of asksPeople ? needing : awaitingPrice) round.toJudge.add(record);
		for (const record of awaitingPrice) if (chains.hasWholePast(record)) awaitingPrice.delete(record);
		if (isRosterOtherwise) renewRoster(round);
		if (asksPeople) standing.forget();
		for (const record of round.toJudge) judge(record, round);
		if (round.answers || (round.reordered && answered.length > 0)) renewAnswers(round);
		for (const record of round.toJudge) stand(record, round);
		for (const record of round.toStand) if (!round.toJudge.has(record)) stand(record, round);
		if (round.lost || declaredLost.some(({ record, fact }) => record.counts && chains.chain(fact.device, fact.chain)?.lost.length === 0))
			renewLost(round);
		fold(round);
	}

	/**
	 * What a person accepted changes the roster, and the roster says whose answers hold. So it is made anew from nobody's answers, and those are put in that hold
	 * under what came before: what is accepted only grows, and the same entries end in the same roster.
	 */
	function renewRoster(round: Round): void {
		const first = roster;
		let accepted: ReadonlyMap<EntryHash, EntryRecord> = new Map();
		let rejected: ReadonlySet<EntryHash> = NO_HASHES;
		for (;;) {
			const before = roster;
			roster = rosterWith(accepted, rejected);
			for (const chain of chains.all()) {
				const isSame = standingText(before, chain.device) === standingText(roster, chain.device);
				if (isSame && !round.forked.has(chain.device) && !(round.reordered && roster.changesOf(chain.device) !== '')) continue;
				for (const place of chain.places.values()) for (const record of place) round.toJudge.add(record);
			}
			if (!hasStoreVerdicts) break;
			standing.forget();
			for (const record of round.toJudge) judge(record, round);
			const found = answersInOrder();
			const isOfRoster = [...enrolments, ...revocations].map(({ record }) => record.hash);
			const nextAccepted = new Map(
				isOfRoster.flatMap((hash) => {
					const by = accepted.get(hash) ?? found.acceptedBy.get(hash);
					return by === undefined ? [] : [[hash, by] as const];
				}),
			);
			const nextRejected = new Set([...rejected, ...found.rejected]);
			if (nextAccepted.size === accepted.size && nextRejected.size === rejected.size) break;
			accepted = nextAccepted;
			rejected = nextRejected;
		}
		for (const hash of symmetricDifference(acceptedInRoster, new Set(accepted.keys()))) {
			const record = chains.record(hash);
			if (record !== undefined) round.toStand.add(record);
		}
		acceptedInRoster = new Set(accepted.keys());
		// Who may let what count hangs on the roster.
		if (hasStoreVerdicts) round.answers = true;
		round.devices = true;
		for (const chain of chains.all()) {
			const isSame = standingText(first, chain.device) === standingText(roster, chain.device) && !round.forked.has(chain.device);
			if (!isSame && chain.base !== undefined && isOtherwiseBelow(first, chain.base)) isHistoryNeeded = true;
		}
		for (const pair of drifts.pairs()) markConflict(`clocks:${pair}`); // Who belongs to which branch may be known now.
		markConflictIf(first.disputes.length + roster.disputes.length > 0, 'roster:');
		markRenewedTwice();
		for (const { record } of revocations)
			if (record.problem !== undefined && first.isDisputed(record) !== roster.isDisputed(record))
				markConflict(quarantineId(record, record.problem.reason));
	}

	function rosterWith(accepted: ReadonlyMap<EntryHash, EntryRecord>, rejected: ReadonlySet<EntryHash>): Roster {
		const isInOrder = ({ record }: { readonly record: EntryRecord }): boolean => {
			return accepted.has(record.hash) || isWellMade(detailOf(record));
		};
		// As they are now: the roster before this one is compared with it.
		const lines = new Map([...renewals].map(([device, { line }]) => [device, line]));
		const heard = enrolments.filter(isInOrder);
		origins = originsOf(heard, certificateOf);
		rosterStanding.forget();
		return createRoster({
			...{ origins, enrolments: heard },
			revocations: revocations.filter(isInOrder),
			verdicts: hasStoreVerdicts
				? answered.filter((one) => one.fact.conflict.kind === ROSTER_DISPUTED && !rejected.has(one.record.hash) && isInOrder(one))
				: [],
			...{ accepted, keyLineOf: (device: DeviceId) => lines.get(device), covers: chains.covers, saw: chains.saw, everSaw: chains.everSaw },
			lacksSay: (record) => rosterStanding.lackAt(record) !== undefined,
		});
	}

	function answersInOrder(): Answers {
		return foldAnswers(
			answered.filter(({ record }) => record.problem === undefined && !detailOf(record).elsewhere),
			branch,
			chains,
			maySay,
		);
	}

	/** Who stays of devices that removed each other is an owner's word: a till's would end the question, and leave them suspended. */
	function maySay(device: DeviceId, { conflict, choice }: ConflictResolved, member: EntryHash): boolean {
		if (conflict.kind === ROSTER_DISPUTED) return origins.isOwner(device);
		return conflict.kind !== NOT_ALLOWED || choice !== ACCEPT || mayAccept(device, member);
	}

	/** Who answers lets most things count; into the roster only what their device might have written itself. */
	function mayAccept(device: DeviceId, member: EntryHash): boolean {
		const record = chains.record(member);
		return record === undefined || !isOfRoster(detailOf(record)) || roster.mayAccept(device, record);
	}

	/** Whether what a device wrote below the checkpoint may be judged otherwise now: it lost or won rights, or lies beyond a revocation. */
	function isOtherwiseBelow(before: Roster, { device, scope, seq }: ChainBase): boolean {
		const rights = (one: Roster): string => JSON.stringify([[...(one.rightsOf(device) ?? ['?'])].sort(), one.branchOf(device) ?? '']);
		const revocations = roster.devices.get(device)?.revocations ?? [];
		// Of keys that changed long ago: what the key before signed beyond its end may lie among it.
		if (
			before.keysOf(device) !== roster.keysOf(device) &&
			renewals.get(device)?.line.inForce.some(({ renewal }) => (renewal.ends[scope]?.seq ?? 0) < seq)
		)
			return true;
		return rights(before) !== rights(roster) || revocations.some(({ marks }) => !marks.some((mark) => mark.scope === scope && mark.seq >= seq));
	}

	function numberedDevices(): LedgerState['devices'] {
		return withTillNumbers(
			roster.devices,
			renamings.filter(({ record }) => record.counts),
			({ enrolledBy }) => chains.record(enrolledBy),
		);
	}

	function judge(record: EntryRecord, round: Round): void {
		const detail = detailOf(record);
		const before = record.problem;
		const branchOfAuthor = roster.branchOf(record.header.device);
		const wasElsewhere = detail.elsewhere;
		detail.elsewhere = record.header.scope === 'branch' && branchOfAuthor !== undefined && branchOfAuthor !== branch;
		record.problem = problemOf(record, detail);
		noteWithdrawal(record, detail);
		const isSame =
			before?.reason === record.problem?.reason &&
			before?.words === record.problem?.words &&
			before?.lack?.need.of === record.problem?.lack?.need.of &&
			wasElsewhere === detail.elsewhere;
		if (!isSame && detail.judged.facts.some(({ fact }) => fact.type === 'conflict.resolved')) round.answers = true;
		if (isSame) return;
		for (const { fact } of detail.judged.facts) if (isPrice(fact)) askPriceAgain(fact.sku, round);
		if (before !== undefined) markConflict(quarantineId(record, before.reason));
		if (record.problem !== undefined) markConflict(quarantineId(record, record.problem.reason));
		if (record.problem !== undefined && !detail.elsewhere) quarantine.add(record);
		else quarantine.delete(record);
	}

	function noteWithdrawal(record: EntryRecord, { judged }: Detail): void {
		const { device } = record.header;
		const fromDevice = record.problem !== undefined || roster.changesOf(device) === '' ? [] : roster.withdrawalsFrom(record, judged.rights);
		const fromPeople = record.problem !== undefined || !needing.has(record) ? [] : standing.withdrawalsFrom(record);
		const by = fromPeople.length === 0 ? fromDevice : [...new Set([...fromDevice, ...fromPeople])];
		let ofDevice = withdrawn.get(device);
		if (by.length === 0) {
			if (ofDevice?.delete(record) === true) markWithdrawn(device);
			return;
		}
		if (ofDevice === undefined) withdrawn.set(device, (ofDevice = new Map()));
		ofDevice.set(record, by);
		markWithdrawn(device);
	}

	function markWithdrawn(device: DeviceId): void {
		markConflict(`withdrawn:${device}`);
		markAnswered(`withdrawn:${device}`);
	}

	function renewAnswers(round: Round): void {
		const before = answers;
		answers = answersInOrder();
		noteCompensations();
		markConflictIf(before.clashes.length + answers.clashes.length > 0, 'answers:');
		renewLinks(before.linked, round);
		for (const hash of symmetricDifference(before.accepted, answers.accepted)) {
			const record = chains.record(hash);
			if (record !== undefined) round.toStand.add(record);
		}
		for (const record of symmetricDifference(before.overtaken, answers.overtaken)) round.toStand.add(record);
		for (const { record, fact } of answered) {
			if (fact.conflict.kind === 'not-allowed')
				for (const member of fact.members) {
					const one = chains.record(member);
					if (one !== undefined) round.toStand.add(one);
				}
			round.toStand.add(record);
		}
		for (const key of new Set([...before.settled.keys(), ...answers.settled.keys()])) {
			const now = answers.settled.get(key);
			if (sameMap(before.settled.get(key), now)) continue;
			const subject = subjectOfConflict.get(key);
			if (subject !== undefined) markConflict(subject);
			// An answer that no longer holds opens a conflict that may never have been open here.
			else if ([...(before.settled.get(key)?.keys() ?? [])].some((member) => now?.has(member) !== true)) markAllConflicts();
		}
		// What grows on the side that was not kept is nobody's answer: it opens a fork of which nothing was open here.
		for (const { fact } of answered) if (fact.conflict.kind === CHAIN_FORKED) markConflict(`chain:${fact.conflict.subject}`);
	}

	function noteCompensations(): void {
		const now = new Map<string, AnswerRecord[]>();
		for (const answer of answered) {
			const id = lookedAtFor(answer.fact.conflict);
			if (id === undefined || answer.fact.conflict.branch !== branch || !isCompensating(answer)) continue;
			const list = now.get(id);
			if (list === undefined) now.set(id, [answer]);
			else list.push(answer);
		}
		compensating = now;
		for (const id of now.keys()) markConflict(`answered:${id}`);
	}

	/** An answer may be one too many where something has changed of what it answered. */
	function markAnswered(id: string): void {
		if (compensating.has(id)) markConflict(`answered:${id}`);
	}

	/** Whether the entry counts; what it touches is folded again when that changed. */
	function stand(record: EntryRecord, round: Round): void {
		const detail = detailOf(record);
		const counts = !detail.elsewhere && (record.problem === undefined || isAccepted(record.hash));
		const overtaken = answers.overtaken.has(record);
		const isSame = counts === record.counts && overtaken === record.overtaken && !detail.isNew;
		record.accepted = record.problem !== undefined && isAccepted(record.hash);
		record.counts = counts;
		record.overtaken = overtaken;
		if (isSame) return;
		const wasNew = detail.isNew;
		detail.isNew = false;
		if (!wasNew) for (const pair of drifts.pairs()) if (pair.includes(record.header.device)) markConflict(`clocks:${pair}`);
		if (!wasNew && withdrawn.get(record.header.device)?.has(record) === true) markWithdrawn(record.header.device);
		touch(record, wasNew, round);
	}

	function isAccepted(hash: EntryHash): boolean {
		return answers.accepted.has(hash) || acceptedInRoster.has(hash);
	}

	function touch(record: EntryRecord, isNew: boolean, round: Round): void {
		const { judged, subjects } = detailOf(record);
		const sameKey = keys.get(record.header.key);
		if (sameKey !== undefined && sameKey.length > 1) {
			markConflict(`key:${record.header.key}`);
			markAnswered(`key:${record.header.key}`);
		}
		for (const { fact } of judged.facts) {
			touchBooks(record, fact, round);
			switch (fact.type) {
				case 'product.created':
				case 'product.edited':
				case 'product.retired':
				case 'product.restored':
				case 'product.merged':
					round.products.add(fact.sku);
					break;
				case 'price.changed':
				case 'branchPrice.changed':
					round.products.add(fact.sku);
					if (fact.replaces.length > 0 || ownPrices.has(fact.sku)) round.prices.push(record);
					break;
				case 'sale.completed':
					round.sales.add(record.hash);
					markGone(fact);
					noteStale(record, fact);
					break;
				case 'exchange.completed':
				case 'refund.completed':
					touchReturn(record.hash, fact.sale, round);
					markGone(fact);
					noteStale(record, fact);
					break;
				case 'refund.claimed':
					if (fact.home === branch) touchReturn(record.hash, fact.sale, round);
					break;
				case 'refund.owed':
					round.owed = true;
					break;
				case 'correction.made':
					touchCorrected(fact.corrects, round);
					break;
				case 'setting.changed':
					round.settings.add(settingKey(fact.setting.name, fact.branch));
					break;
				case 'device.renamed':
					round.devices = true;
					break;
				case 'entries.declaredLost':
					round.lost = true;
					break;
				case 'relay.joined':
				case 'relay.left':
				case 'relay.renewed':
					round.relays = true;
					break;
				default: // Roster and answers are renewed whole, stock is touched by SKU below, books above.
					break;
			}
		}
		if (corrections.has(record.hash)) touchCorrected(record.hash, round);
		for (const subject of subjects) refresh(subject, isNew, round);
		for (const { fact } of judged.facts) {
			const target = fact.type === 'correction.made' ? chains.record(fact.corrects) : undefined;
			// Of a correction that is taken back, movements that were folded stand otherwise now.
			const isOfCorrection = target !== undefined && detailOf(target).judged.facts.some(({ fact }) => fact.type === 'correction.made');
			if (target !== undefined) for (const subject of detailOf(target).subjects) refresh(subject, isNew && !isOfCorrection, round);
		}
	}

	function touchReturn(hash: EntryHash, named: EntryHash | undefined, round: Round): void {
		round.sales.add(hash);
		const linked = answers.linked.get(hash);
		for (const sale of [named, linked]) if (sale !== undefined) round.sales.add(sale);
	}

	function markGone(fact: Fact): void {
		for (const { sku } of offeredLines(fact)) if (sku !== undefined && productStates.get(sku)?.retired === true) markConflict(`gone:${sku}`);
	}

	/** Most prices that sales name still stand: this costs a look. */
	function noteStale(record: EntryRecord, fact: Fact): void {
		if ((replacedPrices.size === 0 && ownPrices.size === 0) || isBelow(record)) return;
		for (const { sku, price, resaleOf } of offeredLines(fact)) {
			if (sku === undefined || price === undefined || resaleOf !== undefined) continue;
			const change = staleBy(record, sku, price)?.change;
			// Nearly every sale of a product with a branch's own price is at that price, and none of those is kept.
			const own = (ownPrices.get(sku) ?? []).map((one) => one.record);
			const by = new Set([
				...(replacedPrices.get(price) ?? []).map((one) => one.record),
				...own.filter((one) => one === change || staleSales.get(staleId(one, record))?.has(record) === true),
			]);
			for (const one of by) {
				const id = staleId(one, record);
				const known = staleSales.get(id);
				if (known === undefined) staleSales.set(id, new Set([record]));
				else known.add(record);
				markConflict(`stale:${id}`);
				markAnswered(`stale:${id}`);
			}
		}
	}

	function staleId(change: EntryRecord, sale: EntryRecord): string {
		return `${change.hash}:${sale.header.device}`;
	}

	/** A price change that comes after sales that lie behind it, or does not stand any more: nearly all come last, and nothing is looked through. */
	function noteStaleBehind(changes: readonly EntryRecord[]): void {
		const first = changes.reduce((one, other) => (compareEntries(other, one) < 0 ? other : one));
		const records = inOrder();
		for (let index = records.length - 1; index >= 0; index -= 1) {
			const record = records[index];
			if (record === undefined || compareEntries(record, first) < 0) return;
			for (const { fact } of detailOf(record).judged.facts) noteStale(record, fact);
		}
	}

	/** A new movement waits to be folded; an old one whose entry changed sides folds its SKU again. */
	function refresh(subject: StockSubject, isNew: boolean, round: Round): void {
		round.skus.add(subject.sku);
		if (!isNew) resetStock(subject);
	}

	function touchCorrected(hash: EntryHash, round: Round): void {
		const target = chains.record(hash);
		if (target === undefined) return;
		for (const { fact } of detailOf(target).judged.facts) {
			touchBooks(target, fact, round);
			if (fact.type === 'sale.completed') round.sales.add(hash);
			markGone(fact);
			noteStale(target, fact);
			if (fact.type === 'refund.owed') round.owed = true;
			if (fact.type === 'correction.made') touchCorrected(fact.corrects, round);
			if (fact.type === 'conflict.resolved') markAnswered(lookedAtFor(fact.conflict) ?? '');
			if (fact.type === 'refund.completed' || fact.type === 'exchange.completed' || fact.type === 'refund.claimed')
				touchReturn(hash, fact.sale, round);
		}
		markConflict(`key:${target.header.key}`);
	}

	function touchBooks(record: EntryRecord, fact: Fact, round: Round): void {
		for (const name of booksByFact.get(fact.type) ?? []) {
			round.books.add(name);
			for (const subject of BOOKS[name].subjectsOf(fact, record)) {
				if (books[name].touch(subject)) markConflict(`book:${name}:${subject}`);
				if (compensating.size > 0) markAnswered(`book:${name}:${subject}`);
			}
		}
	}

	/** What a shelf holds is a fact, whoever answered first; only what an answer made up is void when it came second. */
	function isVoid({ record, kind }: StockOp): boolean {
		if (!record.counts) return true;
		if (kind === 'corrected' && isUndoneAnswer(record)) return true;
		return record.overtaken && (kind === 'adjusted' || kind === 'corrected');
	}

	/** A late entry in the middle of a chain, or a fork: what had seen what may read differently wherever that was asked. */
	function forgetWhatWasSeen(round: Round): void {
		for (const [sku, subject] of stock) {
			if (subject.shorts.length === 0 && subject.base === undefined) continue;
			resetStock(subject);
			round.skus.add(sku);
		}
		for (const [sku, { changes }] of products) if (changes.filter(({ fact }) => !EDITS.has(fact.type)).length > 1) round.products.add(sku);
		for (const name of BOOK_NAMES) if (books[name].touchAll().length > 0) round.books.add(name);
		markAllConflicts();
	}

	function renewLost(round: Round): void {
		const lost = new Map<Chain, LostRange[]>();
		for (const { record, fact } of declaredLost) {
			const chain = chains.chain(fact.device, fact.chain);
			if (!record.counts || chain === undefined) continue;
			const list = lost.get(chain);
			const range: LostRange = { fromSeq: fact.fromSeq, toSeq: fact.toSeq, next: fact.next };
			if (list === undefined) lost.set(chain, [range]);
			else list.push(range);
		}
		chains.setLost(lost);
		for (const name of ASKING_GAPS) markAlarmed(name); // What waited for a missing entry waits no more.
		for (const { fact } of declaredLost) {
			const chain = chains.chain(fact.device, fact.chain);
			if (chain !== undefined) round.chains.add(chain);
		}
	}

	// ——— folding what was touched

	function fold(round: Round): void {
		if (round.devices) {
			deviceStates = undefined;
			markAlarmed('tillNumbers');
		}
		for (const sku of round.skus) {
			const subject = stock.get(sku);
			if (subject === undefined) continue;
			foldStock(subject, chains, isVoid);
			const isApart = isApartOtherwise(subject, chains);
			markConflictIf(subject.shorts.length > 0 || isApart, `stock:${sku}`);
			if (isApart) noteOverlaps(subject);
			// A count ended what was asked of those below the checkpoint, and does not stand: what was asked is not here.
			if (subject.isCounted && subject.base === undefined && subject.opening?.stocked === true) isHistoryNeeded = true;
			if (compensating.size > 0) markAnswered(`stock:${sku}`);
		}
		// Which products an answered overlap was of is not known any more once nothing of it is left.
		if (round.skus.size > 0) for (const id of compensating.keys()) if (id.startsWith('overlap:')) markAnswered(id);
		for (const sku of round.products) foldOneProduct(sku);
		if (round.prices.length > 0) noteStaleBehind(round.prices);
		for (const hash of round.sales) foldOneSale(hash);
		for (const hash of unknownSales) markConflict(`sale:${hash}`);
		for (const key of round.settings) foldOneSetting(key);
		if (round.settings.size > 0) for (const name of ASKING_SETTINGS) markAlarmed(name);
		if (round.filled) for (const name of ASKING_GAPS) markAlarmed(name);
		if (round.owed)
			owedStates = owedFacts
				.filter(({ record }) => record.counts && !record.overtaken && correctedBy(record) === undefined)
				.sort((a, b) => compareEntries(a.record, b.record))
				.map(({ record, fact }) => ({
					entry: record.entry,
					sale: fact.sale,
					sku: fact.sku,
					quantityMilli: fact.quantityMilli,
					amountMinor: fact.amountMinor,
				}));
		if (round.relays) foldRelays();
		for (const chain of round.chains) {
			markConflictIf(chain.forks || !chains.isWhole(chain), `chain:${chain.device}:${chain.scope}`);
		}
	}

	/** A till's absence overlaps with counts of many products, and is one conflict: looked at when one of them changes. */
	function noteOverlaps(subject: StockSubject): void {
		const before = overlapsOfSku.get(subject.sku);
		const now = wasCountApart(subject) ? overlapsOf(subject, chains) : NO_OVERLAPS;
		if (before === undefined && now.size === 0) return;
		for (const overlap of new Set([...(before ?? []), ...now])) {
			markConflict(`overlap:${overlap}`);
			const skus = overlapping.get(overlap) ?? new Set<Sku>();
			if (now.has(overlap)) skus.add(subject.sku);
			else skus.delete(subject.sku);
			overlapping.set(overlap, skus);
		}
		if (now.size === 0) overlapsOfSku.delete(subject.sku);
		else overlapsOfSku.set(subject.sku, now);
	}

	function foldOneProduct(sku: Sku): void {
		const subject = products.get(sku);
		const folded = subject === undefined ? undefined : foldProduct(subject, chains);
		const before = productStates.get(sku);
		const wasTracked = before?.tracked.value;
		if (compensating.size > 0) markAnswered(`stock:${sku}`);
		if (folded === undefined) productStates.delete(sku);
		else productStates.set(sku, folded);
		markConflictIf(folded !== undefined && isDisputed(folded), `product:${sku}`);
		markConflictIf(folded?.retired === true, `gone:${sku}`);
		noteGtins(sku, offeredGtins(before), offeredGtins(folded));
		// What lay below was nobody's shortage while it was not tracked, and is not here.
		if (wasTracked === false && folded?.tracked.value === true && stock.get(sku)?.opening?.stocked === true) isHistoryNeeded = true;
		if (wasTracked === folded?.tracked.value) return;
		const moved = stock.get(sku);
		markConflictIf(moved !== undefined && (moved.shorts.length > 0 || wasCountApart(moved)), `stock:${sku}`);
		for (const overlap of overlapsOfSku.get(sku) ?? []) markConflict(`overlap:${overlap}`);
	}

	function noteGtins(sku: Sku, before: readonly Gtin[], now: readonly Gtin[]): void {
		for (const gtin of before) {
			if (now.includes(gtin)) continue;
			const others = (skusOfGtin.get(gtin) ?? []).filter((other) => other !== sku);
			if (others.length === 0) skusOfGtin.delete(gtin);
			else skusOfGtin.set(gtin, others);
			markConflictIf(false, `gtin:${gtin}`);
		}
		for (const gtin of now) {
			const having = skusOfGtin.get(gtin) ?? [];
			if (!having.includes(sku)) skusOfGtin.set(gtin, [...having, sku]);
			markConflictIf((skusOfGtin.get(gtin)?.length ?? 0) > 1, `gtin:${gtin}`);
		}
	}

	function foldOneSale(hash: EntryHash): void {
		const subject = sales.get(hash);
		const record = chains.record(hash);
		if (compensating.size > 0) markAnswered(`sale:${hash}`);
		if (subject !== undefined) {
			const folded = isElsewhere(subject.own?.record) ? undefined : foldSale(subject, correctedBy, isBelow, below.refunded.get(hash));
			if (folded === undefined) saleStates.delete(hash);
			else saleStates.set(hash, folded);
			if (folded !== undefined && folded.refunds.length > 0) {
				const isTooMuch = folded.fact.lines.some((line, index) => (folded.refundedMilli[index] ?? 0) > line.quantityMilli);
				if (isTooMuch && below.refunded.has(hash)) isHistoryNeeded = true;
				markConflictIf(isTooMuch, `sale:${hash}`);
			} else if (conflictsOfSubject.size > 0) markConflictIf(false, `sale:${hash}`);
			// Below a checkpoint it may be: whoever looks there says whether it is (`recall`).
			if (subject.own === undefined && checkpoint === undefined) unknownSales.add(hash);
			else unknownSales.delete(hash);
		}
		if (record === undefined) return;
		for (const { fact } of detailOf(record).judged.facts) {
			if (fact.type !== 'refund.completed') continue;
			if (isElsewhere(record)) refundStates.delete(hash);
			else refundStates.set(hash, { entry: record.entry, fact, counts: record.counts, correctedBy: correctedBy(record) });
		}
	}

	function foldOneSetting(key: string): void {
		const folded = foldValue(
			(settings.get(key) ?? [])
				.filter(({ record }) => record.counts)
				.map(({ record, fact }) => ({ record, value: fact.setting.value, replaces: replacesNamed(fact.replaces) })),
		);
		if (folded === undefined) settingStates.delete(key);
		else settingStates.set(key, folded);
	}

	function foldRelays(): void {
		for (const relay of relayStates.keys()) markConflictIf(false, `succeeded:${relay}`);
		relayStates.clear();
		relayLines.clear();
		for (const { record, fact } of relayFacts.filter(({ record }) => record.counts).sort((a, b) => compareEntries(a.record, b.record))) {
			if (fact.type === 'relay.left') relayStates.delete(fact.relay);
			else relayStates.set(fact.relay, { relay: fact.relay, url: fact.url, name: fact.name, entry: record.hash, joinedAtMs: record.header.at });
		}
		const counting = successions.filter(({ record }) => record.counts).sort((a, b) => compareEntries(a.record, b.record));
		for (const [relay, joined] of relayStates) {
			const line = relayLineOf(relay, counting);
			relayLines.set(relay, line);
			if (line.rivals.length > 0) markConflict(`succeeded:${relay}`);
			if (line.inForce.length > 0) relayStates.set(relay, { ...joined, keys: line.inForce.map(({ succession }) => succession.key) });
		}
	}

	// ——— conflicts: found again only where something was touched, and only when asked for

	const dirtyConflicts = new Set<string>();
	const conflictsOfSubject = new Map<string, readonly Conflict[]>();
	const subjectOfConflict = new Map<string, string>();
	let conflictsNow: readonly Conflict[] = [];

	const context: ConflictContext = {
		branch,
		saw: chains.saw,
		settled: settledBy,
		keptSide: (key) => answers.kept.get(key),
		record: chains.record,
		sale: (hash) => saleStates.get(hash),
		product: (sku) => productStates.get(sku),
		correctedBy,
		isOfBranch: ({ header }) => (roster.branchOf(header.device) ?? branch) === branch,
	};
	const bookConflictContext: BookConflictContext = { ...context, state, settingSeenBy };
	const unansweredContext: BookConflictContext = { ...bookConflictContext, settled: () => undefined };

	function settingSeenBy<Name extends SettingName>(record: EntryRecord, name: Name): SettingValue<Name> | undefined {
		const seenAt = (key: string): unknown =>
			foldValue(
				(settings.get(key) ?? [])
					.filter((one) => one.record.counts && chains.saw(record, one.record))
					.map((one) => ({ record: one.record, value: one.fact.setting.value, replaces: replacesNamed(one.fact.replaces) })),
			)?.value;
		return (seenAt(settingKey(name, branch)) ?? seenAt(settingKey(name, undefined))) as SettingValue<Name> | undefined;
	}

	function markConflict(subject: string): void {
		dirtyConflicts.add(subject);
	}

	function markConflictIf(isOne: boolean, subject: string): void {
		if (isOne || conflictsOfSubject.has(subject)) markConflict(subject);
	}

	function markAllConflicts(): void {
		for (const subject of new Set(subjectOfConflict.values())) markConflict(subject);
		for (const [sku, subject] of stock) if (subject.shorts.length > 0 || wasCountApart(subject)) markConflict(`stock:${sku}`);
		for (const overlap of overlapping.keys()) markConflict(`overlap:${overlap}`);
		for (const hash of refundedAgain) markConflict(`sale:${hash}`);
		for (const hash of unknownSales) markConflict(`sale:${hash}`);
		for (const key of sharedKeys) markConflict(`key:${key}`);
		for (const [sku, product] of productStates) {
			if (isDisputed(product)) markConflict(`product:${sku}`);
			if (product.retired) markConflict(`gone:${sku}`);
		}
		for (const [gtin, skus] of skusOfGtin) if (skus.length > 1) markConflict(`gtin:${gtin}`);
		for (const id of staleSales.keys()) markConflict(`stale:${id}`);
		for (const chain of chains.all()) if (chain.forks || !chains.isWhole(chain)) markConflict(`chain:${chain.device}:${chain.scope}`);
		for (const record of quarantine) if (record.problem !== undefined) markConflict(quarantineId(record, record.problem.reason));
		for (const pair of drifts.pairs()) markConflict(`clocks:${pair}`);
		for (const device of withdrawn.keys()) markConflict(`withdrawn:${device}`);
		if (roster.disputes.length > 0) markConflict('roster:');
		markRenewedTwice();
		for (const [relay, { rivals }] of relayLines) if (rivals.length > 0) markConflict(`succeeded:${relay}`);
		if (answers.clashes.length > 0) markConflict('answers:');
		for (const id of compensating.keys()) markConflict(`answered:${id}`);
		if (damaged.length > 0) markConflict('damaged:');
		for (const name of BOOK_NAMES) markAlarmed(name);
	}

	function markRenewedTwice(): void {
		for (const [device, { line }] of renewals) if (line.rivals.length > 0) markConflict(`renewed:${device}`);
	}

	function markAlarmed(name: BookName): void {
		for (const subject of books[name].alarmed()) markConflict(`book:${name}:${subject}`);
	}

	function conflicts(): readonly Conflict[] {
		if (dirtyConflicts.size === 0) return conflictsNow;
		for (const id of [...dirtyConflicts]) markRelated(id);
		for (const id of dirtyConflicts) {
			const found = findIn(id);
			if (found.length === 0) conflictsOfSubject.delete(id);
			else conflictsOfSubject.set(id, found);
			for (const { key } of found) subjectOfConflict.set(key, id);
		}
		dirtyConflicts.clear();
		return (conflictsNow = [...conflictsOfSubject.values()].flat().sort(compareConflicts));
	}

	/** What one customer owes may hang on another, who was merged into them. */
	function markRelated(id: string): void {
		const [book, subject] = bookSubjectOf(id) ?? [];
		if (book === undefined || subject === undefined) return;
		for (const other of books[book].related(subject, state)) markConflict(`book:${book}:${other}`);
	}

	function findIn(id: string, by: BookConflictContext = bookConflictContext): readonly Conflict[] {
		const [book, name] = bookSubjectOf(id) ?? [];
		if (book !== undefined && name !== undefined) return books[book].conflicts(name, by);
		const subject = subjectOf(id);
		return subject === undefined ? [] : findConflicts(subject, by, chains);
	}

	/** A relay's successions as a device's renewals: whoever showed one first stands for whoever countersigned. */
	function relayRenewedOf(device: DeviceId, { inForce, rivals }: RelayLine<(typeof successions)[number]>): Renewed {
		const signedIn = ({ succession: renewal, record }: (typeof successions)[number]): Renewed['line']['inForce'][number] => ({
			...{ renewal, countersigner: record.header.device, atMs: record.header.hlc[0] },
		});
		const shown = successions
			.filter(({ succession, record }) => succession.relay === device && record.counts)
			.map((one) => ({ record: one.record, renewals: [signedIn(one)] }));
		return { device, role: 'relay', line: { inForce: inForce.map(signedIn), rivals: rivals.map(signedIn) }, shown };
	}

	function isAbove({ fact }: AnswerRecord): boolean {
		return (
			checkpoint === undefined ||
			fact.members.every((hash) => {
				const record = chains.record(hash);
				return record !== undefined && !isBelow(record);
			})
		);
	}

	/** The conflicts that there would be had nobody answered, and had this answer taken nothing back. */
	function leftOf(id: string, { record, fact }: AnswerRecord): readonly Left[] {
		const found = findIn(id, unansweredContext);
		const { kind, subject } = fact.conflict;
		const isThere = (one: EntryRecord): boolean => one.counts && (correctedBy(one) === undefined || correctedBy(one) === record.hash);
		if (kind === 'refunded-twice') {
			const [sale, line] = subject.split(':');
			const refunds = sales.get(sale as EntryHash);
			if (refunds === undefined || !wereTooMany(refunds, Number(line), record.hash, context)) return found;
			return [...found, { id: fact.conflict, members: refunds.refunds.map((refund) => refund.record) }];
		}
		if (kind === 'parked-sold-twice') {
			const taken = detailOf(record).judged.facts.flatMap((one) => (one.fact.type === 'correction.made' ? [one.fact.corrects] : []));
			const members = [...fact.members, ...taken].flatMap((hash) => chains.record(hash) ?? []).filter(isThere);
			const all = new Set([...found.flatMap((one) => one.members.map(({ hash }) => hash)), ...members.map(({ hash }) => hash)]);
			return all.size < 2 ? found : [...found, { id: fact.conflict, members }];
		}
		if (kind === 'count-overlap' || kind === 'counts-disagree') {
			// A later count ends the question, and makes no answer one too many: what it found is on the shelf.
			const members = fact.members.filter((hash) => {
				const member = chains.record(hash);
				if (member === undefined || !isThere(member)) return false;
				const { subjects } = detailOf(member);
				return kind === 'count-overlap'
					? wasOverlapping(subject, member, subjects, context, chains)
					: subjects.some((one) => one.sku === subject && wereCountsApart(one, member, chains));
			});
			return [...found, { id: fact.conflict, members: members.map((hash) => ({ hash })) }];
		}
		return found;
	}

	function subjectOf(id: string): Subject | undefined {
		const name = id.slice(id.indexOf(':') + 1);
		switch (id.slice(0, id.indexOf(':'))) {
			case 'stock': {
				const subject = stock.get(name as Sku);
				return subject && { of: 'stock', stock: subject };
			}
			case 'overlap':
				return { of: 'overlap', overlap: name, stocks: [...(overlapping.get(name) ?? [])].flatMap((sku) => stock.get(sku) ?? []) };
			case 'sale': {
				const subject = sales.get(name as EntryHash);
				return subject && { of: 'sale', sale: subject, unknown: returnsOfNothing(subject) };
			}
			case 'product': {
				const product = productStates.get(name as Sku);
				return product && { of: 'product', product };
			}
			case 'gone': {
				const product = productStates.get(name as Sku);
				return product?.retired === true ? { of: 'gone', gone: goneOf(product) } : undefined;
			}
			case 'gtin':
				return { of: 'gtin', gtin: name as Gtin, products: (skusOfGtin.get(name as Gtin) ?? []).flatMap((sku) => productStates.get(sku) ?? []) };
			case 'stale': {
				const [change = '', device = ''] = name.split(':');
				const record = chains.record(change as EntryHash);
				return record && { of: 'stale', stale: staleOf(record, device as DeviceId, staleSales.get(name) ?? NO_RECORDS) };
			}
			case 'key': {
				const records = keys.get(name as IntentKey);
				return records && { of: 'key', key: name as IntentKey, records };
			}
			case 'chain': {
				const [device, scope] = name.split(':');
				const chain = chains.chain(device as DeviceId, scope as Scope);
				return chain && { of: 'chain', chain };
			}
			case 'clocks':
				return { of: 'clocks', pair: name, drifts: drifts.of(name) };
			case 'withdrawn': {
				const records = withdrawn.get(name as DeviceId);
				return records && { of: 'withdrawn', device: name as DeviceId, records };
			}
			case 'answers':
				return { of: 'answers', clashes: answers.clashes };
			case 'answered':
				// Nothing still comes that removes what lies below a checkpoint.
				return { of: 'answered', answers: (compensating.get(name) ?? []).filter(isAbove).map((answer) => ({ answer, found: leftOf(name, answer) })) };
			case 'roster':
				return { of: 'roster', disputes: roster.disputes };
			case 'renewed': {
				const device = name as DeviceId;
				const known = renewals.get(device);
				const { role = 'till', standing = 'active' } = roster.devices.get(device) ?? {};
				return known === undefined || standing === 'revoked' || standing === 'fallen'
					? undefined
					: { of: 'renewed', renewed: { device, role, ...known } };
			}
			case 'succeeded': {
				const line = relayLines.get(name as DeviceId);
				return line && { of: 'renewed', renewed: relayRenewedOf(name as DeviceId, line) };
			}
			case 'quarantine': {
				// What a device in dispute wrote against another is asked about there.
				const records = [...quarantine].filter(
					(record) => !roster.isDisputed(record) && record.problem !== undefined && quarantineId(record, record.problem.reason) === id,
				);
				const first = records[0];
				if (first?.problem === undefined) return undefined;
				const { device, scope } = first.header;
				return { of: 'quarantine', quarantine: { device, scope, reason: first.problem.reason, records } };
			}
			case 'damaged':
				return { of: 'damaged', found: damaged };
			default:
				throw new Error(`a subject that nothing knows: ${id}`);
		}
	}

	function staleOf(change: EntryRecord, device: DeviceId, candidates: ReadonlySet<EntryRecord>): StalePrices {
		const sales = [...candidates].sort(compareEntries).flatMap((record) => {
			if (!record.counts || correctedBy(record) !== undefined) return [];
			const lines = detailOf(record).judged.facts.flatMap(({ fact }) =>
				offeredLines(fact).flatMap((line) => staleLine(record, fact, line, change) ?? []),
			);
			return lines.length === 0 ? [] : [{ record, lines }];
		});
		return { change, device, sales };
	}

	/** Undefined where the price held, or another change than this was the first to replace it. */
	function staleLine(sale: EntryRecord, fact: Fact, line: SaleLine, change: EntryRecord): StaleLine | undefined {
		const { sku, price, resaleOf, unitPriceE4, quantityMilli } = line;
		if (sku === undefined || price === undefined || resaleOf !== undefined || unitPriceE4 === 0) return undefined;
		const stale = staleBy(sale, sku, price);
		if (stale?.change !== change) return undefined;
		const dueE4 = stale.dueE4 ?? unitPriceE4;
		// What came off the price comes off the other in proportion.
		const minor = paidMinor(line, 'taxExcluded' in fact ? fact : {});
		const dueMinor = roundHalfEven(BigInt(minor) * BigInt(dueE4), BigInt(unitPriceE4));
		return dueMinor === minor ? undefined : { sale: sale.hash, sku, quantityMilli, paidMinor: minor, dueMinor };
	}

	/** What had replaced a price before a sale, and what held instead; undefined where it held itself. */
	function staleBy(sale: EntryRecord, sku: Sku, price: EntryHash): { readonly change: EntryRecord; readonly dueE4: number | undefined } | undefined {
		const isBefore = ({ record }: { readonly record: EntryRecord }): boolean =>
			record.counts && !record.overtaken && compareEntries(record, sale) < 0;
		const own = (ownPrices.get(sku) ?? []).filter(isBefore);
		const isOwn = own.some(({ record, fact }) => record.hash === price && fact.unitPriceE4 !== null);
		const held = own.length === 0 ? undefined : foldPrices((products.get(sku)?.changes ?? []).filter(isBefore));
		const ownNow = held && ownPriceAt(held, branch, sale.header.at);
		if (!isOwn && ownNow !== undefined && ownNow.unitPriceE4 !== null) {
			// As with the store's prices: one that waited for its moment had named nothing that it replaces.
			const change = own.find(({ record, fact }) => record.hash === ownNow.entry && fact.fromMs === undefined);
			return change && { change: change.record, dueE4: ownNow.unitPriceE4 };
		}
		const changesOf = (replaced: EntryHash) =>
			(replacedPrices.get(replaced) ?? [])
				.filter(isBefore)
				.filter(
					({ fact }) => fact.sku === sku && (isOwn ? fact.type === 'branchPrice.changed' && fact.branch === branch : fact.type === 'price.changed'),
				)
				.filter(({ fact }) => fact.fromMs === undefined || fact.fromMs <= sale.header.at)
				.sort((a, b) => compareEntries(a.record, b.record));
		const [first] = changesOf(price);
		if (first === undefined) return undefined;
		let last = first;
		const passed = new Set<EntryHash>();
		for (let next = changesOf(price).at(-1); next !== undefined && !passed.has(next.record.hash); next = changesOf(next.record.hash).at(-1)) {
			passed.add(next.record.hash);
			last = next;
		}
		const dueE4 = last.fact.unitPriceE4 ?? (held && storePriceAt(held, sale.header.at)?.unitPriceE4);
		return { change: first.record, dueE4 };
	}

	/** Refunds of a sale that no chain has, although all is here that could have it. */
	function returnsOfNothing({ own, refunds }: SaleSubject): readonly EntryRecord[] {
		if (own !== undefined || checkpoint !== undefined) return [];
		return refunds
			.filter(({ record, fact, isLinked }) => {
				if (isLinked === true || !record.counts || correctedBy(record) !== undefined) return false;
				return fact.type === 'refund.claimed' ? chains.isHereUpTo(fact.at) : chains.hasWholePast(record) && !isOfOtherBranch(record);
			})
			.map(({ record }) => record);
	}

	/** The sale is another branch's, where the refund's other part claims it; that part may be on its way. */
	function isOfOtherBranch({ header }: EntryRecord): boolean {
		if (header.part === undefined) return false;
		const others = (keys.get(header.key) ?? []).filter((one) => one.header.scope === 'store');
		const claims = others.flatMap((one) => detailOf(one).judged.facts.filter(({ fact }) => fact.type === 'refund.claimed' && fact.home !== branch));
		return others.length === 0 || claims.length > 0;
	}

	/** What this branch did apart from those who retired a product: from what they had seen to what had seen them, chain by chain. */
	function goneOf(product: ProductState): Gone {
		const counting = (products.get(product.sku)?.changes ?? []).filter(({ record }) => record.counts && !record.overtaken);
		const isRevived = (retirement: EntryRecord): boolean =>
			counting.some(({ record, fact }) => (fact.type === 'product.created' || fact.type === 'product.restored') && chains.saw(record, retirement));
		const retirements = counting
			.filter(({ record, fact }) => (fact.type === 'product.retired' || fact.type === 'product.merged') && !isRevived(record))
			.map(({ record }) => record);
		const apart = new Set<EntryRecord>();
		for (const retirement of retirements)
			for (const chain of chains.all()) {
				if (chain.scope !== 'branch') continue;
				for (let seq = (chain.forks ? 0 : chains.seenSeq(retirement, chain)) + 1; seq <= chain.maxSeq; seq += 1) {
					// What was recalled from below has forgotten whom it had seen; nothing there was left open.
					const here = (chain.places.get(seq) ?? []).filter((record) => !isBelow(record) && !chains.saw(record, retirement));
					if (here.length === 0 && chain.places.get(seq)?.some((record) => !isBelow(record)) === true && !chain.forks) break;
					for (const record of here) if (record.counts && correctedBy(record) === undefined && !chains.saw(retirement, record)) apart.add(record);
				}
			}
		return { product, retirements: retirements.sort(compareEntries), apart: [...apart].sort(compareEntries) };
	}

	// ——— small questions

	function detailOf(record: EntryRecord): Detail {
		const { detail } = record;
		if (detail === undefined) throw new Error(`an entry that was never taken in: ${record.hash}`);
		return detail;
	}

	function isElsewhere(record: EntryRecord | undefined): boolean {
		return record !== undefined && detailOf(record).elsewhere;
	}

	/** An answer that was taken back takes nothing back. No entry can name a later one: this ends. A correction that is no answer stays. */
	function correctedBy(record: EntryRecord): EntryHash | undefined {
		const by = corrections.get(record.hash)?.find((correction) => correction.counts && !correction.overtaken && !isUndoneAnswer(correction));
		return by?.hash ?? below.corrected.get(record.hash);
	}

	function isUndoneAnswer(record: EntryRecord): boolean {
		return (
			corrections.has(record.hash) &&
			detailOf(record).judged.facts.some(({ fact }) => fact.type === 'conflict.resolved') &&
			correctedBy(record) !== undefined
		);
	}

	function productSubject(sku: Sku): ProductSubject {
		let subject = products.get(sku);
		if (subject === undefined) products.set(sku, (subject = { sku, changes: [] as { record: EntryRecord; fact: ProductFact }[] }));
		return subject;
	}

	function givenBackOf(sale: EntryHash): ReadonlyMap<number, LineGivenBack> {
		const lines = new Map<number, LineGivenBack>();
		const { own, refunds = [] } = sales.get(sale) ?? {};
		for (const refund of refunds) {
			if (!refund.record.counts || correctedBy(refund.record) !== undefined) continue;
			for (const { saleLine, quantityMilli, totalMinor, taxMinor } of returnedOf(refund, own?.fact)) {
				const { milli, minor, taxMinor: tax } = lines.get(saleLine) ?? { milli: 0, minor: 0, taxMinor: 0 };
				lines.set(saleLine, { milli: milli + quantityMilli, minor: minor + totalMinor, taxMinor: tax + taxMinor });
			}
		}
		return lines;
	}

	function saleSubject(sale: EntryHash): SaleSubject {
		let subject = sales.get(sale);
		if (subject === undefined) sales.set(sale, (subject = { sale, own: undefined, refunds: [] }));
		return subject;
	}

	function skusMoved(record: EntryRecord): ReadonlySet<Sku> {
		const skus = new Set<Sku>();
		for (const { fact } of detailOf(record).judged.facts) {
			switch (fact.type) {
				case 'stock.received':
				case 'stock.adjusted':
				case 'stock.counted':
					for (const { sku } of fact.lines) skus.add(sku);
					break;
				case 'sale.completed':
					for (const { sku } of offShelf(fact.lines)) if (sku !== undefined) skus.add(sku);
					break;
				case 'exchange.completed':
					for (const { sku } of [...backOnShelf(fact.returned), ...offShelf(fact.lines)]) if (sku !== undefined) skus.add(sku);
					break;
				case 'transfer.sent':
					if (fact.from === branch) for (const { sku } of fact.lines) skus.add(sku);
					break;
				case 'transfer.received':
					if (fact.at === branch) for (const { sku } of fact.lines) skus.add(sku);
					break;
				case 'refund.completed':
					for (const { sku } of backOnShelf(fact.lines)) if (sku !== undefined) skus.add(sku);
					break;
				default:
					break;
			}
		}
		return skus;
	}

	// ——— checkpoints

	function isBelow(entry: Ordered): boolean {
		return checkpoint !== undefined && compareEntries(entry, checkpoint.last) <= 0;
	}

	function settledBy(key: string): ReadonlyMap<EntryHash, EntryHash> | undefined {
		const now = answers.settled.get(key);
		const before = below.settled.get(key);
		return before === undefined ? now : now === undefined ? before : new Map([...before, ...now]);
	}

	/** What the checkpoint kept is here as if it had come, but for its movements, which are in the opening balances. */
	function restore(from: Checkpoint): void {
		for (const opening of from.stock) stock.set(opening.sku, createStockSubject(opening.sku, opening));
		takeInBelow(from.kept);
		for (const opening of from.stock) {
			const subject = stock.get(opening.sku);
			if (subject === undefined) continue;
			beginWith(subject, carriedIn(opening));
			foldStock(subject, chains, isVoid);
			markConflictIf(subject.shorts.length > 0, `stock:${subject.sku}`);
		}
		isHistoryNeeded = false; // The roster grew from nobody to what it was: that is no change.
	}

	function carriedIn({ shorts = [] }: StockOpening): readonly CarriedShort[] {
		return shorts.flatMap(({ entry, rivals, ...short }) => {
			const record = chains.record(entry);
			return record === undefined ? [] : [{ ...short, record, rivals: rivals.flatMap((hash) => chains.record(hash) ?? []) }];
		});
	}

	function recall(entries: readonly Entry[], sought: readonly EntryHash[] = []): LedgerChange {
		const fresh = entries.filter((entry) => isBelow(entry) && chains.record(entry.hash) === undefined);
		const change = changeOf(takeInBelow(fresh.map((entry) => ({ entry, seen: [] }))), [], entries.length - fresh.length);
		if (sought.some((hash) => sales.get(hash)?.own === undefined && sales.has(hash))) isHistoryNeeded = true;
		return change;
	}

	function takeInBelow(list: Checkpoint['kept']): Round {
		const round = newRound();
		for (const { entry, seen } of [...list].sort((a, b) => compareEntries(a.entry, b.entry))) {
			const { record } = chains.add(entry, seen);
			ordered.push(record);
			isOrdered = false;
			takeIn(record, round);
		}
		if (list.length > 0) settle(round);
		return round;
	}

	function missing(): readonly EntryHash[] {
		if (checkpoint === undefined) return [];
		const named = [...sales].flatMap(([hash, { own }]) => (own === undefined ? [hash] : []));
		return [...named, ...corrections.keys()].filter((hash) => chains.record(hash) === undefined);
	}

	function cuttable(beforeMs: number): readonly (CuttableChain & { seq: number })[] {
		return [...chains.all()].map((chain) => {
			const end = chain.base?.seq ?? 0;
			chains.isWhole(chain); // Brings a forked chain's end up to date.
			let seq = end;
			for (let next = seq + 1; next < chain.firstForkSeq && next <= chain.wholeSeq; next += 1) {
				const [record] = chain.places.get(next) ?? [];
				if (record === undefined) continue; // Declared lost: passed with the next that is here.
				if (record.header.hlc[0] >= beforeMs) break;
				seq = next;
			}
			const heldFrom = (from: number): EntryRecord | undefined => {
				for (let at = from; at <= chain.maxSeq; at += 1) {
					const [record] = chain.places.get(at) ?? [];
					if (record !== undefined) return record;
				}
				return undefined;
			};
			return {
				...{ id: `${chain.device}:${chain.scope}`, key: chain.key, seq },
				vectorAt(from) {
					const record = heldFrom(from);
					return record === undefined
						? undefined
						: (key) => {
								const other = chains.byKey(key);
								return other === undefined ? 0 : chains.seenSeq(record, other);
							};
				},
				markAt(at) {
					const [record] = chain.places.get(at) ?? [];
					if (record !== undefined) return { device: chain.device, scope: chain.scope, seq: at, hash: record.hash };
					return at === chain.base?.seq ? { device: chain.device, scope: chain.scope, seq: at, hash: chain.base.hash } : undefined;
				},
			};
		});
	}

	function asCheckpoint(): Checkpoint {
		const newest = inOrder().at(-1) ?? checkpoint?.last;
		if (newest === undefined) throw new Error('a checkpoint of nothing');
		// What the checkpoint kept may be all that is here, and older than its cut.
		const last = checkpoint !== undefined && isBelow(newest) ? checkpoint.last : newest;
		const kept = new Set<EntryRecord>(BOOK_NAMES.flatMap((name) => books[name].kept()));
		for (const record of ordered)
			if (
				detailOf(record).judged.facts.some(
					({ fact }) => concernsRoster(fact) || isAboutFork(fact) || (record.counts && KEPT.has(fact.type)) || isPrice(fact),
				)
			)
				kept.add(record);
		const openings = [...stock.values()].map((subject): StockOpening => {
			const { sku, onHandMilli } = subject;
			const shorts = subject.shorts.length === 0 ? [] : judgedShorts(subject, context, chains);
			const carried = shorts.map(({ record, takenMilli, afterMilli, believedMilli }): ShortOpening => {
				const rivals = rivalsOf(subject, record, chains);
				for (const one of [record, ...rivals]) kept.add(one);
				return { entry: record.hash, takenMilli, afterMilli, believedMilli, rivals: rivals.map(({ hash }) => hash) };
			});
			return { sku, onHandMilli, stocked: isStocked(subject), ...(carried.length === 0 ? {} : { shorts: carried }) };
		});
		return {
			...{ fold: FOLD_VERSION, store, branch },
			last: { hash: last.hash, header: { hlc: last.header.hlc, device: last.header.device, seq: last.header.seq } },
			chains: [...chains.all()].flatMap((chain): ChainBase[] => {
				const [end] = chain.places.get(chain.wholeSeq) ?? [];
				const { heardSeq } = chains.view(chain);
				if (end === undefined) return chain.base === undefined ? [] : [{ ...chain.base, heardSeq }];
				return [
					{
						device: chain.device,
						scope: chain.scope,
						seq: chain.wholeSeq,
						hash: end.hash,
						atMs: end.header.at,
						seen: chains.vectorOf(end),
						heardSeq,
					},
				];
			}),
			kept: [...kept].sort(compareEntries).map((record) => ({ entry: record.entry, seen: chains.vectorOf(record) })),
			stock: openings,
			refunded: below.refundedWith(sales.values(), correctedBy, isBelow),
			corrected: [...new Map([...below.corrected, ...[...corrections].flatMap(([target]) => correctedPair(target))])],
			keys: below.keysWith(
				ordered.filter((record) => !isBelow(record)),
				last.header.hlc[0],
			),
			settled: [...new Set([...below.settled.keys(), ...answers.settled.keys()])].map((key) => [key, [...(settledBy(key) ?? [])]]),
			books: BOOK_NAMES.flatMap((name) => books[name].sums().map(([subject, sum]): BookSum => [name, subject, sum])),
			unknownFacts,
		};
	}

	function correctedPair(target: EntryHash): readonly (readonly [EntryHash, EntryHash])[] {
		const by = corrections.get(target)?.find((correction) => correction.counts && !correction.overtaken);
		return by === undefined ? [] : [[target, by.hash]];
	}

	function inOrder(): readonly EntryRecord[] {
		if (!isOrdered) ordered.sort(compareEntries);
		isOrdered = true;
		return ordered;
	}

	if (checkpoint !== undefined) restore(checkpoint);

	return {
		store,
		branch,
		state,
		add,
		setDamaged(found) {
			damaged = found;
			markConflictIf(found.length > 0, 'damaged:');
			return dirtyConflicts.size > 0;
		},
		marks: chains.marks,
		locator: chains.locator,
		beyondGaps: chains.beyondGaps,
		lackedBy: chains.lackedBy,
		seen: chains.seen,
		hlc: () => (checkpoint === undefined ? chains.hlc() : latestHlc(checkpoint.last.header.hlc, chains.hlc())),
		chains: () => [...chains.all()].map(chains.view),
		chain(device, scope) {
			const chain = chains.chain(device, scope);
			return chain && chains.view(chain);
		},
		conflicts,
		sideStanding(end) {
			const record = chains.record(end);
			if (record === undefined) return checkpoint?.chains.some(({ hash }) => hash === end) === true ? undefined : 'unknown';
			const { device, scope } = record.header;
			const kept = answers.kept.get(conflictKey({ kind: CHAIN_FORKED, subject: `${device}:${scope}`, ...(scope === 'store' ? {} : { branch }) }));
			return kept && sideStanding(record, kept, chains);
		},
		answers: () => [...answered].sort((a, b) => compareEntries(a.record, b.record)).map(({ record, fact }) => ({ entry: record.entry, fact })),
		quarantined: () =>
			[...quarantine]
				.filter(({ accepted }) => !accepted)
				.sort(compareEntries)
				.flatMap(({ entry, problem }) => (problem === undefined ? [] : [{ entry, ...problem }])),
		keysShown: (device) => new Set(renewals.get(device)?.shown.flatMap((one) => one.renewals.map(({ renewal }) => renewal.key))),
		removalOverreach: (by, of) => roster.removalOverreach(by, of),
		mayAccept,
		roleOf: (person) => standing.roleNow(person, branch),
		updateNeeded: () => unknownFacts > 0,
		needsHistory: () => isHistoryNeeded || setAside.size > 0,
		missing,
		recall,
		givenBackOf,
		asCheckpoint,
		cuttable,
		size: chains.size,
		entry: (hash) => chains.record(hash)?.entry,
		secondParts(first) {
			const { key, part } = chains.record(first)?.header ?? {};
			if (key === undefined || part === undefined) return [];
			return (keys.get(key) ?? []).filter(({ header }) => header.part?.first === first).map(({ entry }) => entry);
		},
		entries: () => inOrder().map(({ entry }) => entry),
		statusOf(hash) {
			const record = chains.record(hash);
			if (record === undefined) return 'unknown';
			if (record.counts) return 'counts';
			return isElsewhere(record) ? 'elsewhere' : 'quarantined';
		},
		hasSeen(a, b) {
			const one = chains.record(a);
			const other = chains.record(b);
			return one !== undefined && other !== undefined && chains.saw(one, other);
		},
		isCovered(marks, hash) {
			const record = chains.record(hash);
			return record !== undefined && marks.some((mark) => chains.covers(mark, record));
		},
	};
}

/** What one `add` must look at again. */
interface Round {
	duplicates: number;
	reordered: boolean;
	/** An entry came in before one that is here. */
	filled: boolean;
	roster: boolean;
	people: boolean;
	answers: boolean;
	lost: boolean;
	devices: boolean;
	relays: boolean;
	owed: boolean;
	readonly forked: Set<DeviceId>;
	readonly chains: Set<Chain>;
	readonly toJudge: Set<EntryRecord>;
	readonly toStand: Set<EntryRecord>;
	readonly skus: Set<Sku>;
	readonly products: Set<Sku>;
	/** Price changes that are new or stand otherwise. */
	readonly prices: EntryRecord[];
	readonly sales: Set<EntryHash>;
	readonly settings: Set<string>;
	readonly books: Set<BookName>;
}

function newRound(): Round {
	return {
		duplicates: 0,
		reordered: false,
		filled: false,
		roster: false,
		people: false,
		answers: false,
		lost: false,
		devices: false,
		relays: false,
		owed: false,
		forked: new Set(),
		chains: new Set(),
		toJudge: new Set(),
		toStand: new Set(),
		skus: new Set(),
		products: new Set(),
		prices: [],
		sales: new Set(),
		settings: new Set(),
		books: new Set(),
	};
}

/** What later entries build on whenever they come: who belongs to the shop, what it sells, what it owes. A price is kept even where it does not count: a sale may name it. */
const KEPT: ReadonlySet<FactType> = new Set<FactType>([
	'device.enrolled',
	'device.renamed',
	'device.renewed',
	'device.revoked',
	'relay.joined',
	'relay.left',
	'relay.renewed',
	'entries.declaredLost',
	'setting.changed',
	'product.created',
	'product.edited',
	'product.retired',
	'product.restored',
	'product.merged',
	'refund.owed',
]);

/** What had seen what is nothing to them: they name what they replace. */
const EDITS: ReadonlySet<FactType> = new Set<FactType>(['product.edited', 'price.changed', 'branchPrice.changed']);

const BOOK_NAMES = Object.keys(BOOKS) as readonly BookName[];
const ASKING_SETTINGS = BOOK_NAMES.filter((name) => BOOKS[name].asksSettings !== undefined);
const ASKING_GAPS = BOOK_NAMES.filter((name) => BOOKS[name].asksGaps === true);

/** `book:NAME:SUBJECT`, where it is one. */
function bookSubjectOf(id: string): readonly [BookName, string] | undefined {
	if (!id.startsWith('book:')) return undefined;
	const at = id.indexOf(':', 5);
	return [id.slice(5, at) as BookName, id.slice(at + 1)];
}

/** A fact has at most 2,000 lines and an entry of 256 KiB far fewer than 10,000 facts: places of two movements never meet. */
const PLACES_A_FACT = 2_000;
const MAX_FACTS = 100_000;

const NO_HASHES: ReadonlySet<EntryHash> = new Set();
const NO_RECORDS: ReadonlySet<EntryRecord> = new Set();
const NO_GTINS: readonly Gtin[] = [];

function offeredGtins(product: ProductState | undefined): readonly Gtin[] {
	return product === undefined || product.retired ? NO_GTINS : product.gtins.value;
}

const NO_EARLIER: readonly Earlier[] = [];
const NO_CHANGES: readonly PersonChange[] = [];

const NO_OPS: readonly StockOp[] = [];
const NO_OVERLAPS: ReadonlySet<string> = new Set();

/** Lines of one fact that are looked through for each other, rather than put into a map. */
const MOST_LOOKED_THROUGH = 8;

function newOp(record: EntryRecord, place: number, kind: StockOp['kind'], deltaMilli: number): StockOp {
	return { record, place, kind, deltaMilli, isVoid: true, effectMilli: 0, afterMilli: 0, marks: undefined, onTop: NO_OPS, wasApart: false };
}

/** What the roster is made from; of answers those that may let an enrolment or a revocation count, or say who stays. */
function concernsRoster(fact: Fact): boolean {
	if (fact.type === 'conflict.resolved') return [NOT_ALLOWED, ROSTER_DISPUTED, RESOLVED_TWICE].includes(fact.conflict.kind);
	return fact.type === 'device.enrolled' || fact.type === 'device.renewed' || fact.type === 'device.revoked';
}

/** A fork lies above every cut, and who keeps the till is asked for as long as it is there. */
function isAboutFork(fact: Fact): boolean {
	return fact.type === 'conflict.resolved' && fact.conflict.kind === CHAIN_FORKED;
}

/** It enrols or revokes: judged without the roster that it makes. */
function isOfRoster({ judged }: Pick<Detail, 'judged'>): boolean {
	return judged.facts.some(({ fact }) => fact.type === 'device.enrolled' || fact.type === 'device.revoked');
}

/** Its content and clock are in order. */
function isWellMade({ judged, clock }: Detail): boolean {
	return judged.problem === undefined && clock === undefined;
}

function isPrice(fact: Fact): fact is PriceFact {
	return fact.type === 'price.changed' || fact.type === 'branchPrice.changed';
}

/** It may give a product other barcodes. */
function isCodes(fact: Fact): fact is Extract<Fact, { readonly type: 'product.created' | 'product.edited' }> {
	return fact.type === 'product.created' || fact.type === 'product.edited';
}

function concernsPeople(fact: Fact): boolean {
	return fact.type === 'person.added' || fact.type === 'person.changed' || fact.type === 'person.disabled';
}

function lackWords({ need, name, role }: Lack): string {
	return `${name === '' ? 'nobody known here' : name} (${role === 'none' ? 'may do nothing here' : role}) did what needs a ${need.role} ("${need.act}"), and nobody who may has approved`;
}

function settingKey(name: SettingName, branch: BranchId | undefined): string {
	return `${name}|${branch ?? ''}`;
}

function quarantineId({ header }: EntryRecord, reason: string): string {
	return `quarantine:${header.device}:${header.scope}:${reason}`;
}

function standingText(roster: Roster, device: DeviceId): string {
	const known = roster.devices.get(device);
	return JSON.stringify([
		[...(roster.rightsOf(device) ?? ['?'])].sort(),
		roster.branchOf(device) ?? '',
		known?.standing ?? '',
		known?.revocations.map(({ entry }) => entry) ?? [],
		roster.changesOf(device),
		roster.keysOf(device),
	]);
}

/** Lists are short or grow at their end. */
function insertInOrder<Item>(list: Item[], item: Item, recordOf: (item: Item) => EntryRecord): Item[] {
	let index = list.length;
	for (; index > 0; index -= 1) {
		const before = list[index - 1];
		if (before === undefined || compareEntries(recordOf(before), recordOf(item)) < 0) break;
	}
	list.splice(index, 0, item);
	return list;
}

function symmetricDifference<Item>(a: ReadonlySet<Item>, b: ReadonlySet<Item>): readonly Item[] {
	return [...[...a].filter((item) => !b.has(item)), ...[...b].filter((item) => !a.has(item))];
}

function sameMap(a: ReadonlyMap<EntryHash, EntryHash> | undefined, b: ReadonlyMap<EntryHash, EntryHash> | undefined): boolean {
	if (a === undefined || b === undefined) return a === b;
	return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
