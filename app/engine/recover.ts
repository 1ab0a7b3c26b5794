/**
 * What a crash interrupted is run to its end: after `record`, the ledger, the lane and the segment document must hear of each entry, and they may not
 * have. At every start all own entries that are here go to the replica; hearing one twice changes nothing.
 */
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import type { Vault } from '#ports';
import { SCOPES } from '#schemas/ids.ts';

const PAGE = 500;

/** Hands the whole journal over, page by page, in the order of each chain. */
export async function recover(vault: Vault, hear: (sealed: readonly Uint8Array[]) => Promise<void>): Promise<void> {
	for (const scope of SCOPES) {
		for (let fromSeq = 1; ;) {
			const page = await vault.ownEntries(scope, fromSeq, PAGE);
			if (page.length > 0) await hear(page);
			if (page.length < PAGE) break;
			// Of a journal that was pruned the first page begins far above.
			fromSeq = Math.max(fromSeq + PAGE, 1 + (seqOf(page.at(-1)) ?? 0));
		}
	}
}

/** Undefined for bytes that are no entry any more: a broken disk, and the next page is where it was anyway. */
function seqOf(sealed: Uint8Array | undefined): number | undefined {
	const body = sealed === undefined ? undefined : splitSealed(sealed)?.body;
	const decoded = body === undefined ? undefined : decodeBody(body);
	return decoded === undefined || 'damaged' in decoded ? undefined : decoded.header.seq;
}
