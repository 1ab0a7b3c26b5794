/** A hub and tills in this process or beside it, over real HTTP, libp2p and SQLite on loopback. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cashTender } from '#core/sale/complete-sale.ts';
import type { EntryHash, IntentKey } from '#schemas/ids.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub, type Hub } from '#server/hub-process.ts';

export interface BenchShop {
	readonly hub: Hub;
	readonly tills: readonly HeadlessTill[];
	close(): Promise<void>;
}

export async function openBenchShop(count: number): Promise<BenchShop> {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-lan-'));
	const hub = await startHub({
		...{ folder: openDataFolder(join(folder, 'hub'), 'hub'), port: 0, host: '127.0.0.1', app: undefined, relay: undefined, log: () => undefined },
	});
	const tills: HeadlessTill[] = [];
	for (let index = 0; index < count; index += 1)
		tills.push(
			await startHeadlessTill({
				...{ hub: `http://localhost:${hub.port}`, folder: join(folder, `till-${index + 1}`) },
				...(index === 0 ? { claim: { kind: 'demo' } } : { code: hub.code() }),
				onProblem: (error) => {
					throw error as Error;
				},
			}),
		);
	return {
		hub,
		tills,
		async close() {
			for (const till of tills) await till.close();
			await hub.close();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

let keys = 0;
/** One piece of an open item for £2.50. */
export async function sellOne({ till }: HeadlessTill): Promise<EntryHash> {
	const line = {
		id: 'a',
		name: 'Bread',
		quantityMilli: 1000,
		unit: 'each',
		unitPriceE4: 25_000,
		taxRate: 'standard',
		taxPercentMilli: 20_000,
	} as const;
	const key = `sale-${(keys += 1)}-of-a-bench-of-the-lan` as IntentKey;
	const done = await till.sell({ key, lines: [line], changedAtMs: 1 }, [cashTender(250, 250)]);
	if (!('fact' in done)) throw new Error(`not sold: ${JSON.stringify(done)}`);
	return done.entry as EntryHash;
}

/** Throws when it does not come true in time. */
export async function until(isTrue: () => boolean, words: string, withinMs: number): Promise<void> {
	for (const end = performance.now() + withinMs; !isTrue();) {
		if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${words}`);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
}
