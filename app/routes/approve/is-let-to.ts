/** Whether whoever is at the till may do what no intent of this till asks for, or somebody who may has just allowed it here. */
import { isAtLeast, type Need } from '#core/people/roles.ts';
import type { ShopRow } from '#projections/rows.ts';
import type { AtTillState } from '#projections/views.ts';
import type { Approve } from './approval.svelte.ts';

export async function isLetTo({ act, role }: Need, approve: Approve, atTill: AtTillState, { people = [] }: ShopRow): Promise<boolean> {
	const person = atTill.state === 'in' ? atTill.person : undefined;
	const own = people.find((one) => one.person === person)?.role ?? 'none';
	return atTill.state === 'everybody' || isAtLeast(own, role) || (await approve(act, role)) !== 'cancelled';
}
