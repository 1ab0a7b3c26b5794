/** Some fields of a product have new values; each names the entries whose value it replaces, so that two unaware edits can be told from one after another. */
import * as v from 'valibot';
import { sku } from '../ids.ts';
import { productEdited1 } from '../migrations/version-1.ts';
import { defineFact, replaces } from './define.ts';
import { productExtras, productFields } from './product-created.ts';

const edited = <Value extends v.GenericSchema>(value: Value) => v.optional(v.strictObject({ value, replaces }));

export const productEdited = defineFact({
	type: 'product.edited',
	version: 2,
	scope: 'store',
	right: 'products',
	fields: {
		sku,
		fields: v.strictObject({
			name: edited(productFields.name),
			category: edited(productFields.category),
			unit: edited(productFields.unit),
			gtins: edited(productFields.gtins),
			taxRate: edited(productFields.taxRate),
			tracked: edited(productFields.tracked),
			draws: edited(productExtras.draws),
			variant: edited(productExtras.variant),
			deposit: edited(productExtras.deposit),
			ageLimit: edited(productExtras.ageLimit),
		}),
	},
	earlier: [productEdited1],
});
export type ProductEdited = v.InferOutput<typeof productEdited.schema>;
