/**
 * A supplier, field by field, and what it has of the shop's products.
 *
 * 1. Two who change one field apart: the later in ledger order stands, and the form shows what the other one wrote. No stock and no money hangs on it until
 *    somebody orders, and an order says itself where it goes and at what cost: so it is no conflict that anybody must answer.
 * 2. It is there once it has a name.
 */
import { compareText } from '#core/entry/order.ts';
import type { SupplierField, SupplierFields, SupplierId } from '#schemas/facts/supplier-changed.ts';
import type { SupplyTerms } from '#schemas/facts/supply-changed.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import type { ValueState } from '../state.ts';
import { foldValue, replacesNamed, type Assignment } from '../values.ts';
import type { Book } from './book.ts';

export interface SupplierState {
	readonly supplier: SupplierId;
	readonly fields: { readonly [Field in SupplierField]?: ValueState<SupplierFields[Field]> };
	/** In order of the SKU; of products that it has no longer, null. */
	readonly supplies: readonly SupplyState[];
}

export interface SupplyState extends ValueState<SupplyTerms | null> {
	readonly sku: Sku;
}

export const suppliers: Book<SupplierId, SupplierState> = {
	reads: ['supplier.changed', 'supply.changed'],
	subjectsOf: (fact) => (fact.type === 'supplier.changed' || fact.type === 'supply.changed' ? [fact.supplier] : []),
	fold(supplier, changes) {
		const byField = new Map<SupplierField, Assignment<unknown>[]>();
		const bySku = new Map<Sku, Assignment<SupplyTerms | null>[]>();
		for (const { record, fact } of changes) {
			if (fact.type === 'supplier.changed')
				for (const [field, edit] of Object.entries(fact.fields) as [SupplierField, { value: unknown; replaces: readonly EntryHash[] }][])
					add(byField, field, { record, value: edit.value, replaces: replacesNamed(edit.replaces) });
			else if (fact.type === 'supply.changed')
				for (const { sku, terms, replaces } of fact.lines) add(bySku, sku, { record, value: terms, replaces: replacesNamed(replaces) });
		}
		const fields = Object.fromEntries([...byField].map(([field, all]) => [field, foldValue(all)])) as SupplierState['fields'];
		if (fields.name === undefined) return undefined;
		const supplies = [...bySku]
			.flatMap(([sku, all]) => {
				const folded = foldValue(all);
				return folded === undefined ? [] : [{ sku, ...folded }];
			})
			.sort((a, b) => compareText(a.sku, b.sku));
		return { supplier, fields, supplies };
	},
};

function add<Key, One>(lists: Map<Key, One[]>, key: Key, one: One): void {
	const list = lists.get(key);
	if (list === undefined) lists.set(key, [one]);
	else list.push(one);
}
