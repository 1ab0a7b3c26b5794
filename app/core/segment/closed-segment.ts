/**
 * Closed segments (`schemas/documents/closed-segment.ts`): sealed entries to the fewest bytes, and back.
 *
 * What an entry says that its neighbours have said, or that follows from them, is not written: store, device, seq, the hash of the entry before, a line's
 * total, the name and price of a SKU that was sold before. What is left are signatures, keys of intents, other chains' hashes, times, and which goods.
 *
 * Both directions are generators, for the hash of an entry is needed to leave it out of the next one, and hashing waits: they hand out bytes and are given
 * their SHA-256 (`engine/closed-segment.ts`).
 *
 * Invariants:
 * 1. Every sealed entry comes back byte for byte, hostile and damaged ones too. What would not is kept as raw bytes; the writer has read all of it again
 *    before it answers.
 * 2. Torn or altered bytes are refused in words. No bytes make a reader throw, or build more than it was told to allow.
 */
import { joinSealed, splitSealed } from '#core/entry/codec.ts';
import { bytesOfHex, decode, encode, hexOf, sameBytes } from '#schemas/cbor.ts';
import {
	CLOSED_SEGMENT_CHECK_BYTES,
	CLOSED_SEGMENT_VERSION,
	MAX_SEGMENT_BYTES,
	USUAL_SEGMENT_BYTES,
	type ClosedSegment,
	type ClosedSegmentName,
} from '#schemas/documents/closed-segment.ts';
import { ENTRIES_A_SEGMENT } from '#schemas/documents/segment.ts';
import { MAX_SEALED_BYTES } from '#schemas/entry.ts';
import type { DeviceId, StoreId } from '#schemas/ids.ts';
import { BitModel, RangeCoder } from './range-coder.ts';
import { codeNoise, codeNumber, codeTree, createNumberModel } from './symbols.ts';
import { createValueCoder, isCodable, Unreadable } from './value-coder.ts';

/** Hands out bytes, wants their SHA-256. */
export type Hashing<Answer> = Generator<Uint8Array, Answer, Uint8Array>;

/** The file, or why there is none: more than 1,000 entries, or one that is larger than an entry can be. */
export function* writeClosedSegment(
	name: ClosedSegmentName,
	sealed: readonly Uint8Array[],
): Hashing<{ readonly bytes: Uint8Array } | { readonly refused: string }> {
	if (sealed.length > ENTRIES_A_SEGMENT) return { refused: `${sealed.length} entries, a segment holds ${ENTRIES_A_SEGMENT}` };
	const tooLarge = sealed.find(({ length }) => length > MAX_SEALED_BYTES);
	if (tooLarge !== undefined) return { refused: `${tooLarge.length} bytes in an entry, at most ${MAX_SEALED_BYTES} are allowed` };
	const bytes = yield* write(name, sealed, readableParts);
	const back = yield* readClosedSegment(bytes, MAX_SEGMENT_BYTES);
	if ('sealed' in back && isSameList(back.sealed, sealed)) return { bytes };
	return { bytes: yield* write(name, sealed, () => undefined) };
}

/** The entries, or what is wrong with the bytes. `mostBytes`: what the entries may have together. */
export function* readClosedSegment(bytes: Uint8Array, mostBytes = USUAL_SEGMENT_BYTES): Hashing<ClosedSegment | { readonly refused: string }> {
	if (bytes.length < HEAD_BYTES) return { refused: `${bytes.length} bytes are no closed segment` };
	if (bytes[0] !== CLOSED_SEGMENT_VERSION) return { refused: `version ${bytes[0] ?? 0} of closed segments is not known here` };
	const payload = bytes.subarray(HEAD_BYTES);
	const hash = yield payload;
	if (!sameBytes(hash.subarray(0, CLOSED_SEGMENT_CHECK_BYTES), bytes.subarray(1, HEAD_BYTES)))
		return { refused: 'torn or altered: its bytes do not agree with their check' };
	try {
		return yield* readPayload(payload, Math.min(mostBytes, MAX_SEGMENT_BYTES));
	} catch (error) {
		if (error instanceof Unreadable) return { refused: `not written by a closed segment's writer: ${error.message}` };
		throw error;
	}
}

const HEAD_BYTES = 1 + CLOSED_SEGMENT_CHECK_BYTES;
const SIGNATURE_BYTES = 64;

interface Parts {
	readonly body: unknown;
	readonly bodyBytes: Uint8Array;
	readonly signature: Uint8Array;
}

/** Undefined for bytes that would not come back from their parts. */
function readableParts(sealed: Uint8Array): Parts | undefined {
	const parts = splitSealed(sealed);
	if (parts === undefined) return undefined;
	const body = decode(parts.body);
	if (body === undefined || !isCodable(body) || !sameBytes(joinSealed(encode(body), parts.signature), sealed)) return undefined;
	return { body, bodyBytes: parts.body, signature: parts.signature };
}

function* write(name: ClosedSegmentName, sealed: readonly Uint8Array[], partsOf: (sealed: Uint8Array) => Parts | undefined): Hashing<Uint8Array> {
	const coder = RangeCoder.writer();
	codeHead(coder, { name, entries: sealed.length, bytes: sealed.reduce((sum, { length }) => sum + length, 0) });
	const values = createValueCoder(coder, name);
	const signatures = new BitModel(16);
	for (const one of sealed) {
		const parts = partsOf(one);
		values.isEntry(parts !== undefined);
		if (parts === undefined) {
			values.raw(one);
			continue;
		}
		values.body(parts.body);
		codeSignature(coder, signatures, parts.signature);
		values.remember(parts.body, hexOf(yield parts.bodyBytes));
	}
	const payload = coder.end();
	const hash = yield payload;
	const bytes = new Uint8Array(HEAD_BYTES + payload.length);
	bytes[0] = CLOSED_SEGMENT_VERSION;
	bytes.set(hash.subarray(0, CLOSED_SEGMENT_CHECK_BYTES), 1);
	bytes.set(payload, HEAD_BYTES);
	return bytes;
}

function* readPayload(payload: Uint8Array, mostBytes: number): Hashing<ClosedSegment | { readonly refused: string }> {
	const coder = RangeCoder.reader(payload);
	const head = codeHead(coder, undefined);
	if (head.entries > ENTRIES_A_SEGMENT) return { refused: `says that it holds ${head.entries} entries, a segment holds ${ENTRIES_A_SEGMENT}` };
	if (head.bytes > mostBytes) return { refused: `says that its entries have ${head.bytes} bytes, at most ${mostBytes} are read` };
	const values = createValueCoder(coder, head.name);
	const signatures = new BitModel(16);
	const sealed: Uint8Array[] = [];
	let left = head.bytes;
	for (let i = 0; i < head.entries; i += 1) {
		values.setBudget(Math.min(left, MAX_SEALED_BYTES));
		const one = values.isEntry(false) ? yield* readEntry() : values.raw(new Uint8Array(0));
		if (one.length > Math.min(left, MAX_SEALED_BYTES)) throw new Unreadable('more than it says that it holds');
		left -= one.length;
		sealed.push(one);
	}
	if (left !== 0) throw new Unreadable(`its entries have ${head.bytes - left} bytes, and it says ${head.bytes}`);
	return { name: head.name, sealed };

	function* readEntry(): Hashing<Uint8Array> {
		const body = values.body(undefined);
		const bodyBytes = encode(body);
		const signature = codeSignature(coder, signatures, new Uint8Array(SIGNATURE_BYTES));
		values.remember(body, hexOf(yield bodyBytes));
		return joinSealed(bodyBytes, signature);
	}
}

interface Head {
	readonly name: ClosedSegmentName;
	readonly entries: number;
	readonly bytes: number;
}

function codeHead(coder: RangeCoder, head: Head | undefined): Head {
	const numbers = createNumberModel();
	const store = hexOf(codeNoise(coder, bytesOfHex(head?.name.store ?? ''), 16)) as StoreId;
	const device = hexOf(codeNoise(coder, bytesOfHex(head?.name.device ?? ''), 32)) as DeviceId;
	const scope = coder.plain(1, head?.name.scope === 'store' ? 1 : 0) === 1 ? 'store' : 'branch';
	const n = codeNumber(coder, numbers, head?.name.n ?? 0);
	const entries = codeNumber(coder, numbers, head?.entries ?? 0);
	const bytes = codeNumber(coder, numbers, head?.bytes ?? 0);
	return { name: { store, scope, device, n }, entries, bytes };
}

/** The highest four bits of Ed25519's second half are zero: it is below 2²⁵² and a little (RFC 8032, section 5.1). */
function codeSignature(coder: RangeCoder, model: BitModel, signature: Uint8Array): Uint8Array {
	const read = new Uint8Array(SIGNATURE_BYTES);
	read.set(codeNoise(coder, signature, SIGNATURE_BYTES - 1));
	const last = signature[SIGNATURE_BYTES - 1] ?? 0;
	const high = codeTree(coder, model, 0, 4, last >>> 4);
	read[SIGNATURE_BYTES - 1] = (high << 4) | coder.plain(4, last);
	return read;
}

function isSameList(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
	return a.length === b.length && a.every((bytes, i) => sameBytes(bytes, b[i] ?? new Uint8Array(0)));
}
