/** What is done to a message that would have been fine. `spoilValue` before it is encoded, `spoilBytes` after. */
import type { Dice } from '../../sim/random.ts';

const LONG = 70_000;

/** Another value with one place of it changed; what is given stays as it is. */
export function spoilValue(value: unknown, dice: Dice): unknown {
	if (Array.isArray(value) && value.length > 0 && dice.chance(0.75)) return spoilList(value, dice);
	if (isMap(value) && Object.keys(value).length > 0 && dice.chance(0.85)) return spoilMap(value, dice);
	if (typeof value === 'string' && dice.chance(0.5)) return spoilText(value, dice);
	if (typeof value === 'number' && dice.chance(0.5)) return dice.pick([value + 1, value - 1, -value, value + 0.5, value * 1e6]);
	if (value instanceof Uint8Array && dice.chance(0.7)) return spoilBytes(value, dice);
	return oddValue(dice);
}

function spoilList(list: readonly unknown[], dice: Dice): unknown {
	const at = dice.below(list.length);
	switch (dice.below(5)) {
		case 0:
			return list.filter((_, place) => place !== at);
		case 1:
			return Array.from({ length: dice.pick([2, 300, 3_000]) }, () => list[at]);
		case 2:
			return [...list, oddValue(dice)];
		default:
			return list.map((item, place) => (place === at ? spoilValue(item, dice) : item));
	}
}

function spoilMap(map: Readonly<Record<string, unknown>>, dice: Dice): unknown {
	const names = Object.keys(map);
	const name = dice.pick(names);
	const others = Object.entries(map).filter(([other]) => other !== name);
	switch (dice.below(6)) {
		case 0:
			return Object.fromEntries(others);
		case 1:
			return Object.fromEntries([...others, [name, map[dice.pick(names)]]]);
		case 2:
			return Object.fromEntries([...Object.entries(map), [dice.pick(['constructor', 'toString', 'more', '€'.repeat(99), '']), oddValue(dice)]]);
		default:
			return Object.fromEntries([...others, [name, spoilValue(map[name], dice)]]);
	}
}

function spoilText(text: string, dice: Dice): string {
	return dice.pick([
		...[
			text.slice(0, dice.below(text.length + 1)),
			text + text,
			text.toUpperCase(),
			`${text}\u0000`,
			'',
			'__proto__',
			'constructor',
			'../../keys/root.key',
			'€'.repeat(120),
		],
		...[
			'a'.repeat(LONG),
			dice.hex(Math.max(1, text.length >> 1)),
			`${dice.hex(1)}${text.slice(2)}`,
			'=cmd|calc',
			'<script>alert(1)</script>',
			'\ud800',
		],
	]);
}

function oddValue(dice: Dice): unknown {
	return dice.pick<() => unknown>([
		...[
			() => null,
			() => true,
			() => 0,
			() => -1,
			() => 2 ** 53,
			() => Number.NaN,
			() => Infinity,
			() => '',
			() => [],
			() => ({}),
			() => dice.bytes(9),
		],
		...[
			() => new Uint8Array(LONG),
			() => nested(200),
			() => ({ length: 1e9 }),
			() => Array.from({ length: 5_000 }, () => 0),
			() => 1e308,
			() => 12_345_678_901_234_567_890n,
		],
	])();
}

function nested(depth: number): unknown {
	let value: unknown = 1;
	for (let n = 0; n < depth; n += 1) value = [value];
	return value;
}

/** Heads of CBOR that promise more than follows: lists, maps, texts and bytes without end or of 2^62 items, a tag, a half float, a break. */
const EVIL_HEADS = [
	'9f',
	'bf',
	'5f',
	'7f',
	'9bffffffffffffffff',
	'bb3fffffffffffffff',
	'5b4000000000000000',
	'7affffffff',
	'd9d9f7',
	'c249',
	'f97e00',
	'ff',
	'f7',
	'fbfff0000000000000',
];

export function spoilBytes(bytes: Uint8Array, dice: Dice): Uint8Array {
	const at = dice.below(bytes.length + 1);
	const evil = Buffer.from(dice.pick(EVIL_HEADS), 'hex');
	switch (dice.below(10)) {
		case 0:
			return bytes.slice(0, at);
		case 1:
			return joined(bytes, dice.bytes(dice.between(1, 30)));
		case 2:
			return joined(bytes.subarray(0, at), evil, bytes.subarray(at));
		case 3:
			return joined(bytes.subarray(0, at), evil, bytes.subarray(Math.min(bytes.length, at + evil.length)));
		case 4:
			return joined(bytes, bytes);
		case 5:
			return joined(new Uint8Array(dice.pick([40, 500, 30_000])).fill(dice.pick([0x81, 0xa1, 0x9f])), bytes);
		case 6:
			return dice.bytes(dice.between(0, 200));
		case 7:
			return joined(bytes.subarray(0, at), bytes.subarray(Math.floor(at / 2)));
		default: {
			const flipped = Uint8Array.from(bytes);
			for (let n = dice.between(1, 3); n > 0 && flipped.length > 0; n -= 1) {
				const place = dice.below(flipped.length);
				flipped[place] = (flipped[place] ?? 0) ^ (1 << dice.below(8));
			}
			return flipped;
		}
	}
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
	return new Uint8Array(Buffer.concat(parts));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
