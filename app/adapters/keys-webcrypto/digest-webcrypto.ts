/** SHA-256 and Ed25519 (RFC 8032) by WebCrypto, in browsers and in Node alike. */
import type { Digest, Signer } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { DeviceId, SigningKey } from '#schemas/ids.ts';

export function createDigest(): Digest {
	/** Importing a key costs as much as a verification; a branch has few devices. */
	const keys = new Map<SigningKey, Promise<CryptoKey | undefined>>();

	function keyOf(of: SigningKey): Promise<CryptoKey | undefined> {
		const known = keys.get(of);
		if (known !== undefined) return known;
		const key = importKey(of).catch(() => undefined);
		if (keys.size < MOST_KEYS) keys.set(of, key);
		return key;
	}

	return {
		sha256: async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))),
		async verify(of, bytes, signature) {
			const key = await keyOf(of);
			if (key === undefined) return false;
			return crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(bytes)).catch(() => false);
		},
	};
}

const MOST_KEYS = 1_000;

/** Rejects for text that is no key, and for 32 bytes that are no point of the curve. */
async function importKey(of: SigningKey): Promise<CryptoKey> {
	return crypto.subtle.importKey('raw', bytesOfHex(of), 'Ed25519', false, ['verify']);
}

/** The public half's raw bytes are the device's id. */
export async function signerOf({ privateKey, publicKey }: CryptoKeyPair): Promise<Signer> {
	const device = hexOf(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))) as DeviceId;
	return { device, sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, new Uint8Array(bytes))) };
}

/** A new signing key; `extractable` only for keys that a file must hold. */
export async function generateSigningKey(extractable: boolean): Promise<CryptoKeyPair> {
	return (await crypto.subtle.generateKey('Ed25519', extractable, ['sign', 'verify'])) as CryptoKeyPair;
}
