/** A relay, a hub and a till of the demo shop, with what an operator would look at. Real HTTP, libp2p, websockets and SQLite on loopback. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SaleDone } from '#engine/commands.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub, type Hub, type HubDeps } from '#server/hub-process.ts';
import { startRelay, type Relay, type RelayDeps } from '#server/relay-process.ts';

const LOOPBACK = '127.0.0.1';

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'holdfast-operation-'));

export function relayAt(path: string, more: Partial<RelayDeps> = {}): Promise<Relay> {
	return startRelay({
		...{ folder: openDataFolder(path, 'relay'), port: 0, host: LOOPBACK, name: 'Cloud', mostBranches: 5, log: () => undefined },
		...more,
	});
}

export function hubAt(path: string, relay: string | undefined, more: Partial<HubDeps> = {}): Promise<Hub> {
	return startHub({ ...{ folder: openDataFolder(path, 'hub'), port: 0, host: LOOPBACK, app: undefined, relay, log: () => undefined }, ...more });
}

export function tillThatClaims(hub: string): Promise<HeadlessTill> {
	return startHeadlessTill({
		...{ hub, folder: temporaryFolder(), claim: { kind: 'demo' } },
		onProblem: (error) => {
			throw error as Error;
		},
	});
}

let sales = 0;
/** One loaf for 2.50, in cash. */
export async function sellBread({ till }: HeadlessTill): Promise<SaleDone> {
	const done = await till.sell(
		{
			key: `sale-of-bread-${(sales += 1)}` as IntentKey,
			lines: [{ id: 'a', name: 'Bread', quantityMilli: 1000, unit: 'each', unitPriceE4: 25_000, taxRate: 'standard', taxPercentMilli: 20_000 }],
			changedAtMs: 1,
		},
		[{ type: 'cash', amountMinor: 250, givenMinor: 250, changeMinor: 0 }],
	);
	if (!('fact' in done)) throw new Error(`not sold: ${JSON.stringify(done)}`);
	return done as SaleDone;
}

/** Whether a till may call everything in its ledger "in the cloud". */
export function isAllInCloud({ branch: { replica, ledger } }: HeadlessTill): boolean {
	const cloud = replica.findings().watermarks.find(({ tier }) => tier === 'cloud');
	const sum = (marks: readonly { readonly seq: number }[]): number => marks.reduce((total, { seq }) => total + seq, 0);
	return cloud !== undefined && sum(cloud.marks) === sum(ledger.marks());
}
