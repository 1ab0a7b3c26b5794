/**
 * Product edited: two edits of one field of a product, different values, neither of which replaces the other; still open after later edits that
 * knew only one of them. The later in ledger order counts until answered.
 *
 * What an edit knew is what it names as replaced: the form may have been open while another edit arrived. Two creations of one SKU made apart
 * meet here too. Members are the edits that nobody has replaced, one item a field. An answer is itself an edit that replaces them all.
 */
import type { ProductState, ValueState } from '#core/ledger/state.ts';
import { PRODUCT_EXTRAS, PRODUCT_FIELDS } from '#core/ledger/products.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Choice, Conflict, ConflictContext, EditedField, FieldValue } from './conflict.ts';
import { openConflict } from './open.ts';

export const EDITED_FIELDS: readonly EditedField[] = [...PRODUCT_FIELDS, ...PRODUCT_EXTRAS, 'price'];

export function findProductEdited(product: ProductState, context: ConflictContext): readonly Conflict[] {
	return EDITED_FIELDS.flatMap((field) => {
		const value: ValueState<FieldValue> | undefined = product[field];
		if (value === undefined || new Set(value.frontier.map((one) => JSON.stringify(one.value))).size < 2) return [];
		const conflict = openConflict(
			{
				subject: `${field}:${product.sku}`,
				ofStore: true,
				urgency: field === 'price' ? 'high' : 'low',
				members: value.frontier.flatMap(({ entry }) => context.record(entry) ?? []),
				detail: { kind: 'product-edited', sku: product.sku, field, values: value.frontier },
				stake: () => ({ unitsMilli: 0, minor: 0 }),
				choices: () => editChoices(product, field, value, undefined),
			},
			context,
		);
		return conflict === undefined ? [] : [conflict];
	});
}

/**
 * `Mine` is what this device wrote, where it wrote one of them; else what stands now. `Theirs` is the latest other value; where there are more,
 * another one may be named.
 */
export function editChoices(
	product: Pick<ProductState, 'sku'>,
	field: EditedField,
	value: Pick<ValueState<FieldValue>, 'frontier'>,
	mine: EntryHash | undefined,
): readonly Choice[] {
	const replaces = value.frontier.map(({ entry }) => entry);
	const standing = value.frontier.at(-1);
	const own = value.frontier.find(({ entry }) => entry === mine) ?? standing;
	const others = value.frontier.filter((one) => JSON.stringify(one.value) !== JSON.stringify(own?.value));
	const theirs = others.at(-1);
	const set = { does: 'set-field', sku: product.sku, field, replaces } as const;
	if (own === undefined || theirs === undefined) return [];
	const options = others.map(({ entry }) => entry);
	return [
		{ id: 'mine', label: 'Mine', effect: { ...set, takes: own.entry } },
		{
			id: 'theirs',
			label: 'Theirs',
			effect: { ...set, takes: theirs.entry },
			...(options.length > 1 ? { asks: { type: 'entry', options, optional: true } as const } : {}),
		},
		// Two figures and a product, or two words that belong together, are set on the product's own form.
		...(field === 'draws' || field === 'variant'
			? []
			: [{ id: 'type-a-value', label: 'Type a value', effect: set, asks: { type: field === 'price' ? 'money' : 'text' } } as const]),
	];
}

/** The choices as they read on one device. Only `product-edited` reads differently from device to device. */
export function choicesOn(conflict: Conflict, device: DeviceId): readonly Choice[] {
	const { detail } = conflict;
	if (detail.kind !== 'product-edited') return conflict.choices;
	const mine = conflict.members.filter(({ entry }) => entry.header.device === device).at(-1);
	return editChoices({ sku: detail.sku }, detail.field, { frontier: detail.values }, mine?.hash);
}
