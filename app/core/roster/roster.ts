/**
 * Who belongs to the store, with which rights, and whose entries are beyond a revocation.
 *
 * Invariants:
 * 1. A device has the rights of its certificate from its first entry on, whether or not the entry that enrolled it has arrived.
 * 2. Beyond the marks of a revocation an entry is quarantined, whenever and by whomever it arrives. What its author had ever seen of the device stays, whatever
 *    the marks say, and so does what the author rests on: the entries by which the device let it in. A device that removes itself cuts nothing it wrote before.
 * 3. Owners' revocations (a hub's) are applied before tills'. A revocation beyond its own author's revocation has no effect.
 * 4. Devices that revoke each other, in rings of any length, are all suspended, until an owner who is not in the ring says who stays: what was written against
 *    those has no effect then, and the rest is judged as if it had never been. Of answers that did not know of each other the first in ledger order holds.
 * 5. What a device enrolled beyond its marks falls with it, and so do the revocations of the fallen. Whoever has only a certificate of the removed to show, and
 *    no enrolment from before, belongs no more than they. Beyond the marks of a revocation that is in a ring it is
 *    suspended instead: nobody falls by a question that is open.
 * 6. An enrolment or revocation that a person accepted has its effect, whoever wrote it; nothing that is merely in force can take that away. It is accepted
 *    at a device that might have written it; and of a hub that is removed so, what the answer's author had seen stays, too.
 * 7. Where a device has two certificates, the one rules that its first enrolment by another (in ledger order) names; where no enrolment names one, the one
 *    with the smaller bytes. Which of them came first says nothing.
 * 8. A later enrolment of the same device changes its rights, for whoever has seen it: to those it names that the device had or its author has.
 * 9. A renewal takes the key before from its device: what that key signed and the renewal's ends do not cover is quarantined, whenever it arrives, and enrols
 *    and removes nobody; so is what a key signed that another renewal outdid (`core/entry/renewals.ts`). A key that no entry here names yet counts.
 * 10. A renewal was asked for by the device's own key: it stays when its countersigner is removed. A removal is of the device, whatever its keys.
 * 11. A till removes tills of its own branch, never a hub and never one that let it in, at however many removes; and it lets in or changes no hub. What
 *    reaches farther has no effect and is put aside until it is accepted: a till alone never makes the shop's founding entries fall, nor itself.
 * 12. Whoever was at the device might do it, by what that device had heard of people; else it has no effect and is put aside. Somebody nobody has heard of
 *    has no say here, once the device had heard of people.
 * 13. What holds follows from one rule, not from a count of rounds: what only the defeated speak against holds, what one that holds speaks against is
 *    defeated, and what is neither is open (the well-founded model: Van Gelder, Ross and Schlipf, 1991). No order of arrival and no number of devices matters.
 */
import { compareEntries } from '#core/entry/order.ts';
import { signerOfKey, type KeyLine } from '#core/entry/renewals.ts';
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { DeviceState } from '#core/ledger/state.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { DeviceRevoked } from '#schemas/facts/device-revoked.ts';
import type { ConflictResolved } from '#schemas/facts/conflict-resolved.ts';
import type { BranchId, DeviceId, EntryHash, SigningKey } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Right } from '#schemas/rights.ts';
import type { Enrolment, Origins } from './origins.ts';

export interface Revocation {
	readonly record: EntryRecord;
	readonly fact: DeviceRevoked;
}

export interface RosterInput {
	/** Of entries whose content and clock are in order. */
	readonly enrolments: readonly Enrolment[];
	readonly revocations: readonly Revocation[];
	/** The renewals of the device that these entries' chains prove. */
	readonly keyLineOf: (device: DeviceId) => KeyLine | undefined;
	/** Of these enrolments. */
	readonly origins: Origins;
	readonly covers: (mark: Mark, record: EntryRecord) => boolean;
	readonly saw: (a: EntryRecord, b: EntryRecord) => boolean;
	/** The author of `a` said at any time before it, on its chain, that it had seen `b`: nobody unlearns. */
	readonly everSaw: (a: EntryRecord, b: EntryRecord) => boolean;
	/** Whoever was at the device might not do this, by what the device had heard of people; asked without the roster. */
	readonly lacksSay: (record: EntryRecord) => boolean;
	/** Answers to `roster-disputed`, of entries whose content and clock are in order. */
	readonly verdicts: readonly { readonly record: EntryRecord; readonly fact: ConflictResolved }[];
	/** Enrolments and revocations that a person let count, by the answer that says so. */
	readonly accepted: ReadonlyMap<EntryHash, EntryRecord>;
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
	/** Why this device removes that one in vain, in words for a log. */
	removalOverreach(by: DeviceId, of: DeviceId): string | undefined;
	/** Of an enrolment or revocation: what its author's device may not do, in words for a log. */
	overreachOf(record: EntryRecord): string | undefined;
	/** Whether this device might have written that enrolment or revocation itself, and so may accept it. */
	mayAccept(device: DeviceId, record: EntryRecord): boolean;
}

export function createRoster(input: RosterInput): Roster {
	const { origins, revocations, covers, saw, everSaw, lacksSay, accepted } = input;
	const { enrolmentsOf, certificateOf, granted, may, isOwner, branchOf, lineOf } = origins;
	const ordered = revocations.filter(counts).sort((a, b) => compareEntries(a.record, b.record));

	let verdict = judge(new Set());
	const voided = voidedByOwners();
	if (voided.size > 0) verdict = judge(voided);

	const rights = new Map<DeviceId, ReadonlySet<Right> | undefined>();
	const effectiveOf = byVictim([...verdict.effective, ...verdict.disputed]);

	const devices = new Map<DeviceId, EnrolledDevice>();
	for (const [device, list] of enrolmentsOf) {
		const enrolment = list.find((one) => verdict.ofEnrolment(one) === 'holds') ?? list[0];
		if (enrolment === undefined) continue;
		const { fact, record } = enrolment;
		const certificate = certificateOf(device);
		const against = effectiveOf.get(device) ?? [];
		devices.set(device, {
			device,
			branch: certificate?.branch ?? fact.branch,
			role: certificate?.role ?? fact.role,
			name: fact.name,
			till: certificate?.till ?? fact.till,
			rights: certificate?.rights ?? fact.rights,
			enrolledBy: record.hash,
			enrolledAtMs: record.header.at,
			standing: standingOf(device, against),
			revocations: against.map((one) => ({
				entry: one.record.hash,
				by: one.record.header.device,
				marks: one.fact.marks,
				reason: one.fact.reason,
				atMs: one.record.header.at,
			})),
		});
	}

	function standingOf(device: DeviceId, against: readonly Revocation[]): EnrolledDevice['standing'] {
		if (against.some((one) => verdict.effective.has(one))) return 'revoked';
		const belongs = verdict.ofDevice(device);
		if (belongs === 'defeated') return 'fallen';
		return against.length > 0 || belongs === 'open' ? 'suspended' : 'active';
	}

	/** What owners who are in no dispute themselves have said has no effect. */
	function voidedByOwners(): ReadonlySet<Revocation> {
		const said = new Map<EntryHash, { readonly record: EntryRecord; readonly choice: string }>();
		for (const { record, fact } of input.verdicts.filter(counts).sort((a, b) => compareEntries(a.record, b.record))) {
			const { device } = record.header;
			const isBeyondAny = [...verdict.effective, ...verdict.disputed].some((one) => one.fact.device === device && isBeyondMarks(one, record));
			if (!isOwner(device) || verdict.ofDevice(device) !== 'holds' || isBeyondAny || lacksSay(record)) continue;
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

	// ——— what a device may do by itself

	function removalOverreach(author: DeviceId, device: DeviceId): string | undefined {
		if (!may(author, 'revoke')) return 'its device has no right to "revoke"';
		if (isOwner(author) || author === device) return undefined;
		if (isOwner(device)) return 'a till removes no hub';
		if (lineOf(author).has(device)) return 'a device removes none that let it in';
		return branchOf(author) === branchOf(device) ? undefined : 'a till removes none of another branch';
	}

	function enrolmentOverreach(author: DeviceId, { device, role }: DeviceEnrolled): string | undefined {
		if (author === device) return undefined; // A hub that the root signed introduces itself (`origins.ts`).
		if (!may(author, 'enrol')) return 'its device has no right to "enrol"';
		return !isOwner(author) && (role === 'hub' || isOwner(device)) ? 'a till lets in no hub' : undefined;
	}

	// ——— which revocations and enrolments hold

	/** Owners' first: whether they hold hangs on no till. Then the tills' that these, and what is open among them, leave standing. */
	function judge(without: ReadonlySet<Revocation>): Verdict {
		const given = ordered.filter((one) => accepted.has(one.record.hash) && !without.has(one));
		const candidates = ordered.filter(({ record, fact }) => removalOverreach(record.header.device, fact.device) === undefined && !lacksSay(record));
		const left = candidates.filter((one) => !without.has(one) && !given.includes(one));
		const isByOwner = ({ record }: Revocation): boolean => isOwner(record.header.device);
		const owners = weigh({ effective: new Set(given), disputed: new Set() }, left.filter(isByOwner));
		const over = byVictim([...owners.effective, ...owners.disputed]);
		const tills = left.filter((one) => {
			const { device } = one.record.header;
			return !isByOwner(one) && owners.ofDevice(device) === 'holds' && !(over.get(device) ?? []).some((other) => attacks(other, one));
		});
		return weigh(owners, tills);
	}

	/** Each label is set once, and only by labels that are set: whatever is left when no more follows is open. */
	function weigh(before: Pick<Verdict, 'effective' | 'disputed'>, candidates: readonly Revocation[]): Verdict {
		const effective = new Set(before.effective);
		const undecided = new Set(candidates);
		const against = byVictim([...before.effective, ...before.disputed, ...candidates]);
		const ofEnrolments = new Map<Enrolment, 'holds' | 'defeated'>();
		const ofDevices = new Map<DeviceId, 'holds' | 'defeated'>();
		const ofDevice = (device: DeviceId): Label => (enrolmentsOf.has(device) ? (ofDevices.get(device) ?? 'open') : ofIssuer(device));
		const ofEnrolment = (one: Enrolment): Label => ofEnrolments.get(one) ?? 'open';
		const isOpen = (one: Revocation): boolean => undecided.has(one) || before.disputed.has(one);

		/** What has only its certificate to show: the root's word stands, a device's as long as nothing is said against that device. */
		function ofIssuer(device: DeviceId): Label {
			const issuer = certificateOf(device)?.issuer;
			if (issuer === undefined || issuer === device || (!enrolmentsOf.has(issuer) && certificateOf(issuer) === undefined)) return 'holds';
			const above = ofDevice(issuer);
			const by = against.get(issuer) ?? [];
			if (above === 'defeated' || by.some((one) => effective.has(one))) return 'defeated';
			return above === 'open' || by.some(isOpen) ? 'open' : 'holds';
		}

		/** Of what this device wrote there, by whether it belongs and what is said against it. */
		function ofWriting(record: EntryRecord, by: readonly Revocation[]): Label {
			const author = ofDevice(record.header.device);
			if (author === 'defeated' || by.some((one) => effective.has(one))) return 'defeated';
			return author === 'open' || by.some(isOpen) ? 'open' : 'holds';
		}

		function weighEnrolment({ record, fact }: Enrolment): Label {
			const author = record.header.device;
			if (accepted.has(record.hash)) return 'holds';
			if (isByKeyGivenUp(record)) return 'defeated';
			if (author === fact.device) return ofIssuer(author);
			if (enrolmentOverreach(author, fact) !== undefined || lacksSay(record)) return 'defeated';
			return ofWriting(
				record,
				(against.get(author) ?? []).filter((one) => isBeyondMarks(one, record)),
			);
		}

		for (let moved = true; moved;) {
			moved = false;
			for (const [device, list] of enrolmentsOf) {
				if (ofDevices.has(device)) continue;
				for (const one of list) {
					const label = ofEnrolments.get(one) ?? weighEnrolment(one);
					if (label !== 'open') ofEnrolments.set(one, label);
				}
				const isIn = list.some((one) => ofEnrolments.get(one) === 'holds');
				if (!isIn && !list.every((one) => ofEnrolments.get(one) === 'defeated')) continue;
				ofDevices.set(device, isIn ? 'holds' : 'defeated');
				moved = true;
			}
			for (const one of undecided) {
				const label = ofWriting(
					one.record,
					(against.get(one.record.header.device) ?? []).filter((other) => attacks(other, one)),
				);
				if (label === 'open') continue;
				undecided.delete(one);
				if (label === 'holds') effective.add(one);
				moved = true;
			}
		}
		// What names a device that belongs already may have waited for others: it is weighed once more, with all labels set.
		for (const list of enrolmentsOf.values())
			for (const one of list) {
				const label = ofEnrolments.get(one) ?? weighEnrolment(one);
				if (label !== 'open') ofEnrolments.set(one, label);
			}
		return { effective, disputed: new Set([...before.disputed, ...undecided]), ofDevice, ofEnrolment };
	}

	function attacks(one: Revocation, other: Revocation): boolean {
		return one !== other && one.fact.device === other.record.header.device && isBeyondMarks(one, other.record);
	}

	function isBeyondMarks({ record: by, fact }: Revocation, record: EntryRecord): boolean {
		if (fact.marks.some((mark) => mark.device === fact.device && covers(mark, record))) return false;
		if (everSaw(by, record)) return false;
		const answer = accepted.get(by.hash);
		if (answer !== undefined && isOwner(fact.device) && everSaw(answer, record)) return false;
		const author = by.header.device;
		if (author === fact.device) return compareEntries(record, by) > 0;
		return !foundingsOf(author, fact.device).some((founding) => record === founding || (record.chain === founding.chain && saw(founding, record)));
	}

	/** The entries by which `of` let in `device`, or one that let it in. */
	function foundingsOf(device: DeviceId, of: DeviceId): readonly EntryRecord[] {
		return [device, ...lineOf(device)].flatMap((one) => {
			const first = enrolmentsOf.get(one)?.find(({ record }) => record.header.device === of);
			return first === undefined ? [] : [first.record];
		});
	}

	/** The first enrolment is what the certificate says; later ones change it. */
	const laterOf = new Map<DeviceId, readonly Enrolment[]>();
	for (const [device, list] of enrolmentsOf) {
		const later = list.slice(1).filter((one) => verdict.ofEnrolment(one) === 'holds');
		if (later.length > 0) laterOf.set(device, later);
	}

	function rightsOf(device: DeviceId): ReadonlySet<Right> | undefined {
		if (!rights.has(device)) {
			const list = verdict.ofDevice(device) === 'holds' ? granted(device) : [];
			rights.set(device, list === undefined ? undefined : new Set(list));
		}
		return rights.get(device);
	}

	function rightsBy({ record, fact }: Enrolment): ReadonlySet<Right> {
		const own = granted(fact.device) ?? [];
		const authors = granted(record.header.device) ?? fact.rights;
		return new Set(fact.rights.filter((right) => own.includes(right) || authors.includes(right)));
	}

	const factsIn = new Map<EntryRecord, readonly (DeviceEnrolled | DeviceRevoked)[]>();
	for (const { record, fact } of [...input.enrolments, ...revocations]) factsIn.set(record, [...(factsIn.get(record) ?? []), fact]);

	function overreach(device: DeviceId, record: EntryRecord): string | undefined {
		for (const fact of factsIn.get(record) ?? []) {
			const words = fact.type === 'device.revoked' ? removalOverreach(device, fact.device) : enrolmentOverreach(device, fact);
			if (words !== undefined) return words;
		}
		return undefined;
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
			const { device } = record.header;
			const seen = laterOf.get(device)?.filter((one) => saw(record, one.record));
			const last = seen?.at(-1);
			return last === undefined || verdict.ofDevice(device) !== 'holds' ? rightsOf(device) : rightsBy(last);
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
		asksWhoSaw: laterOf.size > 0 || revocations.length > 0 || input.verdicts.length > 0,
		disputes,
		isDisputed: (record) => disputed.has(record),
		changesOf: (device) =>
			[...(laterOf.get(device) ?? []), ...(effectiveOf.get(device) ?? [])]
				.map(({ record }) => `${record.hash}${disputed.has(record) ? '?' : ''}`)
				.join(),
		branchOf,
		isByKeyGivenUp,
		keysOf(device) {
			const line = input.keyLineOf(device);
			return line === undefined ? '' : [...line.inForce, ...line.rivals].map(({ renewal }) => JSON.stringify([renewal.key, renewal.ends])).join();
		},
		isBeyond: (record) => effectiveOf.get(record.header.device)?.some((one) => isBeyondMarks(one, record)) ?? false,
		removalOverreach,
		overreachOf: (record) => overreach(record.header.device, record),
		mayAccept: (device, record) => overreach(device, record) === undefined,
	};
}

function byVictim(revocations: Iterable<Revocation>): ReadonlyMap<DeviceId, readonly Revocation[]> {
	const of = new Map<DeviceId, Revocation[]>();
	for (const revocation of revocations) {
		const list = of.get(revocation.fact.device);
		if (list === undefined) of.set(revocation.fact.device, [revocation]);
		else list.push(revocation);
	}
	return of;
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

/** `open`: neither holds nor is defeated, until an owner answers. */
type Label = 'holds' | 'defeated' | 'open';

interface Verdict {
	readonly effective: ReadonlySet<Revocation>;
	readonly disputed: ReadonlySet<Revocation>;
	/** Whether it belongs; of one that no enrolment names nothing else is known. */
	readonly ofDevice: (device: DeviceId) => Label;
	readonly ofEnrolment: (one: Enrolment) => Label;
}
