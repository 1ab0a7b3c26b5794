/** A product's history, newest first, and what a person who begins to count needs to take along. */
import { m } from '#languages/compiled/messages.js';
import { tickHlc } from '#core/entry/hlc.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Movement } from '#core/ledger/state.ts';
import { printReceipt } from '#core/receipt-number.ts';
import type { CountId } from '#schemas/facts/count-opened.ts';
import type { Sku } from '#schemas/ids.ts';
import { reasonText } from './reasons.ts';
import type { CountStart, MovementRow } from './rows.ts';
import { named, personName } from './drawers.ts';
import { deviceName } from './shop.ts';

export function movementRows(ledger: Ledger, sku: Sku, limit: number): readonly MovementRow[] {
	const movements = ledger.state.stock.get(sku)?.movements ?? [];
	return movements
		.slice(Math.max(0, movements.length - limit))
		.reverse()
		.map((movement): MovementRow => {
			const { entry, kind, quantityMilli, afterMilli } = movement;
			return {
				entry: entry.hash,
				atMs: entry.header.at,
				deviceName: deviceName(ledger, entry.header.device),
				...named('personName', personName(ledger, entry.header.by)),
				kind,
				quantityMilli,
				afterMilli,
				note: noteOf(movement),
			};
		});
}

/**
 * The moment of counting, by this device's clock: what is sold after it, until the count is sealed, is subtracted on every peer alike. The latest of
 * what is held would be too early: what another till sold since then, and nobody here has heard of, had left the shelf before it was counted.
 */
export function countStart(ledger: Ledger, sku: Sku, nowMs: number, count?: CountId): CountStart {
	const onHandMilli = ledger.state.stock.get(sku)?.onHandMilli ?? 0;
	const before = count === undefined ? undefined : ledger.state.books.counts.get(count)?.lines.findLast((line) => line.sku === sku);
	return {
		...{ sku, onHandMilli, asOf: { hlc: tickHlc(ledger.hlc(), nowMs), marks: [...ledger.marks()] } },
		// Somebody counted it in this stock take: what is on hand is what they counted, less what was sold since, and another shelf of it comes on top.
		...(before === undefined ? {} : { before: { countedMilli: Math.max(0, onHandMilli), deviceName: deviceName(ledger, before.device) } }),
	};
}

function noteOf({ entry, counts }: Movement): string {
	const notes: string[] = [];
	for (const fact of entry.facts) {
		if ('unknown' in fact || 'invalid' in fact) continue;
		if ('receipt' in fact) notes.push(printReceipt(fact.receipt));
		if (fact.type === 'stock.received' && fact.reference !== undefined) notes.push(reasonText(fact.reference));
		if (fact.type === 'correction.made') notes.push(reasonText(fact.reason));
		if (fact.type === 'stock.adjusted')
			notes.push(
				[fact.reason, fact.note ?? '']
					.filter((one) => one !== '')
					.map(reasonText)
					.join(': '),
			);
	}
	if (!counts) notes.push(m.movement_no_count());
	return notes.join(', ');
}
