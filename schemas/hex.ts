/**
 * Bytes as lower-case hex and back. Everything signed or hashed passes here, and a sealed entry on the live lane twice: long ones by way of bytes, for a text that is
 * put together or read letter by letter takes several times as long.
 */

export function hexOf(bytes: Uint8Array): string {
	if (bytes.length >= LONG) return longHexOf(bytes);
	const letters = new Array<number>(2 * bytes.length);
	for (let i = 0; i < bytes.length; i += 1) {
		const byte = bytes[i] ?? 0;
		letters[2 * i] = HEX_LETTERS[byte >> 4] ?? 0;
		letters[2 * i + 1] = HEX_LETTERS[byte & 15] ?? 0;
	}
	return textOfLetters(letters);
}

/** In one piece: put together letter by letter, a text is as many pieces in memory until somebody reads it. */
export function textOfLetters(letters: readonly number[]): string {
	return String.fromCharCode.apply(null, letters as number[]);
}

/**
 * Whether it is hex of 8 bytes or more: as bytes it is half as long. Asked of text of any length: a pattern of groups that repeat keeps a place for each, and some
 * megabytes of them are more than the engine's stack holds.
 */
export function isLongHex(text: string): boolean {
	return text.length >= 16 && text.length % 2 === 0 && DIGITS.test(text);
}

/** Throws on text that is not lower-case hex. */
export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(text.length >> 1);
	let wrong = text.length % 2;
	if (bytes.length >= LONG) {
		const letters = ENCODER.encode(text);
		if (letters.length !== text.length) wrong = 1;
		for (let i = 0; i < bytes.length; i += 1) {
			const high = DIGIT_OF_LETTER[letters[2 * i] ?? 0] ?? NO_DIGIT;
			const low = DIGIT_OF_LETTER[letters[2 * i + 1] ?? 0] ?? NO_DIGIT;
			wrong |= (high | low) & NO_DIGIT;
			bytes[i] = (high << 4) | low;
		}
	} else {
		for (let i = 0; i < bytes.length; i += 1) {
			const high = DIGIT_OF_LETTER[text.charCodeAt(2 * i)] ?? NO_DIGIT;
			const low = DIGIT_OF_LETTER[text.charCodeAt(2 * i + 1)] ?? NO_DIGIT;
			wrong |= (high | low) & NO_DIGIT;
			bytes[i] = (high << 4) | low;
		}
	}
	if (wrong !== 0) throw new Error(`not hex: ${text.slice(0, 20)}`);
	return bytes;
}

function longHexOf(bytes: Uint8Array): string {
	const letters = new Uint8Array(2 * bytes.length);
	for (let i = 0; i < bytes.length; i += 1) {
		const byte = bytes[i] ?? 0;
		letters[2 * i] = HEX_LETTERS[byte >> 4] ?? 0;
		letters[2 * i + 1] = HEX_LETTERS[byte & 15] ?? 0;
	}
	return DECODER.decode(letters);
}

const DIGITS = /^[0-9a-f]+$/;
/** Of bytes. */
const LONG = 64;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('latin1');
/** The code of each digit's letter. */
export const HEX_LETTERS = ENCODER.encode('0123456789abcdef');

const NO_DIGIT = 0x80;
const DIGIT_OF_LETTER = new Uint8Array(256).fill(NO_DIGIT);
for (const [digit, letter] of HEX_LETTERS.entries()) DIGIT_OF_LETTER[letter] = digit;
