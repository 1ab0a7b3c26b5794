/**
 * In which role a person stood, by what the author of an entry had heard; and what is done against it.
 *
 * 1. A change of a person counts for those who have seen it, if whoever made it might: by the same rule, at that entry. Nobody promotes themselves.
 * 2. Of changes that did not know of each other the later in ledger order counts, as in the people book.
 * 3. A person of whom nothing is here is not judged: the entry that added them is on its way.
 * 4. Of who belongs to the shop, people and devices, a till speaks for itself (`by` the owner of the time before people) until it has heard of people: then
 *    nobody was there who may. A hub always may. The day's business is judged by the device's rights.
 * 5. Who comes into the shop and who is removed is strict: somebody of whom nothing is here has no say, once the author had heard of people.
 * 6. What a person lost without the author having heard is a withdrawn right: the entry counts, and is shown.
 */
import type { EntryRecord } from '#core/ledger/chains.ts';
import type { PersonAdded, PersonRole } from '#schemas/facts/person-added.ts';
import type { PersonChanged } from '#schemas/facts/person-changed.ts';
import type { PersonDisabled } from '#schemas/facts/person-disabled.ts';
import { OWNER, type BranchId, type PersonId } from '#schemas/ids.ts';
import { isAtLeast, roleOverPeople, type Need } from './roles.ts';

export interface PersonChange {
	readonly record: EntryRecord;
	readonly fact: PersonAdded | PersonChanged | PersonDisabled;
}

export interface StandingInput {
	readonly people: () => Iterable<PersonId>;
	/** In ledger order. */
	readonly changesOf: (person: PersonId) => readonly PersonChange[];
	readonly needsIn: (record: EntryRecord) => { readonly needs: readonly Need[]; readonly approvers: readonly PersonId[] };
	/** Everything else about the entry is as it should be. */
	readonly isInOrder: (record: EntryRecord) => boolean;
	readonly saw: (a: EntryRecord, b: EntryRecord) => boolean;
	readonly branchOf: (record: EntryRecord) => BranchId | undefined;
	/** A hub did it by itself. */
	readonly isOwnWord: (record: EntryRecord) => boolean;
	readonly isStrict?: boolean;
}

export interface Lack {
	readonly need: Need;
	/** Empty: nobody that anything here names. */
	readonly name: string;
	readonly role: PersonRole | 'none';
}

export interface Standing {
	/** By everything that is here; undefined for a person of whom nothing is. `none`: disabled, or not of this branch. */
	roleNow(person: PersonId, branch: BranchId): PersonRole | 'none' | undefined;
	/** What its author might not do, and nobody who might has approved. */
	lackAt(record: EntryRecord): Lack | undefined;
	/** Changes that took it away without the author having heard. */
	withdrawalsFrom(record: EntryRecord): readonly EntryRecord[];
	/** Entries have come that may change whether changes of people count. */
	forget(): void;
}

interface PersonAt {
	readonly name: string;
	readonly role: PersonRole | 'none';
}

export function createStanding({ people, changesOf, needsIn, isInOrder, saw, branchOf, isOwnWord, isStrict = false }: StandingInput): Standing {
	const valid = new Map<EntryRecord, boolean>();

	/** Its author can only have seen what is earlier: this ends. What claims to be later than what it saw is not in order. */
	function isValid(record: EntryRecord): boolean {
		const known = valid.get(record);
		if (known !== undefined) return known;
		valid.set(record, false);
		const is = isInOrder(record) && lackAt(record) === undefined;
		valid.set(record, is);
		return is;
	}

	function personIn(person: PersonId, branch: BranchId | undefined, isKnown: (record: EntryRecord) => boolean): PersonAt | undefined {
		let said: Pick<PersonAdded, 'name' | 'role' | 'branches'> | undefined;
		let isDisabled = false;
		for (const { record, fact } of changesOf(person)) {
			if (!isKnown(record) || !isValid(record)) continue;
			if (fact.type === 'person.disabled') isDisabled = fact.disabled;
			else said = fact;
		}
		if (said === undefined) return undefined;
		const isElsewhere = branch !== undefined && said.branches !== undefined && !said.branches.includes(branch);
		return { name: said.name, role: isDisabled || isElsewhere ? 'none' : said.role };
	}

	function lackAmong(record: EntryRecord, isKnown: (other: EntryRecord) => boolean): Lack | undefined {
		const { by } = record.header;
		const { needs, approvers } = needsIn(record);
		if (needs.length === 0 || isOwnWord(record)) return undefined;
		const branch = branchOf(record);
		const known = personIn(by, branch, isKnown);
		if (known === undefined && !((isStrict || by === OWNER) && isAnyKnown(isKnown))) return undefined;
		const author: PersonAt = known ?? { name: '', role: 'none' };
		const may = (need: Need, person: PersonAt | undefined): boolean => {
			if (person === undefined) return !isStrict;
			if (!isAtLeast(person.role, need.role)) return false;
			if (need.of === undefined) return true;
			const about = personIn(need.of, undefined, isKnown);
			return about === undefined || isAtLeast(person.role, roleOverPeople(about.role));
		};
		const lacking = needs.find((need) => !may(need, author) && !approvers.some((one) => may(need, personIn(one, branch, isKnown))));
		return lacking === undefined ? undefined : { need: lacking, name: author.name, role: author.role };
	}

	function isAnyKnown(isKnown: (record: EntryRecord) => boolean): boolean {
		for (const person of people()) if (changesOf(person).some(({ record }) => isKnown(record) && isValid(record))) return true;
		return false;
	}

	function lackAt(record: EntryRecord): Lack | undefined {
		return lackAmong(record, (other) => other !== record && saw(record, other));
	}

	return {
		roleNow: (person, branch) => personIn(person, branch, () => true)?.role,
		lackAt,
		withdrawalsFrom(record) {
			const { needs, approvers } = needsIn(record);
			if (needs.length === 0 || record.header.by === OWNER) return [];
			const isApart = (other: EntryRecord): boolean => other !== record && !saw(record, other) && !saw(other, record);
			if (lackAmong(record, (other) => other !== record && !saw(other, record)) === undefined) return [];
			return [record.header.by, ...approvers].flatMap((person) =>
				changesOf(person)
					.map((change) => change.record)
					.filter((other) => isApart(other) && isValid(other)),
			);
		},
		forget() {
			valid.clear();
		},
	};
}
