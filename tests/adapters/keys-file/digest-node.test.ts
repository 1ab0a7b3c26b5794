import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { generateSigningKey, signerOfPkcs8 } from '#adapters/keys-file/ed25519.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { hexOf } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';

const node = createNodeDigest();
const web = createDigest();

test('Node and the browser hash alike, whatever part of a buffer they are given', async () => {
	for (const length of [0, 1, 63, 64, 1_000]) {
		const bytes = new Uint8Array(length + 8).fill(length % 251).subarray(8);
		expect(hexOf(await node.sha256(bytes))).toBe(hexOf(await web.sha256(bytes)));
	}
});

test('Node and the browser believe the same signatures, and never throw', async () => {
	const signer = signerOfPkcs8(generateSigningKey());
	const bytes = new TextEncoder().encode('a sale');
	const signature = await signer.sign(bytes);
	const altered = signature.slice();
	altered[40]! ^= 1;
	const noPoint = 'ff'.repeat(32) as DeviceId;
	const cases: readonly (readonly [DeviceId, Uint8Array, Uint8Array])[] = [
		[signer.device, bytes, signature],
		[signer.device, bytes, altered],
		[signer.device, bytes.subarray(1), signature],
		[signer.device, bytes, signature.subarray(1)],
		[signer.device, bytes, new Uint8Array(0)],
		[noPoint, bytes, signature],
		['00'.repeat(32) as DeviceId, bytes, new Uint8Array(64)],
		['not hex' as DeviceId, bytes, signature],
		['ab' as DeviceId, bytes, signature],
	];
	const verdicts = await Promise.all(cases.map((one) => node.verify(...one)));
	expect(verdicts).toEqual(await Promise.all(cases.map((one) => web.verify(...one))));
	expect(verdicts[0]).toBe(true);
	expect(verdicts.slice(1, 6)).toEqual([false, false, false, false, false]);
});
