/**
 * The JSON-like values of entries as decisions of a range coder: columns without a table. Each place of an entry (`facts[].lines[].sku`) keeps what it
 * learnt; a value is a right guess, a word that its field has had before, or told in full.
 *
 * 1. What a reader answers is what the writer was given, down to the kind of each value; `isCodable` says of which values that is so.
 * 2. A reader builds no more than `budget` says, whatever the bytes: a value, a letter, a byte each cost one, as they cost at least one in CBOR.
 * 3. Places, words and shapes are bounded, for hostile entries name new ones without end.
 */
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import { isLongHex } from '#schemas/hex.ts';
import { createMemory, guess, note, remember, type Frame, type Scalar } from './guesses.ts';
import { BitModel, type RangeCoder } from './range-coder.ts';
import {
	codeBytes,
	codeNoise,
	codeNumber,
	codeSigned,
	codeTree,
	createBytesModel,
	createNumberModel,
	type BytesModel,
	type NumberModel,
} from './symbols.ts';
import type { ClosedSegmentName } from '#schemas/documents/closed-segment.ts';

/** Bytes that no writer makes. */
export class Unreadable extends Error {}

export interface ValueCoder {
	/** Writes a body's value, or reads one. */
	body(value: unknown): unknown;
	/** Bytes that are no entry. */
	raw(bytes: Uint8Array): Uint8Array;
	isEntry(value: boolean): boolean;
	/** The entry is read, and this is the hash of its body. */
	remember(body: unknown, hash: string): void;
	setBudget(bytes: number): void;
}

/** Whether a value that `decode` answered comes back as it is: no fraction, no number beyond 2⁵³, not deeper than any fact is. */
export function isCodable(value: unknown, depth = 0): boolean {
	if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
	if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
	if (typeof value !== 'object' || depth > MOST_DEEP) return false;
	return Object.values(value).every((item) => isCodable(item, depth + 1));
}

export function createValueCoder(coder: RangeCoder, name: ClosedSegmentName): ValueCoder {
	const memory = createMemory(name);
	const places = new Map<string, Place>();
	const overflow = createPlace('', '');
	const words = new Map<string, Words>();
	const manyWords = createWords();
	const shapes = new Map<string, Shapes>();
	const manyShapes = createShapes();
	const text = createBytesModel();
	let rawBytes: BytesModel | undefined;
	const entryBit = new BitModel(1);
	let budget = 0;

	function spend(cost: number): void {
		budget -= cost;
		if (!coder.isWriting && budget < 0) throw new Unreadable('more than it says that it holds');
	}

	function placeOf(path: string, leaf: string): Place {
		let place = places.get(path);
		if (place === undefined) {
			if (places.size >= MOST_PLACES) return overflow;
			places.set(path, (place = createPlace(path, leaf)));
		}
		return place;
	}

	function wordsOf(leaf: string): Words {
		let list = words.get(leaf);
		if (list === undefined) {
			if (words.size >= MOST_FIELDS) return manyWords;
			words.set(leaf, (list = createWords()));
		}
		return list;
	}

	// ——— one value

	function codeValue(path: string, leaf: string, frame: Frame, value: unknown, depth: number, keep: (value: unknown) => void): unknown {
		spend(1);
		const place = placeOf(path, leaf);
		if (!place.isContainer) {
			const scalar = codeScalar(place, frame, value);
			if (scalar !== undefined) return scalar.value;
		}
		const kind = codeTree(coder, place.kinds, 0, 3, KINDS.indexOf(kindOf(value)));
		switch (KINDS[kind]) {
			case 'array':
				place.isContainer = true;
				return codeArray(path, leaf, frame, value, depth, keep);
			case 'map':
				place.isContainer = true;
				return codeMap(path, frame, value, depth);
			default: {
				const told = codeLiteral(place, kind, value);
				learn(place, frame, told);
				return told;
			}
		}
	}

	/** By a guess or a word; undefined when it must be told in full. */
	function codeScalar(place: Place, frame: Frame, value: unknown): { readonly value: Scalar } | undefined {
		const { values, near } = guess(place.path, place.leaf, frame, memory, place.last);
		for (const [index, guessed] of values.slice(0, MOST_GUESSES).entries()) {
			const hit = coder.bit(place.hits, index * 2 + place.wasGuessed, value === guessed ? 1 : 0);
			if (hit === 0) continue;
			place.wasGuessed = index === 0 ? 1 : 0;
			learn(place, frame, guessed);
			return { value: guessed };
		}
		if (values.length > 0) place.wasGuessed = 0;
		if (near && values.length > 0) {
			const from = values[0] as number;
			const isNear = typeof value === 'number' && Number.isSafeInteger(value - from) ? 1 : 0;
			if (coder.bit(place.nears, 0, isNear) === 0) return undefined;
			const told = from + codeSigned(coder, place.numbers, coder.isWriting ? (value as number) - from : 0);
			if (!Number.isSafeInteger(told)) throw new Unreadable('a number that no writer told');
			learn(place, frame, told);
			return { value: told };
		}
		const list = wordsOf(place.leaf);
		if (list.values.length === 0) return undefined;
		const known = list.places.get(value as Scalar);
		if (coder.bit(place.knowns, 0, known === undefined ? 0 : 1) === 0) return undefined;
		const index = codeNumber(coder, list.numbers, known ?? 0);
		const word = list.values[index];
		if (word === undefined) throw new Unreadable('a word that nobody said before');
		if (typeof word === 'string') spend(word.length / 2);
		learn(place, frame, word);
		return { value: word };
	}

	function codeLiteral(place: Place, kind: number, value: unknown): Scalar {
		switch (KINDS[kind]) {
			case 'null':
				return put(null);
			case 'false':
				return put(false);
			case 'true':
				return put(true);
			case 'number':
				return put(codeSigned(coder, place.numbers, value as number));
			case 'text':
				return put(codeText(coder.isWriting ? (value as string) : ''));
			case 'hex':
				return put(codeHex(coder.isWriting ? (value as string) : ''));
			default:
				throw new Unreadable('a value of no kind');
		}

		function put(told: Scalar): Scalar {
			const list = wordsOf(place.leaf);
			if (list.values.length < MOST_WORDS && !list.places.has(told)) {
				list.places.set(told, list.values.length);
				list.values.push(told);
			}
			return told;
		}
	}

	function learn(place: Place, frame: Frame, value: Scalar): void {
		place.last = value;
		note(place.path, place.leaf, frame, memory, value);
	}

	// ——— text and bytes

	function codeText(value: string): string {
		if (coder.bit(textKinds, 0, UUID.test(value) ? 1 : 0) === 1) return codeUuid(value);
		const bytes = codeBytes(coder, text, coder.isWriting ? UTF8.encode(value) : NO_BYTES, budgetNow());
		if (bytes === undefined) throw new Unreadable('more than it says that it holds');
		spend(bytes.length);
		if (coder.isWriting) return value;
		try {
			return TEXT.decode(bytes);
		} catch {
			throw new Unreadable('text that is none');
		}
	}

	/** 122 bits of chance; version and variant (RFC 9562, section 4) are learnt. */
	function codeUuid(value: string): string {
		spend(16);
		const bytes = coder.isWriting ? bytesOfHex(value.replaceAll('-', '')) : new Uint8Array(16);
		const read = new Uint8Array(16);
		for (let i = 0; i < 16; i += 1) {
			const byte = bytes[i] ?? 0;
			const learnt = i === 6 ? 4 : i === 8 ? 2 : 0;
			const high = learnt === 0 ? 0 : codeTree(coder, uuidBits, i * 16, learnt, byte >>> (8 - learnt));
			read[i] = (high << (8 - learnt)) | coder.plain(8 - learnt, byte & (0xff >>> learnt));
		}
		const hex = hexOf(read);
		return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
	}

	function codeHex(value: string): string {
		const length = codeNumber(coder, hexLength, value.length / 2);
		spend(length);
		return hexOf(codeNoise(coder, coder.isWriting ? bytesOfHex(value) : NO_BYTES, length));
	}

	const textKinds = new BitModel(1);
	const uuidBits = new BitModel(16 * 16);
	const hexLength = createNumberModel();

	function budgetNow(): number {
		return coder.isWriting ? Infinity : Math.max(0, budget);
	}

	// ——— arrays and maps

	function codeArray(path: string, leaf: string, frame: Frame, value: unknown, depth: number, keep: (value: unknown) => void): unknown[] {
		const given = coder.isWriting ? (value as readonly unknown[]) : [];
		const length = codeNumber(coder, placeOf(path, leaf).numbers, given.length);
		const read: unknown[] = [];
		keep(read);
		if (depth > MOST_DEEP) throw new Unreadable('deeper than any fact');
		const isTuple = leaf === 'hlc' || path === '.seen[]';
		const tuple: Frame = { fields: new Map(), parent: frame };
		for (let i = 0; i < length; i += 1) {
			const itemPath = isTuple ? `${path}.${Math.min(i, 9)}` : `${path}[]`;
			const itemLeaf = isTuple ? `${leaf}${Math.min(i, 9)}` : leaf;
			let isKept = false;
			const item = codeValue(itemPath, itemLeaf, isTuple ? tuple : frame, given[i], depth + 1, (early) => {
				isKept = true;
				read.push(early);
			});
			if (!isKept) read.push(item);
			if (isTuple) tuple.fields.set(String(i), item);
		}
		return read;
	}

	function codeMap(path: string, parent: Frame, value: unknown, depth: number): object {
		const given = coder.isWriting ? (value as Readonly<Record<string, unknown>>) : {};
		if (depth > MOST_DEEP) throw new Unreadable('deeper than any fact');
		const shape = codeShape(path, given);
		const frame: Frame = { fields: new Map(), parent };
		let inside = path;
		for (const key of shape) {
			let isKept = false;
			const item = codeValue(`${inside}.${key}`, key, frame, given[key], depth + 1, (early) => {
				isKept = true;
				frame.fields.set(key, early);
			});
			if (!isKept) frame.fields.set(key, item);
			// What a place means depends on the fact.
			if (key === 'type' && typeof item === 'string') inside = `${path}<${item}>`;
		}
		return Object.fromEntries(frame.fields);
	}

	/** The names of a map's fields, those first that others can be guessed from. */
	function codeShape(path: string, given: Readonly<Record<string, unknown>>): readonly string[] {
		let known = shapes.get(path);
		if (known === undefined) {
			known = shapes.size < MOST_PLACES ? createShapes() : manyShapes;
			if (shapes.size < MOST_PLACES) shapes.set(path, known);
		}
		const keys = Object.keys(given).sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
		const id = JSON.stringify(keys);
		const index = codeNumber(coder, known.numbers, known.places.get(id) ?? known.shapes.length);
		const shape = known.shapes[index];
		if (shape !== undefined) return shape;
		if (index !== known.shapes.length) throw new Unreadable('a shape that nothing had before');
		const length = codeNumber(coder, known.lengths, keys.length);
		const read: string[] = [];
		for (let i = 0; i < length; i += 1) {
			spend(1);
			read.push(codeText(keys[i] ?? ''));
		}
		if (known.shapes.length < MOST_WORDS) {
			known.places.set(JSON.stringify(read), known.shapes.length);
			known.shapes.push(read);
		}
		return read;
	}

	return {
		body: (value) => codeValue('', '', { fields: new Map(), parent: undefined }, value, 0, () => undefined),
		raw(bytes) {
			const read = codeBytes(coder, (rawBytes ??= createBytesModel()), bytes, budgetNow());
			if (read === undefined) throw new Unreadable('more than it says that it holds');
			spend(read.length);
			return read;
		},
		isEntry: (value) => coder.bit(entryBit, 0, value ? 1 : 0) === 1,
		remember: (body, hash) => {
			remember(body, hash, memory);
		},
		setBudget(bytes) {
			budget = bytes;
		},
	};
}

/** What is known of one place of an entry. */
interface Place {
	readonly path: string;
	readonly leaf: string;
	readonly kinds: BitModel;
	readonly hits: BitModel;
	readonly nears: BitModel;
	readonly knowns: BitModel;
	readonly numbers: NumberModel;
	last: Scalar | undefined;
	wasGuessed: 0 | 1;
	isContainer: boolean;
}

/** What a field has said, wherever it stood. */
interface Words {
	readonly values: Scalar[];
	readonly places: Map<Scalar, number>;
	readonly numbers: NumberModel;
}

interface Shapes {
	readonly shapes: (readonly string[])[];
	readonly places: Map<string, number>;
	readonly numbers: NumberModel;
	readonly lengths: NumberModel;
}

const KINDS = ['null', 'false', 'true', 'number', 'text', 'hex', 'array', 'map'] as const;
const MOST_DEEP = 16;
const MOST_PLACES = 1024;
const MOST_FIELDS = 64;
const WORD_BITS = 16;
const MOST_WORDS = (1 << WORD_BITS) - 1;
const MOST_GUESSES = 5;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UTF8 = new TextEncoder();
const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NO_BYTES = new Uint8Array(0);

/** Fields that others are guessed from come first, those that are guessed from others last. */
const RANKS: Readonly<Record<string, number>> = {
	...{ type: 0, v: 1, seq: 2, at: 3, hlc: 4, currency: 5, sku: 6 },
	...{ totalMinor: 20, taxMinor: 21, tenders: 22, amountMinor: 23, givenMinor: 24, changeMinor: 25, facts: 30 },
};

function rankOf(key: string): number {
	return Object.hasOwn(RANKS, key) ? (RANKS[key] ?? 10) : 10;
}

function createPlace(path: string, leaf: string): Place {
	return {
		...{ path, leaf, kinds: new BitModel(8), hits: new BitModel(2 * MOST_GUESSES), nears: new BitModel(1), knowns: new BitModel(1) },
		...{ numbers: createNumberModel(), last: undefined, wasGuessed: 0, isContainer: false },
	};
}

function createWords(): Words {
	return { values: [], places: new Map(), numbers: createNumberModel(11, WORD_BITS) };
}

function createShapes(): Shapes {
	return { shapes: [], places: new Map(), numbers: createNumberModel(4, WORD_BITS), lengths: createNumberModel() };
}

function kindOf(value: unknown): (typeof KINDS)[number] {
	if (value === null || value === undefined) return 'null';
	if (typeof value === 'boolean') return value ? 'true' : 'false';
	if (typeof value === 'number') return 'number';
	if (typeof value === 'string') return isLongHex(value) ? 'hex' : 'text';
	return Array.isArray(value) ? 'array' : 'map';
}
