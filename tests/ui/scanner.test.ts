import { expect, test } from 'vitest';
import { createScanner, keyOfScan, withoutScan } from '#ui/scanner.ts';

function typed(text: string, msAKey: number, from = 1000, scanner = createScanner()): string | undefined {
	let atMs = from;
	for (const key of text) scanner.key(key, (atMs += msAKey));
	return scanner.key('Enter', atMs + msAKey);
}

test('a whole code within a moment, ended by Enter, is a scan', () => {
	expect(typed('9520201000017', 12)).toBe('9520201000017');
});

test('fingers are no scanner', () => {
	expect(typed('9520201000017', 90)).toBeUndefined();
});

test('1: what a person typed before is not part of the code', () => {
	const scanner = createScanner();
	for (const [place, key] of [...'yog'].entries()) scanner.key(key, place * 200);
	expect(typed('9520201000017', 10, 2000, scanner)).toBe('9520201000017');
});

test('an Enter that comes late ends nothing', () => {
	const scanner = createScanner();
	for (const [place, key] of [...'9520201000017'].entries()) scanner.key(key, place * 10);
	expect(scanner.key('Enter', 500)).toBeUndefined();
});

test('a second Enter is no second scan', () => {
	const scanner = createScanner();
	typed('9520201000017', 10, 0, scanner);
	expect(scanner.key('Enter', 145)).toBeUndefined();
});

test('Shift between two keys of a code is not part of it', () => {
	const scanner = createScanner();
	for (const [place, key] of ['Shift', 'B', 'Shift', 'A', 'K', '-', '0', '0', '9'].entries()) scanner.key(key, place * 8);
	expect(scanner.key('Enter', 80)).toBe('BAK-009');
});

test('an arrow between two keys is a person’s: what was typed before it is not part of the code', () => {
	const scanner = createScanner();
	scanner.key('2', 1000);
	scanner.key('ArrowDown', 1002);
	expect(typed('9520201000017', 2, 1002, scanner)).toBe('9520201000017');
});

test('2: FNC1 is part of the code, as scanners send it, and presses nothing', () => {
	const scanner = createScanner();
	const keys = [...'0109506000134352'].map((key) => ({ key, ctrlKey: false }));
	for (const separator of [
		{ key: ']', ctrlKey: true },
		{ key: 'F8', ctrlKey: false },
	]) {
		for (const [place, event] of [...keys, separator, { key: '1', ctrlKey: false }].entries()) {
			const key = keyOfScan({ altKey: false, metaKey: false, ...event }, scanner.isInCode(place * 8));
			if (key !== undefined) scanner.key(key, place * 8);
		}
		expect(scanner.key('Enter', 150)).toBe('0109506000134352\u001D1');
	}
});

test('a person’s F8 is no separator, and Ctrl and Z no letter', () => {
	const scanner = createScanner();
	scanner.key('1', 0);
	expect(scanner.isInCode(10)).toBe(false);
	const person = { altKey: false, metaKey: false, ctrlKey: false };
	expect(keyOfScan({ ...person, key: 'F8' }, false)).toBe('F8');
	expect(keyOfScan({ ...person, key: 'z', ctrlKey: true }, false)).toBeUndefined();
});

test('Tab ends a code as Enter does', () => {
	const scanner = createScanner();
	for (const [place, key] of [...'96385074'].entries()) scanner.key(key, place * 10);
	expect(scanner.key('Tab', 80)).toBe('96385074');
});

test('a field gets back what it held before the scan', () => {
	expect([withoutScan('3*96385074', '96385074'), withoutScan('20', '96385074'), withoutScan('a0112', '01\u001D12')]).toEqual(['3*', '20', 'a']);
});
