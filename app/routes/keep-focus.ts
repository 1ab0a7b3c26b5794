/**
 * A button that did its work and went away, or may not be pressed a second time, takes the focus with it, and the next key is for nobody.
 *
 * 1. After a key the focus is on something that is shown and may be used.
 * 2. Where it was lost it goes to the screen's search, which has the scanner; without one to the heading of what is left of the place it was in. A second
 *    Enter there does nothing.
 * 3. Whoever works by touch or mouse is left alone: a keyboard of the device would come up.
 */
import { isLetter } from '#ui/held-key.ts';
import { isAsked } from '#ui/is-asked.ts';

const KEY_SETTLES_MS = 120;
/** What can take something away. Alt, for it is held with arrows, which alone only scroll. */
const KEYS: readonly string[] = ['Enter', ' ', 'Escape', 'Delete', '-', 'Alt', 'F6', 'F7', 'F8', 'F9'];

/** For as long as the returned function is not called. */
export function keepFocus(root: () => HTMLElement | undefined): () => void {
	/** The place that had the focus last, from the inside out. */
	let places: readonly Element[] = [];
	let looking: ReturnType<typeof setTimeout> | undefined;

	function noteFocus({ target }: FocusEvent): void {
		places = [];
		for (let at = target instanceof Element ? target.parentElement : null; at !== null; at = at.parentElement) places = [...places, at];
	}

	/** What a key did is drawn by then, and what has a wish of its own has the focus. */
	function look(event: KeyboardEvent): void {
		if (!KEYS.includes(event.key) && !isLetter(event, 'z')) return;
		clearTimeout(looking);
		looking = setTimeout(find, KEY_SETTLES_MS);
	}

	function find(): void {
		const within = root();
		const { activeElement } = document;
		const isLost = activeElement === null || activeElement === document.body || activeElement.matches(':disabled');
		if (!isLost || within === undefined || within.matches('[inert] *') || isAsked()) return;
		giveFocus(within, places);
	}

	document.addEventListener('focusin', noteFocus);
	document.addEventListener('keyup', look);
	return () => {
		clearTimeout(looking);
		document.removeEventListener('focusin', noteFocus);
		document.removeEventListener('keyup', look);
	};
}

/** To the search; without one to the heading of the first of these places that is left, or of all of it. */
export function giveFocus(within: HTMLElement, places: readonly Element[] = []): void {
	const search = within.querySelector<HTMLElement>('input[type=search]');
	if (search !== null) {
		search.focus();
		return;
	}
	const left = places.filter((place) => place.isConnected && within.contains(place));
	const heading = [...left, within].map((place) => place.querySelector<HTMLElement>('h1, h2, h3')).find((found) => found !== null);
	heading?.setAttribute('tabindex', '-1');
	heading?.focus();
}
