/**
 * What people do in a shop, one action a file entry: a name, how often, who may, and what is done through the till's own commands.
 *
 * To let the simulator use a new fact: add an action here that performs its intent, and teach `model.ts` what it does to the state.
 *
 * 1. An action uses what its own till shows and nothing else: it knows no more than the person in front of it.
 * 2. All chance is the action's own dice, drawn from the seed and the step: leaving out other steps moves nothing here.
 */
import { priceAt } from '#core/price.ts';
import { lineTotalMinor, roundToCash, sumMinor } from '#core/money.ts';
import { cashTender } from '#core/sale/complete-sale.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { ProductState, SaleState } from '#core/ledger/state.ts';
import type { SaleDone } from '#engine/commands.ts';
import type { Cart, CartLine } from '#schemas/cart.ts';
import type { Tender } from '#schemas/facts/sale-completed.ts';
import type { Gtin, IntentKey, Sku } from '#schemas/ids.ts';
import type { Process, Writer } from './machine.ts';
import type { Dice } from './random.ts';

/** Who acts, on which process, with which luck. */
export interface Actor {
	readonly process: Process;
	readonly writer: Writer;
	readonly ledger: Ledger;
	readonly dice: Dice;
	newKey(): IntentKey;
	/** The person takes so long. */
	wait(ms: number): Promise<void>;
	/** A mistake that the engine made, in words. */
	fail(words: string): never;
}

/** In words for the log: what came of it. */
export type Outcome = string;

export interface Action {
	readonly name: string;
	/** How often, against the others. */
	readonly weight: number;
	readonly by: 'till' | 'hub' | 'both';
	run(actor: Actor): Promise<Outcome>;
}

export const SKUS_AT_OPENING = 12;

export function skuNamed(number: number): Sku {
	return `SKU-${String(number).padStart(3, '0')}` as Sku;
}

export const ACTIONS: readonly Action[] = [
	{ name: 'sell', weight: 50, by: 'till', run: sell },
	{ name: 'sell-twice-tapped', weight: 4, by: 'till', run: (actor) => sell(actor, { tapsTwice: true }) },
	{ name: 'sell-parked', weight: 3, by: 'till', run: (actor) => sell(actor, { parked: `parked-${actor.dice.below(40)}` }) },
	{ name: 'refund', weight: 10, by: 'till', run: refund },
	{ name: 'exchange', weight: 4, by: 'till', run: exchange },
	{ name: 'resell', weight: 3, by: 'till', run: resell },
	{ name: 'refund-without-sale', weight: 1, by: 'till', run: refundWithoutSale },
	{ name: 'receive', weight: 6, by: 'both', run: receive },
	{ name: 'adjust', weight: 4, by: 'both', run: adjust },
	{ name: 'count', weight: 6, by: 'both', run: count },
	{ name: 'change-price', weight: 5, by: 'both', run: changePrice },
	{ name: 'edit-product', weight: 4, by: 'both', run: editProduct },
	{ name: 'retire', weight: 1, by: 'both', run: retire },
	{ name: 'create', weight: 2, by: 'both', run: create },
	{ name: 'change-setting', weight: 1, by: 'both', run: changeSetting },
	{ name: 'answer', weight: 7, by: 'both', run: answer },
];

// ——— at the counter

async function sell(actor: Actor, { tapsTwice = false, parked }: { readonly tapsTwice?: boolean; readonly parked?: string } = {}): Promise<Outcome> {
	const { ledger, dice, writer } = actor;
	const products = onSale(ledger);
	const lines: CartLine[] = [];
	for (let n = dice.between(1, 4); n > 0; n -= 1) {
		const product = dice.pickOr(products);
		const price = product && priceAt(product, ledger.branch, actor.process.clock.nowMs());
		if (product === undefined || price === undefined) continue;
		const taxPercentMilli = ledger.state.settings.value('taxRates')?.find(({ id }) => id === product.taxRate.value)?.percentMilli ?? 0;
		lines.push({
			...{ id: `line-${n}`, sku: product.sku, name: product.name.value, unit: product.unit.value },
			quantityMilli: product.unit.value === 'kg' ? dice.between(50, 2_500) : dice.between(1, 3) * 1000,
			...{ unitPriceE4: price.unitPriceE4, price: price.entry, taxRate: product.taxRate.value, taxPercentMilli },
		});
	}
	const cart: Cart = { key: actor.newKey(), lines, changedAtMs: actor.process.clock.nowMs(), ...(parked === undefined ? {} : { parked }) };
	if (lines.length === 0) return 'nothing on sale';
	await saveCart(actor, cart);
	// While the customer looks for the purse others sell, prices change and the till may lose its power.
	await actor.wait(dice.between(100, 12_000));
	const tenders = tendersFor(actor, cart);
	const done = writer.till.sell(cart, tenders);
	if (!tapsTwice) return soldOutcome(await done);
	const second = writer.till.sell(cart, tenders);
	const outcomes = [await done, await second];
	const [first, again] = outcomes.map((outcome) => ('fact' in outcome ? outcome : undefined));
	if (first !== undefined && again !== undefined && first.entry !== again.entry)
		actor.fail(`one cart, tapped twice, became two sales: ${first.number} and ${again.number}`);
	return soldOutcome(outcomes[0] as SaleDone);
}

/** What lies open after a crash is paid under the same key. */
export async function payOpenCart(actor: Actor): Promise<Outcome> {
	const [cart] = await actor.writer.vault.carts();
	if (cart === undefined) return 'no open cart';
	if (actor.dice.chance(0.3)) {
		await actor.writer.vault.dropCart(cart.key, actor.writer.ownership).catch(() => undefined); // A full disk: it stays open.
		return 'cart dropped';
	}
	return soldOutcome(await actor.writer.till.sell(cart, tendersFor(actor, cart)));
}

async function saveCart({ writer }: Actor, cart: Cart): Promise<void> {
	// As `boot.ts` does: with the number that this tab was given. A disk that is full loses the cart, never a sale.
	await writer.saveCart(cart).catch(() => undefined);
}

function tendersFor({ ledger, dice }: Actor, cart: Cart): readonly Tender[] {
	const currency = ledger.state.settings.value('currency') ?? { code: 'GBP', digits: 2 };
	const coin = ledger.state.settings.value('cashRoundingMinor') ?? 1;
	const totalMinor = sumMinor(cart.lines.map((line) => lineTotalMinor(line.quantityMilli, line.unitPriceE4, currency)));
	const by = dice.below(10);
	if (by < 4) return [{ type: 'card', amountMinor: totalMinor }];
	if (by < 9 || totalMinor < 2) {
		const dueMinor = roundToCash(totalMinor, coin);
		return [cashTender(dueMinor, dueMinor + dice.below(3) * 500)];
	}
	const cardMinor = Math.floor(totalMinor / 2);
	const restMinor = roundToCash(totalMinor - cardMinor, coin);
	return [{ type: 'card', amountMinor: cardMinor }, cashTender(restMinor, restMinor)];
}

function soldOutcome(done: Awaited<ReturnType<Writer['till']['sell']>>): Outcome {
	if (isRefusal(done)) return `refused ${done.refused}`;
	return 'trouble' in done ? `trouble ${done.trouble}` : `sold ${done.number}`;
}

async function refund(actor: Actor): Promise<Outcome> {
	const { ledger, dice } = actor;
	const sale = dice.pickOr(refundable(ledger).slice(-30));
	if (sale === undefined) return 'nothing to refund';
	const lines = sale.fact.lines.flatMap((line, saleLine) => {
		const leftMilli = line.quantityMilli - (sale.refundedMilli[saleLine] ?? 0);
		if (leftMilli <= 0 || dice.chance(0.4)) return [];
		return [{ saleLine, quantityMilli: dice.chance(0.5) ? leftMilli : Math.max(1, Math.floor(leftMilli / 2)), restock: dice.chance(0.7) }];
	});
	if (lines.length === 0) return 'nothing to refund';
	return perform(actor, { intent: 'refund', sale: sale.entry.hash, lines, tender: dice.chance(0.6) ? 'cash' : 'card', reason: 'did not fit' });
}

/** What is left of a line comes back, one piece of something else goes out. */
async function exchange(actor: Actor): Promise<Outcome> {
	const { ledger, dice } = actor;
	const sale = dice.pickOr(refundable(ledger).slice(-30));
	const saleLine = sale?.fact.lines.findIndex((line, index) => line.quantityMilli > (sale.refundedMilli[index] ?? 0)) ?? -1;
	const line = sale?.fact.lines[saleLine];
	const product = dice.pickOr(onSale(ledger).filter(({ unit }) => unit.value === 'each'));
	if (sale === undefined || line === undefined || product?.price === undefined) return 'nothing to exchange';
	const out: CartLine = { id: 'out', ...lineFor(actor, product, product.price.value), quantityMilli: 1000, price: product.price.entry };
	const backMinor = line.totalMinor - (sale.refundedMinor[saleLine] ?? 0);
	const dueMinor = lineTotalMinor(1000, out.unitPriceE4, sale.fact.currency) - backMinor;
	return perform(actor, {
		intent: 'exchange',
		returned: {
			sale: sale.entry.hash,
			lines: [{ saleLine, quantityMilli: line.quantityMilli - (sale.refundedMilli[saleLine] ?? 0), restock: dice.chance(0.7) }],
		},
		cart: { key: actor.newKey(), lines: [out], changedAtMs: actor.process.clock.nowMs() },
		tenders: dueMinor > 0 ? [{ type: 'card', amountMinor: dueMinor }] : [],
		back: dice.chance(0.5) ? 'cash' : 'card',
	});
}

/** Out of the returned goods, at half the price. Two tills may find the same piece. */
async function resell(actor: Actor): Promise<Outcome> {
	const { ledger, dice, writer } = actor;
	const lying = dice.pickOr(
		ledger.state.books.returnedGoods
			.values()
			.filter((one) => one.returnedMilli > one.resoldMilli)
			.slice(-8),
	);
	const product = lying?.sku === undefined ? undefined : ledger.state.products.get(lying.sku);
	if (lying === undefined || product?.price === undefined) return 'nothing to resell';
	const resaleOf = { refund: lying.refund, line: lying.line };
	const line: CartLine = { id: 'resale', ...lineFor(actor, product, Math.floor(product.price.value / 2)), quantityMilli: 1000, resaleOf };
	const cart: Cart = { key: actor.newKey(), lines: [line], changedAtMs: actor.process.clock.nowMs() };
	await saveCart(actor, cart);
	return soldOutcome(await writer.till.sell(cart, tendersFor(actor, cart)));
}

function lineFor({ ledger }: Actor, { sku, name, unit, taxRate }: ProductState, unitPriceE4: number): Omit<CartLine, 'id' | 'quantityMilli'> {
	const taxPercentMilli = ledger.state.settings.value('taxRates')?.find(({ id }) => id === taxRate.value)?.percentMilli ?? 0;
	return { sku, name: name.value, unit: unit.value, unitPriceE4, taxRate: taxRate.value, taxPercentMilli };
}

async function refundWithoutSale(actor: Actor): Promise<Outcome> {
	const product = actor.dice.pickOr(onSale(actor.ledger));
	if (product?.price === undefined) return 'nothing on sale';
	const line = { sku: product.sku, quantityMilli: 1000, totalMinor: actor.dice.between(1, 900), restock: actor.dice.chance(0.5) };
	return perform(actor, { intent: 'refund-without-sale', lines: [line], tender: 'cash' });
}

// ——— in the stockroom

async function receive(actor: Actor): Promise<Outcome> {
	const skus = actor.dice.shuffled(onSale(actor.ledger)).slice(0, actor.dice.between(1, 3));
	const lines = skus.map(({ sku }) => ({ sku, quantityMilli: actor.dice.between(1, 20) * 1000 }));
	return perform(actor, { intent: 'receive', lines, reference: `delivery ${actor.dice.below(1000)}` });
}

async function adjust(actor: Actor): Promise<Outcome> {
	const product = actor.dice.pickOr(known(actor.ledger));
	if (product === undefined) return 'no product';
	const units = actor.dice.pick([-2, -1, 1]);
	const reason = units > 0 ? 'found' : actor.dice.pick(['damage', 'waste', 'theft', 'own-use'] as const);
	return perform(actor, { intent: 'adjust', lines: [{ sku: product.sku, quantityMilli: units * 1000 }], reason });
}

/** Counted now, written down later: selling goes on in between. */
async function count(actor: Actor): Promise<Outcome> {
	const { ledger, dice } = actor;
	const skus = dice.shuffled(known(ledger)).slice(0, dice.between(1, 3));
	const asOf = { hlc: ledger.hlc(), marks: ledger.marks().filter(({ scope }) => scope === 'branch') };
	const lines = skus.map(({ sku }) => ({
		...{ sku, asOf },
		quantityMilli: Math.max(0, (ledger.state.stock.get(sku)?.onHandMilli ?? 0) + dice.pick([0, 0, -1000, 1000])),
	}));
	await actor.wait(dice.between(0, 30_000));
	return perform(actor, { intent: 'count', lines });
}

// ——— in the office

/** The form is opened, others write, the form is sent. */
async function changePrice(actor: Actor): Promise<Outcome> {
	const product = actor.dice.pickOr(known(actor.ledger));
	if (product === undefined) return 'no product';
	const unitPriceE4 = actor.dice.between(50, 2_000) * 100;
	const own = product.branchPrices?.find(({ branch }) => branch === actor.ledger.branch)?.price;
	const price = actor.dice.chance(0.3)
		? { ownPriceE4: { value: actor.dice.chance(0.3) ? null : unitPriceE4, replaces: [...(own?.replaces ?? [])] } }
		: { unitPriceE4: { value: unitPriceE4, replaces: [...(product.price?.replaces ?? [])] } };
	await actor.wait(actor.dice.between(0, 20_000));
	return perform(actor, { intent: 'edit-product', sku: product.sku, fields: {}, ...price });
}

async function editProduct(actor: Actor): Promise<Outcome> {
	const { dice } = actor;
	const product = dice.pickOr(known(actor.ledger));
	if (product === undefined) return 'no product';
	const { sku, name, category } = product;
	const fields = dice.chance(0.6)
		? { name: { value: `Name ${dice.below(50)}`, replaces: [...name.replaces] } }
		: { category: { value: `Aisle ${dice.below(4)}`, replaces: [...category.replaces] } };
	await actor.wait(dice.between(0, 20_000));
	return perform(actor, { intent: 'edit-product', sku, fields });
}

async function retire(actor: Actor): Promise<Outcome> {
	const product = actor.dice.pickOr(onSale(actor.ledger));
	return product === undefined ? 'nothing on sale' : perform(actor, { intent: 'retire-product', sku: product.sku });
}

/** A new one, or one that was retired brought back. */
async function create(actor: Actor): Promise<Outcome> {
	const { dice } = actor;
	const sku = skuNamed(dice.between(1, SKUS_AT_OPENING + 6));
	return perform(actor, {
		intent: 'create-products',
		products: [
			{
				sku,
				fields: {
					...{ name: `New ${dice.below(100)}`, category: 'New', unit: dice.chance(0.2) ? 'kg' : 'each' },
					...{ gtins: [] as Gtin[], taxRate: dice.pick(['standard', 'zero']), tracked: dice.chance(0.8) },
				},
				unitPriceE4: dice.between(50, 2_000) * 100,
				...(dice.chance(0.5) ? { openingMilli: dice.between(1, 9) * 1000 } : {}),
			},
		],
	});
}

async function changeSetting(actor: Actor): Promise<Outcome> {
	const value = `Thank you ${actor.dice.below(20)}`;
	return perform(actor, { intent: 'change-setting', setting: { name: 'receiptFooter', value } });
}

/** What an answer may do here: what `model.ts` can follow. Cutting a peer off is the faults' matter. */
const ANSWERS: ReadonlySet<string> = new Set([
	...['adjust', 'owe', 'count', 'nothing', 'note-debt', 'compensate', 'set-field'],
	...['ask-again', 'declare-lost', 'let-count', 'reject', 'keep-till'],
]);

/** Somebody looks at the list and taps a choice. */
async function answer(actor: Actor): Promise<Outcome> {
	const { ledger, dice } = actor;
	const conflict = dice.pickOr(ledger.conflicts());
	if (conflict === undefined) return 'no conflict';
	const choice = dice.pickOr(conflict.choices);
	if (choice === undefined) return 'no choice';
	if (!ANSWERS.has(choice.effect.does)) return 'not now';
	// Nobody here means to hand the shop over.
	const facts = conflict.members.flatMap(({ entry }) => entry.facts);
	if (choice.effect.does === 'let-count' && facts.some((fact) => 'type' in fact && fact.type === 'device.revoked')) return 'not now';
	const options = choice.asks?.options;
	const value =
		options !== undefined && (choice.asks?.optional !== true || dice.chance(0.5))
			? dice.pickOr(options)
			: choice.effect.does === 'count'
				? String(dice.below(12))
				: choice.asks === undefined || choice.asks.optional === true
					? undefined
					: choice.asks.type === 'text'
						? `Typed ${dice.below(10)}`
						: String(dice.between(1, 9));
	await actor.wait(dice.between(0, 5_000));
	const outcome = await perform(actor, {
		...{ intent: 'resolve', conflict: conflict.id, choice: choice.id },
		...(value === undefined ? {} : { value }),
	});
	return `${conflict.kind} ${choice.id.slice(0, 12)}: ${outcome}`;
}

// ——— shared

async function perform(actor: Actor, intent: Intent): Promise<Outcome> {
	const done = await actor.writer.till.perform(intent, actor.newKey());
	if (isRefusal(done)) return `refused ${done.refused}`;
	return 'trouble' in done ? `trouble ${done.trouble}` : 'done';
}

function known(ledger: Ledger): readonly ProductState[] {
	return [...ledger.state.products.values()].sort((a, b) => (a.sku < b.sku ? -1 : 1));
}

function onSale(ledger: Ledger): readonly ProductState[] {
	return known(ledger).filter(({ retired, price }) => !retired && price !== undefined);
}

function refundable(ledger: Ledger): readonly SaleState[] {
	return [...ledger.state.sales.values()].filter(({ counts }) => counts).sort((a, b) => (a.entry.hash < b.entry.hash ? -1 : 1));
}
