/** What a hub refuses is said in the language of whoever asked, with the figures that it names. */
import { NOT_LET_IN } from '#core/enrolment-refusals.ts';
import { HUB_REFUSALS, hubRefusalWords, type HubRefusalName } from '#core/hub-refusals.ts';
import { languages, speak, spokenOf } from '#languages/spoken.ts';
import { hubRefusal } from '#schemas/wire/hub-refusal.ts';
import { hubRefusalText } from '#ui/hub-words.ts';
import * as v from 'valibot';
import { afterEach, expect, test } from 'vitest';

afterEach(() => speak(spokenOf(undefined, [])));

const NAMES = Object.keys(HUB_REFUSALS) as HubRefusalName[];

/** Each its own name, as nobody would write it. */
function figuresOf(name: HubRefusalName): Readonly<Record<string, string>> {
	return Object.fromEntries([...HUB_REFUSALS[name].matchAll(/\{(\w+)\}/g)].map(([, figure = '']) => [figure, `~${figure}`]));
}

test('every refusal is said in every language with its figures, and in another one than the hub’s English', async () => {
	for (const { language } of languages()) {
		await speak(spokenOf(language, []));
		for (const why of NAMES) {
			const figures = figuresOf(why);
			const text = hubRefusalText({ error: '~sentence', why, figures });
			for (const figure of Object.values(figures)) expect(text, `${language}: ${why}`).toContain(figure);
			expect(text, `${language}: ${why}`).not.toMatch(/[{}]|~sentence/);
			if (language !== 'en') expect(text, `${language}: ${why}`).not.toBe(hubRefusalWords(why, figures));
		}
	}
});

test('of a hub that says what this version does not know, or an older one that gives no name, its own sentence is shown', () => {
	expect(hubRefusalText({ error: 'Not on Sundays.', why: 'sunday' })).toBe('Not on Sundays.');
	expect(hubRefusalText({ error: 'Not on Sundays.' })).toBe('Not on Sundays.');
});

test('on the wire a refusal has its name, its figures and its sentence, and no name means two things', () => {
	for (const why of NAMES) {
		const refusal = { error: hubRefusalWords(why, figuresOf(why)), why, figures: figuresOf(why) };
		expect(v.parse(hubRefusal, refusal)).toEqual(refusal);
		expect(Object.hasOwn(NOT_LET_IN, why), why).toBe(false);
	}
});
