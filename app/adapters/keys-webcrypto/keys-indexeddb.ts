/**
 * The device's keys in a browser: the signing key is a CryptoKey that cannot be exported, not even by us; the network key is raw bytes, because libp2p
 * needs them. Both are made on first use and lie in a database of their own, on disk before they are used for the first time.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { StorageError, type Signer } from '#ports';
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

interface KeysDatabase extends DBSchema {
	keys: { key: 'device'; value: Stored };
}

/** Throws `StorageError` when the browser does not keep them, and says so when it knows no Ed25519. */
export async function deviceKeys(databaseName: string): Promise<DeviceKeys> {
	let database: IDBPDatabase<KeysDatabase> | undefined;
	try {
		database = await openDB<KeysDatabase>(databaseName, 1, {
			upgrade(created) {
				created.createObjectStore('keys');
			},
		});
		const { signing, networkSeed } = (await database.get('keys', 'device')) ?? (await make(database));
		return { signer: await signerOf(signing), networkSeed };
	} catch (error) {
		if (!(error instanceof DOMException)) throw error;
		if (error.name === 'NotSupportedError') throw new StorageError('failed', 'this browser cannot sign with Ed25519; update it');
		if (error.name === 'QuotaExceededError') throw new StorageError('full', 'the disk, or the browser’s share of it, is full');
		throw new StorageError('failed', `this browser does not keep the till’s keys: ${error.message || error.name}`);
	} finally {
		database?.close();
	}
}

async function make(database: IDBPDatabase<KeysDatabase>): Promise<Stored> {
	const made: Stored = { signing: await generateSigningKey(false), networkSeed: crypto.getRandomValues(new Uint8Array(32)) };
	const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' });
	// Two tabs may come here at once: the first key that was written stays.
	const before = await transaction.store.get('device');
	if (before === undefined) await transaction.store.put(made, 'device');
	await transaction.done;
	return before ?? made;
}
