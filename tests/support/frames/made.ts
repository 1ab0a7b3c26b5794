/**
 * A value that a valibot schema accepts, drawn by its own structure.
 *
 * 1. What comes out passes the schema: a schema that cannot be met this way is an error here, not a message that nobody attacks.
 */
import * as v from 'valibot';
import type { Dice } from '../../sim/random.ts';

/** Texts that mean something to the shop under attack (ids, hashes, codes): tried before made-up ones. */
export type Pool = readonly string[];

type Schema = v.GenericSchema;
type Parts = Readonly<Record<string, unknown>>;

const TRIES = 200;
const OTHER_TEXTS = [
	'a',
	'A',
	'Bread',
	'7',
	'K7QM-42XR',
	'each',
	'GBP',
	'EUR',
	'Europe/London',
	'2026-11-28',
	'12345670',
	'intent-key-1',
	'wss://relay.example',
	'127.0.0.1',
];
const PEER = '12D3KooWGRUVh7vVpXeeGgrXwx4WYQ8WcTHyTrc3Xb4Ua1e5VxAb';
const CERTIFICATE_HASH = `uEi${'A'.repeat(44)}`;
const NUMBERS = [0, 1, 2, 3, 20, 255, 256, 1_000, 65_535, 1_790_000_000_000];

export function madeFrom(schema: Schema, dice: Dice, pool: Pool): unknown {
	for (let tries = 0; tries < TRIES; tries += 1) {
		const value = draw(schema, dice, pool);
		if (v.safeParse(schema, value).success) return value;
	}
	throw new Error(`nothing drawn fits a schema of type ${schema.type}`);
}

function draw(schema: Schema, dice: Dice, pool: Pool): unknown {
	const parts = schema as unknown as Parts;
	const child = (one: unknown): unknown => madeFrom(one as Schema, dice, pool);
	switch (schema.type) {
		case 'string':
			return fittingText(schema, [...textsOf(parts, dice), ...pool, ...OTHER_TEXTS, PEER, CERTIFICATE_HASH], dice);
		case 'number':
			return dice.pick(NUMBERS);
		case 'boolean':
			return dice.chance(0.5);
		case 'null':
			return null;
		case 'unknown':
		case 'any':
			return dice.pick<unknown>([null, 1, 'x', [], {}]);
		case 'literal':
			return parts['literal'];
		case 'picklist':
			return dice.pick(parts['options'] as readonly unknown[]);
		case 'optional':
		case 'exact_optional':
		case 'nullable':
			return child(parts['wrapped']);
		case 'array':
			return Array.from({ length: dice.pick([0, 1, 1, 2, 3]) }, () => child(parts['item']));
		case 'tuple':
		case 'strict_tuple':
			return (parts['items'] as readonly unknown[]).map(child);
		case 'variant':
		case 'union':
			return child(dice.pick(parts['options'] as readonly unknown[]));
		case 'record':
			return Object.fromEntries([[child(parts['key']), child(parts['value'])]]);
		case 'instance':
			return dice.bytes(dice.between(1, 40));
		case 'object':
		case 'strict_object':
		case 'loose_object':
			return Object.fromEntries(
				Object.entries(parts['entries'] as Readonly<Record<string, Schema>>)
					.filter(([, entry]) => !entry.type.endsWith('optional') || dice.chance(0.6))
					.map(([name, entry]) => [name, child(entry)]),
			);
		default:
			throw new Error(`a schema of type ${schema.type} cannot be drawn: teach made.ts`);
	}
}

/** The first that fits, from anywhere in the list on: of a long one few do. */
function fittingText(schema: Schema, texts: readonly string[], dice: Dice): string | undefined {
	const from = dice.below(texts.length);
	return [...texts.slice(from), ...texts.slice(0, from)].find((text) => v.safeParse(schema, text).success);
}

/** Hex of the lengths that the schema names, for nearly all of our texts are that. */
function textsOf(schema: Parts, dice: Dice): readonly string[] {
	const rules = rulesOf(schema);
	const lengths = rules.flatMap(({ type, requirement }) => (type === 'length' && typeof requirement === 'number' ? [requirement / 2] : []));
	const isHex = rules.some(({ requirement }) => requirement instanceof RegExp && requirement.source.includes('0-9a-f'));
	return isHex ? [...lengths, 8, 16, 32, 64].map((bytes) => dice.hex(bytes)) : [];
}

/** Pipes begin with a schema that may be a pipe itself. */
function rulesOf({ pipe }: Parts): readonly Parts[] {
	const [first, ...rules] = (pipe ?? []) as readonly Parts[];
	return first === undefined ? [] : [...(first['pipe'] === pipe ? [] : rulesOf(first)), ...rules];
}
