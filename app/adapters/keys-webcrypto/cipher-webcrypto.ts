/**
 * AES-256-GCM (NIST SP 800-38D), HMAC-SHA-256 and boxes over X25519 (RFC 7748) by WebCrypto, in browsers and in Node alike.
 *
 * A box is opened by its own private half and a pair that the sender makes for this one message: nothing that anybody keeps opens it later.
 */
import type { Box, Cipher } from '#ports';

/** 96 random bits: with a key per customer or per message, two of them never meet. */
const NONCE_BYTES = 12;
const PUBLIC_BYTES = 32;
const BOX_INFO = new TextEncoder().encode('holdfast box 1');

export function createCipher(): Cipher {
	return { seal, open, mac, makeBox, sealFor };
}

async function seal(key: Uint8Array, plain: Uint8Array): Promise<Uint8Array> {
	return sealWith(await aesKey(key), plain);
}

async function open(key: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | undefined> {
	return openWith(await aesKey(key), sealed);
}

async function mac(key: Uint8Array, bytes: Uint8Array): Promise<Uint8Array> {
	const imported = await crypto.subtle.importKey('raw', new Uint8Array(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
	return new Uint8Array(await crypto.subtle.sign('HMAC', imported, new Uint8Array(bytes)));
}

async function makeBox(): Promise<Box> {
	const pair = (await crypto.subtle.generateKey('X25519', false, ['deriveBits'])) as CryptoKeyPair;
	const own = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
	return {
		public: own,
		async open(sealed) {
			const from = sealed.subarray(0, PUBLIC_BYTES);
			if (from.length < PUBLIC_BYTES) return undefined;
			const key = await sharedKey(pair.privateKey, from, [from, own]).catch(() => undefined); // A point of small order is refused by WebCrypto itself.
			return key && openWith(key, sealed.subarray(PUBLIC_BYTES));
		},
	};
}

async function sealFor(box: Uint8Array, plain: Uint8Array): Promise<Uint8Array> {
	const pair = (await crypto.subtle.generateKey('X25519', false, ['deriveBits'])) as CryptoKeyPair;
	const from = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
	return joined(from, await sealWith(await sharedKey(pair.privateKey, box, [from, box]), plain));
}

/** HKDF over the shared point; both public halves are in the salt, so that the key is of this pair of pairs alone. */
async function sharedKey(own: CryptoKey, other: Uint8Array, [from, to]: readonly [Uint8Array, Uint8Array]): Promise<CryptoKey> {
	const theirs = await crypto.subtle.importKey('raw', new Uint8Array(other), 'X25519', false, []);
	const shared = await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, own, 256);
	const material = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
	return crypto.subtle.deriveKey(
		{ name: 'HKDF', hash: 'SHA-256', salt: joined(from, to), info: BOX_INFO },
		material,
		{ name: 'AES-GCM', length: 256 },
		false,
		['encrypt', 'decrypt'],
	);
}

function aesKey(key: Uint8Array): Promise<CryptoKey> {
	return crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

async function sealWith(key: CryptoKey, plain: Uint8Array): Promise<Uint8Array> {
	const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
	return joined(iv, new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new Uint8Array(plain))));
}

async function openWith(key: CryptoKey, sealed: Uint8Array): Promise<Uint8Array | undefined> {
	const iv = new Uint8Array(sealed.subarray(0, NONCE_BYTES));
	return crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, new Uint8Array(sealed.subarray(NONCE_BYTES))).then(
		(plain) => new Uint8Array(plain),
		() => undefined,
	);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const one of parts) {
		all.set(one, at);
		at += one.length;
	}
	return all;
}
