/** Hubs, a relay and tills without screens in one process: real HTTP, libp2p and SQLite, on loopback. What a test has not closed itself, `closeAll` closes. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SaleDone } from '#engine/commands.ts';
import type { CatalogueRow } from '#projections/rows.ts';
import type { Cart } from '#schemas/cart.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub, type Hub, type HubDeps, type HubRecovery } from '#server/hub-process.ts';
import { startRelay, type Relay, type RelayDeps } from '#server/relay-process.ts';
import { eventually } from './eventually.ts';

export const LOOPBACK = '127.0.0.1';

interface Closed {
	close(): Promise<void>;
}
const open = new Set<Closed>();

export async function close(one: Closed): Promise<void> {
	open.delete(one);
	await one.close();
}

/** The last one first. */
export async function closeAll(): Promise<void> {
	for (const one of [...open].reverse()) await close(one);
}

function kept<One extends Closed>(one: One): One {
	open.add(one);
	return one;
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'holdfast-live-'));

export interface HubAt extends Partial<Pick<HubDeps, 'day' | 'log' | 'meters' | 'newRelay'>> {
	readonly folder?: string;
	readonly port?: number;
	/** The relay's port. */
	readonly relay?: number;
	readonly recover?: HubRecovery;
}

export async function hubAt({ folder = newFolder(), port = 0, relay, recover, ...more }: HubAt = {}): Promise<Hub> {
	return kept(
		await startHub({
			...{ folder: openDataFolder(folder, 'hub'), port, host: LOOPBACK, app: undefined, log: () => undefined, recover },
			relay: relay === undefined ? undefined : `ws://${LOOPBACK}:${relay}`,
			...more,
		}),
	);
}

export async function relayAt(port: number, folder = newFolder(), more: Pick<RelayDeps, 'dayOf'> = {}): Promise<Relay> {
	const deps = { port, host: LOOPBACK, name: 'Cloud', mostBranches: 5, log: () => undefined };
	return kept(await startRelay({ folder: openDataFolder(folder, 'relay'), ...deps, ...more }));
}

/** The first one of a hub claims it, with a demo shop; the others are let in by its code. */
export async function tillAt(hub: Hub, { folder = newFolder(), claims = false, code = hub.code() } = {}): Promise<HeadlessTill> {
	return kept(
		await startHeadlessTill({
			...{ hub: `http://${LOOPBACK}:${hub.port}`, folder },
			...(claims ? { claim: { kind: 'demo' } } : { code }),
			onProblem: (error) => {
				throw error as Error;
			},
		}),
	);
}

/** What a till shows that lets the next one in: as soon as it has heard of itself and is linked. */
export async function codeAt({ branch }: Pick<HeadlessTill, 'branch'>, till: 'selling' | 'manager'): Promise<string> {
	let code = '';
	await eventually(async () => {
		const shown = await branch.joinCodes?.ask(till);
		if (typeof shown === 'object') ({ code } = shown);
		return code !== '';
	}, 'the hub shows a code');
	return code;
}

let sales = 0;
/** One loaf in cash: for 2.50, or (`row`, as a screen shows it) for what it costs there. */
export async function sellBread({ till }: Pick<HeadlessTill, 'till'>, row?: CatalogueRow): Promise<SaleDone> {
	const { sku, price, unitPriceE4 = 25_000 } = row ?? {};
	const line: Cart['lines'][number] = {
		...{ id: 'a', name: 'Bread', quantityMilli: 1000, unit: 'each' as const, unitPriceE4, taxRate: 'standard', taxPercentMilli: 20_000 },
		...(sku === undefined ? {} : { sku }),
		...(price === undefined ? {} : { price }),
	};
	const amountMinor = unitPriceE4 / 100;
	const done = await till.sell({ key: `bread-of-a-test-${(sales += 1)}` as IntentKey, lines: [line], changedAtMs: 1 }, [
		{ type: 'cash', amountMinor, givenMinor: amountMinor, changeMinor: 0 },
	]);
	if (!('fact' in done)) throw new Error(`not sold: ${JSON.stringify(done)}`);
	return done as SaleDone;
}
