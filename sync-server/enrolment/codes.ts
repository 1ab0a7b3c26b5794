/**
 * Codes that people carry from a screen to a till, and nonces that tills sign.
 *
 * 1. A code is used once, lives ten minutes, and dies after five wrong tries; a new one takes its place at once.
 * 2. A code is compared without regard to spaces, case and dashes, and in constant time.
 * 3. A nonce is spent once, within two minutes. It is spent by whoever has proven something with it: what proves nothing takes no room.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
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
/** When, and which of that second; then as much that only the key makes: guessing takes 2^63 tries within two minutes. */
const NAMED_BYTES = 8;
/** Some 20 MB, for whoever draws and spends without end. Beyond that nobody's is taken until the first are too old. */
const MOST_SPENT = 200_000;

/** Drawing keeps nothing: whoever draws without end pushes out nobody else's. */
export function createNonces({ clock, random }: CodeDeps): Nonces {
	const key = random.bytes(32);
	const spent = new Map<string, number>();
	const proven = (named: Uint8Array): Uint8Array => createHmac('sha256', key).update(named).digest().subarray(0, NAMED_BYTES);

	function drawnMs(nonce: string): number | undefined {
		const bytes = Buffer.from(nonce, 'hex');
		// In one spelling: two of one nonce would be spent twice.
		if (
			bytes.toString('hex') !== nonce ||
			bytes.length !== 2 * NAMED_BYTES ||
			!timingSafeEqual(bytes.subarray(NAMED_BYTES), proven(bytes.subarray(0, NAMED_BYTES)))
		)
			return undefined;
		return bytes.readUInt32BE() * 1000;
	}

	return {
		draw() {
			const named = Buffer.alloc(NAMED_BYTES, random.bytes(NAMED_BYTES));
			named.writeUInt32BE(Math.floor(clock.nowMs() / 1000));
			return hexOf(Buffer.concat([named, proven(named)]));
		},
		spend(nonce) {
			const nowMs = clock.nowMs();
			for (const [oldest, lastMs] of spent) {
				if (nowMs - lastMs < NONCE_MS) break;
				spent.delete(oldest);
			}
			const atMs = drawnMs(nonce);
			if (atMs === undefined || Math.abs(nowMs - atMs) >= NONCE_MS || spent.has(nonce) || spent.size >= MOST_SPENT) return false;
			// Where the clock was set back since it was drawn, it is good for longer than two minutes from now.
			spent.set(nonce, Math.max(nowMs, atMs));
			return true;
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
