/**
 * A till asks a hub to print on a printer of the shop's network: `POST /print`, JSON.
 *
 *   → 200 { printed: true } · 4xx, 5xx { failed }
 */
import * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { words } from '../facts/define.ts';

/** A line that is drawn is up to 72 bytes × 40 rows = 2.9 KB: room for sixty of them. As base64 in JSON (240 KB) it stays below what the hub reads of any request. */
export const MOST_PRINT_BYTES = 180_000;

export const printRequest = v.strictObject({
	device: deviceId,
	/** As the shop's settings name it. */
	printer: v.pipe(words(30), v.minLength(1)),
	/** What the printer gets, base64. */
	bytes: v.pipe(v.string(), v.maxLength(Math.ceil(MOST_PRINT_BYTES / 3) * 4), v.base64()),
	/** From GET /enrol/nonce, single use. */
	nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
	/** Ed25519 by the device over `printProofText`. */
	proof: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
});
export type PrintRequest = v.InferOutput<typeof printRequest>;

/** `sha256`: of the bytes, hex. */
export function printProofText({ printer, nonce }: Pick<PrintRequest, 'printer' | 'nonce'>, sha256: string): string {
	return `holdfast print ${nonce} ${sha256} ${printer}`;
}

/** Why nothing came out, in names that the screen turns into words. */
export const printFailure = v.picklist([
	'not-chosen',
	'not-supported',
	'no-answer',
	'out-of-paper',
	'cover-open',
	'hub-away',
	'unknown-printer',
	'not-allowed',
	'too-long',
	'busy',
]);
export type PrintFailure = v.InferOutput<typeof printFailure>;

export const printAnswer = v.union([v.object({ printed: v.literal(true) }), v.object({ failed: printFailure })]);
