/**
 * Which language this device speaks, and how it writes figures and times. Chosen once at the start of a page or a worker; another choice is a reload, as every
 * text that stands on a screen would have to change with it.
 *
 * 1. What the device was told rules, else the first of the browser's languages that there is, else English.
 * 2. Figures keep their digits 0–9 in every language: they stand beside barcodes, receipts and keys that have no others. It is what the locale data of `ar` says,
 *    and here so for every region, on screens, on paper and on the customer's display.
 * 3. English is always here; another language comes when it is spoken. Where it cannot (no network, and never spoken on this device), English is spoken.
 */
import { ask, baseLocale, load, locales } from './compiled/load.js';

export type Language = (typeof locales)[number];

export interface Spoken {
	readonly language: Language;
	/** For `Intl`: the language with the region of the browser, `en-GB`. */
	readonly locale: string;
	readonly direction: 'ltr' | 'rtl';
}

/** Scripts that run from right to left (Unicode, Bidi_Class R and AL), by the languages that may come. */
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar', 'fa', 'he', 'ur']);

/** English without a country is written as in Britain, where the first shops are. */
const USUAL_REGION: ReadonlyMap<string, string> = new Map([['en', 'en-GB']]);

let spoken: Spoken = spokenOf(undefined, []);

/** Every language there is, by its code, with its own name for itself. */
export function languages(): readonly { readonly language: Language; readonly name: string }[] {
	return locales.map((language) => ({ language, name: nameOf(language) }));
}

export function spokenOf(told: string | undefined, preferred: readonly string[]): Spoken {
	const asked = told !== undefined && isLocale(told) ? told : undefined;
	const language = asked ?? preferred.map((tag) => tag.split('-')[0] ?? '').find(isLocale) ?? baseLocale;
	const regional = preferred.find((tag) => tag === language || tag.startsWith(`${language}-`));
	const locale = regional === undefined || regional === 'en' ? (USUAL_REGION.get(language) ?? language) : regional;
	return {
		language,
		locale: `${new Intl.Locale(locale, { numberingSystem: 'latn' }).toString()}`,
		direction: RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr',
	};
}

/** What is spoken from here on: `next`, or English. */
export async function speak(next: Spoken): Promise<Spoken> {
	try {
		ask(await load(next.language));
		spoken = next;
	} catch {
		ask(undefined);
		spoken = spokenOf(baseLocale, []);
	}
	return spoken;
}

/** Whether it could be spoken after a reload, without a network, too. */
export async function isAtHand(language: Language): Promise<boolean> {
	return load(language).then(
		() => true,
		() => false,
	);
}

export function spokenNow(): Spoken {
	return spoken;
}

function isLocale(code: string): code is Language {
	return (locales as readonly string[]).includes(code);
}

function nameOf(language: string): string {
	const name = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
	return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
