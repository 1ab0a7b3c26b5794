/** Suppliers, what they have, and from which stock on it is ordered again. */
import type { Intent, Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { SupplierChanged, SupplierField } from '#schemas/facts/supplier-changed.ts';
import type { Sku } from '#schemas/ids.ts';
import type { Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

const MOST_SUPPLIES = 1_000;
const MOST_LEVELS = 2_000;

export function changeSupplier(ledger: Ledger, { supplier, fields }: Of<'change-supplier'>): Facts | Refusal {
	const now = ledger.state.books.suppliers.get(supplier);
	const changed: Record<string, unknown> = {};
	for (const [field, edit] of Object.entries(fields)) {
		const value = typeof edit.value === 'string' ? edit.value.trim() : edit.value;
		if (field === 'name' && value === '') return { refused: 'value-missing', field };
		const standing = now?.fields[field as SupplierField];
		// Writing what stands is no change, unless it settles what stands beside it.
		if (standing === undefined ? value === '' : standing.value === value && standing.frontier.length === 1) continue;
		changed[field] = { value, replaces: [...edit.replaces] };
	}
	if (now === undefined && changed['name'] === undefined) return { refused: 'value-missing', field: 'name' };
	if (Object.keys(changed).length === 0) return { refused: 'nothing-changed' };
	return { store: [{ type: 'supplier.changed', v: 1, supplier, fields: changed as SupplierChanged['fields'] }] };
}

/** What stands already is left out: a list that is brought in twice changes the shop once. */
export function changeSupplies(ledger: Ledger, { supplier, lines }: Of<'change-supplies'>): Facts | Refusal {
	const now = ledger.state.books.suppliers.get(supplier);
	if (now === undefined) return { refused: 'no-such-supplier' };
	const unknown = unknownOf(ledger, lines);
	if (unknown !== undefined) return { refused: 'no-such-product', sku: unknown };
	const supplies = new Map(now.supplies.map((supply) => [supply.sku, supply]));
	const changed = [...new Map(lines.map((line) => [line.sku, line])).values()].flatMap(({ sku, terms }) => {
		const standing = supplies.get(sku);
		const isSame = JSON.stringify(sorted(standing?.value ?? null)) === JSON.stringify(sorted(terms));
		return isSame && (standing?.frontier.length ?? 1) === 1 ? [] : [{ sku, terms, replaces: [...(standing?.replaces ?? [])] }];
	});
	if (changed.length === 0) return { refused: 'nothing-changed' };
	if (changed.length > MOST_SUPPLIES) return { refused: 'too-many-lines', most: MOST_SUPPLIES };
	return { store: [{ type: 'supply.changed', v: 1, supplier, lines: changed }] };
}

export function setLevels(ledger: Ledger, { lines }: Of<'set-levels'>): Facts | Refusal {
	const unknown = unknownOf(ledger, lines);
	if (unknown !== undefined) return { refused: 'no-such-product', sku: unknown };
	const odd = lines.find(({ levels }) => levels !== null && levels.targetMilli < levels.minimumMilli);
	if (odd !== undefined) return { refused: 'value-invalid', field: 'target', sku: odd.sku };
	const changed = lines.filter(
		({ sku, levels }) => JSON.stringify(sorted(ledger.state.books.levels.get(sku) ?? null)) !== JSON.stringify(sorted(levels)),
	);
	if (changed.length === 0) return { refused: 'nothing-changed' };
	if (changed.length > MOST_LEVELS) return { refused: 'too-many-lines', most: MOST_LEVELS };
	return { branch: [{ type: 'levels.set', v: 1, lines: changed.map((line) => ({ ...line })) }] };
}

function unknownOf({ state }: Ledger, lines: readonly { readonly sku: Sku }[]): Sku | undefined {
	return lines.find(({ sku }) => !state.products.has(sku))?.sku;
}

/** The same whatever the order of its fields. */
function sorted(value: object | null): unknown {
	return value && Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
