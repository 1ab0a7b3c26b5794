/** Stands where `app/boot.ts` stands: a till in memory with a real ledger, real projections and real decisions. Shaped like `start()` of the real one. */
import { decide } from '#core/decide.ts';
import { NOT_LET_IN, type NotLetIn } from '#core/enrolment-refusals.ts';
import { isRefusal, type DecideContext, type Intent, type Refusal } from '#core/intent.ts';
import { writeRecoveryCode } from '#core/recovery/recovery-code.ts';
import { approvalsIn } from '#core/people/approved.ts';
import { paperText } from '#core/receipt/paper.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { fetchCart, parkCart } from '#core/sale/cart.ts';
import { createPractice } from '#core/training/practice.ts';
import { completeSale } from '#core/sale/complete-sale.ts';
import { exchangeIn } from '#core/sale/exchange.ts';
import type { Commands, Trouble } from '#engine/commands.ts';
import type { OwnerRecord } from '#engine/owner-record.ts';
import { createTrainingCommands } from '#engine/training.ts';
import type { NotIn, Setup, StartState, TabOwnership } from '#engine/start.ts';
import { EMPTY_CATALOGUE, updateCatalogue } from '#projections/catalogue-view.ts';
import { allRows, retiredRows } from '#projections/catalogue.ts';
import { conflictRows } from '#projections/conflicts.ts';
import type { Coverage } from '#projections/coverage.ts';
import { dayReportRow, dayRows } from '#projections/days.ts';
import { drawerRow, shiftRows, zRows } from '#projections/drawers.ts';
import { customerDetail, customerRow, customerRows } from '#projections/customers.ts';
import { countStart, movementRows } from '#projections/movements.ts';
import { parkedRows, readParked } from '#projections/parked.ts';
import type { ParkedRow } from '#projections/rows.ts';
import { answerTo } from '#projections/questions.ts';
import { creditLeft } from '#projections/credit.ts';
import { trainingMark } from '#projections/receipt-paper.ts';
import { receiptDetail, receiptRows } from '#projections/receipts.ts';
import { createSearch } from '#projections/search.ts';
import { shopRow } from '#projections/shop.ts';
import { noSyncYet } from '#projections/no-sync-yet.ts';
import { syncRow } from '#projections/sync.ts';
import { roomRow } from '#projections/room.ts';
import { createTrainingViews } from '#projections/training-views.ts';
import { createView } from '#projections/view.ts';
import type { AtTillState, HubByCode, UpdateState, View, Views } from '#projections/views.ts';
import type { Cart } from '#schemas/cart.ts';
import type { CustomerFields } from '#schemas/customer-fields.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, CustomerId, EntryHash, Gtin, IntentKey, PersonId, Sku } from '#schemas/ids.ts';
import { PLAIN_EQUIPMENT, type Equipment } from '#schemas/equipment.ts';
import type { Mark } from '#schemas/mark.ts';
import type { HubInfo } from '#schemas/wire/enrolment.ts';
import type { RecoveryState } from '#schemas/wire/recovery.ts';
import type { WaitingRenewal } from '#schemas/wire/renewal-approval.ts';
import { changedSetting, created, ownPriced, priced } from '../facts.ts';
import type { TestDevice } from '../ledger-builder.ts';
import { unsignedRenewal } from '../unsigned-renewal.ts';
import { createFixtureOwner } from './fixture-owner.ts';
import { openFixtureShop } from './fixture-shop.ts';

export interface Started {
	readonly state: View<StartState>;
	readonly setup: Setup;
	readonly tabs: TabOwnership;
	readonly commands: Commands;
	readonly views: Views;
	readonly training: View<Pick<Started, 'commands' | 'views'> | undefined>;
}

const BRANCH_ASK = `holdfast-branch:1/${'3fa9'.repeat(16)}/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8/${'b81c'.repeat(16)}/${'5e07'.repeat(32)}/`;
const SETUP_CODE = `holdfast:1/K7QM-42XR/12D3KooW${'g'.repeat(44)}/uEi${'G'.repeat(44)}/192.168.1.10:4404/`;
/** Bottles and crates that drinks bear. */
const DEPOSITS = [
	...[
		['DEP-BOTTLE', 'Bottle, returnable', 1_500],
		['DEP-JAR', 'Yoghurt jar', 2_500],
		['DEP-CRATE', 'Crate of 20', 33_000],
	].flatMap(([sku, name, priceE4]) => [
		created(String(sku), { name: String(name), category: 'Deposits', taxRate: 'zero', tracked: false }),
		priced(String(sku), Number(priceE4)),
	]),
	...[
		['DRI-001', 'DEP-BOTTLE'],
		['DAI-001', 'DEP-JAR'],
		['DRI-002', 'DEP-CRATE'],
	].map(([sku, deposit]) => ({ type: 'product.edited', v: 2, sku, fields: { deposit: { value: deposit, replaces: [] } } })),
];
/** Two that share a code, and one thing in three sizes. */
const KINDS = [
	...['Pencil, blue', 'Pencil, red'].flatMap((name, place) => [
		created(`PEN-${place}`, { name, category: 'Household', gtins: ['4006381333931' as Gtin] }),
		priced(`PEN-${place}`, 7_500),
	]),
	...['Small', 'Medium', 'Large'].flatMap((label, place) => [
		created(`TOTE-${place}`, { name: `Tote bag, ${label}`, category: 'Household' }),
		priced(`TOTE-${place}`, 45_000 + place * 10_000),
		{ type: 'product.edited', v: 2, sku: `TOTE-${place}`, fields: { variant: { value: { group: 'Tote bag', label }, replaces: [] } } },
	]),
];
const CART = 'gallery-cart';
const PIN = '1234';
const LOCKED: Trouble = { trouble: 'locked', detail: 'nobody is at this till' };
/** So many of the newest sales are not in the cloud yet. */
const WAIT_FOR_CLOUD = 12;
/** So many of this till's entries a neighbour has not got. */
const AWAY = 3;

/** What stands outside the page: tests reach it as `gallery` of the page's window. */
export interface Outside {
	/** What came out of this till's printer: `drawer`, or the text of a paper. */
	readonly printer: readonly string[];
	/** Somebody puts in a roll. */
	fillPrinter(): void;
	/** A sale of another till comes in, and nobody touches anything here. */
	neighbourSells(sku: string, pieces: number): void;
}

export function openOwnerRecord(): OwnerRecord {
	return createFixtureOwner();
}

export function start(): Promise<Started> {
	const till = new URLSearchParams(location.search).get('till') ?? 'ready';
	const { shop, ledger, own, others, hub, does, neighbourSells } = openFixtureShop(till === 'empty', Date.now(), till.startsWith('staff'));
	const device = { device: own.id, name: own.name, till: own.till };
	const late = new Set([...ledger.state.sales.values()].slice(-WAIT_FOR_CLOUD).map(({ entry }) => entry.hash));
	const before = new Set(shop.entries.map(({ hash }) => hash));
	const coverage: Coverage = {
		atHost: (hash) => !alone && (till !== 'hub-away' || !late.has(hash)),
		inCloud: (hash) => before.has(hash) && !late.has(hash),
		update: () => undefined,
	};
	const search = createSearch();
	const done = new Map<IntentKey, Awaited<ReturnType<Commands['sell']>>>();
	const linkedSinceMs = Date.now() - 3_600_000;
	let alone = till === 'alone';
	let waitingKeys: readonly WaitingRenewal[] = till.endsWith('keys-wait')
		? others.slice(0, 1).map(({ id }) => ({ device: id, key: 'a1b2'.repeat(16) as WaitingRenewal['key'], atMs: linkedSinceMs }))
		: [];
	/** The hub and one neighbour have said that they have everything, the other neighbour lags; where the hub is away nobody has what was sold last. */
	const known = ledger.marks();
	const early = known.map((mark) => (mark.device === own.id && mark.scope === 'branch' ? earlierBy(AWAY, mark) : mark));
	const said = new Map([
		...(till === 'hub-away' ? [] : [[hub.id, known] as const]),
		...others.map(({ id }, place) => [id, place === 0 && till !== 'hub-away' ? known : early] as const),
	]);
	// Whoever is at the gallery's till knows it, unless a scene is about the first steps.
	if (till !== 'newcomer') localStorage.setItem('holdfast-toured', JSON.stringify(['everybody', 'cas', 'olga']));

	if (till === 'recovery') does([changedSetting({ name: 'demo', value: false })], 'store', 'opened' as IntentKey);
	if (till === 'removed') {
		const marks = ledger.marks().filter(({ device: of }) => of === own.id);
		ledger.add([hub.does([{ type: 'device.revoked', v: 1, device: own.id, marks, reason: 'sold' }], { scope: 'store' })]);
	}
	if (till === 'suspended') {
		const [other = own] = others;
		const removal = ({ id }: TestDevice): object => ({
			...{ type: 'device.revoked', v: 1, device: id, marks: ledger.marks().filter(({ device: of }) => of === id), reason: 'stolen' },
		});
		ledger.add([own.does([removal(other)], { scope: 'store' }), other.does([removal(own)], { scope: 'store' })]);
	}
	// Only a hub may enrol another one.
	if (till === 'chain') ledger.add([hub.does(chainFacts(), { scope: 'store' })]);
	if (till === 'deposits' || till === 'exchange') does(DEPOSITS, 'store', 'deposits' as IntentKey);
	if (till === 'exchange')
		does([changedSetting({ name: 'cardReferenceNeeded', value: true }), created('GIFT-001', { name: 'Gift wrap' })], 'store', 'terms' as IntentKey);
	if (till === 'kinds') does(KINDS, 'store', 'kinds' as IntentKey);
	if (till === 'gap') ledger.add([goesOn(others[0]), goesOn(others[0])].slice(1));
	if (till === 'forked') ledger.add([others[0]?.copy(), others[0]].map(goesOn));
	if (till === 'keys-twice') ledger.add([hub, own].map(renewsAgain));
	if (till === 'shifts') does([changedSetting({ name: 'shiftsRequired', value: true })], 'store', 'shifts' as IntentKey);

	/** Each approves other new keys for a till than the other did. */
	function renewsAgain(by: TestDevice, place: number): Entry {
		const [of = own] = others;
		const ends = Object.fromEntries(ledger.marks().flatMap(({ device: one, scope, seq, hash }) => (one === of.id ? [[scope, { seq, hash }]] : [])));
		const key = (place === 0 ? 'a1b2' : 'c3d4').repeat(16);
		const at = { countersigner: by.id, atMs: Date.now() - (2 - place) * 600_000 };
		return by.does([unsignedRenewal({ shop, device: of.id, key, ends, ...at })], { scope: 'store' });
	}

	/** Another till sells once more what was sold first. */
	function goesOn(other: TestDevice | undefined): Entry {
		const [first] = ledger.state.sales.values();
		if (first === undefined || other === undefined) throw new Error('nothing was sold, or nobody is there');
		return other.does([{ ...first.fact, receipt: other.receipt() }]);
	}

	/** A second branch of the store, and two products that cost something else here. */
	function chainFacts(): readonly object[] {
		const station = 'b2'.repeat(16) as BranchId;
		const named = (name: string): Sku => [...ledger.state.products.values()].find((one) => one.name.value === name)?.sku ?? ('' as Sku);
		const fromMs = Date.now() + 5 * 86_400_000;
		return [
			{ ...shop.device('Station hub', { role: 'hub', till: 90 }).enrolment(), branch: station },
			{ ...changedSetting({ name: 'branchName', value: 'Station Road' }), branch: station },
			...[ownPriced(named('Butter croissant'), shop.branch, 13_500), ownPriced(named('Baguette'), shop.branch, 9_900)],
			{ ...ownPriced(named('Butter croissant'), shop.branch, null), fromMs },
			{ ...priced(named('Baguette'), 11_500), v: 2, fromMs },
		];
	}

	const state = createView<StartState>(beginning(till));
	const catalogue = createView(EMPTY_CATALOGUE);
	const views = {
		atTill: createView<AtTillState>(
			till.startsWith('staff')
				? { state: till === 'staff-locked' ? 'locked' : 'in', person: (till === 'staff-owner' ? 'olga' : 'cas') as PersonId }
				: { state: 'everybody' },
		),
		lockRule: createView({ afterMinutes: 5, afterSale: false }),
		...{ catalogue, shop: createView(shopRow(ledger, device)), favourites: createView<readonly Sku[]>([]) },
		parked: createView<readonly ParkedRow[]>([]),
		...{
			conflicts: createView(conflictRows(ledger, own.id)),
			sync: createView(till === 'starting' ? noSyncYet() : syncNow()),
			receiptsVersion: createView(0),
			goodsVersion: createView(0),
			customersVersion: createView(0),
		},
		equipment: createView<Equipment>({
			...PLAIN_EQUIPMENT,
			...(till === 'no-paper' ? { printsBy: 'usb', prints: 'always' } : {}),
			...(till === 'busy' ? { printsBy: 'usb', prints: 'always', opensDrawer: true } : {}),
		}),
		update: createView<UpdateState>('none'),
		dropped: createView(till === 'dropped'),
		keysRenewedAtMs: createView<number | undefined>(undefined),
		keysGivenUp: createView(till === 'keys-given-up'),
		recovery: createView<RecoveryState>(
			till === 'recovery'
				? { state: 'unsaved', here: true }
				: till === 'recovery-saved'
					? { state: 'saved', savedAtMs: Date.now() }
					: { state: 'none' },
		),
		hubByCode: createView<HubByCode>(till === 'by-code' ? { state: 'known', access: 'denied' } : { state: 'none' }),
		room: createView(
			roomRow({ persisted: true, leftBytes: till === 'low-room' ? 30_000_000 : 10_000_000_000, usedBytes: 62_000_000, full: till === 'full-disk' }),
		),
	};
	refresh();
	views.favourites.set(
		catalogue
			.get()
			.rows.slice()
			.filter((_, place) => place % 9 === 4)
			.map(({ sku }) => sku),
	);

	/** Encrypted nowhere: the gallery keeps no secrets. */
	const names = new Map<CustomerId, Omit<CustomerFields, 'v'>>();
	const fieldsOf = (customer: CustomerId): CustomerFields | undefined => {
		const fields = names.get(customer);
		return fields === undefined || ledger.state.books.customers.get(customer)?.forgotten === true ? undefined : { v: 1, ...fields };
	};
	if (till !== 'empty') writeDownCustomers();

	/** As on the floor document; one is there, which another till put aside. */
	const floor: Record<string, string> = {};
	const [first] = catalogue.get().rows;
	if (first?.price !== undefined && others[0] !== undefined) {
		const { sku, name, unit, price, taxRate, taxPercentMilli, unitPriceE4 = 0 } = first;
		const line = { id: 'a', sku, name, quantityMilli: 2_000, unit, unitPriceE4, price, taxRate, taxPercentMilli };
		floor['of-till-2'] = JSON.stringify({ v: 1, cart: { lines: [line], changedAtMs: 1 }, atMs: Date.now() - 300_000, device: others[0].id });
	}
	const showParked = (): void => {
		views.parked.set(parkedRows(ledger, floor, device));
	};
	showParked();

	const by = (): PersonId | undefined => {
		const at = views.atTill.get();
		return at.state === 'in' ? at.person : undefined;
	};
	const isLocked = (): boolean => views.atTill.get().state === 'locked';
	const trouble = (): Trouble | undefined => (/full-disk$/.test(till) ? { trouble: 'storage-full', detail: 'the quota is used up' } : undefined);

	const written = <Value>(value: Value): Promise<Value> =>
		till.startsWith('slow-') ? new Promise((resolve) => setTimeout(resolve, SLOW_DISK_MS, value)) : soon(value);

	/** Of people, which a worker knows that has enough to do. */
	const named = <Value>(value: Value): Promise<Value> =>
		till === 'busy' ? new Promise((resolve) => setTimeout(resolve, SLOW_NAMES_MS, value)) : soon(value);
	const printer: string[] = [];
	let hasPaper = till !== 'no-paper';
	const outside: Outside = {
		printer,
		fillPrinter() {
			hasPaper = true;
		},
		neighbourSells(sku, pieces) {
			neighbourSells(sku as Sku, pieces);
			refresh();
		},
	};
	Object.assign(globalThis, { gallery: outside });

	const training = createView<Pick<Started, 'commands' | 'views'> | undefined>(undefined);
	const clock = { nowMs: () => Date.now() };
	function train(): void {
		const practice = createPractice(views.shop.get(), Date.now());
		const practised = createTrainingViews(allViews, views.shop.get(), views.favourites.get(), practice, () => Date.now());
		const { changed: onChanged, setFavourite, parked } = practised;
		const terms = () => views.shop.get();
		training.set({
			views: practised.views,
			commands: createTrainingCommands({ real: commands, practice, clock, terms, onChanged, setFavourite, parked, mark: trainingMark }),
		});
	}

	const commands: Commands = {
		newKey: () => crypto.randomUUID() as IntentKey,
		sell(cart, tenders, _approvedBy, foresee) {
			if (isLocked()) return soon(LOCKED);
			const known = done.get(cart.key);
			const wrong = trouble();
			if (known !== undefined || wrong !== undefined) return written((known ?? wrong) as Trouble);
			const { currency, cashRoundingMinor, shift, shiftsRequired } = views.shop.get();
			if (shiftsRequired === true && shift === undefined) return soon({ refused: 'no-shift-open' });
			const exchange = exchangeIn(cart, tenders);
			if (exchange !== undefined) {
				const answer = perform(exchange, cart.key);
				if (isRefusal(answer) || 'trouble' in answer) return soon(answer);
				const recorded = ledger.state.sales.get(answer.entry);
				if (recorded === undefined) throw new Error('an exchange that the ledger does not have');
				const { entry, fact } = recorded;
				const sale = { entry: entry.hash, receipt: fact.receipt, number: printReceipt(fact.receipt), fact, atMs: entry.header.at };
				done.set(cart.key, sale);
				sessionStorage.removeItem(CART);
				return soon(sale);
			}
			const receipt = own.receipt();
			const fact = completeSale(cart, tenders, { receipt, currency, cashRoundingMinor, shift });
			if (isRefusal(fact)) return soon(fact);
			const entry = does([fact, ...approvalsIn(cart)], 'branch', cart.key, by());
			const sale = { entry: entry.hash, receipt, number: printReceipt(receipt), fact, atMs: entry.header.at };
			done.set(cart.key, sale);
			sessionStorage.removeItem(CART);
			foresee?.(sale);
			refresh();
			return written(sale);
		},
		perform: (intent: Intent, key, approvedBy) => soon(perform(intent, key, approvedBy)),
		saveCustomer(fields, key, edits) {
			const customer = edits?.customer ?? (`customer-${ledger.state.books.customers.values().length + 1}` as CustomerId);
			const sealed = { customer, sealed: [...key].map((letter) => letter.charCodeAt(0).toString(16)).join(''), contacts: [] };
			const done = perform(
				edits === undefined ? { intent: 'add-customer', ...sealed } : { intent: 'edit-customer', ...sealed, replaces: edits.replaces },
				key,
			);
			if (!('entry' in done)) return soon(done);
			names.set(customer, fields);
			refresh();
			return written({ customer, again: false });
		},
		importProducts(_fileHash, products, onProgress) {
			onProgress(products.length, products.length);
			const answer = perform({ intent: 'import-products', products }, crypto.randomUUID() as IntentKey);
			return written('entry' in answer ? { done: products.length } : answer);
		},
		openCart: () => soon((JSON.parse(sessionStorage.getItem(CART) ?? 'null') as Cart | null) ?? undefined),
		lastPaid: () => soon(undefined),
		leavePaid: () => soon(undefined),
		saveCart(cart) {
			const wrong = trouble();
			if (wrong === undefined) sessionStorage.setItem(CART, JSON.stringify(cart));
			return soon(wrong ?? 'saved');
		},
		dropCart: () => soon(sessionStorage.removeItem(CART)),
		print(paper) {
			const printed = views.equipment.get().printsBy === 'browser' ? 'browser' : hasPaper ? 'printed' : 'out-of-paper';
			if (printed === 'printed') printer.push(paperText(paper, 42));
			return soon(printed);
		},
		openDrawer() {
			if (!views.equipment.get().opensDrawer) return soon('none');
			printer.push('drawer');
			return soon('printed');
		},
		notePrinted: () => soon(undefined),
		wasPrinted: () => soon(false),
		choosePrinter: () => soon('chosen'),
		setEquipment(next) {
			views.equipment.set(next);
			return soon('saved');
		},
		park(cart) {
			floor[cart.key] = JSON.stringify({ v: 1, cart: parkCart(cart), atMs: Date.now(), device: own.id });
			sessionStorage.removeItem(CART);
			showParked();
			return soon('parked');
		},
		dropParked(id) {
			if (!Reflect.has(floor, id)) return soon('gone');
			Reflect.deleteProperty(floor, id);
			showParked();
			return soon('dropped');
		},
		fetchParked(id) {
			const found = readParked(floor[id]);
			if (found === undefined) return soon('gone');
			Reflect.deleteProperty(floor, id);
			showParked();
			return soon(fetchCart(found.cart, id, crypto.randomUUID() as IntentKey, Date.now()));
		},
		setFavourite(sku, favourite) {
			const others = views.favourites.get().filter((other) => other !== sku);
			return soon(views.favourites.set(favourite ? [...others, sku] : others));
		},
		arrangeFavourites: (order) => soon(views.favourites.set(order)),
		workAlone: () => setAlone(true),
		reconnect: () => setAlone(false),
		joinCode: () => soon({ code: 'K7QM-42XR', setup: SETUP_CODE }),
		findHub: () => soon('noted'),
		askAgain: () => soon(undefined),
		unsent: () => soon({ sales: alone ? 3 : 0, others: 0 }),
		leaveShop: () => soon({ sales: 3, others: 0 }),
		saveJournal: () => soon({ name: 'till-1.journal', bytes: new Uint8Array() }),
		answerDispute: () => soon('answered'),
		openBranch: (_, ask) => soon(ask.startsWith('K7QM') ? 'opened' : { problem: { why: 'nobody-asks', error: '' } }),
		recovery: {
			code: () => soon({ groups: writeRecoveryCode(new Uint8Array(32).map((_, place) => place * 7)) }),
			file: () => soon({ name: 'holdfast-recovery.json', text: '{}' }),
			saved: () => soon({ problem: { why: 'wrong-group', figures: { group: 4 }, error: '' } }),
		},
		bringIn: () => soon({ added: 12, known: 3, refused: 0, code: 'K7PM-3QXD' }),
		async renewKeys(how) {
			if (typeof how === 'string') return soon({ notRenewed: how === 'K7QM-42XR' ? 'nobody' : 'wrong-code' });
			while (how.goesOn('482 913')) await new Promise((resolve) => setTimeout(resolve, 200));
			return { notRenewed: 'waiting' };
		},
		waitingRenewals(verdict) {
			if (verdict !== undefined) waitingKeys = [];
			return soon(waitingKeys);
		},
		confirmCarried: (code) => soon(code === 'K7PM-3QXD' ? 'confirmed' : 'no-such-code'),
		atTill: {
			signIn(person, pin) {
				if (pin !== PIN) return soon({ pin: 'wrong', waitMs: 30_000 });
				views.atTill.set({ state: 'in', person });
				return soon({ pin: 'right' });
			},
			vouch: (_person, pin) => soon(pin === PIN ? { pin: 'right' } : { pin: 'wrong', waitMs: 0 }),
			hash: () => soon('$argon2id$gallery'),
			lock() {
				views.atTill.set({ state: 'locked' });
			},
			touched: () => undefined,
			setRule(rule) {
				views.lockRule.set(rule);
				return soon('set');
			},
			mayRecover: () => soon(true),
			recover: () => soon('recovered'),
		},
		startTraining() {
			if (sessionStorage.getItem(CART) !== null) return soon('cart-open');
			train();
			return soon('training');
		},
		stopTraining: () => soon(training.set(undefined)),
	};

	function perform(
		intent: Intent,
		key: IntentKey,
		approvedBy?: PersonId,
	): { readonly entry: EntryHash; readonly number?: string } | Refusal | Trouble {
		const wrong = isLocked() ? LOCKED : trouble();
		if (wrong !== undefined) return wrong;
		const nextReceipt = own.receipt();
		const decision = decide(ledger, intent, {
			...{ nextReceipt, device: own.id, nowMs: Date.now() },
			...(by() === undefined ? {} : { by: by() }),
			...(approvedBy === undefined ? {} : { approvedBy }),
		} as DecideContext);
		if (isRefusal(decision)) return decision;
		const entries = (['branch', 'store'] as const).flatMap((scope) =>
			decision[scope].length === 0 ? [] : [does(decision[scope], scope, key, by())],
		);
		const first = entries[0];
		if (first === undefined) throw new Error('a decision without facts');
		refresh();
		return { entry: first.hash, ...(decision.takesReceipt ? { number: printReceipt(nextReceipt) } : {}) };
	}

	function refresh(): void {
		const rows = allRows(ledger, 0);
		search.index(rows);
		catalogue.set(updateCatalogue(catalogue.get(), { rows, whole: true, live: true }));
		views.shop.set(shopRow(ledger, device));
		views.conflicts.set(conflictRows(ledger, own.id));
		views.sync.set(syncNow());
		views.receiptsVersion.set(views.receiptsVersion.get() + 1);
		views.goodsVersion.set(views.goodsVersion.get() + 1);
		views.customersVersion.set(views.customersVersion.get() + 1);
	}

	/** The last of them was written down by a till whose key has not come yet. */
	function writeDownCustomers(): void {
		const people = [
			{ name: 'Ada Lovelace', phone: '+44 20 7946 0018', email: 'ada@example.org', card: 'TIDE 0417' },
			{ name: 'Grace Hopper', phone: '+44 20 7946 0171' },
			{ name: 'Ørjan Sæther', email: 'orjan@example.no', note: 'Rings when the crab is in' },
			undefined,
		];
		for (const [place, fields] of people.entries()) {
			const customer = `customer-${place + 1}` as CustomerId;
			if (fields !== undefined) names.set(customer, fields);
			does([{ type: 'customer.created', v: 1, customer, sealed: `0${place}`, contacts: [] }], 'store', `made-${customer}` as IntentKey);
		}
		if (till === 'customers-twice') {
			ledger.add([own, others[0] ?? own].map(writesDownMary));
			refresh();
		}
		const [ada] = names.keys();
		if (ada === undefined) return;
		does([{ type: 'credit.given', v: 1, customer: ada, amountMinor: 1250, reason: 'return' }], 'store', 'credit-of-a-return' as IntentKey);
		does([{ type: 'credit.used', v: 1, customer: ada, amountMinor: 400 }], 'store', 'credit-that-was-used' as IntentKey);
		const [sale] = ledger.state.sales.values();
		if (sale === undefined) return;
		const { customer: _nobody, ...fact } = sale.fact;
		does([{ ...fact, receipt: own.receipt(), customer: ada }], 'branch', 'sale-to-a-customer' as IntentKey);
	}

	/** Each by the same phone, and not knowing of the other. */
	function writesDownMary(by: TestDevice, place: number): Entry {
		const customer = `mary-${place + 1}` as CustomerId;
		names.set(customer, { name: place === 0 ? 'Mary Anning' : 'M. Anning', phone: '+44 20 7946 0123' });
		return by.does([{ type: 'customer.created', v: 1, customer, sealed: `1${place}`, contacts: ['c1'.repeat(16)] }], {
			scope: 'store',
			atMs: Date.now(),
		});
	}

	function earlierBy(count: number, { device: of, scope, seq }: Mark): Mark {
		const before = shop.entries.find(({ header }) => header.device === of && header.scope === scope && header.seq === seq - count);
		if (before === undefined) throw new Error(`no entry ${seq - count} of ${of}`);
		return { device: of, scope, seq: seq - count, hash: before.hash };
	}

	function syncNow(): ReturnType<typeof syncRow> {
		const nowMs = Date.now();
		const linked = till === 'hub-away' ? others : [hub, ...others];
		return syncRow(ledger, coverage, {
			...{ self: own.id, nowMs, workingAlone: alone, duplicates: 2, recalculating: false, damaged: 0, claimedSeq: new Map(), peerMarks: said },
			linked: alone
				? []
				: linked.map(({ id, role }) => ({
						device: id,
						transport: role === 'hub' ? 'websocket' : 'webrtc',
						connectedSinceMs: linkedSinceMs,
					})),
			lease: alone || till === 'hub-away' ? undefined : { holder: hub.id, sinceMs: linkedSinceMs, cloud: 'apart', heardAtMs: nowMs },
			watermarks:
				till === 'full-day'
					? [
							{
								issuer: hub.id,
								marks: [...known],
								tier: 'host',
								full: { devices: [own.id, ...others.map(({ id }) => id)], untilMs: nowMs + 7 * 3_600_000 },
							},
						]
					: [],
			log: [
				{ atMs: linkedSinceMs, event: { event: 'holder', device: hub.id } },
				{ atMs: nowMs - 600_000, event: { event: 'cloud', state: 'apart' } },
			],
		});
	}

	function setAlone(wanted: boolean): Promise<void> {
		alone = wanted;
		return soon(views.sync.set(syncNow()));
	}

	const allViews: Views = {
		...views,
		search: (text, limit) => soon(search.find(text, limit)),
		receipts: (text, limit) => soon(receiptRows(ledger, coverage, text, limit)),
		credit: (customer) => soon(creditLeft(ledger, customer)),
		receipt: (entry) => named(receiptDetail(ledger, coverage, entry)),
		receiptElsewhere: () => soon('one-branch' as const),
		movements: (sku, limit) => soon(movementRows(ledger, sku, limit)),
		elsewhere: () =>
			soon([
				{ branch: 'b1'.repeat(16) as BranchId, name: 'Harbour Street', onHandMilli: 12_000, atMs: Date.now() - 240_000 },
				{ branch: 'b2'.repeat(16) as BranchId, name: 'Station', onHandMilli: 0, atMs: Date.now() - 3_600_000 },
			]),
		startCount: (sku, count) => soon(countStart(ledger, sku, Date.now(), count)),
		ask: (name, ...args) =>
			soon(answerTo({ ledger, nowMs: Date.now(), onHandMilli: (sku) => ledger.state.stock.get(sku)?.onHandMilli ?? 0 }, name, args)),
		retired: () => soon(retiredRows(ledger, 0)),
		customers: (text, limit) => soon(customerRows(ledger, fieldsOf, text, limit)),
		customer: (customer) => named(customerDetail(ledger, coverage, fieldsOf, customer, 50)),
		customerByContact: (text) =>
			soon([...names].flatMap(([customer, { card }]) => (card === text.trim() ? [customerRow(ledger, fieldsOf, customer)] : []))),
		drawer: () => soon(drawerRow(ledger, own.id, Date.now())),
		shifts: (limit) => soon(shiftRows(ledger, limit)),
		zs: (limit) => soon(zRows(ledger, limit)),
		days: (limit) => soon(dayRows(ledger, limit)),
		day: (day) => soon(dayReportRow(ledger, day)),
	};
	if (till === 'training') train();

	return soon({
		state,
		setup: {
			claim: ({ kind, claimCode }) => soon(kind === 'demo' && claimCode !== 'WRONG' ? enrolledNow() : notLetIn('wrong-claim-code')),
			join: (code) => soon(code === 'WRONG' ? notLetIn('wrong-code') : enrolledNow()),
			joinBySetupCode: () => soon({ problem: 'nobody-there', doors: [{ host: '192.168.1.10', port: 4404 }], mayBeAsked: false }),
			getBack: () => soon({ problem: 'not-let-in', error: 'Group 4 of the code has a letter that is wrong. Look at the paper again.' }),
			bringJournal: () => soon({ added: 12, known: 3, refused: 0, code: 'K7PM-3QXD' }),
			branchAsk: () => soon({ code: 'K7QM-42XR-9BCD', text: BRANCH_ASK, ...(till === 'unclaimed-away' ? {} : { relay: 'wss://relay.example' }) }),
			asBranch: () =>
				soon({
					problem: 'not-let-in',
					error: 'That answers another code than K7QM-42XR-9BCD, which this hub shows now. Open the branch with this one.',
				}),
			comingBack: createView<number | undefined>(undefined),
			localNetwork: createView(till === 'no-hub' ? 'prompt' : 'unknown'),
			lookAgain: () => soon(undefined),
		},
		tabs: { takeOver: () => soon(state.set({ state: 'ready' })) },
		commands,
		training,
		views: allViews,
	});

	function enrolledNow(): 'enrolled' {
		state.set({ state: 'ready' });
		return 'enrolled';
	}
}

function beginning(till: string): StartState {
	const hub: HubInfo = { protocolVersion: 1, claimed: false, local: true, peer: 'gallery', multiaddrs: [] };
	switch (till) {
		case 'insecure':
			return { state: 'insecure', origin: 'http://192.168.1.20:4400' };
		case 'no-storage':
			return { state: 'no-storage', detail: 'The browser refused to open its database' };
		case 'second-tab':
			return { state: 'second-tab' };
		case 'no-hub':
			return { state: 'setup', hub: undefined };
		case 'unclaimed':
			return { state: 'setup', hub };
		case 'unclaimed-away':
			return { state: 'setup', hub: { ...hub, local: false } };
		case 'claimed':
			return { state: 'setup', hub: { ...hub, claimed: true, storeName: 'Tidewater Stores', branchName: 'Harbour Street' } };
		default:
			return { state: 'ready' };
	}
}

function notLetIn(why: NotLetIn): NotIn {
	return { problem: 'not-let-in', error: NOT_LET_IN[why], why };
}

const SLOW_DISK_MS = 600;
/** Within what a receipt waits for them. */
const SLOW_NAMES_MS = 600;

const soon = <Value>(value: Value): Promise<Value> => Promise.resolve(value);
