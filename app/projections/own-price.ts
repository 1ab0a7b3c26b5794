/** What a row says of two prices beside each other, the store's and this branch's own: ten-thousandths of the major unit. */
import { m } from '#languages/compiled/messages.js';
import type { CatalogueRow, ShopRow } from './rows.ts';

type Row = Pick<CatalogueRow, 'unitPriceE4' | 'extras'>;

/** Undefined: what the store asks holds here. */
export function ownPriceOf({ unitPriceE4, extras }: Row): number | undefined {
	return extras?.ownPrice?.isOwn === true ? unitPriceE4 : undefined;
}

/** Undefined: the store has no price yet. */
export function storePriceOf({ unitPriceE4, extras }: Row): number | undefined {
	return extras?.ownPrice?.isOwn === true ? extras.ownPrice.storeE4 : unitPriceE4;
}

/** What this branch is called beside others. */
export function hereName({ branch, branchName }: Pick<ShopRow, 'branch' | 'branchName'>): string {
	return branchName === '' ? m.stock_branch({ slice: branch.slice(0, 6) }) : branchName;
}
