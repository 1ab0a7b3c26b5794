/** Sealed with a key, opened with that key alone; a box is opened by its own half alone. Vectors: NIST and RFC 4231 for what must read the same for ever. */
import { createCipher } from '#adapters/keys-webcrypto/cipher-webcrypto.ts';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import { expect, test } from 'vitest';

const cipher = createCipher();
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const KEY = bytesOfHex('11'.repeat(32));

test('what is sealed under a key opens under that key alone, and not when a bit was turned', async () => {
	const sealed = await cipher.seal(KEY, text('Ada Lovelace'));
	expect(hexOf(sealed)).not.toBe(hexOf(await cipher.seal(KEY, text('Ada Lovelace'))));
	expect(await cipher.open(KEY, sealed)).toEqual(text('Ada Lovelace'));
	expect(await cipher.open(bytesOfHex('12'.repeat(32)), sealed)).toBeUndefined();
	const turned = Uint8Array.from(sealed, (byte, at) => (at === 13 ? byte ^ 1 : byte));
	expect(await cipher.open(KEY, turned)).toBeUndefined();
	expect(await cipher.open(KEY, sealed.subarray(0, 5))).toBeUndefined();
});

test('what earlier runs sealed opens: nonce first, then ciphertext and tag (NIST GCM test case 14)', async () => {
	const sealed = bytesOfHex('000000000000000000000000' + 'cea7403d4d606b6e074ec5d3baf39d18' + 'd0d1c8a799996bf0265b98b5d48ab919');
	expect(await cipher.open(new Uint8Array(32), sealed)).toEqual(new Uint8Array(16));
});

test('the keyed hash is HMAC-SHA-256 (RFC 4231, test case 2)', async () => {
	expect(hexOf(await cipher.mac(text('Jefe'), text('what do ya want for nothing?')))).toBe(
		'5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
	);
});

test('a message for a box opens there and nowhere else', async () => {
	const [mine, other] = [await cipher.makeBox(), await cipher.makeBox()];
	const sealed = await cipher.sealFor(mine.public, text('keys'));
	expect(await mine.open(sealed)).toEqual(text('keys'));
	expect(await other.open(sealed)).toBeUndefined();
	expect(await mine.open(sealed.subarray(0, 20))).toBeUndefined();
	expect(await mine.open(Uint8Array.from(sealed, (byte, at) => (at === 40 ? byte ^ 1 : byte)))).toBeUndefined();
	// The point of order one: WebCrypto refuses it, and so does the box.
	expect(await mine.open(new Uint8Array(64))).toBeUndefined();
	await expect(cipher.sealFor(new Uint8Array(31), text('keys'))).rejects.toThrow();
});
