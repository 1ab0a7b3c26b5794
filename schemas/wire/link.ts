/**
 * What two LAN peers say on the stream of `LAN_PROTOCOL`: messages of [4 bytes length, big-endian][1 byte kind][payload].
 *
 * Kind 0 is a control message, deterministic CBOR of one of the shapes below; the first message each way is a hello. Kind 1 is an automerge-repo
 * message as automerge-repo encodes it. Any other kind is dropped: a newer peer may know more.
 */
import * as v from 'valibot';
import { deviceId } from '../ids.ts';
import { hubPlace } from './hub-place.ts';

export const CONTROL_KIND = 0;
export const FRAME_KIND = 1;

/** A hello with 2,000 marks of ~85 bytes and a chain of 4 KiB. Nobody who has not said hello may send more at once. */
export const MAX_HELLO_BYTES = 512 * 1024;
/** A whole segment in one sync message: 1,000 entries, which are ~1 KiB each and at most 256 KiB. */
export const MAX_FRAME_BYTES = 32 * 1024 * 1024;

/** libp2p peer id, base58. */
const peer = v.pipe(v.string(), v.regex(/^[1-9A-HJ-NP-Za-km-z]{20,100}$/));

export const linkMessage = v.variant('t', [
	/** Its `hello` is looked at by version first, so that a newer one is told to update instead of being called broken. */
	v.object({ t: v.literal('hello'), hello: v.unknown() }),
	/** Who else is linked to the sender now: whom the receiver may reach through it. A hint; every one of them still has to prove itself. */
	v.strictObject({
		t: v.literal('peers'),
		peers: v.pipe(v.array(v.strictObject({ device: deviceId, peer, role: v.picklist(['till', 'hub']) })), v.maxLength(500)),
	}),
	/** Said by hubs: where hubs of the branch are by webrtc-direct, the sender first. A hint, like `peers`. */
	v.strictObject({ t: v.literal('hubs'), hubs: v.pipe(v.array(hubPlace), v.maxLength(32)) }),
	/** Sign of life. */
	v.strictObject({ t: v.literal('beat') }),
	/** The last message before the sender closes; words of `Goodbye`, or of a newer version. */
	v.strictObject({ t: v.literal('bye'), reason: v.pipe(v.string(), v.maxLength(80)) }),
]);
export type LinkMessage = v.InferOutput<typeof linkMessage>;
export type LinkedPeer = Extract<LinkMessage, { t: 'peers' }>['peers'][number];

/** Why a link was refused or ended by its other side. */
export type Goodbye =
	| 'update'
	| 'other-store'
	| 'other-branch'
	| 'not-certified'
	| 'certificate-of-another-peer'
	| 'revoked'
	/** Of a device that has renewed its keys: the old ones, or a copy of them, let nobody in. */
	| 'key-given-up'
	| 'repo-peer-taken'
	| 'malformed'
	| 'too-slow'
	| 'silent'
	| 'replaced'
	| 'stopped';
