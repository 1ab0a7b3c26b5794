/**
 * Messages of the live lane: ephemeral broadcasts on the branch's floor document, CBOR. Hints, bounded, may drop; nothing relies on one arriving.
 * Bytes that are not one of these are counted as damaged and dropped.
 */
import * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { mark } from '../mark.ts';

const bytes = (most: number) => v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/), v.maxLength(2 * most));

const span = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const MAX_LANE_BYTES = 512 * 1024;

export const laneMessage = v.variant('t', [
	/** Sealed entries, at once. */
	v.strictObject({ t: v.literal('entries'), sealed: v.pipe(v.array(bytes(256 * 1024)), v.maxLength(64)) }),
	/** What the sender holds, chain by chain: tells which segments exist, and how far each peer is. */
	v.strictObject({ t: v.literal('marks'), device: deviceId, marks: v.pipe(v.array(mark), v.maxLength(2000)) }),
	/** The lease holder's sign of life, every second, and what it knows of the cloud. Spans, not moments: no two clocks agree. */
	v.strictObject({
		t: v.literal('lease'),
		term: v.strictTuple([v.pipe(v.number(), v.safeInteger(), v.minValue(1)), deviceId]),
		heldForMs: span,
		/** `none`: it has no cloud to reach. */
		cloud: v.picklist(['none', 'connected', 'apart']),
		cloudForMs: span,
	}),
	/** The newest watermark of a hub or the relay, passed on as signed. */
	v.strictObject({ t: v.literal('watermark'), signed: bytes(256 * 1024) }),
]);
export type LaneMessage = v.InferOutput<typeof laneMessage>;
