/**
 * Messages of the live lane: ephemeral broadcasts on the branch's floor document, CBOR. Hints, bounded, may drop; nothing relies on one arriving.
 * Bytes that are not one of these are counted as damaged and dropped.
 */
import * as v from 'valibot';
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
/** As it travels. */
export type LaneMessage = v.InferOutput<typeof laneMessage>;

/** As it is said and heard. Every sale of a branch goes this way: its bytes are not written as letters in between. */
export type LaneSaid = Exclude<LaneMessage, { t: 'entries' }> | { readonly t: 'entries'; readonly sealed: readonly Uint8Array[] };

export function encodeLane(said: LaneSaid): Uint8Array {
	if (said.t !== 'entries') return encode(said);
	const { sealed } = said;
	// Text of fewer bytes travels as text (`cbor.ts`).
	if (sealed.length > MOST_ENTRIES || sealed.some(({ length }) => length < LEAST_BYTES)) return encode({ t: 'entries', sealed: sealed.map(hexOf) });
	const heads = sealed.map(({ length }) => headOf(BYTE_STRING, length));
	const list = headOf(LIST, sealed.length);
	const message = new Uint8Array(
		ENTRIES.length + list.length + sealed.reduce((sum, { length }, place) => sum + length + (heads[place]?.length ?? 0), 0),
	);
	message.set(ENTRIES);
	message.set(list, ENTRIES.length);
	let at = ENTRIES.length + list.length;
	for (const [place, one] of sealed.entries()) {
		const head = heads[place] ?? [];
		message.set(head, at);
		message.set(one, at + head.length);
		at += head.length + one.length;
	}
	return message;
}

/** Undefined for bytes that are no message of the lane. */
export function decodeLane(message: Uint8Array): LaneSaid | undefined {
	const sealed = readEntries(message);
	if (sealed !== undefined) return { t: 'entries', sealed };
	const parsed = v.safeParse(laneMessage, decode(message));
	if (!parsed.success) return undefined;
	return parsed.output.t === 'entries' ? { t: 'entries', sealed: parsed.output.sealed.map(bytesOfHex) } : parsed.output;
}

/** Undefined: not read here, which says nothing. */
function readEntries(message: Uint8Array): readonly Uint8Array[] | undefined {
	if (ENTRIES.some((byte, place) => message[place] !== byte)) return undefined;
	let at = ENTRIES.length;
	const count = lengthAt(message, at, LIST);
	if (count === undefined || count > MOST_ENTRIES) return undefined;
	at += headOf(LIST, count).length;
	const sealed: Uint8Array[] = [];
	for (let n = 0; n < count; n += 1) {
		const length = lengthAt(message, at, BYTE_STRING);
		if (length === undefined || length < LEAST_BYTES || length > MOST_SEALED_BYTES) return undefined;
		at += headOf(BYTE_STRING, length).length;
		if (at + length > message.length) return undefined;
		sealed.push(message.slice(at, at + length));
		at += length;
	}
	return at === message.length ? sealed : undefined;
}

/** CBOR (RFC 8949, section 3): a map of two, `t` before `sealed`, up to the list's head. */
const ENTRIES = encode({ t: 'entries', sealed: [] }).slice(0, -1);
const BYTE_STRING = 0x40;
const LIST = 0x80;
/** What is shorter is text, in letters. */
const LEAST_BYTES = 8;

function headOf(type: number, length: number): readonly number[] {
	if (length < 24) return [type | length];
	if (length < 0x100) return [type | 24, length];
	if (length < 0x1_0000) return [type | 25, length >>> 8, length & 0xff];
	return [type | 26, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
}

/** In its shortest form. */
function lengthAt(message: Uint8Array, at: number, type: number): number | undefined {
	const first = message[at] ?? 0;
	const info = first & 31;
	if ((first & 0xe0) !== type || info > 26) return undefined;
	let length = info;
	if (info >= 24) {
		length = 0;
		for (let n = 1; n <= 1 << (info - 24); n += 1) length = length * 256 + (message[at + n] ?? 0);
	}
	return headOf(type, length).length === (info < 24 ? 1 : 1 + (1 << (info - 24))) ? length : undefined;
}
