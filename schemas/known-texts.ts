/**
 * Short texts that come again and again as bytes, each once in memory: names of fields, ids of a shop's devices and goods, words of a type. Most short texts of an entry
 * stood in the entry before; nobody has to put them together again, and what is kept of a year holds each once.
 *
 * 1. What it answers is the text of those bytes, whatever it was asked before.
 * 2. It keeps a bounded number: a newer text takes the place of an older one.
 */
import { HEX_LETTERS, hexOf, textOfLetters } from './hex.ts';

export interface KnownTexts {
	/** Undefined where a letter is not ASCII. */
	text(bytes: Uint8Array, start: number, end: number): string | undefined;
	/** Bytes as lower-case hex. */
	hex(bytes: Uint8Array, start: number, end: number): string;
}

/** Longer ones hardly come again. */
export const MOST_KNOWN_BYTES = 40;
/** Of each kind; a power of two. */
const PLACES = 4096;

export function createKnownTexts(): KnownTexts {
	const texts = new Array<string | undefined>(PLACES).fill(undefined);
	const hexes = new Array<string | undefined>(PLACES).fill(undefined);
	return {
		text(bytes, start, end) {
			const place = placeOf(bytes, start, end);
			const known = texts[place];
			if (known !== undefined && isText(known, bytes, start, end)) return known;
			const text = asciiOf(bytes, start, end);
			if (text !== undefined) texts[place] = text;
			return text;
		},
		hex(bytes, start, end) {
			const place = placeOf(bytes, start, end);
			const known = hexes[place];
			if (known !== undefined && isHex(known, bytes, start, end)) return known;
			return (hexes[place] = hexOf(bytes.subarray(start, end)));
		},
	};
}

/** FNV-1a. */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
	let hash = 0x811c9dc5;
	for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
	return (hash ^ (hash >>> 15)) & (PLACES - 1);
}

function asciiOf(bytes: Uint8Array, start: number, end: number): string | undefined {
	const letters = new Array<number>(end - start);
	for (let i = start; i < end; i += 1) {
		const byte = bytes[i] ?? 0;
		if (byte >= 0x80) return undefined;
		letters[i - start] = byte;
	}
	return textOfLetters(letters);
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
	if (text.length !== end - start) return false;
	for (let i = start; i < end; i += 1) if (text.charCodeAt(i - start) !== bytes[i]) return false;
	return true;
}

function isHex(hex: string, bytes: Uint8Array, start: number, end: number): boolean {
	if (hex.length !== 2 * (end - start)) return false;
	for (let i = start; i < end; i += 1) {
		const byte = bytes[i] ?? 0;
		if (hex.charCodeAt(2 * (i - start)) !== HEX_LETTERS[byte >> 4] || hex.charCodeAt(2 * (i - start) + 1) !== HEX_LETTERS[byte & 15]) return false;
	}
	return true;
}
