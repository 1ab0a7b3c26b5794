/** A supplier is written down, or some fields of it have new values. Each names the entries whose value it replaces: none, when it is the first. */
import * as v from 'valibot';
import { defineFact, replaces, words } from './define.ts';

/** Drawn when it is first written down; names the supplier for ever. */
export const supplierId = v.pipe(words(64), v.minLength(8), v.brand('SupplierId'));
export type SupplierId = v.InferOutput<typeof supplierId>;

export const supplierFields = {
	name: v.pipe(words(80), v.minLength(1)),
	email: words(200),
	phone: words(60),
	/** The shop's number with the supplier. */
	account: words(60),
	note: words(400),
	/** Days from order to delivery. */
	leadDays: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(365)),
	/** No longer ordered from. */
	retired: v.boolean(),
};
export type SupplierFields = { readonly [Field in keyof typeof supplierFields]: v.InferOutput<(typeof supplierFields)[Field]> };
export type SupplierField = keyof SupplierFields;

const edited = <Value extends v.GenericSchema>(value: Value) => v.optional(v.strictObject({ value, replaces }));

export const supplierChanged = defineFact({
	type: 'supplier.changed',
	version: 1,
	scope: 'store',
	right: 'products',
	fields: {
		supplier: supplierId,
		fields: v.strictObject({
			name: edited(supplierFields.name),
			email: edited(supplierFields.email),
			phone: edited(supplierFields.phone),
			account: edited(supplierFields.account),
			note: edited(supplierFields.note),
			leadDays: edited(supplierFields.leadDays),
			retired: edited(supplierFields.retired),
		}),
	},
});
export type SupplierChanged = v.InferOutput<typeof supplierChanged.schema>;
