/**
 * Bytes from a peer as an automerge-repo message, or the reason why they are none. Stands in front of the Repo: there one CBOR `null` or one document
 * id that is no id ends the process.
 *
 * 1. Decoded by a strict decoder (cborg: no tags, no records, no classes), although automerge-repo encodes with another: what it writes is plain CBOR.
 * 2. What comes out has exactly the fields of its kind, under the names that a Repo expects.
 * 3. `senderId` is the repo peer of the link's hello. Only an ephemeral message keeps its author's id while others pass it on, and never ours.
 */
import { isValidDocumentId, type DocumentId, type Message, type PeerId } from '@automerge/automerge-repo/slim';
import { decode } from 'cborg';
import * as v from 'valibot';
import { MAX_DIRECT_BYTES } from '#schemas/wire/direct.ts';

/** 16 bytes and their check are 28 characters of base58. Decoding it costs the square of its length, and one long frame would keep a hub busy for minutes. */
const MAX_ID_CHARACTERS = 64;
/** More than a branch has open. */
const MOST_IDS = 1_000;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const bytes = v.instance(Uint8Array);
const between = {
	senderId: text,
	targetId: text,
};
const aboutDocument = {
	...between,
	/** Whether it is one is asked below. */
	documentId: v.string(),
};
/** Automerge's sync messages begin with their type: 0x42 with changes, 0x43 with whole documents. */
const syncBytes = v.pipe(
	bytes,
	v.check((data) => data[0] === 0x42 || data[0] === 0x43, 'not a sync message'),
);
const storageIds = v.optional(v.pipe(v.array(text), v.maxLength(1000)));

const repoMessage = v.variant('type', [
	v.object({ type: v.literal('sync'), ...aboutDocument, data: syncBytes }),
	v.object({ type: v.literal('request'), ...aboutDocument, data: syncBytes }),
	v.object({
		type: v.literal('ephemeral'),
		...aboutDocument,
		data: bytes,
		count: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
		sessionId: text,
	}),
	v.object({ type: v.literal('doc-unavailable'), ...aboutDocument }),
	/** Ours, beside the documents (`schemas/wire/direct.ts`). */
	v.object({ type: v.literal('direct'), ...between, data: v.pipe(bytes, v.maxLength(MAX_DIRECT_BYTES)) }),
	v.object({ type: v.literal('remote-subscription-change'), ...between, add: storageIds, remove: storageIds }),
	v.object({
		type: v.literal('remote-heads-changed'),
		...aboutDocument,
		newHeads: v.record(text, v.object({ heads: v.pipe(v.array(text), v.maxLength(1000)), timestamp: v.number() })),
	}),
]);

/** `from` is the repo peer of the link, `self` ours. `ids`: of documents, asked before: two hashes each, for every frame would pay for them anew. */
export function parseRepoFrame(
	frame: Uint8Array,
	from: string,
	self: string,
	ids = new Set<string>(),
): { readonly message: Message } | { readonly dropped: string } {
	let decoded: unknown;
	try {
		decoded = decode(frame, { rejectDuplicateMapKeys: true });
	} catch {
		return { dropped: 'not CBOR' };
	}
	const parsed = v.safeParse(repoMessage, decoded);
	if (!parsed.success) return { dropped: `not an automerge-repo message: ${parsed.issues[0].message}` };
	const message = parsed.output;
	if ('documentId' in message && !isDocumentId(message.documentId, ids)) return { dropped: 'not an automerge-repo message: not a document id' };
	if (message.targetId !== self) return { dropped: 'not for us' };
	if (message.senderId === self) return { dropped: 'under our own name' };
	if (message.type !== 'ephemeral' && message.senderId !== from) return { dropped: 'under the name of another peer' };
	return { message: message as unknown as Message & { documentId?: DocumentId; senderId: PeerId } };
}

function isDocumentId(id: string, known: Set<string>): boolean {
	if (known.has(id)) return true;
	if (id.length > MAX_ID_CHARACTERS || !isValidDocumentId(id)) return false;
	if (known.size >= MOST_IDS) known.clear();
	known.add(id);
	return true;
}
