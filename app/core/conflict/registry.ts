/** Every kind of conflict that this version finds, each in its own file with its rule at the top. */
import type { Chain, Chains, EntryRecord } from '#core/ledger/chains.ts';
import type { AnswerRecord, Clash } from '#core/ledger/answers.ts';
import type { Drift } from '#core/ledger/drifts.ts';
import type { Dispute } from '#core/roster/roster.ts';
import type { SaleSubject } from '#core/ledger/sales.ts';
import type { ProductState } from '#core/ledger/state.ts';
import type { StockSubject } from '#core/ledger/stock.ts';
import type { DeviceId, Gtin, IntentKey } from '#schemas/ids.ts';
import { findAnswerOvertaken, type Left } from './answer-overtaken.ts';
import { findBarcodeShared } from './barcode-shared.ts';
import { findChainForked } from './chain-forked.ts';
import { findChainGap } from './chain-gap.ts';
import { findClockAdrift } from './clock-adrift.ts';
import type { Conflict, ConflictContext, ConflictKind, DamagedFound } from './conflict.ts';
import { findCountOverlap } from './count-overlap.ts';
import { findCountsDisagree } from './counts-disagree.ts';
import { findDamaged } from './damaged.ts';
import { findKeyReused } from './key-reused.ts';
import { findNotAllowed, type Quarantine } from './not-allowed.ts';
import { findOversold } from './oversold.ts';
import { findProductEdited } from './product-edited.ts';
import { findProductGone, type Gone } from './product-gone.ts';
import { findRefundWithoutSale } from './refund-without-sale.ts';
import { findRefundedTwice } from './refunded-twice.ts';
import { findRenewedTwice, type Renewed } from './renewed-twice.ts';
import { findResolvedTwice } from './resolved-twice.ts';
import { findRightWithdrawn } from './right-withdrawn.ts';
import { findRosterDisputed } from './roster-disputed.ts';
import { findSoldBelowZero } from './sold-below-zero.ts';
import { findStalePrice, type StalePrices } from './stale-price.ts';

export const CONFLICT_KINDS: readonly ConflictKind[] = [
	'oversold',
	'sold-below-zero',
	'count-overlap',
	'counts-disagree',
	'refunded-twice',
	'refund-without-sale',
	'resold-twice',
	'key-reused',
	'parked-sold-twice',
	'transfer-mismatch',
	'order-received-twice',
	'product-edited',
	'product-gone',
	'barcode-shared',
	'stale-price',
	'late-after-z',
	'drawer-difference',
	'credit-overspent',
	'customer-duplicated',
	'till-number-shared',
	'chain-gap',
	'chain-forked',
	'clock-adrift',
	'right-withdrawn',
	'not-allowed',
	'roster-disputed',
	'renewed-twice',
	'resolved-twice',
	'answer-overtaken',
	'damaged',
];

/** What the ledger hands over when it looks again: one subject, whose conflicts are found afresh. */
export type Subject =
	| { readonly of: 'stock'; readonly stock: StockSubject }
	| { readonly of: 'overlap'; readonly overlap: string; readonly stocks: readonly StockSubject[] }
	/** `unknown`: refunds that name it, although no chain has it. */
	| { readonly of: 'sale'; readonly sale: SaleSubject; readonly unknown: readonly EntryRecord[] }
	| { readonly of: 'product'; readonly product: ProductState }
	| { readonly of: 'gone'; readonly gone: Gone }
	| { readonly of: 'gtin'; readonly gtin: Gtin; readonly products: readonly ProductState[] }
	| { readonly of: 'stale'; readonly stale: StalePrices }
	| { readonly of: 'key'; readonly key: IntentKey; readonly records: readonly EntryRecord[] }
	| { readonly of: 'chain'; readonly chain: Chain }
	| { readonly of: 'clocks'; readonly pair: string; readonly drifts: readonly Drift[] }
	| { readonly of: 'withdrawn'; readonly device: DeviceId; readonly records: ReadonlyMap<EntryRecord, readonly EntryRecord[]> }
	| { readonly of: 'roster'; readonly disputes: readonly Dispute[] }
	| { readonly of: 'renewed'; readonly renewed: Renewed }
	| { readonly of: 'answers'; readonly clashes: readonly Clash[] }
	| { readonly of: 'answered'; readonly answers: readonly { readonly answer: AnswerRecord; readonly found: readonly Left[] }[] }
	| { readonly of: 'quarantine'; readonly quarantine: Quarantine }
	| { readonly of: 'damaged'; readonly found: readonly DamagedFound[] };

export function findConflicts(subject: Subject, context: ConflictContext, chains: Chains): readonly Conflict[] {
	switch (subject.of) {
		case 'stock':
			return [
				findOversold(subject.stock, context, chains),
				findSoldBelowZero(subject.stock, context, chains),
				findCountsDisagree(subject.stock, context, chains),
			].filter((one) => one !== undefined);
		case 'overlap':
			return [findCountOverlap(subject.overlap, subject.stocks, context, chains)].filter((one) => one !== undefined);
		case 'sale':
			return [findRefundWithoutSale(subject.sale.sale, subject.unknown, context) ?? [], findRefundedTwice(subject.sale, context)].flat();
		case 'product':
			return findProductEdited(subject.product, context);
		case 'gone':
			return [findProductGone(subject.gone, context)].filter((one) => one !== undefined);
		case 'gtin':
			return [findBarcodeShared(subject.gtin, subject.products, context)].filter((one) => one !== undefined);
		case 'stale':
			return [findStalePrice(subject.stale, context)].filter((one) => one !== undefined);
		case 'key':
			return findKeyReused(subject.key, subject.records, context);
		case 'chain':
			return [findChainGap(subject.chain, context, chains), findChainForked(subject.chain, context, chains)].filter((one) => one !== undefined);
		case 'clocks':
			return [findClockAdrift(subject.pair, subject.drifts, context)].filter((one) => one !== undefined);
		case 'withdrawn':
			return [findRightWithdrawn(subject.device, subject.records, context)].filter((one) => one !== undefined);
		case 'roster':
			return findRosterDisputed(subject.disputes, context);
		case 'renewed':
			return [findRenewedTwice(subject.renewed, context)].filter((one) => one !== undefined);
		case 'answers':
			return subject.clashes.flatMap((clash) => findResolvedTwice(clash, context) ?? []);
		case 'answered':
			return subject.answers.flatMap(({ answer, found }) => findAnswerOvertaken(answer, found, context) ?? []);
		case 'quarantine':
			return [findNotAllowed(subject.quarantine, context)].filter((one) => one !== undefined);
		case 'damaged':
			return findDamaged(subject.found, context);
	}
}

/** What acts on money or goods first: urgent ones by money at stake, the newest first among equals. */
export function compareConflicts(a: Conflict, b: Conflict): number {
	if (a.urgency !== b.urgency) return a.urgency === 'high' ? -1 : 1;
	return b.stake.minor - a.stake.minor || b.newestMs - a.newestMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
