/** The live views that screens subscribe to, and the questions they may ask. Fulfilled by `boot.ts` from the worker; a Svelte readable-store contract. */
import type { NotElsewhere } from '#core/intent.ts';
import type { ReceiptCode } from '#core/receipt/receipt-code.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { Ask } from './questions.ts';
import type { CustomerId, EntryHash, PersonId, Sku, TradingDay } from '#schemas/ids.ts';
import type { Equipment } from '#schemas/equipment.ts';
import type { RecoveryState } from '#schemas/wire/recovery.ts';
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
	RoomRow,
	ShiftRow,
	ShopRow,
	SyncRow,
	TillReportRow,
} from './rows.ts';

/** Calls the listener at once with the value of now, then on every change; answers how to stop. */
export interface View<Value> {
	subscribe(listener: (value: Value) => void): () => void;
}

/** An array is one. Of a large catalogue a row comes into being when it is looked at: whoever goes through all of them waits for all of them. */
export type RowList = Pick<readonly CatalogueRow[], 'length' | 'at' | 'slice'> & Iterable<CatalogueRow>;

export interface Catalogue {
	/** Every product of the shop that is not retired, in order of name. The list is new when anything in it changed. */
	readonly rows: RowList;
	readonly bySku: ReadonlyMap<Sku, CatalogueRow>;
	/** A scanned code's products; more than one means asking which. */
	readonly byGtin: ReadonlyMap<string, readonly CatalogueRow[]>;
	/** Products that are one in several kinds, by what they have in common, in order of name; those of one kind alone are not among them. */
	readonly variants: ReadonlyMap<string, readonly Sku[]>;
	/** Categories in order of name. */
	readonly categories: readonly string[];
	/** What is charged as the deposit of something. */
	readonly deposits: readonly Sku[];
	/** False until the worker's fold has taken over from the cached rows. */
	readonly live: boolean;
}

/** `ready`: a new version of the app shows with the next reload. */
export type UpdateState = 'none' | 'ready';

/** What the browser says of devices in its network, for a till that finds its hub by a setup code; `none` for every other till. */
export type HubByCode = { readonly state: 'none' } | { readonly state: 'known'; readonly access: 'granted' | 'prompt' | 'denied' | 'unknown' };

/** Who is at the till; `everybody`: the shop has no people. */
export type AtTillState = { readonly state: 'everybody' | 'locked' } | { readonly state: 'in'; readonly person: PersonId };

export interface Views {
	readonly atTill: View<AtTillState>;
	readonly lockRule: View<{ readonly afterMinutes: number; readonly afterSale: boolean }>;
	readonly shop: View<ShopRow>;
	readonly catalogue: View<Catalogue>;
	readonly favourites: View<readonly Sku[]>;
	/** Carts that were put aside on any till, the oldest first. */
	readonly parked: View<readonly ParkedRow[]>;
	readonly conflicts: View<readonly ConflictRow[]>;
	readonly sync: View<SyncRow>;
	readonly room: View<RoomRow>;
	readonly update: View<UpdateState>;
	/** This device forked, and another side of it keeps the till: nothing more is recorded here. */
	readonly dropped: View<boolean>;
	/** When this device took the keys that it has; undefined: it has those of its enrolment. */
	readonly keysRenewedAtMs: View<number | undefined>;
	/** Others say that this device goes by other keys: this is a copy of it, or it was put back from one. */
	readonly keysGivenUp: View<boolean>;
	readonly hubByCode: View<HubByCode>;
	/** The key that brings the shop back: whether it is kept elsewhere. */
	readonly recovery: View<RecoveryState>;
	/** What stands beside this till. */
	readonly equipment: View<Equipment>;
	/** Raised whenever receipts, drawers, Zs or day reports changed: ask again. */
	readonly receiptsVersion: View<number>;
	/** Raised whenever counts, orders, suppliers, transfers, levels or planned prices changed: ask again. */
	readonly goodsVersion: View<number>;
	readonly ask: Ask;
	/** Raised whenever something of a customer changed, or a key came: ask again. */
	readonly customersVersion: View<number>;

	/** Typo-tolerant, in the worker; also a SKU, a GTIN or a part of one. Retired products are left out. */
	search(text: string, limit: number): Promise<readonly Sku[]>;
	/** Newest first; `text` filters by receipt number or product name. */
	receipts(text: string, limit: number): Promise<readonly ReceiptRow[]>;
	receipt(entry: EntryHash): Promise<ReceiptDetail | undefined>;
	/** The other branches are asked for it, as far as anybody is there who reaches them. */
	receiptElsewhere(code: ReceiptCode): Promise<SaleElsewhereRow | NotElsewhere>;
	/** Store credit of a customer, as far as this till knows. */
	credit(customer: CustomerId): Promise<number>;
	/** Newest first. */
	movements(sku: Sku, limit: number): Promise<readonly MovementRow[]>;
	/** The other branches' stock of a product. */
	elsewhere(sku: Sku): Promise<readonly BranchStockRow[]>;
	/** `count`: the stock take that it is part of. */
	startCount(sku: Sku, count?: CountId): Promise<CountStart>;
	/** What is no longer offered, in order of name, without what became another product. */
	retired(): Promise<readonly CatalogueRow[]>;
	/** In order of name; `text` is looked for in name, phone, e-mail and card number. */
	customers(text: string, limit: number): Promise<readonly CustomerRow[]>;
	/** Undefined where nothing is known of that id. */
	customer(customer: CustomerId): Promise<CustomerDetail | undefined>;
	/** Whose card number, phone or e-mail address this is, exactly. */
	customerByContact(text: string): Promise<readonly CustomerRow[]>;
	/** This till's shift and its X, of now. */
	drawer(): Promise<DrawerRow>;
	/** Counted shifts of the branch, newest first. */
	shifts(limit: number): Promise<readonly ShiftRow[]>;
	/** Zs of the branch, newest first. */
	zs(limit: number): Promise<readonly TillReportRow[]>;
	/** Trading days on which something was taken, newest first. */
	days(limit: number): Promise<readonly DayRow[]>;
	day(day: TradingDay): Promise<DayReportRow | undefined>;
}
