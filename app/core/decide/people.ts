/**
 * Who works here.
 *
 * 1. A person is added once, under an id that is drawn for it. Nobody is removed: what they did stays under their name.
 * 2. The first person is the owner, with a PIN: from then on nothing is done without a name, and somebody must be able to open the till.
 * 3. The owner stays: while people are enrolled, one of them who is not disabled is an owner.
 */
import type { Intent, Refusal } from '#core/intent.ts';
import type { PersonState } from '#core/ledger/books/people.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { PersonId } from '#schemas/ids.ts';
import type { Facts } from './facts.ts';

type Of<Name extends Intent['intent']> = Extract<Intent, { readonly intent: Name }>;

export function addPerson(ledger: Ledger, { person, name, role, pin, branches }: Of<'add-person'>): Facts | Refusal {
	const { people } = ledger.state.books;
	if (people.get(person) !== undefined) return { refused: 'person-taken', person };
	if (people.entries().length === 0 && (role !== 'owner' || pin === null || branches !== undefined)) return { refused: 'first-is-owner' };
	return {
		store: [
			{ ...{ type: 'person.added', v: 1, person, name: name.trim(), role, pin }, ...(branches === undefined ? {} : { branches: [...branches] }) },
		],
	};
}

export function changePerson(ledger: Ledger, { person, name, role, branches, replaces }: Of<'change-person'>): Facts | Refusal {
	const now = ledger.state.books.people.get(person);
	if (now === undefined) return { refused: 'no-such-person', person };
	const isSame = now.name === name.trim() && now.role === role && JSON.stringify(now.branches) === JSON.stringify(branches);
	if (isSame && now.replaces.length === 1) return { refused: 'nothing-changed' };
	if (role !== 'owner' && isLastOwner(ledger, now)) return { refused: 'last-owner', person };
	return {
		store: [
			{
				...{ type: 'person.changed', v: 1, person, name: name.trim(), role, replaces: [...replaces] },
				...(branches === undefined ? {} : { branches: [...branches] }),
			},
		],
	};
}

export function resetPin(ledger: Ledger, { person, pin }: Of<'reset-pin'>): Facts | Refusal {
	return known(ledger, person) ?? { store: [{ type: 'person.pinReset', v: 1, person, pin }] };
}

export function disablePerson(ledger: Ledger, { person, disabled }: Of<'disable-person'>): Facts | Refusal {
	const now = ledger.state.books.people.get(person);
	if (now === undefined) return { refused: 'no-such-person', person };
	if (now.disabled === disabled) return { refused: 'nothing-changed' };
	if (disabled && isLastOwner(ledger, now)) return { refused: 'last-owner', person };
	return { store: [{ type: 'person.disabled', v: 1, person, disabled }] };
}

export function noteWrongPins(ledger: Ledger, { person, tries }: Of<'note-wrong-pins'>): Facts | Refusal {
	return known(ledger, person) ?? { branch: [{ type: 'pin.refused', v: 1, person, tries }] };
}

function known(ledger: Ledger, person: PersonId): Refusal | undefined {
	return ledger.state.books.people.get(person) === undefined ? { refused: 'no-such-person', person } : undefined;
}

function isLastOwner(ledger: Ledger, { person, role, disabled }: PersonState): boolean {
	if (role !== 'owner' || disabled) return false;
	return !ledger.state.books.people.values().some((other) => other.person !== person && other.role === 'owner' && !other.disabled);
}
