/**
 * What the page `/trust` says, in the languages of the app: who needs it has no till yet, and no language chosen.
 *
 * 1. A link's choice (`?language=de`) rules, then the languages of the browser in their order, then English.
 * 2. Every language says the same: each is a whole object of `TrustWords`. Names of menus are those of the system in that language.
 */
import type { IncomingMessage } from 'node:http';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';

/** HTML; `NAME` stands for the authority's name, which is filled in escaped. */
export interface TrustWords {
	readonly language: string;
	/** As its speakers call it. */
	readonly name: string;
	readonly direction: 'ltr' | 'rtl';
	readonly pageTitle: string;
	readonly title: string;
	readonly why: string;
	readonly cameSecurely: string;
	readonly whenDone: string;
	/** Said by the script, as plain text. */
	readonly works: string;
	readonly notYet: string;
	readonly openAt: (url: string) => string;
	readonly getTitle: string;
	readonly download: string;
	readonly pem: (link: (text: string) => string) => string;
	readonly fingerprint: string;
	readonly compare: string;
	readonly compareHere: string;
	readonly tellTitle: string;
	readonly named: string;
	readonly systems: Readonly<Record<SystemId, { readonly title: string; readonly steps: readonly string[]; readonly note?: string }>>;
	readonly openTitle: string;
	readonly openAbout: (link: string) => string;
	readonly movedTitle: string;
	readonly movedByName: (link: string) => string;
	readonly movedStatic: string;
	readonly movedTill: string;
	readonly otherTitle: string;
	readonly leadsHere: (url: string) => string;
	readonly allowTitle: string;
	readonly allow: string;
	readonly noneTitle: string;
	readonly noneAbout: string;
}

export const SYSTEM_IDS = ['windows', 'mac', 'ios', 'android', 'chromeos', 'linux', 'firefox'] as const;
export type SystemId = (typeof SYSTEM_IDS)[number];

export const TRUST_LANGUAGES: readonly TrustWords[] = [en, de, fr, es, ar];

export function trustWordsFor({ url, headers }: Pick<IncomingMessage, 'url' | 'headers'>): TrustWords {
	const chosen = new URL(url ?? '/', 'http://hub').searchParams.get('language');
	const wanted = [chosen ?? '', ...(headers['accept-language'] ?? '').split(',')].map((one) => one.trim().slice(0, 2).toLowerCase());
	for (const language of wanted) {
		const found = TRUST_LANGUAGES.find((one) => one.language === language);
		if (found !== undefined) return found;
	}
	return en;
}
