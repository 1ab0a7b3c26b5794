/** Hex, short and long: as Node's own writes and reads it, and strict. */
import { bytesOfHex, hexOf, isLongHex } from '#schemas/hex.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ minLength: 120, maxLength: 3_000 }));

test('what is written is what others write, and comes back', () => {
	fc.assert(
		fc.property(anyBytes, (bytes) => {
			const text = hexOf(bytes);
			expect(text).toBe(Buffer.from(bytes).toString('hex'));
			expect([...bytesOfHex(text)]).toEqual([...bytes]);
		}),
	);
});

test('one letter that is no digit, at any place and of any length, is refused', () => {
	const letter = fc.constantFrom('g', 'A', ' ', '\u0000', '\u00e9', '\u0130', '\u2028', '\ud800', '😀', '');
	fc.assert(
		fc.property(
			anyBytes.filter(({ length }) => length > 0),
			fc.nat(),
			letter,
			(bytes, at, wrong) => {
				const text = hexOf(bytes);
				const place = at % text.length;
				expect(() => bytesOfHex(text.slice(0, place) + wrong + text.slice(place + 1))).toThrow('not hex');
			},
		),
	);
});

test('long hex is whole bytes of it, eight or more, and nothing else', () => {
	const letters = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), maxLength: 40 });
	const nearly = fc.tuple(letters, fc.constantFrom('', 'A', 'g', ' ', '\n', '\u0660', '\uff41'), letters).map((parts) => parts.join(''));
	fc.assert(
		fc.property(fc.oneof(letters, nearly), (text) => {
			expect(isLongHex(text)).toBe(/^(?:[0-9a-f]{2}){8,}$/.test(text));
		}),
		{ numRuns: 2_000 },
	);
});
