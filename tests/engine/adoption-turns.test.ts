/** What is noted of a checkpoint that others signed is noted one after another: no word comes back that was done with. */
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { checkpointOf, type Checkpoint } from '#core/ledger/checkpoint.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import { createAdoption, type Adoption } from '#engine/adoption.ts';
import { signCheckpoint } from '#engine/signed-checkpoint.ts';
import type { Verifier } from '#engine/verify.ts';
import { decode, encode, hexOf } from '#schemas/cbor.ts';
import type { CheckpointOffer } from '#schemas/wire/checkpoint-offer.ts';
import { expect, test } from 'vitest';
import { openFloor } from '../support/shop-floor.ts';

const digest = createDigest();
const signer = async () => signerOf(await generateSigningKey(false));

interface Desk {
	readonly adoption: Adoption;
	readonly checkpoint: Checkpoint;
	/** The same figures, signed by another hub. */
	readonly other: CheckpointOffer;
	readonly notes: Map<string, Uint8Array>;
	/** The disk takes a moment for whatever is written from now on, until the answer is called. */
	holdDisk(): () => void;
}

/** A shop whose old entries are folded by the word of a hub, and are all on the disk. */
async function openDesk(): Promise<Desk> {
	const floor = openFloor({ A: 10 }, { signed: true });
	floor.sell(floor.till1, 'A');
	floor.meet();
	floor.sell(floor.hub, 'A');
	const deps = { store: floor.shop.store, branch: floor.shop.branch };
	const checkpoint = checkpointOf(floor.ledger(), deps, floor.shop.nowMs + 1);
	if (checkpoint === undefined) throw new Error('nothing to cut');
	const signedBy = async () => signCheckpoint(checkpoint, { signer: await signer(), digest, clock: { nowMs: () => 1 } });
	const [word, other] = [await signedBy(), await signedBy()];
	const notes = new Map<string, Uint8Array>();
	const cut = checkpoint.chains.map(({ device, scope, seq, hash }) => ({ device, scope, seq, hash }));
	notes.set('adopted', encode({ signed: hexOf(word.signed), hash: word.offer.hash, agreedBy: [], cut }));
	let disk: Promise<void> = Promise.resolve();
	const ledger = createRenewableLedger(deps);
	ledger.begin(checkpoint);
	const adoption = createAdoption({
		...{ ...deps, ledger, digest, keepsAll: true, checkpointCache: 'checkpoint' },
		entryStore: {
			getCache: (name) => Promise.resolve(notes.get(name)),
			async setCache(name, bytes) {
				await disk;
				notes.set(name, bytes);
			},
		},
		verifier: {
			certificateOf: () => ({ role: 'hub', branch: deps.branch }),
			unproven: (sealed: Uint8Array) => Promise.resolve(floor.shop.entries.find((entry) => entry.sealed === sealed)),
		} as unknown as Verifier,
		chain: (device, scope, fromSeq) =>
			Promise.resolve(
				floor.shop.entries
					.filter(({ header }) => header.device === device && header.scope === scope && header.seq >= fromSeq)
					.map(({ sealed }) => sealed),
			),
		readAll: () => Promise.resolve(floor.shop.entries),
		certify: () => Promise.resolve(),
		onBegun: () => undefined,
		onRecomputed: () => undefined,
		onDiffers: (words) => {
			throw new Error(words);
		},
		onChanged: () => undefined,
	});
	await adoption.load();
	expect(adoption.now()).toMatchObject({ issuer: word.offer.issuer });
	return {
		...{ adoption, checkpoint, notes, other: other.offer },
		holdDisk() {
			const held = Promise.withResolvers<undefined>();
			disk = held.promise.then(() => undefined);
			return () => {
				held.resolve(undefined);
			};
		},
	};
}

const turns = async (): Promise<void> => {
	for (let turn = 0; turn < 20; turn += 1) await new Promise((go) => setTimeout(go));
};

test('somebody agrees while it is recomputed: recomputed it is, and stays so after a restart', async () => {
	const { adoption, other, notes, holdDisk } = await openDesk();
	const goOn = holdDisk();
	const recomputed = adoption.locate();
	await turns();
	const agreed = adoption.compare(other);
	goOn();
	await Promise.all([recomputed, agreed]);
	expect([adoption.now(), adoption.isPartial(), notes.get('adopted')?.length]).toEqual([undefined, false, 0]);
});

test('somebody agrees while more leaves the disk: what is noted is where the record begins now', async () => {
	const { adoption, checkpoint, other, notes, holdDisk } = await openDesk();
	const left = Promise.withResolvers<undefined>();
	const pruned = adoption.standBy({ ...checkpoint, chains: checkpoint.chains.slice(0, 1) }, async ([name, bytes]) => {
		await left.promise;
		notes.set(name, bytes);
	});
	await turns();
	const goOn = holdDisk();
	const agreed = adoption.compare(other);
	left.resolve(undefined);
	await pruned;
	goOn();
	await agreed;
	expect(decode(notes.get('adopted') ?? new Uint8Array())).toMatchObject({ agreedBy: [other.issuer], cut: [{ seq: checkpoint.chains[0]?.seq }] });
});
