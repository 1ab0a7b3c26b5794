/**
 * A product is what its creation and its edits fold to, field by field.
 *
 * 1. A product is there once its creation is; edits and prices that come earlier wait for it.
 * 2. A creation replaces what it had seen; an edit replaces what it names.
 * 3. Retired (or merged into another) is retired, until a creation or a restoration that had seen it brings it back.
 * 4. A price from a moment on waits beside the one that stands, until its moment comes or a later price replaces it. What holds at a moment is asked with
 *    a clock (`core/price.ts`): the fold has none.
 * 5. A branch's own prices are folded by themselves: what one of them names as replaced is one of that branch's, and the store's prices know nothing of them.
 */
import { compareEntries, compareText } from '#core/entry/order.ts';
import type { BranchPriceChanged } from '#schemas/facts/branch-price-changed.ts';
import type { PriceChanged } from '#schemas/facts/price-changed.ts';
import type { ProductCreated, ProductExtra, ProductField, ProductFields } from '#schemas/facts/product-created.ts';
import type { ProductEdited } from '#schemas/facts/product-edited.ts';
import type { ProductMerged } from '#schemas/facts/product-merged.ts';
import type { ProductRestored } from '#schemas/facts/product-restored.ts';
import type { ProductRetired } from '#schemas/facts/product-retired.ts';
import type { BranchId, Sku } from '#schemas/ids.ts';
import type { Chains, EntryRecord } from './chains.ts';
import type { BranchPrices, Prices, ProductExtras, ProductState, ValueState } from './state.ts';
import { foldValue, replacesNamed, type Assignment } from './values.ts';

export type PriceFact = PriceChanged | BranchPriceChanged;
export type ProductFact = ProductCreated | ProductEdited | ProductRetired | ProductRestored | ProductMerged | PriceFact;

export interface ProductSubject {
	readonly sku: Sku;
	readonly changes: { readonly record: EntryRecord; readonly fact: ProductFact }[];
}

export const PRODUCT_EXTRAS: readonly ProductExtra[] = ['draws', 'variant', 'deposit', 'ageLimit'];
export const PRODUCT_FIELDS: readonly ProductField[] = ['name', 'category', 'unit', 'gtins', 'taxRate', 'tracked'];

export function foldProduct({ sku, changes }: ProductSubject, chains: Chains): ProductState | undefined {
	return foldUntouched(changes) ?? foldChanges({ sku, changes }, chains);
}

/** As it was created, with one price: so are nearly all of a shop's thousands, and a start folds them all. */
function foldUntouched([one, other, third]: ProductSubject['changes']): ProductState | undefined {
	if (third !== undefined || one?.fact.type !== 'product.created' || !isPlain(one.record)) return undefined;
	const { record, fact } = one;
	if (PRODUCT_EXTRAS.some((which) => fact[which] !== undefined)) return undefined;
	if (other !== undefined && (other.fact.type !== 'price.changed' || other.fact.fromMs !== undefined || !isPlain(other.record))) return undefined;
	const replaces = [record.hash];
	const as = <Value>(value: Value): ValueState<Value> => ({ value, entry: record.hash, frontier: [{ entry: record.hash, value }], replaces });
	return {
		sku: fact.sku,
		...{ name: as(fact.name), category: as(fact.category), unit: as(fact.unit), gtins: as(fact.gtins), taxRate: as(fact.taxRate) },
		tracked: as(fact.tracked),
		price: other?.fact.type === 'price.changed' ? onlyPrice(other.record, other.fact.unitPriceE4) : undefined,
		priceSinceMs: other?.record.header.at ?? 0,
		...{ planned: [], retired: false, createdAtMs: record.header.at },
	};
}

/** Of the changes that count. */
export function foldPrices(counting: ProductSubject['changes']): Prices & Pick<ProductState, 'branchPrices'> {
	const own = new Map<BranchId, PriceChange<number | null>[]>();
	const ofStore: PriceChange<number>[] = [];
	for (const { record, fact } of counting) {
		if (fact.type === 'price.changed') ofStore.push({ record, fact });
		if (fact.type !== 'branchPrice.changed') continue;
		const known = own.get(fact.branch);
		if (known === undefined) own.set(fact.branch, [{ record, fact }]);
		else known.push({ record, fact });
	}
	if (own.size === 0) return pricesOf(ofStore);
	const branchPrices = [...own].map(([branch, changes]): BranchPrices => ({ branch, ...pricesOf(changes) }));
	return { ...pricesOf(ofStore), branchPrices: branchPrices.sort((a, b) => compareText(a.branch, b.branch)) };
}

interface PriceChange<Value extends number | null> {
	readonly record: EntryRecord;
	readonly fact: Pick<PriceChanged, 'fromMs' | 'replaces'> & { readonly unitPriceE4: Value };
}

function pricesOf<Value extends number | null>(changes: readonly PriceChange<Value>[]): Prices<Value> {
	const isPlanned = ({ record, fact }: PriceChange<Value>): boolean => fact.fromMs !== undefined && fact.fromMs > record.header.at;
	const price = foldValue(
		changes.filter((one) => !isPlanned(one)).map(({ record, fact }) => ({ record, value: fact.unitPriceE4, replaces: replacesNamed(fact.replaces) })),
	);
	return {
		price,
		priceSinceMs: changes.find(({ record }) => record.hash === price?.entry)?.record.header.at ?? 0,
		planned: changes
			.filter((one) => isPlanned(one) && !changes.some(({ fact }) => fact.replaces.includes(one.record.hash)))
			.sort((a, b) => compareEntries(a.record, b.record))
			.map(({ record, fact }) => ({ entry: record.hash, unitPriceE4: fact.unitPriceE4, fromMs: fact.fromMs ?? 0, replaces: fact.replaces })),
	};
}

function isPlain({ counts, overtaken }: EntryRecord): boolean {
	return counts && !overtaken;
}

function onlyPrice({ hash }: EntryRecord, value: number): ValueState<number> {
	return { value, entry: hash, frontier: [{ entry: hash, value }], replaces: [hash] };
}

function foldChanges({ sku, changes }: ProductSubject, chains: Chains): ProductState | undefined {
	const counting = changes.filter(({ record }) => record.counts && !record.overtaken);
	const creations = counting
		.filter(({ fact }) => fact.type === 'product.created')
		.map(({ record }) => record)
		.sort(compareEntries);
	const first = creations[0];
	if (first === undefined) return undefined;
	const name = field('name');
	const category = field('category');
	const unit = field('unit');
	const gtins = field('gtins');
	const taxRate = field('taxRate');
	const tracked = field('tracked');
	const revivals = counting.filter(({ fact }) => fact.type === 'product.restored').map(({ record }) => record);
	const isRevived = (retirement: EntryRecord): boolean => [...creations, ...revivals].some((one) => chains.saw(one, retirement));
	const retirements = counting.filter(
		({ record, fact }) => (fact.type === 'product.retired' || fact.type === 'product.merged') && !isRevived(record),
	);
	const merged = retirements
		.filter(({ fact }) => fact.type === 'product.merged')
		.sort((a, b) => compareEntries(a.record, b.record))
		.at(-1)?.fact;
	return {
		sku,
		name,
		category,
		unit,
		gtins,
		taxRate,
		tracked,
		...extras(),
		...foldPrices(counting),
		retired: retirements.length > 0,
		...(merged?.type === 'product.merged' ? { mergedInto: merged.into } : {}),
		createdAtMs: first.header.at,
	};

	/** What most products never have costs them nothing. */
	function extras(): Partial<ProductExtras> {
		const found: Partial<Record<ProductExtra, unknown>> = {};
		for (const which of PRODUCT_EXTRAS) {
			const assignments = counting.flatMap(({ record, fact }): Assignment<unknown>[] => {
				if (fact.type === 'product.created')
					return fact[which] === undefined ? [] : [{ record, value: fact[which], replaces: (earlier) => chains.saw(record, earlier) }];
				const edit = fact.type === 'product.edited' ? fact.fields[which] : undefined;
				return edit === undefined ? [] : [{ record, value: edit.value, replaces: replacesNamed(edit.replaces) }];
			});
			const folded = foldValue(assignments);
			if (folded !== undefined) found[which] = folded;
		}
		return found as Partial<ProductExtras>;
	}

	function field<Field extends ProductField>(which: Field): ValueState<ProductFields[Field]> {
		const assignments = counting.flatMap(({ record, fact }): Assignment<ProductFields[Field]>[] => {
			if (fact.type === 'product.created') return [{ record, value: fact[which], replaces: (earlier) => chains.saw(record, earlier) }];
			const edit =
				fact.type === 'product.edited'
					? (fact.fields[which] as { readonly value: ProductFields[Field]; readonly replaces: Parameters<typeof replacesNamed>[0] } | undefined)
					: undefined;
			return edit === undefined ? [] : [{ record, value: edit.value, replaces: replacesNamed(edit.replaces) }];
		});
		const folded = foldValue(assignments);
		if (folded === undefined) throw new Error(`a product with a creation and no ${which}: ${sku}`);
		return folded;
	}
}
