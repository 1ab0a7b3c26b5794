/**
 * Bytes from the other side as a message of automerge-repo's websocket protocol, or the reason why they are none. Nothing else reaches automerge-repo,
 * where one CBOR `null` ends the process, be it a relay's or a hub's, and a `join` under another's name closes the other's socket.
 */
import { decode } from 'cborg';
import * as v from 'valibot';
import { MAX_DIRECT_BYTES } from '#schemas/wire/direct.ts';
import { DOCUMENT_ID, readLaneFrame, type LaneFrame } from './lane-frame.ts';

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const bytes = v.pipe(v.instance(Uint8Array), v.minLength(1));
const names = { senderId: text, targetId: text };
const about = { ...names, documentId: v.pipe(v.string(), v.regex(DOCUMENT_ID)) };
const metadata = v.optional(v.object({ storageId: v.optional(text), isEphemeral: v.optional(v.boolean()) }));

const documentMessages = [
	v.object({ type: v.literal('sync'), ...about, data: bytes }),
	v.object({ type: v.literal('request'), ...about, data: bytes }),
	v.object({ type: v.literal('ephemeral'), ...about, data: bytes, count: v.pipe(v.number(), v.safeInteger(), v.minValue(0)), sessionId: text }),
	v.object({ type: v.literal('doc-unavailable'), ...about }),
	/** Ours, beside the documents (`schemas/wire/direct.ts`). */
	v.object({ type: v.literal('direct'), ...names, data: v.pipe(bytes, v.maxLength(MAX_DIRECT_BYTES)) }),
] as const;

const clientMessage = v.variant('type', [
	v.object({ type: v.literal('join'), senderId: text, peerMetadata: metadata, supportedProtocolVersions: v.optional(v.array(text)) }),
	...documentMessages,
]);
export type ClientMessage = v.InferOutput<typeof clientMessage>;

export interface FrameRules {
	/** The repo peer that the upgrade admitted. */
	readonly repoPeer: string;
	readonly self: string;
}

export type CheckedFrame =
	| { readonly pass: ClientMessage | LaneFrame }
	/** Lawful but of no use here: a kind that we do not speak. */
	| { readonly skip: string }
	/**
	 * No honest client sends this. The reason is a sentence of ours and fits a closing frame (123 bytes): with a client's own words in it, `ws` throws,
	 * and the process ends.
	 */
	| { readonly close: string };

export function checkFrame(frame: Uint8Array, { repoPeer, self }: FrameRules, hasJoined: boolean): CheckedFrame {
	const said = hasJoined ? readLaneFrame(frame) : undefined;
	if (said?.targetId === self && said.senderId !== self) return { pass: said };
	let decoded: unknown;
	try {
		decoded = decode(frame, { rejectDuplicateMapKeys: true });
	} catch {
		return { close: 'a frame that is not CBOR' };
	}
	if (isOtherKind(decoded)) return { skip: 'a kind of message that is not used here' };
	const parsed = v.safeParse(clientMessage, decoded);
	if (!parsed.success) return { close: 'not a message' };
	const message = parsed.output;
	if (message.type === 'join') {
		if (hasJoined) return { close: 'joined twice' };
		return message.senderId === repoPeer ? { pass: message } : { close: 'joined under another name than the one that was admitted' };
	}
	if (!hasJoined) return { close: 'spoke before joining' };
	if (message.targetId !== self) return { close: 'a message for somebody else' };
	if (message.senderId === self) return { close: 'a message under the relay’s own name' };
	// An ephemeral message keeps its author's name while others pass it on; what it carries proves itself.
	if (message.type !== 'ephemeral' && message.senderId !== repoPeer) return { close: 'a message under the name of another peer' };
	return { pass: message };
}

const relayMessage = v.variant('type', [
	v.object({ type: v.literal('peer'), ...names, peerMetadata: metadata, selectedProtocolVersion: text }),
	v.object({ type: v.literal('error'), ...names, message: v.string() }),
	...documentMessages,
]);

/** Whether a frame from the relay may reach automerge-repo's client. `relay`: its name, once it has said it. */
export function isRelayFrame(frame: Uint8Array, self: string, relay: string | undefined): boolean {
	let decoded: unknown;
	try {
		decoded = decode(frame, { rejectDuplicateMapKeys: true });
	} catch {
		return false;
	}
	const parsed = v.safeParse(relayMessage, decoded);
	if (!parsed.success || parsed.output.targetId !== self) return false;
	const { type, senderId } = parsed.output;
	if (type === 'error') return true;
	// It introduces itself once; from then on it speaks under that name, and passes on what others said on the lane.
	if (type === 'peer') return relay === undefined && senderId !== self;
	return relay !== undefined && (type === 'ephemeral' || senderId === relay);
}

/** Gossip about remote heads is a feature that we do not turn on; a client of another version may send it. */
function isOtherKind(decoded: unknown): boolean {
	const type: unknown = typeof decoded === 'object' && decoded !== null && 'type' in decoded ? decoded.type : undefined;
	return type === 'remote-heads-changed' || type === 'remote-subscription-change' || type === 'leave';
}
