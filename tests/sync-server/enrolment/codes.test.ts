/** Codes that people carry, and nonces that tills sign, under a clock of our own. */
import { systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createCode, createNonces } from '#server/enrolment/codes.ts';
import { beforeEach, describe, expect, test } from 'vitest';

const MINUTE = 60_000;
let nowMs = 0;
const deps = { clock: { nowMs: () => nowMs }, random: systemRandom };
beforeEach(() => {
	nowMs = 1_800_000_000_000;
});

describe('a code', () => {
	test('1: is used once, and a new one takes its place at once', () => {
		const code = createCode(deps);
		const first = code.current();
		expect(first).toMatch(/^[2-9A-HJKMNP-TW-Z]{4}-[2-9A-HJKMNP-TW-Z]{4}$/);
		expect(code.spend(first)).toEqual({ used: true });
		expect(code.spend(first)).toEqual({ used: false, triesLeft: 4 });
		expect(code.current()).not.toBe(first);
	});

	test('1: lives ten minutes, to the millisecond', () => {
		const code = createCode(deps);
		const first = code.current();
		nowMs += 10 * MINUTE - 1;
		expect(code.current()).toBe(first);
		nowMs += 1;
		expect(code.spend(first)).toMatchObject({ used: false });
		expect(code.current()).not.toBe(first);
	});

	test('1: dies after five wrong tries, right though the sixth would be', () => {
		const code = createCode(deps);
		const first = code.current();
		expect([1, 2, 3, 4, 5].map(() => code.spend('AAAA-AAAA'))).toEqual([4, 3, 2, 1, 0].map((triesLeft) => ({ used: false, triesLeft })));
		expect(code.spend(first)).toMatchObject({ used: false });
		expect(code.spend(code.current())).toEqual({ used: true });
	});

	test('1: four wrong tries and the right one is right; the count begins anew', () => {
		const code = createCode(deps);
		for (let n = 0; n < 4; n += 1) code.spend('wrong');
		expect(code.spend(code.current())).toEqual({ used: true });
		expect(code.spend('wrong')).toEqual({ used: false, triesLeft: 4 });
	});

	test('2: is read as people type it', () => {
		const code = createCode(deps);
		for (const typed of [
			(text: string) => text.toLowerCase(),
			(text: string) => text.replace('-', ''),
			(text: string) => ` ${text.replace('-', ' – ')} `,
		])
			expect(code.spend(typed(code.current()))).toEqual({ used: true });
	});

	test('2: parts, more, nothing and foreign letters are wrong', () => {
		for (const wrong of [() => '', () => '-', (text: string) => text.slice(0, 8), (text: string) => `${text}A`, () => 'ÄÖÜß']) {
			const code = createCode(deps);
			expect(code.spend(wrong(code.current()))).toEqual({ used: false, triesLeft: 4 });
		}
	});

	test('tells its listeners every change', () => {
		const code = createCode(deps);
		const heard: string[] = [];
		code.onChange((next) => heard.push(next));
		code.spend(code.current());
		nowMs += 10 * MINUTE;
		code.current();
		expect(heard).toHaveLength(3);
		expect(heard.at(-1)).toBe(code.current());
	});
});

describe('a nonce', () => {
	test('3: is spent once, within two minutes, and only if it was drawn here', () => {
		const nonces = createNonces(deps);
		const [first, second] = [nonces.draw(), nonces.draw()];
		expect(nonces.spend(first)).toBe(true);
		expect(nonces.spend(first)).toBe(false);
		expect(nonces.spend('ab'.repeat(16))).toBe(false);
		nowMs += 2 * MINUTE;
		expect(nonces.spend(second)).toBe(false);
	});

	test('3: is not spent again where the clock was set back before it was spent', () => {
		const nonces = createNonces(deps);
		const nonce = nonces.draw();
		nowMs -= 1.5 * MINUTE;
		expect(nonces.spend(nonce)).toBe(true);
		for (let n = 0; n < 14; n += 1) {
			nowMs += MINUTE / 4;
			expect(nonces.spend(nonce)).toBe(false);
		}
	});

	test('that somebody drew is not pushed out by whoever draws without end', () => {
		const nonces = createNonces(deps);
		const first = nonces.draw();
		for (let n = 0; n < 5_000; n += 1) nonces.draw();
		expect(nonces.spend(first)).toBe(true);
	});

	test('is none with another time in it, of another run, or in other letters than it was drawn in', () => {
		const nonces = createNonces(deps);
		const nonce = nonces.draw();
		const later = (Number.parseInt(nonce.slice(0, 8), 16) + 1).toString(16).padStart(8, '0') + nonce.slice(8);
		for (const other of [later, createNonces(deps).draw(), '', `${nonce}00`, nonce.slice(2)]) expect(nonces.spend(other)).toBe(false);
		expect(nonces.spend(nonce)).toBe(true);
		expect(nonces.spend(nonce.toUpperCase())).toBe(false);
	});
});
