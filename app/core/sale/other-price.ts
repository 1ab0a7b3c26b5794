/**
 * Whether a line was sold at another price than its product's, by what its author had heard. What says itself why it costs something else is another matter
 * (`core/people/roles.ts`).
 *
 * 1. A line names the entry of its price, and costs what that says. One that was replaced is no other price (`core/conflict/stale-price.ts`).
 * 2. A line that names none was asked for: its product had no price. Where it has had one for longer than a day, that one was passed by.
 */
import { priceAt } from '#core/price.ts';
import { foldPrices, type PriceFact, type ProductFact, type ProductSubject } from '#core/ledger/products.ts';
import type { BranchId } from '#schemas/ids.ts';

/** A cart may lie open, or be put aside, while its product gets its first price. */
const MOST_OPEN_MS = 24 * 60 * 60 * 1000;

/** It sets a price for this branch: everywhere, or here alone. */
export function setsPriceIn(fact: ProductFact, branch: BranchId): fact is PriceFact {
	return fact.type === 'price.changed' || (fact.type === 'branchPrice.changed' && fact.branch === branch);
}

/** `heard`: what the author knew of the product's prices. `atMs`: the author's wall clock. */
export function isOtherThanOwn(unitPriceE4: number, heard: ProductSubject['changes'], branch: BranchId, atMs: number): boolean {
	const now = priceAt(foldPrices(heard), branch, atMs);
	if (now === undefined || now.unitPriceE4 === unitPriceE4) return false;
	const sinceMs = atMs - MOST_OPEN_MS;
	return priceAt(foldPrices(heard.filter(({ record }) => record.header.at <= sinceMs)), branch, sinceMs) !== undefined;
}
