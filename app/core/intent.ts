/**
 * What people ask for. `core/decide.ts` turns an intent and the state into facts, or a refusal in plain names; nothing here touches anything.
 *
 * A sale is decided on the page, from the cart alone (`core/sale/complete-sale.ts`), so that a cashier waits for nobody; everything else is decided where
 * the fold is (the worker), on a state that includes the device's own last entries.
 */
import type { LineGivenBack, SaleFact } from '#core/ledger/sales.ts';
import type { CashMoved } from '#schemas/facts/cash-moved.ts';
import type { ConflictId } from '#schemas/facts/conflict-resolved.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { StockLevels } from '#schemas/facts/levels-set.ts';
import type { OrderId, OrderPlaced } from '#schemas/facts/order-placed.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { PersonAdded, PersonRole } from '#schemas/facts/person-added.ts';
import type { ProductExtra, ProductField, ProductFields } from '#schemas/facts/product-created.ts';
import type { Cart } from '#schemas/cart.ts';
import type { Receipt, Tender } from '#schemas/facts/sale-completed.ts';
import type { Setting } from '#schemas/facts/setting-changed.ts';
import type { ShiftClosed } from '#schemas/facts/shift-closed.ts';
import type { ADJUST_REASONS } from '#schemas/facts/stock-adjusted.ts';
import type { TransferId } from '#schemas/facts/transfer-sent.ts';
import type { AsOf } from '#schemas/facts/stock-counted.ts';
import type { SupplierField, SupplierFields, SupplierId } from '#schemas/facts/supplier-changed.ts';
import type { SupplyTerms } from '#schemas/facts/supply-changed.ts';
import type { BranchId, CustomerId, DeviceId, EntryHash, PersonId, Sku, TradingDay } from '#schemas/ids.ts';

export type QuantityOfSku = { readonly sku: Sku; readonly quantityMilli: number };

/** One product as a form or a CSV row gives it. */
export interface ProductDraft {
	readonly sku: Sku;
	readonly fields: ProductFields;
	readonly unitPriceE4: number;
	/** What it costs in this branch alone; null: what it costs everywhere. Absent: as it was. */
	readonly ownPriceE4?: number | null;
	/** Opening stock of this branch. */
	readonly openingMilli?: number;
}

export interface SupplyDraft {
	readonly sku: Sku;
	readonly terms: SupplyTerms | null;
}

export interface PersonDraft {
	readonly person: PersonId;
	readonly name: string;
	readonly role: PersonRole;
	/** Absent: in every branch. */
	readonly branches?: readonly BranchId[];
}

/** How money goes back; onto a customer's store credit, too. */
export type RefundTender = 'cash' | 'card' | { readonly creditOf: CustomerId };

/** A sale of another branch, as that branch has it now. */
export interface SaleElsewhere {
	readonly home: BranchId;
	/** Its place in its till's chain. */
	readonly at: { readonly device: DeviceId; readonly seq: number };
	readonly fact: SaleFact;
	/** What was given back of each line, as far as that branch knows. */
	readonly refunded: readonly LineGivenBack[];
}

/** Why no branch has a receipt. `one-branch`: there is no other. `unasked`: nobody was there who could know. */
export type NotElsewhere = 'no-such-receipt' | 'unasked' | 'one-branch';

/** What comes back: lines of a sale, or goods without a receipt at the amounts given, tax and all. `elsewhere`: the sale, where it is another branch's. */
export type GivenBack =
	| {
			readonly sale: EntryHash;
			readonly elsewhere?: SaleElsewhere;
			readonly lines: readonly { readonly saleLine: number; readonly quantityMilli: number; readonly restock: boolean }[];
	  }
	| { readonly lines: readonly { readonly sku: Sku; readonly quantityMilli: number; readonly totalMinor: number; readonly restock: boolean }[] };

interface Why {
	readonly reason?: string;
	/** The manager who allowed it on the spot. */
	readonly approvedBy?: PersonId;
}

export type Intent =
	| ({ readonly intent: 'refund'; readonly tender: RefundTender } & Extract<GivenBack, { readonly sale: EntryHash }> & Why)
	| ({ readonly intent: 'refund-without-sale'; readonly tender: RefundTender } & Exclude<GivenBack, { readonly sale: EntryHash }> & Why)
	/** Empties come back, at what their deposits cost now; anybody at a till may take them. */
	| { readonly intent: 'take-back-deposits'; readonly lines: readonly QuantityOfSku[]; readonly tender: RefundTender }
	/** `tenders` pay where the cart costs more than what comes back, `back` where it costs less. */
	| ({
			readonly intent: 'exchange';
			readonly returned: GivenBack;
			readonly cart: Cart;
			readonly tenders: readonly Tender[];
			readonly back: RefundTender;
	  } & Why)
	/** Against an order, what is left of it is what was expected. `closes`: the rest will not come. A line of nothing is left out. */
	| {
			readonly intent: 'receive';
			readonly lines: readonly (QuantityOfSku & { readonly costE4?: number })[];
			readonly reference?: string;
			readonly order?: OrderId;
			readonly closes?: boolean;
	  }
	/** Only what was changed; `supplier` is drawn when the form opens. */
	| {
			readonly intent: 'change-supplier';
			readonly supplier: SupplierId;
			readonly fields: {
				readonly [Field in SupplierField]?: { readonly value: SupplierFields[Field]; readonly replaces: readonly EntryHash[] };
			};
	  }
	/** Null: the supplier has it no longer. */
	| { readonly intent: 'change-supplies'; readonly supplier: SupplierId; readonly lines: readonly SupplyDraft[] }
	| {
			readonly intent: 'set-levels';
			readonly lines: readonly { readonly sku: Sku; readonly levels: StockLevels | null }[];
	  }
	/** `order` is drawn when the form opens. */
	| {
			readonly intent: 'place-order';
			readonly order: OrderId;
			readonly supplier: SupplierId;
			readonly lines: OrderPlaced['lines'];
			readonly note?: string;
	  }
	| { readonly intent: 'change-order'; readonly order: OrderId; readonly lines: OrderPlaced['lines']; readonly note?: string }
	| { readonly intent: 'close-order'; readonly order: OrderId; readonly reason?: string }
	| { readonly intent: 'adjust'; readonly lines: readonly QuantityOfSku[]; readonly reason: (typeof ADJUST_REASONS)[number]; readonly note?: string }
	/** `count`: the stock take that the lines are part of, drawn when it is opened. */
	| { readonly intent: 'count'; readonly lines: readonly (QuantityOfSku & { readonly asOf: AsOf })[]; readonly count?: CountId }
	/** Of some products, or (`skus` absent) of all. `blind`: what is expected is shown to nobody before it is closed. */
	| { readonly intent: 'open-count'; readonly count: CountId; readonly name: string; readonly skus?: readonly Sku[]; readonly blind?: boolean }
	| { readonly intent: 'close-count'; readonly count: CountId }
	| { readonly intent: 'create-products'; readonly products: readonly ProductDraft[] }
	/** New products are created, known ones edited where they differ: one chunk of a CSV import. */
	| { readonly intent: 'import-products'; readonly products: readonly ProductDraft[] }
	| {
			readonly intent: 'edit-product';
			readonly sku: Sku;
			/** Only the fields that were changed, with the entries that the form had shown (from the catalogue row when the form was opened). */
			readonly fields: { readonly [Field in ProductField]?: { readonly value: ProductFields[Field]; readonly replaces: readonly EntryHash[] } };
			readonly unitPriceE4?: { readonly value: number; readonly replaces: readonly EntryHash[] };
			/** In this branch alone; null: what it costs everywhere, again. */
			readonly ownPriceE4?: { readonly value: number | null; readonly replaces: readonly EntryHash[] };
	  }
	| { readonly intent: 'retire-product'; readonly sku: Sku }
	/** `transfer` is drawn when the form opens. */
	| {
			readonly intent: 'send-transfer';
			readonly transfer: TransferId;
			readonly to: BranchId;
			readonly lines: readonly QuantityOfSku[];
			readonly note?: string;
	  }
	/** As counted; a line that did not come is left out or 0. */
	| { readonly intent: 'receive-transfer'; readonly transfer: TransferId; readonly lines: readonly QuantityOfSku[] }
	| { readonly intent: 'restore-product'; readonly sku: Sku }
	/** `sku` was the same as `into` all along: it is offered no more, and what this branch has of it moves over. */
	| { readonly intent: 'merge-products'; readonly sku: Sku; readonly into: Sku }
	| { readonly intent: 'plan-price'; readonly sku: Sku; readonly unitPriceE4: number; readonly fromMs: number }
	/** In this branch alone; null: from then on what it costs everywhere, again. */
	| { readonly intent: 'plan-own-price'; readonly sku: Sku; readonly unitPriceE4: number | null; readonly fromMs: number }
	/** A planned price that nobody wants any more: what holds now goes on holding. */
	| { readonly intent: 'cancel-price'; readonly sku: Sku; readonly entry: EntryHash }
	| { readonly intent: 'set-product-extras'; readonly sku: Sku; readonly extras: Partial<Pick<ProductFields, ProductExtra>> }
	| { readonly intent: 'change-setting'; readonly setting: Setting; readonly branch?: BranchId }
	/** `value` where the choice asks for one. The compensating facts come with it. */
	| { readonly intent: 'resolve'; readonly conflict: ConflictId; readonly choice: string; readonly value?: string }
	| { readonly intent: 'open-shift'; readonly floatMinor: number }
	| { readonly intent: 'move-cash'; readonly kind: CashMoved['kind']; readonly amountMinor: number; readonly reason?: string }
	| { readonly intent: 'open-drawer'; readonly reason?: string }
	/** Counted blind: what was expected is said afterwards. `tenderPending`: somebody is paying at this till right now. */
	| {
			readonly intent: 'close-shift';
			readonly countedMinor: number;
			readonly denominations?: ShiftClosed['denominations'];
			readonly note?: string;
			readonly tenderPending?: boolean;
	  }
	| { readonly intent: 'close-z'; readonly tenderPending?: boolean }
	/** The report of a day was printed or exported. */
	| { readonly intent: 'report-day'; readonly day: TradingDay }
	/** `sealed` and `contacts` are made outside: nothing in the core has seen a customer's name. */
	| { readonly intent: 'add-customer'; readonly customer: CustomerId; readonly sealed: string; readonly contacts: readonly string[] }
	| {
			readonly intent: 'edit-customer';
			readonly customer: CustomerId;
			readonly sealed: string;
			readonly contacts: readonly string[];
			readonly replaces: readonly EntryHash[];
	  }
	| { readonly intent: 'merge-customers'; readonly customer: CustomerId; readonly into: CustomerId }
	| { readonly intent: 'forget-customer'; readonly customer: CustomerId }
	| { readonly intent: 'give-credit'; readonly customer: CustomerId; readonly amountMinor: number; readonly reason?: string }
	| ({ readonly intent: 'add-person'; readonly pin: PersonAdded['pin'] } & PersonDraft)
	| ({ readonly intent: 'change-person'; readonly replaces: readonly EntryHash[] } & PersonDraft)
	| { readonly intent: 'reset-pin'; readonly person: PersonId; readonly pin: PersonAdded['pin'] }
	| { readonly intent: 'disable-person'; readonly person: PersonId; readonly disabled: boolean }
	/** Wrong PINs in a row, when the till begins to wait. */
	| { readonly intent: 'note-wrong-pins'; readonly person: PersonId; readonly tries: number }
	| { readonly intent: 'rename-device'; readonly device: DeviceId; readonly name?: string; readonly till?: number }
	| { readonly intent: 'revoke-device'; readonly device: DeviceId; readonly reason: string };

/** What the device adds when it asks for a decision. */
export interface AskContext {
	/** The receipt number that a refund would take. */
	readonly nextReceipt: Receipt;
	readonly device: DeviceId;
	/** Who is at the device; absent: the owner, of the time before people, or the device itself. */
	readonly by?: PersonId;
	/** Who has just allowed it by PIN. */
	readonly approvedBy?: PersonId;
}

/** With the wall clock of whoever decides: a count is as of a moment, and the latest of what is held would be too early. */
export interface DecideContext extends AskContext {
	readonly nowMs: number;
}

/** Facts by the scope they go into: both means one intent in two parts, branch first. */
export interface Decision {
	readonly branch: readonly Fact[];
	readonly store: readonly Fact[];
	/** True when a receipt number was used. */
	readonly takesReceipt: boolean;
}

/** Why not. `refused` is a stable name that the screen turns into words; the rest are the figures it needs to say them. */
export type Refusal = { readonly refused: RefusalName } & { readonly [figure: string]: string | number | undefined };

export type RefusalName =
	| 'cart-empty'
	| 'tender-short'
	| 'tender-over'
	| 'cash-not-in-coins'
	| 'credit-short'
	| 'part-taken'
	| 'on-terminal'
	| 'exchange-open'
	| 'no-such-sale'
	| 'no-such-product'
	| 'no-deposit'
	| 'sku-taken'
	| 'gtin-invalid'
	| 'quantity-not-positive'
	| 'quantity-out-of-range'
	| 'refund-too-much'
	| 'nothing-changed'
	| 'no-such-conflict'
	| 'no-such-choice'
	| 'value-missing'
	| 'value-invalid'
	| 'conflict-changed'
	| 'setting-invalid'
	| 'no-such-device'
	| 'no-such-transfer'
	| 'no-such-count'
	| 'count-taken'
	| 'count-closed'
	| 'not-in-count'
	| 'at-other-branch'
	| 'no-such-supplier'
	| 'no-such-order'
	| 'order-taken'
	| 'order-closed'
	| 'no-such-price'
	| 'not-allowed'
	| 'needs-approval'
	| 'too-many-lines'
	| 'amount-out-of-range'
	| 'too-large'
	| 'no-such-customer'
	| 'customer-taken'
	| 'customer-forgotten'
	| 'no-such-person'
	| 'person-taken'
	| 'last-owner'
	| 'first-is-owner'
	| 'till-number-taken'
	| 'no-shift-open'
	| 'shift-open'
	| 'nothing-to-close'
	| 'nothing-to-report'
	| 'tender-pending'
	| 'history-away'
	| 'in-training';

export function isRefusal(value: unknown): value is Refusal {
	return typeof value === 'object' && value !== null && 'refused' in value;
}
