/**
 * A checkpoint as its signer offers it, and as a newcomer opens it.
 *
 * 1. Nothing is taken from bytes whose signature, length or hash does not fit. Whether the signer may speak is asked of what the checkpoint itself proves, by
 *    the caller: its roster is made of signed entries, and needs nobody's word.
 */
import type { Checkpoint } from '#core/ledger/checkpoint.ts';
import type { Clock, Digest, Signer } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import { checkpointOffer, type CheckpointOffer } from '#schemas/wire/checkpoint-offer.ts';
import * as v from 'valibot';
import { encodeCheckpoint } from './checkpoints.ts';

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
		...{ v: 1, store: checkpoint.store, branch: checkpoint.branch, issuer: signer.device, fold: checkpoint.fold, at: clock.nowMs() },
		...{ last: checkpoint.last.hash, lastMs: checkpoint.last.header.hlc[0], hash: hexOf(await digest.sha256(bytes)), bytes: bytes.length },
	};
	const body = encode(offer);
	return { offer, bytes, signed: encode([hexOf(body), hexOf(await signer.sign(body))]) };
}

/** The offer in these bytes if its issuer signed it; undefined for anything else. */
export async function openOffer(signed: Uint8Array, digest: Digest): Promise<SignedCheckpoint | undefined> {
	const parts = v.safeParse(signedParts, decode(signed));
	if (!parts.success) return undefined;
	const body = bytesOfHex(parts.output[0]);
	const parsed = v.safeParse(checkpointOffer, decode(body));
	if (!parsed.success) return undefined;
	return (await digest.verify(parsed.output.issuer, body, bytesOfHex(parts.output[1]))) ? { offer: parsed.output, signed } : undefined;
}

const signedParts = v.strictTuple([v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/)), v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/))]);
