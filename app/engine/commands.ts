/**
 * What screens may do. Everything that is recorded goes through `perform` or `sell`; both answer only after it is durable in the vault.
 */
import type { BadJournal, BroughtIn } from './journal-file.ts';
import type { RenewOutcome } from './own-renewal.ts';
import type { NotTold } from './renewal-desk.ts';
import type { RenewalVerdict, WaitingRenewal } from '#schemas/wire/renewal-approval.ts';
import type { Intent, ProductDraft, Refusal } from '#core/intent.ts';
import type { Paper } from '#core/receipt/paper.ts';
import type { BadSetupCode } from '#core/setup-code.ts';
import type { Cart } from '#schemas/cart.ts';
import type { AtTillNow } from './at-till.ts';
import type { Equipment } from '#schemas/equipment.ts';
import type { HubRefusal } from '#schemas/wire/hub-refusal.ts';
import type { JoinsFor, ShownCode } from '#schemas/wire/join-code.ts';
import type { NoCode } from './join-codes.ts';
import type { SavedRequest } from '#schemas/wire/recovery.ts';
import type { PrintFailure } from '#schemas/wire/print.ts';
import type { ConflictId } from '#schemas/facts/conflict-resolved.ts';
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { Receipt, SaleCompleted, Tender } from '#schemas/facts/sale-completed.ts';
import type { CustomerFields } from '#schemas/customer-fields.ts';
import type { CustomerId, EntryHash, IntentKey, PersonId, Sku } from '#schemas/ids.ts';

/**
 * What can go wrong besides a refusal. The sale or change is not recorded, and may be tried again under the same key.
 *
 * `locked`: the shop has people, and none of them is at the till. `dropped`: this device forked, and another side keeps the till: it records nothing more.
 */
export type Trouble = {
	readonly trouble: 'another-tab' | 'storage-full' | 'storage-failed' | 'not-ready' | 'locked' | 'dropped';
	readonly detail: string;
};

export interface SaleDone {
	readonly entry: EntryHash;
	readonly receipt: Receipt;
	/** `T3-000124` */
	readonly number: string;
	readonly fact: SaleCompleted | ExchangeCompleted;
	readonly atMs: number;
}

export interface Unsent {
	/** Sales and refunds. */
	readonly sales: number;
	readonly others: number;
}

export type Printed = 'printed' | 'browser' | PrintFailure;

export interface Commands {
	/** A key for a new intent: draw one when the form opens, use it for every try. */
	newKey(): IntentKey;
	/**
	 * Durable before it resolves. Deciding again under a key that is recorded answers what was recorded. With something that comes back it is an exchange.
	 *
	 * `approvedBy`: who has just allowed it by PIN. `foresee`: told what the answer will be, should it be written: for what takes a while to put together, never to
	 * be shown before the answer. It may be told twice, or not at all.
	 */
	sell(cart: Cart, tenders: readonly Tender[], approvedBy?: PersonId, foresee?: (done: SaleDone) => void): Promise<SaleDone | Refusal | Trouble>;
	perform(
		intent: Intent,
		key: IntentKey,
		approvedBy?: PersonId,
	): Promise<{ readonly entry: EntryHash; readonly number?: string } | Refusal | Trouble>;
	/** Writes a customer down, or (with `edits`) anew. The fields are encrypted with the customer's key before anything is decided. `again`: written down by an earlier try. */
	saveCustomer(
		fields: Omit<CustomerFields, 'v'>,
		key: IntentKey,
		edits?: { readonly customer: CustomerId; readonly replaces: readonly EntryHash[] },
	): Promise<{ readonly customer: CustomerId; readonly again: boolean } | Refusal | Trouble>;
	/** Chunks under keys that follow from the file's hash: a retry doubles nothing. */
	importProducts(
		fileHash: string,
		products: readonly ProductDraft[],
		onProgress: (done: number, of: number) => void,
		approvedBy?: PersonId,
	): Promise<{ readonly done: number } | Refusal | Trouble>;

	/** The cart that was open when the app was last closed, if any. */
	openCart(): Promise<Cart | undefined>;
	/** The sale that was recorded last, until `leavePaid`: after a crash it is shown where no cart is open. */
	lastPaid(): Promise<SaleDone | undefined>;
	leavePaid(done: SaleDone): Promise<void>;
	saveCart(cart: Cart): Promise<'saved' | Trouble>;
	dropCart(key: IntentKey): Promise<void>;

	/**
	 * On this till's own printer, as its equipment says; `browser`: the page prints itself. Whatever comes of it, nothing that was recorded changes, and no
	 * drawer opens.
	 */
	print(paper: Paper): Promise<Printed>;
	/** `none`: no drawer hangs on this till's printer. */
	openDrawer(): Promise<'printed' | 'none' | PrintFailure>;
	/** The receipt with this entry has been in somebody's hand: whatever is printed of it from now on is a copy. */
	notePrinted(entry: EntryHash): Promise<void>;
	/** Only of the newest; an older receipt is printed as a copy in any case. */
	wasPrinted(entry: EntryHash): Promise<boolean>;
	/** The browser asks which printer; only while a tap is being answered. */
	choosePrinter(by: 'serial' | 'usb'): Promise<'chosen' | 'given-up' | 'not-supported' | Trouble>;
	setEquipment(equipment: Equipment): Promise<'saved' | Trouble>;

	/** Puts the cart aside for any till of the branch. It is on this till's disk before it is no open cart any more. */
	park(cart: Cart): Promise<'parked' | Trouble>;
	/** The cart that was put aside, under a new key, saved as the open cart; `gone`: another till has it. */
	fetchParked(id: string): Promise<Cart | 'gone' | Trouble>;
	/** Nobody wants it any more: it is gone from every till of the branch. `gone`: it was already, or another till has it. */
	dropParked(id: string): Promise<'dropped' | 'gone' | Trouble>;

	setFavourite(sku: Sku, favourite: boolean): Promise<void>;
	/** These and no others, in this order, on every till of the branch. */
	arrangeFavourites(order: readonly Sku[]): Promise<void>;
	/** Closes every link, the relay's included, until `reconnect`; remembered across reloads. */
	workAlone(): Promise<void>;
	reconnect(): Promise<void>;
	/** What lets a device in, of now: on the hub's own machine, and on a till that may let devices in. */
	joinCode(till: JoinsFor): Promise<ShownCode | { readonly problem: NoCode }>;
	/** Takes the hub's address out of its setup code, for a hub that moved; the join code in it is left alone. */
	findHub(text: string): Promise<'noted' | { readonly problem: BadSetupCode }>;
	/** Asks peers again for what is missing. */
	askAgain(): Promise<void>;

	/**
	 * Screens get a practice ledger and its commands until `stopTraining`, across reloads; what was rung up in it ends with the page. `cart-open`: a real sale
	 * is open, and training begins beside none.
	 */
	startTraining(): Promise<'training' | 'cart-open' | Trouble>;
	stopTraining(): Promise<void>;

	/** What neither a hub nor the cloud has got: it would be gone with this device. */
	unsent(): Promise<Unsent | Trouble>;
	/** Deletes everything of this shop on this device, and starts anew; refused while anything is unsent. Resolves only when it is refused. */
	leaveShop(): Promise<Unsent | Trouble>;

	/** Everything that this till holds, as a file: the way out when no link is left. */
	saveJournal(): Promise<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }>;
	/** Another till's file. What is here already is closed quietly; what proves nothing is refused and counted. */
	bringIn(bytes: Uint8Array): Promise<BroughtIn | { readonly problem: BadJournal | 'in-training' }>;
	/**
	 * New keys for this device: with the code that a hub shows for letting devices in, or by somebody at a manager's till, who is waited for as long as `goesOn`
	 * says yes, told the number to compare. Resolves only when they are not in force; else the till starts again.
	 */
	renewKeys(
		how: string | { readonly goesOn: (number: string) => boolean },
		approvedBy?: PersonId,
	): Promise<{ readonly notRenewed: Exclude<RenewOutcome, 'renewed' | 'not-owner'> } | Refusal | Trouble>;
	/** Tills that wait at a hub for new keys, after what was said to one of them. */
	waitingRenewals(verdict?: RenewalVerdict): Promise<readonly WaitingRenewal[] | { readonly problem: NotTold }>;
	/** With the code that another device showed when it took in a file of this till: what that file was saved with is unsent no more. */
	confirmCarried(code: string): Promise<'confirmed' | 'no-such-code' | Trouble>;

	/**
	 * Opens a further branch of the store, by the hub that served this page. `ask`: the code that the new hub shows, or the text of its ask, for which a file is
	 * made to be carried there.
	 */
	openBranch(
		name: string,
		ask: string,
	): Promise<'opened' | { readonly file: string; readonly bytes: Uint8Array<ArrayBuffer> } | { readonly problem: HubRefusal }>;

	/** Who stays of devices that removed each other: the hub says it, on its own machine alone. */
	answerDispute(conflict: ConflictId, choice: string, key: IntentKey): Promise<'answered' | { readonly problem: HubRefusal }>;

	/** The key that brings the shop back when every device is lost, to be kept elsewhere; on the hub's own machine. */
	readonly recovery: {
		/** In their order, as they go on paper. */
		code(): Promise<{ readonly groups: readonly string[] } | { readonly problem: HubRefusal }>;
		file(passphrase: string): Promise<{ readonly name: string; readonly text: string } | { readonly problem: HubRefusal }>;
		/** Shown that it is kept: from then on the hub has it no more. */
		saved(shown: SavedRequest): Promise<'saved' | { readonly problem: HubRefusal }>;
	};

	/** Who is at the till, and who may come to it. */
	readonly atTill: Pick<AtTillNow, 'signIn' | 'vouch' | 'hash' | 'lock' | 'touched' | 'setRule'> & {
		/** This is the hub's own machine. */
		mayRecover(): Promise<boolean>;
		/** An owner's new PIN, on a till that is locked; only on the hub's own machine. */
		recover(
			person: PersonId,
			pin: string,
		): Promise<'recovered' | { readonly problem: 'not-the-hub' | 'not-an-owner' | 'no-secret' } | Refusal | Trouble>;
	};
}
