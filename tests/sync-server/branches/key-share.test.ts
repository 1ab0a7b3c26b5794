/** What the relay carries of keys, between branches of one store. */
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { signBody } from '#engine/signed-body.ts';
import type { Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { StoreId } from '#schemas/ids.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import { KEY_PARTS, PART_HASH_HEX, type KeyAnswer, type KeyAsk } from '#schemas/wire/keys.ts';
import { createKeyShare, type KeyMember } from '#server/branches/key-share.ts';
import { expect, test } from 'vitest';

const [OURS, THEIRS] = ['5e'.repeat(16), 'ee'.repeat(16)] as [StoreId, StoreId];

interface Member extends KeyMember {
	readonly signer: Signer;
	readonly sent: DirectMessage[];
}

async function memberOf(store: StoreId): Promise<Member> {
	const signer = await signerOf(await generateSigningKey(false));
	const sent: DirectMessage[] = [];
	return {
		...{ store, signer, sent, linked: new Map([['peer', { device: signer.device, key: signer.device }]]) },
		...{ isHub: () => true, sendTo: (_peer, message) => void sent.push(message) },
	};
}

async function askOf({ store, signer }: Member, box: string): Promise<DirectMessage> {
	const body: KeyAsk = { v: 1, what: 'want-keys', store, issuer: signer.device, box, have: '0'.repeat(KEY_PARTS * PART_HASH_HEX), from: 0 };
	return { t: 'want-keys', id: 1, signed: hexOf(await signBody(body, signer)) };
}

async function answerOf({ store, signer }: Member, to: string): Promise<DirectMessage> {
	const body: KeyAnswer = { v: 1, what: 'keys', store, issuer: signer.device, to, sealed: '00' };
	return { t: 'keys', id: 1, signed: hexOf(await signBody(body, signer)) };
}

test('whoever asks under ten thousand names makes the relay forget nobody else', async () => {
	const share = createKeyShare({
		digest: createNodeDigest(),
		onFailed(error) {
			throw error as Error;
		},
	});
	const [asking, answering] = [await memberOf(OURS), await memberOf(OURS)];
	const [flooding, flooded] = [await memberOf(THEIRS), await memberOf(THEIRS)];
	for (const member of [asking, answering, flooding, flooded]) share.add(member);
	const box = 'b0'.repeat(32);
	share.hear(await askOf(asking, box), asking, 'peer');
	await expect.poll(() => answering.sent.length).toBe(1);
	for (let n = 0; n <= 10_000; n += 1) share.hear(await askOf(flooding, n.toString(16).padStart(64, '0')), flooding, 'peer');
	await expect.poll(() => flooded.sent.length).toBe(10_001);
	share.hear(await answerOf(answering, box), answering, 'peer');
	await expect.poll(() => asking.sent.map(({ t }) => t)).toEqual(['keys']);
});
