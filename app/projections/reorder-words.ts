/** How a proposed figure came about, in one sentence. */
import { m } from '#languages/compiled/messages.js';
import { formatQuantity } from '#languages/figures.ts';
import type { ReorderRow } from './goods.ts';

export function reorderWhy(row: ReorderRow): string {
	const units = (milli: number): string => formatQuantity(milli, row.unit);
	const here = { onHand: units(row.onHandMilli), coming: units(row.comingMilli), minimum: units(row.minimumMilli), target: units(row.targetMilli) };
	const sold = { sold: units(row.soldMilli), days: row.salesDays, lead: row.leadDays, cover: row.coverDays };
	if (row.quantityMilli === 0) return m.low_why_enough(here);
	if (row.caseMilli === 1000)
		return row.by === 'levels'
			? m.low_why_levels({ ...here, quantity: units(row.quantityMilli) })
			: m.low_why_sales({ ...here, ...sold, quantity: units(row.quantityMilli) });
	const cases = { cases: row.cases, size: units(row.caseMilli) };
	return row.by === 'levels' ? m.low_why_levels_cases({ ...here, ...cases }) : m.low_why_sales_cases({ ...here, ...sold, ...cases });
}
