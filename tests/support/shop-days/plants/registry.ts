/** Every kind that can be planted; a test compares them with the kinds that are found. */
import type { Plant } from '../plant.ts';
import { answerOvertaken } from './answer-overtaken.ts';
import { barcodeShared } from './barcode-shared.ts';
import { chainForked } from './chain-forked.ts';
import { chainGap } from './chain-gap.ts';
import { clockAdrift } from './clock-adrift.ts';
import { countOverlap } from './count-overlap.ts';
import { countsDisagree } from './counts-disagree.ts';
import { creditOverspent } from './credit-overspent.ts';
import { customerDuplicated } from './customer-duplicated.ts';
import { damaged } from './damaged.ts';
import { drawerDifference } from './drawer-difference.ts';
import { keyReused } from './key-reused.ts';
import { lateAfterZ } from './late-after-z.ts';
import { notAllowed } from './not-allowed.ts';
import { orderReceivedTwice } from './order-received-twice.ts';
import { oversold } from './oversold.ts';
import { parkedSoldTwice } from './parked-sold-twice.ts';
import { productEdited } from './product-edited.ts';
import { productGone } from './product-gone.ts';
import { refundWithoutSale } from './refund-without-sale.ts';
import { refundedTwice } from './refunded-twice.ts';
import { renewedTwice } from './renewed-twice.ts';
import { resoldTwice } from './resold-twice.ts';
import { resolvedTwice } from './resolved-twice.ts';
import { rightWithdrawn } from './right-withdrawn.ts';
import { rosterDisputed } from './roster-disputed.ts';
import { soldBelowZero } from './sold-below-zero.ts';
import { stalePrice } from './stale-price.ts';
import { tillNumberShared } from './till-number-shared.ts';
import { transferMismatch } from './transfer-mismatch.ts';

export const PLANTS: readonly Plant[] = [
	answerOvertaken,
	barcodeShared,
	chainForked,
	chainGap,
	clockAdrift,
	countOverlap,
	countsDisagree,
	creditOverspent,
	customerDuplicated,
	damaged,
	drawerDifference,
	keyReused,
	lateAfterZ,
	notAllowed,
	orderReceivedTwice,
	oversold,
	parkedSoldTwice,
	productEdited,
	productGone,
	refundWithoutSale,
	refundedTwice,
	resoldTwice,
	resolvedTwice,
	renewedTwice,
	rightWithdrawn,
	rosterDisputed,
	soldBelowZero,
	stalePrice,
	tillNumberShared,
	transferMismatch,
];
