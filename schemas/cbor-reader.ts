/**
 * Reads what our own encoder writes, quickly: the deterministic encoding of text, hex, whole numbers, lists, maps, truth and null.
 *
 * 1. What it answers is what `decode` would answer by reading and writing again (`cbor.ts`). Anything it is not sure of, it leaves to that: too large numbers,
 *    fractions, deep nesting, odd keys, and every mistake. A test holds the two against each other.
 */

import { hexOf, isLongHex } from './hex.ts';
import { createKnownTexts, MOST_KNOWN_BYTES } from './known-texts.ts';

/** In place of a value: not read here. */
export const NOT_READ = Symbol('not read here');

export function readPlain(bytes: Uint8Array): unknown {
	const reader: Reader = { bytes, at: 0 };
	const value = readValue(reader, 0);
	return reader.at === bytes.length ? value : NOT_READ;
}

interface Reader {
	readonly bytes: Uint8Array;
	at: number;
}

const MOST_DEEP = 32;
/** Byte strings of fewer bytes are not written: their hex travels as text. */
const LEAST_HEX_BYTES = 8;
const KNOWN = createKnownTexts();
const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readValue(reader: Reader, depth: number): unknown {
	const head = reader.bytes[reader.at];
	if (head === undefined || depth > MOST_DEEP) return NOT_READ;
	switch (head >> 5) {
		case 0:
			return readLength(reader) ?? NOT_READ;
		case 1: {
			const number = readLength(reader);
			return number === undefined || number === Number.MAX_SAFE_INTEGER ? NOT_READ : -1 - number;
		}
		case 2:
			return readHex(reader);
		case 3:
			return readText(reader);
		case 4:
			return readList(reader, depth);
		case 5:
			return readMap(reader, depth);
		default:
			return readSimple(reader, head);
	}
}

/** The number in a head, in its shortest form; undefined for what is longer, or beyond 2⁵³ − 1. */
function readLength(reader: Reader): number | undefined {
	const { bytes } = reader;
	const info = (bytes[reader.at] ?? 0) & 31;
	if (info < 24) {
		reader.at += 1;
		return info;
	}
	if (info > 27) return undefined;
	const size = 1 << (info - 24);
	if (reader.at + size >= bytes.length) return undefined;
	let value = 0;
	for (let i = 1; i <= size; i += 1) value = value * 256 + (bytes[reader.at + i] ?? 0);
	reader.at += 1 + size;
	const least = size === 1 ? 24 : 256 ** (size / 2);
	return value >= least && Number.isSafeInteger(value) ? value : undefined;
}

function readHex(reader: Reader): unknown {
	const length = readLength(reader);
	if (length === undefined || length < LEAST_HEX_BYTES || reader.at + length > reader.bytes.length) return NOT_READ;
	const from = reader.at;
	reader.at += length;
	return length > MOST_KNOWN_BYTES ? hexOf(reader.bytes.subarray(from, reader.at)) : KNOWN.hex(reader.bytes, from, reader.at);
}

function readText(reader: Reader): string | typeof NOT_READ {
	const { bytes } = reader;
	const length = readLength(reader);
	if (length === undefined || reader.at + length > bytes.length) return NOT_READ;
	const start = reader.at;
	reader.at += length;
	const known = length > MOST_KNOWN_BYTES ? undefined : KNOWN.text(bytes, start, reader.at);
	const text = known ?? readWideText(bytes.subarray(start, reader.at));
	return text !== NOT_READ && isLongHex(text) ? NOT_READ : text;
}

function readWideText(bytes: Uint8Array): string | typeof NOT_READ {
	try {
		const text = TEXT.decode(bytes);
		return text.startsWith('\ufeff') ? NOT_READ : text;
	} catch {
		return NOT_READ;
	}
}

function readList(reader: Reader, depth: number): unknown {
	const length = readLength(reader);
	// An item has at least one byte: a length that cannot be is not waited for.
	if (length === undefined || length > reader.bytes.length - reader.at) return NOT_READ;
	const list: unknown[] = [];
	for (let i = 0; i < length; i += 1) {
		const item = readValue(reader, depth + 1);
		if (item === NOT_READ) return NOT_READ;
		list.push(item);
	}
	return list;
}

/** Keys are text, each once, in the order of their bytes with their heads (RFC 8949, section 4.2.1). */
function readMap(reader: Reader, depth: number): unknown {
	const { bytes } = reader;
	const length = readLength(reader);
	if (length === undefined || 2 * length > bytes.length - reader.at) return NOT_READ;
	const map: Record<string, unknown> = {};
	let before = -1;
	let beforeEnd = -1;
	for (let i = 0; i < length; i += 1) {
		const start = reader.at;
		if ((bytes[start] ?? 0) >> 5 !== 3) return NOT_READ;
		const key = readText(reader);
		if (key === NOT_READ || key === '__proto__') return NOT_READ;
		if (before >= 0 && !isLess(bytes, before, beforeEnd, start, reader.at)) return NOT_READ;
		before = start;
		beforeEnd = reader.at;
		const value = readValue(reader, depth + 1);
		if (value === NOT_READ) return NOT_READ;
		map[key] = value;
	}
	return map;
}

function isLess(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
	for (let i = 0; a + i < aEnd && b + i < bEnd; i += 1) {
		const difference = (bytes[a + i] ?? 0) - (bytes[b + i] ?? 0);
		if (difference !== 0) return difference < 0;
	}
	return false; // The shorter key has the lower head: here they are the same.
}

function readSimple(reader: Reader, head: number): unknown {
	reader.at += 1;
	switch (head) {
		case 0xf4:
			return false;
		case 0xf5:
			return true;
		case 0xf6:
			return null;
		default:
			return NOT_READ;
	}
}
