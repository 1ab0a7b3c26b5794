/**
 * The register: the open cart, its undo, and taking money. Holds snapshots; every decision is the core's, every record the engine's.
 *
 * 1. The cart is saved at every change, in order, and nobody waits for it.
 * 2. A payment is asked for once, however often the button is pressed; the key is the cart's own, so a retry cannot charge twice. What is paid in part lies in
 *    the vault with the cart before the next part is asked for: after a crash it is there, and a cart that is paid becomes the sale by itself.
 * 3. What is scanned while a payment is being recorded belongs to the next sale (to the same one where the payment failed); it is never lost.
 * 4. A sale that is recorded before anybody could read that it is draws nothing in between: the receipt is the next thing that is drawn.
 * 5. An exchange is a cart with what comes back in it: every question, price and payment is that of a sale.
 */
import {
	addLine,
	emptyCart,
	isOpen,
	removeLine,
	setCustomer,
	setLineDiscount,
	setLineNote,
	setPrice,
	setQuantity,
	setSaleDiscount,
	totalsOf,
	type CartTotals,
} from '#core/sale/cart.ts';
import {
	creditPartOf,
	askOnTerminal,
	cashGiven,
	giveBackPart,
	leaveTerminal,
	paidOnTerminal,
	partOf,
	paymentOf,
	takePart,
	withPayment,
	type Payment,
} from '#core/sale/payment.ts';
import { dueMinorOf, isCovered } from '#core/sale/exchange.ts';
import { isRefusal, type RefundTender } from '#core/intent.ts';
import { m } from '#languages/compiled/messages.js';
import type { Commands, SaleDone } from '#engine/commands.ts';
import type { CatalogueRow, ShopRow } from '#projections/rows.ts';
import type { Cart, CartDiscount, CartLine } from '#schemas/cart.ts';
import type { CustomerId, EntryHash, PersonId } from '#schemas/ids.ts';
import type { AgeChecked, Tender } from '#schemas/facts/sale-completed.ts';
import { PRICE_IN_CODE } from '#schemas/reasons.ts';
import { problemText } from '#ui/words.ts';
import { DrawnAhead } from './drawn-ahead.ts';
import { sheetOf, type ReceiptSheet } from './receipt-sheet.svelte.ts';

/** What a person changed, of one line or of the whole sale. */
export interface SaleEdit {
	readonly line?: string;
	readonly quantityMilli?: number;
	/** Another price than the product's. */
	readonly unitPriceE4?: number;
	/** Why it has another price. */
	readonly priceReason?: string;
	/** Who allowed the other price. */
	readonly priceApprovedBy?: PersonId;
	readonly discount: CartDiscount | undefined;
	/** Empty: none. */
	readonly note: string;
}

/** What goes into the sale with a product. */
export interface Beside {
	readonly deposit?: CatalogueRow | undefined;
	readonly ageChecked?: AgeChecked | undefined;
	/** The price stood in the code that was scanned. */
	readonly isPriceInCode?: boolean | undefined;
}

export interface OpenItem {
	readonly name: string;
	readonly quantityMilli: number;
	readonly unitPriceE4: number;
	readonly taxRate: string;
	readonly taxPercentMilli: number;
}

export interface Resale {
	readonly refund: EntryHash;
	/** Of what the refund took back. */
	readonly line: number;
	readonly quantityMilli: number;
	readonly unitPriceE4: number;
	/** Why another price than the product's. */
	readonly priceReason?: string | undefined;
	/** Who allowed it. */
	readonly priceApprovedBy?: PersonId | undefined;
}

/** Longer than a key or a finger bounces or a scanner takes for its second Enter, shorter than a cashier means it. */
export const BOUNCE_MS = 350;
/** Of two strict writes on a slow device twice over; whoever has to wait longer sees it. */
const WAITS_AFTER_MS = 250;

export class Register {
	cart = $state.raw<Cart>();
	done = $state.raw<SaleDone>();
	/** `done` was paid just now: found again after a restart it is not, and neither drawer nor printer moves by itself. */
	isFresh = false;
	problem = $state<string>();
	/** Something is being recorded, and nothing else is asked for meanwhile. */
	busy = $state(false);
	/** The same for the screen (4). */
	waits = $state(false);
	/** The payment panel is open. */
	paying = $state(false);
	/** Whose the next sale is: the card was shown before anything was in the cart. */
	#waiting = $state<CustomerId>();
	readonly ahead: DrawnAhead<ReceiptSheet>;
	readonly #commands: Commands;
	readonly #shop: () => ShopRow;
	#before = $state.raw<readonly (Cart | undefined)[]>([]);
	#saving: Promise<unknown> = Promise.resolve();
	#lines = 0;
	#scannedMeanwhile: (() => void)[] = [];

	constructor(commands: Commands, shop: () => ShopRow) {
		this.#commands = commands;
		this.#shop = shop;
		this.ahead = new DrawnAhead(shop, sheetOf);
	}

	/** Worked out once a change, whoever asks. */
	readonly #totals = $derived.by(() => {
		const { currency, cashRoundingMinor, taxExcluded } = this.#shop();
		return totalsOf(this.cart ?? emptyCart('' as Cart['key'], 0), currency, cashRoundingMinor, taxExcluded);
	});
	readonly #dueMinor = $derived.by(() => dueMinorOf(this.cart ?? {}, this.#totals.totalMinor));
	readonly #payment = $derived.by(() => paymentOf(this.cart ?? {}, this.#dueMinor, this.#shop().cashRoundingMinor));

	get totals(): CartTotals {
		return this.#totals;
	}

	get payment(): Payment {
		return this.#payment;
	}

	/** What is to be paid, or below zero goes back: what goes out less what comes back. */
	get dueMinor(): number {
		return this.#dueMinor;
	}

	/** What comes back pays all of it. */
	get isCovered(): boolean {
		return isCovered(this.cart, this.payment);
	}

	get customer(): CustomerId | undefined {
		return this.cart === undefined ? this.#waiting : this.cart.customer;
	}

	get canUndo(): boolean {
		return this.#before.length > 0;
	}

	/** What was there when the app was last closed: the open cart, else the sale that was paid and not left. */
	async restore(): Promise<void> {
		const cart = await this.#commands.openCart();
		const isFree = (): boolean => this.cart === undefined && this.done === undefined && !this.busy;
		if (isOpen(cart)) {
			if (!isFree()) return;
			this.cart = cart;
			this.paying = cart.taken !== undefined || cart.onTerminal !== undefined;
			// Somebody paid all of it, and the till was closed before it wrote the sale down.
			if (this.payment.isPaid && cart.onTerminal === undefined) await this.finish();
			return;
		}
		const paid = await this.#commands.lastPaid();
		if (!isFree()) return;
		this.done = paid;
		this.isFresh = false;
	}

	/** `deposit`: the product whose price is charged beside it. */
	add(product: CatalogueRow, quantityMilli: number, unitPriceE4: number, also: Beside = {}): void {
		const { deposit } = also;
		const beside = deposit?.unitPriceE4 === undefined ? undefined : this.#lineOf(deposit, 1000, deposit.unitPriceE4);
		const line = this.#lineOf(product, quantityMilli, unitPriceE4);
		const isCoded = also.isPriceInCode === true && line.price === undefined;
		this.#take(isCoded ? { ...line, priceReason: PRICE_IN_CODE } : line, beside, also.ageChecked);
	}

	/** Something that is no product of the shop. */
	addOpenItem({ name, quantityMilli, unitPriceE4, taxRate, taxPercentMilli }: OpenItem): void {
		this.#take({ ...{ id: this.#newLine(), name, quantityMilli, unit: 'each' }, ...{ unitPriceE4, taxRate, taxPercentMilli } });
	}

	/** Out of the returned goods, at what somebody says it is worth now. */
	addReturned(product: CatalogueRow, { refund, line, quantityMilli, unitPriceE4, priceReason, priceApprovedBy }: Resale): void {
		const { draws: _shelf, ...own } = this.#lineOf(product, quantityMilli, unitPriceE4);
		this.#take({ ...own, resaleOf: { refund, line }, ...(priceReason === undefined ? {} : { priceReason }) });
		if (priceApprovedBy === undefined || this.cart === undefined) return;
		this.#put({ ...this.cart, approvals: [...(this.cart.approvals ?? []), { act: 'price', approvedBy: priceApprovedBy }] });
	}

	#lineOf(product: CatalogueRow, quantityMilli: number, unitPriceE4: number): CartLine {
		const { sku, name, unit, price, taxRate, taxPercentMilli, extras } = product;
		const isOwn = price !== undefined && unitPriceE4 === product.unitPriceE4;
		return {
			...{ id: this.#newLine(), sku, name, quantityMilli, unit, unitPriceE4 },
			...(isOwn ? { price } : {}),
			...{ taxRate, taxPercentMilli },
			...(extras?.draws === undefined ? {} : { draws: extras.draws }),
		};
	}

	#newLine(): string {
		return `${Date.now()}-${(this.#lines += 1)}`;
	}

	#take(line: CartLine, deposit?: CartLine, ageChecked?: AgeChecked): void {
		if (this.busy) {
			this.#scannedMeanwhile.push(() => this.#take(line, deposit, ageChecked));
			return;
		}
		this.#leave();
		const cart = addLine(this.cart ?? this.#begun(), line, Date.now(), deposit);
		this.#change(ageChecked === undefined ? cart : { ...cart, ageChecked });
	}

	#begun(): Cart {
		const customer = this.#waiting;
		this.#waiting = undefined;
		return setCustomer(emptyCart(this.#commands.newKey(), Date.now()), customer, Date.now());
	}

	setQuantity(lineId: string, quantityMilli: number): void {
		if (this.cart !== undefined && !this.busy) this.#change(setQuantity(this.cart, lineId, quantityMilli, Date.now()));
	}

	setCustomer(customer: CustomerId | undefined): void {
		if (this.busy) {
			this.#scannedMeanwhile.push(() => this.setCustomer(customer));
			return;
		}
		this.#leave();
		if (this.cart === undefined) this.#waiting = customer;
		else this.#change(setCustomer(this.cart, customer, Date.now()));
	}

	remove(lineId: string): void {
		if (this.cart !== undefined && !this.busy) this.#change(removeLine(this.cart, lineId, Date.now()));
	}

	/** As if nobody had begun it: one step, which one undo takes back. */
	discard(): void {
		if (this.cart !== undefined && !this.busy) this.#change(undefined);
	}

	/** Puts the sale aside for any till; the next one can begin. */
	async park(): Promise<void> {
		const { cart } = this;
		if (cart === undefined || this.busy) return;
		if (cart.exchange !== undefined) {
			this.#say({ refused: 'exchange-open' });
			return;
		}
		if (cart.taken !== undefined || cart.onTerminal !== undefined) {
			this.#say(withPayment(undefined, cart));
			return;
		}
		await this.#apart(async () => {
			// What was saved last must not come after the cart has left.
			await this.#saving;
			const parked = await this.#commands.park(cart);
			if (parked !== 'parked') return problemText(parked, this.#shop().currency);
			this.cart = undefined;
			return undefined;
		});
	}

	/** Takes a sale up again; one that is open is put aside in its place. */
	async fetch(id: string): Promise<void> {
		if (this.busy) return;
		if (this.cart !== undefined) await this.park();
		if (this.cart !== undefined) return;
		this.#leave();
		await this.#apart(async () => {
			await this.#saving;
			const fetched = await this.#commands.fetchParked(id);
			if (fetched === 'gone') return m.pay_fetched_elsewhere();
			if ('trouble' in fetched) return problemText(fetched, this.#shop().currency);
			this.cart = fetched;
			return undefined;
		});
	}

	/** A sale that was put aside is wanted by nobody any more. */
	async dropParked(id: string): Promise<void> {
		const dropped = await this.#commands.dropParked(id);
		if (typeof dropped !== 'string') this.#say(dropped);
	}

	async #apart(work: () => Promise<string | undefined>): Promise<void> {
		this.busy = true;
		this.waits = true;
		this.problem = undefined;
		try {
			this.problem = await work();
			this.#before = [];
			this.paying = false;
		} catch (error) {
			this.problem = m.sell_stays({ reason: error instanceof Error ? error.message : String(error) });
		} finally {
			this.#goOn();
		}
	}

	/** One step, which one undo takes back. */
	edit({ line, quantityMilli, unitPriceE4, priceReason = '', priceApprovedBy, discount, note }: SaleEdit): void {
		if (this.cart === undefined || this.busy) return;
		const nowMs = Date.now();
		let { cart } = this;
		if (line === undefined) {
			const { note: _before, ...bare } = setSaleDiscount(cart, discount, nowMs);
			cart = note === '' ? bare : { ...bare, note };
		} else {
			if (quantityMilli !== undefined) cart = setQuantity(cart, line, quantityMilli, nowMs);
			if (unitPriceE4 !== undefined) cart = setPrice(cart, line, unitPriceE4, priceReason, nowMs);
			if (priceApprovedBy !== undefined) cart = { ...cart, approvals: [...(cart.approvals ?? []), { act: 'price', approvedBy: priceApprovedBy }] };
			cart = setLineNote(setLineDiscount(cart, line, discount, nowMs), line, note, nowMs);
		}
		this.#change(cart);
	}

	undo(): void {
		if (this.busy || !this.canUndo) return;
		const next = withPayment(this.#before.at(-1), this.cart ?? {});
		if (isRefusal(next)) {
			this.#say(next);
			return;
		}
		this.#before = this.#before.slice(0, -1);
		this.#put(next);
	}

	/** What comes back is taken out again: an ordinary sale. */
	leaveExchange(): void {
		if (this.cart === undefined || this.busy) return;
		const { exchange: _exchange, ...cart } = this.cart;
		this.#change({ ...cart, changedAtMs: Date.now() });
	}

	/** What comes back is worth as much, or more: the rest goes back so, and nothing is to be paid. */
	async giveRest(back: RefundTender): Promise<void> {
		const { cart } = this;
		if (cart?.exchange === undefined || this.busy || !this.isCovered || this.#isOnTerminal()) return;
		await this.#sell(undefined, { ...cart, exchange: { ...cart.exchange, back } });
	}

	/** All that is left, to the last coin. */
	payExactCash(): Promise<void> {
		return this.isCovered ? this.giveRest('cash') : this.payCash(this.payment.cashLeftMinor);
	}

	/** What the customer put down: with its change the end of it, or a part. */
	async payCash(givenMinor: number): Promise<void> {
		if (this.cart === undefined || this.busy || this.#isOnTerminal()) return;
		if (this.isCovered) {
			this.#say({ refused: 'tender-over', overMinor: givenMinor });
			return;
		}
		const given = cashGiven(this.payment, givenMinor, this.#shop().cashRoundingMinor);
		if (isRefusal(given)) this.#say(given);
		else if ('rest' in given) await this.#sell(given.rest);
		else await this.#takeMoney(given.part);
	}

	/** Names the amount for the stand-alone terminal; it lies in the vault, for whoever reloads now is asked again whether it was paid. */
	async askCard(wantedMinor?: number): Promise<void> {
		const { cart } = this;
		if (cart === undefined || this.busy || cart.onTerminal !== undefined) return;
		const part = partOf(this.payment, wantedMinor);
		if (isRefusal(part)) this.#say(part);
		else {
			this.paying = true;
			await this.#keep(askOnTerminal(cart, part.amountMinor, Date.now()));
		}
	}

	async cardPaid(reference: string): Promise<void> {
		const { cart } = this;
		if (cart === undefined || this.busy) return;
		const tender = paidOnTerminal(cart, reference);
		if (tender !== undefined) await this.#takeMoney(tender);
	}

	async cardDeclined(): Promise<void> {
		const { cart } = this;
		if (cart?.onTerminal === undefined || this.busy) return;
		await this.#keep(leaveTerminal(cart, Date.now()));
	}

	/** Then that alone is answered, and it is said. */
	#isOnTerminal(): boolean {
		const asked = this.cart?.onTerminal;
		if (asked !== undefined) this.#say({ refused: 'on-terminal', ...asked });
		return asked !== undefined;
	}

	/** `balanceMinor`: what the customer has, as far as this till knows. */
	async payCredit(balanceMinor: number, wantedMinor?: number): Promise<void> {
		const { cart } = this;
		if (cart?.customer === undefined || this.busy || this.#isOnTerminal()) return;
		const part = creditPartOf(cart, this.payment, balanceMinor, wantedMinor);
		if (isRefusal(part)) this.#say(part);
		else await this.#takeMoney({ type: 'credit', amountMinor: part.amountMinor, customer: cart.customer });
	}

	async giveBack(place: number): Promise<void> {
		const { cart } = this;
		if (cart !== undefined && !this.busy) await this.#keep(giveBackPart(cart, place, Date.now()));
	}

	/** All parts are taken; the sale was not written down yet. */
	async finish(): Promise<void> {
		if (this.cart !== undefined && !this.busy && this.payment.isPaid) await this.#sell();
	}

	/** A part that ends it is written with the sale itself, in one transaction; any other with the cart, before anything more is asked. */
	async #takeMoney(tender: Tender): Promise<void> {
		const { cart } = this;
		if (cart === undefined) return;
		const next = takePart(leaveTerminal(cart, Date.now()), tender, Date.now());
		if (paymentOf(next, this.dueMinor, this.#shop().cashRoundingMinor).isPaid) await this.#sell(tender);
		else await this.#keep(next);
	}

	/** Busy until it is in the vault, and until a finger or a key has stopped bouncing: what it hit was one question, and the next one stands in the same place. */
	async #keep(next: Cart): Promise<void> {
		this.busy = true;
		this.waits = true;
		try {
			this.#put(next);
			await Promise.all([this.#saving, new Promise((resolve) => setTimeout(resolve, BOUNCE_MS))]);
		} finally {
			this.#goOn();
		}
	}

	async #sell(last?: Tender, cart = this.cart): Promise<void> {
		if (cart === undefined || this.busy) return;
		this.busy = true;
		const waiting = setTimeout(() => (this.waits = true), WAITS_AFTER_MS);
		this.problem = undefined;
		try {
			const tenders = [...(cart.taken ?? []), ...(last === undefined ? [] : [last])];
			const done = await this.#commands.sell(cart, tenders, undefined, (foreseen) => this.ahead.draw(foreseen));
			if (isRefusal(done) || 'trouble' in done) {
				this.#keepMoney(cart, last);
				this.problem = problemText(done, this.#shop().currency);
				return;
			}
			this.#before = [];
			this.cart = undefined;
			this.done = done;
			this.isFresh = true;
			this.paying = false;
		} catch (error) {
			this.#keepMoney(cart, last);
			this.problem = m.pay_not_recorded({ reason: error instanceof Error ? error.message : String(error) });
		} finally {
			clearTimeout(waiting);
			if (this.done === undefined) this.ahead.drop();
			this.#goOn();
		}
	}

	/** The disk refused, but the terminal has charged the card: nobody is asked to pay it again. Cash lies on the counter still. */
	#keepMoney(cart: Cart, last: Tender | undefined): void {
		if (last !== undefined && last.type !== 'cash') this.#put(takePart(leaveTerminal(cart, Date.now()), last, Date.now()));
	}

	#goOn(): void {
		this.busy = false;
		this.waits = false;
		for (const add of this.#scannedMeanwhile.splice(0)) add();
	}

	#say(outcome: unknown): void {
		this.problem = problemText(outcome, this.#shop().currency);
	}

	newSale(): void {
		this.#leave();
		this.problem = undefined;
	}

	#leave(): void {
		const { done } = this;
		this.done = undefined;
		// One that was not written shows the receipt once more, and nothing worse.
		if (done !== undefined) this.#saving = this.#saving.then(() => this.#commands.leavePaid(done).catch(() => undefined));
	}

	#change(next: Cart | undefined): void {
		const kept = withPayment(next, this.cart ?? {});
		if (isRefusal(kept)) {
			this.#say(kept);
			return;
		}
		this.#before = [...this.#before, this.cart].slice(-50);
		this.#put(kept);
	}

	#put(next: Cart | undefined): void {
		const { cart: before } = this;
		const open = isOpen(next) ? next : undefined;
		this.problem = undefined;
		this.cart = open;
		this.#saving = this.#saving.then(async () => {
			if (open !== undefined) {
				const saved = await this.#commands.saveCart(open);
				if (saved !== 'saved') this.problem = problemText(saved, this.#shop().currency);
			} else if (before !== undefined) await this.#commands.dropCart(before.key);
		});
	}
}
