/**
 * Keeping the root key elsewhere, and bringing a shop back with it. Over HTTP, at the hub; all but `GET /recovery` from its own machine alone. Bodies are JSON.
 *
 *   GET  /recovery          → recoveryState
 *   POST /recovery/code     {}                     → { groups }
 *   POST /recovery/file     { passphrase }         → { name, text }
 *   POST /recovery/saved    { group, typed } | { file, passphrase }   → {}: the key is kept elsewhere, and leaves this machine
 *   POST /recovery/begin    beginRecovery          → {} · 409 { error, branches } when one has to be named
 *   POST /recovery/entries  { chains, sealed }     → {}: a part of a till's journal; `last` with the last of them
 *   → 4xx `hub-refusal.ts`
 *
 * At the relay, where a code alone is there: POST /relay/branches branchesRequest → { branches }
 */
import * as v from 'valibot';
import { branchId, deviceId, storeId } from '../ids.ts';

const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/));
const passphrase = v.pipe(v.string(), v.maxLength(500));
const branches = v.array(v.strictObject({ branch: branchId, name: v.string() }));
export type KnownBranches = v.InferOutput<typeof branches>;

export const recoveryState = v.variant('state', [
	/** No shop, or one whose root key never was here. */
	v.strictObject({ state: v.literal('none') }),
	/** `here`: asked from the hub's own machine, where it can be saved. */
	v.strictObject({ state: v.literal('unsaved'), here: v.boolean() }),
	v.strictObject({ state: v.literal('saved'), savedAtMs: v.number() }),
	/** The shop's record is on its way back to this hub. */
	v.strictObject({ state: v.literal('coming-back'), entries: v.number() }),
]);
export type RecoveryState = v.InferOutput<typeof recoveryState>;

export const codeAnswer = v.strictObject({ groups: v.array(v.string()) });
export const fileRequest = v.strictObject({ passphrase });
export const fileAnswer = v.strictObject({ name: v.string(), text: v.string() });
/** `group` from 1. */
export const savedRequest = v.union([
	v.strictObject({ group: v.number(), typed: v.pipe(v.string(), v.maxLength(40)) }),
	v.strictObject({ file: v.pipe(v.string(), v.maxLength(40_000)), passphrase }),
]);
export type SavedRequest = v.InferOutput<typeof savedRequest>;

export const beginRecovery = v.strictObject({
	code: v.optional(v.pipe(v.string(), v.maxLength(500))),
	file: v.optional(v.pipe(v.string(), v.maxLength(40_000))),
	passphrase: v.optional(passphrase),
	/** Where neither file nor journal says it, and the relay knows several. */
	branch: v.optional(branchId),
	/** A till's journal follows by `/recovery/entries`: what is in it is the record, and the relay is not waited for. */
	journal: v.optional(v.strictObject({ store: storeId, branch: branchId })),
	/** All devices that the shop had are lost or stolen: none of them comes in again. */
	removeOthers: v.boolean(),
});
export type BeginRecovery = v.InferOutput<typeof beginRecovery>;
export const severalBranches = v.object({ branches });

/** A body is at most 64 KiB. */
export const recoveryEntries = v.strictObject({ chains: v.array(hex), sealed: v.array(hex), last: v.boolean() });

export const BRANCHES_PATH = '/relay/branches';
export const branchesRequest = v.strictObject({
	root: deviceId,
	nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
	/** Ed25519 by the root key over the UTF-8 text `holdfast branches <nonce>`; the nonce is from GET /relay/challenge. */
	proof: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
});
export const branchesAnswer = v.strictObject({ branches });

export function branchesText(nonce: string): string {
	return `holdfast branches ${nonce}`;
}
