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
import { writePlain } from './cbor-writer.ts';
import { bytesOfHex, hexOf, isLongHex } from './hex.ts';

export { bytesOfHex, hexOf };

/** The deterministic encoding of a JSON-like value. Throws on what the format does not carry: that is our bug, never a peer's. */
export function encode(value: unknown): Uint8Array {
	return writePlain(value) ?? encodeAnything(value);
}

/** Whatever the format carries: the measure of `writePlain`. Bytes with a room of their own, as that writes them: the library's may be a part of Node's. */
export function encodeAnything(value: unknown): Uint8Array {
	const bytes = cborEncode(value, {
		typeEncoders: {
			string: (text: string) => (isLongHex(text) ? [new Token(Type.bytes, bytesOfHex(text))] : null),
			undefined: () => {
				throw new Error('undefined has no place in an entry');
			},
		},
	});
	return new Uint8Array(bytes);
}

/** The value, or undefined for bytes that are not the deterministic encoding of one. */
export function decode(bytes: Uint8Array): unknown {
	const plain = readPlain(bytes);
	return plain === NOT_READ ? decodeAndCompare(bytes) : plain;
}

/** Whatever the encoding carries, by writing it again: the measure of `readPlain`. */
export function decodeAndCompare(bytes: Uint8Array): unknown {
	try {
		const value = textOfBytes(
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

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
	return true;
}

function textOfBytes(value: unknown): unknown {
	if (value instanceof Uint8Array) return hexOf(value);
	if (Array.isArray(value)) return value.map(textOfBytes);
	if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, textOfBytes(item)]));
	return value;
}
