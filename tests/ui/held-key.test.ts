/** The key of a letter, on whichever keyboard. */
import { expect, test } from 'vitest';
import { isLetter } from '#ui/held-key.ts';

test('a letter is where it stands, on German and French keyboards too', () => {
	expect(isLetter({ key: 'z', code: 'KeyY' }, 'z')).toBe(true);
	expect(isLetter({ key: 'y', code: 'KeyZ' }, 'z')).toBe(false);
	expect(isLetter({ key: 'w', code: 'KeyZ' }, 'z')).toBe(false);
});

test('with Caps Lock it is the same letter', () => {
	expect(isLetter({ key: 'Z', code: 'KeyZ' }, 'z')).toBe(true);
});

test('on a keyboard of other letters it is the key in its place', () => {
	expect(isLetter({ key: 'ئ', code: 'KeyZ' }, 'z')).toBe(true);
	expect(isLetter({ key: 'ء', code: 'KeyX' }, 'z')).toBe(false);
});
