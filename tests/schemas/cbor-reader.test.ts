import { decodeAndCompare, encode } from '#schemas/cbor.ts';
import { NOT_READ, readPlain } from '#schemas/cbor-reader.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { playSteps, steps } from '../support/random-shop.ts';

const hex = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const leaf = fc.oneof(
	...[fc.maxSafeInteger(), fc.nat(70_000), fc.boolean(), fc.constant(null), fc.string({ unit: 'binary' }), fc.string(), hex, fc.double()],
	fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 32, 255, 256, 23, 24, 65_536, '\ufeffx'),
);
const { value } = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 5 },
		leaf,
		fc.array(tie('value'), { maxLength: 5 }),
		fc.dictionary(fc.oneof(fc.string(), hex), tie('value'), { maxKeys: 5 }),
	),
}));

/** What both say of bytes, where the quick one says anything. */
function expectAgreement(bytes: Uint8Array): void {
	const quick = readPlain(bytes);
	if (quick !== NOT_READ) expect(quick).toEqual(decodeAndCompare(bytes));
}

test('what the quick reader answers is what reading and writing again answers (1)', () => {
	fc.assert(
		fc.property(value, (one) => {
			let bytes: Uint8Array;
			try {
				bytes = encode(one);
			} catch {
				return; // Not a value of ours.
			}
			expectAgreement(bytes);
		}),
		{ numRuns: 2_000 },
	);
});

test('bytes that are almost ours are never read otherwise: cut, altered, swapped (1)', () => {
	fc.assert(
		fc.property(value, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(10), (one, changes, cut) => {
			let bytes: Uint8Array;
			try {
				bytes = encode(one).slice();
			} catch {
				return;
			}
			for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
			expectAgreement(bytes);
			expectAgreement(bytes.subarray(0, Math.max(0, bytes.length - cut)));
		}),
		{ numRuns: 5_000 },
	);
	fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), expectAgreement), { numRuns: 20_000 });
});

test('a map is read with its keys in their one order, each once (1)', () => {
	const key = (letter: string, number: number): number[] => [0x61, letter.charCodeAt(0), number];
	expect(readPlain(new Uint8Array([0xa2, ...key('a', 1), ...key('b', 2)]))).toEqual({ a: 1, b: 2 });
	expect(readPlain(new Uint8Array([0xa2, ...key('b', 2), ...key('a', 1)]))).toBe(NOT_READ);
	expect(readPlain(new Uint8Array([0xa2, ...key('a', 1), ...key('a', 1)]))).toBe(NOT_READ);
	expect(readPlain(new Uint8Array([0xa2, 0x62, 0x61, 0x61, 1, ...key('b', 2)]))).toBe(NOT_READ);
});

test('entries are read quickly, every one of them', () => {
	fc.assert(
		fc.property(steps, (list) => {
			for (const { sealed } of playSteps(list).entries) {
				expect(readPlain(sealed)).not.toBe(NOT_READ);
				expectAgreement(sealed);
			}
		}),
		{ numRuns: 10 },
	);
});

test('is not led into what does not end: lengths without bytes, nesting without end', () => {
	expect(readPlain(new Uint8Array([0x9b, 0, 0x10, 0, 0, 0, 0, 0, 0]))).toBe(NOT_READ);
	expect(readPlain(new Uint8Array([0xbb, 0, 0x10, 0, 0, 0, 0, 0, 0]))).toBe(NOT_READ);
	expect(readPlain(new Uint8Array(100_000).fill(0x81))).toBe(NOT_READ);
});
