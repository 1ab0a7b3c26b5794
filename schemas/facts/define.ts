/** What every fact file says: its name, version, scope, the right it needs, and the shape of its content. */
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
}) {
	return { ...fact, schema: v.strictObject({ type: v.literal(fact.type), v: v.literal(fact.version), ...fact.fields }) };
}

/** Per field or price, the entries whose value this one replaces, as its author saw them. Empty for the first value. */
export const replaces = v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/), v.brand('EntryHash'))), v.maxLength(64));

/** Short text that people wrote. */
export const words = (most: number) => v.pipe(v.string(), v.maxLength(most));
