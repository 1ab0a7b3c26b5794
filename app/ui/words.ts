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
			return 'Another tab has taken over this till. Sell there, or reload this one.';
		case 'storage-full':
			return 'This device’s storage is full, so nothing was recorded. Free some space, then try again.';
		case 'storage-failed':
			return `Nothing was recorded: ${detail}. Try again; if it stays so, reload the page.`;
		case 'not-ready':
			return 'The till is still starting. Try again in a moment.';
		case 'locked':
			return m.trouble_locked();
	}
}

function refusalText(refusal: Refusal, currency: Currency): string {
	const money = (figure: string): string => formatMoney(Number(refusal[figure] ?? 0), currency);
	switch (refusal.refused) {
		case 'cart-empty':
			return 'There is nothing in the cart yet. Scan or choose a product first.';
		case 'tender-short':
			return `${money('shortMinor')} is missing. Take the rest, then finish.`;
		case 'tender-over':
			return `That is ${money('overMinor')} too much. Correct the amount.`;
		case 'cash-not-in-coins':
			return m.problem_cash_not_in_coins({ coin: money('coinMinor') });
		case 'credit-short':
			return m.problem_credit_short({ left: money('leftMinor') });
		case 'part-taken':
			return m.problem_part_taken({ taken: money('takenMinor') });
		case 'no-such-sale':
			return 'That sale is not on this till yet. Try again when the till has caught up.';
		case 'no-such-product':
			return 'That product does not exist any more. Search for it again.';
		case 'sku-taken':
			return `The SKU ${String(refusal['sku'] ?? '')} is used by another product. Choose another one.`;
		case 'gtin-invalid':
			return `${String(refusal['gtin'] ?? 'One barcode')} is no valid barcode: a digit is wrong or missing.`;
		case 'quantity-not-positive':
			return 'The quantity must be more than nothing.';
		case 'quantity-out-of-range':
			return 'That quantity is out of range. Check the figure.';
		case 'refund-too-much':
			return 'More was chosen than is left to refund on this receipt. Lower the quantity.';
		case 'nothing-changed':
			return 'Nothing was changed, so there is nothing to save.';
		case 'no-such-conflict':
			return 'That is settled already.';
		case 'no-such-choice':
			return 'That choice is no longer offered. Look at the conflict again.';
		case 'value-missing':
			return 'Type a value first.';
		case 'value-invalid':
			return 'That value does not fit. Check it and try again.';
		case 'conflict-changed':
			return 'Something new arrived for this conflict. Look at it again, then choose.';
		case 'setting-invalid':
			return 'That setting does not fit. Check it and try again.';
		case 'no-such-transfer':
			return 'That transfer is not here yet. It comes when the branches have met.';
		case 'no-such-count':
			return 'That stock take is not here yet. Try again when the till has caught up.';
		case 'count-taken':
			return 'That stock take was opened already.';
		case 'count-closed':
			return 'That stock take is closed. Open another one to go on counting.';
		case 'not-in-count':
			return 'That product is not part of this stock take.';
		case 'at-other-branch':
			return 'That is written in the other branch: its stock is kept there.';
		case 'no-such-supplier':
			return m.refusal_no_such_supplier();
		case 'no-such-order':
			return m.refusal_no_such_order();
		case 'order-taken':
			return m.refusal_order_taken();
		case 'order-closed':
			return m.refusal_order_closed();
		case 'no-such-price':
			return m.refusal_no_such_price();
		case 'no-such-device':
			return 'That device is not part of the shop.';
		case 'not-allowed':
			return 'This till may not do that.';
		case 'needs-approval':
			return m.approve_needed({ role: roleName(String(refusal['role'] ?? '')) });
		case 'first-is-owner':
			return m.people_first_is_owner();
		case 'too-many-lines':
			return 'That is more than fits on one receipt. Finish this one and begin another.';
		case 'amount-out-of-range':
			return 'That amount is out of range. Check the figures.';
		case 'too-large':
			return 'That is too much at once. Split it into smaller parts.';
		case 'no-shift-open':
			return 'No shift is open on this till. Open one first.';
		case 'shift-open':
			return 'A shift is open on this till. Count the drawer and close it first.';
		case 'nothing-to-close':
			return 'Nothing was sold since the last Z, so there is nothing to close.';
		case 'nothing-to-report':
			return 'Nothing was sold on that day.';
		case 'tender-pending':
			return 'Somebody is paying right now. Finish that first.';
		case 'no-such-customer':
			return 'That customer is not known here.';
		case 'customer-taken':
			return 'That customer is written down already.';
		case 'customer-forgotten':
			return 'That customer asked to be forgotten. Write them down anew.';
		case 'no-such-person':
			return 'That person does not work here.';
		case 'person-taken':
			return 'That person is added already.';
		case 'last-owner':
			return 'The shop needs an owner. Make somebody else an owner first.';
		case 'till-number-taken':
			return `The number ${String(refusal['till'] ?? '')} was given to a till before. Choose another one.`;
	}
}
