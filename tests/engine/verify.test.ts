import { expect, test } from 'vitest';
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { decodeChain, encodeChain } from '#core/entry/certificate.ts';
import { joinSealed, splitSealed } from '#core/entry/codec.ts';
import { issueCertificate } from '#engine/certify.ts';
import { createVerifier } from '#engine/verify.ts';
import type { Digest } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { DeviceId, StoreId } from '#schemas/ids.ts';
import { MANAGER_RIGHTS } from '#schemas/rights.ts';
import { openSealingShop } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const digest = createDigest();
const fresh = () => createVerifier({ digest, store: shop.store });
const newSigner = async () => signerOf(await generateSigningKey(false));

async function chainWith(changes: Partial<Certificate>): Promise<Uint8Array> {
	return issueCertificate(shop.certificate(await newSigner(), changes), shop.hub, shop.hubChain);
}

test('a chain up to the store’s root introduces its device, and only that', async () => {
	const verifier = fresh();
	const till = await newSigner();
	const certificate = shop.certificate(till);
	const chain = await issueCertificate(certificate, shop.hub, shop.hubChain);
	expect(verifier.certificateOf(till.device)).toBeUndefined();
	expect(await verifier.chain(chain)).toEqual(certificate);
	expect(verifier.certificateOf(till.device)).toEqual(certificate);
	expect(verifier.chainOf(till.device)).toEqual(chain);
	expect(verifier.devices()).toEqual([certificate]);
});

test('1: chains that prove nothing: another root, a forged signature at either place, no right to enrol, more rights than the issuer, another store', async () => {
	const other = await openSealingShop();
	const till = await newSigner();
	const good = decodeChain(await issueCertificate(shop.certificate(till), shop.hub, shop.hubChain))!;
	const bent = (place: number) =>
		encodeChain(good.map((one, n) => (n === place ? { ...one, signature: one.signature.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) } : one)));
	const seller = await newSigner();
	const sellerChain = await issueCertificate(shop.certificate(seller, { rights: ['sell'] }), shop.hub, shop.hubChain);
	const bad = [
		await issueCertificate(other.certificate(till, { store: shop.store }), other.hub, other.hubChain),
		await issueCertificate(shop.certificate(till, { issuer: other.hub.device }), other.hub, shop.hubChain),
		bent(0),
		bent(1),
		await issueCertificate(shop.certificate(till, { issuer: seller.device, rights: ['sell'] }), seller, sellerChain),
		await chainWith({ store: 'ab'.repeat(16) as StoreId }),
		encodeChain(good.slice(0, 1)),
		encodeChain([...good].reverse()),
		encodeChain([good[0]!, good[1]!, good[1]!]),
		new Uint8Array([1, 2, 3]),
		new Uint8Array(),
	];
	for (const [place, chain] of bad.entries()) {
		const verifier = fresh();
		expect(await verifier.chain(chain), `chain ${place}`).toBeUndefined();
		expect(verifier.devices(), `chain ${place}`).toEqual([]);
	}
	const tillThatEnrols = await newSigner();
	const enrolsChain = await issueCertificate(shop.certificate(tillThatEnrols, { rights: ['sell', 'enrol'] }), shop.hub, shop.hubChain);
	const issuer = { issuer: tillThatEnrols.device };
	expect(
		await fresh().chain(await issueCertificate(shop.certificate(till, { ...issuer, rights: ['sell'] }), tillThatEnrols, enrolsChain)),
	).toBeDefined();
	expect(
		await fresh().chain(await issueCertificate(shop.certificate(till, { ...issuer, rights: ['stock'] }), tillThatEnrols, enrolsChain)),
	).toBeUndefined();
});

test('1: an entry is believed from a device that was introduced, under its own signature, and from nobody else', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	const { entries } = await till.sell('believed');
	const [entry] = entries;
	const verifier = fresh();
	expect(await verifier.entry(entry!.sealed)).toEqual({ unknownDevice: till.signer.device });
	await verifier.chain(till.chain);
	expect(await verifier.entry(entry!.sealed)).toEqual(entry);

	const { body } = splitSealed(entry!.sealed)!;
	const another = await newSigner();
	expect(await verifier.entry(joinSealed(body, await another.sign(body)))).toEqual({ damaged: 'its signature does not verify' });

	const elsewhere = await openSealingShop();
	const stranger = await elsewhere.till({ vault: createMemoryVault() });
	const [foreign] = (await stranger.sell('elsewhere')).entries;
	expect(await verifier.entry(foreign!.sealed)).toEqual({ damaged: 'an entry of another store' });
});

test('1: no single changed, added or missing byte of a sealed entry passes', async () => {
	const till = await shop.till({ vault: createMemoryVault() });
	const [entry] = (await till.sell('bent-bytes')).entries;
	const { sealed } = entry!;
	const results = await Promise.all([
		...Array.from(sealed, (_, at) => till.verifier.entry(sealed.map((byte, n) => (n === at ? byte ^ (1 << (at % 8)) : byte)))),
		till.verifier.entry(sealed.slice(0, -1)),
		till.verifier.entry(new Uint8Array([...sealed, 0])),
		till.verifier.entry(new Uint8Array()),
	]);
	expect(results.filter((result) => 'header' in result)).toEqual([]);
});

test('2: a chain costs its signatures once', async () => {
	let checks = 0;
	const counting: Digest = {
		...digest,
		verify(...asked) {
			checks += 1;
			return digest.verify(...asked);
		},
	};
	const verifier = createVerifier({ digest: counting, store: shop.store });
	const chain = await chainWith({});
	await verifier.chain(chain);
	await verifier.chain(chain);
	expect(checks).toBe(2);
});

test('a certificate that names another issuer than its signer is our bug', async () => {
	await expect(issueCertificate(shop.certificate(await newSigner()), shop.root)).rejects.toThrow('names issuer');
});

test('checking a signature never throws, whatever the key or the bytes', async () => {
	const bytes = new Uint8Array([1]);
	for (const device of ['', 'zz', 'ff'.repeat(32), '00'.repeat(31)])
		expect(await digest.verify(device as DeviceId, bytes, new Uint8Array(64))).toBe(false);
	expect(await digest.verify(shop.hub.device, bytes, new Uint8Array(3))).toBe(false);
	expect(await digest.verify(shop.hub.device, bytes, await shop.hub.sign(bytes))).toBe(true);
});

test('3: of two certificates the ledger gets the one it names, else the one with the smaller bytes, whichever was proven first', async () => {
	const till = await newSigner();
	const chains = await Promise.all(
		[[...MANAGER_RIGHTS], ['sell'] as const].map((rights) =>
			issueCertificate(shop.certificate(till, { rights: [...rights] }), shop.hub, shop.hubChain),
		),
	);
	const names = chains.map(hexOf);
	const smaller = [...names].sort()[0] ?? '';
	for (const order of [chains, [...chains].reverse()]) {
		const verifier = fresh();
		for (const chain of order) await verifier.chain(chain);
		expect(verifier.certificateOf(till.device, names[1])?.rights).toEqual(['sell']);
		expect(verifier.certificateOf(till.device, names[0])?.rights).toEqual([...MANAGER_RIGHTS]);
		expect(verifier.certificateOf(till.device, '')).toEqual(verifier.certificateOf(till.device, smaller));
	}
});
