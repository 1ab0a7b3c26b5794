/**
 * What should be ordered, and how each figure came about: pure, from what was sold, what is here, what is on its way, and the shop's own levels.
 *
 * 1. Nothing is proposed while what is here and on its way is above the minimum.
 * 2. The shop's own minimum and target go before what is sold. Without them the minimum is what is sold until a delivery could come, the target two weeks more.
 * 3. Quantities are whole cases, and never more than one case above the target.
 * 4. Of several suppliers the one whose price is lowest; a price that nobody knows is higher than any.
 */
import type { StockLevels } from '#schemas/facts/levels-set.ts';
import type { SupplierId } from '#schemas/facts/supplier-changed.ts';
import type { SupplyTerms } from '#schemas/facts/supply-changed.ts';

export const SALES_DAYS = 28;
const COVER_DAYS = 14;
const USUAL_LEAD_DAYS = 7;

export interface ReorderInput {
	readonly onHandMilli: number;
	/** Ordered and not received, and sent here by other branches. */
	readonly comingMilli: number;
	/** In the last 28 days, what came back taken off. */
	readonly soldMilli: number;
	readonly levels: StockLevels | undefined;
	readonly offers: readonly Offer[];
}

export interface Offer {
	readonly supplier: SupplierId;
	readonly terms: SupplyTerms;
	readonly leadDays: number | undefined;
}

export interface Reorder {
	readonly offer: Offer | undefined;
	readonly quantityMilli: number;
	readonly cases: number;
	readonly caseMilli: number;
	/** Which rule it is by, for the sentence: the shop's levels, or the sales. */
	readonly by: 'levels' | 'sales';
	readonly minimumMilli: number;
	readonly targetMilli: number;
	readonly leadDays: number;
	readonly coverDays: number;
	/** Below this it is low, whether or not anything is coming. */
	readonly isLow: boolean;
}

/** Undefined: neither low nor to be ordered. */
export function reorderOf({ onHandMilli, comingMilli, soldMilli, levels, offers }: ReorderInput): Reorder | undefined {
	const offer = bestOffer(offers);
	const leadDays = offer?.leadDays ?? USUAL_LEAD_DAYS;
	const sold = Math.max(0, soldMilli);
	const minimumMilli = levels?.minimumMilli ?? whole((sold * leadDays) / SALES_DAYS);
	const targetMilli = levels?.targetMilli ?? whole((sold * (leadDays + COVER_DAYS)) / SALES_DAYS);
	if (levels === undefined && sold === 0) return undefined;
	const isLow = onHandMilli <= minimumMilli;
	const hereSoonMilli = onHandMilli + comingMilli;
	const caseMilli = offer?.terms.caseMilli ?? 1000;
	const cases = hereSoonMilli > minimumMilli ? 0 : Math.max(0, Math.ceil((targetMilli - hereSoonMilli) / caseMilli));
	if (!isLow && cases === 0) return undefined;
	return {
		...{ offer, quantityMilli: cases * caseMilli, cases, caseMilli, by: levels === undefined ? 'sales' : 'levels' },
		...{ minimumMilli, targetMilli, leadDays, coverDays: COVER_DAYS, isLow },
	};
}

/** Nobody plans for three quarters of a loaf. */
function whole(milli: number): number {
	return Math.ceil(milli / 1000) * 1000;
}

function bestOffer(offers: readonly Offer[]): Offer | undefined {
	const costOf = ({ terms }: Offer): number => terms.costE4 ?? Infinity;
	return [...offers].sort((a, b) => (costOf(a) === costOf(b) ? 0 : costOf(a) - costOf(b)) || (a.supplier < b.supplier ? -1 : 1))[0];
}
