/**
 * Messages of the live lane: ephemeral broadcasts on the branch's floor document, CBOR. Hints, bounded, may drop; nothing relies on one arriving.
 * Bytes that are not one of these are counted as damaged and dropped.
 */
import * as v from 'valibot';
import { bytesOfHex, decode, decodeBytes, encode, hexOf } from '../cbor.ts';
import { deviceId } from '../ids.ts';
import { mark } from '../mark.ts';

const MOST_ENTRIES = 64;
const MOST_SEALED_BYTES = 256 * 1024;

const bytes = (most: number) => v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/), v.maxLength(2 * most));

const span = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const MAX_LANE_BYTES = 512 * 1024;

export const laneMessage = v.variant('t', [
	/** Sealed entries, at once. */
	v.strictObject({ t: v.literal('entries'), sealed: v.pipe(v.array(bytes(MOST_SEALED_BYTES)), v.maxLength(MOST_ENTRIES)) }),
	/** What the sender holds, chain by chain: tells which segments exist, and how far each peer is. A chain that is not named stands as it was said. */
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
/** As it travels. */
export type LaneMessage = v.InferOutput<typeof laneMessage>;

/** As it is said and heard. Every sale of a branch goes this way: its bytes are not written as letters in between. */
export type LaneSaid = Exclude<LaneMessage, { t: 'entries' }> | { readonly t: 'entries'; readonly sealed: readonly Uint8Array[] };

export function encodeLane(said: LaneSaid): Uint8Array {
	return encode(said.t === 'entries' ? { t: 'entries', sealed: said.sealed.map(asItTravels) } : said);
}

/** Undefined for bytes that are no message of the lane. */
export function decodeLane(message: Uint8Array): LaneSaid | undefined {
	if (ENTRIES.every((byte, place) => message[place] === byte)) {
		const entries = v.safeParse(entriesAsBytes, decodeBytes(message));
		if (entries.success) return entries.output;
	}
	const parsed = v.safeParse(laneMessage, decode(message));
	if (!parsed.success) return undefined;
	return parsed.output.t === 'entries' ? { t: 'entries', sealed: parsed.output.sealed.map(bytesOfHex) } : parsed.output;
}

/** How CBOR begins a list of entries, up to the list's head. */
const ENTRIES = encode({ t: 'entries', sealed: [] }).slice(0, -1);
/** What is shorter travels as text, in letters (`cbor.ts`). */
const LEAST_BYTES = 8;
const entriesAsBytes = v.strictObject({
	t: v.literal('entries'),
	sealed: v.pipe(
		v.array(
			v.pipe(
				v.instance(Uint8Array),
				v.check(({ length }) => length >= LEAST_BYTES && length <= MOST_SEALED_BYTES),
			),
		),
		v.maxLength(MOST_ENTRIES),
	),
});

function asItTravels(sealed: Uint8Array): Uint8Array | string {
	return sealed.length < LEAST_BYTES ? hexOf(sealed) : sealed;
}
