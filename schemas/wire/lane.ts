/**
 * Messages of the live lane: ephemeral broadcasts on the branch's floor document, CBOR. Hints, bounded, may drop; nothing relies on one arriving.
 * Bytes that are not one of these are counted as damaged and dropped.
 */
import * as v from 'valibot';
import { BYTES, LIST, readHead } from '../cbor-head.ts';
import { bytesOfHex, decode, encode, hexOf } from '../cbor.ts';
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
	const sealed = readEntries(message);
	if (sealed !== undefined) return { t: 'entries', sealed };
	const parsed = v.safeParse(laneMessage, decode(message));
	if (!parsed.success) return undefined;
	return parsed.output.t === 'entries' ? { t: 'entries', sealed: parsed.output.sealed.map(bytesOfHex) } : parsed.output;
}

/** How CBOR begins a list of entries, up to the list's head. */
const ENTRIES = encode({ t: 'entries', sealed: [] }).slice(0, -1);
/** What is shorter travels as text, in letters (`cbor.ts`). */
const LEAST_BYTES = 8;

/** The entries of a message that has nothing else, copied out; undefined for any other. Read by hand: a sale is a message. */
function readEntries(message: Uint8Array): readonly Uint8Array[] | undefined {
	for (const [place, byte] of ENTRIES.entries()) if (message[place] !== byte) return undefined;
	const list = readHead(message, ENTRIES.length);
	if (list?.major !== LIST || list.value > MOST_ENTRIES) return undefined;
	const sealed: Uint8Array[] = [];
	let at = list.end;
	for (let n = 0; n < list.value; n += 1) {
		const head = readHead(message, at);
		if (head?.major !== BYTES || head.value < LEAST_BYTES || head.value > MOST_SEALED_BYTES) return undefined;
		at = head.end + head.value;
		if (at > message.length) return undefined;
		sealed.push(new Uint8Array(message.subarray(head.end, at)));
	}
	return at === message.length ? sealed : undefined;
}

function asItTravels(sealed: Uint8Array): Uint8Array | string {
	return sealed.length < LEAST_BYTES ? hexOf(sealed) : sealed;
}
