/** Ed25519 keys as PKCS #8 bytes (RFC 8410), by node:crypto. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';

export function generateSigningKey(): Uint8Array {
	return new Uint8Array(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }));
}

export function signerOfPkcs8(der: Uint8Array): Signer {
	const privateKey = createPrivateKey({ key: Buffer.from(der), type: 'pkcs8', format: 'der' });
	const publicBytes = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url');
	return { device: hexOf(new Uint8Array(publicBytes)) as DeviceId, sign: async (bytes) => new Uint8Array(sign(null, bytes, privateKey)) };
}

/** The 32 bytes that a key follows from. */
export function seedOfPkcs8(der: Uint8Array): Uint8Array {
	return der.slice(-SEED_BYTES);
}

export function pkcs8OfSeed(seed: Uint8Array): Uint8Array {
	if (seed.length !== SEED_BYTES) throw new Error(`a seed of ${seed.length} bytes, not ${SEED_BYTES}`);
	return new Uint8Array([...PKCS8_HEAD, ...seed]);
}

const SEED_BYTES = 32;
/** RFC 8410, section 7: all that stands before the seed. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
