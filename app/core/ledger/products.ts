/**
 * A product is what its creation and its edits fold to, field by field.
 *
 * 1. A product is there once its creation is; edits and prices that come earlier wait for it.
 * 2. A creation replaces what it had seen; an edit replaces what it names.
 * 3. Retired is retired, until a creation that had seen the retirement brings it back.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { PriceChanged } from '#schemas/facts/price-changed.ts';
import type { ProductCreated, ProductField, ProductFields } from '#schemas/facts/product-created.ts';
import type { ProductEdited } from '#schemas/facts/product-edited.ts';
import type { ProductRetired } from '#schemas/facts/product-retired.ts';
import type { Sku } from '#schemas/ids.ts';
import type { Chains, EntryRecord } from './chains.ts';
import type { ProductState, ValueState } from './state.ts';
import { foldValue, replacesNamed, type Assignment } from './values.ts';

export type ProductFact = ProductCreated | ProductEdited | ProductRetired | PriceChanged;

export interface ProductSubject {
	readonly sku: Sku;
	readonly changes: { readonly record: EntryRecord; readonly fact: ProductFact }[];
}

export const PRODUCT_FIELDS: readonly ProductField[] = ['name', 'category', 'unit', 'gtins', 'taxRate', 'tracked'];

export function foldProduct({ sku, changes }: ProductSubject, chains: Chains): ProductState | undefined {
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
	const retirements = counting.filter(({ fact }) => fact.type === 'product.retired').map(({ record }) => record);
	return {
		sku,
		name,
		category,
		unit,
		gtins,
		taxRate,
		tracked,
		price: foldValue(
			counting.flatMap(({ record, fact }) =>
				fact.type === 'price.changed' ? [{ record, value: fact.unitPriceE4, replaces: replacesNamed(fact.replaces) }] : [],
			),
		),
		retired: retirements.some((retirement) => !creations.some((creation) => chains.saw(creation, retirement))),
		createdAtMs: first.header.at,
	};

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
