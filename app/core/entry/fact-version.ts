/**
 * A fact is sealed in the lowest version that can say it: a plain sale of a new till is no riddle to an old one.
 */
import { FACTS, type Fact, type FactType } from '#schemas/facts/registry.ts';
import * as v from 'valibot';

export const DEFINITION_OF: ReadonlyMap<string, (typeof FACTS)[number]> = new Map<FactType, (typeof FACTS)[number]>(
	FACTS.map((definition) => [definition.type, definition]),
);

/** Throws for what no version says: deciding it was a bug. */
export function inLowestVersion<Some extends Fact>(fact: Some): Some {
	const definition = DEFINITION_OF.get(fact.type);
	if (definition === undefined) throw new Error(`a fact that no registry knows: ${fact.type}`);
	for (const [index, schema] of definition.byVersion.entries()) {
		const one = { ...fact, v: index + 1 };
		if (v.is(schema, one)) return one;
	}
	throw new Error(`no version of ${fact.type} says ${JSON.stringify(fact).slice(0, 200)}`);
}
