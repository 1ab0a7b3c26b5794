/**
 * SHA-256 and Ed25519 (RFC 8032) by node:crypto, with the answers of `keys-webcrypto`. A hash is made at once, for an entry is small: handing it to another
 * thread and back, as WebCrypto does, took twenty times as long. Signatures are checked in Node's pool, for they take long enough to be felt.
 */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { Digest } from '#ports';
import { bytesOfHex } from '#schemas/cbor.ts';
import type { SigningKey } from '#schemas/ids.ts';

const MOST_KEYS = 1_000;

export function createNodeDigest(): Digest {
	const keys = new Map<SigningKey, KeyObject>();

	/** Undefined for text that is no key. */
	function keyOf(of: SigningKey): KeyObject | undefined {
		const known = keys.get(of);
		if (known !== undefined) return known;
		try {
			const x = Buffer.from(bytesOfHex(of)).toString('base64url');
			const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
			if (keys.size < MOST_KEYS) keys.set(of, key);
			return key;
		} catch {
			return undefined;
		}
	}

	return {
		sha256: (bytes) => Promise.resolve(new Uint8Array(createHash('sha256').update(bytes).digest())),
		verify(of, bytes, signature) {
			const key = keyOf(of);
			if (key === undefined) return Promise.resolve(false);
			return new Promise((resolve) => {
				verify(null, bytes, key, signature, (error, isGood) => {
					resolve(error === null && isGood);
				});
			});
		},
	};
}
