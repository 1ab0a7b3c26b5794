/**
 * What `oversold` and `sold-below-zero` share: what is missing, what it is worth, and what may be done about it.
 *
 * 1. Shortages come in episodes: from the entry that takes a balance below zero until it is back. An episode of which everything is answered is over, and told no
 *    more; what is left open of an older one is told with the whole of it.
 * 2. Below a checkpoint lie only episodes that are over: the others are carried with it (`ledger/checkpoint.ts`).
 */
import type { Chains, EntryRecord } from '#core/ledger/chains.ts';
import { conflictKey } from '#core/ledger/answers.ts';
import { ownPastMilli, rivalsOf, type Short, type StockSubject } from '#core/ledger/stock.ts';
import { shareMinor } from '#core/money.ts';
import { paidMinor } from '#core/sale/paid.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import type { Choice, ConflictContext, ConflictKind, Stake } from './conflict.ts';

export interface JudgedShort extends Short {
	readonly believedMilli: number;
}

/** A SKU that stays below zero for hundreds of sales is one finding, and its newest shortages tell the story. */
const MOST_SHORTS = 500;

/**
 * Shortages of a tracked product, each with what its till believed to be left afterwards: from the first episode on that has something left to answer, and the one
 * that goes on.
 */
export function judgedShorts(
	stock: StockSubject,
	{ settled, branch, product }: Pick<ConflictContext, 'settled' | 'branch' | 'product'>,
	chains: Chains,
): readonly JudgedShort[] {
	if (product(stock.sku)?.tracked.value !== true) return [];
	const answeredOf = (kind: ConflictKind): ReadonlyMap<EntryHash, EntryHash> | undefined =>
		settled(conflictKey({ kind, subject: stock.sku, branch }));
	const [oversold, below] = [answeredOf('oversold'), answeredOf('sold-below-zero')];
	const judged = stock.shorts.slice(-MOST_SHORTS).map((short) => ({ ...short, believedMilli: ownPastMilli(stock, short.record, chains) }));
	const isOpen = ({ record, believedMilli }: JudgedShort): boolean =>
		believedMilli < 0
			? below?.has(record.hash) !== true
			: [record, ...rivalsOf(stock, record, chains)].some(({ hash }) => oversold?.has(hash) !== true);
	const firstOpen = judged.findIndex(isOpen);
	const now = missingMilli(stock) > 0 ? judged.length - 1 : judged.length;
	return judged.slice(beginOfEpisode(judged, firstOpen < 0 ? now : Math.min(firstOpen, now)));
}

function beginOfEpisode(shorts: readonly Short[], index: number): number {
	let begin = index;
	for (let one = shorts[begin]; begin > 0 && one !== undefined && one.afterMilli + one.takenMilli < 0; one = shorts[begin]) begin -= 1;
	return begin;
}

export function missingMilli(stock: StockSubject): number {
	return Math.max(0, -stock.onHandMilli);
}

export function stakeOf(shorts: readonly JudgedShort[], open: ReadonlySet<EntryHash>, sku: Sku, context: ConflictContext): Stake {
	let unitsMilli = 0;
	let minor = 0;
	for (const short of shorts) {
		if (!open.has(short.record.hash)) continue;
		const milli = Math.min(short.takenMilli, -short.afterMilli);
		unitsMilli += milli;
		minor += owedFor(short.record, sku, milli, context)?.amountMinor ?? 0;
	}
	return { unitsMilli, minor };
}

export function shortageChoices(
	stock: StockSubject,
	shorts: readonly JudgedShort[],
	open: ReadonlySet<EntryHash>,
	context: ConflictContext,
): readonly Choice[] {
	const { sku } = stock;
	const missing = missingMilli(stock);
	const owed: { sale: EntryHash; sku: Sku; quantityMilli: number; amountMinor: number }[] = [];
	let left = missing;
	// The last to sell is the one whose customer finds the shelf empty.
	for (const short of [...shorts].reverse()) {
		if (left === 0 || !open.has(short.record.hash)) continue;
		const one = owedFor(short.record, sku, Math.min(left, short.takenMilli), context);
		if (one === undefined) continue;
		owed.push(one);
		left -= one.quantityMilli;
	}
	return [
		{ id: 'found-more', label: 'Found more', effect: { does: 'adjust', sku, quantityMilli: missing, afterMilli: stock.onHandMilli + missing } },
		{ id: 'customer-waits', label: 'Customer waits or is refunded', effect: { does: 'owe', owed } },
		{ id: 'count-it', label: 'Count it', effect: { does: 'count', sku } },
	];
}

/** The share of a sale's money that so much of a SKU stands for; undefined where the entry is no sale of it. */
function owedFor(
	record: EntryRecord,
	sku: Sku,
	quantityMilli: number,
	context: ConflictContext,
): { sale: EntryHash; sku: Sku; quantityMilli: number; amountMinor: number } | undefined {
	// A pack is owed for the part of it that is missing.
	const fact = context.sale(record.hash)?.fact;
	const lines = (fact?.lines ?? []).flatMap((line) => {
		const { sku: own, quantityMilli: sold, draws, resaleOf } = line;
		if (fact === undefined || resaleOf !== undefined || (draws?.sku ?? own) !== sku) return [];
		return [{ quantityMilli: draws?.quantityMilli ?? sold, paidMinor: paidMinor(line, fact) }];
	});
	let left = quantityMilli;
	let amountMinor = 0;
	for (const line of lines) {
		const milli = Math.min(left, line.quantityMilli);
		amountMinor += shareMinor(line.paidMinor, 0, milli, line.quantityMilli);
		left -= milli;
	}
	return left === quantityMilli ? undefined : { sale: record.hash, sku, quantityMilli: quantityMilli - left, amountMinor };
}
