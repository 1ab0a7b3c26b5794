/**
 * Keys and hashes without chance: a device's key follows from its name and the seed, Ed25519 is deterministic (RFC 8032), SHA-256 is what it is.
 *
 * A signature is checked once in a world, however many peers check it: the answer depends on nothing but the bytes.
 */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { signerOfPkcs8 } from '#adapters/keys-file/ed25519.ts';
import type { Digest, Signer } from '#ports';
import { bytesOfHex } from '#schemas/cbor.ts';

/** The fixed head of an Ed25519 key in PKCS #8 (RFC 8410, section 7); the 32 secret bytes follow. */
const PKCS8_HEAD = '302e020100300506032b657004220420';
/** The same for the public half as SubjectPublicKeyInfo. */
const SPKI_HEAD = '302a300506032b6570032100';

export function signerNamed(name: string): Signer {
	return signerOfPkcs8(bytesOfHex(PKCS8_HEAD + createHash('sha256').update(name).digest('hex')));
}

export function createSimDigest(): Digest {
	const keys = new Map<string, KeyObject | undefined>();
	const known = new Map<string, boolean>();

	function keyOf(device: string): KeyObject | undefined {
		if (!keys.has(device)) {
			let key: KeyObject | undefined;
			try {
				key = createPublicKey({ key: Buffer.from(SPKI_HEAD + device, 'hex'), type: 'spki', format: 'der' });
			} catch {
				key = undefined;
			}
			keys.set(device, key);
		}
		return keys.get(device);
	}

	return {
		sha256: (bytes) => Promise.resolve(new Uint8Array(createHash('sha256').update(bytes).digest())),
		verify(device, bytes, signature) {
			const name = createHash('sha256').update(device).update(bytes).update(signature).digest('base64');
			let valid = known.get(name);
			if (valid === undefined) {
				const key = keyOf(device);
				valid = key !== undefined && signature.length === 64 && verify(null, bytes, key, signature);
				known.set(name, valid);
			}
			return Promise.resolve(valid);
		},
	};
}
