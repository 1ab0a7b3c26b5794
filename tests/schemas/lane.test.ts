/** The live lane's messages: entries go as bytes, and mean what their deterministic encoding means. */
import { decode, encode, hexOf } from '#schemas/cbor.ts';
import { decodeLane, encodeLane, laneMessage } from '#schemas/wire/lane.ts';
import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';

const short = fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ minLength: 8, maxLength: 30 }));
const long = fc.constantFrom(23, 24, 255, 256, 65_535, 65_536).map((length) => new Uint8Array(length).fill(length % 256));
const entries = fc.oneof(fc.array(short, { maxLength: 70 }), fc.array(fc.oneof(short, long), { maxLength: 3 }));

/** By the encoding and the shape alone. */
function slowly(bytes: Uint8Array): unknown {
	const parsed = v.safeParse(laneMessage, decode(bytes));
	return parsed.success ? parsed.output : undefined;
}

function asText(said: ReturnType<typeof decodeLane>): unknown {
	return said?.t === 'entries' ? { t: 'entries', sealed: said.sealed.map(hexOf) } : said;
}

test('entries are written as their deterministic encoding, and read back as they were', () => {
	fc.assert(
		fc.property(entries, (sealed) => {
			const bytes = encodeLane({ t: 'entries', sealed });
			expect(bytes).toEqual(encode({ t: 'entries', sealed: sealed.map(hexOf) }));
			const said = decodeLane(bytes);
			expect(said).toEqual(sealed.length <= 64 ? { t: 'entries', sealed: sealed.map((one) => new Uint8Array(one)) } : undefined);
		}),
	);
});

test('bytes that are almost a message are read as the encoding says, or not at all', () => {
	fc.assert(
		fc.property(entries, fc.nat(), fc.nat(255), fc.nat(3), (sealed, at, byte, cut) => {
			const bytes = encodeLane({ t: 'entries', sealed });
			// Heads are where it matters: mostly near the beginning.
			bytes[at % Math.min(bytes.length, at % 2 === 0 ? 24 : bytes.length)] = byte;
			const almost = bytes.slice(0, bytes.length - cut);
			expect(asText(decodeLane(almost))).toEqual(slowly(almost));
		}),
		{ numRuns: 500 },
	);
});

test('the other messages come back, and what is none is none', () => {
	const lease = { t: 'lease', term: [1, 'ab'.repeat(32)], heldForMs: 1, cloud: 'none', cloudForMs: 0 } as never;
	expect(decodeLane(encodeLane(lease))).toEqual(lease);
	for (const wrong of [new Uint8Array(), new Uint8Array([0xa2, 0x61]), encode({ t: 'nonsense' }), encode({ t: 'entries', sealed: [7] })])
		expect(decodeLane(wrong)).toBeUndefined();
});
