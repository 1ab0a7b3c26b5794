/** What a device is to the branch of this ledger, by the roster of now. */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { DeviceId } from '#schemas/ids.ts';

type Roster = Pick<Ledger, 'state' | 'branch'>;

export function isActiveHere({ state, branch }: Roster, device: DeviceId, role: 'hub' | 'till'): boolean {
	const known = state.devices.get(device);
	return known?.role === role && known.standing === 'active' && known.branch === branch;
}

/** A manager's till: what lets devices in may be seen and said there. */
export function isEnrollingTill(roster: Roster, device: DeviceId): boolean {
	return isActiveHere(roster, device, 'till') && roster.state.devices.get(device)?.rights.includes('enrol') === true;
}
