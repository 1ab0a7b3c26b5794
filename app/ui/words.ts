/** What goes wrong, in the cashier's words: what happened, then what to do. One place, so that a translator finds all of it. */
import { isRefusal, type Refusal } from '#core/intent.ts';
import { formatMoney } from '#languages/figures.ts';
import { m } from '#languages/compiled/messages.js';
import type { Currency } from '#schemas/numbers.ts';

import { roleName } from './roles.ts';

interface TroubleLike {
	readonly trouble: 'another-tab' | 'storage-full' | 'storage-failed' | 'not-ready' | 'locked' | 'dropped';
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
		case 'dropped':
			return m.trouble_dropped();
	}
}

function refusalText(refusal: Refusal, currency: Currency): string {
	const money = (figure: string): string => formatMoney(Number(refusal[figure] ?? 0), currency);
	const named = (figure: string): string => String(refusal[figure] ?? '');
	switch (refusal.refused) {
		case 'cart-empty':
			return m.refusal_cart_empty();
		case 'tender-short':
			return m.refusal_tender_short({ amount: money('shortMinor') });
		case 'tender-over':
			return m.refusal_tender_over({ amount: money('overMinor') });
		case 'cash-not-in-coins':
			return m.refusal_cash_not_in_coins({ coin: money('coinMinor') });
		case 'credit-short':
			return m.refusal_credit_short({ left: money('leftMinor') });
		case 'part-taken':
			return m.refusal_part_taken({ taken: money('takenMinor') });
		case 'on-terminal':
			return m.refusal_on_terminal({ amount: money('amountMinor') });
		case 'exchange-open':
			return m.refusal_exchange_open();
		case 'no-such-sale':
			return m.refusal_no_such_sale();
		case 'no-such-product':
			return m.refusal_no_such_product();
		case 'sku-taken':
			return m.refusal_sku_taken({ sku: named('sku') });
		case 'gtin-invalid':
			return refusal['gtin'] === undefined ? m.refusal_gtin_one() : m.refusal_gtin({ gtin: named('gtin') });
		case 'quantity-not-positive':
			return m.refusal_quantity_not_positive();
		case 'quantity-out-of-range':
			return m.refusal_quantity_out_of_range();
		case 'refund-too-much':
			return m.refusal_refund_too_much();
		case 'nothing-changed':
			return m.refusal_nothing_changed();
		case 'no-such-conflict':
			return m.refusal_no_such_conflict();
		case 'no-such-choice':
			return m.refusal_no_such_choice();
		case 'value-missing':
			return m.refusal_value_missing();
		case 'value-invalid':
			return m.refusal_value_invalid();
		case 'conflict-changed':
			return m.refusal_conflict_changed();
		case 'setting-invalid':
			return m.refusal_setting_invalid();
		case 'no-such-transfer':
			return m.refusal_no_such_transfer();
		case 'no-such-count':
			return m.refusal_no_such_count();
		case 'count-taken':
			return m.refusal_count_taken();
		case 'count-closed':
			return m.refusal_count_closed();
		case 'not-in-count':
			return m.refusal_not_in_count();
		case 'at-other-branch':
			return m.refusal_at_other_branch();
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
			return m.refusal_no_such_device();
		case 'not-allowed':
			return m.refusal_not_allowed();
		case 'needs-approval':
			return m.approve_needed({ role: roleName(String(refusal['role'] ?? '')) });
		case 'first-is-owner':
			return m.people_first_is_owner();
		case 'too-many-lines':
			return m.refusal_too_many_lines();
		case 'amount-out-of-range':
			return m.refusal_amount_out_of_range();
		case 'too-large':
			return m.refusal_too_large();
		case 'no-shift-open':
			return m.refusal_no_shift_open();
		case 'shift-open':
			return m.refusal_shift_open();
		case 'nothing-to-close':
			return m.refusal_nothing_to_close();
		case 'nothing-to-report':
			return m.refusal_nothing_to_report();
		case 'tender-pending':
			return m.refusal_tender_pending();
		case 'history-away':
			return m.refusal_history_away();
		case 'in-training':
			return m.refusal_in_training();
		case 'no-such-customer':
			return m.refusal_no_such_customer();
		case 'customer-taken':
			return m.refusal_customer_taken();
		case 'customer-forgotten':
			return m.refusal_customer_forgotten();
		case 'no-such-person':
			return m.refusal_no_such_person();
		case 'person-taken':
			return m.refusal_person_taken();
		case 'last-owner':
			return m.refusal_last_owner();
		case 'till-number-taken':
			return m.refusal_till_number_taken({ till: named('till') });
	}
}
