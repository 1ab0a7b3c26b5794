/**
 * Chance from a seed: the same words, the same numbers, on every machine.
 *
 * 1. A stream is named by text. Streams of different names do not touch: what one part of the world draws moves nothing elsewhere, so a shrunk run stays near
 *    the one that failed.
 */
import { createHash } from 'node:crypto';

export interface Dice {
	/** In [0, 1), of 32 bits. */
	next(): number;
	/** A whole number from 0 to `most` − 1. */
	below(most: number): number;
	/** From `least` to `most`, both included. */
	between(least: number, most: number): number;
	chance(probability: number): boolean;
	/** Throws for an empty list: ask `pickOr` where there may be nothing. */
	pick<Item>(items: readonly Item[]): Item;
	pickOr<Item>(items: readonly Item[]): Item | undefined;
	shuffled<Item>(items: readonly Item[]): Item[];
	bytes(length: number): Uint8Array;
	hex(bytes: number): string;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), started from SHA-256 of the name. */
export function diceOf(name: string): Dice {
	const start = createHash('sha256').update(name).digest();
	let a = start.readInt32LE(0);
	let b = start.readInt32LE(4);
	let c = start.readInt32LE(8);
	let counter = start.readInt32LE(12);

	function draw(): number {
		const sum = (((a + b) | 0) + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = ((c << 21) | (c >>> 11)) + sum;
		c |= 0;
		return sum >>> 0;
	}
	for (let round = 0; round < 12; round += 1) draw();

	const dice: Dice = {
		next: () => draw() / 0x1_0000_0000,
		below: (most) => Math.floor(dice.next() * most),
		between: (least, most) => least + dice.below(most - least + 1),
		chance: (probability) => dice.next() < probability,
		pick(items) {
			const item = items[dice.below(items.length)];
			if (item === undefined) throw new Error('picked from nothing');
			return item;
		},
		pickOr: (items) => (items.length === 0 ? undefined : items[dice.below(items.length)]),
		shuffled(items) {
			const list = [...items];
			for (let i = list.length - 1; i > 0; i -= 1) {
				const j = dice.below(i + 1);
				const item = list[i] as (typeof list)[number];
				list[i] = list[j] as (typeof list)[number];
				list[j] = item;
			}
			return list;
		},
		bytes: (length) => Uint8Array.from({ length }, () => draw() & 0xff),
		hex: (bytes) => Buffer.from(dice.bytes(bytes)).toString('hex'),
	};
	return dice;
}
