/** A trading day as a file for a spreadsheet: one long table of what, of whom, and how much. Names of columns stay English, so that a program can read it. */
import { csvText, type CsvCell } from '#core/csv.ts';
import { decimalText } from '#core/money.ts';
import type { Currency } from '#schemas/numbers.ts';
import type { DayReportRow, FiguresRow } from './rows.ts';

export function dayCsv(day: DayReportRow, currency: Currency): string {
	const money = (minor: number): CsvCell => ({ amount: decimalText(minor, currency) });
	const figures = (till: string, row: FiguresRow): CsvCell[][] => [
		[day.day, till, 'sales', '', row.sales.count, money(row.sales.minor)],
		[day.day, till, 'refunds', '', row.refunds.count, money(-row.refunds.minor)],
		[day.day, till, 'takings', '', '', money(row.takingsMinor)],
		[day.day, till, 'discounts', '', '', money(row.discountsMinor)],
		[day.day, till, 'rounding', '', '', money(row.roundingMinor)],
		[day.day, till, 'drawer opened without a sale', '', row.noSales, ''],
		...row.tenders.map(({ type, minor }): CsvCell[] => [day.day, till, 'tender', type, '', money(minor)]),
		...row.taxes.flatMap(({ name, percentMilli, grossMinor, taxMinor }): CsvCell[][] => [
			[day.day, till, 'gross at tax rate', `${name} ${percentMilli / 1000} %`, '', money(grossMinor)],
			[day.day, till, 'tax', `${name} ${percentMilli / 1000} %`, '', money(taxMinor)],
		]),
	];
	return csvText([
		['day', 'till', 'what', 'of', 'count', `amount in ${currency.code}`],
		...figures('all', day.figures),
		...day.tills.flatMap(({ name, figures: row }) => figures(name, row)),
		...day.people.map(({ name, receipts, takingsMinor }): CsvCell[] => [day.day, 'all', 'person', name ?? '', receipts, money(takingsMinor)]),
		...day.hours.map(({ hour, receipts, takingsMinor }): CsvCell[] => [
			day.day,
			'all',
			'hour',
			`${String(hour).padStart(2, '0')}:00`,
			receipts,
			money(takingsMinor),
		]),
		...day.late.map(({ number, deviceName, takingsMinor }): CsvCell[] => [
			day.day,
			deviceName,
			'came after the last report',
			number,
			1,
			money(takingsMinor),
		]),
	]);
}
