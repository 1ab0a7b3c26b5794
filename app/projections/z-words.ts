/** A figure of a Z that its entries do not come to, as whoever reads the Z calls it. */
import type { ZFault, ZFigure } from '#core/shift/z.ts';
import { m } from '#languages/compiled/messages.js';
import { formatCount, formatMoney } from '#languages/figures.ts';
import type { TaxRate } from '#schemas/facts/setting-changed.ts';
import type { Currency } from '#schemas/numbers.ts';
import { tenderWords } from './tender-words.ts';

export function zFaultText(fault: ZFault, currency: Currency, rates: readonly Pick<TaxRate, 'id' | 'name'>[]): string {
	const { figure, of = '' } = fault;
	const written = (value: number | undefined): string =>
		value === undefined ? m.z_fault_nothing() : figure.endsWith('-minor') ? formatMoney(value, currency) : formatCount(value);
	return m.z_fault({
		figure: NAMES[figure](figure === 'tender-minor' ? tenderWords(of) : (rates.find(({ id }) => id === of)?.name ?? of)),
		...{ said: written(fault.said), folded: written(fault.folded) },
	});
}

const NAMES: Readonly<Record<ZFigure, (of: string) => string>> = {
	z: () => m.z_figure_number(),
	shift: () => m.z_figure_shift(),
	sales: () => m.z_figure_sales_count(),
	refunds: () => m.z_figure_refunds_count(),
	'no-sales': () => m.figures_no_sales(),
	'first-receipt': () => m.z_figure_first_receipt(),
	'last-receipt': () => m.z_figure_last_receipt(),
	'sales-minor': () => m.z_figure_sales(),
	'refunds-minor': () => m.z_figure_refunds(),
	'tax-gross-minor': (name) => m.z_figure_tax_gross({ name }),
	'tax-minor': (name) => m.z_figure_tax({ name }),
	'tender-minor': (name) => name,
	'rounding-minor': () => m.figures_rounding(),
	'discounts-minor': () => m.figures_discounts(),
	'perpetual-sales-minor': () => m.report_perpetual_sales(),
	'perpetual-refunds-minor': () => m.report_perpetual_refunds(),
};
