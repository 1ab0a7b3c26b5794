/**
 * Resold twice: more was sold out of returned goods than had been returned and not put back on the shelf. All sales stand until answered.
 *
 * One item a returned line; members are the sales. What was handed over beyond what had come back can only have come off the shelf: `off-shelf` takes it
 * from there. Or more had come back than was written down, and nothing is to be done.
 */
import type { BookConflictContext, Change } from '#core/ledger/books/book.ts';
import type { ReturnedLineState } from '#core/ledger/books/returned-goods.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { Conflict } from './conflict.ts';
import { openConflict } from './open.ts';
import { moneyOf } from './worth.ts';

export function findResoldTwice(
	line: string,
	{ sku, returnedMilli, resoldMilli, resales }: ReturnedLineState,
	changes: readonly Change[],
	context: BookConflictContext,
): readonly Conflict[] {
	const excessMilli = resoldMilli - returnedMilli;
	if (excessMilli <= 0) return [];
	// Nobody knows what was resold while the refund is on its way.
	if (sku === undefined) return [];
	const isMember = new Set(resales.map(({ entry }) => entry));
	const members = [...new Set(changes.map(({ record }) => record))].filter(({ hash }) => isMember.has(hash));
	const [refund = '', index = '0'] = line.split(':');
	const last = members.at(-1);
	// What an earlier answer was about is not taken off the shelf again.
	const milliOf = (open: ReadonlySet<EntryHash>): number =>
		resales.reduce((sum, { entry, quantityMilli }) => (open.has(entry) ? sum + quantityMilli : sum), 0);
	const conflict = openConflict(
		{
			subject: line,
			ofStore: false,
			urgency: 'high',
			members,
			detail: { kind: 'resold-twice', refund: refund as ReturnedLineState['refund'], line: Number(index), sku, returnedMilli, resoldMilli },
			stake: () => ({ unitsMilli: excessMilli, minor: last === undefined ? 0 : moneyOf(last.entry) }),
			choices: (open) => [
				{
					id: 'off-shelf',
					label: 'It came off the shelf',
					effect: { does: 'adjust-lines', lines: [{ sku, quantityMilli: -Math.min(excessMilli, milliOf(open)) }] },
				},
				{ id: 'more-returned', label: 'More had come back', effect: { does: 'nothing' } },
			],
		},
		context,
	);
	return conflict === undefined ? [] : [conflict];
}
