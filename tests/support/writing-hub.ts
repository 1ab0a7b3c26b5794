/** The hub of a sealing shop as it writes: one fact of the store at a time. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { isRefusal } from '#core/intent.ts';
import { createCommit } from '#engine/commit.ts';
import { createSealer } from '#engine/seal.ts';
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { nothingSeen, type SealingShop, type SealingTill } from './sealing-till.ts';

export interface WritingHub extends Pick<SealingTill, 'signer' | 'chain' | 'told'> {
	write(fact: Fact): Promise<Entry>;
}

export async function writingHub({ store, hub: signer, hubChain: chain }: SealingShop, nowMs = Date.now): Promise<WritingHub> {
	const [vault, digest, told] = [createMemoryVault(), createDigest(), [] as Entry[]];
	const ownership = await vault.takeOwnership();
	const commit = createCommit({
		...{ vault, digest, seen: nothingSeen, ownership: () => ownership },
		// No two of its entries in one millisecond.
		sealer: createSealer({ store, signer, digest, clock: { nowMs: () => nowMs() + told.length } }),
		day: () => ({ timeZone: 'Europe/London', dayStartMinutes: 0 }),
		onRecorded: (entries) => told.push(...entries),
	});
	return {
		...{ signer, chain, told },
		async write(fact) {
			const key = `the-hub-writes-${told.length}` as IntentKey;
			const done = await commit({ key, decide: () => ({ branch: [], store: [fact], takesReceipt: false }) });
			if (isRefusal(done) || 'trouble' in done) throw new Error(JSON.stringify(done));
			const [entry] = done.entries;
			if (entry === undefined) throw new Error('nothing was written');
			return entry;
		},
	};
}
