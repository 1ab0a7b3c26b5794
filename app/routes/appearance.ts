/**
 * How this device looks and what it speaks: its own affair, kept in the browser's small storage, for it must be there before the vault is open. Losing it costs
 * a choice, nothing more.
 */
import { speak, spokenOf, type Spoken } from '#languages/spoken.ts';

export interface Appearance {
	/** A language's code; `auto`: the browser's. */
	readonly language: string;
	readonly theme: 'auto' | 'light' | 'dark';
	readonly contrast: 'auto' | 'more';
	readonly text: 'normal' | 'large' | 'larger';
}

const NAME = 'holdfast-appearance';
const USUAL: Appearance = { language: 'auto', theme: 'auto', contrast: 'auto', text: 'normal' };

export function readAppearance(): Appearance {
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? '{}');
		return typeof kept === 'object' && kept !== null ? { ...USUAL, ...kept } : USUAL;
	} catch {
		return USUAL;
	}
}

/** False where the browser keeps nothing: the choice lasts until the page is closed. */
export function keepAppearance(next: Appearance): boolean {
	try {
		localStorage.setItem(NAME, JSON.stringify(next));
		return true;
	} catch {
		return false;
	}
}

/** The page wears it at once; the language is that of the next start. */
export function wearAppearance({ theme, contrast, text }: Appearance): void {
	wear('theme', theme === 'auto' ? undefined : theme);
	wear('contrast', contrast === 'auto' ? undefined : contrast);
	wear('text', text === 'normal' ? undefined : text);

	function wear(name: string, value: string | undefined): void {
		if (value === undefined) document.documentElement.removeAttribute(`data-${name}`);
		else document.documentElement.setAttribute(`data-${name}`, value);
	}
}

/** Before the first text is drawn. */
export async function startAppearance(): Promise<void> {
	const appearance = readAppearance();
	wearAppearance(appearance);
	const spoken = await speak(wanted(appearance));
	document.documentElement.lang = spoken.language;
	document.documentElement.dir = spoken.direction;
}

/** What this device would speak. */
export function wanted({ language }: Appearance): Spoken {
	return spokenOf(language === 'auto' ? undefined : language, navigator.languages);
}
