/** Stories by kind. The first nine kinds are told in `../conflicts.ts`. */
import type { ConflictKind } from '#core/conflict/conflict.ts';
import { answerOvertaken } from './answer-overtaken.ts';
import { barcodeShared } from './barcode-shared.ts';
import { clockAdrift } from './clock-adrift.ts';
import { countOverlap } from './count-overlap.ts';
import { countsDisagree } from './counts-disagree.ts';
import { creditOverspent } from './credit-overspent.ts';
import { customerDuplicated } from './customer-duplicated.ts';
import { drawerDifference } from './drawer-difference.ts';
import { lateAfterZ } from './late-after-z.ts';
import { orderReceivedTwice } from './order-received-twice.ts';
import { parkedSoldTwice } from './parked-sold-twice.ts';
import { productGone } from './product-gone.ts';
import { stalePrice } from './stale-price.ts';
import { transferMismatch } from './transfer-mismatch.ts';
import { tillNumberShared } from './till-number-shared.ts';
import { refundWithoutSale } from './refund-without-sale.ts';
import { renewedTwice } from './renewed-twice.ts';
import { resoldTwice } from './resold-twice.ts';
import { resolvedTwice } from './resolved-twice.ts';
import { rightWithdrawn } from './right-withdrawn.ts';
import { rosterDisputed } from './roster-disputed.ts';
import type { Story } from './story.ts';

export type ToldInConflicts =
	'oversold' | 'sold-below-zero' | 'refunded-twice' | 'key-reused' | 'product-edited' | 'chain-gap' | 'chain-forked' | 'not-allowed' | 'damaged';

export const STORIES: { readonly [Kind in Exclude<ConflictKind, ToldInConflicts>]: Story<Kind> } = {
	'count-overlap': countOverlap,
	'counts-disagree': countsDisagree,
	'clock-adrift': clockAdrift,
	'right-withdrawn': rightWithdrawn,
	'roster-disputed': rosterDisputed,
	'renewed-twice': renewedTwice,
	'resolved-twice': resolvedTwice,
	'answer-overtaken': answerOvertaken,
	'refund-without-sale': refundWithoutSale,
	'resold-twice': resoldTwice,
	'parked-sold-twice': parkedSoldTwice,
	'product-gone': productGone,
	'barcode-shared': barcodeShared,
	'stale-price': stalePrice,
	'transfer-mismatch': transferMismatch,
	'order-received-twice': orderReceivedTwice,
	'late-after-z': lateAfterZ,
	'drawer-difference': drawerDifference,
	'credit-overspent': creditOverspent,
	'customer-duplicated': customerDuplicated,
	'till-number-shared': tillNumberShared,
};
