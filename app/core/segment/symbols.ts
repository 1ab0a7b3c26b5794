/**
 * Whole numbers and bytes, as decisions of the range coder. Each `code…` writes the value it is given or, from a reader, answers what was written.
 *
 * 1. A number's length in bits is learnt, and its leading bits under each length: small ones, round ones and often seen ones become cheap.
 * 2. A reader answers numbers in the range that a writer may give, whatever the bytes: up to 2⁵³ − 1.
 */
import { BitModel, type RangeCoder } from './range-coder.ts';

/** Of numbers of one kind. */
export interface NumberModel {
	readonly learntBits: number;
	readonly mostBits: number;
	readonly lengths: BitModel;
	readonly leading: BitModel;
	readonly sign: BitModel;
}

const MOST_BITS = 53;

/** `learntBits`: of each number, below its first; what follows is noise. `mostBits`: of the longest number. */
export function createNumberModel(learntBits = 4, mostBits = MOST_BITS): NumberModel {
	return { learntBits, mostBits, lengths: new BitModel(64), leading: new BitModel((mostBits + 1) << learntBits), sign: new BitModel(1) };
}

/** 0 … 2^mostBits − 1. */
export function codeNumber(coder: RangeCoder, model: NumberModel, value: number): number {
	const length = codeTree(coder, model.lengths, 0, 6, bitLength(value));
	if (length <= 1) return length;
	if (length > model.mostBits) return Number.MAX_SAFE_INTEGER; // No writer says so.
	const kind = length << model.learntBits;
	let read = 1;
	for (let place = length - 2; place >= 0; place -= 1) {
		const bit = Math.floor(value / 2 ** place) % 2;
		const isLearnt = length - 2 - place < model.learntBits;
		read = read * 2 + (isLearnt ? coder.bit(model.leading, kind + read, bit) : coder.plain(1, bit));
	}
	return read;
}

/** Any safe integer. */
export function codeSigned(coder: RangeCoder, model: NumberModel, value: number): number {
	const size = codeNumber(coder, model, Math.abs(value));
	if (size === 0) return 0;
	return coder.bit(model.sign, 0, value < 0 ? 1 : 0) === 1 ? -size : size;
}

/** A number of `width` bits, the first bit first, each bit in the light of those before it. Needs 2^width nodes from `from` on. */
export function codeTree(coder: RangeCoder, model: BitModel, from: number, width: number, value: number): number {
	let node = 1;
	for (let place = width - 1; place >= 0; place -= 1) node = node * 2 + coder.bit(model, from + node, (value >>> place) & 1);
	return node - (1 << width);
}

/** Of bytes that mean something: each in the light of the one before it, and of the two before it. */
export interface BytesModel {
	readonly length: NumberModel;
	readonly afterOne: BitModel;
	readonly afterTwo: BitModel;
}

const AFTER_TWO_NODES = 1 << 18;

export function createBytesModel(): BytesModel {
	return { length: createNumberModel(), afterOne: new BitModel(1 << 16), afterTwo: new BitModel(AFTER_TWO_NODES) };
}

/** Undefined, from a reader, for more than `most` bytes. */
export function codeBytes(coder: RangeCoder, model: BytesModel, bytes: Uint8Array, most: number): Uint8Array | undefined {
	const length = codeNumber(coder, model.length, bytes.length);
	if (length > most) return undefined;
	const read = coder.isWriting ? bytes : new Uint8Array(length);
	let one = 0;
	let two = 0;
	for (let i = 0; i < length; i += 1) {
		const narrow = Math.imul((two << 8) | one, 0x9e37_79b1) >>> 14;
		const value = bytes[i] ?? 0;
		let node = 1;
		for (let place = 7; place >= 0; place -= 1) {
			const bit = (value >>> place) & 1;
			node =
				node * 2 + coder.mixedBit(model.afterOne, (one << 8) | node, model.afterTwo, (narrow ^ Math.imul(node, 0x1f35)) & (AFTER_TWO_NODES - 1), bit);
		}
		two = one;
		one = node & 0xff;
		if (!coder.isWriting) read[i] = one;
	}
	return read;
}

/** Bytes that are noise: hashes, signatures. The length is known. */
export function codeNoise(coder: RangeCoder, bytes: Uint8Array, length: number): Uint8Array {
	const read = new Uint8Array(length);
	for (let i = 0; i < length; i += 1) read[i] = coder.plain(8, bytes[i] ?? 0);
	return read;
}

function bitLength(value: number): number {
	return value < 2 ** 31 ? 32 - Math.clz32(value) : 32 + 32 - Math.clz32(Math.floor(value / 2 ** 32));
}
