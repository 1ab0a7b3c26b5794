/** Whether whoever is at the till may change which devices and branches the shop has, or somebody who may has just allowed it here. */
import { isAtLeast, needOf } from '#core/people/roles.ts';
import type { AtTillState } from '#projections/views.ts';
import type { ShopRow } from '#projections/rows.ts';
import type { ScreenContext } from '../till-context.ts';

export async function mayChangeDevices(approve: ScreenContext['approve'], atTill: AtTillState, { people = [] }: ShopRow): Promise<boolean> {
	const { act, role } = needOf('devices');
	const person = atTill.state === 'in' ? atTill.person : undefined;
	const own = people.find((one) => one.person === person)?.role ?? 'none';
	return atTill.state === 'everybody' || isAtLeast(own, role) || (await approve(act, role)) !== 'cancelled';
}
