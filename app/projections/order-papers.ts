/** An order as it goes to a supplier: a text for a mail, a file for a spreadsheet. Names of columns stay English, so that a program can read it. */
import { csvText, type CsvCell } from '#core/csv.ts';
import { m } from '#languages/compiled/messages.js';
import { formatDay, formatQuantity } from '#languages/figures.ts';
import type { OrderRow } from './goods.ts';
import type { ShopRow } from './rows.ts';

export function orderCsv({ number, account, lines }: OrderRow): string {
	return csvText([
		['order', 'account', 'code', 'sku', 'product', 'quantity', 'cases', 'cost of one'],
		...lines.flatMap(({ code, sku, name, orderedMilli, caseMilli, costE4 }): CsvCell[][] =>
			orderedMilli === 0
				? []
				: [[number, account, code, sku, name, orderedMilli / 1000, orderedMilli / caseMilli, costE4 === undefined ? '' : costE4 / 10_000]],
		),
	]);
}

export function orderSubject({ number }: OrderRow, { storeName }: ShopRow): string {
	return m.order_subject({ number, store: storeName });
}

export function orderText(order: OrderRow, shop: ShopRow): string {
	const { number, account, placedAtMs, note, lines } = order;
	return [
		m.order_text_greeting({ supplier: order.supplierName }),
		'',
		m.order_text_first({ number, day: formatDay(new Date(placedAtMs ?? 0).toISOString().slice(0, 10)) }),
		...(account === '' ? [] : [m.order_text_account({ account })]),
		'',
		...lines.filter(({ orderedMilli }) => orderedMilli > 0).map((line) => textOfLine(line)),
		...(note === '' ? [] : ['', note]),
		'',
		shop.storeName,
		...(shop.branchName === shop.storeName ? [] : [shop.branchName]),
	].join('\n');
}

function textOfLine({ code, sku, name, unit, orderedMilli, caseMilli }: OrderRow['lines'][number]): string {
	const what = { quantity: formatQuantity(orderedMilli, unit), name, code: code === '' ? sku : code };
	return caseMilli > 1000 && orderedMilli % caseMilli === 0
		? m.order_text_line_cases({ ...what, cases: orderedMilli / caseMilli, size: formatQuantity(caseMilli, unit) })
		: m.order_text_line(what);
}
