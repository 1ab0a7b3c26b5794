/** What can be said of a chain of certificates without any cryptography: the numbered invariants of `core/entry/certificate.ts`. */
import { chainProblem, decodeChain, encodeCertificateBody, encodeChain, rootOfChain, type SignedCertificate } from '#core/entry/certificate.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import { HUB_RIGHTS, MANAGER_RIGHTS } from '#schemas/rights.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const store = 'ab'.repeat(16) as StoreId;
const root = '00'.repeat(32) as DeviceId;
const hub = '11'.repeat(32) as DeviceId;
const till = '22'.repeat(32) as DeviceId;

function certificate(change: Partial<Certificate> = {}): SignedCertificate {
	const content: Certificate = {
		v: 1,
		store,
		branch: 'cd'.repeat(16) as BranchId,
		device: till,
		peer: '12D3KooWabcdefghijklmnop',
		role: 'till',
		name: 'Till 1',
		till: 1,
		rights: [...MANAGER_RIGHTS],
		issuer: hub,
		issuedAtMs: 1,
		...change,
	};
	return { certificate: content, body: new Uint8Array(encodeCertificateBody(content)), signature: new Uint8Array(64), renewals: [] };
}

const hubCertificate = (change: Partial<Certificate> = {}): SignedCertificate =>
	certificate({ device: hub, role: 'hub', name: 'Hub', rights: [...HUB_RIGHTS], issuer: root, ...change });

test('1: a till’s chain up to the root, as bytes and back', () => {
	const chain = [certificate(), hubCertificate()];
	expect(decodeChain(encodeChain(chain))).toEqual(chain);
	expect(chainProblem(chain, store, true)).toBeUndefined();
	expect(rootOfChain(chain)).toBe(root);
});

test.each<[string, SignedCertificate[], boolean]>([
	['no certificate', [], true],
	["not signed by this store's root key", [certificate(), hubCertificate()], false],
	['a certificate of another store', [certificate({ store: 'ee'.repeat(16) as StoreId }), hubCertificate()], true],
	['the certificates do not follow from each other', [certificate({ issuer: '33'.repeat(32) as DeviceId }), hubCertificate()], true],
	['issued by a device that may not enrol', [certificate(), hubCertificate({ rights: ['sell'] })], true],
	[
		'grants the right "join-relay", which its issuer does not have',
		[certificate({ rights: ['join-relay'] }), hubCertificate({ rights: ['enrol'] })],
		true,
	],
	[
		'a hub that a till let in',
		[certificate({ device: '44'.repeat(32) as DeviceId, role: 'hub', issuer: till }), certificate(), hubCertificate()],
		true,
	],
	['one device twice in the chain', [certificate({ issuer: till }), certificate({ issuer: root })], true],
	['the root key is a device of its own chain', [certificate({ device: root, issuer: root })], true],
	['5 certificates, at most 4 are allowed', [certificate(), certificate(), certificate(), certificate(), certificate()], true],
])('2: %s', (problem, chain, rootIsStore) => {
	expect(chainProblem(chain, store, rootIsStore)).toBe(problem);
});

test('bytes that are no chain are no chain, and nothing throws', () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
			expect(decodeChain(bytes)).toBeUndefined();
		}),
	);
	expect(decodeChain(encodeChain([]))).toBeUndefined();
	expect(decodeChain(encodeChain([{ ...certificate(), body: new Uint8Array([1]) }]))).toBeUndefined();
});
