/**
 * Parked sold twice: two sales name one parked cart. Both stand until answered.
 *
 * Members are the sales. `Both real`: the cart was a template after all. Compensating takes the later one's effects back; another may be named.
 */
import type { BookConflictContext, Change } from '#core/ledger/books/book.ts';
import type { ParkedState } from '#core/ledger/books/parked.ts';
import type { Conflict } from './conflict.ts';
import { openConflict } from './open.ts';
import { moneyOf, unitsOf } from './worth.ts';

export function findParkedSoldTwice(
	cart: string,
	{ sales }: ParkedState,
	changes: readonly Change[],
	context: BookConflictContext,
): readonly Conflict[] {
	if (sales.length < 2) return [];
	const members = changes.map(({ record }) => record).filter(({ hash }) => sales.includes(hash));
	const later = members.slice(1);
	const conflict = openConflict(
		{
			subject: cart,
			ofStore: false,
			urgency: 'high',
			members,
			detail: { kind: 'parked-sold-twice', cart },
			stake: () => ({
				unitsMilli: later.reduce((sum, { entry }) => sum + unitsOf(entry), 0),
				minor: later.reduce((sum, { entry }) => sum + moneyOf(entry), 0),
			}),
			choices: (open) => {
				const options = members.filter(({ hash }) => open.has(hash)).map(({ hash }) => hash);
				const last = options.at(-1);
				return [
					{ id: 'both-real', label: 'Both real', effect: { does: 'nothing' } },
					...(last === undefined
						? []
						: [
								{
									id: 'compensate-one',
									label: 'Compensate one',
									effect: { does: 'compensate', entries: [last] },
									asks: { type: 'entry', options, optional: true },
								} as const,
							]),
				];
			},
		},
		context,
	);
	return conflict === undefined ? [] : [conflict];
}
