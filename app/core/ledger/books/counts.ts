/**
 * A stock take: opened, counted line by line by anybody anywhere while selling goes on, closed. What it makes of stock is `core/ledger/stock.ts`'s to say.
 *
 * 1. Every line says who counted what, when, and as of which moment; counted again in one stock take, the last in ledger order is the line that stands.
 * 2. A line that comes late, after the close or before what opened it is here, is a line: what was on the shelf was on the shelf.
 * 3. A line whose entry was taken back is none, and neither is an opening or a close.
 */
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { AsOf } from '#schemas/facts/stock-counted.ts';
import type { DeviceId, EntryHash, PersonId, Sku } from '#schemas/ids.ts';
import type { Book, Change } from './book.ts';

export interface CountedBy {
	readonly entry: EntryHash;
	readonly atMs: number;
	readonly by: PersonId;
	readonly device: DeviceId;
}

export interface CountLine extends CountedBy {
	readonly sku: Sku;
	readonly quantityMilli: number;
	readonly asOf: AsOf;
	/** Counted again later in this stock take. */
	readonly isReplaced: boolean;
}

export interface CountState {
	readonly count: CountId;
	/** Undefined: the entry that opened it is not here. */
	readonly opened: (CountedBy & { readonly name: string; readonly isBlind: boolean }) | undefined;
	/** Undefined: everything is to be counted. */
	readonly skus: readonly Sku[] | undefined;
	/** Undefined: it is open. The first close is the one. */
	readonly closed: CountedBy | undefined;
	/** In ledger order. */
	readonly lines: readonly CountLine[];
}

export const counts: Book<CountId, CountState> = {
	reads: ['count.opened', 'stock.counted', 'count.closed'],
	subjectsOf(fact) {
		if (fact.type !== 'count.opened' && fact.type !== 'stock.counted' && fact.type !== 'count.closed') return [];
		return fact.count === undefined ? [] : [fact.count];
	},
	fold(count, changes, { correctedBy }) {
		let opened: CountState['opened'];
		let skus: CountState['skus'];
		let closed: CountState['closed'];
		const lines: (Omit<CountLine, 'isReplaced'> & { isReplaced: boolean })[] = [];
		const standing = new Map<Sku, (typeof lines)[number]>();
		for (const { record, fact } of changes) {
			if (correctedBy(record) !== undefined) continue;
			const who = authorOf(record);
			if (fact.type === 'count.opened' && opened === undefined) {
				opened = { ...who, name: fact.name, isBlind: fact.blind === true };
				skus = fact.skus;
			} else if (fact.type === 'count.closed') closed ??= who;
			else if (fact.type === 'stock.counted')
				for (const { sku, quantityMilli, asOf } of fact.lines) {
					const before = standing.get(sku);
					if (before !== undefined) before.isReplaced = true;
					const line = { ...who, sku, quantityMilli, asOf, isReplaced: false };
					standing.set(sku, line);
					lines.push(line);
				}
		}
		return opened === undefined && closed === undefined && lines.length === 0 ? undefined : { count, opened, skus, closed, lines };
	},
	isOver: ({ closed }) => closed !== undefined,
};

function authorOf({ hash, header }: Change['record']): CountedBy {
	return { entry: hash, atMs: header.at, by: header.by, device: header.device };
}
