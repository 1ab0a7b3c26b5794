/**
 * The code that a new hub shows when it is to become a branch, and its ask as text to be carried.
 *
 * 1. The code is of these keys alone: 12 letters of 29 are 58 bits of a hash, and whoever would put other keys in their place has the minutes in which it is typed.
 * 2. What is written as text is read back the same, whatever stands around it or broke it into lines; what was cut off is seen to be.
 */
import { LETTERS } from '#core/letters.ts';
import { branchAsk, type BranchAsk } from '#schemas/wire/branch-opening.ts';
import * as v from 'valibot';

const LETTERS_IN_CODE = 12;
const BEGINS = 'holdfast-branch:1/';

/** `hash`: SHA-256 over the ask's CBOR. `K7QM-42XR-9BCD` */
export function writeBranchCode(hash: Uint8Array): string {
	// 16 bytes are 128 bits: what 29^12 leaves over makes no letter likelier by more than 2^-70.
	let left = hash.slice(0, 16).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
	let code = '';
	for (let place = 0; place < LETTERS_IN_CODE; place += 1) {
		if (place > 0 && place % 4 === 0) code += '-';
		code += LETTERS[Number(left % BigInt(LETTERS.length))] ?? '';
		left /= BigInt(LETTERS.length);
	}
	return code;
}

/** As it is written, or undefined for what cannot be a code. */
export function readBranchCode(typed: string): string | undefined {
	const letters = typed.toUpperCase().replace(/[\s-]/g, '');
	const isCode = letters.length === LETTERS_IN_CODE && [...letters].every((letter) => LETTERS.includes(letter));
	return isCode ? (letters.match(/.{4}/g) ?? []).join('-') : undefined;
}

export function writeBranchAsk({ device, peer, box, proof }: BranchAsk): string {
	return `${BEGINS}${[device, peer, box, proof].join('/')}/`;
}

/** Undefined for anything but a whole ask. Nothing is proven yet. */
export function readBranchAsk(text: string): BranchAsk | undefined {
	const plain = text.replace(/\s+/g, '');
	const at = plain.indexOf(BEGINS);
	const [device, peer, box, proof, ...rest] = at < 0 ? [] : plain.slice(at + BEGINS.length).split('/');
	const parsed = v.safeParse(branchAsk, { v: 1, device, peer, box, proof });
	return parsed.success && rest.length > 0 ? parsed.output : undefined;
}
