/**
 * What the entries fold to. State is an opinion: everything here can be thrown away and folded again, on any peer, to the same.
 *
 * The maps are live: `ledger.add` changes them in place and its answer names what changed. Readers keep nothing of them across an `add`.
 */
import type { Draw, ProductFields, Variant } from '#schemas/facts/product-created.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { Setting } from '#schemas/facts/setting-changed.ts';
import type { AsOf } from '#schemas/facts/stock-counted.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Role } from '#schemas/certificate.ts';
import type { BranchId, DeviceId, EntryHash, SigningKey, Sku } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Right } from '#schemas/rights.ts';
import type { Books } from './books/registry.ts';
import type { SaleFact } from './sales.ts';

export interface LedgerState {
	/** Every product that was ever created, the retired ones too. */
	readonly products: ReadonlyMap<Sku, ProductState>;
	/** Of this branch; a SKU that nothing has moved is not in it. */
	readonly stock: ReadonlyMap<Sku, StockState>;
	/** By entry, exchanges among them. Quarantined ones are here, and say so. */
	readonly sales: ReadonlyMap<EntryHash, SaleState>;
	readonly refunds: ReadonlyMap<EntryHash, RefundState>;
	/** What the shop owes customers: answers "customer waits or is refunded". In ledger order. */
	readonly owed: readonly OwedState[];
	readonly settings: SettingsState;
	readonly devices: ReadonlyMap<DeviceId, DeviceState>;
	/** Relays whose watermarks this store believes. */
	readonly relays: ReadonlyMap<DeviceId, RelayState>;
	/** Shifts, customers, transfers … : each folded when it is read. */
	readonly books: Books;
}

/** One field of a product, one setting: what stands, and what an edit made now would replace. */
export interface ValueState<Value> {
	/** The later in ledger order, where two stand against each other. */
	readonly value: Value;
	readonly entry: EntryHash;
	/** Everything that nobody replaced yet: more than one entry means that people edited without knowing of each other. In ledger order. */
	readonly frontier: readonly { readonly entry: EntryHash; readonly value: Value }[];
	/** The hashes of the frontier. */
	readonly replaces: readonly EntryHash[];
}

/** Absent: nobody has said anything of it. */
export interface ProductExtras {
	readonly draws: ValueState<Draw | null>;
	readonly variant: ValueState<Variant | null>;
	readonly deposit: ValueState<Sku | null>;
	readonly ageLimit: ValueState<number | null>;
}

export interface PlannedPrice<Value extends number | null = number> {
	readonly entry: EntryHash;
	readonly unitPriceE4: Value;
	/** Wall clock. */
	readonly fromMs: number;
	readonly replaces: readonly EntryHash[];
}

/** The prices that one place ever gave a product: all branches together, or one branch by itself. */
export interface Prices<Value extends number | null = number> {
	/** Ten-thousandths of the major unit. Absent: none yet. `entry` is what a sale line names. */
	readonly price: ValueState<Value> | undefined;
	/** Wall clock of whoever set `price`; 0 without one. */
	readonly priceSinceMs: number;
	/** Prices from a moment on that nobody has replaced, in ledger order. What holds when is `core/price.ts`'s to say. */
	readonly planned: readonly PlannedPrice<Value>[];
}

/** Null: what the store says. */
export interface BranchPrices extends Prices<number | null> {
	readonly branch: BranchId;
}

/** With the store's prices, which hold in every branch that has none of its own. */
export interface ProductState extends Partial<ProductExtras>, Prices {
	readonly sku: Sku;
	readonly name: ValueState<string>;
	readonly category: ValueState<string>;
	readonly unit: ValueState<ProductFields['unit']>;
	readonly gtins: ValueState<ProductFields['gtins']>;
	readonly taxRate: ValueState<string>;
	readonly tracked: ValueState<boolean>;
	/** What branches ever said beside that, one each, in order of branch; absent: none has. */
	readonly branchPrices?: readonly BranchPrices[];
	readonly retired: boolean;
	/** It was the same as this one all along, and is offered no more. */
	readonly mergedInto?: Sku;
	/** First creation, in ledger order. */
	readonly createdAtMs: number;
}

export interface StockState {
	readonly sku: Sku;
	/** Thousandths; may be below zero. */
	readonly onHandMilli: number;
	/** In ledger order, with the balance after each. One that is the same object as before, and all before it, read as they did. */
	readonly movements: readonly Movement[];
	/** Thousandths sold from this moment on, by the clock of the ledger (`hlc`), what came back taken off; and when the oldest of that was (`Infinity`: none). */
	soldSince(sinceMs: number): { readonly milli: number; readonly oldestMs: number };
}

export interface Movement {
	readonly entry: Entry;
	readonly kind: 'received' | 'sold' | 'returned' | 'adjusted' | 'counted' | 'corrected' | 'sent' | 'arrived';
	/** Signed; for a count, the figure that was counted; for a correction, what it gave back or took. */
	readonly quantityMilli: number;
	readonly afterMilli: number;
	readonly asOf?: AsOf;
	/** Of a count: what the ledger would have had on the shelf as of that moment. */
	readonly expectedMilli?: number;
	/** The entry that a correction takes back. */
	readonly corrects?: EntryHash;
	/** False: quarantined, or an answer that came second. Not in the balance. */
	readonly counts: boolean;
}

export interface SaleState {
	readonly entry: Entry;
	readonly fact: SaleFact;
	/** Per line of the sale, what counting and uncorrected refunds gave back. */
	readonly refundedMilli: readonly number[];
	readonly refundedMinor: readonly number[];
	readonly refundedTaxMinor: readonly number[];
	/** Refunds, exchanges and claims of other branches that name this sale, in ledger order, quarantined and corrected ones among them. */
	readonly refunds: readonly EntryHash[];
	/** False: quarantined. Not in stock, not in money. */
	readonly counts: boolean;
	/** The entry that took the effects of this one back. */
	readonly correctedBy: EntryHash | undefined;
}

export interface RefundState {
	readonly entry: Entry;
	readonly fact: RefundCompleted;
	readonly counts: boolean;
	readonly correctedBy: EntryHash | undefined;
}

export interface OwedState {
	readonly entry: Entry;
	readonly sale: EntryHash;
	readonly sku: Sku;
	readonly quantityMilli: number;
	readonly amountMinor: number;
}

export type SettingName = Setting['name'];
export type SettingValue<Name extends SettingName> = Extract<Setting, { readonly name: Name }>['value'];

export interface SettingsState {
	/** The branch's own value, else the store's; undefined when nobody has set it. */
	value<Name extends SettingName>(name: Name): SettingValue<Name> | undefined;
	/** One place exactly: the store's setting, or (with `branch`) that branch's own. */
	at<Name extends SettingName>(name: Name, branch?: BranchId): ValueState<SettingValue<Name>> | undefined;
}

export interface DeviceState {
	readonly device: DeviceId;
	readonly branch: BranchId;
	readonly role: Role;
	readonly name: string;
	/** The one it prints now: the last that it was given. */
	readonly till: number | undefined;
	/** A letter after its receipts' numbers, where another till of the branch was given the number before. */
	readonly suffix: string | undefined;
	/** Every number that it was given, in ledger order. */
	readonly tillsEver: readonly number[];
	readonly rights: readonly Right[];
	/** The entry that enrolled it. */
	readonly enrolledBy: EntryHash;
	readonly enrolledAtMs: number;
	/** `suspended`: it and another device revoked each other, and an owner has not answered. `fallen`: whoever enrolled it was revoked before. */
	readonly standing: 'active' | 'revoked' | 'suspended' | 'fallen';
	readonly revocations: readonly {
		readonly entry: EntryHash;
		readonly by: DeviceId;
		readonly marks: readonly Mark[];
		readonly reason: string;
		readonly atMs: number;
	}[];
}

export interface RelayState {
	readonly relay: DeviceId;
	readonly url: string;
	readonly name: string;
	readonly entry: EntryHash;
	readonly joinedAtMs: number;
	/** Those that it renewed to, the one in force last; absent: it signs with its first, which is its name. */
	readonly keys?: readonly SigningKey[];
}

/** What a relay signs with by now. */
export function keyOfRelay({ relay, keys }: Pick<RelayState, 'relay' | 'keys'>): SigningKey {
	return keys?.at(-1) ?? relay;
}
