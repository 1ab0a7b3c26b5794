/** Which language a device speaks, and how it writes figures. The numbers are those of `app/languages/spoken.ts`. */
import { afterEach, expect, test } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import {
	formatAge,
	formatCount,
	formatDay,
	formatMoney,
	formatPercent,
	formatQuantity,
	formatTime,
	formatUnitPrice,
	inOwnDirection,
} from '#languages/figures.ts';
import { m } from '#languages/compiled/messages.js';
import { splitIndex } from '#languages/split.ts';
import { languages, speak, spokenOf } from '#languages/spoken.ts';
import type { Currency } from '#schemas/numbers.ts';

const GBP = { code: 'GBP', digits: 2 } as Currency;
const FOLDER = new URL('../../app/languages/', import.meta.url);

afterEach(() => speak(spokenOf(undefined, [])));

test('1: what the device was told rules, then the browser’s languages in their order, then English', () => {
	expect(spokenOf('en', ['fr-FR']).language).toBe('en');
	expect(spokenOf(undefined, ['xx-YY', 'en-US']).locale).toMatch(/^en-US/);
	expect(spokenOf('klingon', ['xx']).language).toBe('en');
	expect(spokenOf(undefined, []).locale).toMatch(/^en-GB/);
});

test('2: figures keep the digits 0–9 in every language', async () => {
	for (const { language } of languages()) {
		await speak(spokenOf(language, [language]));
		const written = [
			formatMoney(123_450, GBP),
			formatQuantity(1_500, 'kg'),
			formatCount(12_345),
			formatDay('2026-11-28'),
			formatTime(0, 'UTC'),
			formatAge(15 * 60_000) ?? '',
		];
		for (const text of written) expect(text.replace(/\D/gu, '').length, `${language}: ${text}`).toBeGreaterThan(1);
	}
});

test('3: a message is in the language that was spoken last, each from its own file', async () => {
	const said = new Map<string, string>();
	for (const { language } of languages()) {
		expect((await speak(spokenOf(language, []))).language).toBe(language);
		said.set(language, m.keys_selling());
	}
	for (const [language, text] of said) expect(text, language).toBe(fileOf(`${language}.json`)['keys_selling']);
	expect(new Set(said.values()).size).toBe(said.size);
});

test('a compiler that writes its index in another way is told, not guessed at', () => {
	expect(() => splitIndex('export const a = (inputs = {}) => __en.a(inputs);', 'en')).toThrow('0 of 1 messages');
});

test('2: the locale data of Arabic says 0–9, and so it is for a region that says otherwise', async () => {
	expect(new Intl.NumberFormat('ar').resolvedOptions().numberingSystem).toBe('latn');
	for (const region of ['ar', 'ar-EG', 'ar-SA']) {
		await speak(spokenOf('ar', [region]));
		expect(`${formatMoney(123_450, GBP)} ${formatDay('2026-11-28')} ${formatPercent(20_000)}`).not.toMatch(/[\u0660-\u0669]/u);
	}
});

test('where one reads from the right, a currency’s sign stays with its letters, and a phone number in its own order', async () => {
	await speak(spokenOf('ar', ['ar']));
	for (const money of [formatMoney(725, GBP), formatUnitPrice(72_500, GBP)]) expect(money).toMatch(/7\.25\u00A0UK£\u200E$/u);
	expect(formatMoney(725, { code: 'EUR', digits: 2 } as Currency)).toMatch(/€$/u);
	expect(inOwnDirection('+44 20')).toBe('\u2068+44 20\u2069');
	await speak(spokenOf('en', ['en-GB']));
	expect(formatMoney(725, GBP)).toBe('£7.25');
});

test('a percent is written as the language has it, down to a thousandth', async () => {
	await speak(spokenOf('de', ['de-DE']));
	expect([formatPercent(20_000), formatPercent(8_875)]).toEqual(['20\u00a0%', '8,875\u00a0%']);
	await speak(spokenOf('en', ['en-GB']));
	expect(formatPercent(7_500)).toBe('7.5%');
});

test('no message writes a percent sign: where it stands, and what parts it from its figure, is the language’s', () => {
	for (const { language } of languages()) expect(readFileSync(new URL(`${language}.json`, FOLDER), 'utf8'), language).not.toMatch(/[%٪]/u);
});

test('a quantity that is read back from a field has no thousands marks and no needless zeros', () => {
	expect([1000, -1000, 0, 10_000, 100_000, 2500, 336, 1_234_500].map((milli) => formatQuantity(milli, 'each'))).toEqual([
		...['1', '-1', '0', '10', '100', '2.5', '0.336', '1234.5'],
	]);
	expect(formatQuantity(2500, 'kg')).toBe('2.5 kg');
});

test('a language has no message that English lacks, and the same placeholders in each', () => {
	const english = fileOf('en.json');
	const placeholders = (message: unknown) => [...new Set(JSON.stringify(message).match(/\{[a-z]\w*\}/gi) ?? [])].sort();
	for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.json'))) {
		for (const [key, message] of Object.entries(fileOf(name))) {
			if (key.startsWith('$')) continue;
			expect(english[key], `${name}: ${key}`).toBeDefined();
			expect(placeholders(message), `${name}: ${key}`).toEqual(placeholders(english[key]));
		}
	}
});

function fileOf(name: string): Record<string, unknown> {
	return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Record<string, unknown>;
}
