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
