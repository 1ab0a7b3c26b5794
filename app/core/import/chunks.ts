/**
 * An import is many intents, for an entry has an end: so many products each, under a key that derives from the file and the rows.
 *
 * 1. The same file, read the same way, has the same chunks and keys: a retry doubles nothing, wherever the first try stopped.
 * 2. A chunk that reads differently has another key: a row that was bad until its tax rate was made is imported by the second try.
 */
import type { ProductDraft } from '#core/intent.ts';
import type { IntentKey } from '#schemas/ids.ts';

export interface ImportChunk {
	readonly key: IntentKey;
	readonly products: readonly ProductDraft[];
}

/** `most` products a chunk. `fileHash` is any stable name of the file's bytes. */
export function importChunks(fileHash: string, products: readonly ProductDraft[], most: number): readonly ImportChunk[] {
	return Array.from({ length: Math.ceil(products.length / most) }, (_, place): ImportChunk => {
		const from = place * most;
		const rows = products.slice(from, from + most);
		return { key: `import:${fileHash}:${from}-${from + rows.length}:${fingerprint(JSON.stringify(rows))}` as IntentKey, products: rows };
	});
}

/** FNV-1a, 32 bit. Two readings of one range of one file need only differ; they are a handful, and nobody gains from making them meet. */
export function fingerprint(text: string): string {
	let hash = 0x811c9dc5;
	for (let place = 0; place < text.length; place += 1) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
	return (hash >>> 0).toString(16).padStart(8, '0');
}
