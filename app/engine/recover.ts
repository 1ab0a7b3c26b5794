/**
 * What a crash interrupted is run to its end: after `record`, the ledger, the lane and the segment document must hear of each entry, and they may not
 * have. At every start all own entries go to the replica; hearing one twice changes nothing.
 */
import type { Vault } from '#ports';
import { SCOPES } from '#schemas/ids.ts';

const PAGE = 500;

/** Hands the whole journal over, page by page, in the order of each chain. */
export async function recover(vault: Vault, hear: (sealed: readonly Uint8Array[]) => Promise<void>): Promise<void> {
	for (const scope of SCOPES) {
		for (let fromSeq = 1; ; fromSeq += PAGE) {
			const page = await vault.ownEntries(scope, fromSeq, PAGE);
			if (page.length > 0) await hear(page);
			if (page.length < PAGE) break;
		}
	}
}
