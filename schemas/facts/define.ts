/**
 * What every fact file says: its name, version, scope, the right it needs, and the shape of its content.
 *
 * A newer version only adds what may be absent, and says in `earlier` what the older ones were (`schemas/migrations`): so one shape in memory serves them
 * all, and a fact is sealed in the lowest version that can say it (`core/entry/fact-version.ts`), which older peers still understand.
 */
import * as v from 'valibot';
import type { Scope } from '../ids.ts';
import type { Right } from '../rights.ts';

export function defineFact<const Type extends string, const Version extends number, Fields extends v.ObjectEntries>(fact: {
	readonly type: Type;
	readonly version: Version;
	/** `either`: goes into the scope of what it is about. */
	readonly scope: Scope | 'either';
	readonly right: Right;
	readonly fields: Fields;
	/** Fields of the versions before this one, the first at place 0. */
	readonly earlier?: readonly v.ObjectEntries[];
}) {
	const earlier = fact.earlier ?? [];
	if (earlier.length !== fact.version - 1) throw new Error(`${fact.type} ${fact.version} says what ${earlier.length} earlier versions were`);
	const versions = Array.from({ length: fact.version }, (_, index) => index + 1) as unknown as readonly AtMost<Version>[];
	/** Any version that is known, in the one shape that memory has. */
	const schema = v.strictObject({ type: v.literal(fact.type), v: v.picklist(versions), ...fact.fields });
	/** Exactly what each version allows; version n at place n − 1. */
	const byVersion: readonly v.GenericSchema[] = [...earlier, fact.fields].map((fields, index) =>
		v.strictObject({ type: v.literal(fact.type), v: v.literal(index + 1), ...fields }),
	);
	return { ...fact, schema, byVersion };
}

/** 1 … Version, as a type; facts have few versions. */
type AtMost<Version extends number> = Version extends 1 ? 1 : Version extends 2 ? 1 | 2 : Version extends 3 ? 1 | 2 | 3 : number;

/** Per field or price, the entries whose value this one replaces, as its author saw them. Empty for the first value. */
export const replaces = v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/), v.brand('EntryHash'))), v.maxLength(64));

/** Short text that people wrote. */
export const words = (most: number) => v.pipe(v.string(), v.maxLength(most));
