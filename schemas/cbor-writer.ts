/**
 * Writes what we mostly write, quickly: text, hex, bytes, whole numbers, lists, maps, truth and null, in the deterministic encoding.
 *
 * 1. What it writes is what `encode` writes by way of any value's encoder (`cbor.ts`). Anything it is not sure of, it leaves to that: fractions, keys that are hex or
 *    not ASCII, halves of characters, objects of a class, what nests deep, and every mistake. A test holds the two against each other.
 */
import { BYTES, LIST, TEXT, UNSIGNED, writeHead } from './cbor-head.ts';
import { bytesOfHex, isLongHex } from './hex.ts';

/** Undefined: not written here. */
export function writePlain(value: unknown): Uint8Array | undefined {
	at = 0;
	const written = writeValue(value, 0) ? into.slice(0, at) : undefined;
	if (into.length > MOST_KEPT_BYTES) into = new Uint8Array(FIRST_BYTES);
	return written;
}

const NEGATIVE = 1;
const MAP = 5;
const MOST_DEEP = 32;
/** With a number of eight bytes, which is not `writeHead`'s. */
const LARGE_HEAD = 9;
const PRINTABLE = /^[\x20-\x7e]*$/;
const UTF8 = new TextEncoder();
const FIRST_BYTES = 16 * 1024;
/** Whoever has written a whole archive once does not keep its room. */
const MOST_KEPT_BYTES = 1024 * 1024;
/** One for all, for nothing else runs while a value is written. */
let into = new Uint8Array(FIRST_BYTES);
let at = 0;

function writeValue(value: unknown, depth: number): boolean {
	switch (typeof value) {
		case 'string':
			return writeText(value);
		case 'number':
			return writeNumber(value);
		case 'boolean':
			return writeByte(value ? 0xf5 : 0xf4);
		case 'object':
			if (value === null) return writeByte(0xf6);
			if (depth >= MOST_DEEP) return false;
			if (Array.isArray(value)) return writeList(value, depth);
			return value instanceof Uint8Array ? writeBytes(value) : writeMap(value, depth);
		default:
			return false;
	}
}

function makeRoom(more: number): void {
	if (at + more <= into.length) return;
	const larger = new Uint8Array(2 * (at + more));
	larger.set(into);
	into = larger;
}

function writeByte(byte: number): boolean {
	makeRoom(1);
	into[at++] = byte;
	return true;
}

function head(major: number, value: number): void {
	makeRoom(LARGE_HEAD);
	if (value < 2 ** 32) {
		at = writeHead(into, at, major, value);
		return;
	}
	into[at] = (major << 5) | 27;
	for (let i = 8; i > 0; i -= 1) {
		into[at + i] = value % 256;
		value = Math.floor(value / 256);
	}
	at += LARGE_HEAD;
}

function writeNumber(value: number): boolean {
	if (!Number.isSafeInteger(value) || Object.is(value, -0)) return false;
	if (value < 0) head(NEGATIVE, -1 - value);
	else head(UNSIGNED, value);
	return true;
}

function writeText(text: string): boolean {
	if (isLongHex(text)) return writeBytes(bytesOfHex(text));
	const start = at;
	head(TEXT, text.length);
	makeRoom(text.length);
	for (let i = 0; i < text.length; i += 1) {
		const letter = text.charCodeAt(i);
		if (letter >= 0x80) {
			at = start;
			return writeWideText(text);
		}
		into[at + i] = letter;
	}
	at += text.length;
	return true;
}

function writeWideText(text: string): boolean {
	if (!text.isWellFormed()) return false;
	const bytes = UTF8.encode(text);
	head(TEXT, bytes.length);
	return put(bytes);
}

function writeBytes(bytes: Uint8Array): boolean {
	head(BYTES, bytes.length);
	return put(bytes);
}

function put(bytes: Uint8Array): boolean {
	makeRoom(bytes.length);
	into.set(bytes, at);
	at += bytes.length;
	return true;
}

function writeList(list: readonly unknown[], depth: number): boolean {
	head(LIST, list.length);
	for (const item of list) if (!writeValue(item, depth + 1)) return false;
	return true;
}

/** In the order of the keys' bytes with their heads (RFC 8949, section 4.2.1): the shorter first. */
function writeMap(map: object, depth: number): boolean {
	const prototype: unknown = Object.getPrototypeOf(map);
	if (prototype !== Object.prototype && prototype !== null) return false;
	const keys = Object.keys(map);
	if (!keys.every((key) => PRINTABLE.test(key) && !isLongHex(key))) return false;
	keys.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
	head(MAP, keys.length);
	for (const key of keys) {
		writeText(key);
		if (!writeValue((map as Readonly<Record<string, unknown>>)[key], depth + 1)) return false;
	}
	return true;
}
