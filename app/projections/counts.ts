/**
 * Stock takes as people read them: what was counted, by whom, and by how much the shelf differed from what the ledger had expected at that moment.
 *
 * What was expected is known while the line is no part of a checkpoint; of a line below one only the count itself is left.
 */
import type { CountLine, CountState } from '#core/ledger/books/counts.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { EntryHash, PersonId, Sku } from '#schemas/ids.ts';
import { deviceName } from './shop.ts';

export interface CountLineRow {
	readonly entry: EntryHash;
	readonly sku: Sku;
	readonly name: string;
	readonly countedMilli: number;
	readonly expectedMilli: number | undefined;
	/** Below zero: less on the shelf than there should have been. */
	readonly differenceMilli: number | undefined;
	/** When it was counted, which is earlier than when it was entered. */
	readonly asOfMs: number;
	readonly by: PersonId;
	readonly deviceName: string;
	readonly isReplaced: boolean;
}

export interface CountRow {
	readonly count: CountId;
	readonly name: string;
	readonly isOpen: boolean;
	readonly openedAtMs: number | undefined;
	readonly closedAtMs: number | undefined;
	/** In the order in which they were counted, the ones that were counted again among them. */
	readonly lines: readonly CountLineRow[];
	/** Of what is to be counted and was not; undefined where everything is. */
	readonly left: readonly Sku[] | undefined;
}

/** The newest first. */
export function countRows(ledger: Ledger): readonly CountRow[] {
	return ledger.state.books.counts
		.values()
		.map((state) => countRow(ledger, state))
		.sort((a, b) => (b.openedAtMs ?? 0) - (a.openedAtMs ?? 0));
}

function countRow(ledger: Ledger, { count, opened, closed, skus, lines }: CountState): CountRow {
	const counted = new Set(lines.map(({ sku }) => sku));
	return {
		...{ count, name: opened?.name ?? '', isOpen: closed === undefined, openedAtMs: opened?.atMs, closedAtMs: closed?.atMs },
		lines: lines.map((line) => lineRow(ledger, line)),
		left: skus?.filter((sku) => !counted.has(sku)),
	};
}

function lineRow(ledger: Ledger, line: CountLine): CountLineRow {
	const { entry, sku, quantityMilli, asOf, by, device, isReplaced } = line;
	// One entry may count a product twice: each line has its own moment.
	const movement = ledger.state.stock.get(sku)?.movements.findLast((one) => one.kind === 'counted' && one.entry.hash === entry && one.asOf === asOf);
	const expectedMilli = movement?.expectedMilli;
	return {
		...{ entry, sku, name: ledger.state.products.get(sku)?.name.value ?? sku, countedMilli: quantityMilli, expectedMilli },
		differenceMilli: expectedMilli === undefined ? undefined : quantityMilli - expectedMilli,
		...{ asOfMs: asOf.hlc[0], by, deviceName: deviceName(ledger, device), isReplaced },
	};
}
