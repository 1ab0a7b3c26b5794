/**
 * Who works here, in which role, and whether a till opens under the name.
 *
 * 1. Of changes that did not know of each other the later in ledger order counts. So it is with PINs, and with who is disabled.
 * 2. What is written here is what people said. In which role somebody stands is asked of the ledger (`roleOf`, `core/people/standing.ts`): nobody promotes
 *    themselves.
 */
import type { PersonAdded, PersonRole } from '#schemas/facts/person-added.ts';
import type { BranchId, EntryHash, PersonId } from '#schemas/ids.ts';
import { foldValue, replacesNamed } from '../values.ts';
import type { Book } from './book.ts';

export interface PersonState {
	readonly person: PersonId;
	readonly name: string;
	readonly role: PersonRole;
	/** Absent: in every branch. */
	readonly branches: readonly BranchId[] | undefined;
	/** What a change made now would replace. */
	readonly replaces: readonly EntryHash[];
	/** Argon2id in PHC form; null: none yet. */
	readonly pin: string | null;
	readonly disabled: boolean;
	readonly addedAtMs: number;
}

export const people: Book<PersonId, PersonState> = {
	reads: ['person.added', 'person.changed', 'person.pinReset', 'person.disabled'],
	subjectsOf: (fact) => ('person' in fact ? [fact.person] : []),
	fold(person, changes) {
		let pin: PersonAdded['pin'] = null;
		let disabled = false;
		let addedAtMs: number | undefined;
		const said = changes.flatMap(({ record, fact }) => {
			if (fact.type === 'person.pinReset') pin = fact.pin;
			if (fact.type === 'person.disabled') disabled = fact.disabled;
			if (fact.type !== 'person.added' && fact.type !== 'person.changed') return [];
			if (fact.type === 'person.added') {
				addedAtMs ??= record.header.at;
				pin = fact.pin;
			}
			const { name, role, branches } = fact;
			return [{ record, value: { name, role, branches }, replaces: replacesNamed(fact.type === 'person.changed' ? fact.replaces : []) }];
		});
		const value = foldValue(said);
		// A change waits for the entry that added the person.
		if (value === undefined || addedAtMs === undefined) return undefined;
		return { person, ...value.value, replaces: value.replaces, pin, disabled, addedAtMs };
	},
};
