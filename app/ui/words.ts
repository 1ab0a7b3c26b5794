/** What goes wrong, in the cashier's words: what happened, then what to do. One place, so that a translator finds all of it. */
import { isRefusal, type Refusal } from '#core/intent.ts';
import { formatMoney } from '#languages/figures.ts';
import { m } from '#languages/compiled/messages.js';
import type { Currency } from '#schemas/numbers.ts';

import { roleName } from './roles.ts';

interface TroubleLike {
	readonly trouble: 'another-tab' | 'storage-full' | 'storage-failed' | 'not-ready' | 'locked';
	readonly detail: string;
}

/** The sentence for a refusal or a trouble; undefined for anything that went well. */
export function problemText(outcome: unknown, currency: Currency): string | undefined {
	if (isRefusal(outcome)) return refusalText(outcome, currency);
	return isTrouble(outcome) ? troubleText(outcome) : undefined;
}

function isTrouble(outcome: unknown): outcome is TroubleLike {
	return typeof outcome === 'object' && outcome !== null && 'trouble' in outcome;
}

function troubleText({ trouble, detail }: TroubleLike): string {
	switch (trouble) {
		case 'another-tab':
			return m.trouble_another_tab();
		case 'storage-full':
			return m.trouble_storage_full();
		case 'storage-failed':
			return m.trouble_storage_failed({ detail });
		case 'not-ready':
			return m.trouble_not_ready();
		case 'locked':
			return m.trouble_locked();
	}
}

function refusalText(refusal: Refusal, currency: Currency): string {
	const money = (figure: string): string => formatMoney(Number(refusal[figure] ?? 0), currency);
	const named = (figure: string): string => String(refusal[figure] ?? '');
	switch (refusal.refused) {
		case 'cart-empty':
			return m.refusal_there_nothing_cart();
		case 'tender-short':
			return m.refusal_tender_short({ amount: money('shortMinor') });
		case 'tender-over':
			return m.refusal_tender_over({ amount: money('overMinor') });
		case 'cash-not-in-coins':
			return m.problem_cash_not_in_coins({ coin: money('coinMinor') });
		case 'credit-short':
			return m.problem_credit_short({ left: money('leftMinor') });
		case 'part-taken':
			return m.problem_part_taken({ taken: money('takenMinor') });
		case 'no-such-sale':
			return m.refusal_sale_not_till();
		case 'no-such-product':
			return m.refusal_product_does_not();
		case 'sku-taken':
			return m.refusal_sku_taken({ sku: named('sku') });
		case 'gtin-invalid':
			return refusal['gtin'] === undefined ? m.refusal_gtin_one() : m.refusal_gtin({ gtin: named('gtin') });
		case 'quantity-not-positive':
			return m.refusal_quantity_must_more();
		case 'quantity-out-of-range':
			return m.refusal_quantity_out_range();
		case 'refund-too-much':
			return m.refusal_more_chosen_than();
		case 'nothing-changed':
			return m.refusal_nothing_changed_so();
		case 'no-such-conflict':
			return m.refusal_settled_already();
		case 'no-such-choice':
			return m.refusal_choice_no_longer();
		case 'value-missing':
			return m.refusal_type_value_first();
		case 'value-invalid':
			return m.refusal_value_does_not();
		case 'conflict-changed':
			return m.refusal_something_new_arrived();
		case 'setting-invalid':
			return m.refusal_setting_does_not();
		case 'no-such-transfer':
			return m.refusal_transfer_not_here();
		case 'no-such-count':
			return m.refusal_stock_take_not();
		case 'count-taken':
			return m.refusal_stock_take_opened();
		case 'count-closed':
			return m.refusal_stock_take_closed();
		case 'not-in-count':
			return m.refusal_product_not_part();
		case 'at-other-branch':
			return m.refusal_written_other_branch();
		case 'no-such-supplier':
			return m.refusal_no_such_supplier();
		case 'no-such-order':
			return m.refusal_no_such_order();
		case 'no-deposit':
			return m.refusal_no_deposit();
		case 'order-taken':
			return m.refusal_order_taken();
		case 'order-closed':
			return m.refusal_order_closed();
		case 'no-such-price':
			return m.refusal_no_such_price();
		case 'no-such-device':
			return m.refusal_device_not_part();
		case 'not-allowed':
			return m.refusal_till_may_not();
		case 'needs-approval':
			return m.approve_needed({ role: roleName(String(refusal['role'] ?? '')) });
		case 'first-is-owner':
			return m.people_first_is_owner();
		case 'too-many-lines':
			return m.refusal_more_than_fits();
		case 'amount-out-of-range':
			return m.refusal_amount_out_range();
		case 'too-large':
			return m.refusal_too_much_once();
		case 'no-shift-open':
			return m.refusal_no_shift_open();
		case 'shift-open':
			return m.refusal_shift_open_till();
		case 'nothing-to-close':
			return m.refusal_nothing_sold_since();
		case 'nothing-to-report':
			return m.refusal_nothing_sold_day();
		case 'tender-pending':
			return m.refusal_somebody_paying_right();
		case 'history-away':
			return m.refusal_history_away();
		case 'in-training':
			return m.refusal_in_training();
		case 'no-such-customer':
			return m.refusal_customer_not_known();
		case 'customer-taken':
			return m.refusal_customer_written_down();
		case 'customer-forgotten':
			return m.refusal_customer_asked_forgotten();
		case 'no-such-person':
			return m.refusal_person_does_not();
		case 'person-taken':
			return m.refusal_person_added_already();
		case 'last-owner':
			return m.refusal_shop_needs_owner();
		case 'till-number-taken':
			return m.refusal_till_number({ till: named('till') });
	}
}
