/**
 * How a manager's till asks a hub of its branch for the codes that let a device in, to show them where the manager stands. As with keys (`keys.ts`): what is
 * asked and answered is signed by its device, and the answer is encrypted to a box that the asker made for this run.
 */
import * as v from 'valibot';
import { deviceId, storeId } from '../ids.ts';

/** What the device that joins will be for. A hub joins by a manager's code. */
export const JOINS_FOR = ['selling', 'manager'] as const;
export type JoinsFor = (typeof JOINS_FOR)[number];

const box = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

export const codeAsk = v.strictObject({
	v: v.literal(1),
	what: v.literal('want-code'),
	store: storeId,
	issuer: deviceId,
	/** X25519, of this run of the asker. */
	box,
	till: v.picklist(JOINS_FOR),
});
export type CodeAsk = v.InferOutput<typeof codeAsk>;

export const codeAnswer = v.strictObject({
	v: v.literal(1),
	what: v.literal('code'),
	store: storeId,
	issuer: deviceId,
	/** The box that it is for. */
	to: box,
	/** CBOR of `shownCode`, encrypted; hex. */
	sealed: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(8 * 1024)),
});
export type CodeAnswer = v.InferOutput<typeof codeAnswer>;

export const shownCode = v.strictObject({
	/** To be typed where the hub's own address was opened: `K7QM-42XR`. */
	code: v.pipe(v.string(), v.regex(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)),
	/** The setup code that holds it (`core/setup-code.ts`); absent: the hub does not listen by webrtc-direct. */
	setup: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(2_000))),
});
export type ShownCode = v.InferOutput<typeof shownCode>;
