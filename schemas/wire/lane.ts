/**
 * Messages of the live lane: ephemeral broadcasts on the branch's floor document, CBOR. Hints, bounded, may drop; nothing relies on one arriving.
 * Bytes that are not one of these are counted as damaged and dropped.
 */
import * as v from 'valibot';
import { mark } from '../mark.ts';

const bytes = (most: number) => v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/), v.maxLength(2 * most));

export const MAX_LANE_BYTES = 512 * 1024;

export const laneMessage = v.variant('t', [
	/** Sealed entries, at once. */
	v.strictObject({ t: v.literal('entries'), sealed: v.pipe(v.array(bytes(256 * 1024)), v.maxLength(64)) }),
	/** What the sender holds: certificate chains of the devices it knows, and its marks. Tells which segments exist. */
	v.strictObject({ t: v.literal('chains'), certificates: v.pipe(v.array(bytes(4096)), v.maxLength(500)), marks: v.pipe(v.array(mark), v.maxLength(2000)) }),
	/** The newest watermark of a hub or the relay, passed on as signed. */
	v.strictObject({ t: v.literal('watermark'), signed: bytes(256 * 1024) }),
]);
export type LaneMessage = v.InferOutput<typeof laneMessage>;
