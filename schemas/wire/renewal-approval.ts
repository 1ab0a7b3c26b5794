/**
 * How a manager's till asks a hub of its branch which tills wait there for new keys, and says yes or no to one of them. What is asked and answered is signed by
 * its device; there is nothing in it that somebody else might not read.
 */
import * as v from 'valibot';
import { deviceId, signingKey, storeId } from '../ids.ts';

const nonce = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const waiting = { device: deviceId, key: signingKey, atMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) };

/** A till that waits for this key, and since when by the hub's clock. */
export const waitingRenewal = v.strictObject(waiting);
export type WaitingRenewal = v.InferOutput<typeof waitingRenewal>;

/** On that ask and no later one: a word that is said again by somebody else changes nothing. */
export const renewalVerdict = v.strictObject({ ...waiting, is: v.picklist(['approved', 'refused']) });
export type RenewalVerdict = v.InferOutput<typeof renewalVerdict>;

export const waitingAsk = v.strictObject({
	v: v.literal(1),
	what: v.literal('want-waiting'),
	store: storeId,
	issuer: deviceId,
	nonce,
	verdict: v.optional(renewalVerdict),
});
export type WaitingAsk = v.InferOutput<typeof waitingAsk>;

export const waitingAnswer = v.strictObject({
	v: v.literal(1),
	what: v.literal('waiting'),
	store: storeId,
	issuer: deviceId,
	/** Of the ask that it answers. */
	nonce,
	/** After the verdict. */
	waiting: v.pipe(v.array(waitingRenewal), v.maxLength(20)),
});
export type WaitingAnswer = v.InferOutput<typeof waitingAnswer>;
