/** The numbered invariants of `core/receipt/receipt-code.ts`. */
import { isOfEntry, isOfStore, readReceiptCode, writeReceiptCode } from '#core/receipt/receipt-code.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import type { EntryHash, StoreId } from '#schemas/ids.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const STORE = '0123456789abcdef0123456789abcdef' as StoreId;
const ENTRY = 'fedcba9876543210'.repeat(4) as EntryHash;

test('a code is read as it was written, and names its store and entry', () => {
	const code = writeReceiptCode(STORE, { till: 3, number: 124 }, ENTRY);
	expect(code).toBe('HOLDFAST:RECEIPT/1/0123456789AB/T3-000124/FEDCBA9876543210');
	const read = readReceiptCode(` ${code}\n`);
	if (read === undefined) throw new Error('not read');
	expect(read.receipt).toEqual({ till: 3, number: 124 });
	expect([isOfStore(read, STORE), isOfEntry(read, ENTRY)]).toEqual([true, true]);
	expect([isOfStore(read, 'ff'.repeat(16) as StoreId), isOfEntry(read, '00'.repeat(32) as EntryHash)]).toEqual([false, false]);
});

test('every receipt number of every till comes back', () => {
	const receipts: fc.Arbitrary<Receipt> = fc.record(
		{
			till: fc.integer({ min: 1, max: 9999 }),
			number: fc.integer({ min: 1, max: 1e12 }),
			suffix: fc.constantFrom(...'ABCXYZ'),
		},
		{ requiredKeys: ['till', 'number'] },
	);
	fc.assert(
		fc.property(receipts, (receipt) => {
			expect(readReceiptCode(writeReceiptCode(STORE, receipt, ENTRY))?.receipt).toEqual(receipt);
		}),
	);
});

test('2. it is of the signs that a QR code packs', () => {
	expect(writeReceiptCode(STORE, { till: 3, number: 124, suffix: 'B' }, ENTRY)).toMatch(/^[0-9A-Z $%*+\-./:]+$/);
});

test('3. a scanner that types on a German keyboard is understood, and one that types small letters', () => {
	const code = writeReceiptCode(STORE, { till: 3, number: 124 }, ENTRY);
	const german = code.replaceAll('-', 'ß').replaceAll('/', '-').replaceAll(':', 'Ö');
	expect(readReceiptCode(german)).toEqual(readReceiptCode(code));
	expect(readReceiptCode(code.toLowerCase())).toEqual(readReceiptCode(code));
});

test('other codes are no receipt', () => {
	const code = writeReceiptCode(STORE, { till: 3, number: 124 }, ENTRY);
	for (const other of [
		'4006381333931',
		'T3-000124',
		`${code}0`,
		code.slice(0, -1),
		code.replace('/1/', '/2/'),
		code.replace('T3', 'T0'),
		code.replace('AB/', 'XY/'),
	])
		expect(readReceiptCode(other)).toBeUndefined();
});
