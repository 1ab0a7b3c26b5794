/** Heads written and read by hand, held against the encoder. */
import { encode } from 'cborg';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BYTES, readHead, UNSIGNED, writeHead } from '#schemas/cbor-head.ts';

const value = fc.oneof(fc.nat(300), fc.nat(70_000), fc.nat(0xffff_ffff), fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1));

test('a head is written in its shortest form, and read back', () => {
	fc.assert(
		fc.property(value, (number) => {
			const bytes = new Uint8Array(5);
			const end = writeHead(bytes, 0, UNSIGNED, number);
			expect(bytes.slice(0, end)).toEqual(encode(number));
			expect(readHead(bytes, 0)).toEqual({ major: UNSIGNED, value: number, end });
			for (let cut = 0; cut < end; cut += 1) expect(readHead(bytes.slice(0, cut), 0)).toBeUndefined();
		}),
	);
	const bytes = new Uint8Array(8);
	expect(writeHead(bytes, 3, BYTES, 300)).toBe(6);
	expect(readHead(bytes, 3)).toEqual({ major: BYTES, value: 300, end: 6 });
});

test('a head that is longer than it has to be is none, nor is one of eight bytes or without a length', () => {
	for (const wrong of [[0x18, 23], [0x19, 0, 255], [0x1a, 0, 0, 255, 255], [0x1b, 0, 0, 0, 1, 0, 0, 0, 0], [0x5f], [0x1c]])
		expect(readHead(new Uint8Array(wrong), 0)).toBeUndefined();
});
