/**
 * The device's keys in a browser: the signing key is a CryptoKey that cannot be exported, not even by us; the network key is raw bytes, because libp2p
 * needs them. Both are made on first use and lie in a database of their own.
 *
 * 1. The keys are on disk, in every place, before they are used for the first time: what was signed with a key that a crash took can never be continued.
 * 2. A place that lacks them gets them from one that has them. Two tabs that make keys at once end with those that the first place got first.
 * 3. Keys are made only where every place answered that it has none.
 * 4. New keys lie beside the old ones, under their generation; which are in force says the device's certificate chain, in the vault. No key is overwritten.
 */
import { wrap, type DBSchema, type IDBPDatabase } from 'idb';
import type { KeyInForce } from '#core/entry/certificate.ts';
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

interface KeysSchema extends DBSchema {
	keys: { key: string; value: Stored };
}

/** Made on first use, like those of enrolment (0). */
function nameOf(generation: number): string {
	return generation === 0 ? 'device' : `device ${generation}`;
}

/** What signs is the key that the chain names. Throws `StorageError` when it is not in this browser: another one would be another device's. */
export async function keysInForce(places: readonly IDBFactory[], databaseName: string, inForce: KeyInForce | undefined): Promise<DeviceKeys> {
	if (inForce === undefined || inForce.generation === 0) return deviceKeys(places, databaseName);
	const { device, key, generation } = inForce;
	const { signer, networkSeed } = await readKeys(places, databaseName, generation, () => {
		throw new StorageError('failed', 'the keys that this device has renewed are not in this browser any more');
	});
	if (signer.device !== key) throw new StorageError('failed', 'the keys in this browser are not the ones that this device has renewed');
	return { signer: { device, key, sign: signer.sign }, networkSeed };
}

/** The device's own (0), or those that it is to take next. Throws `StorageError` when the browser does not keep them, and says so when it knows no Ed25519. */
export async function deviceKeys(places: readonly IDBFactory[], databaseName: string, generation = 0): Promise<DeviceKeys> {
	return readKeys(places, databaseName, generation, async () => ({
		signing: await generateSigningKey(false),
		networkSeed: crypto.getRandomValues(new Uint8Array(32)),
	}));
}

async function readKeys(places: readonly IDBFactory[], databaseName: string, generation: number, make: () => Promise<Stored>): Promise<DeviceKeys> {
	const name = nameOf(generation);
	const opened = await Promise.allSettled(places.map((place) => open(place, databaseName)));
	const databases = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
	try {
		const found = await Promise.all(databases.map((database) => database.get('keys', name)));
		const failed = opened.find((one) => one.status === 'rejected');
		const known = found.find((one) => one !== undefined);
		if (known === undefined && failed !== undefined) throw failed.reason;
		let keys: Stored = known ?? (await make());
		for (const [place, database] of databases.entries()) {
			if (found[place] !== undefined) continue;
			try {
				keys = await keep(database, name, keys);
			} catch (error) {
				if (known === undefined) throw error; // Else they are on disk somewhere, and a till with one copy sells.
			}
		}
		return { signer: await signerOf(keys.signing), networkSeed: keys.networkSeed };
	} catch (error) {
		throw storageErrorOf(error);
	} finally {
		for (const database of databases) database.close();
	}
}

function open(place: IDBFactory, name: string): Promise<IDBPDatabase<KeysSchema>> {
	return new Promise((resolve, reject) => {
		const request = place.open(name, 1);
		request.onupgradeneeded = () => {
			request.result.createObjectStore('keys');
		};
		request.onerror = () => {
			reject(request.error as DOMException);
		};
		request.onsuccess = () => {
			resolve(wrap(request.result) as unknown as IDBPDatabase<KeysSchema>);
		};
	});
}

async function keep(database: IDBPDatabase<KeysSchema>, name: string, keys: Stored): Promise<Stored> {
	const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' });
	const before = await transaction.store.get(name);
	if (before === undefined) await transaction.store.put(keys, name);
	await transaction.done;
	return before ?? keys;
}

function storageErrorOf(error: unknown): unknown {
	if (!(error instanceof DOMException)) return error;
	if (error.name === 'NotSupportedError') return new StorageError('failed', 'this browser cannot sign with Ed25519; update it');
	if (error.name === 'QuotaExceededError') return new StorageError('full', 'the disk, or the browser’s share of it, is full');
	return new StorageError('failed', `this browser does not keep the till’s keys: ${error.message || error.name}`);
}
