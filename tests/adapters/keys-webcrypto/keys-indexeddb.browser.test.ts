import { expect, test } from 'vitest';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { deviceKeys, keysInForce } from '#adapters/keys-webcrypto/keys-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import type { SigningKey } from '#schemas/ids.ts';

const places = await storagePlaces('vault');
let count = 0;
const newName = (): string => `keys-${(count += 1)}-${crypto.randomUUID()}`;
const bytes = new TextEncoder().encode('a sale');

function deleteIn(place: IDBFactory, name: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const request = place.deleteDatabase(name);
		request.onsuccess = () => {
			resolve();
		};
		request.onerror = () => {
			reject(request.error as DOMException);
		};
	});
}

test('a till is the same device at every start, and signs as that device', async () => {
	const name = newName();
	const made = await deviceKeys(places, name);
	const again = await deviceKeys(places, name);
	expect(again.signer.device).toBe(made.signer.device);
	expect(again.networkSeed).toEqual(made.networkSeed);
	expect(made.networkSeed).toHaveLength(32);
	const digest = createDigest();
	expect(await digest.verify(made.signer.device, bytes, await again.signer.sign(bytes))).toBe(true);
	expect((await deviceKeys(places, newName())).signer.device).not.toBe(made.signer.device);
});

test('1: two tabs that start a new till at once are one device', async () => {
	const name = newName();
	const devices = await Promise.all(Array.from({ length: 4 }, () => deviceKeys(places, name)));
	expect(new Set(devices.map(({ signer }) => signer.device)).size).toBe(1);
	expect((await deviceKeys(places, name)).signer.device).toBe(devices[0]?.signer.device);
});

test.each([0, 1])('2: the browser loses the copy in place %d, and the till stays who it is', async (place) => {
	const name = newName();
	const { signer, networkSeed } = await deviceKeys(places, name);
	for (const lost of [places[place]!, places[1 - place]!]) {
		await deleteIn(lost, name);
		const found = await deviceKeys(places, name);
		expect(found.signer.device).toBe(signer.device);
		expect(found.networkSeed).toEqual(networkSeed);
		expect(await createDigest().verify(signer.device, bytes, await found.signer.sign(bytes))).toBe(true);
	}
});

test('3: a place that does not answer, beside one that has no keys, makes no second device', async () => {
	const name = newName();
	await new Promise((resolve) => {
		places[0]!.open(name, 2).onsuccess = resolve;
	});
	await expect(deviceKeys(places, name)).rejects.toMatchObject({ name: 'StorageError' });
	expect((await places[1]!.databases()).map((one) => one.name)).toContain(name); // It was opened, and nothing was made in it.
	await deleteIn(places[1]!, name);
});

test('the signing key cannot be taken out', async () => {
	const name = newName();
	await deviceKeys(places, name);
	for (const place of places) {
		const database = await new Promise<IDBDatabase>((resolve) => {
			const request = place.open(name);
			request.onsuccess = () => {
				resolve(request.result);
			};
		});
		const stored = await new Promise<{ signing: CryptoKeyPair }>((resolve) => {
			const request = database.transaction('keys').objectStore('keys').get('device');
			request.onsuccess = () => {
				resolve(request.result as { signing: CryptoKeyPair });
			};
		});
		database.close();
		for (const format of ['raw', 'pkcs8', 'jwk'] as const) await expect(crypto.subtle.exportKey(format, stored.signing.privateKey)).rejects.toThrow();
	}
});

test('4: new keys lie beside the old ones, the same at every start, and sign as the device that the chain says', async () => {
	const name = newName();
	const { signer } = await deviceKeys(places, name);
	const next = await deviceKeys(places, name, 1);
	expect((await deviceKeys(places, name, 1)).signer.device).toBe(next.signer.device);
	expect((await deviceKeys(places, name)).signer.device).toBe(signer.device);
	const inForce = { device: signer.device, key: next.signer.device, peer: 'a peer', generation: 1 };
	expect((await keysInForce(places, name, { ...inForce, key: signer.device, generation: 0 })).signer.device).toBe(signer.device);
	for (const lost of places) {
		await deleteIn(lost, name);
		const now = await keysInForce(places, name, inForce);
		expect(now.signer).toMatchObject({ device: signer.device, key: next.signer.device });
		expect(now.networkSeed).toEqual(next.networkSeed);
		expect(await createDigest().verify(next.signer.device, bytes, await now.signer.sign(bytes))).toBe(true);
	}
});

test('4: keys that the chain names and the browser has not are an error, and none are made', async () => {
	const name = newName();
	const { signer } = await deviceKeys(places, name);
	const inForce = { device: signer.device, key: 'ab'.repeat(32) as SigningKey, peer: 'a peer', generation: 1 };
	await expect(keysInForce(places, name, inForce)).rejects.toMatchObject({ name: 'StorageError' });
	await expect(keysInForce(places, name, inForce)).rejects.toThrow('not in this browser any more');
	await deviceKeys(places, name, 1);
	await expect(keysInForce(places, name, inForce)).rejects.toThrow('not the ones');
});
