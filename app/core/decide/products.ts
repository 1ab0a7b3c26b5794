/**
 * Products made, edited, imported, retired.
 *
 * 1. A retired product's SKU may be created again: that brings it back.
 * 2. An import of what is already so decides nothing; the same file twice changes the shop once.
 * 3. A branch's own price is set, planned and ended in that branch. A product that is created again costs everywhere what its creation says.
 */
import { normalizeGtin } from '#core/gtin.ts';
import type { DecideContext, Intent, ProductDraft, Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { PRODUCT_EXTRAS, PRODUCT_FIELDS } from '#core/ledger/products.ts';
import type { ProductState } from '#core/ledger/state.ts';
import { ownPriceAt, storePriceAt } from '#core/price.ts';
import type { BranchPriceChanged } from '#schemas/facts/branch-price-changed.ts';
import type { PriceChanged } from '#schemas/facts/price-changed.ts';
import type { ProductCreated, ProductExtra, ProductFields } from '#schemas/facts/product-created.ts';
import type { ProductEdited } from '#schemas/facts/product-edited.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { BranchId, EntryHash, Gtin, Sku } from '#schemas/ids.ts';
import type { Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;
type EditedFields = { -readonly [Field in keyof ProductEdited['fields']]: ProductEdited['fields'][Field] };

type Now = Pick<DecideContext, 'nowMs'>;

const MOST_LINES = 2000;

export function createProducts(ledger: Ledger, drafts: readonly ProductDraft[], now: Now): Facts | Refusal {
	if (drafts.length === 0) return { refused: 'nothing-changed' };
	const known = new Set<Sku>();
	for (const { sku } of drafts) {
		const product = ledger.state.products.get(sku);
		if (known.has(sku) || (product !== undefined && !product.retired)) return { refused: 'sku-taken', sku };
		known.add(sku);
	}
	return fromDrafts(ledger, drafts, now);
}

/** Of two rows with one SKU the later counts, as in a spreadsheet that was corrected at its end. */
export function importProducts(ledger: Ledger, drafts: readonly ProductDraft[], now: Now): Facts | Refusal {
	return fromDrafts(ledger, [...new Map(drafts.map((draft) => [draft.sku, draft])).values()], now);
}

function fromDrafts(ledger: Ledger, drafts: readonly ProductDraft[], now: Now): Facts | Refusal {
	const store: Fact[] = [];
	const opening: { sku: Sku; quantityMilli: number }[] = [];
	for (const draft of drafts) {
		const { sku, openingMilli } = draft;
		const gtins = normalGtins(draft.fields.gtins);
		if (gtins === undefined) return { refused: 'gtin-invalid', sku, gtin: draft.fields.gtins.find((gtin) => normalizeGtin(gtin) === undefined) };
		const fields: ProductFields = { ...draft.fields, gtins };
		if (!isTaxRate(ledger, fields.taxRate)) return { refused: 'value-invalid', sku, field: 'taxRate', reason: `no tax rate "${fields.taxRate}"` };
		if (openingMilli !== undefined && (!Number.isSafeInteger(openingMilli) || openingMilli < 0)) return { refused: 'quantity-not-positive', sku };
		const product = ledger.state.products.get(sku);
		const isNew = product === undefined || product.retired;
		if (isNew) store.push(creationOf(sku, fields, product));
		else store.push(...differences(product, fields));
		const price = product && storePriceAt(product, now.nowMs);
		if (isNew || price?.unitPriceE4 !== draft.unitPriceE4) store.push(priceOf(sku, draft.unitPriceE4, price?.replaces ?? []));
		for (const { branch } of isNew ? (product?.branchPrices ?? []) : [])
			if (branch !== ledger.branch) store.push(...differentOwn(product, sku, branch, null, now));
		if (isNew || draft.ownPriceE4 !== undefined) store.push(...differentOwn(product, sku, ledger.branch, draft.ownPriceE4 ?? null, now));
		// Opening stock is said once: goods that a shop already moves are received or counted, not opened again.
		if (openingMilli !== undefined && openingMilli > 0 && !ledger.state.stock.has(sku)) opening.push({ sku, quantityMilli: openingMilli });
	}
	if (store.length === 0 && opening.length === 0) return { refused: 'nothing-changed' };
	if (opening.length > MOST_LINES) return { refused: 'too-many-lines', most: MOST_LINES };
	return { store, branch: opening.length === 0 ? [] : [{ type: 'stock.received', v: 1, lines: opening, reference: 'opening stock' }] };
}

/** What was retired and is created again has nothing left of what only some products have, unless its draft says so. */
function creationOf(sku: Sku, { draws, variant, deposit, ageLimit, ...fields }: ProductFields, before: ProductState | undefined): ProductCreated {
	const wanted: Record<ProductExtra, unknown> = { draws, variant, deposit, ageLimit };
	const said = PRODUCT_EXTRAS.filter((which) => (wanted[which] ?? null) !== null || (before?.[which]?.value ?? null) !== null);
	const extras = Object.fromEntries(said.map((which) => [which, wanted[which] ?? null])) as Pick<ProductFields, ProductExtra>;
	return { type: 'product.created', v: said.length === 0 ? 1 : 2, sku, ...fields, ...extras };
}

function differences(product: ProductState, fields: ProductFields): readonly Fact[] {
	const changed: Record<string, unknown> = {};
	for (const field of PRODUCT_FIELDS) {
		if (!isSame(product[field].value, fields[field])) changed[field] = { value: fields[field], replaces: [...product[field].replaces] };
	}
	const plain = Object.keys(changed).length;
	for (const extra of PRODUCT_EXTRAS) {
		const [before, wanted] = [product[extra], fields[extra]];
		if (wanted === undefined || isSame(before?.value ?? null, wanted)) continue;
		changed[extra] = { value: wanted, replaces: [...(before?.replaces ?? [])] };
	}
	const count = Object.keys(changed).length;
	return count === 0 ? [] : [{ type: 'product.edited', v: count === plain ? 1 : 2, sku: product.sku, fields: changed as EditedFields }];
}

/** One that was never set is as everywhere. */
function differentOwn(
	product: ProductState | undefined,
	sku: Sku,
	branch: BranchId,
	unitPriceE4: number | null,
	{ nowMs }: Now,
): readonly BranchPriceChanged[] {
	const own = product && ownPriceAt(product, branch, nowMs);
	return (own?.unitPriceE4 ?? null) === unitPriceE4 ? [] : [ownPriceOf(sku, branch, unitPriceE4, own?.replaces ?? [])];
}

export function editProduct(ledger: Ledger, { sku, fields, unitPriceE4, ownPriceE4 }: Of<'edit-product'>, { nowMs }: Now): Facts | Refusal {
	const product = ledger.state.products.get(sku);
	if (product === undefined) return { refused: 'no-such-product', sku };
	const changed: Record<string, unknown> = {};
	for (const field of PRODUCT_FIELDS) {
		const edit = fields[field];
		if (edit === undefined) continue;
		const value = field === 'gtins' ? normalGtins(edit.value as readonly Gtin[]) : edit.value;
		if (value === undefined)
			return { refused: 'gtin-invalid', sku, gtin: (edit.value as readonly Gtin[]).find((gtin) => normalizeGtin(gtin) === undefined) };
		if (field === 'taxRate' && !isTaxRate(ledger, String(value)))
			return { refused: 'value-invalid', sku, field, reason: `no tax rate "${String(value)}"` };
		// Writing what stands is no change, unless it settles what stands beside it.
		if (isSame(product[field].value, value) && product[field].frontier.length === 1) continue;
		changed[field] = { value, replaces: [...edit.replaces] };
	}
	const store: Fact[] = Object.keys(changed).length === 0 ? [] : [{ type: 'product.edited', v: 1, sku, fields: changed as EditedFields }];
	const isApart = (frontier: readonly unknown[] = []): boolean => frontier.length > 1;
	const now = storePriceAt(product, nowMs)?.unitPriceE4;
	if (unitPriceE4 !== undefined && (now !== unitPriceE4.value || isApart(product.price?.frontier)))
		store.push(priceOf(sku, unitPriceE4.value, unitPriceE4.replaces));
	const own = product.branchPrices?.find(({ branch }) => branch === ledger.branch)?.price?.frontier;
	const ownNow = ownPriceAt(product, ledger.branch, nowMs)?.unitPriceE4 ?? null;
	if (ownPriceE4 !== undefined && (ownNow !== ownPriceE4.value || isApart(own)))
		store.push(ownPriceOf(sku, ledger.branch, ownPriceE4.value, ownPriceE4.replaces));
	return store.length === 0 ? { refused: 'nothing-changed' } : { store };
}

export function retireProduct(ledger: Ledger, { sku }: Of<'retire-product'>): Facts | Refusal {
	const product = ledger.state.products.get(sku);
	if (product === undefined) return { refused: 'no-such-product', sku };
	if (product.retired) return { refused: 'nothing-changed' };
	return { store: [{ type: 'product.retired', v: 1, sku }] };
}

export function restoreProduct(ledger: Ledger, { sku }: Of<'restore-product'>): Facts | Refusal {
	const product = ledger.state.products.get(sku);
	if (product === undefined) return { refused: 'no-such-product', sku };
	return product.retired ? { store: [{ type: 'product.restored', v: 1, sku }] } : { refused: 'nothing-changed' };
}

/** What other branches have left of it they move over themselves: it stands in their stock lists until they do. */
export function mergeProducts(ledger: Ledger, { sku, into }: Of<'merge-products'>): Facts | Refusal {
	const { products, stock } = ledger.state;
	const [product, other] = [products.get(sku), products.get(into)];
	if (product === undefined || sku === into) return { refused: 'no-such-product', sku };
	if (other === undefined || other.retired) return { refused: 'no-such-product', sku: into };
	if (product.mergedInto === into) return { refused: 'nothing-changed' };
	const onHandMilli = stock.get(sku)?.onHandMilli ?? 0;
	const gtins = [...new Set([...other.gtins.value, ...product.gtins.value])];
	const codes: ProductEdited = { type: 'product.edited', v: 1, sku: into, fields: { gtins: { value: gtins, replaces: [...other.gtins.replaces] } } };
	return {
		store: [{ type: 'product.merged', v: 1, sku, into }, ...(gtins.length > other.gtins.value.length ? [codes] : [])],
		branch:
			onHandMilli === 0
				? []
				: [
						{
							...{ type: 'stock.adjusted', v: 1, reason: 'other', note: `merged ${sku} into ${into}` },
							lines: [
								{ sku, quantityMilli: -onHandMilli },
								{ sku: into, quantityMilli: onHandMilli },
							],
						},
					],
	};
}

/** Names what stands now: whoever sets another price before the moment, without knowing of this one, changes only what stands until then. */
export function planPrice(ledger: Ledger, { sku, unitPriceE4, fromMs }: Of<'plan-price'>): Facts | Refusal {
	const product = ledger.state.products.get(sku);
	if (product === undefined) return { refused: 'no-such-product', sku };
	const sameMoment = product.planned.filter((one) => one.fromMs === fromMs);
	if (sameMoment.length === 1 && sameMoment[0]?.unitPriceE4 === unitPriceE4) return { refused: 'nothing-changed' };
	return { store: [{ type: 'price.changed', v: 2, sku, unitPriceE4, fromMs, replaces: sameMoment.map(({ entry }) => entry) }] };
}

/** As with the store's. Where nothing of its own holds by then, nothing of its own can end. */
export function planOwnPrice(ledger: Ledger, { sku, unitPriceE4, fromMs }: Of<'plan-own-price'>, { nowMs }: Now): Facts | Refusal {
	const product = ledger.state.products.get(sku);
	if (product === undefined) return { refused: 'no-such-product', sku };
	const planned = product.branchPrices?.find(({ branch }) => branch === ledger.branch)?.planned ?? [];
	const sameMoment = planned.filter((one) => one.fromMs === fromMs);
	if (sameMoment.length === 1 && sameMoment[0]?.unitPriceE4 === unitPriceE4) return { refused: 'nothing-changed' };
	const holdsByThen = ownPriceAt(product, ledger.branch, Math.max(nowMs, fromMs - 1));
	if (unitPriceE4 === null && sameMoment.length === 0 && (holdsByThen?.unitPriceE4 ?? null) === null) return { refused: 'nothing-changed' };
	const replaces = sameMoment.map(({ entry }) => entry);
	return { store: [{ ...ownPriceOf(sku, ledger.branch, unitPriceE4, replaces), fromMs }] };
}

/** The price of now once more, in the place of the planned one: nothing but its coming is taken away. */
export function cancelPrice(ledger: Ledger, { sku, entry }: Of<'cancel-price'>, { nowMs }: Now): Facts | Refusal {
	const product = ledger.state.products.get(sku);
	if (product === undefined) return { refused: 'no-such-product', sku };
	const isIt = (one: { readonly entry: EntryHash; readonly fromMs: number }): boolean => one.entry === entry && one.fromMs > nowMs;
	const own = product.branchPrices?.find(({ branch }) => branch === ledger.branch)?.planned.some(isIt) === true;
	const now = own ? ownPriceAt(product, ledger.branch, nowMs) : storePriceAt(product, nowMs);
	const replaces = [...new Set([...(now?.replaces ?? []), entry])];
	if (own) return { store: [ownPriceOf(sku, ledger.branch, now?.unitPriceE4 ?? null, replaces)] };
	if (!product.planned.some(isIt) || typeof now?.unitPriceE4 !== 'number') return { refused: 'no-such-price', sku };
	return { store: [priceOf(sku, now.unitPriceE4, replaces)] };
}

export function setProductExtras(ledger: Ledger, { sku, extras }: Of<'set-product-extras'>): Facts | Refusal {
	const product = ledger.state.products.get(sku);
	if (product === undefined) return { refused: 'no-such-product', sku };
	const named = [extras.deposit, extras.draws?.sku].filter((one) => one !== undefined && one !== null);
	const unknown = named.find((one) => one === sku || !ledger.state.products.has(one));
	if (unknown !== undefined) return { refused: 'no-such-product', sku: unknown };
	const changed: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(extras)) {
		const before = product[name as ProductExtra];
		if (isSame(before?.value ?? null, value) && (before?.frontier.length ?? 1) === 1) continue;
		changed[name] = { value, replaces: [...(before?.replaces ?? [])] };
	}
	if (Object.keys(changed).length === 0) return { refused: 'nothing-changed' };
	return { store: [{ type: 'product.edited', v: 2, sku, fields: changed as EditedFields }] };
}

/** Undefined when one of them is no GTIN. Each code once, as the world writes it. */
export function normalGtins(gtins: readonly string[]): Gtin[] | undefined {
	const normal = gtins.map(normalizeGtin);
	return normal.some((gtin) => gtin === undefined) ? undefined : [...new Set(normal.filter((gtin) => gtin !== undefined))];
}

/** Before a shop has rates, any name will do. */
export function isTaxRate(ledger: Ledger, rate: string): boolean {
	return ledger.state.settings.value('taxRates')?.some(({ id }) => id === rate) ?? true;
}

function priceOf(sku: Sku, unitPriceE4: number, replaces: readonly EntryHash[]): PriceChanged {
	return { type: 'price.changed', v: 1, sku, unitPriceE4, replaces: [...replaces] };
}

function ownPriceOf(sku: Sku, branch: BranchId, unitPriceE4: number | null, replaces: readonly EntryHash[]): BranchPriceChanged {
	return { type: 'branchPrice.changed', v: 1, sku, branch, unitPriceE4, replaces: [...replaces] };
}

function isSame(a: unknown, b: unknown): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
