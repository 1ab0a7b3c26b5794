/**
 * Carts that were put aside, the oldest first: what the floor document has of them, without those that the ledger knows as sold.
 *
 * 1. Whatever a peer wrote there and is no cart is left out.
 */
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { totalsOf } from '#core/sale/cart.ts';
import { m } from '#languages/compiled/messages.js';
import { parkedOnFloor, type ParkedOnFloor } from '#schemas/cart.ts';
import type { FloorDocument } from '#schemas/documents/floor.ts';
import type { IntentKey } from '#schemas/ids.ts';
import * as v from 'valibot';
import { deviceName, shopRow } from './shop.ts';
import type { ParkedRow } from './rows.ts';

const MOST_NAMES = 3;

export function parkedRows(ledger: Ledger, parked: FloorDocument['parked'], own: Parameters<typeof shopRow>[1]): readonly ParkedRow[] {
	const { currency, cashRoundingMinor, taxExcluded } = shopRow(ledger, own);
	return Object.entries(parked)
		.flatMap(([id, text]) => {
			const found = readParked(text);
			if (found === undefined || (ledger.state.books.parked.get(id)?.sales.length ?? 0) > 0) return [];
			const { cart, atMs, device } = found;
			const { pieces, totalMinor } = totalsOf({ key: id as IntentKey, ...cart }, currency, cashRoundingMinor, taxExcluded);
			const names = cart.lines.slice(0, MOST_NAMES).map(({ name }) => name);
			const more = cart.lines.length - names.length;
			return [
				{
					...{ id, atMs, deviceName: deviceName(ledger, device), pieces, totalMinor },
					names: more > 0 ? m.list_and_more({ items: names.join(', '), count: more }) : names.join(', '),
				},
			];
		})
		.sort((a, b) => a.atMs - b.atMs || compareText(a.id, b.id));
}

/** Undefined for text that is no cart. */
export function readParked(text: string | undefined): ParkedOnFloor | undefined {
	if (text === undefined) return undefined;
	try {
		const parsed = v.safeParse(parkedOnFloor, JSON.parse(text));
		return parsed.success && parsed.output.cart.lines.length > 0 ? parsed.output : undefined;
	} catch {
		return undefined;
	}
}
