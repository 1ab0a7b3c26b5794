/**
 * Who belongs to the store, with which rights, and whose entries are beyond a revocation.
 *
 * Invariants:
 * 1. A device has the rights of its certificate from its first entry on, whether or not the entry that enrolled it has arrived.
 * 2. Beyond the marks of a revocation an entry is quarantined, whenever and by whomever it arrives.
 * 3. Owners' revocations (a hub's, until people exist) are applied before managers'. A revocation beyond its own author's revocation has no effect.
 * 4. Devices that revoke each other, in rings of any length, are all suspended, until an owner who is not in the ring says who stays: what was written against
 *    those has no effect then, and the rest is judged as if it had never been. Of answers that did not know of each other the first in ledger order holds.
 * 5. What a device enrolled beyond its marks falls with it, and so do the revocations of the fallen.
 * 6. An enrolment or revocation that a person accepted has its effect, whoever wrote it; nothing that is merely in force can take that away.
 * 7. Where a device has two certificates, the one rules that its first enrolment by another (in ledger order) names; where no enrolment names one, the one
 *    with the smaller bytes. Which of them came first says nothing.
 * 8. A later enrolment of the same device changes its rights, for whoever has seen it: to those it names that the device had or its author has.
 * 9. A renewal takes the key before from its device: what that key signed and the renewal's ends do not cover is quarantined, whenever it arrives, and enrols
 *    and removes nobody; so is what a key signed that another renewal outdid (`core/entry/renewals.ts`). A key that no entry here names yet counts.
 * 10. A renewal was asked for by the device's own key: it stays when its countersigner is removed. A removal is of the device, whatever its keys.
 */
import { compareEntries } from '#core/entry/order.ts';
import { signerOfKey, type KeyLine } from '#core/entry/renewals.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { DeviceState } from '#core/ledger/state.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { DeviceRevoked } from '#schemas/facts/device-revoked.ts';
import type { ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import type { BranchId, DeviceId, EntryHash, SigningKey } from '#schemas/ids.ts';
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
	/** Proven outside; what it says goes before what an enrolment fact says. The one that this chain (hex) proves, else the one with the smaller bytes. */
	readonly certificateOf: (device: DeviceId, chain?: string) => Certificate | undefined;
	/** The renewals of the device that these entries' chains prove. */
	readonly keyLineOf: (device: DeviceId) => KeyLine | undefined;
	readonly covers: (mark: Mark, record: EntryRecord) => boolean;
	readonly saw: (a: EntryRecord, b: EntryRecord) => boolean;
	/** Answers to `roster-disputed`, of entries whose content and clock are in order. */
	readonly verdicts: readonly { readonly record: EntryRecord; readonly fact: ConflictResolved }[];
	/** Enrolments and revocations that a person let count. */
	readonly accepted: ReadonlySet<EntryHash>;
}

/** Devices that revoke each other, or were revoked by one that is in such a ring. */
export interface Dispute {
	/** In order of their ids. */
	readonly devices: readonly DeviceId[];
	/** In ledger order. */
	readonly revocations: readonly Revocation[];
}

export const ROSTER_DISPUTED = 'roster-disputed';
export const KEEP_ALL = 'keep-all';

export function keepChoice(device: DeviceId): string {
	return `keep:${device.slice(0, 16)}`;
}

export type EnrolledDevice = Omit<DeviceState, 'suffix' | 'tillsEver'>;

export interface Roster {
	/** As they were enrolled: later names and numbers are put on top (`till-numbers.ts`). */
	readonly devices: ReadonlyMap<DeviceId, EnrolledDevice>;
	/** By its certificate or first enrolment. Undefined for a device of which nothing is known but that its entries verify. */
	rightsOf(device: DeviceId): ReadonlySet<Right> | undefined;
	/** By what its author had heard when it sealed this. */
	rightsAt(record: EntryRecord): ReadonlySet<Right> | undefined;
	/** What took one of these rights from the author, neither of the two having heard of the other. */
	withdrawalsFrom(record: EntryRecord, rights: ReadonlySet<Right>): readonly EntryRecord[];
	readonly disputes: readonly Dispute[];
	/** It is asked about as a dispute, or was: nobody is asked again whether it may count. */
	isDisputed(record: EntryRecord): boolean;
	/** Somebody was revoked or enrolled again, or an owner answered: who had seen whom matters. */
	readonly asksWhoSaw: boolean;
	/** What rights are judged by, as text: of a device that was enrolled again or revoked. */
	changesOf(device: DeviceId): string;
	branchOf(device: DeviceId): BranchId | undefined;
	/** Beyond a revocation of its author that has effect. */
	isBeyond(record: EntryRecord): boolean;
	/** Signed by a key that its device had given up at this place, or never had by the renewal that rules. */
	isByKeyGivenUp(record: EntryRecord): boolean;
	/** Where the device's keys change, as text; empty for most. */
	keysOf(device: DeviceId): string;
}

export function createRoster(input: RosterInput): Roster {
	const { enrolments, revocations, covers, saw, accepted } = input;
	const enrolmentsOf = enrolmentsByDevice(enrolments);
	const certificateOf = (device: DeviceId): Certificate | undefined => input.certificateOf(device, enrolmentsOf.get(device)?.[0]?.fact.chain ?? '');
	const ordered = revocations.filter(counts).sort((a, b) => compareEntries(a.record, b.record));

	let voided: ReadonlySet<Revocation> = new Set();
	let fallen: ReadonlySet<DeviceId> = new Set();
	let verdict = judge(fallen);
	settle();
	voided = voidedByOwners();
	if (voided.size > 0) {
		fallen = new Set();
		verdict = judge(fallen);
		settle();
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

	function settle(): void {
		// Each round can only be followed by another while somebody new falls or rises; a ring of that kind ends with the count of devices.
		for (let round = 0; round <= enrolmentsOf.size; round += 1) {
			const next = fallenUnder(verdict);
			if (next.size === fallen.size && [...next].every((device) => fallen.has(device))) break;
			fallen = next;
			verdict = judge(fallen);
		}
	}

	/** What owners who are in no dispute themselves have said has no effect. */
	function voidedByOwners(): ReadonlySet<Revocation> {
		const said = new Map<EntryHash, { readonly record: EntryRecord; readonly choice: string }>();
		for (const { record, fact } of input.verdicts.filter(counts).sort((a, b) => compareEntries(a.record, b.record))) {
			const { device } = record.header;
			const isBeyondAny = [...verdict.effective, ...verdict.disputed].some((one) => one.fact.device === device && isBeyondMarks(one, record));
			if (!isOwner(device) || fallen.has(device) || isBeyondAny) continue;
			for (const member of fact.members) {
				const before = said.get(member);
				if (before === undefined || saw(record, before.record)) said.set(member, { record, choice: fact.choice });
			}
		}
		return new Set(
			ordered.filter(({ record, fact }) => {
				const choice = said.get(record.hash)?.choice;
				return choice === KEEP_ALL || choice === keepChoice(fact.device);
			}),
		);
	}

	function counts({ record }: { readonly record: EntryRecord }): boolean {
		return accepted.has(record.hash) || !isByKeyGivenUp(record);
	}

	function isByKeyGivenUp(record: EntryRecord): boolean {
		const { device, scope, signer } = record.header;
		const line = input.keyLineOf(device);
		if (line === undefined) return false;
		const isSigner = (key: SigningKey): boolean => signerOfKey(key) === signer;
		const place = signer === undefined ? 0 : line.inForce.findIndex(({ renewal }) => isSigner(renewal.key)) + 1;
		if (signer !== undefined && place === 0) return line.rivals.some(({ renewal }) => isSigner(renewal.key));
		const next = line.inForce[place]?.renewal;
		const end = next?.ends[scope];
		return next !== undefined && (end === undefined || !covers({ device, scope, ...end }, record));
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
		for (const one of ordered) if (accepted.has(one.record.hash) && !voided.has(one)) effective.add(one);
		const candidates = ordered.filter((one) => !voided.has(one) && !effective.has(one) && may(one.record.header.device, 'revoke', without));
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
		if (accepted.has(record.hash)) return true;
		if (isByKeyGivenUp(record)) return false;
		if (author === fact.device) return true; // A hub that the root signed introduces itself; see `enrolmentsByDevice`.
		if (fallen.has(author)) return false;
		if (!may(author, 'enrol', NOBODY)) return false;
		const isPast = (one: Revocation): boolean => one.fact.device === author && isBeyondMarks(one, record);
		return ![...effective].some(isPast) && ![...disputed].some(isPast);
	}

	function fallenUnder(now: Verdict): ReadonlySet<DeviceId> {
		return new Set([...enrolmentsOf].filter(([, list]) => !list.some((one) => enrols(one, now))).map(([device]) => device));
	}

	/** The first enrolment is what the certificate says; later ones change it. */
	const laterOf = new Map<DeviceId, readonly Enrolment[]>();
	for (const [device, list] of enrolmentsOf) {
		const later = list.slice(1).filter((one) => enrols(one, verdict));
		if (later.length > 0) laterOf.set(device, later);
	}

	function rightsOf(device: DeviceId): ReadonlySet<Right> | undefined {
		if (!rights.has(device)) {
			const list = fallen.has(device) ? [] : granted(device);
			rights.set(device, list === undefined ? undefined : new Set(list));
		}
		return rights.get(device);
	}

	function rightsBy({ record, fact }: Enrolment): ReadonlySet<Right> {
		const own = granted(fact.device) ?? [];
		const authors = granted(record.header.device) ?? fact.rights;
		return new Set(fact.rights.filter((right) => own.includes(right) || authors.includes(right)));
	}

	const disputes = disputesOf(
		[...verdict.disputed].sort((a, b) => compareEntries(a.record, b.record)),
		attacks,
	);
	const disputed = new Set([...verdict.disputed, ...voided].map(({ record }) => record));

	return {
		devices,
		rightsOf,
		rightsAt(record) {
			const seen = laterOf.get(record.header.device)?.filter((one) => saw(record, one.record));
			const last = seen?.at(-1);
			return last === undefined || fallen.has(record.header.device) ? rightsOf(record.header.device) : rightsBy(last);
		},
		withdrawalsFrom(record, asked) {
			const { device } = record.header;
			const isApart = (other: EntryRecord): boolean => other !== record && !saw(record, other) && !saw(other, record);
			const enrolledAgain = (laterOf.get(device) ?? []).filter((one) => {
				const left = rightsBy(one);
				return isApart(one.record) && [...asked].some((right) => !left.has(right));
			});
			const revoked = (effectiveOf.get(device) ?? []).filter(
				(one) => verdict.effective.has(one) && !isBeyondMarks(one, record) && isApart(one.record),
			);
			return [...enrolledAgain, ...revoked].map((one) => one.record);
		},
		asksWhoSaw: laterOf.size > 0 || effectiveOf.size > 0 || input.verdicts.length > 0,
		disputes,
		isDisputed: (record) => disputed.has(record),
		changesOf: (device) =>
			[...(laterOf.get(device) ?? []), ...(effectiveOf.get(device) ?? [])]
				.map(({ record }) => `${record.hash}${disputed.has(record) ? '?' : ''}`)
				.join(),
		branchOf: (device) => certificateOf(device)?.branch ?? enrolmentsOf.get(device)?.[0]?.fact.branch,
		isByKeyGivenUp,
		keysOf(device) {
			const line = input.keyLineOf(device);
			return line === undefined ? '' : [...line.inForce, ...line.rivals].map(({ renewal }) => JSON.stringify([renewal.key, renewal.ends])).join();
		},
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

/** Revocations that attack each other hang together, however long the ring. */
function disputesOf(ordered: readonly Revocation[], attacks: (one: Revocation, other: Revocation) => boolean): readonly Dispute[] {
	const left = new Set(ordered);
	const disputes: Dispute[] = [];
	for (const first of ordered) {
		if (!left.delete(first)) continue;
		const ring = [first];
		for (const one of ring)
			for (const other of left)
				if (attacks(one, other) || attacks(other, one)) {
					left.delete(other);
					ring.push(other);
				}
		const devices = [...new Set(ring.flatMap(({ record, fact }) => [record.header.device, fact.device]))].sort();
		disputes.push({ devices, revocations: ring.sort((a, b) => compareEntries(a.record, b.record)) });
	}
	return disputes;
}

interface Verdict {
	readonly effective: ReadonlySet<Revocation>;
	readonly disputed: ReadonlySet<Revocation>;
}

const NOBODY: ReadonlySet<DeviceId> = new Set();
