/**
 * Why, where people are asked: reasons that tills offer are written down by these names, and read in the reader's own language; what somebody typed stays as it
 * was typed. Both stand in one field of a fact (`reason`, or a `note` that says why).
 *
 * 1. A name is a plain word or two, for an older till, an accountant and a file of sales show it as it is.
 * 2. Names are only added to: entries of every shop have them.
 */

/** For each place where a reason is asked. */
export const OFFERED = {
	discount: ['damaged', 'short-date', 'price-match', 'goodwill', 'staff'],
	refund: ['faulty', 'wrong-item', 'changed-mind'],
	in: ['change-from-bank', 'float-too-small'],
	drop: ['to-the-safe', 'to-the-bank'],
	out: ['paid-supplier', 'postage'],
	none: ['gave-change', 'checked-drawer'],
} as const;

/** Why a line has another price than its product's: it stood in the code that was scanned. Nobody said so, and nobody has to allow it. */
export const PRICE_IN_CODE = 'price-in-code';

/** Written by the till itself. */
export const OWN_REASONS = [
	PRICE_IN_CODE,
	'rest-not-coming',
	'order-cancelled',
	'removed-in-settings',
	'the rest will not come',
	'answer to a conflict',
	'stock take',
	'transfer',
	'opening stock',
	'brought bytes that do not verify',
	'keys renewed twice',
	'lost before the shop was recovered',
] as const;

export type OfferedReason = (typeof OFFERED)[keyof typeof OFFERED][number];
export type OwnReason = (typeof OWN_REASONS)[number];
