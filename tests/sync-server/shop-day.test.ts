/** A hub, a relay and tills in one process, over real HTTP, real libp2p and real SQLite: what a shop does in a day. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { isRefusal } from '#core/intent.ts';
import { cashTender } from '#core/sale/complete-sale.ts';
import { totalsOf } from '#core/sale/cart.ts';
import type { Cart } from '#schemas/cart.ts';
import type { EntryHash, IntentKey, Sku } from '#schemas/ids.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub, type Hub } from '#server/hub-process.ts';
import { startRelay, type Relay } from '#server/relay-process.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});
const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-day-'));
const log = (): void => undefined;

async function hubAt(path: string, relay?: Relay): Promise<Hub> {
	const hub = await startHub({
		folder: openDataFolder(path, 'hub'),
		port: await freePort(),
		host: '127.0.0.1',
		app: undefined,
		relay: relay && `ws://127.0.0.1:${relay.port}`,
		log,
	});
	open.push(hub);
	return hub;
}

async function relayAt(path: string): Promise<Relay> {
	const relay = await startRelay({ folder: openDataFolder(path, 'relay'), port: 0, host: '127.0.0.1', name: 'test', mostBranches: 4, log });
	open.push(relay);
	return relay;
}

async function tillOf(hub: Hub, claims = false): Promise<HeadlessTill> {
	const entry = claims ? { claim: { kind: 'demo' } } : { code: hub.code() };
	const till = await startHeadlessTill({
		hub: `http://localhost:${hub.port}`,
		folder: temporary(),
		...entry,
		onProblem: (error) => {
			throw error as Error;
		},
	});
	open.push(till);
	return till;
}

let count = 0;
async function sell({ branch, till }: HeadlessTill, sku: string): Promise<EntryHash> {
	const product = branch.ledger.state.products.get(sku as Sku);
	if (product?.price === undefined) throw new Error(`no ${sku} here`);
	const key = `sale-of-a-test-${(count += 1)}` as IntentKey;
	const line = {
		id: '1',
		sku: product.sku,
		name: product.name.value,
		quantityMilli: 1000,
		unit: 'each' as const,
		unitPriceE4: product.price.value,
		price: product.price.entry,
	};
	const cart: Cart = { key, lines: [{ ...line, taxRate: product.taxRate.value, taxPercentMilli: 0 }], changedAtMs: 0 };
	const { cashMinor } = totalsOf(cart, { code: 'GBP', digits: 2 }, 1);
	const done = await till.sell(cart, [cashTender(cashMinor, cashMinor)]);
	if (isRefusal(done) || 'trouble' in done) throw new Error(JSON.stringify(done));
	return done.entry;
}

const LAST_ONE = 'DAI-017';

test('two tills apart sell the last one; together again both show the same conflict, and one answer settles it on both', async () => {
	const relay = await relayAt(temporary());
	const hub = await hubAt(temporary(), relay);
	const first = await tillOf(hub, true);
	const second = await tillOf(hub);
	await eventually(
		() => second.branch.ledger.state.products.size === 205 && first.branch.ledger.state.products.size === 205,
		'the demo shop reaches both tills',
	);
	await eventually(() => first.branch.ledger.state.stock.get(LAST_ONE as Sku)?.onHandMilli === 1000, 'one is left');

	await second.lan.stop();
	const saleOfFirst = await sell(first, LAST_ONE);
	const saleOfSecond = await sell(second, LAST_ONE);
	expect(second.branch.ledger.conflicts()).toEqual([]);
	await second.lan.start();

	for (const { branch } of [first, second]) {
		await eventually(() => branch.ledger.conflicts().length === 1, 'the conflict shows');
		expect(branch.ledger.conflicts()[0]?.kind).toBe('oversold');
		expect(
			branch.ledger
				.conflicts()[0]
				?.members.map(({ hash }) => hash)
				.sort(),
		).toEqual([saleOfFirst, saleOfSecond].sort());
	}
	const conflict = first.branch.ledger.conflicts()[0];
	if (conflict === undefined) throw new Error('no conflict');
	const answered = await first.till.perform({ intent: 'resolve', conflict: conflict.id, choice: 'found-more' }, 'answer-key-1' as IntentKey);
	expect(answered).toHaveProperty('entry');
	for (const { branch } of [first, second]) {
		await eventually(() => branch.ledger.conflicts().length === 0, 'settled');
		await eventually(() => branch.ledger.state.stock.get(LAST_ONE as Sku)?.onHandMilli === 0, 'stock is back at zero');
	}

	// Both servers have all of it, and say so.
	const { entry } = answered as { entry: EntryHash };
	for (const tier of ['host', 'cloud'] as const) {
		await eventually(
			() =>
				first.branch.replica
					.findings()
					.watermarks.some(
						(watermark) =>
							watermark.tier === tier && [saleOfFirst, saleOfSecond, entry].every((hash) => first.branch.ledger.isCovered(watermark.marks, hash)),
					),
			`a watermark of the ${tier} covers both sales and the answer`,
		);
	}
	expect(relay.branches()[0]?.branch.ledger.state.sales.size).toBe(2);
});

test('a hub that comes back from its disk has everything, and the tills find it again', async () => {
	const path = temporary();
	const hub = await hubAt(path);
	const till = await tillOf(hub, true);
	const { port } = hub;
	await eventually(() => till.branch.ledger.state.products.size === 205, 'the demo shop reaches the till');
	const sale = await sell(till, 'BAK-001');
	await eventually(() => hub.shop()?.branch.ledger.state.sales.has(sale) === true, 'the hub hears');
	await open.splice(0, 1)[0]?.close();
	const whileAway = await sell(till, 'BAK-002');
	const again = await startHub({ folder: openDataFolder(path, 'hub'), port, host: '127.0.0.1', app: undefined, relay: undefined, log });
	open.push(again);
	expect(again.shop()?.branch.ledger.state.sales.has(sale)).toBe(true);
	await eventually(() => again.shop()?.branch.ledger.state.sales.has(whileAway) === true, 'what was sold meanwhile arrives');
});
