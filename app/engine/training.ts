/**
 * The commands of a till that is being practised on. While training lasts, screens hold these and not the real ones.
 *
 * 1. Nothing here can reach vault, journal, ledger, stock or drawer: what a person does is decided by the core on a practice ledger, and stays there.
 * 2. What would change the shop for others (goods, prices, settings, people, devices) is refused: `in-training`.
 * 3. Every command is named here, none is passed on by default: a new command does not compile until somebody decides what it is in training.
 * 4. What comes out of a printer says that nothing on it is real, whoever made it up; no drawer opens.
 */
import { decide } from '#core/decide.ts';
import { hubRefusalWords } from '#core/hub-refusals.ts';
import { isRefusal, type Intent, type Refusal } from '#core/intent.ts';
import type { PaperLine } from '#core/receipt/paper.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { fetchCart, parkCart } from '#core/sale/cart.ts';
import { completeSale, creditUsedIn } from '#core/sale/complete-sale.ts';
import { exchangeIn } from '#core/sale/exchange.ts';
import type { Practice } from '#core/training/practice.ts';
import type { Cart, ParkedCart } from '#schemas/cart.ts';
import type { EntryHash, IntentKey, Sku } from '#schemas/ids.ts';
import type { Commands, SaleDone } from './commands.ts';
import type { Terms } from './till.ts';

export interface TrainingDeps {
	/** Only what leads nowhere near a figure is passed on to them. */
	readonly real: Commands;
	readonly practice: Practice;
	readonly terms: () => Terms;
	readonly clock: { nowMs(): number };
	/** Something was recorded, or put aside. */
	readonly onChanged: () => void;
	readonly setFavourite: (sku: Sku, favourite: boolean) => void;
	/** What stands on paper of a till that is practised on. */
	readonly mark: () => Extract<PaperLine, { readonly kind: 'text' }>;
	/** Carts that were put aside in training. */
	readonly parked: Map<string, { readonly cart: ParkedCart; readonly atMs: number }>;
}

/** What a cashier does at a till. */
const PRACTISED: ReadonlySet<Intent['intent']> = new Set([
	...(['refund', 'refund-without-sale', 'exchange', 'open-shift', 'move-cash', 'open-drawer', 'close-shift', 'close-z', 'report-day'] as const),
	'resolve',
]);

export function createTrainingCommands(deps: TrainingDeps): Commands {
	const { real, practice, terms, clock, onChanged, setFavourite, mark, parked } = deps;
	const { ledger, device } = practice;
	const done = new Map<IntentKey, SaleDone>();
	const performed = new Map<IntentKey, { readonly entry: EntryHash; readonly number?: string }>();
	let open: Cart | undefined;
	let printed: EntryHash | undefined;
	const refused: Refusal = { refused: 'in-training' };

	function record(intent: Intent, key: IntentKey): { readonly entry: EntryHash; readonly number?: string } | Refusal {
		const nextReceipt = practice.nextReceipt();
		const nowMs = clock.nowMs();
		const decision = decide(ledger, intent, { nextReceipt, device, nowMs });
		if (isRefusal(decision)) return decision;
		const { branch, store, takesReceipt } = decision;
		const entries = [
			...(branch.length === 0 ? [] : [practice.record(branch, 'branch', key, nowMs, takesReceipt)]),
			...(store.length === 0 ? [] : [practice.record(store, 'store', key, nowMs, false)]),
		];
		const [first] = entries;
		if (first === undefined) throw new Error('a decision without facts');
		onChanged();
		return { entry: first.hash, ...(takesReceipt ? { number: printReceipt(nextReceipt) } : {}) };
	}

	return {
		newKey: () => real.newKey(),
		sell(cart, tenders) {
			const known = done.get(cart.key);
			if (known !== undefined) return Promise.resolve(known);
			const shift = ledger.state.books.drawers.get(device)?.openShift;
			const now = terms();
			if (now.shiftsRequired === true && shift === undefined) return Promise.resolve({ refused: 'no-shift-open' });
			const exchange = exchangeIn(cart, tenders);
			if (exchange !== undefined) {
				const answer = record(exchange, cart.key);
				if (isRefusal(answer)) return Promise.resolve(answer);
				const recorded = ledger.state.sales.get(answer.entry);
				if (recorded === undefined) throw new Error('an exchange that the practice ledger does not have');
				const { fact, entry } = recorded;
				const sale: SaleDone = { entry: entry.hash, receipt: fact.receipt, number: printReceipt(fact.receipt), fact, atMs: entry.header.at };
				done.set(cart.key, sale);
				open = undefined;
				return Promise.resolve(sale);
			}
			const receipt = practice.nextReceipt();
			const fact = completeSale(cart, tenders, { ...now, receipt, shift });
			if (isRefusal(fact)) return Promise.resolve(fact);
			const nowMs = clock.nowMs();
			const entry = practice.record([fact], 'branch', cart.key, nowMs, true);
			const credit = creditUsedIn(fact.tenders);
			if (credit.length > 0) practice.record(credit, 'store', cart.key, nowMs, false);
			const sale: SaleDone = { entry: entry.hash, receipt, number: printReceipt(receipt), fact, atMs: entry.header.at };
			done.set(cart.key, sale);
			open = undefined;
			onChanged();
			return Promise.resolve(sale);
		},
		perform(intent, key) {
			const known = performed.get(key);
			if (known !== undefined) return Promise.resolve(known);
			if (!PRACTISED.has(intent.intent)) return Promise.resolve(refused);
			const answer = record(intent, key);
			if (!isRefusal(answer)) performed.set(key, answer);
			return Promise.resolve(answer);
		},
		saveCustomer: () => Promise.resolve(refused),
		importProducts: () => Promise.resolve(refused),

		openCart: () => Promise.resolve(open),
		lastPaid: () => Promise.resolve(undefined),
		leavePaid: () => Promise.resolve(),
		saveCart(cart) {
			open = cart;
			return Promise.resolve('saved');
		},
		dropCart(key) {
			if (open?.key === key) open = undefined;
			return Promise.resolve();
		},
		park(cart) {
			parked.set(cart.key, { cart: parkCart(cart), atMs: clock.nowMs() });
			open = undefined;
			onChanged();
			return Promise.resolve('parked');
		},
		fetchParked(id) {
			const found = parked.get(id);
			if (found === undefined) return Promise.resolve('gone');
			parked.delete(id);
			open = fetchCart(found.cart, id, real.newKey(), clock.nowMs());
			onChanged();
			return Promise.resolve(open);
		},
		dropParked(id) {
			if (!parked.delete(id)) return Promise.resolve('gone');
			onChanged();
			return Promise.resolve('dropped');
		},

		print(paper) {
			const marked = mark();
			const isMarked = paper.some((line) => line.kind === 'text' && line.text === marked.text);
			return real.print(isMarked ? paper : [marked, ...paper]);
		},
		openDrawer: () => Promise.resolve('none'),
		// The device remembers one receipt: a practised one in its place would let the real one be printed twice without saying so.
		notePrinted(entry) {
			printed = entry;
			return Promise.resolve();
		},
		wasPrinted: (entry) => Promise.resolve(entry === printed),
		choosePrinter: (by) => real.choosePrinter(by),
		setEquipment: () => Promise.resolve(NOT_NOW),

		setFavourite(sku, favourite) {
			setFavourite(sku, favourite);
			return Promise.resolve();
		},
		arrangeFavourites(skus) {
			for (const sku of skus) setFavourite(sku, true);
			return Promise.resolve();
		},
		// Links and findings are of the device, and touch no figure.
		workAlone: () => real.workAlone(),
		reconnect: () => real.reconnect(),
		joinCode: (till) => real.joinCode(till),
		findHub: (text) => real.findHub(text),
		askAgain: () => real.askAgain(),
		unsent: () => real.unsent(),
		saveJournal: () => real.saveJournal(),
		leaveShop: () => Promise.resolve(NOT_NOW),
		bringIn: () => Promise.resolve({ problem: 'in-training' }),
		recovery: real.recovery,
		answerDispute: () => Promise.resolve({ problem: { why: 'in-training', error: hubRefusalWords('in-training') } }),
		openBranch: () => Promise.resolve({ problem: { why: 'in-training', error: hubRefusalWords('in-training') } }),
		renewKeys: () => Promise.resolve(refused),
		waitingRenewals: (verdict) => real.waitingRenewals(verdict),
		confirmCarried: () => Promise.resolve(NOT_NOW),
		// A PIN is a PIN: whoever tries wrong ones in training has tried.
		atTill: real.atTill,
		startTraining: () => Promise.resolve('training'),
		stopTraining: () => real.stopTraining(),
	};
}

const NOT_NOW = { trouble: 'not-ready', detail: 'this till is in training' } as const;
