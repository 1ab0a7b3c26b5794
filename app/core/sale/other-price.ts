/**
 * Whether a line was sold at another price than its product's, by what its author had heard. What says itself why it costs something else is another matter
 * (`core/people/roles.ts`).
 *
 * 1. A line names the entry of its price, and costs what that says. One that was replaced is no other price (`core/conflict/stale-price.ts`).
 * 2. A line that names none was asked for: its product had no price. Where it has had one for longer than a day, that one was passed by.
 * 3. What has a price on its label may cost whatever that says: older tills do not say that it was so.
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

/** GS1 General Specifications, 2.1.12.2 and 2.1.10: numbers of a shop's own scales, and of pieces whose weight varies. */
const ON_A_LABEL = /^(02|2\d)\d{11}$|^9\d{13}$/;

/** It gives its product a barcode that may have the price in it. */
export function hasLabelCode(fact: ProductFact): boolean {
	if (fact.type === 'product.created') return fact.gtins.some((gtin) => ON_A_LABEL.test(gtin));
	return fact.type === 'product.edited' && fact.fields.gtins?.value.some((gtin) => ON_A_LABEL.test(gtin)) === true;
}

/** `heard`: what the author knew of the product's prices. `atMs`: the author's wall clock. */
export function isOtherThanOwn(unitPriceE4: number, heard: ProductSubject['changes'], branch: BranchId, atMs: number): boolean {
	const now = priceAt(foldPrices(heard), branch, atMs);
	if (now === undefined || now.unitPriceE4 === unitPriceE4) return false;
	const sinceMs = atMs - MOST_OPEN_MS;
	return priceAt(foldPrices(heard.filter(({ record }) => record.header.at <= sinceMs)), branch, sinceMs) !== undefined;
}
