import { createHash } from 'node:crypto';
import { readClosedSegment, writeClosedSegment, type Hashing } from '#core/segment/closed-segment.ts';
import { encode, hexOf } from '#schemas/cbor.ts';
import { CLOSED_SEGMENT_CHECK_BYTES, CLOSED_SEGMENT_VERSION, type ClosedSegmentName } from '#schemas/documents/closed-segment.ts';
import { MAX_SEALED_BYTES, type Entry } from '#schemas/entry.ts';
import type { DeviceId, StoreId } from '#schemas/ids.ts';
import { joinSealed } from '#core/entry/codec.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openFloor } from '../../support/shop-floor.ts';
import { playSteps, steps } from '../../support/random-shop.ts';

function sha256(bytes: Uint8Array): Uint8Array {
	return new Uint8Array(createHash('sha256').update(bytes).digest());
}

function run<Answer>(work: Hashing<Answer>): Answer {
	for (let step = work.next(); ; step = work.next(sha256(step.value))) if (step.done === true) return step.value;
}

const NAME: ClosedSegmentName = { store: '11'.repeat(16) as StoreId, scope: 'branch', device: '22'.repeat(32) as DeviceId, n: 3 };

function written(sealed: readonly Uint8Array[], name = NAME): Uint8Array {
	const done = run(writeClosedSegment(name, sealed));
	if ('refused' in done) throw new Error(done.refused);
	return done.bytes;
}

const hexes = (list: readonly Uint8Array[]): readonly string[] => list.map(hexOf);

function expectBack(sealed: readonly Uint8Array[], name = NAME): Uint8Array {
	const bytes = written(sealed, name);
	const back = run(readClosedSegment(bytes));
	if ('refused' in back) throw new Error(back.refused);
	expect(hexes(back.sealed)).toEqual(hexes(sealed));
	expect(back.name).toEqual(name);
	return bytes;
}

/** A morning at one till: forty sales, each of which has seen the neighbour's. */
function morning(): { readonly name: ClosedSegmentName; readonly entries: readonly Entry[] } {
	const floor = openFloor({ A: 9, B: 9 }, { signed: true });
	const entries: Entry[] = [];
	for (let i = 0; i < 40; i += 1) {
		const heard = floor.sell(floor.till2, 'B');
		floor.till1.hears(heard);
		entries.push(floor.sell(floor.till1, i % 3 === 0 ? 'B' : 'A', 1 + (i % 4)));
	}
	return { name: { store: floor.shop.store, scope: 'branch', device: floor.till1.id, n: 1 }, entries };
}

/** A payload that anybody can write, with the check that it needs. */
function fileOf(payload: Uint8Array): Uint8Array {
	return new Uint8Array([CLOSED_SEGMENT_VERSION, ...sha256(payload).subarray(0, CLOSED_SEGMENT_CHECK_BYTES), ...payload]);
}

describe('a closed segment', () => {
	test('gives back a morning’s sales byte for byte, at a fraction of their bytes (1)', () => {
		const { name, entries } = morning();
		const sealed = entries.map((entry) => entry.sealed);
		const bytes = expectBack(sealed, name);
		const whole = sealed.reduce((sum, { length }) => sum + length, 0);
		expect(bytes.length).toBeLessThan(whole / 4);
	});

	test('leaves out the hash of the entry before: a chain costs less than the same entries without one', () => {
		const { name, entries } = morning();
		const backwards = entries.map(({ sealed }) => sealed).reverse();
		// Backwards no entry follows the one before it, so each hash of 32 bytes is told.
		const more =
			expectBack(backwards, name).length -
			expectBack(
				entries.map(({ sealed }) => sealed),
				name,
			).length;
		expect(more).toBeGreaterThan(entries.length * 31);
	});

	test('gives back what tills write in unlucky shops, forks, copies and all (1)', () => {
		fc.assert(
			fc.property(steps, (list) => {
				const { shop, entries } = playSteps(list);
				expectBack(
					entries.map(({ sealed }) => sealed),
					{ ...NAME, store: shop.store },
				);
			}),
			{ numRuns: 40 },
		);
	});

	test('gives back hostile values: any shape, any text, any number, in a body that is CBOR (1)', () => {
		const value = fc.jsonValue({ maxDepth: 4 });
		const field = fc.constantFrom('type', 'sku', 'facts', 'seen', 'hlc', 'at', 'lines', 'totalMinor', 'tenders', '__proto__', 'constructor', '');
		const body = fc.oneof(value, fc.dictionary(fc.oneof(field, fc.string()), value), fc.record({ facts: fc.array(fc.dictionary(field, value)) }));
		fc.assert(
			fc.property(fc.array(fc.tuple(body, fc.uint8Array({ minLength: 64, maxLength: 64 })), { maxLength: 8 }), (list) => {
				expectBack(list.map(([one, signature]) => joinSealed(encode(one), signature)));
			}),
			{ numRuns: 200 },
		);
	});

	test('gives back bytes that are no entries (1)', () => {
		fc.assert(
			fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (list) => {
				expectBack(list);
			}),
			{ numRuns: 100 },
		);
		expectBack([]);
		expectBack([new Uint8Array(0), new Uint8Array(MAX_SEALED_BYTES).fill(7)]);
	});

	test('gives back sealed entries of which single bytes were altered (1)', () => {
		const { name, entries } = morning();
		const some = entries.slice(0, 12).map(({ sealed }) => sealed);
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.nat(11), fc.nat(600), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 }), (flips) => {
				const list = some.map((sealed) => sealed.slice());
				for (const [which, where, by] of flips) {
					const one = list[which]!;
					one[where % one.length]! ^= by;
				}
				expectBack(list, name);
			}),
			{ numRuns: 60 },
		);
	});

	test('takes 1,000 entries of at most 256 KiB, and says what is wrong with others', () => {
		expect(
			run(
				writeClosedSegment(
					NAME,
					Array.from({ length: 1001 }, () => new Uint8Array(1)),
				),
			),
		).toEqual({
			refused: '1001 entries, a segment holds 1000',
		});
		expect(run(writeClosedSegment(NAME, [new Uint8Array(MAX_SEALED_BYTES + 1)]))).toEqual({
			refused: '262145 bytes in an entry, at most 262144 are allowed',
		});
	});
});

describe('what is not a closed segment', () => {
	const { name, entries } = morning();
	const bytes = written(
		entries.slice(0, 10).map(({ sealed }) => sealed),
		name,
	);

	test('is refused wherever it was cut off (2)', () => {
		for (let length = 0; length < bytes.length; length += 1) expect(run(readClosedSegment(bytes.subarray(0, length)))).toHaveProperty('refused');
		expect(run(readClosedSegment(new Uint8Array([...bytes, 0])))).toHaveProperty('refused');
	});

	test('is refused whichever of its bytes was altered (2)', () => {
		for (let i = 0; i < bytes.length; i += 1) {
			const altered = bytes.slice();
			altered[i]! ^= 1 << (i % 8);
			expect(run(readClosedSegment(altered)), `byte ${i}`).toHaveProperty('refused');
		}
	});

	test('is refused when it is of a later version, and says so', () => {
		const later = bytes.slice();
		later[0] = 2;
		expect(run(readClosedSegment(later))).toEqual({ refused: 'version 2 of closed segments is not known here' });
	});

	test('never throws and never builds more than allowed, whatever stands behind a right check (2)', () => {
		const payload = bytes.subarray(1 + CLOSED_SEGMENT_CHECK_BYTES);
		const forged = fc
			.tuple(fc.nat(payload.length), fc.uint8Array({ maxLength: 400 }))
			.map(([cut, tail]) => fileOf(new Uint8Array([...payload.subarray(0, cut), ...tail])));
		fc.assert(
			fc.property(forged, (file) => {
				const read = run(readClosedSegment(file, 100_000));
				if ('sealed' in read) expect(read.sealed.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(100_000);
				else expect(read.refused).toMatch(/^(not written by|says that)/);
			}),
			{ numRuns: 400 },
		);
	});

	test('is refused when its entries would have more bytes than the reader allows (2)', () => {
		const large = written([new Uint8Array(200_000), new Uint8Array(200_000)]);
		expect(large.length).toBeLessThan(1_000);
		expect(run(readClosedSegment(large, 300_000))).toEqual({ refused: 'says that its entries have 400000 bytes, at most 300000 are read' });
	});
});
