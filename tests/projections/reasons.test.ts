/** Why, chosen in one language and read in another. The numbers are those of `#schemas/reasons.ts`. */
import { languages, speak, spokenOf } from '#languages/spoken.ts';
import { reasonOf, reasonText } from '#projections/reasons.ts';
import { OFFERED } from '#schemas/reasons.ts';
import { afterEach, expect, test } from 'vitest';

afterEach(async () => {
	await speak(spokenOf(undefined, []));
});

test('a reason that a German cashier taps reads in Arabic and French where it is read in these', async () => {
	await speak(spokenOf('de', []));
	const written = reasonOf('Kulanz', OFFERED.discount);
	expect(written).toBe('goodwill');
	await speak(spokenOf('fr', []));
	expect(reasonText(written)).toBe('Geste commercial');
	await speak(spokenOf('ar', []));
	expect(reasonText(written)).toBe('مجاملة');
});

test('what was typed stays as it was typed, and so do reasons of entries from before names', async () => {
	expect(reasonOf('  The lid was cracked ', OFFERED.refund)).toBe('The lid was cracked');
	for (const words of ['The lid was cracked', 'Beschädigt', '', 'constructor']) expect(reasonText(words)).toBe(words);
});

test('every offered reason is written by its name and comes back in its own words, in every language, one name for one text', async () => {
	for (const { language } of languages()) {
		await speak(spokenOf(language, []));
		for (const offered of Object.values(OFFERED))
			for (const name of offered) {
				expect(reasonText(name), `${language}: ${name}`).not.toBe(name);
				expect(reasonOf(reasonText(name), offered), language).toBe(name);
			}
	}
});

test('what the till itself notes about stock is read in the language of the reader', async () => {
	await speak(spokenOf('de', []));
	expect(['answer to a conflict', 'stock take', 'merged TEA-1 into TEA-2', 'rest-not-coming'].map(reasonText)).toEqual([
		...['Antwort auf eine Frage', 'Inventur', 'TEA-1 wurde zu TEA-2', 'der Rest kommt nicht'],
	]);
});
