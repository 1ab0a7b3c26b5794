/**
 * Wrong PINs cost time: whoever guesses waits longer and longer, whoever slips once does not notice.
 *
 * 1. Three tries are free; each one after that waits, up to a quarter of an hour. A right PIN begins anew.
 * 2. A PIN of four digits takes a guesser 10,000 tries: at a quarter of an hour each, more than a hundred days of standing at the till.
 * 3. Kept on the device, across reloads. A clock that was turned back never makes anybody wait longer than the longest wait.
 */
export interface WrongPins {
	readonly tries: number;
	/** Wall clock, ms: nothing is tried before it. */
	readonly untilMs: number;
}

export const FREE_TRIES = 3;
const WAITS_MS = [30_000, 60_000, 300_000, 900_000] as const;
const LONGEST_MS = 900_000;

export function afterWrong(before: WrongPins | undefined, nowMs: number): WrongPins {
	const tries = (before?.tries ?? 0) + 1;
	const waitMs = tries < FREE_TRIES ? 0 : (WAITS_MS[tries - FREE_TRIES] ?? LONGEST_MS);
	return { tries, untilMs: nowMs + waitMs };
}

/** How long until the next try; 0: now. */
export function waitMs(before: WrongPins | undefined, nowMs: number): number {
	return before === undefined ? 0 : Math.min(LONGEST_MS, Math.max(0, before.untilMs - nowMs));
}

/** Digits, so that any pad and any keyboard can type it. */
export function isPin(text: string): boolean {
	return /^\d{4,8}$/.test(text);
}
