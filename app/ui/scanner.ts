/**
 * Tells a scanner from fingers: a scanner types a whole code within a moment and ends it with Enter or Tab, wherever the focus is.
 *
 * 1. Keys that come slower than a scanner types begin a new code: what a person typed before is not part of it.
 * 2. What a scanner sends between two elements of a GS1 code (FNC1) is part of the code, and presses nothing on the screen.
 */
export interface Scanner {
	/** Every key with its time; answers the code when the key was the one that ends it. */
	key(key: string, atMs: number): string | undefined;
	/** Whether a key at this moment would be one of a scanner's, in the middle of a code. */
	isInCode(atMs: number): boolean;
}

/** The slowest scanners in use send a key every 30 ms or so, the fastest typists need about 60. */
const SLOWEST_KEY_MS = 45;
/** Shorter than any code that shops print, GTIN-8 and own SKUs; longer than what fingers roll over by chance. */
const SHORTEST_CODE = 5;
/** Two keys roll over under one pair of hands, and now and then three. */
const SURELY_A_SCANNER = 4;
const FNC1 = '\u001D';

export function createScanner(): Scanner {
	let code = '';
	let lastMs = -Infinity;
	const isFast = (atMs: number): boolean => atMs - lastMs <= SLOWEST_KEY_MS;
	return {
		key(key, atMs) {
			const typed = isFast(atMs) ? code : '';
			if (key === 'Enter' || key === 'Tab') {
				code = '';
				lastMs = -Infinity;
				return typed.length >= SHORTEST_CODE ? typed : undefined;
			}
			if (key.startsWith('Arrow')) code = ''; // No scanner sends one.
			if (key.length !== 1) return undefined; // Shift and the like come between a scanner's keys.
			code = typed + key;
			lastMs = atMs;
			return undefined;
		},
		isInCode: (atMs) => isFast(atMs) && code.length >= SURELY_A_SCANNER,
	};
}

/**
 * What a key means to a scanner's code. FNC1, the group separator, comes as Ctrl and `]` from most scanners and as F8 from those that are set to function
 * keys; any other key with Ctrl, Alt or Meta, or none that is a letter, is a person's.
 */
export function keyOfScan(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey'>, isInCode: boolean): string | undefined {
	if (event.key === FNC1 || (isInCode && event.ctrlKey && (event.key === ']' || event.key === '+')) || (isInCode && event.key === 'F8')) return FNC1;
	return event.ctrlKey || event.metaKey || event.altKey ? undefined : event.key;
}

/** A field's text without the code that was scanned into it; a field shows no separators. */
export function withoutScan(text: string, code: string): string {
	const shown = code.replaceAll(FNC1, '');
	return text.endsWith(shown) ? text.slice(0, -shown.length) : text;
}
