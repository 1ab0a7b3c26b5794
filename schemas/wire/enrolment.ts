/**
 * How a device gets its certificate: over HTTP from the hub that served it the app, or by webrtc-direct (`ENROL_PROTOCOL`) from a hub whose setup code it has.
 * Bodies are JSON.
 *
 *   POST /enrol/claim  { kind: 'demo' | 'new', claimCode?, shop…, device… }   on an unclaimed hub: from the same machine, or with the code in its terminal
 *   POST /enrol/join   { code, device… }                                      on a hub with a shop: single use, ten minutes, five wrong tries
 *   → 200 enrolled · 4xx { error, why }: a sentence that says what to do, and its name
 */
import * as v from 'valibot';
import { role } from '../certificate.ts';
import { branchId, deviceId, storeId } from '../ids.ts';
import { currency } from '../numbers.ts';
import { taxRate } from '../facts/setting-changed.ts';
import { words } from '../facts/define.ts';
import { hubRefusal } from './hub-refusal.ts';

/** GET /enrol/removed?device=<id>: the entries that removed it, as a journal (`documents/journal-file.ts`), for the device itself; 404 while it belongs. */
export const REMOVED_PATH = '/enrol/removed';

/**
 * POST /enrol/renewed { chain }: the certificate chain, CBOR as hex, of a device of the shop that has renewed its keys. A hub links with network keys that it knows, and
 * may not have heard of this one.
 */
export const RENEWED_PATH = '/enrol/renewed';
export const renewedRequest = v.strictObject({ chain: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(8192)) });

const device = {
	device: deviceId,
	/** libp2p peer id of the network key. */
	peer: v.pipe(v.string(), v.minLength(20), v.maxLength(100)),
	/** Ed25519 by the device over the UTF-8 text `holdfast enrol <peer> <nonce>`; the nonce is from GET /enrol/nonce, single use. */
	proof: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
	nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
};

export function enrolProofText(peer: string, nonce: string): string {
	return `holdfast enrol ${peer} ${nonce}`;
}

export const claimRequest = v.strictObject({
	...device,
	kind: v.picklist(['demo', 'new']),
	claimCode: v.optional(words(20)),
	/** For `new`; a demo shop brings its own. */
	shop: v.optional(
		v.strictObject({
			storeName: v.pipe(words(80), v.minLength(1)),
			branchName: v.pipe(words(80), v.minLength(1)),
			currency,
			taxRates: v.pipe(v.array(taxRate), v.minLength(1), v.maxLength(20)),
			timeZone: v.pipe(words(60), v.minLength(1)),
			/** In the language that the shop was made in. */
			receiptFooter: v.optional(words(400)),
		}),
	),
});
export type ClaimRequest = v.InferOutput<typeof claimRequest>;

export const joinRequest = v.strictObject({
	...device,
	code: v.pipe(words(20), v.minLength(1)),
	/** Absent: a till. A hub shares the work of the one that lets it in. */
	role: v.optional(role),
});
export type JoinRequest = v.InferOutput<typeof joinRequest>;

/** By webrtc-direct: each question gets one answer, on one stream, each a length-prefixed JSON text. */
export const enrolQuestion = v.variant('t', [
	v.strictObject({ t: v.literal('ask') }),
	v.strictObject({ t: v.literal('join'), request: joinRequest }),
]);
export type EnrolQuestion = v.InferOutput<typeof enrolQuestion>;

export const enrolled = v.strictObject({
	store: storeId,
	branch: branchId,
	root: deviceId,
	/** 0: a hub, which has no number. */
	till: v.pipe(v.number(), v.safeInteger()),
	/** The new device's certificate chain, CBOR as hex. */
	chain: v.string(),
	/** Chains of the devices of the branch, so that the newcomer knows whom to believe. */
	certificates: v.array(v.string()),
});
export type Enrolled = v.InferOutput<typeof enrolled>;

/** GET /hub.json */
export const hubInfo = v.strictObject({
	protocolVersion: v.number(),
	/** An unclaimed hub has no store yet. */
	claimed: v.boolean(),
	/** Whether the asking browser may claim without the code: it runs on the same machine. */
	local: v.boolean(),
	peer: v.string(),
	/** libp2p addresses that a browser on the asking host's name can dial. */
	multiaddrs: v.array(v.string()),
	store: v.optional(storeId),
	storeName: v.optional(v.string()),
	branch: v.optional(branchId),
	branchName: v.optional(v.string()),
	demo: v.optional(v.boolean()),
});
export type HubInfo = v.InferOutput<typeof hubInfo>;

export const enrolAnswer = v.variant('t', [
	v.strictObject({ t: v.literal('hub'), info: hubInfo, nonce: v.string() }),
	v.strictObject({ t: v.literal('enrolled'), enrolled }),
	v.object({ t: v.literal('refused'), ...hubRefusal.entries }),
]);
export type EnrolAnswer = v.InferOutput<typeof enrolAnswer>;
