/**
 * The first message on a LAN link, both ways, before anything else is believed: who I am, and what I hold.
 *
 * The certificate proves membership; `peer` in it must be the libp2p peer id that the encrypted connection authenticated, so no further signature
 * is needed. A hello that does not verify ends the connection.
 */
import * as v from 'valibot';
import { storeId } from '../ids.ts';
import { mark } from '../mark.ts';

/** Raised when two versions could misunderstand each other. A peer of another major version is told to update and not spoken to. */
export const PROTOCOL_VERSION = 1;
export const LAN_PROTOCOL = '/holdfast/link/1';
export const ENROL_PROTOCOL = '/holdfast/enrol/1';

export const hello = v.strictObject({
	v: v.literal(PROTOCOL_VERSION),
	store: storeId,
	/** The sender's certificate chain, CBOR as hex. */
	chain: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(8192)),
	/** Peer id of the sender in automerge-repo: every later frame must carry it. A new one after a restart of its replica means a new hello. */
	repoPeer: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
	/** What automerge-repo wants to know of a peer (`PeerMetadata`). */
	storageId: v.optional(v.pipe(v.string(), v.maxLength(100))),
	isEphemeral: v.optional(v.boolean()),
	/** What the sender holds, the receiver's own chains among it: a device that finds itself behind was restored from a backup. */
	marks: v.pipe(v.array(mark), v.maxLength(2000)),
});
export type Hello = v.InferOutput<typeof hello>;
