/**
 * What a conflict is: its kind, branch and subject; its members are entries; a person's answer names the members it settles.
 *
 * 1. Finding conflicts is a pure function of the entries (`chain-gap` and `damaged`: of what this peer holds). Nothing is stored but answers.
 * 2. A conflict is open while one of its members is not settled. A member that comes later opens it again, with only that one not settled.
 * 3. Choices and their effects are data: `core/decide/resolve.ts` turns an effect into facts, projections turn it into words. Ids never change.
 */
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { KeptSide, SideStanding } from '#core/ledger/forks.ts';
import type { Lack } from '#core/people/standing.ts';
import type { ProductState, SaleState } from '#core/ledger/state.ts';
import type { Entry } from '#schemas/entry.ts';
import type { ConflictId } from '#schemas/facts/conflict-resolved.ts';
import type { Draw, ProductExtra, ProductField, Variant } from '#schemas/facts/product-created.ts';
import type { OrderId } from '#schemas/facts/order-placed.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import type { SupplierId } from '#schemas/facts/supplier-changed.ts';
import type { TransferId } from '#schemas/facts/transfer-sent.ts';
import type { Role } from '#schemas/certificate.ts';
import type { BranchId, CustomerId, DeviceId, EntryHash, Gtin, IntentKey, Scope, SigningKey, Sku, TradingDay } from '#schemas/ids.ts';

export type ConflictKind =
	| 'oversold'
	| 'sold-below-zero'
	| 'count-overlap'
	| 'counts-disagree'
	| 'refunded-twice'
	| 'refund-without-sale'
	| 'resold-twice'
	| 'key-reused'
	| 'parked-sold-twice'
	| 'transfer-mismatch'
	| 'order-received-twice'
	| 'product-edited'
	| 'product-gone'
	| 'barcode-shared'
	| 'stale-price'
	| 'late-after-z'
	| 'drawer-difference'
	| 'credit-overspent'
	| 'customer-duplicated'
	| 'till-number-shared'
	| 'chain-gap'
	| 'chain-forked'
	| 'clock-adrift'
	| 'right-withdrawn'
	| 'not-allowed'
	| 'roster-disputed'
	| 'renewed-twice'
	| 'resolved-twice'
	| 'answer-overtaken'
	| 'damaged';

export interface Conflict {
	readonly id: ConflictId;
	/** Stable text of the id. */
	readonly key: string;
	readonly kind: ConflictKind;
	/** `high`: people act on it now. `low`: it was known when it happened. */
	readonly urgency: 'high' | 'low';
	/** All of them, in ledger order, settled ones too. Damaged bytes are no entries: they are in the detail. */
	readonly members: readonly Member[];
	/** What an answer given now names: the members that nobody has settled. */
	readonly unsettled: readonly EntryHash[];
	readonly stake: Stake;
	readonly detail: ConflictDetail;
	readonly choices: readonly Choice[];
	/** `hlc` milliseconds of the newest member, for order among equals. */
	readonly newestMs: number;
}

export interface Member {
	readonly entry: Entry;
	readonly hash: EntryHash;
	/** The answer that settled it, if one has. */
	readonly settledBy: EntryHash | undefined;
	/** Of the other members (of those nearest in ledger order, where there are many): what its author had seen when it was sealed, and what not. */
	readonly hadSeen: readonly EntryHash[];
	readonly hadNotSeen: readonly EntryHash[];
}

export interface Stake {
	/** Thousandths of a unit; 0 where goods are not the matter. */
	readonly unitsMilli: number;
	readonly minor: number;
}

export type ConflictDetail =
	| {
			readonly kind: 'oversold' | 'sold-below-zero';
			readonly sku: Sku;
			readonly onHandMilli: number;
			/** What is missing now: 0 once stock is back. */
			readonly missingMilli: number;
			/** The entries that left stock below zero; the other members sold what these counted on. */
			readonly shorts: readonly {
				readonly entry: EntryHash;
				readonly takenMilli: number;
				readonly afterMilli: number;
				/** What its till believed to be left. */ readonly believedMilli: number;
			}[];
	  }
	| {
			readonly kind: 'count-overlap';
			/** Whose movements were apart from whose counts. */
			readonly device: DeviceId;
			readonly counter: DeviceId;
			/** In ledger order of the movements. `isInCount`: by the clock of counting it had moved before, and has no effect. */
			readonly overlaps: readonly {
				readonly sku: Sku;
				readonly entry: EntryHash;
				readonly count: EntryHash;
				readonly quantityMilli: number;
				readonly isInCount: boolean;
			}[];
	  }
	| {
			readonly kind: 'counts-disagree';
			readonly sku: Sku;
			readonly onHandMilli: number;
			/** The last one stands. `heldMilli`: what the shelf would hold now by this count alone. */
			readonly counts: readonly { readonly entry: EntryHash; readonly countedMilli: number; readonly heldMilli: number }[];
	  }
	| {
			readonly kind: 'refunded-twice';
			readonly sale: EntryHash;
			readonly line: number;
			readonly soldMilli: number;
			readonly refundedMilli: number;
			readonly refundedMinor: number;
	  }
	/** `sale`: what the refunds name, and nobody has. */
	| { readonly kind: 'refund-without-sale'; readonly sale: EntryHash }
	| {
			readonly kind: 'resold-twice';
			/** What took the goods back, and which of its lines. */
			readonly refund: EntryHash;
			readonly line: number;
			readonly sku: Sku;
			readonly returnedMilli: number;
			readonly resoldMilli: number;
	  }
	| { readonly kind: 'parked-sold-twice'; readonly cart: string }
	/** Each with the entry that gave it the code, in ledger order of those. */
	| { readonly kind: 'barcode-shared'; readonly gtin: Gtin; readonly products: readonly { readonly sku: Sku; readonly entry: EntryHash }[] }
	| {
			readonly kind: 'stale-price';
			/** The entry that had replaced the price, and the till that had gone on with the old one. */
			readonly change: EntryHash;
			readonly device: DeviceId;
			/** `paidMinor`: as sold; `dueMinor`: at the price that held by then. */
			readonly lines: readonly {
				readonly sale: EntryHash;
				readonly sku: Sku;
				readonly quantityMilli: number;
				readonly paidMinor: number;
				readonly dueMinor: number;
			}[];
	  }
	/** The other members retired it. */
	| { readonly kind: 'product-gone'; readonly sku: Sku; readonly sales: readonly EntryHash[] }
	| {
			readonly kind: 'transfer-mismatch';
			readonly transfer: TransferId;
			readonly from: BranchId;
			readonly to: BranchId;
			/** How often it was received. */
			readonly times: number;
			readonly differences: readonly { readonly sku: Sku; readonly sentMilli: number; readonly receivedMilli: number }[];
	  }
	| {
			readonly kind: 'order-received-twice';
			readonly order: OrderId;
			readonly supplier: SupplierId;
			/** Of what too much came. */
			readonly differences: readonly { readonly sku: Sku; readonly orderedMilli: number; readonly receivedMilli: number }[];
	  }
	| { readonly kind: 'late-after-z'; readonly day: TradingDay; readonly device: DeviceId; readonly reports: readonly EntryHash[] }
	| {
			readonly kind: 'drawer-difference';
			readonly device: DeviceId;
			readonly shift: number;
			readonly countedMinor: number;
			readonly expectedMinor: number;
			readonly differenceMinor: number;
			readonly toleranceMinor: number;
	  }
	| {
			readonly kind: 'credit-overspent';
			/** Whoever all others of them were merged into. */
			readonly customer: CustomerId;
			readonly balanceMinor: number;
			/** The uses that left nothing, each with what it lacked. */
			readonly shorts: readonly { readonly entry: EntryHash; readonly usedMinor: number; readonly lackedMinor: number }[];
	  }
	/** In ledger order of who had the contact first. */
	| { readonly kind: 'customer-duplicated'; readonly contact: string; readonly customers: readonly CustomerId[] }
	| {
			readonly kind: 'till-number-shared';
			readonly till: number;
			/** In ledger order of who was given it first. */
			readonly devices: readonly { readonly device: DeviceId; readonly suffix: string | undefined }[];
	  }
	| { readonly kind: 'key-reused'; readonly intentKey: IntentKey; readonly part: 1 | 2 | undefined }
	| {
			readonly kind: 'product-edited';
			readonly sku: Sku;
			readonly field: EditedField;
			/** Of a price: this branch's own. Absent: what the store says. */
			readonly branch?: BranchId;
			/** One for each member that still stands, in ledger order; the last one is what counts until somebody answers. */
			readonly values: readonly { readonly entry: EntryHash; readonly value: FieldValue }[];
	  }
	| {
			readonly kind: 'clock-adrift';
			/** Two of them; or one, whose clock was set back. */
			readonly devices: readonly DeviceId[];
			/** In ledger order: what each entry had seen although its clock said that it was later. */
			readonly drifts: readonly {
				readonly entry: EntryHash;
				readonly atMs: number;
				readonly saw: EntryHash;
				readonly sawBy: DeviceId;
				readonly sawAtMs: number;
			}[];
	  }
	| {
			readonly kind: 'chain-gap';
			readonly device: DeviceId;
			readonly scope: Scope;
			readonly gaps: readonly { readonly fromSeq: number; readonly toSeq: number; readonly next: EntryHash }[];
			readonly missing: number;
	  }
	| {
			readonly kind: 'chain-forked';
			readonly device: DeviceId;
			readonly scope: Scope;
			readonly sides: readonly {
				readonly first: EntryHash;
				readonly last: EntryHash;
				readonly fromSeq: number;
				readonly toSeq: number;
				readonly lastAtMs: number;
				/** By the answer that stands; absent while there is none. */
				readonly standing: SideStanding | undefined;
				/** Entries that it wrote beyond what it was answered for. */
				readonly grown: number;
			}[];
			readonly doubled: readonly DoubledReceipt[];
	  }
	| {
			readonly kind: 'not-allowed';
			readonly device: DeviceId;
			readonly scope: Scope;
			readonly reason: EntryProblem;
			/** For `no-right`: who did what, and which role it takes. Empty where the device itself may not. */
			readonly lacks: readonly Lack[];
	  }
	| {
			readonly kind: 'resolved-twice';
			readonly asked: ConflictId;
			readonly answers: readonly {
				readonly entry: EntryHash;
				readonly choice: string;
				readonly value: string | undefined;
				readonly holds: boolean;
			}[];
	  }
	| { readonly kind: 'answer-overtaken'; readonly answer: EntryHash; readonly asked: ConflictId; readonly choice: string }
	/** `by`: what took the right away, in ledger order. */
	| { readonly kind: 'right-withdrawn'; readonly device: DeviceId; readonly by: readonly EntryHash[] }
	| {
			readonly kind: 'roster-disputed';
			readonly devices: readonly DeviceId[];
			readonly revocations: readonly { readonly entry: EntryHash; readonly by: DeviceId; readonly against: DeviceId; readonly reason: string }[];
	  }
	| {
			readonly kind: 'renewed-twice';
			readonly device: DeviceId;
			readonly role: Role | 'relay';
			/** Of keys that were given up twice; in order of generation and of when each was countersigned, by the countersigner's clock. Of a relay: written down. */
			readonly renewals: readonly {
				readonly entry: EntryHash;
				readonly key: SigningKey;
				readonly generation: number;
				readonly countersigner: DeviceId;
				readonly atMs: number;
				readonly isInForce: boolean;
			}[];
	  }
	| {
			readonly kind: 'damaged';
			readonly document: string;
			readonly route: string;
			readonly found: readonly DamagedFound[];
			readonly carrier: DeviceId | undefined;
	  };

/** A receipt number that exists more than once, with the entries that bear it, in order of the chain. */
export interface DoubledReceipt {
	readonly receipt: Receipt;
	readonly entries: readonly EntryHash[];
}

export type EditedField = ProductField | ProductExtra | 'price';
export type FieldValue = string | number | boolean | readonly string[] | Draw | Variant | null;
export type EntryProblem = NonNullable<EntryRecord['problem']>['reason'];

/** Bytes that did not verify, as the process that holds them reports them. */
export interface DamagedFound {
	readonly document: string;
	readonly route: string;
	readonly reason: string;
	/** SHA-256 of the bytes. */
	readonly hash: EntryHash;
	readonly atMs: number;
	/** Who brought them, where it is known that nobody else could have. */
	readonly carrier?: DeviceId;
}

export interface Choice {
	readonly id: string;
	/** As in `conflicts.md`. */
	readonly label: string;
	readonly effect: Effect;
	/** A value is needed first, or may be given. */
	readonly asks?: { readonly type: 'text' | 'money' | 'quantity' | 'entry'; readonly options?: readonly EntryHash[]; readonly optional?: boolean };
}

export type Effect =
	/** Stock is adjusted by this much. Zero: nothing is missing any more. */
	| { readonly does: 'adjust'; readonly sku: Sku; readonly quantityMilli: number; readonly afterMilli: number }
	/** Stock is adjusted line by line. No line: what was taken for granted was right. */
	| { readonly does: 'adjust-lines'; readonly lines: readonly { readonly sku: Sku; readonly quantityMilli: number }[] }
	| {
			readonly does: 'owe';
			readonly owed: readonly { readonly sale: EntryHash; readonly sku: Sku; readonly quantityMilli: number; readonly amountMinor: number }[];
	  }
	/** The count of this product is opened; the count itself answers. */
	| { readonly does: 'count'; readonly sku: Sku }
	/** The answer itself is all: what happened stands. */
	| { readonly does: 'nothing' }
	/** What the customer owes, and for which entry. */
	/** Stock of one branch is adjusted; only there can it be written. */
	| {
			readonly does: 'adjust-branch';
			readonly branch: BranchId;
			readonly lines: readonly { readonly sku: Sku; readonly quantityMilli: number }[];
	  }
	| { readonly does: 'note-debt'; readonly entry: EntryHash; readonly amountMinor: number; readonly customer?: CustomerId }
	/** Credit and history of all of them belong to `into`. */
	| { readonly does: 'merge-customers'; readonly customers: readonly CustomerId[]; readonly into: CustomerId }
	/** The receipt number that was typed says which sale it is of: that sale's lines are given back. */
	| { readonly does: 'link-refund' }
	/** This product alone has the code; the others lose it. */
	| {
			readonly does: 'move-barcode';
			readonly gtin: Gtin;
			readonly to: Sku;
			readonly from: readonly Sku[];
	  }
	/** They were one product all along. */
	| { readonly does: 'merge-products'; readonly skus: readonly Sku[]; readonly into: Sku }
	/** It is offered again. */
	| { readonly does: 'restore-product'; readonly sku: Sku }
	/** Each takes a number that no device ever had. */
	| { readonly does: 'renumber'; readonly devices: readonly DeviceId[] }
	/** The words that were typed are the answer. */
	| { readonly does: 'explain' }
	/** The drawer is counted again: the figure typed is the shift's count from now on. */
	| { readonly does: 'recount-drawer'; readonly device: DeviceId; readonly shift: number; readonly expectedMinor: number }
	/** The effects of these entries on stock and money are taken back. */
	| { readonly does: 'compensate'; readonly entries: readonly EntryHash[] }
	| {
			readonly does: 'set-field';
			readonly sku: Sku;
			readonly field: EditedField;
			/** Of a price: this branch's own. */
			readonly branch?: BranchId;
			readonly replaces: readonly EntryHash[];
			/** Absent: the value that was typed. */ readonly takes?: EntryHash;
	  }
	/** Peers are asked again (`commands.askAgain`). Damaged bytes stay where they are, so asking also settles them; a gap stays open until it is filled. */
	| { readonly does: 'ask-again'; readonly settles: boolean }
	| {
			readonly does: 'declare-lost';
			readonly gaps: readonly {
				readonly device: DeviceId;
				readonly scope: Scope;
				readonly fromSeq: number;
				readonly toSeq: number;
				readonly next: EntryHash;
			}[];
	  }
	| { readonly does: 'let-count' }
	| { readonly does: 'reject' }
	| { readonly does: 'cut-off'; readonly device: DeviceId }
	/** It counts, and stays so. */
	| { readonly does: 'let-stand' }
	/** What was written against these has no effect. */
	| { readonly does: 'keep-devices'; readonly devices: readonly DeviceId[] }
	/** It is out of the shop, whatever its keys; whoever was meant joins anew. */
	| { readonly does: 'remove-device'; readonly device: DeviceId }
	/** The keys that were countersigned first go on being the device's. */
	| { readonly does: 'keep-first-keys'; readonly device: DeviceId }
	/** This answer holds, and what the others made up beside it is void. */
	| { readonly does: 'choose-answer'; readonly entry: EntryHash }
	/** Times that this device wrote down are known to be wrong. */
	| { readonly does: 'blame-clock'; readonly device: DeviceId }
	/** Clocks are set right on the devices themselves: the answer says that somebody did. */
	| { readonly does: 'fix-clock' }
	/** The side of `entry` goes on as the till. `drops`: first and last entries of the others. */
	| { readonly does: 'keep-till'; readonly entry: EntryHash; readonly drops: readonly EntryHash[] };

/** What finding conflicts may ask of the ledger. */
export interface ConflictContext {
	readonly branch: BranchId;
	saw(a: EntryRecord, b: EntryRecord): boolean;
	/** Settled members of a conflict, each with its answer. */
	settled(key: string): ReadonlyMap<EntryHash, EntryHash> | undefined;
	/** Which side of a fork keeps the till, by the fork's key. */
	keptSide(key: string): KeptSide | undefined;
	record(hash: EntryHash): EntryRecord | undefined;
	sale(hash: EntryHash): SaleState | undefined;
	product(sku: Sku): ProductState | undefined;
	correctedBy(record: EntryRecord): EntryHash | undefined;
	/** Its author belongs to this branch, as far as is known. */
	isOfBranch(record: EntryRecord): boolean;
}
