/** Document ids are derived, never drawn: whoever knows what a document is about knows its id, and nobody can hide or dispute one. */
import { parseAutomergeUrl, stringifyAutomergeUrl, type AutomergeUrl, type BinaryDocumentId } from '@automerge/automerge-repo/slim';
import type { Digest } from '#ports';
import { encode } from '#schemas/cbor.ts';

/** The first 16 bytes of SHA-256 over the deterministic CBOR of the preimage; `text` is how automerge-repo writes it. */
export async function documentIdOf(
	preimage: readonly (string | number)[],
	digest: Digest,
): Promise<{ readonly url: AutomergeUrl; readonly text: string }> {
	const bytes = (await digest.sha256(encode(preimage))).slice(0, 16);
	const url = stringifyAutomergeUrl(bytes as BinaryDocumentId);
	return { url, text: parseAutomergeUrl(url).documentId };
}
