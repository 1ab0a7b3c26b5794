/**
 * May this person do this, else who may approve it: asked before anything is sealed, by the page for a sale and by the replica for the rest.
 *
 * 1. What is refused here is what peers would quarantine; and what only screens can tell (another price, a removed device).
 * 2. Who approved stands in the entry, in each part that needed it.
 * 3. Once people are here, nobody unknown does anything that needs more than a cashier. The device itself does: it is judged by its rights.
 */
import type { Refusal } from '#core/intent.ts';
import type { Cart } from '#schemas/cart.ts';
import type { ApprovalGiven } from '#schemas/facts/approval-given.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { PersonRole } from '#schemas/facts/person-added.ts';
import type { PersonId } from '#schemas/ids.ts';
import { approversIn, isAtLeast, needsOf, roleOverPeople, type Need } from './roles.ts';

export interface People {
	/** False: the shop has none, and everybody is the owner. */
	readonly isAny: boolean;
	readonly roleOf: (person: PersonId) => PersonRole | 'none' | undefined;
}

export interface Say {
	/** Absent: the device itself. */
	readonly by: PersonId | undefined;
	readonly approvedBy: PersonId | undefined;
	readonly people: People;
}

/** The facts, with who approved them where somebody had to. */
export function approved(facts: readonly Fact[], { by, approvedBy, people }: Say): readonly Fact[] | Refusal {
	if (by === undefined || !people.isAny) return facts;
	const needs = facts.flatMap((fact) => needsOf(fact, by)).filter((need) => !may(by, need, people));
	if (needs.length === 0) return facts;
	const named = facts.flatMap(approversIn);
	const open = needs.filter((need) => !named.some((person) => may(person, need, people)));
	if (open.length === 0) return facts;
	const lacking = open.find((need) => approvedBy === undefined || !may(approvedBy, need, people));
	if (lacking !== undefined || approvedBy === undefined) return needsApproval(lacking ?? open[0], people);
	return [...facts, { type: 'approval.given', v: 1, approvedBy, acts: [...new Set(open.map(({ act }) => act))] }];
}

/** What somebody allowed while the cart was open and what has no place of its own in the sale. */
export function approvalsIn({ approvals = [] }: Cart): readonly ApprovalGiven[] {
	const people = [...new Set(approvals.map(({ approvedBy }) => approvedBy))];
	return people.map((approvedBy) => ({
		...({ type: 'approval.given', v: 1, approvedBy } as const),
		acts: [...new Set(approvals.filter((one) => one.approvedBy === approvedBy).map(({ act }) => act))],
	}));
}

export function may(person: PersonId, need: Need, people: People): boolean {
	const role = people.roleOf(person) ?? 'none';
	return isAtLeast(role, need.role) && (need.of === undefined || isAtLeast(role, roleOverPeople(people.roleOf(need.of) ?? 'none')));
}

/** The lowest role that suffices, for whoever is asked. */
export function needsApproval(need: Need | undefined, people: People): Refusal {
	if (need === undefined) throw new Error('nothing needs to be approved');
	const over = need.of === undefined ? need.role : roleOverPeople(people.roleOf(need.of) ?? 'none');
	return { refused: 'needs-approval', act: need.act, role: isAtLeast(over, need.role) ? over : need.role };
}
