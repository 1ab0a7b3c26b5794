import { parseReceipt, printReceipt } from '#core/receipt-number.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('a receipt number reads as it is printed', () => {
	expect(printReceipt({ till: 3, number: 124 })).toBe('T3-000124');
	expect(printReceipt({ till: 12, number: 1_234_567, suffix: 'B' })).toBe('T12-1234567B');
	expect(parseReceipt(' t3-000124b ')).toEqual({ till: 3, number: 124, suffix: 'B' });
});

test.each(['', 'T3', '3-000124', 'T3-124', 'T0-000001', 'T3-000000', 'T12345-000001', 'T3-000124BB', 'T3-9999999999999999'])('"%s" is none', (text) =>
	expect(parseReceipt(text)).toBeUndefined(),
);

test('what was printed is read back, whatever till, number and suffix', () => {
	const suffix = fc.option(fc.constantFrom('A', 'B', 'Z'), { nil: undefined });
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 1e12 }), suffix, (till, number, letter) => {
			const receipt = { till, number, ...(letter === undefined ? {} : { suffix: letter }) };
			expect(parseReceipt(printReceipt(receipt))).toEqual(receipt);
		}),
	);
});
