/** The bytes of an entry: the numbered invariants of `core/entry/codec.ts`. */
import { chainKey, decodeBody, encodeBody, joinSealed, splitSealed } from '#core/entry/codec.ts';
import { decode, encode, hexOf } from '#schemas/cbor.ts';
import type { Header } from '#schemas/entry.ts';
import type { DeviceId } from '#schemas/ids.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { received, sold } from '../../support/facts.ts';
import { createTestShop } from '../../support/ledger-builder.ts';

function oneEntry(): { header: Header; facts: readonly object[]; body: Uint8Array } {
	const shop = createTestShop();
	const till = shop.device('till');
	till.does([received('A', 1)]);
	const { header, facts } = till.does([sold([['A', 1, 100]], till.receipt())]);
	return { header, facts, body: encodeBody(header, facts) };
}

test('1: a body comes back as it was, and its bytes are the only ones', () => {
	const { header, facts, body } = oneEntry();
	expect(decodeBody(body)).toEqual({ header, facts });
	const decoded = decodeBody(body);
	if ('damaged' in decoded) throw new Error(decoded.damaged);
	expect(hexOf(encodeBody(decoded.header, decoded.facts))).toBe(hexOf(body));
});

test('1: the same content written in another order is not an entry', () => {
	const { body } = oneEntry();
	// A map of 0xa? / 0xb? whose first key is longer than its second is not deterministic; CBOR readers would take it.
	const loose = new Uint8Array([0xa2, 0x62, 0x62, 0x62, 0x01, 0x61, 0x61, 0x02]);
	expect(decodeBody(loose)).toEqual({ damaged: 'not deterministic CBOR' });
	const trailing = new Uint8Array([...body, 0]);
	expect(decodeBody(trailing)).toEqual({ damaged: 'not deterministic CBOR' });
});

test('2: what this version does not know is kept as it came; what breaks its shape is kept and named', () => {
	const { header } = oneEntry();
	const raw = [
		{ type: 'loyalty.stamped', v: 1, stamps: 100 },
		{ type: 'stock.received', v: 99, anything: true },
		{ type: 'stock.received', v: 1, lines: [] },
		// A field of version 2 has no place in version 1: whoever knows only that would read it otherwise.
		{ type: 'stock.received', v: 1, lines: [{ sku: 'A', quantityMilli: 1000 }], supplier: 'Smith' },
		{ type: 'stock.received', v: 2, lines: [{ sku: 'A', quantityMilli: 1000 }], supplier: 'Smith' },
	];
	const decoded = decodeBody(encodeBody(header, raw));
	if ('damaged' in decoded) throw new Error(decoded.damaged);
	expect(decoded.facts).toMatchObject([
		{ unknown: true, type: 'loyalty.stamped', raw: raw[0] },
		{ unknown: true, type: 'stock.received', v: 99 },
		{ invalid: expect.stringContaining('lines') as string, type: 'stock.received' },
		{ invalid: expect.stringContaining('supplier') as string, type: 'stock.received' },
		{ type: 'stock.received', v: 2, supplier: 'Smith' },
	]);
});

test('3: nothing that a peer sends throws', () => {
	const { body } = oneEntry();
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
			expect(decodeBody(bytes)).toHaveProperty('damaged');
			expect(splitSealed(bytes)).toBeUndefined();
		}),
	);
	fc.assert(
		fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
			const bytes = body.slice();
			bytes[place] = (bytes[place] ?? 0) ^ flip;
			decodeBody(bytes);
		}),
	);
});

test('3: a header that contradicts itself is damaged, with the reason in words', () => {
	const { header, facts } = oneEntry();
	const damaged = (change: Partial<Record<keyof Header, unknown>>): unknown => {
		const changed = Object.fromEntries(Object.entries({ ...header, ...change }).filter(([, value]) => value !== undefined)) as unknown as Header;
		const decoded = decodeBody(encodeBody(changed, facts));
		return 'damaged' in decoded ? decoded.damaged : 'an entry';
	};
	expect(damaged({})).toBe('an entry');
	expect(damaged({ prev: undefined })).toBe('header: seq 2 without prev');
	expect(damaged({ seq: 1 })).toBe('header: seq 1 with prev');
	expect(damaged({ seq: 0 })).toMatch(/^header: seq/);
	expect(damaged({ hlc: [4_102_444_800_001, 0] })).toMatch(/later than the year 2100/);
	const own = chainKey(header.device, header.scope);
	expect(damaged({ seen: [[own.slice(0, 16), 'b', 1, '0'.repeat(16)]] })).toBe('header: its own chain in seen');
	const other = ['0'.repeat(16), 'b', 1, '0'.repeat(16)];
	expect(damaged({ seen: [other, other] })).toBe('header: one chain twice in seen');
	expect(damaged({ part: { n: 2, of: 2 } })).toBe('header: part 2 without the hash of part 1');
	expect(decodeBody(encode({ ...header, facts: [] }))).toHaveProperty('damaged');
});

test('a sealed entry is a body and a signature in at most 256 KiB', () => {
	const { body } = oneEntry();
	const sealed = joinSealed(body, new Uint8Array(64));
	expect(hexOf(splitSealed(sealed)?.body ?? new Uint8Array())).toBe(hexOf(body));
	expect(() => joinSealed(body, new Uint8Array(63))).toThrow(/64 bytes/);
	expect(splitSealed(encode([hexOf(body), '00'.repeat(63)]))).toBeUndefined();
	expect(splitSealed(encode(['ab'.repeat(256 * 1024), '00'.repeat(64)]))).toBeUndefined();
	expect(decode(sealed)).toHaveLength(2);
});

test('a chain is named by eight bytes of its device and its scope', () => {
	expect(chainKey('ab'.repeat(32) as DeviceId, 'store')).toBe('abababababababab:s');
});

describe('the wire form', () => {
	test('is what the one encoding makes of body and signature, at every length of head', () => {
		for (const length of [8, 23, 24, 255, 256, 65_535, 65_536, 200_000]) {
			const body = new Uint8Array(length).fill(7);
			const signature = new Uint8Array(64).fill(9);
			const sealed = joinSealed(body, signature);
			expect(hexOf(sealed)).toBe(hexOf(encode([hexOf(body), hexOf(signature)])));
			expect(splitSealed(sealed)).toEqual({ body, signature });
		}
	});

	test('has one spelling: a longer head, another length, a byte more or less is no entry', () => {
		const sealed = joinSealed(new Uint8Array(30).fill(7), new Uint8Array(64));
		expect(splitSealed(new Uint8Array([0x82, 0x59, 0, 30, ...sealed.subarray(3)]))).toBeUndefined();
		expect(splitSealed(new Uint8Array([0x82, 0x58, 31, ...sealed.subarray(3)]))).toBeUndefined();
		expect(splitSealed(new Uint8Array([...sealed, 0]))).toBeUndefined();
		expect(splitSealed(sealed.subarray(0, -1))).toBeUndefined();
		for (const at of [0, 1, 2, 33, 34]) {
			const altered = sealed.slice();
			altered[at]! ^= 1;
			expect(splitSealed(altered), `byte ${at}`).toBeUndefined();
		}
	});
});
