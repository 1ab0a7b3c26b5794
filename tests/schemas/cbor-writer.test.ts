import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode, encode, encodeAnything } from '#schemas/cbor.ts';
import { writePlain } from '#schemas/cbor-writer.ts';
import { playSteps, steps } from '../support/random-shop.ts';

const hex = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const leaf = fc.oneof(
	...[
		fc.maxSafeInteger(),
		fc.nat(70_000),
		fc.boolean(),
		fc.constant(null),
		fc.string({ unit: 'binary' }),
		fc.string(),
		hex,
		fc.double(),
		fc.uint8Array(),
	],
	fc.constantFrom(
		2 ** 53 - 1,
		-(2 ** 53) + 1,
		2 ** 53,
		2 ** 32,
		2 ** 32 - 1,
		-(2 ** 32),
		256,
		255,
		24,
		23,
		-1,
		-24,
		-25,
		-0,
		'x'.repeat(300),
		'\ud800',
		undefined,
	),
);
const { value } = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 5 },
		leaf,
		fc.array(tie('value'), { maxLength: 5 }),
		fc.dictionary(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), hex), tie('value'), { maxKeys: 6 }),
	),
}));

function anything(of: unknown): Uint8Array | undefined {
	try {
		return encodeAnything(of);
	} catch {
		return undefined;
	}
}

test('what the quick writer writes is what any value’s encoder writes (1)', () => {
	fc.assert(
		fc.property(value, (one) => {
			const quick = writePlain(one);
			if (quick !== undefined) expect(quick).toEqual(anything(one));
		}),
		{ numRuns: 5_000 },
	);
});

test('keys come in the order of their bytes: the shorter first, then letter by letter (1)', () => {
	const map = { b: 1, aa: 2, a: 3, Z: 4, '': 5, ab: 6 };
	expect(writePlain(map)).toEqual(encodeAnything(map));
});

test('what is larger than anything before is written whole, and the next one after it is its own (1)', () => {
	const large = { list: Array.from({ length: 30_000 }, (_, n) => `text ${n}`), hex: 'ab'.repeat(70_000) };
	expect(Buffer.compare(writePlain(large)!, encodeAnything(large))).toBe(0);
	const first = writePlain({ a: 1 });
	writePlain({ b: 'another' });
	expect(first).toEqual(encodeAnything({ a: 1 }));
});

test('hex of many megabytes is written and read as any hex is, and text that begins so as any text', () => {
	const hex = 'ab'.repeat(6 * 1024 * 1024);
	expect(encode(hex).length).toBe(5 + hex.length / 2);
	expect(encodeAnything(hex).length).toBe(5 + hex.length / 2);
	expect(decode(encode(hex)) === hex).toBe(true);
	const text = `${hex} `;
	expect(decode(encode(text)) === text).toBe(true);
	expect(Object.keys(decode(encode({ [text]: 1 })) as object)[0] === text).toBe(true);
});

test('the room that something large took is given back', async () => {
	setFlagsFromString('--expose-gc');
	const collectGarbage = runInNewContext('gc') as () => void;
	const inBuffers = (): number => {
		collectGarbage();
		return process.memoryUsage().arrayBuffers;
	};
	const before = inBuffers();
	writePlain('x'.repeat(32 * 1024 * 1024));
	await expect.poll(() => inBuffers() - before, { timeout: 5_000 }).toBeLessThan(8 * 1024 * 1024);
});

test('what has no place in the format is refused as before', () => {
	class Thing {
		readonly a = 1;
	}
	for (const left of [
		0.5,
		Number.NaN,
		undefined,
		new Thing(),
		new Map([['a', 1]]),
		{ a: undefined },
		['\udc00'],
		{ ['ab'.repeat(8)]: 1 },
		{ ü: 1 },
		-0,
	])
		expect(writePlain(left)).toBeUndefined();
	expect(() => encode({ a: undefined })).toThrow('undefined has no place');
	const round: unknown[] = [];
	round.push(round);
	expect(() => encode(round)).toThrow();
});

test('entries are written quickly, every one of them', () => {
	fc.assert(
		fc.property(steps, (list) => {
			for (const { header, facts } of playSteps(list).entries) {
				const body = { ...header, facts };
				expect(writePlain(body)).toEqual(encodeAnything(body));
			}
		}),
		{ numRuns: 10 },
	);
});
