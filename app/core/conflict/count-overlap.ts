/**
 * Count overlap: goods moved, and the shelf was counted, and neither of the two had heard of the other. Nobody but a person knows whether the count had them.
 *
 * Until answered the `hlc` of counting decides (`core/ledger/stock.ts`): what moved up to then is in the count, what moved later is subtracted from it. What
 * the count had seen is never asked about: it is in the count as of its moment, or applies on top. Nor is a count that another has replaced, which knew.
 *
 * One item for each till's absence: all movements of one device and all counts by another that were apart, of any product, as long as the first had heard
 * just so much of the second. Members are the movements and the counts; a pair is open while one of its two is.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { Chains, EntryRecord } from '#core/ledger/chains.ts';
import { areApart, isBelowCount, movementsApart, type StockOp, type StockSubject } from '#core/ledger/stock.ts';
import type { DeviceId, EntryHash, Sku } from '#schemas/ids.ts';
import type { Conflict, ConflictContext } from './conflict.ts';
import { openConflict } from './open.ts';

/** Pairs asked about at once: an answer names at most 2,000 members. What is left is asked about next. */
const MOST_PAIRS = 700;

/** The subjects under which a product's overlaps are found. */
export function overlapsOf(stock: StockSubject, chains: Chains): ReadonlySet<string> {
	const { base } = stock;
	return new Set(base === undefined ? [] : movementsApart(stock, chains).map((op) => subjectOf(op, base, chains)));
}

interface Pair {
	readonly op: StockOp;
	readonly count: StockOp;
	readonly sku: Sku;
	readonly isInCount: boolean;
}

export function findCountOverlap(subject: string, stocks: readonly StockSubject[], context: ConflictContext, chains: Chains): Conflict | undefined {
	const key = { kind: 'count-overlap', subject, branch: context.branch };
	const settled = context.settled(`${key.kind}\n${key.branch}\n${subject}`);
	const isOpen = ({ op, count }: Pair, open: { has(hash: EntryHash): boolean }): boolean => open.has(op.record.hash) || open.has(count.record.hash);
	const all = stocks.flatMap((stock) => pairsOf(stock, subject, context, chains)).sort(comparePairs);
	const unsettled = { has: (hash: EntryHash): boolean => settled?.has(hash) !== true };
	const asked = all.filter((pair) => isOpen(pair, unsettled)).slice(0, MOST_PAIRS);
	if (asked.length === 0) return undefined;
	const pairs = all.length <= MOST_PAIRS ? all : asked;
	const [device = '', counter = ''] = subject.split(':');
	return openConflict(
		{
			subject,
			ofStore: false,
			urgency: 'high',
			members: pairs.flatMap(({ op, count }) => [op.record, count.record]),
			detail: {
				...{ kind: 'count-overlap', device: device as DeviceId, counter: counter as DeviceId },
				overlaps: pairs.map(({ op, count, sku, isInCount }) => ({
					...{ sku, entry: op.record.hash, count: count.record.hash, quantityMilli: op.deltaMilli, isInCount },
				})),
			},
			stake: (open) => ({
				unitsMilli: pairs.filter((pair) => isOpen(pair, open)).reduce((sum, { op }) => sum + Math.abs(op.deltaMilli), 0),
				minor: 0,
			}),
			choices: (open) => {
				const left = pairs.filter((pair) => isOpen(pair, open));
				return [
					{
						...{ id: 'before', label: 'Before the count' },
						effect: {
							does: 'adjust-lines',
							lines: sums(
								left.filter(({ isInCount }) => !isInCount),
								-1,
							),
						},
					},
					{
						...{ id: 'after', label: 'After the count' },
						effect: {
							does: 'adjust-lines',
							lines: sums(
								left.filter(({ isInCount }) => isInCount),
								1,
							),
						},
					},
				];
			},
		},
		context,
	);
}

/** Whether a member of an answered overlap was apart from anything at all, were nothing counted since: a later count ends the question, and undoes no answer. */
export function wasOverlapping(
	subject: string,
	record: EntryRecord,
	stocks: readonly StockSubject[],
	context: ConflictContext,
	chains: Chains,
): boolean {
	const [device, counter] = subject.split(':');
	return stocks.some((stock) => {
		const counts = stock.counts.filter((count) => count.record.header.device === counter && !stock.annulled.has(count));
		const moved = stock.ops.filter((op) => op.record.header.device === device && isMovement(op) && !stock.corrected.has(op.record));
		return (
			(moved.some((op) => op.record === record) && counts.some((count) => areApart(count.record, record, chains))) ||
			(counts.some((count) => count.record === record) && moved.some((op) => areApart(op.record, record, chains)))
		);
	});
}

function isMovement({ kind, isVoid }: StockOp): boolean {
	return !isVoid && kind !== 'counted' && kind !== 'corrected';
}

function pairsOf(stock: StockSubject, subject: string, context: ConflictContext, chains: Chains): readonly Pair[] {
	const { base, sku } = stock;
	if (base === undefined || context.product(sku)?.tracked.value !== true) return [];
	return movementsApart(stock, chains)
		.filter((op) => subjectOf(op, base, chains) === subject)
		.map((op) => ({ op, count: base, sku, isInCount: isBelowCount(op.record, base, chains) }));
}

function subjectOf({ record }: StockOp, count: StockOp, chains: Chains): string {
	const { chain } = count.record;
	// Which side of a fork it had heard may read differently by what is here; that it had heard what lies before does not.
	const heard = Math.min(chains.seenSeq(record, chain), chain.forks ? chain.firstForkSeq - 1 : Infinity);
	return `${record.header.device}:${count.record.header.device}:${heard}`;
}

function sums(pairs: readonly Pair[], sign: 1 | -1): readonly { readonly sku: Sku; readonly quantityMilli: number }[] {
	const bySku = new Map<Sku, number>();
	for (const { sku, op } of pairs) bySku.set(sku, (bySku.get(sku) ?? 0) + sign * op.deltaMilli);
	return [...bySku].filter(([, milli]) => milli !== 0).map(([sku, quantityMilli]) => ({ sku, quantityMilli }));
}

function comparePairs(a: Pair, b: Pair): number {
	return (
		compareEntries(a.op.record, b.op.record) ||
		compareEntries(a.count.record, b.count.record) ||
		(a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : a.op.place - b.op.place)
	);
}
