/**
 * Tells a scanner from fingers: a scanner types a whole code within a moment and ends it with Enter, wherever the focus is.
 *
 * 1. Keys that come slower than a scanner types begin a new code: what a person typed before is not part of it.
 */
export interface Scanner {
	/** Every key with its time; answers the code when the key was the Enter that ends one. */
	key(key: string, atMs: number): string | undefined;
}

/** The slowest scanners in use send a key every 30 ms or so, the fastest typists need about 60. */
const SLOWEST_KEY_MS = 45;
/** Shorter than any code that shops print, GTIN-8 and own SKUs; longer than what fingers roll over by chance. */
const SHORTEST_CODE = 5;

export function createScanner(): Scanner {
	let code = '';
	let lastMs = -Infinity;
	return {
		key(key, atMs) {
			const isFast = atMs - lastMs <= SLOWEST_KEY_MS;
			const typed = isFast ? code : '';
			if (key === 'Enter') {
				code = '';
				lastMs = -Infinity;
				return typed.length >= SHORTEST_CODE ? typed : undefined;
			}
			if (key.length !== 1) return undefined; // Shift and the like come between a scanner's keys.
			code = typed + key;
			lastMs = atMs;
			return undefined;
		},
	};
}
