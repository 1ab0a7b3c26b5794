/** The root key on paper: read back the same, and no slip of a hand goes by. */
import { expect, test } from 'vitest';
import { LETTERS } from '#core/letters.ts';
import { GROUPS, isSameGroup, readRecoveryCode, writeRecoveryCode } from '#core/recovery/recovery-code.ts';

const key = (seed: number): Uint8Array => new Uint8Array(Array.from({ length: 32 }, (_, place) => (seed * 37 + place * place * 11 + place) % 256));
const KEYS = [new Uint8Array(32), new Uint8Array(32).fill(255), key(1), key(2), key(99)];

test('1: is read back the same, however it is typed', () => {
	for (const secret of KEYS) {
		const groups = writeRecoveryCode(secret);
		expect(groups).toHaveLength(GROUPS);
		for (const typed of [groups.join(' '), groups.join('-').toLowerCase(), `  ${groups.join('\n')}.`, groups.join('')])
			expect(readRecoveryCode(typed)).toEqual({ secret });
	}
});

test('2: each single wrong letter is found, in its group', () => {
	for (const secret of KEYS) {
		const code = writeRecoveryCode(secret).join('');
		for (let place = 0; place < code.length; place += 1)
			for (const letter of `${LETTERS}0`) {
				if (letter === code[place]) continue;
				const typed = code.slice(0, place) + letter + code.slice(place + 1);
				expect(readRecoveryCode(typed)).toEqual({ refused: 'group', group: Math.floor(place / 6) + 1 });
			}
	}
});

test('2: neighbours that changed places are found, and groups that did', () => {
	for (const secret of KEYS) {
		const groups = writeRecoveryCode(secret);
		const code = groups.join('');
		for (let place = 0; place + 1 < code.length; place += 1) {
			const [one = '', other = ''] = code.slice(place, place + 2);
			if (one !== other) expect(readRecoveryCode(code.slice(0, place) + other + one + code.slice(place + 2))).toHaveProperty('refused');
		}
		for (let a = 0; a < GROUPS; a += 1)
			for (let b = a + 1; b < GROUPS; b += 1) {
				const swapped = groups.map((group, place) => (place === a ? groups[b] : place === b ? groups[a] : group));
				expect(readRecoveryCode(swapped.join(' '))).toHaveProperty('refused');
			}
	}
});

test('3: groups of two keys make no key, and a part is counted', () => {
	const [one, other] = [writeRecoveryCode(key(1)), writeRecoveryCode(key(2))];
	expect(readRecoveryCode([...one.slice(0, 5), ...other.slice(5)].join(' '))).toEqual({ refused: 'not-whole' });
	expect(readRecoveryCode(one.slice(1).join(' '))).toEqual({ refused: 'length', letters: 60, of: 66 });
	expect(readRecoveryCode('')).toMatchObject({ refused: 'length', letters: 0 });
});

test('a group that is typed back is compared as people type', () => {
	const [group = ''] = writeRecoveryCode(key(1));
	expect(isSameGroup(` ${group.toLowerCase()} `, group)).toBe(true);
	expect(isSameGroup(group.slice(1), group)).toBe(false);
});
