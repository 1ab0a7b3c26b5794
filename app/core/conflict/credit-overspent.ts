/**
 * Credit overspent: store credit was used beyond its balance. It stands until answered.
 *
 * One item a customer, in all ids that were merged into one. Members are the uses that left less than nothing, and those before them that they had not heard
 * of. An item that later credit has made good stays listed until somebody answers. An answer that was given to one of the ids holds after a merge.
 */
import { compareEntries } from '#core/entry/order.ts';
import { conflictKey } from '#core/ledger/answers.ts';
import type { BookConflictContext, Change } from '#core/ledger/books/book.ts';
import type { CreditState } from '#core/ledger/books/credit.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import { groupOf, rootOf } from '#core/customer/group.ts';
import type { CustomerId, EntryHash } from '#schemas/ids.ts';
import type { Conflict } from './conflict.ts';
import { openConflict } from './open.ts';

export function findCreditOverspent(
	customer: CustomerId,
	_state: CreditState,
	_changes: readonly Change[],
	context: BookConflictContext,
): readonly Conflict[] {
	const { books } = context.state;
	const group = groupOf(books.customers, customer);
	const states = group.flatMap((one) => books.credit.get(one) ?? []);
	// One of them speaks for all.
	if (states[0]?.customer !== customer) return [];
	const moves = states
		.flatMap((state) => state.moves.flatMap(({ entry, amountMinor }) => recordOf(context, entry, amountMinor)))
		.sort((a, b) => compareEntries(a.record, b.record));
	let balanceMinor = states.reduce((sum, { openingMinor }) => sum + openingMinor, 0);
	const shorts: { record: EntryRecord; entry: EntryHash; usedMinor: number; lackedMinor: number }[] = [];
	for (const { record, amountMinor } of moves) {
		balanceMinor += amountMinor;
		if (amountMinor < 0 && balanceMinor < 0)
			shorts.push({ record, entry: record.hash, usedMinor: -amountMinor, lackedMinor: Math.min(-amountMinor, -balanceMinor) });
	}
	if (shorts.length === 0) return [];
	const unheard = moves.filter(
		({ record, amountMinor }) =>
			amountMinor < 0 && shorts.some((short) => short.record !== record && !context.saw(short.record, record) && !context.saw(record, short.record)),
	);
	const root = rootOf(books.customers, customer);
	const lackedOf = (open: ReadonlySet<EntryHash>): number =>
		shorts.reduce((sum, { entry, lackedMinor }) => sum + (open.has(entry) ? lackedMinor : 0), 0);
	const conflict = openConflict(
		{
			subject: root,
			ofStore: true,
			urgency: 'high',
			members: [...shorts, ...unheard].map(({ record }) => record),
			detail: {
				...{ kind: 'credit-overspent', customer: root, balanceMinor },
				shorts: shorts.map(({ entry, usedMinor, lackedMinor }) => ({ entry, usedMinor, lackedMinor })),
			},
			stake: (open) => ({ unitsMilli: 0, minor: lackedOf(open) }),
			choices: (open) => {
				const last = shorts.filter(({ entry }) => open.has(entry)).at(-1);
				return [
					{ id: 'accept-loss', label: 'Accept loss', effect: { does: 'nothing' } },
					...(last === undefined
						? []
						: [
								{
									...{ id: 'customer-owes', label: 'Customer owes' },
									effect: { does: 'note-debt', entry: last.entry, amountMinor: lackedOf(open), customer: root },
								} as const,
							]),
				];
			},
		},
		{ ...context, settled: () => settledOf(group, context) },
	);
	return conflict === undefined ? [] : [conflict];
}

function recordOf({ record }: BookConflictContext, entry: EntryHash, amountMinor: number): readonly { record: EntryRecord; amountMinor: number }[] {
	const found = record(entry);
	return found === undefined ? [] : [{ record: found, amountMinor }];
}

function settledOf(group: readonly CustomerId[], { settled }: BookConflictContext): ReadonlyMap<EntryHash, EntryHash> {
	return new Map(group.flatMap((subject) => [...(settled(conflictKey({ kind: 'credit-overspent', subject })) ?? [])]));
}
