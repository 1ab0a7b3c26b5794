/**
 * Product edited: two edits of one field of a product, different values, neither of which replaces the other; still open after later edits that
 * knew only one of them. The later in ledger order counts until answered.
 *
 * What an edit knew is what it names as replaced: the form may have been open while another edit arrived. Two creations of one SKU made apart
 * meet here too. Members are the edits that nobody has replaced, one item a field. An answer is itself an edit that replaces them all.
 *
 * A branch's own price is a field by itself: it never stands against the store's, nor against another branch's.
 */
import type { ProductState, ValueState } from '#core/ledger/state.ts';
import { PRODUCT_EXTRAS, PRODUCT_FIELDS } from '#core/ledger/products.ts';
import type { BranchId, DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Choice, Conflict, ConflictContext, EditedField, FieldValue } from './conflict.ts';
import { openConflict } from './open.ts';

const EDITED_FIELDS: readonly EditedField[] = [...PRODUCT_FIELDS, ...PRODUCT_EXTRAS, 'price'];

export function findProductEdited(product: ProductState, context: ConflictContext): readonly Conflict[] {
	return editedValues(product).flatMap(({ field, branch, value }) => {
		if (new Set(value.frontier.map((one) => JSON.stringify(one.value))).size < 2) return [];
		const conflict = openConflict(
			{
				subject: branch === undefined ? `${field}:${product.sku}` : `${field}@${branch}:${product.sku}`,
				ofStore: true,
				urgency: field === 'price' ? 'high' : 'low',
				members: value.frontier.flatMap(({ entry }) => context.record(entry) ?? []),
				detail: { kind: 'product-edited', sku: product.sku, field, ...ofBranch(branch), values: value.frontier },
				stake: () => ({ unitsMilli: 0, minor: 0 }),
				choices: () => editChoices({ sku: product.sku, field, branch }, value, undefined),
			},
			context,
		);
		return conflict === undefined ? [] : [conflict];
	});
}

/** Whether two stand against each other in one of them, be they the same. */
export function isDisputed(product: ProductState): boolean {
	if (EDITED_FIELDS.some((field) => (product[field]?.frontier.length ?? 0) > 1)) return true;
	return product.branchPrices?.some(({ price }) => price !== undefined && price.frontier.length > 1) === true;
}

interface Edited {
	readonly field: EditedField;
	readonly branch?: BranchId | undefined;
	readonly value: ValueState<FieldValue>;
}

function editedValues(product: ProductState): readonly Edited[] {
	const own = (product.branchPrices ?? []).flatMap(({ branch, price }): readonly Edited[] =>
		price === undefined ? [] : [{ field: 'price', branch, value: price }],
	);
	const fields = EDITED_FIELDS.flatMap((field): readonly Edited[] => {
		const value: ValueState<FieldValue> | undefined = product[field];
		return value === undefined ? [] : [{ field, value }];
	});
	return [...fields, ...own];
}

function ofBranch(branch: BranchId | undefined): { readonly branch?: BranchId } {
	return branch === undefined ? {} : { branch };
}

/**
 * `Mine` is what this device wrote, where it wrote one of them; else what stands now. `Theirs` is the latest other value; where there are more,
 * another one may be named.
 */
export function editChoices(
	{ sku, field, branch }: Pick<ProductState, 'sku'> & Pick<Edited, 'field' | 'branch'>,
	value: Pick<ValueState<FieldValue>, 'frontier'>,
	mine: EntryHash | undefined,
): readonly Choice[] {
	const replaces = value.frontier.map(({ entry }) => entry);
	const standing = value.frontier.at(-1);
	const own = value.frontier.find(({ entry }) => entry === mine) ?? standing;
	const others = value.frontier.filter((one) => JSON.stringify(one.value) !== JSON.stringify(own?.value));
	const theirs = others.at(-1);
	const set = { does: 'set-field', sku, field, ...ofBranch(branch), replaces } as const;
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
	return editChoices(detail, { frontier: detail.values }, mine?.hash);
}
