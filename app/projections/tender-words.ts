/** What something was paid with, as people call it. */
import { m } from '#languages/compiled/messages.js';

/** A kind that newer code wrote is called what it calls itself. */
export function tenderWords(type: string): string {
	return WORDS[type]?.() ?? type;
}

const WORDS: Readonly<Record<string, (() => string) | undefined>> = { cash: m.tender_cash, card: m.tender_card, credit: m.tender_credit };
