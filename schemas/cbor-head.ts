/** Heads of CBOR (RFC 8949, section 3), for what passes so often that it is read and written by hand: what follows, and how long it is or which number. */

export const UNSIGNED = 0;
export const BYTES = 2;
export const TEXT = 3;
export const LIST = 4;

export interface Head {
	readonly major: number;
	readonly value: number;
	/** Where what follows begins. */
	readonly end: number;
}

/** Undefined for what is cut off, has no length, is not in its shortest form, or is 2³² or more. */
export function readHead(bytes: Uint8Array, at: number): Head | undefined {
	const first = bytes[at];
	if (first === undefined) return undefined;
	const info = first & 31;
	if (info < 24) return { major: first >> 5, value: info, end: at + 1 };
	if (info > 26) return undefined;
	const size = 1 << (info - 24);
	const end = at + 1 + size;
	if (end > bytes.length) return undefined;
	let value = 0;
	for (let i = at + 1; i < end; i += 1) value = value * 256 + (bytes[i] ?? 0);
	const least = size === 1 ? 24 : 256 ** (size / 2);
	return value < least ? undefined : { major: first >> 5, value, end };
}

/** Of what `writeHead` writes, in bytes. */
export const LONGEST_HEAD = 5;

/** Of a value below 2³². Answers where the head ends; at most five bytes on. */
export function writeHead(bytes: Uint8Array, at: number, major: number, value: number): number {
	const kind = major << 5;
	if (value < 24) {
		bytes[at] = kind | value;
		return at + 1;
	}
	const size = value < 0x100 ? 1 : value < 0x1_0000 ? 2 : 4;
	bytes[at] = kind | (23 + size - (size >> 2));
	for (let i = 0; i < size; i += 1) bytes[at + size - i] = Math.floor(value / 256 ** i);
	return at + 1 + size;
}
