/**
 * Codes that people carry from a screen to a till, and nonces that tills sign.
 *
 * 1. A code is used once, lives ten minutes, and dies after five wrong tries; a new one takes its place at once.
 * 2. A code is compared without regard to spaces, case and dashes, and in constant time.
 * 3. A nonce is spent once, within two minutes.
 */
import { timingSafeEqual } from 'node:crypto';
import { LETTERS } from '#core/letters.ts';
import type { Clock, Random } from '#ports';
import { hexOf } from '#schemas/cbor.ts';

export interface Code {
	/** The code of now, as shown: `K7QM-42XR`. */
	current(): string;
	/** `used`: right, and spent. `wrong`: say how many tries are left. */
	spend(text: string): { readonly used: true } | { readonly used: false; readonly triesLeft: number };
	onChange(listener: (code: string) => void): void;
}

export interface CodeDeps {
	readonly clock: Clock;
	readonly random: Random;
}

const CODE_MS = 10 * 60_000;
const MOST_WRONG = 5;
/** Eight of 29 are 2^38, and five tries in ten minutes never get there. */
const LENGTH = 8;

export function createCode({ clock, random }: CodeDeps): Code {
	let code = '';
	let madeAtMs = 0;
	let wrong = 0;
	const listeners: ((code: string) => void)[] = [];

	function renew(): void {
		code = drawCode((count) => random.bytes(count), LENGTH);
		madeAtMs = clock.nowMs();
		wrong = 0;
		for (const listener of listeners) listener(code);
	}

	function current(): string {
		if (code === '' || clock.nowMs() - madeAtMs >= CODE_MS) renew();
		return code;
	}

	return {
		current,
		spend(text) {
			if (isSame(plain(text), plain(current()))) {
				renew();
				return { used: true };
			}
			wrong += 1;
			const triesLeft = MOST_WRONG - wrong;
			if (triesLeft <= 0) renew();
			return { used: false, triesLeft: Math.max(0, triesLeft) };
		},
		onChange: (listener) => {
			listeners.push(listener);
		},
	};
}

/** Letters in groups of four: `K7QM-42XR`. */
export function drawCode(bytes: (count: number) => Uint8Array, length: number): string {
	const letters: string[] = [];
	while (letters.length < length) {
		const byte = bytes(1)[0] ?? 0;
		// 232 is the last multiple of 29: without the cut the first letters would be likelier.
		if (byte < 232) letters.push(LETTERS[byte % LETTERS.length] ?? '');
	}
	return (letters.join('').match(/.{1,4}/g) ?? []).join('-');
}

export interface Nonces {
	draw(): string;
	spend(nonce: string): boolean;
}

const NONCE_MS = 2 * 60_000;
const MOST_NONCES = 1_000;

export function createNonces({ clock, random }: CodeDeps): Nonces {
	const drawn = new Map<string, number>();
	return {
		draw() {
			const nonce = hexOf(random.bytes(16));
			drawn.set(nonce, clock.nowMs());
			const oldest = drawn.keys().next().value;
			if (drawn.size > MOST_NONCES && oldest !== undefined) drawn.delete(oldest);
			return nonce;
		},
		spend(nonce) {
			const atMs = drawn.get(nonce);
			drawn.delete(nonce);
			return atMs !== undefined && clock.nowMs() - atMs < NONCE_MS;
		},
	};
}

function plain(code: string): string {
	return code.toUpperCase().replace(/[^0-9A-Z]/g, '');
}

function isSame(a: string, b: string): boolean {
	const [left, right] = [a, b].map((text) => Buffer.from(text.padEnd(32).slice(0, 32)));
	return left !== undefined && right !== undefined && a.length === b.length && timingSafeEqual(left, right);
}
