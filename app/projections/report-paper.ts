/**
 * What an X, a Z and the report of a day say on paper, line by line: one function each for receipt printers and `window.print`.
 *
 * 1. Every figure is the row's own; nothing is added up here but what the two perpetual totals come to.
 * 2. A Z that was handed out before says that it is a copy, and when it was made. An X and the report of a day are made anew each time.
 * 3. Training and a demo shop say so before anything else.
 */
import { centredLine, pairLine, textLine, type Paper } from '#core/receipt/paper.ts';
import { m } from '#languages/compiled/messages.js';
import { formatCount, formatDay, formatMoment, formatMoney, formatPercent, formatWhen } from '#languages/figures.ts';
import { tenderWords } from './tender-words.ts';
import type { DayReportRow, FiguresRow, ShopRow, TillReportRow } from './rows.ts';

type PaperShop = Pick<ShopRow, 'storeName' | 'branchName' | 'demo' | 'training' | 'currency' | 'timeZone'>;

export function tillReportTitle({ kind, z }: Pick<TillReportRow, 'kind' | 'z'>): string {
	return kind === 'z' ? m.report_z({ number: String(z) }) : m.report_x();
}

export function dayReportTitle({ day }: Pick<DayReportRow, 'day'>): string {
	return m.report_title_day({ day: formatDay(day) });
}

/** `copyAtMs`: of a Z that was handed out before, when this one is made. */
export function tillReportPaper(report: TillReportRow, shop: PaperShop, copyAtMs?: number): Paper {
	const { currency, timeZone } = shop;
	const { perpetual, figures, by } = report;
	const money = (minor: number): string => formatMoney(minor, currency);
	return [
		...(copyAtMs === undefined
			? []
			: [centredLine(m.receipt_copy(), 'large'), centredLine(m.receipt_copy_made({ when: formatWhen(copyAtMs, timeZone) }))]),
		...head(tillReportTitle(report), shop),
		textLine(m.report_of({ till: report.deviceName, moment: formatMoment(report.atMs, timeZone) })),
		textLine(m.report_day({ day: formatDay(report.tradingDay) })),
		...(by === undefined ? [] : [textLine(m.report_by({ name: by }))]),
		{ kind: 'rule' },
		...figureLines(figures, shop),
		{ kind: 'rule' },
		pairLine(report.kind === 'z' ? m.report_grand({ number: String(report.z) }) : m.report_since_z(), money(figures.takingsMinor)),
		pairLine(m.report_perpetual_sales(), money(perpetual.salesMinor)),
		pairLine(m.report_perpetual_refunds(), money(perpetual.refundsMinor)),
		pairLine(m.report_perpetual(), money(perpetual.salesMinor - perpetual.refundsMinor), 'bold'),
		...report.problems.map((words) => textLine(words)),
		...(report.problems.length === 0 ? [] : [textLine(m.z_fault_what_to_do())]),
	];
}

/** `atMs`: when it is made, at the till of `shop`. */
export function dayReportPaper(report: DayReportRow, shop: PaperShop & { readonly device: Pick<ShopRow['device'], 'name'> }, atMs: number): Paper {
	const money = (minor: number): string => formatMoney(minor, shop.currency);
	return [
		...head(dayReportTitle(report), shop),
		textLine(m.report_printed({ till: shop.device.name, moment: formatMoment(atMs, shop.timeZone) })),
		{ kind: 'rule' },
		...figureLines(report.figures, shop),
		...report.tills.flatMap(({ name, figures }): Paper => [{ kind: 'rule' }, textLine(name, 'bold'), ...figureLines(figures, shop)]),
		...part(
			m.day_people(),
			report.people.map(({ name, receipts, takingsMinor }) => pairLine(`${name ?? m.day_nobody()} (${formatCount(receipts)})`, money(takingsMinor))),
		),
		...part(
			m.day_late(),
			report.late.map(({ number, deviceName, takingsMinor }) => pairLine(`${number} ${deviceName}`, money(takingsMinor))),
		),
		...(report.takenBack === 0 ? [] : [textLine(m.day_taken_back({ count: formatCount(report.takenBack) }))]),
	];
}

function head(title: string, { storeName, branchName, demo, training }: PaperShop): Paper {
	return [
		...(training === true ? [centredLine(m.receipt_training(), 'large')] : []),
		...(demo ? [centredLine(m.report_demo(), 'bold')] : []),
		centredLine(storeName, 'large'),
		...(branchName === '' ? [] : [centredLine(branchName)]),
		{ kind: 'rule' },
		centredLine(title, 'large'),
	];
}

function figureLines(figures: FiguresRow, { currency }: PaperShop): Paper {
	const money = (minor: number): string => formatMoney(minor, currency);
	const { sales, refunds, takingsMinor, tenders, taxes, discountsMinor, roundingMinor, noSales, receipts } = figures;
	return [
		pairLine(m.figures_sales({ count: formatCount(sales.count) }), money(sales.minor)),
		pairLine(m.figures_refunds({ count: formatCount(refunds.count) }), money(-refunds.minor)),
		pairLine(m.figures_takings(), money(takingsMinor), 'bold'),
		...tenders.map(({ type, minor }) => pairLine(tenderWords(type), money(minor))),
		...taxes.map(({ name, percentMilli, grossMinor, taxMinor }) =>
			pairLine(m.figures_tax({ name, percent: formatPercent(percentMilli), gross: money(grossMinor) }), money(taxMinor)),
		),
		...(discountsMinor === 0 ? [] : [pairLine(m.figures_discounts(), money(discountsMinor))]),
		...(roundingMinor === 0 ? [] : [pairLine(m.figures_rounding(), money(roundingMinor))]),
		pairLine(m.figures_no_sales(), formatCount(noSales)),
		...(receipts === undefined ? [] : [pairLine(m.figures_receipts(), m.figures_from_to({ from: receipts.from, to: receipts.to }))]),
	];
}

function part(title: string, lines: Paper): Paper {
	return lines.length === 0 ? [] : [{ kind: 'rule' }, textLine(title, 'bold'), ...lines];
}
