/**
 * Who belongs to the store, with which rights, and whose entries are beyond a revocation.
 *
 * Invariants:
 * 1. A device has the rights of its certificate from its first entry on, whether or not the entry that enrolled it has arrived.
 * 2. Beyond the marks of a revocation an entry is quarantined, whenever and by whomever it arrives.
 * 3. Owners' revocations (a hub's, until people exist) are applied before managers'. A revocation beyond its own author's revocation has no effect.
 * 4. Devices that revoke each other, in rings of any length, are all suspended.
 * 5. What a device enrolled beyond its marks falls with it, and so do the revocations of the fallen.
 */
import { compareEntries } from '#core/entry/order.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { DeviceState } from '#core/ledger/state.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { DeviceRevoked } from '#schemas/facts/device-revoked.ts';
import type { BranchId, DeviceId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Right } from '#schemas/rights.ts';

export interface Enrolment {
	readonly record: EntryRecord;
	readonly fact: DeviceEnrolled;
}
export interface Revocation {
	readonly record: EntryRecord;
	readonly fact: DeviceRevoked;
}

export interface RosterInput {
	/** Of entries whose content and clock are in order. */
	readonly enrolments: readonly Enrolment[];
	readonly revocations: readonly Revocation[];
	/** Proven outside; what it says goes before what an enrolment fact says. */
	readonly certificateOf: (device: DeviceId) => Certificate | undefined;
	readonly covers: (mark: Mark, record: EntryRecord) => boolean;
}

export type EnrolledDevice = Omit<DeviceState, 'suffix' | 'tillsEver'>;

export interface Roster {
	/** As they were enrolled: later names and numbers are put on top (`till-numbers.ts`). */
	readonly devices: ReadonlyMap<DeviceId, EnrolledDevice>;
	/** Undefined for a device of which nothing is known but that its entries verify. */
	rightsOf(device: DeviceId): ReadonlySet<Right> | undefined;
	branchOf(device: DeviceId): BranchId | undefined;
	/** Beyond a revocation of its author that has effect. */
	isBeyond(record: EntryRecord): boolean;
}

export function createRoster({ enrolments, revocations, certificateOf, covers }: RosterInput): Roster {
	const enrolmentsOf = enrolmentsByDevice(enrolments);
	const ordered = [...revocations].sort((a, b) => compareEntries(a.record, b.record));

	let fallen: ReadonlySet<DeviceId> = new Set();
	let verdict = judge(fallen);
	// Each round can only be followed by another while somebody new falls or rises; a ring of that kind ends with the count of devices.
	for (let round = 0; round <= enrolmentsOf.size; round += 1) {
		const next = fallenUnder(verdict);
		if (next.size === fallen.size && [...next].every((device) => fallen.has(device))) break;
		fallen = next;
		verdict = judge(fallen);
	}

	const rights = new Map<DeviceId, ReadonlySet<Right> | undefined>();
	const effectiveOf = new Map<DeviceId, Revocation[]>();
	for (const revocation of [...verdict.effective, ...verdict.disputed]) {
		const list = effectiveOf.get(revocation.fact.device);
		if (list === undefined) effectiveOf.set(revocation.fact.device, [revocation]);
		else list.push(revocation);
	}

	const devices = new Map<DeviceId, EnrolledDevice>();
	for (const [device, list] of enrolmentsOf) {
		const enrolment = list.find((one) => enrols(one, verdict)) ?? list[0];
		if (enrolment === undefined) continue;
		const { fact, record } = enrolment;
		const certificate = certificateOf(device);
		const against = effectiveOf.get(device) ?? [];
		const standing = against.some((one) => verdict.effective.has(one))
			? 'revoked'
			: against.length > 0
				? 'suspended'
				: fallen.has(device)
					? 'fallen'
					: 'active';
		devices.set(device, {
			device,
			branch: certificate?.branch ?? fact.branch,
			role: certificate?.role ?? fact.role,
			name: fact.name,
			till: certificate?.till ?? fact.till,
			rights: certificate?.rights ?? fact.rights,
			enrolledBy: record.hash,
			enrolledAtMs: record.header.at,
			standing,
			revocations: against.map((one) => ({
				entry: one.record.hash,
				by: one.record.header.device,
				marks: one.fact.marks,
				reason: one.fact.reason,
				atMs: one.record.header.at,
			})),
		});
	}

	function granted(device: DeviceId): readonly Right[] | undefined {
		return certificateOf(device)?.rights ?? enrolmentsOf.get(device)?.[0]?.fact.rights;
	}

	function may(device: DeviceId, right: Right, without: ReadonlySet<DeviceId>): boolean {
		if (without.has(device)) return false;
		return granted(device)?.includes(right) ?? true;
	}

	/** Which revocations have effect: the owners' first, then the managers' that these leave standing. */
	function judge(without: ReadonlySet<DeviceId>): Verdict {
		const effective = new Set<Revocation>();
		const disputed = new Set<Revocation>();
		const candidates = ordered.filter(({ record }) => may(record.header.device, 'revoke', without));
		for (const owners of [true, false]) {
			const tier = candidates.filter(({ record }) => isOwner(record.header.device) === owners);
			const standing = tier.filter((one) => ![...effective, ...disputed].some((other) => attacks(other, one)));
			const open = new Set(standing);
			const tierEffective = new Set<Revocation>();
			// Grounded labelling (Dung, 1995): accept what only the defeated attack, defeat what the accepted attack; what is left are the rings.
			for (let moved = true; moved;) {
				moved = false;
				for (const one of open) {
					if ([...open].some((other) => other !== one && attacks(other, one))) continue;
					open.delete(one);
					tierEffective.add(one);
					for (const other of open) if (attacks(one, other)) open.delete(other);
					moved = true;
				}
			}
			for (const one of tierEffective) effective.add(one);
			for (const one of open) disputed.add(one);
		}
		return { effective, disputed };
	}

	function isOwner(device: DeviceId): boolean {
		return (certificateOf(device)?.role ?? enrolmentsOf.get(device)?.[0]?.fact.role) === 'hub';
	}

	function attacks(one: Revocation, other: Revocation): boolean {
		return one !== other && one.fact.device === other.record.header.device && isBeyondMarks(one, other.record);
	}

	function isBeyondMarks({ fact }: Revocation, record: EntryRecord): boolean {
		return !fact.marks.some((mark) => mark.device === fact.device && covers(mark, record));
	}

	function enrols({ record, fact }: Enrolment, { effective, disputed }: Verdict): boolean {
		const author = record.header.device;
		if (author === fact.device) return true; // A hub that the root signed introduces itself; see `enrolmentsByDevice`.
		if (fallen.has(author)) return false;
		if (!may(author, 'enrol', NOBODY)) return false;
		const isPast = (one: Revocation): boolean => one.fact.device === author && isBeyondMarks(one, record);
		return ![...effective].some(isPast) && ![...disputed].some(isPast);
	}

	function fallenUnder(now: Verdict): ReadonlySet<DeviceId> {
		return new Set([...enrolmentsOf].filter(([, list]) => !list.some((one) => enrols(one, now))).map(([device]) => device));
	}

	return {
		devices,
		rightsOf(device) {
			if (!rights.has(device)) {
				const list = fallen.has(device) ? [] : granted(device);
				rights.set(device, list === undefined ? undefined : new Set(list));
			}
			return rights.get(device);
		},
		branchOf: (device) => certificateOf(device)?.branch ?? enrolmentsOf.get(device)?.[0]?.fact.branch,
		isBeyond: (record) => effectiveOf.get(record.header.device)?.some((one) => isBeyondMarks(one, record)) ?? false,
	};
}

/** In ledger order. A device's word about itself is heard only where nobody else has enrolled it: else the fallen would enrol themselves again. */
function enrolmentsByDevice(enrolments: readonly Enrolment[]): ReadonlyMap<DeviceId, readonly Enrolment[]> {
	const all = new Map<DeviceId, Enrolment[]>();
	for (const enrolment of [...enrolments].sort((a, b) => compareEntries(a.record, b.record))) {
		const list = all.get(enrolment.fact.device);
		if (list === undefined) all.set(enrolment.fact.device, [enrolment]);
		else list.push(enrolment);
	}
	return new Map(
		[...all].map(([device, list]) => {
			const byOthers = list.filter(({ record }) => record.header.device !== device);
			return [device, byOthers.length > 0 ? byOthers : list];
		}),
	);
}

interface Verdict {
	readonly effective: ReadonlySet<Revocation>;
	readonly disputed: ReadonlySet<Revocation>;
}

const NOBODY: ReadonlySet<DeviceId> = new Set();
