/** Two branches of one store, and a stranger's, on one relay: real hubs, real websockets, real SQLite, on loopback. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Intent } from '#core/intent.ts';
import type { BranchId, IntentKey, Sku } from '#schemas/ids.ts';
import type { RelayJoined } from '#schemas/facts/relay-joined.ts';
import type { TransferId } from '#schemas/facts/transfer-sent.ts';
import type { Relay } from '#server/relay-process.ts';
import { afterAll, expect, test } from 'vitest';
import { hubOf, otherBranchOf, relayAt, type LinkedHub } from '../adapters/relay-websocket/relay-shop.ts';
import { eventually } from '../support/eventually.ts';

const HARBOUR = '0a'.repeat(16) as BranchId;
const open: { close(): Promise<void> }[] = [];
afterAll(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});
const kept = <One extends { close(): Promise<void> }>(one: One): One => {
	open.push(one);
	return one;
};
const urlOf = ({ port }: Relay): string => `ws://127.0.0.1:${port}`;
const storeName = ({ branch }: LinkedHub): string | undefined => branch.ledger.state.settings.value('storeName');

let count = 0;
async function perform({ branch }: LinkedHub, intent: Intent): Promise<void> {
	const done = await branch.writer?.till.perform(intent, `share-${(count += 1)}-of-a-test` as IntentKey);
	if (done === undefined || !('entry' in done)) throw new Error(JSON.stringify(done));
}

const BREAD = {
	sku: 'BREAD' as Sku,
	fields: { name: 'Bread', category: '', unit: 'each' as const, gtins: [], taxRate: 'standard', tracked: true },
	unitPriceE4: 25_000,
	openingMilli: 10_000,
};

test.concurrent(
	'what concerns the whole store reaches its other branch, what one branch does stays there, and another store hears nothing',
	async () => {
		const relay = kept(await relayAt());
		const high = kept(await hubOf(urlOf(relay), 'Kelp & Co'));
		const harbour = kept(await otherBranchOf(urlOf(relay), high, HARBOUR));
		const stranger = kept(await hubOf(urlOf(relay), 'Somebody else'));
		for (const { link } of [high, harbour, stranger]) link.start();
		await eventually(() => storeName(harbour) === 'Kelp & Co', 'the name of the store reaches the harbour');

		await perform(high, { intent: 'create-products', products: [BREAD] });
		await eventually(() => harbour.branch.ledger.state.products.get(BREAD.sku)?.price?.value === 25_000, 'a product and its price');
		expect(harbour.branch.ledger.state.stock.get(BREAD.sku)).toBeUndefined();

		// The harbour learns of goods that are on their way, says what came, and the other branch hears it.
		const transfer = 'bread-for-the-harbour' as TransferId;
		const lines = [{ sku: BREAD.sku, quantityMilli: 4_000 }];
		await perform(high, { intent: 'send-transfer', transfer, to: HARBOUR, lines });
		await eventually(() => harbour.branch.ledger.state.books.transfers.get(transfer) !== undefined, 'the transfer');
		await perform(harbour, { intent: 'receive-transfer', transfer, lines });
		await eventually(() => high.branch.ledger.state.books.transfers.get(transfer)?.receipts.length === 1, 'what came');
		expect(harbour.branch.ledger.state.stock.get(BREAD.sku)?.onHandMilli).toBe(4_000);
		expect(high.branch.ledger.state.stock.get(BREAD.sku)?.onHandMilli).toBe(6_000);

		// What the other branch has on its shelves comes as rows that the cloud signed; no sale of it does.
		const joined: RelayJoined = { type: 'relay.joined', v: 1, relay: relay.device, url: urlOf(relay), name: 'Cloud' };
		const key = 'relay-of-this-store' as IntentKey;
		await high.branch.writer?.commit({ key, decide: () => ({ branch: [], store: [joined], takesReceipt: false }) });
		await high.link.stop();
		high.link.start();
		const shelf = () => high.branch.replica.stockRows()?.of(HARBOUR);
		await eventually(() => shelf()?.onHandMilli(BREAD.sku) === 4_000, 'the stock of the harbour');
		expect(shelf()?.head.issuer).toBe(relay.device);

		const branchesIn = ({ branch }: LinkedHub): ReadonlySet<string> =>
			new Set(
				branch.ledger
					.entries()
					.filter(({ header }) => header.scope === 'branch')
					.map(({ header }) => header.device),
			);
		expect(branchesIn(high).has([...branchesIn(harbour)][0] ?? '')).toBe(false);
		expect(stranger.branch.ledger.state.products.size).toBe(0);
		expect(high.branch.ledger.quarantined()).toEqual([]);
		expect(harbour.branch.ledger.conflicts()).toEqual([]);
	},
);

test.concurrent('a relay that starts again goes on where each branch stands, for a branch that was away meanwhile, too', async () => {
	const path = mkdtempSync(join(tmpdir(), 'holdfast-share-'));
	const relay = await relayAt(path);
	const { port } = relay;
	const high = kept(await hubOf(urlOf(relay), 'Kelp & Co'));
	const harbour = kept(await otherBranchOf(urlOf(relay), high, HARBOUR));
	for (const { link } of [high, harbour]) link.start();
	await eventually(() => storeName(harbour) === 'Kelp & Co', 'the name of the store reaches the harbour');
	await harbour.link.stop();
	await high.rename('Kelp & Daughters');
	await eventually(
		() => relay.branches().every(({ branch }) => branch.ledger.state.settings.value('storeName') === 'Kelp & Daughters'),
		'the relay has it for both branches',
	);
	await relay.close();
	const again = kept(await relayAt(path, port));
	harbour.link.start();
	await eventually(() => storeName(harbour) === 'Kelp & Daughters', 'it reaches the harbour after all');
	await high.rename('Kelp & Sons');
	await eventually(() => storeName(harbour) === 'Kelp & Sons', 'and what comes next does, too');
	expect(again.branches()).toHaveLength(2);
});
