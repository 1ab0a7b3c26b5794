/**
 * A checkpoint as its signer offers it, and as a newcomer opens it.
 *
 * 1. Nothing is taken from bytes whose signature, length or hash does not fit. Whether the signer may speak is asked of what the checkpoint itself proves, by
 *    the caller: its roster is made of signed entries, and needs nobody's word.
 */
import type { Checkpoint } from '#core/ledger/checkpoint.ts';
import type { Clock, Digest, Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import { checkpointOffer, type CheckpointOffer } from '#schemas/wire/checkpoint-offer.ts';
import { encodeCheckpoint } from './checkpoints.ts';
import { issuedBy, openSignedBody, signBody } from './signed-body.ts';

export interface SignedCheckpoint {
	readonly offer: CheckpointOffer;
	/** CBOR [body, signature]. */
	readonly signed: Uint8Array;
}

export async function signCheckpoint(
	checkpoint: Checkpoint,
	{ signer, digest, clock }: { readonly signer: Signer; readonly digest: Digest; readonly clock: Clock },
): Promise<SignedCheckpoint & { readonly bytes: Uint8Array }> {
	const bytes = encodeCheckpoint(checkpoint);
	const offer: CheckpointOffer = {
		...{ v: 1, store: checkpoint.store, branch: checkpoint.branch, ...issuedBy(signer), fold: checkpoint.fold, at: clock.nowMs() },
		...{ last: checkpoint.last.hash, lastMs: checkpoint.last.header.hlc[0], hash: hexOf(await digest.sha256(bytes)), bytes: bytes.length },
	};
	return { offer, bytes, signed: await signBody(offer, signer) };
}

/** The offer in these bytes if its issuer signed it; undefined for anything else. */
export async function openOffer(signed: Uint8Array, digest: Digest): Promise<SignedCheckpoint | undefined> {
	const offer = await openSignedBody(signed, checkpointOffer, digest);
	return offer && { offer, signed };
}
