import { expect, test } from 'vitest';
import { createScanner } from '#ui/scanner.ts';

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
