/** What the decisions share: the facts by scope, and the refusals that many give. */
import type { Refusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { People } from '#core/people/approved.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { Sku } from '#schemas/ids.ts';

export interface Facts {
	readonly branch?: readonly Fact[];
	readonly store?: readonly Fact[];
	readonly takesReceipt?: boolean;
}

/** 10⁹ units: more than a shop holds of anything, and exact in sums of 2,000 lines. */
const MOST_MILLI = 1e12;

/** For quantities that must be above zero, of products that exist. */
export function lineProblem(
	ledger: Ledger,
	lines: readonly { readonly sku: Sku; readonly quantityMilli: number }[],
	most: number,
	isAllowed: (milli: number) => boolean,
): Refusal | undefined {
	if (lines.length === 0) return { refused: 'nothing-changed' };
	if (lines.length > most) return { refused: 'too-many-lines', most };
	for (const { sku, quantityMilli } of lines) {
		if (!ledger.state.products.has(sku)) return { refused: 'no-such-product', sku };
		if (!Number.isSafeInteger(quantityMilli) || Math.abs(quantityMilli) > MOST_MILLI) return { refused: 'quantity-out-of-range', sku };
		if (!isAllowed(quantityMilli)) return { refused: 'quantity-not-positive', sku };
	}
	return undefined;
}

/** People as decisions ask for them: by everything that is here. */
export function peopleOf({ state, roleOf }: Ledger): People {
	return { isAny: state.books.people.entries().length > 0, roleOf };
}
