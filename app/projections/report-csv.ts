/** A report as a file for a spreadsheet: one long table of what, of whom, and how much. Names of columns stay English, so that a program can read it. */
import { csvText, type CsvCell } from '#core/csv.ts';
import { decimalText } from '#core/money.ts';
import type { Currency } from '#schemas/numbers.ts';
import type { ReportRow, ReportSums } from './reports.ts';

export function reportCsv(row: ReportRow, currency: Currency): string {
	const money = (minor: number | undefined): CsvCell => (minor === undefined ? '' : { amount: decimalText(minor, currency) });
	const line = (what: string, of: string, count: number | '', amount: CsvCell, margin: CsvCell = ''): CsvCell[] => [
		...[row.from, row.to, row.of?.name ?? 'all', what, of, count],
		...[amount, margin],
	];
	const sums = (when: string, of: ReportSums): CsvCell[][] => [
		line('takings', when, of.sales, money(of.takingsMinor), money(of.margin?.minor)),
		line('average sale', when, '', money(of.basketMinor)),
		line('tax', when, '', money(of.taxMinor)),
		line('discounts', when, '', money(of.discountsMinor)),
		line('refunds', when, of.refunds.count, money(-of.refunds.minor)),
	];
	return csvText([
		['from', 'to', 'report of', 'what', 'of', 'count', `amount in ${currency.code}`, `margin in ${currency.code}`],
		...sums('', row.sums),
		...(row.before === undefined ? [] : sums(`${row.before.from} to ${row.before.to}`, row.before.sums)),
		...row.times.map(({ hour, day, takingsMinor, sales }) =>
			line(hour === undefined ? 'day' : 'hour', day ?? `${String(hour).padStart(2, '0')}:00`, sales ?? '', money(takingsMinor)),
		),
		...(row.figures?.tenders ?? []).map(({ type, minor }) => line('tender', type, '', money(minor))),
		...(row.figures?.taxes ?? []).map(({ name, percentMilli, taxMinor }) => line('tax', `${name} ${percentMilli / 1000} %`, '', money(taxMinor))),
		...row.products.map(({ sku, name, quantityMilli, takingsMinor, marginMinor }) =>
			line('product', sku === undefined ? name : `${sku} ${name}`, quantityMilli / 1000, money(takingsMinor), money(marginMinor)),
		),
		...row.categories.map(({ name, quantityMilli, takingsMinor }) => line('category', name, quantityMilli / 1000, money(takingsMinor))),
		...row.people.map(({ name, sales, takingsMinor }) => line('person', name ?? '', sales, money(takingsMinor))),
		...row.slow.map(({ sku, name, quantityMilli }) => line('sold least', `${sku} ${name}`, quantityMilli / 1000, '')),
	]);
}
