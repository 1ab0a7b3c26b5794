/** The hub's setup code as text (`core/setup-code.ts`). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSetupCode, writeSetupCode } from '#core/setup-code.ts';
import type { SetupCode } from '#schemas/wire/setup-code.ts';

const CODE: SetupCode = {
	code: 'K7QM-42XR',
	peer: '12D3KooWKPEZKiDX8jrbk6dhaHyoww22LmzDzHWjLhgQ2vgJJdyH',
	certhash: 'uEiDCWMHCH91a9pvzJhcfWbRaapt0A9jLd8E14rTUHv5AyA',
	doors: [
		{ host: '192.168.1.10', port: 4404 },
		{ host: 'fd00::10', port: 4404 },
	],
};
const TEXT = `holdfast:1/K7QM-42XR/${CODE.peer}/${CODE.certhash}/192.168.1.10:4404,[fd00::10]:4404/`;

const letters = (alphabet: string, length: number) =>
	fc.array(fc.constantFrom(...alphabet), { minLength: length, maxLength: length }).map((all) => all.join(''));
const host = fc.oneof(
	fc.ipV4(),
	fc.ipV6().filter((text) => !text.includes('.')),
);
const anyCode: fc.Arbitrary<SetupCode> = fc.record({
	code: fc.tuple(letters('23456789ABCDEFGH', 4), letters('JKMNPQRSTWXYZ', 4)).map((parts) => parts.join('-')),
	peer: letters('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz', 44).map((rest) => `12D3KooW${rest}`),
	certhash: letters('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 44).map((rest) => `uEi${rest}`),
	doors: fc.array(fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) }), { minLength: 1, maxLength: 8 }),
});

const refusal = (text: string): string => {
	const read = readSetupCode(text);
	return 'refused' in read ? read.refused : 'taken';
};

describe('1: what is written is read back the same', () => {
	test('alone, and behind the address of an app', () => {
		expect(writeSetupCode(CODE)).toBe(TEXT);
		expect(writeSetupCode(CODE, 'https://till.example/')).toBe(`https://till.example/#${TEXT}`);
		fc.assert(
			fc.property(anyCode, fc.constantFrom(undefined, 'https://till.example', 'https://till.example/pos/'), (code, app) => {
				expect(readSetupCode(writeSetupCode(code, app))).toEqual(code);
			}),
		);
	});

	test('broken into lines, with spaces round it, and with the join code in small letters', () => {
		expect(readSetupCode(`  ${TEXT.slice(0, 70)}\r\n  ${TEXT.slice(70)}\n`)).toEqual(CODE);
		expect(readSetupCode(TEXT.replace('K7QM-42XR', 'k7qm-42xr'))).toEqual(CODE);
	});
});

test('2: one that was cut off anywhere is refused', () => {
	for (let length = 0; length < TEXT.length; length += 1) expect(refusal(TEXT.slice(0, length)), TEXT.slice(0, length)).not.toBe('taken');
});

describe('3: what is no setup code is refused by its name', () => {
	test.each([
		['', 'nothing'],
		['K7QM-42XR', 'join-code'],
		['https://192.168.1.10:4443/trust', 'address'],
		['Natural yogurt', 'not-a-code'],
		[TEXT.replace('holdfast:1/', 'holdfast:2/'), 'other-version'],
		[TEXT.replace('holdfast:1/', 'holdfast:'), 'damaged'],
		[TEXT.slice(0, -30), 'damaged'],
		[TEXT.replace('192.168.1.10', '192.168.1.256'), 'damaged'],
		[TEXT.replace('192.168.1.10', 'evil.example'), 'damaged'],
		[TEXT.replace(':4404,', ':0,'), 'damaged'],
		[TEXT.replace('[fd00::10]', '[fd00::1::0]'), 'damaged'],
		[TEXT.replace('12D3KooW', '12D3KooX'), 'damaged'],
		[TEXT.replace('/uEi', '/uEx'), 'damaged'],
		[TEXT.replace('4404/', `4404${',10.0.0.1:1'.repeat(8)}/`), 'damaged'],
		[`holdfast:${'1'.repeat(3_000)}`, 'too-long'],
	])('%j', (text, name) => {
		expect(refusal(text)).toBe(name);
	});

	test('no text at all, and no damage to a good one, throws', () => {
		fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof readSetupCode(text) === 'object'));
		fc.assert(
			fc.property(
				fc.nat(TEXT.length - 1),
				fc.string({ maxLength: 3 }),
				(at, instead) => typeof readSetupCode(TEXT.slice(0, at) + instead + TEXT.slice(at + 1)) === 'object',
			),
		);
	});
});
