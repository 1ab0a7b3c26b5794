/**
 * Goods that came back and were not put on the shelf again: opened packs, scratched ones. They lie with the returned goods, line by line of the refunds that
 * brought them, and may be sold from there (`resaleOf`) at whatever price, without moving the shelf's stock.
 *
 * 1. A refund or a sale that is quarantined or was taken back is none.
 * 2. A sale out of a line that is not here yet waits for it, and moves nothing meanwhile.
 */
import { findResoldTwice } from '#core/conflict/resold-twice.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import type { RefundLine } from '#schemas/facts/refund-completed.ts';
import type { Book, Change } from './book.ts';

/** `refund:line`, the index of the line in what the refund or exchange took back. */
export type ReturnedLineId = string & { readonly returned?: never };

export interface ReturnedLineState {
	readonly refund: EntryHash;
	readonly line: number;
	/** Absent: the refund is not here, or the line was put back on the shelf, or was no product. */
	readonly sku: Sku | undefined;
	readonly name: string | undefined;
	readonly returnedMilli: number;
	readonly resoldMilli: number;
	/** In ledger order. */
	readonly resales: readonly { readonly entry: EntryHash; readonly quantityMilli: number }[];
}

export const returnedGoods: Book<ReturnedLineId, ReturnedLineState> = {
	reads: ['refund.completed', 'exchange.completed', 'sale.completed'],
	subjectsOf(fact, { hash }) {
		if (fact.type === 'sale.completed') return resoldIn(fact.lines);
		if (fact.type !== 'refund.completed' && fact.type !== 'exchange.completed') return NONE;
		const back = fact.type === 'exchange.completed' ? fact.returned : fact.lines;
		const lying = back.flatMap((line, index) => (isLying(line) ? [`${hash}:${index}`] : []));
		return fact.type === 'exchange.completed' ? [...lying, ...resoldIn(fact.lines)] : lying;
	},
	fold(id, changes, { correctedBy }) {
		const [refund = '', place = '0'] = id.split(':');
		const index = Number(place);
		const standing = changes.filter(({ record }) => correctedBy(record) === undefined);
		const back = standing.filter(({ record }) => record.hash === refund).map((change) => backIn(change)[index])[0];
		const resales = standing.flatMap((change) => {
			const quantityMilli = resoldMilli(change, refund, index);
			return quantityMilli === 0 ? [] : [{ entry: change.record.hash, quantityMilli }];
		});
		const isHere = back !== undefined && isLying(back);
		return {
			...{ refund: refund as EntryHash, line: index, sku: isHere ? back.sku : undefined, name: isHere ? back.name : undefined },
			...{ returnedMilli: isHere ? back.quantityMilli : 0, resales },
			resoldMilli: resales.reduce((sum, { quantityMilli }) => sum + quantityMilli, 0),
		};
	},
	alarms: ['sale.completed', 'exchange.completed'],
	conflicts: findResoldTwice,
	isOver: ({ sku, returnedMilli }) => sku === undefined || returnedMilli === 0,
};

function isLying({ sku, restock }: RefundLine): boolean {
	return sku !== undefined && !restock;
}

function backIn({ fact }: Change): readonly RefundLine[] {
	if (fact.type === 'exchange.completed') return fact.returned;
	return fact.type === 'refund.completed' ? fact.lines : [];
}

type SoldLine = { readonly quantityMilli: number; readonly resaleOf?: { readonly refund: EntryHash; readonly line: number } | undefined };

/** Asked of every sale: most have no such line, and no list is made. */
function resoldIn(lines: readonly SoldLine[]): readonly ReturnedLineId[] {
	let found: Set<ReturnedLineId> | undefined;
	for (const { resaleOf } of lines) if (resaleOf !== undefined) (found ??= new Set()).add(`${resaleOf.refund}:${resaleOf.line}`);
	return found === undefined ? NONE : [...found];
}

function resoldMilli({ fact }: Change, refund: string, index: number): number {
	if (fact.type !== 'sale.completed' && fact.type !== 'exchange.completed') return 0;
	const lines: readonly SoldLine[] = fact.lines;
	return lines.reduce((sum, { resaleOf, quantityMilli }) => (resaleOf?.refund === refund && resaleOf.line === index ? sum + quantityMilli : sum), 0);
}

const NONE: readonly ReturnedLineId[] = [];
