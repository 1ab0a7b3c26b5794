/** Who is shown the codes that let a device in, over links that anybody may have named as he likes. */
import { createCipher } from '#adapters/keys-webcrypto/cipher-webcrypto.ts';
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { issueCertificate } from '#engine/certify.ts';
import { createJoinCodes, type JoinCodes, type JoinCodesDeps } from '#engine/join-codes.ts';
import { createVerifier } from '#engine/verify.ts';
import type { Documents, Signer } from '#ports';
import { bytesOfHex, decode, encode } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import { HUB_RIGHTS, MANAGER_RIGHTS, SELLING_RIGHTS } from '#schemas/rights.ts';
import { directMessage, type DirectMessage } from '#schemas/wire/direct.ts';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';
import { openSealingShop } from '../support/sealing-till.ts';

const SHOWN = { code: 'K7QM-42XR', setup: 'holdfast:1/…/' };

interface Peer {
	readonly codes: JoinCodes;
	readonly sent: (readonly [to: string, message: DirectMessage])[];
	hear(message: DirectMessage, from: string): void;
	link(to: string, isLinked?: boolean): void;
	pass(ms: number): Promise<void>;
}

async function openShop() {
	const shop = await openSealingShop();
	const [hub, managers, selling, gone, elsewhere] = (await Promise.all(
		Array.from({ length: 5 }, async (_, place) => (place === 0 ? shop.hub : signerOf(await generateSigningKey(false)))),
	)) as [Signer, Signer, Signer, Signer, Signer];
	const other = 'ee'.repeat(16);
	const places = new Map<Signer, Partial<Certificate> & { readonly standing?: string }>([
		[hub, { role: 'hub', rights: [...HUB_RIGHTS] }],
		[managers, { rights: [...MANAGER_RIGHTS] }],
		[selling, { rights: [...SELLING_RIGHTS] }],
		[gone, { rights: [...MANAGER_RIGHTS], standing: 'revoked' }],
		[elsewhere, { rights: [...MANAGER_RIGHTS], branch: other as Certificate['branch'] }],
	]);
	const devices = new Map(
		[...places].map(([{ device }, place]) => [device, { role: 'till', standing: 'active', branch: shop.branch, device, ...place }] as const),
	);
	const peerOf = ({ device }: Signer): string => `peer-of-${device.slice(0, 16)}`;

	async function open(signer: Signer, codes?: JoinCodesDeps['codes']): Promise<Peer> {
		const verifier = createVerifier({ digest: createDigest(), store: shop.store });
		await verifier.chain(shop.hubChain);
		for (const one of [managers, selling, gone, elsewhere])
			await verifier.chain(await issueCertificate(shop.certificate(one, { rights: [...SELLING_RIGHTS] }), shop.hub, shop.hubChain));
		const [direct, linked]: [Parameters<Documents['onDirect']>[0][], Parameters<Documents['onLinked']>[0][]] = [[], []];
		const sent: [string, DirectMessage][] = [];
		const time = createManualTime();
		const joinCodes = createJoinCodes({
			documents: {
				onDirect: (listener) => direct.push(listener),
				onLinked: (listener) => linked.push(listener),
				sendTo: (to, message) => sent.push([to, v.parse(directMessage, decode(encode(message)))]),
			},
			...{ ledger: { store: shop.store, branch: shop.branch, state: { devices } as never }, verifier, cipher: createCipher() },
			...{ signer, timers: time.timers, codes },
		});
		return {
			...{ codes: joinCodes, sent },
			hear(message, from) {
				for (const listener of direct) listener(message, from);
			},
			link(to, isLinked = true) {
				for (const listener of linked) listener(to, isLinked);
			},
			pass: (ms) => time.pass(ms),
		};
	}

	/** Both ends over links under these names; resolves with what the till is shown. */
	async function ask(signer: Signer, at: Signer = hub) {
		const [till, server] = [await open(signer), await open(at, () => SHOWN)];
		till.link(peerOf(at));
		const answered = till.codes.ask('manager');
		await expect.poll(() => till.sent.length).toBe(1);
		const [, question] = till.sent[0] as (typeof till.sent)[0];
		server.hear(question, peerOf(signer));
		await expect.poll(() => server.sent.length).toBe(1);
		const [, answer] = server.sent[0] as (typeof server.sent)[0];
		till.hear(answer, peerOf(at));
		return { shown: await answered, question, answer };
	}

	return { hub, managers, selling, gone, elsewhere, open, ask, peerOf };
}

test('1: a hub shows its codes to a till of its branch that may let devices in, and to no other', async () => {
	const { managers, selling, gone, elsewhere, ask } = await openShop();
	expect((await ask(managers)).shown).toEqual(SHOWN);
	for (const one of [selling, gone, elsewhere]) expect((await ask(one)).shown).toBe('not-allowed');
});

test('2: whoever sends a manager’s question again, under any name, gets what he cannot read', async () => {
	const { hub, managers, selling, open, ask, peerOf } = await openShop();
	const { question } = await ask(managers);
	const server = await open(hub, () => SHOWN);
	server.hear(question, peerOf(selling));
	await expect.poll(() => server.sent.length).toBe(1);
	const [to, answer] = server.sent[0] as (typeof server.sent)[0];
	expect(to).toBe(peerOf(selling));
	if (answer.t !== 'code' || answer.signed === undefined) throw new Error('the hub has not answered');
	expect(Buffer.from(bytesOfHex(answer.signed)).toString('latin1')).not.toContain(SHOWN.code);
	const thief = await open(selling);
	thief.link(peerOf(hub));
	const stolen = thief.codes.ask('manager');
	await expect.poll(() => thief.sent.length).toBe(1);
	thief.hear({ ...answer, id: 1 }, peerOf(hub));
	expect(await stolen).toBe('nobody');
	// What is signed by somebody else than it names is no question.
	const forged = { ...question, signed: answer.signed } as DirectMessage;
	server.hear(forged, peerOf(managers));
	await expect.poll(() => server.sent.length).toBe(2);
	expect(server.sent[1]?.[1]).not.toHaveProperty('signed');
});

test('3: a till that plays the hub is not believed, and who is silent is waited for a moment', async () => {
	const { hub, managers, selling, open, peerOf } = await openShop();
	const till = await open(managers);
	till.link(peerOf(selling));
	expect(await till.codes.ask('selling')).toBe('nobody');
	expect(till.sent).toEqual([]);

	const player = await open(selling, () => SHOWN);
	till.link(peerOf(hub));
	const answered = till.codes.ask('selling');
	await expect.poll(() => till.sent.length).toBe(1);
	player.hear((till.sent[0] as (typeof till.sent)[0])[1], peerOf(managers));
	await expect.poll(() => player.sent.length).toBe(1);
	till.hear((player.sent[0] as (typeof player.sent)[0])[1], peerOf(hub));
	expect(await answered).toBe('nobody');

	const unanswered = till.codes.ask('selling');
	await expect.poll(() => till.sent.length).toBe(2);
	await till.pass(2_500);
	expect(await unanswered).toBe('nobody');
});
