/**
 * Whether an entry may count, by what it says itself: shape, scope, rules of its facts. The clock and the roster are judged where they are known.
 */
import type { Entry } from '#schemas/entry.ts';
import { DEFINITION_OF } from '#core/entry/fact-version.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import { approversIn, needsOf, type Need } from '#core/people/roles.ts';
import type { PersonId } from '#schemas/ids.ts';
import type { Right } from '#schemas/rights.ts';
import { brokenRule } from './fact-rules.ts';
import type { StockSubject } from './stock.ts';

export interface Judged {
	/** Facts that this version knows, with their place in the entry. */
	readonly facts: readonly { readonly fact: Fact; readonly place: number }[];
	readonly rights: ReadonlySet<Right>;
	/** In words for a log; undefined when nothing is wrong. */
	readonly problem: string | undefined;
	readonly hasUnknown: boolean;
	/** Beyond what everybody may (`core/people/roles.ts`), and who allowed it. */
	readonly needs: readonly Need[];
	readonly approvers: readonly PersonId[];
}

/** What an entry says of itself, kept beside it. */
export interface Detail {
	readonly judged: Judged;
	clock: string | undefined;
	/** A branch entry of another branch's device: not this ledger's matter. */
	elsewhere: boolean;
	isNew: boolean;
	/** What it moves. */
	readonly subjects: StockSubject[];
}

export function judgeContent(entry: Entry): Judged {
	const facts: { fact: Fact; place: number }[] = [];
	let rights = NO_RIGHTS;
	let problem: string | undefined;
	let hasUnknown = false;
	let receipts = 0;
	let needs = NO_NEEDS;
	let approvers = NO_PEOPLE;
	const { by } = entry.header;
	for (const [place, fact] of entry.facts.entries()) {
		if ('unknown' in fact) {
			hasUnknown = true;
			continue;
		}
		if ('invalid' in fact) {
			problem ??= `${fact.type}: ${fact.invalid}`;
			continue;
		}
		const definition = DEFINITION_OF.get(fact.type);
		if (definition === undefined) throw new Error(`a fact that no registry knows: ${fact.type}`);
		if (definition.scope !== 'either' && definition.scope !== entry.header.scope)
			problem ??= `${fact.type} has no place in the ${entry.header.scope} scope`;
		if ('receipt' in fact) receipts += 1;
		problem ??= brokenRule(fact);
		rights = withRight(rights, definition.right);
		facts.push({ fact, place });
		needs = joined(needs, needsOf(fact, by));
		approvers = joined(approvers, approversIn(fact));
	}
	// A sale is named by its entry: two in one entry would share one name.
	if (receipts > 1) problem ??= 'two receipts in one entry';
	return { facts, rights, problem, hasUnknown, needs, approvers };
}

const NO_NEEDS: readonly Need[] = [];
const NO_PEOPLE: readonly PersonId[] = [];

/** Nearly every entry needs nothing: no list is made for it. */
function joined<Item>(before: readonly Item[], more: readonly Item[]): readonly Item[] {
	if (more.length === 0) return before;
	return before.length === 0 ? more : [...before, ...more];
}

const NO_RIGHTS: ReadonlySet<Right> = new Set();
/** Nearly every entry asks for one right alone: those sets are made once. */
const ONE_RIGHT = new Map<Right, ReadonlySet<Right>>();

function withRight(rights: ReadonlySet<Right>, right: Right): ReadonlySet<Right> {
	if (rights.has(right)) return rights;
	if (rights.size > 0) return new Set([...rights, right]);
	const known = ONE_RIGHT.get(right) ?? new Set([right]);
	ONE_RIGHT.set(right, known);
	return known;
}
