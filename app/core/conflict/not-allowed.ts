/**
 * Not allowed: the author knew it had no right, or the entry lies beyond its author's revocation, or a signed entry breaks its fact's rules, or its
 * `hlc` is not above what it saw. Quarantined: out of stock and totals until a person lets it count.
 *
 * One item for an author, chain and reason, so that a flood is one. Members are the quarantined entries.
 */
import { compareText } from '#core/entry/order.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { Lack } from '#core/people/standing.ts';
import type { DeviceId, Scope } from '#schemas/ids.ts';
import type { Conflict, ConflictContext, EntryProblem } from './conflict.ts';
import { openConflict } from './open.ts';
import { moneyOf, unitsOf } from './worth.ts';

export interface Quarantine {
	readonly device: DeviceId;
	readonly scope: Scope;
	readonly reason: EntryProblem;
	/** The accepted ones too: they are settled members. */
	readonly records: readonly EntryRecord[];
}

export function findNotAllowed({ device, scope, reason, records }: Quarantine, context: ConflictContext): Conflict | undefined {
	return openConflict(
		{
			subject: `${device}:${scope}:${reason}`,
			ofStore: scope === 'store',
			urgency: 'high',
			members: records,
			detail: {
				kind: 'not-allowed',
				device,
				scope,
				reason,
				lacks: lacksOf(records),
			},
			stake: (open) => {
				const unsettled = records.filter(({ hash }) => open.has(hash));
				return {
					unitsMilli: unsettled.reduce((sum, { entry }) => sum + unitsOf(entry), 0),
					minor: unsettled.reduce((sum, { entry }) => sum + moneyOf(entry), 0),
				};
			},
			choices: () => [
				{ id: 'accept', label: 'Accept', effect: { does: 'let-count' } },
				{ id: 'reject', label: 'Reject', effect: { does: 'reject' } },
			],
		},
		context,
	);
}

const MOST_LACKS = 20;

/** Each person, and what it takes, once: for acts that take the same role the first by name, whatever came first. */
function lacksOf(records: readonly EntryRecord[]): readonly Lack[] {
	const lacks = new Map<string, Lack>();
	for (const { problem } of records) {
		if (problem?.lack === undefined) continue;
		const key = `${problem.lack.name} ${problem.lack.role} ${problem.lack.need.role}`;
		const other = lacks.get(key);
		if (other === undefined || compareText(actOf(problem.lack), actOf(other)) < 0) lacks.set(key, problem.lack);
	}
	return [...lacks]
		.sort(([a], [b]) => compareText(a, b))
		.slice(0, MOST_LACKS)
		.map(([, lack]) => lack);
}

function actOf({ need }: Lack): string {
	return `${need.act} ${need.of ?? ''}`;
}
