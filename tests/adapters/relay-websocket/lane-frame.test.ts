/** Frames of the lane, read and written by hand: held against the encoder of automerge-repo's clients and against a reader of any CBOR. */
import { cbor } from '@automerge/automerge-repo/slim';
import { decode } from 'cborg';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DOCUMENT_ID, readLaneFrame, writeLaneFrame, type LaneFrame } from '#adapters/relay-websocket/lane-frame.ts';

const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 });
const frames: fc.Arbitrary<LaneFrame> = fc.record({
	type: fc.constant('ephemeral' as const),
	...{ senderId: name, targetId: name, sessionId: name },
	documentId: fc.stringMatching(/^[1-9A-HJ-NP-Za-km-z]{10,64}$/),
	count: fc.constantFrom(0, 1, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1),
	data: fc.oneof(
		fc.uint8Array({ minLength: 1, maxLength: 30 }),
		fc.constantFrom(255, 256, 65_535, 65_536).map((length) => new Uint8Array(length).fill(7)),
	),
});

/** What a reader of any CBOR says of it, where that is a frame of the lane. */
function slowly(frame: Uint8Array): unknown {
	let read: LaneFrame;
	try {
		read = decode(frame, { rejectDuplicateMapKeys: true }) as LaneFrame;
	} catch {
		return undefined;
	}
	const isName = (text: unknown): boolean => typeof text === 'string' && text.length >= 1 && text.length <= 200;
	const isFrame =
		typeof read === 'object' &&
		read !== null &&
		Object.keys(read).length === 7 &&
		read.type === 'ephemeral' &&
		[read.senderId, read.targetId, read.sessionId].every(isName);
	const isWhole = isFrame && DOCUMENT_ID.test(read.documentId) && Number.isSafeInteger(read.count) && read.count >= 0;
	return isWhole && read.data instanceof Uint8Array && read.data.length > 0 ? read : undefined;
}

test('a frame as automerge-repo’s clients write it is read by hand, every one (1)', () => {
	fc.assert(
		fc.property(frames, (frame) => {
			expect(readLaneFrame(new Uint8Array(cbor.encode(frame)))).toEqual(frame);
		}),
	);
});

test('bytes that are almost a frame are read as any CBOR is, or not by hand (1)', () => {
	fc.assert(
		fc.property(frames, fc.nat(), fc.nat(255), fc.nat(3), (frame, at, byte, cut) => {
			const bytes = new Uint8Array(cbor.encode(frame));
			bytes[at % Math.min(bytes.length, 200)] = byte;
			const almost = bytes.slice(0, bytes.length - cut);
			const read = readLaneFrame(almost);
			if (read !== undefined) expect(read).toEqual(slowly(almost));
		}),
		{ numRuns: 5_000 },
	);
});

test('a field twice, one that is of no lane message, and one too few are not read by hand (1)', () => {
	const whole = { type: 'ephemeral', senderId: 'a', targetId: 'b', count: 1, sessionId: 's', documentId: '11111111111', data: new Uint8Array(9) };
	expect(readLaneFrame(new Uint8Array(cbor.encode(whole)))).toEqual(whole);
	const { count: _, ...few } = whole;
	for (const wrong of [few, { ...few, other: 1 }, { ...whole, type: 'sync' }, { ...whole, senderId: '' }, { ...whole, documentId: 'l1111111111' }])
		expect(readLaneFrame(new Uint8Array(cbor.encode(wrong)))).toBeUndefined();
	const twice = Buffer.from(cbor.encode({ ...few, senderIe: 'c' }))
		.toString('latin1')
		.replace('senderIe', 'senderId');
	expect(readLaneFrame(new Uint8Array(Buffer.from(twice, 'latin1')))).toBeUndefined();
	for (const lacks of ['count', 'data']) {
		// A name that is not ASCII is no field that may come once more.
		const spelled = Object.entries(whole).flatMap((field) =>
			field[0] === lacks ? [] : field[0] === 'senderId' ? [['senderIe', 'ö'], field] : [field],
		);
		const bytes = Buffer.from(cbor.encode(Object.fromEntries(spelled))).toString('latin1');
		expect(readLaneFrame(new Uint8Array(Buffer.from(bytes.replace('senderIe', 'senderId'), 'latin1')))).toBeUndefined();
	}
	const long = { ...whole, senderId: 'x'.repeat(201) };
	expect(readLaneFrame(new Uint8Array(cbor.encode(long)))).toBeUndefined();
});

test('what is written is the message to any reader of CBOR; a name that is not ASCII, or a count of 2³² or more, is left to an encoder (2)', () => {
	fc.assert(
		fc.property(frames, (frame) => {
			const written = writeLaneFrame(frame)!;
			expect(decode(written)).toEqual(frame);
			expect(cbor.decode(written)).toEqual(frame);
			expect(readLaneFrame(written)).toEqual(frame);
		}),
	);
	const frame = { type: 'ephemeral', senderId: 'a', targetId: 'b', count: 1, sessionId: 's', documentId: 'd', data: new Uint8Array(1) } as const;
	expect(writeLaneFrame({ ...frame, targetId: 'bü' })).toBeUndefined();
	expect(cbor.decode(writeLaneFrame({ ...frame, count: 2 ** 32 - 1 })!)).toMatchObject({ count: 2 ** 32 - 1 });
	for (const count of [2 ** 32, 2 ** 32 + 5]) expect(writeLaneFrame({ ...frame, count })).toBeUndefined();
});
