/**
 * Deterministic CBOR (RFC 8949, section 4.2.1), the only encoding of what is signed or hashed.
 *
 * Invariants:
 * 1. One value, one encoding: `decode` refuses bytes that `encode` would not have written.
 * 2. Values are JSON-like: no undefined, no floats, no tags, no bytes. Text that is lower-case hex of 8 bytes or more travels as a byte string,
 *    at half the size, and comes back as text; so ids and hashes are plain text in memory and still map keys.
 */
import { decode as cborDecode, encode as cborEncode, Token, Type } from 'cborg';
import { NOT_READ, readPlain } from './cbor-reader.ts';

const HEX = /^(?:[0-9a-f]{2}){8,}$/;

/** The deterministic encoding of a JSON-like value. Throws on what the format does not carry: that is our bug, never a peer's. */
export function encode(value: unknown): Uint8Array {
	return cborEncode(value, {
		typeEncoders: {
			string: (text: string) => (HEX.test(text) ? [new Token(Type.bytes, bytesOfHex(text))] : null),
			undefined: () => {
				throw new Error('undefined has no place in an entry');
			},
		},
	});
}

/** The value, or undefined for bytes that are not the deterministic encoding of one. */
export function decode(bytes: Uint8Array): unknown {
	const plain = readPlain(bytes);
	return plain === NOT_READ ? decodeAndCompare(bytes) : plain;
}

/** Whatever the encoding carries, by writing it again: the measure of `readPlain`. */
export function decodeAndCompare(bytes: Uint8Array): unknown {
	try {
		const value: unknown = textOfBytes(
			cborDecode(bytes, {
				strict: true,
				rejectDuplicateMapKeys: true,
				allowIndefinite: false,
				allowUndefined: false,
				allowInfinity: false,
				allowNaN: false,
			}),
		);
		return sameBytes(encode(value), bytes) ? value : undefined;
	} catch {
		return undefined;
	}
}

export function hexOf(bytes: Uint8Array): string {
	let text = '';
	for (const byte of bytes) text += HEX_OF_BYTE[byte];
	return text;
}

/** Throws on text that is not lower-case hex. */
export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(text.length >> 1);
	// Every signature, hash and body passes here: by letter, for a parse of each pair was a tenth of reading an entry.
	let wrong = text.length % 2;
	for (let i = 0; i < bytes.length; i += 1) {
		const high = DIGIT_OF_LETTER[text.charCodeAt(2 * i)] ?? NO_DIGIT;
		const low = DIGIT_OF_LETTER[text.charCodeAt(2 * i + 1)] ?? NO_DIGIT;
		wrong |= (high | low) & NO_DIGIT;
		bytes[i] = (high << 4) | low;
	}
	if (wrong !== 0) throw new Error(`not hex: ${text.slice(0, 20)}`);
	return bytes;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
	return true;
}

const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const NO_DIGIT = 0x80;
const DIGIT_OF_LETTER = new Uint8Array(128).fill(NO_DIGIT);
for (const [digit, letter] of [...'0123456789abcdef'].entries()) DIGIT_OF_LETTER[letter.charCodeAt(0)] = digit;

function textOfBytes(value: unknown): unknown {
	if (value instanceof Uint8Array) return hexOf(value);
	if (Array.isArray(value)) return value.map(textOfBytes);
	if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, textOfBytes(item)]));
	return value;
}
