/** Texts that are remembered are the texts of their bytes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKnownTexts, MOST_KNOWN_BYTES } from '#schemas/known-texts.ts';

test('what was asked before changes no answer, however many texts share a place (1, 2)', () => {
	const known = createKnownTexts();
	// Far more than there are places, of one length, so that places are shared; and each again right after another of its place may have come.
	const several = fc.array(fc.uint8Array({ minLength: 1, maxLength: MOST_KNOWN_BYTES }), { minLength: 1, maxLength: 40 });
	const look = (bytes: Uint8Array): void => {
		const isAscii = bytes.every((byte) => byte < 0x80);
		expect(known.text(bytes, 0, bytes.length)).toBe(isAscii ? Buffer.from(bytes).toString('latin1') : undefined);
		expect(known.hex(bytes, 0, bytes.length)).toBe(Buffer.from(bytes).toString('hex'));
	};
	for (let n = 0; n < 20_000; n += 1) look(new Uint8Array([97 + (n % 26), n & 127, (n >> 7) & 127]));
	fc.assert(
		fc.property(several, (list) => {
			for (const bytes of [...list, ...list]) look(bytes.map((byte) => byte & 0x7f));
			for (const bytes of list) look(bytes);
		}),
	);
});

test('a part of some bytes is read as that part', () => {
	const known = createKnownTexts();
	const bytes = Buffer.from('device:branch');
	expect([known.text(bytes, 0, 6), known.text(bytes, 7, 13), known.hex(bytes, 0, 2)]).toEqual(['device', 'branch', '6465']);
});
