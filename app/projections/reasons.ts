/** Why, in the reader's language where it is one of the reasons that tills offer (`#schemas/reasons.ts`), else as somebody typed it. */
import { m } from '#languages/compiled/messages.js';
import type { ADJUST_REASONS } from '#schemas/facts/stock-adjusted.ts';
import type { OfferedReason, OwnReason } from '#schemas/reasons.ts';

type Named = OfferedReason | OwnReason | (typeof ADJUST_REASONS)[number];

const WORDS: Readonly<Record<Named, () => string>> = {
	damaged: m.sell_damaged,
	'short-date': m.sell_short_date,
	'price-match': m.sell_price_match,
	goodwill: m.sell_goodwill,
	staff: m.sell_staff,
	faulty: m.refund_reason_faulty,
	'wrong-item': m.refund_reason_wrong,
	'changed-mind': m.refund_reason_mind,
	'change-from-bank': m.cash_reason_change,
	'float-too-small': m.cash_reason_correction,
	'to-the-safe': m.cash_reason_safe,
	'to-the-bank': m.cash_reason_bank,
	'paid-supplier': m.cash_reason_supplier,
	postage: m.cash_reason_post,
	'gave-change': m.no_sale_reason_change,
	'checked-drawer': m.no_sale_reason_check,
	'price-in-code': m.reason_price_in_code,
	'rest-not-coming': m.stock_rest_will_not,
	'order-cancelled': m.order_cancelled,
	'removed-in-settings': m.settings_removed_settings,
	'the rest will not come': m.stock_rest_will_not,
	'answer to a conflict': m.reason_conflict_answered,
	'stock take': m.reason_stock_take,
	transfer: m.reason_transfer,
	'opening stock': m.reason_opening_stock,
	'brought bytes that do not verify': m.reason_bad_bytes,
	'keys renewed twice': m.reason_renewed_twice,
	'lost before the shop was recovered': m.reason_lost_before,
	found: m.stock_found,
	damage: m.stock_damaged,
	waste: m.stock_spoiled,
	theft: m.stock_stolen,
	'own-use': m.stock_used_shop,
	other: m.stock_something_else,
};

/** A product that became another one moves its stock with this note. */
const MERGED = /^merged (?<from>\S+) into (?<into>\S+)$/u;

export function reasonText(reason: string): string {
	if (Object.hasOwn(WORDS, reason)) return WORDS[reason as Named]();
	const merged = MERGED.exec(reason)?.groups;
	return merged === undefined ? reason : m.reason_merged({ from: merged['from'] ?? '', into: merged['into'] ?? '' });
}

/** What is written down of the words in the field: the name of an offered reason that reads so here, else the words. */
export function reasonOf(words: string, offered: readonly OfferedReason[]): string {
	const typed = words.trim();
	return offered.find((name) => WORDS[name]() === typed) ?? typed;
}
