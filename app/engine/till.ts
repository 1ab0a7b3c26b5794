/**
 * What a device that writes can do, whoever asks: the screens of a till, a hub, a headless till. Everything goes through `commit`.
 *
 * 1. A sale is decided here, from the cart alone; an exchange, which gives back what another receipt sold, and everything else by the replica, on a state that has folded this device's own last entries.
 * 2. What the person at the device may not do is refused, or recorded with who approved it (`core/people/approved.ts`).
 * 3. While it is locked nothing is recorded but what the device itself must: wrong PINs, and an owner's way back.
 * 4. A price or a stock that changed on the way to the counter never stops a sale: the cart is what the customer saw.
 */
import { importChunks } from '#core/import/chunks.ts';
import { isRefusal, type AskContext, type Decision, type Intent, type ProductDraft, type Refusal } from '#core/intent.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { approvalsIn, approved, type People } from '#core/people/approved.ts';
import { completeSale, creditUsedIn } from '#core/sale/complete-sale.ts';
import { exchangeIn } from '#core/sale/exchange.ts';
import type { Cart } from '#schemas/cart.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Receipt, Tender } from '#schemas/facts/sale-completed.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { DeviceId, EntryHash, IntentKey, PersonId } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';
import type { Commit } from './commit.ts';
import type { SaleDone, Trouble } from './commands.ts';

/** What a sale needs of the shop, as the screen has it. */
export interface Terms {
	readonly currency: Currency;
	readonly cashRoundingMinor: number;
	/** The shift that is open on this till, as far as the fold has come. */
	readonly shift?: number | undefined;
	readonly shiftsRequired?: boolean | undefined;
	/** Prices are without tax. */
	readonly taxExcluded?: boolean | undefined;
}

export interface AtDevice {
	/** Undefined: a shop without people, or nobody. */
	readonly by: PersonId | undefined;
	/** The shop has people, and none of them is here. */
	readonly isLocked: boolean;
	readonly people: People;
}

/** What needs nobody at the device. */
export type OwnIntent = Extract<Intent, { readonly intent: 'note-wrong-pins' | 'reset-pin' }>;

export interface TillDeps {
	readonly commit: Commit;
	readonly device: DeviceId;
	/** A hub has no number and sells nothing. */
	readonly tillNumber: number;
	/** What the ledger says by now: another number, a letter after it (`core/roster/till-numbers.ts`). Undefined while it says nothing of this device. */
	readonly numbering?: () => Pick<Receipt, 'till' | 'suffix'> | undefined;
	readonly money: () => Terms;
	/** Who is at the device, and who works here, as the screen has it; absent: the device itself. */
	readonly atDevice?: () => AtDevice;
	/** The replica decides; it has heard every entry that `commit` recorded before it is asked. */
	readonly decide: (intent: Intent, context: AskContext) => Promise<Decision | Refusal>;
}

export interface Performed {
	readonly entry: EntryHash;
	readonly number?: string;
}

export interface Till {
	/** `foresee`: as in `Commands`. */
	sell(cart: Cart, tenders: readonly Tender[], approvedBy?: PersonId, foresee?: (done: SaleDone) => void): Promise<SaleDone | Refusal | Trouble>;
	perform(intent: Intent, key: IntentKey, approvedBy?: PersonId): Promise<Performed | Refusal | Trouble>;
	/** What the device does by itself, locked or not; whoever asks has made sure that it may. */
	performOwn(intent: OwnIntent, key: IntentKey): Promise<Performed | Refusal | Trouble>;
	importProducts(
		fileHash: string,
		products: readonly ProductDraft[],
		onProgress: (done: number, of: number) => void,
		approvedBy?: PersonId,
	): Promise<{ readonly done: number } | Refusal | Trouble>;
}

/** About 200 bytes a product and its price: 400 are well below the 256 KiB of an entry, and a few seconds of work between two steps of progress. */
const PRODUCTS_A_CHUNK = 400;

export function createTill({ commit, device, tillNumber, numbering, money, atDevice, decide }: TillDeps): Till {
	const receipt = (number: number): Receipt => {
		const { till, suffix } = numbering?.() ?? { till: tillNumber };
		return { till, number, ...(suffix === undefined ? {} : { suffix }) };
	};

	/** As this run left it: what `money` reads may not have folded yet what was recorded a moment ago. Noted in the turn that records, so that the next sale knows. */
	let shiftNow: { readonly shift: number | undefined } | undefined;
	const openShift = (terms: Terms): number | undefined => (shiftNow === undefined ? terms.shift : shiftNow.shift);

	function noteShift(entries: readonly Entry[]): void {
		for (const entry of entries) {
			const opened = factOf(entry, 'shift.opened');
			const closed = factOf(entry, 'shift.closed');
			if (opened !== undefined) shiftNow = { shift: opened.shift };
			if (closed !== undefined && (closed.device ?? device) === device && closed.shift === openShift(money())) shiftNow = { shift: undefined };
		}
	}

	function who(approvedBy: PersonId | undefined): Pick<AskContext, 'by' | 'approvedBy'> {
		const by = atDevice?.().by;
		return { ...(by === undefined ? {} : { by }), ...(approvedBy === undefined ? {} : { approvedBy }) };
	}

	async function sell(
		cart: Cart,
		tenders: readonly Tender[],
		approvedBy?: PersonId,
		foresee?: (done: SaleDone) => void,
	): Promise<SaleDone | Refusal | Trouble> {
		const at = atDevice?.();
		if (at?.isLocked === true) return LOCKED;
		const exchange = exchangeIn(cart, tenders);
		const done = await commit({
			...{ key: cart.key, removesCart: cart.key },
			...(at?.by === undefined ? {} : { by: at.by }),
			...(foresee === undefined
				? {}
				: {
						onSealed(entries) {
							const done = doneBy(entries);
							if (done !== undefined) foresee(done);
						},
					}),
			decide(nextReceiptNumber) {
				const shop = money();
				const shift = openShift(shop);
				if (shop.shiftsRequired === true && shift === undefined) return { refused: 'no-shift-open' };
				if (exchange !== undefined) return decide(exchange, { nextReceipt: receipt(nextReceiptNumber), device, ...who(approvedBy) });
				const terms = { ...shop, receipt: receipt(nextReceiptNumber), shift };
				const fact = completeSale(cart, tenders, terms);
				if (isRefusal(fact)) return fact;
				const named: readonly Fact[] = [fact, ...approvalsIn(cart)];
				const branch = at === undefined ? named : approved(named, { ...at, people: atDevice?.().people ?? at.people, approvedBy });
				return isRefusal(branch) ? branch : { branch, store: creditUsedIn(fact.tenders), takesReceipt: true };
			},
		});
		if (isRefusal(done) || 'trouble' in done) return done;
		return doneBy(done.entries) ?? { trouble: 'storage-failed', detail: 'this key was used for something that is no sale' };
	}

	async function perform(intent: Intent, key: IntentKey, approvedBy?: PersonId): Promise<Performed | Refusal | Trouble> {
		return atDevice?.().isLocked === true ? LOCKED : record(intent, key, approvedBy);
	}

	async function record(intent: Intent, key: IntentKey, approvedBy?: PersonId): Promise<Performed | Refusal | Trouble> {
		const by = atDevice?.().by;
		const done = await commit({
			key,
			...(by === undefined ? {} : { by }),
			decide: (nextReceiptNumber) => decide(intent, { nextReceipt: receipt(nextReceiptNumber), device, ...who(approvedBy) }),
			onRecorded: noteShift,
		});
		if (isRefusal(done) || 'trouble' in done) return done;
		const [entry] = done.entries;
		if (entry === undefined) throw new Error('a commit without entries');
		if (done.again) noteShift(done.entries);
		const fact = factOf(entry, 'refund.completed') ?? factOf(entry, 'exchange.completed');
		return { entry: entry.hash, ...(fact === undefined ? {} : { number: printReceipt(fact.receipt) }) };
	}

	return {
		sell,
		perform,
		performOwn: (intent, key) => record(intent, key),
		async importProducts(fileHash, products, onProgress, approvedBy) {
			let count = 0;
			for (const chunk of importChunks(fileHash, products, PRODUCTS_A_CHUNK)) {
				const done = await perform({ intent: 'import-products', products: chunk.products }, chunk.key, approvedBy);
				// A chunk whose rows all stand already as the file has them is done, not refused.
				if ('trouble' in done || (isRefusal(done) && done.refused !== 'nothing-changed')) return done;
				count += chunk.products.length;
				onProgress(count, products.length);
			}
			return { done: products.length };
		},
	};
}

function doneBy([entry]: readonly Entry[]): SaleDone | undefined {
	const fact = entry && (factOf(entry, 'sale.completed') ?? factOf(entry, 'exchange.completed'));
	if (entry === undefined || fact === undefined) return undefined;
	return { entry: entry.hash, receipt: fact.receipt, number: printReceipt(fact.receipt), fact, atMs: entry.header.at };
}

const LOCKED: Trouble = { trouble: 'locked', detail: 'nobody is at this till' };

function factOf<Type extends 'sale.completed' | 'refund.completed' | 'exchange.completed' | 'shift.opened' | 'shift.closed'>(
	entry: Entry,
	type: Type,
) {
	for (const fact of entry.facts)
		if (!('unknown' in fact) && !('invalid' in fact) && fact.type === type) return fact as Extract<typeof fact, { type: Type }>;
	return undefined;
}
