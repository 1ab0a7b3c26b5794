/**
 * Who has seen the first steps at this device: its own affair, kept in the browser's small storage as its look is. Losing it costs somebody three presses.
 */
const NAME = 'holdfast-toured';
/** At a till without people. */
export const EVERYBODY = 'everybody';

export function readToured(): readonly string[] {
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? '[]');
		return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
	} catch {
		return [];
	}
}

/** Where the browser keeps nothing they come again with the next start. */
export function keepToured(people: readonly string[]): void {
	try {
		localStorage.setItem(NAME, JSON.stringify(people));
	} catch {
		// The tour is over for as long as the page is open.
	}
}
