/**
 * What screens read: plain rows, ready to show, made from the fold by the functions beside this file. No screen computes a figure.
 * Money is minor units of the shop's currency, quantities thousandths, times ms since 1970.
 */
import type { SaleElsewhere } from '#core/intent.ts';
import type { ConflictId } from '#schemas/facts/conflict-resolved.ts';
import type { PersonRole } from '#schemas/facts/person-added.ts';
import type { Draw, ProductField, Variant } from '#schemas/facts/product-created.ts';
import type { MeasuredCodes, NetworkPrinter, TaxRate } from '#schemas/facts/setting-changed.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted, Tender } from '#schemas/facts/sale-completed.ts';
import type { AsOf } from '#schemas/facts/stock-counted.ts';
import type { BranchId, CustomerId, DeviceId, EntryHash, Gtin, PersonId, Sku, StoreId, TradingDay } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';

export interface ShopRow {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly storeName: string;
	readonly branchName: string;
	readonly demo: boolean;
	readonly currency: Currency;
	readonly taxRates: readonly TaxRate[];
	readonly cashRoundingMinor: 1 | 5 | 10 | 50;
	readonly receiptHeader: string;
	readonly receiptFooter: string;
	readonly timeZone: string;
	readonly dayStartMinutes: number;
	/** `suffix`: a letter after its receipts' numbers, where another till has its number. */
	readonly device: { readonly id: DeviceId; readonly name: string; readonly till: number; readonly suffix?: string };
	readonly devices: readonly DeviceRow[];
	/** The shift that is open on this till. */
	readonly shift?: number;
	/** Nothing here is real: a till to practise on. */
	readonly training?: true;
	/** This till sells only while a shift is open. */
	readonly shiftsRequired?: boolean;
	/** A counted drawer may differ by so much before anybody is asked. */
	readonly drawerToleranceMinor?: number;
	/** Prices are without tax. */
	readonly taxExcluded?: boolean;
	/** How the shop's scales write price and weight into codes; absent: not at all. */
	readonly measuredCodes?: readonly MeasuredCodes[];
	/** A card payment names the reference on the slip. */
	readonly cardReferenceNeeded?: boolean;
	/** Of the network, for the hub to print on. */
	readonly printers?: readonly NetworkPrinter[];
	/** Who works here, in order of name; absent or empty: nobody was added yet, and everybody is the owner. */
	readonly people?: readonly PersonRow[];
}

export interface PersonRow {
	readonly person: PersonId;
	readonly name: string;
	/** By what the ledger lets count; `none`: may do nothing in this branch. */
	readonly role: PersonRole | 'none';
	/** As somebody gave it, for the form. */
	readonly givenRole: PersonRole;
	/** Absent: in every branch. */
	readonly branches?: readonly BranchId[];
	/** Argon2id; absent: none yet. */
	readonly pin?: string;
	readonly disabled: boolean;
	/** What a change made now would replace. */
	readonly replaces: readonly EntryHash[];
	/** The last time that a till had to wait for wrong PINs under this name. */
	readonly wrongPins?: { readonly tries: number; readonly atMs: number; readonly deviceName: string };
}

export interface DeviceRow {
	readonly device: DeviceId;
	readonly name: string;
	readonly role: 'till' | 'hub';
	readonly till?: number;
	readonly enrolledAtMs: number;
	/** `suspended`: it and others removed each other. */
	readonly state: 'active' | 'suspended' | 'revoked';
}

export interface CatalogueRow {
	readonly sku: Sku;
	readonly name: string;
	readonly category: string;
	readonly unit: 'each' | 'kg';
	readonly gtins: readonly Gtin[];
	readonly taxRate: string;
	readonly taxPercentMilli: number;
	/** What it costs in this branch. Absent: no price yet, the till asks for one. */
	readonly unitPriceE4?: number;
	/** The entry of that price, which a sale line names. */
	readonly price?: EntryHash;
	readonly tracked: boolean;
	/** Thousandths; may be below zero. */
	readonly onHandMilli: number;
	readonly retired: boolean;
	/** What else there is to say of it; most products have none of these. */
	readonly extras?: ProductExtrasRow;
	/** Per field (and `price`: the store's) the entries that an edit made now would replace. */
	readonly replaces: { readonly [Field in ProductField | 'price']: readonly EntryHash[] };
}

export interface ProductExtrasRow {
	/** One of these takes so much of another product off the shelf: a pack. */
	readonly draws?: Draw;
	readonly variant?: Variant;
	/** The product whose price is charged beside it. */
	readonly deposit?: Sku;
	/** Years: the till asks. */
	readonly ageLimit?: number;
	/** This branch has said something of the price beside the store. */
	readonly ownPrice?: OwnPriceRow;
}

export interface OwnPriceRow {
	/** What the store asks; absent: it has no price. */
	readonly storeE4?: number;
	/** False: the branch's own price has ended, and the store's holds. */
	readonly isOwn: boolean;
	/** What another price of this branch, set now, would replace. */
	readonly replaces: readonly EntryHash[];
}

export interface ReceiptRow {
	readonly entry: EntryHash;
	/** As printed: `T3-000124`. */
	readonly number: string;
	/** An exchange's total is below zero where money went back. */
	readonly kind: 'sale' | 'refund' | 'exchange';
	readonly device: DeviceId;
	readonly atMs: number;
	readonly tradingDay: TradingDay;
	readonly totalMinor: number;
	/** Lines, and the first few names, for a list. */
	readonly lineCount: number;
	readonly names: string;
	readonly refunded: 'no' | 'partly' | 'wholly';
	readonly quarantined: boolean;
	readonly corrected: boolean;
	readonly atHost: boolean;
	readonly inCloud: boolean;
}

export interface ReceiptLineRow {
	readonly line: number;
	readonly sku?: Sku;
	readonly name: string;
	readonly unit: 'each' | 'kg';
	readonly quantityMilli: number;
	readonly unitPriceE4: number;
	readonly totalMinor: number;
	/** As far as this till knows. */
	readonly refundedMilli: number;
	/** Of an exchange: this came back, and is no line that could be refunded. Its total is below zero. */
	readonly isBack?: true;
}

export interface ReceiptDetail extends ReceiptRow {
	/** As it was recorded, for paper. */
	readonly fact: SaleCompleted | RefundCompleted | ExchangeCompleted;
	/** Of the sale that this is a refund of. */
	readonly saleNumber?: string;
	readonly lines: readonly ReceiptLineRow[];
	readonly tenders: readonly Tender[];
	readonly roundingMinor: number;
	/** Where prices are without tax: what the lines come to, and the tax on top of them. */
	readonly onTop?: { readonly linesMinor: number; readonly taxMinor: number };
	/** By rate, each in words of its own. */
	readonly taxes: readonly { readonly says: string; readonly taxMinor: number }[];
	/** Refunds of this sale, and the sale that this refund or exchange is of. */
	readonly related: readonly ReceiptRow[];
	readonly reason?: string;
	readonly deviceName: string;
	readonly customer?: CustomerId;
	/** Who did it, and who allowed what they might not do alone. */
	readonly personName?: string;
	readonly approvedBy?: readonly string[];
}

/** A sale of another branch, at the refund desk: what its receipt says, and what is needed to give it back. */
export interface SaleElsewhereRow extends Pick<ReceiptDetail, 'entry' | 'number' | 'lines' | 'customer' | 'refunded'> {
	readonly elsewhere: SaleElsewhere;
}

export interface CustomerRow {
	/** Of the one into whom others were merged. */
	readonly customer: CustomerId;
	/** `no-key`: what was written down cannot be read here yet. */
	readonly state: 'known' | 'no-key' | 'forgotten';
	/** Where the state is `known`. */
	readonly name?: string;
	/** Empty where there is none. */
	readonly phone: string;
	readonly email: string;
	readonly card: string;
	readonly note: string;
	/** Store credit; below zero when it was spent twice. */
	readonly creditMinor: number;
	/** What the customer owes this branch. */
	readonly owedMinor: number;
	/** What an edit made now would replace. */
	readonly replaces: readonly EntryHash[];
}

export interface CreditMoveRow {
	readonly entry: EntryHash;
	/** Below zero: spent. */
	readonly amountMinor: number;
	readonly atMs: number;
	readonly reason: string;
}

export interface CustomerDetail extends CustomerRow {
	/** Newest first. */
	readonly receipts: readonly ReceiptRow[];
	/** Newest first, as far as they are here; what was before came to `openingMinor`. */
	readonly moves: readonly CreditMoveRow[];
	readonly openingMinor: number;
}

export interface MovementRow {
	readonly entry: EntryHash;
	readonly atMs: number;
	readonly deviceName: string;
	/** Who was at it; absent in a shop without people. */
	readonly personName?: string;
	readonly kind: 'received' | 'sold' | 'returned' | 'adjusted' | 'counted' | 'corrected' | 'sent' | 'arrived';
	/** Signed; for a count, the figure that was counted. */
	readonly quantityMilli: number;
	readonly afterMilli: number;
	/** Receipt number, reason or reference. */
	readonly note: string;
}

/** What another branch has of a product, as its hub or the cloud last said. */
export interface BranchStockRow {
	readonly branch: BranchId;
	/** Empty where nobody named it. */
	readonly name: string;
	readonly onHandMilli: number;
	/** By the clock of whoever said it. */
	readonly atMs: number;
}

/** A cart that was put aside, on this till or another one. */
export interface ParkedRow {
	readonly id: string;
	readonly deviceName: string;
	readonly atMs: number;
	readonly pieces: number;
	/** The first few names. */
	readonly names: string;
	readonly totalMinor: number;
}

/** What a screen shows when a person starts to count a shelf; goes back with the count. */
export interface CountStart {
	readonly sku: Sku;
	readonly onHandMilli: number;
	readonly asOf: AsOf;
	/** It was counted in this stock take already: what of that is there still, and where it was counted. */
	readonly before?: { readonly countedMilli: number; readonly deviceName: string };
}

export interface ChoiceRow {
	readonly id: string;
	/** As in `conflicts.md`: "Found more". The accessible name of its button begins with it. */
	readonly label: string;
	/** What it will do: "Add 1, stock becomes 0." */
	readonly effect: string;
	/** What it will do to money, and to stock where `effect` does not say: "No money moves." */
	readonly money: string;
	/** The choice needs a value first: a typed one, or one of the options. */
	readonly asks?: {
		readonly label: string;
		readonly type: 'text' | 'money' | 'quantity' | 'option';
		readonly options?: readonly { readonly value: string; readonly label: string }[];
	};
	/** The hub answers it, on its own machine, once somebody of this role is there. */
	readonly byHub?: PersonRole;
	/** Not an entry but another screen: "Count it" opens the count of this product. */
	readonly opens?: { readonly screen: 'count'; readonly sku: Sku };
}

export interface ConflictRow {
	readonly id: ConflictId;
	/** Stable text of the id, for keys in lists. */
	readonly key: string;
	readonly kind: string;
	/** "Oversold" */
	readonly title: string;
	/** "Natural yogurt 500 g" */
	readonly about: string;
	/** "two tills sold the last one" */
	readonly summary: string;
	/** One sentence or two that tell it as a story. */
	readonly story: string;
	/** What counts until somebody answers. */
	readonly provisional: string;
	readonly tone: 'coral' | 'amber' | 'sea';
	readonly stakeMinor: number;
	/** The newest hundred. */
	readonly members: readonly MemberRow[];
	/** How many older ones there are besides. */
	readonly moreMembers: number;
	readonly timeline: Timeline;
	/** Of a fork, the newest hundred receipt numbers that exist twice: "T1-000002: sold for £2.00 at 10:41 and sold for £3.50 at 10:43". */
	readonly doubled?: readonly string[];
	/** Whom it is about, where it is about customers: their names are opened apart, and stand in no text here. */
	readonly customers?: readonly CustomerId[];
	readonly choices: readonly ChoiceRow[];
	/** Newest member, for order among equals. */
	readonly atMs: number;
}

export interface MemberRow {
	readonly entry: EntryHash;
	readonly device: DeviceId;
	readonly deviceName: string;
	/** Who was at it; absent in a shop without people. */
	readonly personName?: string;
	readonly atMs: number;
	/** "sold 1 · T2-000307" */
	readonly what: string;
	/** What it had seen of the others: "had not heard of T3-000124". */
	readonly seen: string;
	/** Already settled by an earlier answer, this one came later. */
	readonly settled: boolean;
}

/** Two or more columns, one a device; rows in the order of time. */
export interface Timeline {
	readonly devices: readonly { readonly device: DeviceId; readonly name: string }[];
	readonly events: readonly { readonly device: DeviceId; readonly atMs: number; readonly tone: 'heard' | 'did' | 'apart'; readonly text: string }[];
}

export interface PeerRow {
	readonly device: DeviceId;
	readonly name: string;
	readonly role: 'till' | 'hub' | 'relay';
	readonly connected: boolean;
	readonly how: string;
	readonly sinceMs?: number;
	/** Its entries known to exist but not here. */
	readonly missing: number;
	/** This till's entries that it has not said to hold; absent: it has said nothing yet. */
	readonly lacking?: number;
}

export interface SyncRow {
	/** "12 sales wait for the cloud, oldest 4 min; all are safe on this till and 2 others." */
	readonly sentence: string;
	/** The one state that other screens show, small. */
	readonly calm: { readonly tone: 'kelp' | 'amber' | 'coral'; readonly words: string };
	/** The ledger does not stand yet: no figure here is one, and none is shown. */
	readonly starting?: true;
	readonly workingAlone: boolean;
	readonly till: { readonly sales: number; readonly lastAtMs?: number };
	readonly shop: {
		readonly linked: boolean;
		readonly tills: number;
		readonly hubs: number;
		readonly holder?: string;
		readonly holderSinceMs?: number;
		readonly waiting: number;
		readonly words: string;
	};
	readonly cloud: {
		readonly known: boolean;
		readonly linked: boolean;
		readonly sales: number;
		readonly waiting: number;
		readonly oldestWaitingAtMs?: number;
		readonly words: string;
		/** A backlog that drains: so many have gone, of so many. */
		readonly draining?: { readonly sent: number; readonly of: number };
	};
	readonly peers: readonly PeerRow[];
	readonly duplicates: number;
	/** Older entries came in: figures are being folded again, and may still change. */
	readonly recalculating: boolean;
	/** Entries are still on their way: stock is what this hub or relay said, and when. */
	readonly stockSaid?: { readonly by: string; readonly atMs: number };
	/** Devices that have written their bytes of the day: until then a hub or the cloud takes no more of them. */
	readonly full: readonly { readonly tier: 'host' | 'cloud'; readonly own: boolean; readonly device: string; readonly untilMs: number }[];
	/** Figures up to then are a signer's word, which this device has not recomputed; hybrid ms. */
	readonly adopted?: { readonly issuer: string; readonly agreedBy: readonly string[]; readonly untilMs: number };
	readonly quarantined: number;
	readonly damaged: number;
	/** Entries of a newer version are here: this till should be updated. */
	readonly updateNeeded: boolean;
	readonly log: readonly { readonly atMs: number; readonly text: string }[];
}

/** What was taken: of an X, a Z, a shift, a day. Refunds are in every sum. */
export interface FiguresRow {
	readonly sales: { readonly count: number; readonly minor: number };
	readonly refunds: { readonly count: number; readonly minor: number };
	readonly takingsMinor: number;
	/** By rate and percent; `name` as the shop calls the rate now. */
	readonly taxes: readonly { readonly name: string; readonly percentMilli: number; readonly grossMinor: number; readonly taxMinor: number }[];
	readonly tenders: readonly { readonly type: string; readonly minor: number }[];
	readonly roundingMinor: number;
	readonly discountsMinor: number;
	/** Drawer opened without a sale. */
	readonly noSales: number;
	/** First and last number, as printed. */
	readonly receipts?: { readonly from: string; readonly to: string };
}

/** An X or a Z of one till. */
export interface TillReportRow {
	readonly kind: 'x' | 'z';
	/** Of a Z its number; of an X the number that the next Z will have. */
	readonly z: number;
	readonly deviceName: string;
	readonly atMs: number;
	readonly tradingDay: TradingDay;
	/** Absent where nobody gave the person a name. */
	readonly by?: string;
	readonly figures: FiguresRow;
	/** Since the till's first sale, this one included: these only grow. */
	readonly perpetual: { readonly salesMinor: number; readonly refundsMinor: number };
	/** Of a Z. */
	readonly entry?: EntryHash;
	/** A Z whose figures are not what its entries come to, in words. Nothing while some of them are on their way. */
	readonly problems: readonly string[];
}

export interface CashMoveRow {
	readonly entry: EntryHash;
	/** `none`: the drawer was opened, and nothing moved. */
	readonly kind: 'in' | 'drop' | 'out' | 'none';
	readonly amountMinor: number;
	readonly reason: string;
	readonly atMs: number;
	readonly by?: string;
}

/** This till's drawer now. What should be in it is not here: whoever counts does not know. */
export interface DrawerRow {
	readonly open?: {
		readonly shift: number;
		/** Absent where the entry that opened it is not here. */
		readonly openedAtMs?: number;
		readonly by?: string;
		readonly floatMinor: number;
		/** Newest first. */
		readonly moves: readonly CashMoveRow[];
	};
	readonly x: TillReportRow;
	/** Something was taken since the last Z. */
	readonly hasToClose: boolean;
	/** Floats of late, the last one first, then round amounts. */
	readonly floatsMinor: readonly number[];
}

/** A shift that was counted, of any till of the branch. */
export interface ShiftRow {
	readonly entry: EntryHash;
	readonly device: DeviceId;
	readonly deviceName: string;
	readonly shift: number;
	readonly openedAtMs?: number;
	readonly openedBy?: string;
	readonly closedAtMs: number;
	readonly closedBy?: string;
	readonly floatMinor: number;
	readonly movedMinor: { readonly in: number; readonly drop: number; readonly out: number };
	/** Cash of sales, less cash that went back. */
	readonly cashMinor: number;
	readonly takingsMinor: number;
	readonly expectedMinor: number;
	readonly countedMinor: number;
	/** Above zero: too much in the drawer. */
	readonly differenceMinor: number;
	readonly toleranceMinor: number;
	/** Somebody has to say what it was. */
	readonly conflict?: ConflictId;
	readonly note: string;
}

/** A trading day in the list. */
export interface DayRow {
	readonly day: TradingDay;
	readonly takingsMinor: number;
	readonly receipts: number;
	/** When it was last printed or exported. */
	readonly reportedAtMs?: number;
	/** Receipts that came after that. */
	readonly additions: number;
}

/** A trading day of the branch in full. */
export interface DayReportRow extends DayRow {
	readonly figures: FiguresRow;
	/** In order of their names. */
	readonly tills: readonly { readonly device: DeviceId; readonly name: string; readonly figures: FiguresRow }[];
	/** The most first; `name` absent where nobody gave the person a name. */
	readonly people: readonly { readonly name?: string; readonly receipts: number; readonly takingsMinor: number }[];
	/** By the clock on the wall, from the day's first hour to its last: none is left out in between. */
	readonly hours: readonly { readonly hour: number; readonly receipts: number; readonly takingsMinor: number }[];
	/** False: the day is so long ago that only its sums are kept here, not who took what and when. */
	readonly isWhole: boolean;
	readonly reports: readonly { readonly atMs: number; readonly deviceName: string; readonly by?: string; readonly takingsMinor: number }[];
	readonly late: readonly {
		readonly entry: EntryHash;
		readonly number: string;
		readonly deviceName: string;
		readonly atMs: number;
		readonly takingsMinor: number;
	}[];
	/** Receipts that were taken back: not in the figures. */
	readonly takenBack: number;
}

export type RoomLevel = 'plenty' | 'low' | 'very-low' | 'nearly-full' | 'full';

/** The disk of this device. */
export interface RoomRow {
	readonly level: RoomLevel;
	/** What to do about it; absent while there is plenty. */
	readonly words?: string;
	/** The browser's answer. */
	readonly persisted: boolean;
	readonly keeping: string;
	readonly usedBytes?: number;
}
