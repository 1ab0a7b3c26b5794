/**
 * Watermarks as bytes: signed by a hub or the relay, checked by everybody else.
 *
 * 1. An issuer's watermarks grow in `hlc`, across restarts too, and over the last one that anybody shows it: the newest rules, even when it covers less than
 *    the one before.
 * 2. Nothing is taken from bytes whose signature does not verify. Whether the issuer may speak for its tier is asked of the ledger, by the caller.
 */
import { latestHlc, NO_HLC, tickHlc } from '#core/entry/hlc.ts';
import type { Clock, Digest, Signer } from '#ports';
import type { BranchId, StoreId } from '#schemas/ids.ts';
import type { Hlc, Mark } from '#schemas/mark.ts';
import { watermark as watermarkSchema, type Watermark } from '#schemas/wire/watermark.ts';
import { issuedBy, openSignedBody, signBody } from './signed-body.ts';

export interface SignedWatermark {
	readonly watermark: Watermark;
	/** CBOR [body, signature]. */
	readonly signed: Uint8Array;
}

export interface WatermarkIssuerDeps {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly tier: Watermark['tier'];
	/** With `key`, which it then names: a relay that has renewed its own. */
	readonly signer: Signer;
	readonly clock: Clock;
}

/**
 * Answers a function that signs "on my disk up to these marks". `after` is the `hlc` of the last one issued before a restart, where it is known; `shown` that
 * of one which others hold, where this disk was put back to before it.
 */
export function createWatermarkIssuer({ store, branch, tier, signer, clock }: WatermarkIssuerDeps, after: Hlc = NO_HLC) {
	let last = after;
	return async (marks: readonly Mark[], shown: Hlc = NO_HLC, full?: Watermark['full']): Promise<SignedWatermark> => {
		last = tickHlc(latestHlc(last, shown), clock.nowMs());
		const watermark: Watermark = {
			...{ v: 1, store, branch, ...issuedBy(signer), tier, hlc: last, marks: [...marks] },
			...(full === undefined ? {} : { full }),
		};
		return { watermark, signed: await signBody(watermark, signer) };
	};
}

/** The watermark in these bytes if its issuer signed it; undefined for anything else. */
export async function openWatermark(signed: Uint8Array, digest: Digest): Promise<SignedWatermark | undefined> {
	const watermark = await openSignedBody(signed, watermarkSchema, digest);
	return watermark && { watermark, signed };
}

/** How many entries the newer watermark no longer covers: its issuer was put back to an older copy. */
export function entriesLost(before: Watermark, now: Watermark): number {
	const seqNow = new Map<string, number>();
	for (const { device, scope, seq } of now.marks) seqNow.set(`${device}:${scope}`, Math.max(seq, seqNow.get(`${device}:${scope}`) ?? 0));
	const seqBefore = new Map<string, number>();
	for (const { device, scope, seq } of before.marks) seqBefore.set(`${device}:${scope}`, Math.max(seq, seqBefore.get(`${device}:${scope}`) ?? 0));
	return [...seqBefore].reduce((lost, [chain, seq]) => lost + Math.max(0, seq - (seqNow.get(chain) ?? 0)), 0);
}
