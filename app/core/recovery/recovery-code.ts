/**
 * The store's root key as letters on paper: eleven groups of six, the last of each its check letter.
 *
 * 1. What is written is read back the same, whatever its case and whatever stands between the letters.
 * 2. One wrong letter, or two neighbours that changed places, is found, and in which group. So are groups that changed places.
 * 3. What is read is a whole key: the letters hold a check of all 32 bytes besides.
 */
import { LETTERS } from '#core/letters.ts';

/** Ed25519's seed. */
const SECRET_BYTES = 32;
export const GROUPS = 11;
/** 55 letters of 29 are 267 bits: 256 of the key, 8 of its check. */
const LETTERS_A_GROUP = 5;
const GROUP_LENGTH = LETTERS_A_GROUP + 1;
const BASE = BigInt(LETTERS.length);

export type ReadCode =
	| { readonly secret: Uint8Array }
	/** `letters`: how many there are, of `of`. */
	| { readonly refused: 'length'; readonly letters: number; readonly of: number }
	/** From 1. */
	| { readonly refused: 'group'; readonly group: number }
	| { readonly refused: 'not-whole' };

/** The groups in their order. Throws for anything but 32 bytes, which only a bug brings here. */
export function writeRecoveryCode(secret: Uint8Array): readonly string[] {
	if (secret.length !== SECRET_BYTES) throw new Error(`a root key of ${secret.length} bytes, not ${SECRET_BYTES}`);
	let left = [...secret, checkOf(secret)].reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
	const digits: number[] = [];
	for (let place = 0; place < GROUPS * LETTERS_A_GROUP; place += 1) {
		digits.unshift(Number(left % BASE));
		left /= BASE;
	}
	return Array.from({ length: GROUPS }, (_, group) => {
		const own = digits.slice(group * LETTERS_A_GROUP, (group + 1) * LETTERS_A_GROUP);
		return [...own, checkDigit(own, group)].map((digit) => LETTERS[digit] ?? '').join('');
	});
}

export function readRecoveryCode(text: string): ReadCode {
	const letters = text.toUpperCase().replace(/[^0-9A-Z]/g, '');
	const of = GROUPS * GROUP_LENGTH;
	if (letters.length !== of) return { refused: 'length', letters: letters.length, of };
	let value = 0n;
	for (let group = 0; group < GROUPS; group += 1) {
		const digits = [...letters.slice(group * GROUP_LENGTH, (group + 1) * GROUP_LENGTH)].map((letter) => LETTERS.indexOf(letter));
		const own = digits.slice(0, LETTERS_A_GROUP);
		if (digits.includes(-1) || checkDigit(own, group) !== digits.at(-1)) return { refused: 'group', group: group + 1 };
		for (const digit of own) value = value * BASE + BigInt(digit);
	}
	const bytes: number[] = [];
	for (let place = 0; place <= SECRET_BYTES; place += 1) {
		bytes.unshift(Number(value % 256n));
		value /= 256n;
	}
	const secret = new Uint8Array(bytes.slice(0, SECRET_BYTES));
	return value === 0n && checkOf(secret) === bytes.at(-1) ? { secret } : { refused: 'not-whole' };
}

/** Whether somebody has typed this group, as they type. */
export function isSameGroup(typed: string, group: string): boolean {
	return typed.toUpperCase().replace(/[^0-9A-Z]/g, '') === group;
}

/** Neighbours weigh differently, and so does each group: 29 is a prime, so no single slip adds up to nothing. */
function checkDigit(digits: readonly number[], group: number): number {
	return digits.reduce((sum, digit, place) => sum + (place + 2) * digit, (group + 1) * 3) % LETTERS.length;
}

function checkOf(secret: Uint8Array): number {
	return secret.reduce((sum, byte, place) => (sum + (place + 1) * byte) % 251, 0);
}
