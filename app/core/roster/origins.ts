/**
 * Where each device comes from: what its certificate or first enrolment says of it, and who let it in. Nothing is judged here, so whoever judges may ask.
 *
 * 1. What was proven goes before what an enrolment fact says.
 * 2. A device's word about itself is heard only where nobody else who might has enrolled it: else the fallen would enrol themselves again. Who might not takes
 *    nobody's word away: a till's enrolment of a hub, or of anybody where it has no right to, is as if it had never been.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { BranchId, DeviceId } from '#schemas/ids.ts';
import type { Right } from '#schemas/rights.ts';

export interface Enrolment {
	readonly record: EntryRecord;
	readonly fact: DeviceEnrolled;
}

export interface Origins {
	readonly enrolmentsOf: ReadonlyMap<DeviceId, readonly Enrolment[]>;
	certificateOf(device: DeviceId): Certificate | undefined;
	/** Undefined for a device of which nothing is known but that its entries verify. */
	granted(device: DeviceId): readonly Right[] | undefined;
	/** Of a device of which nothing is known it is not asked. */
	may(device: DeviceId, right: Right): boolean;
	/** A hub: it speaks for the owner. */
	isOwner(device: DeviceId): boolean;
	branchOf(device: DeviceId): BranchId | undefined;
	/** Those that let it in: who issued its certificate, who issued theirs, up to the root, which is no device. */
	lineOf(device: DeviceId): ReadonlySet<DeviceId>;
}

/** `certificateIn`: of several certificates the one that this chain (hex) proves, else the one with the smaller bytes. */
export function originsOf(enrolments: readonly Enrolment[], certificateIn: (device: DeviceId, chain?: string) => Certificate | undefined): Origins {
	const ordered = [...enrolments].sort((a, b) => compareEntries(a.record, b.record));
	// Who may let in hangs on who was let in: what is said is taken as it is for that, and certificates, where there are any, say the same either way.
	const introduced = new Set(ordered.filter((one) => isOwnWord(one) && one.fact.role === 'hub').map(({ fact }) => fact.device));
	const said = originsIn(
		heardOf(ordered, ({ fact }) => !introduced.has(fact.device)),
		certificateIn,
	);
	const isInReach = ({ record: { header }, fact }: Enrolment): boolean =>
		said.may(header.device, 'enrol') && (said.isOwner(header.device) || (fact.role !== 'hub' && !said.isOwner(fact.device)));
	return originsIn(heardOf(ordered, isInReach), certificateIn);
}

function originsIn(
	enrolmentsOf: ReadonlyMap<DeviceId, readonly Enrolment[]>,
	certificateIn: (device: DeviceId, chain?: string) => Certificate | undefined,
): Origins {
	const firstOf = (device: DeviceId): Enrolment | undefined => enrolmentsOf.get(device)?.[0];
	const certificateOf = (device: DeviceId): Certificate | undefined => certificateIn(device, firstOf(device)?.fact.chain ?? '');
	const granted = (device: DeviceId): readonly Right[] | undefined => (certificateOf(device) ?? firstOf(device)?.fact)?.rights;
	return {
		enrolmentsOf,
		certificateOf,
		granted,
		may: (device, right) => granted(device)?.includes(right) ?? true,
		isOwner: (device) => (certificateOf(device) ?? firstOf(device)?.fact)?.role === 'hub',
		branchOf: (device) => (certificateOf(device) ?? firstOf(device)?.fact)?.branch,
		lineOf(device) {
			const line = new Set<DeviceId>();
			for (let below = device; ;) {
				const above = certificateOf(below)?.issuer ?? firstOf(below)?.record.header.device;
				if (above === undefined || above === device || line.has(above)) return line;
				line.add(above);
				below = above;
			}
		},
	};
}

/** Per device what others said who might; else its own word; else what nobody might have said. */
function heardOf(ordered: readonly Enrolment[], isInReach: (one: Enrolment) => boolean): ReadonlyMap<DeviceId, readonly Enrolment[]> {
	const all = new Map<DeviceId, Enrolment[]>();
	for (const enrolment of ordered) {
		const list = all.get(enrolment.fact.device);
		if (list === undefined) all.set(enrolment.fact.device, [enrolment]);
		else list.push(enrolment);
	}
	return new Map(
		[...all].map(([device, list]) => {
			const byOthers = list.filter((one) => !isOwnWord(one) && isInReach(one));
			const own = list.filter(isOwnWord);
			return [device, byOthers.length > 0 ? byOthers : own.length > 0 ? own : list];
		}),
	);
}

function isOwnWord({ record, fact }: Enrolment): boolean {
	return record.header.device === fact.device;
}
