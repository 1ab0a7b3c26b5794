/** What is to be allowed, as a cashier would say it. */
import { m } from '#languages/compiled/messages.js';

export function actWords(act: string): string {
	return WORDS[act]?.() ?? m.act_other();
}

const WORDS: Readonly<Record<string, (() => string) | undefined>> = {
	discount: m.act_discount,
	price: m.act_price,
	refund: m.act_refund,
	'refund-without-receipt': m.act_refund_without_receipt,
	'cash-out': m.act_cash_out,
	'no-sale': m.act_no_sale,
	'see-expected': m.act_see_expected,
	'see-reports': m.act_see_reports,
	'close-z': m.act_close_z,
	receive: m.act_receive,
	order: m.act_order,
	adjust: m.act_adjust,
	transfer: m.act_transfer,
	products: m.act_products,
	'give-credit': m.act_give_credit,
	'forget-customer': m.act_forget_customer,
	'customers-file': m.act_customers_file,
	resolve: m.act_resolve,
	settings: m.act_settings,
	people: m.act_people,
	devices: m.act_devices,
};
