/**
 * The device's keys in a browser: the signing key is a CryptoKey that cannot be exported, not even by us; the network key is raw bytes, because libp2p
 * needs them. Both are made on first use and lie in a database of their own.
 */
import { openDB } from 'idb';
import type { Signer } from '#ports';
import { generateSigningKey, signerOf } from './digest-webcrypto.ts';

export interface DeviceKeys {
	readonly signer: Signer;
	/** 32 bytes, the seed of an Ed25519 key. */
	readonly networkSeed: Uint8Array;
}

interface Stored {
	readonly signing: CryptoKeyPair;
	readonly networkSeed: Uint8Array;
}

export async function deviceKeys(databaseName: string): Promise<DeviceKeys> {
	const database = await openDB(databaseName, 1, { upgrade: (created) => { created.createObjectStore('keys'); } });
	try {
		const stored = ((await database.get('keys', 'device')) as Stored | undefined) ?? (await make());
		return { signer: await signerOf(stored.signing), networkSeed: stored.networkSeed };
	} finally {
		database.close();
	}

	async function make(): Promise<Stored> {
		const made: Stored = { signing: await generateSigningKey(false), networkSeed: crypto.getRandomValues(new Uint8Array(32)) };
		const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' });
		// Two tabs may come here at once: the first key that was written stays.
		const before = (await transaction.store.get('device')) as Stored | undefined;
		if (before === undefined) await transaction.store.put(made, 'device');
		await transaction.done;
		return before ?? made;
	}
}
