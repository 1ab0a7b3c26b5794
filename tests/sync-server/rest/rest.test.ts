/** Branches that go from a relay's memory while their hubs stay linked: real hubs, real websockets, real SQLite, on loopback. They wait side by side. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { BranchId, IntentKey } from '#schemas/ids.ts';
import type { RelayJoined } from '#schemas/facts/relay-joined.ts';
import type { Relay } from '#server/relay-process.ts';
import { hubOf, otherBranchOf, relayAt, type LinkedHub } from '../../adapters/relay-websocket/relay-shop.ts';
import { eventually } from '../../support/eventually.ts';

const open: { close(): Promise<void> }[] = [];
afterAll(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});
const kept = <One extends { close(): Promise<void> }>(one: One): One => {
	open.push(one);
	return one;
};

async function relayThatRests(restAfterMs: number) {
	const events: string[] = [];
	const relay = await relayAt(mkdtempSync(join(tmpdir(), 'holdfast-rest-')), 0, 8, {
		restAfterMs,
		log: (event) => {
			events.push(event);
		},
	});
	const happened = (event: string): number => events.filter((one) => one === event).length;
	return { relay: kept(relay), happened };
}

async function linkedHub(relay: Relay): Promise<LinkedHub> {
	const url = `ws://127.0.0.1:${relay.port}`;
	const hub = kept(await hubOf(url, 'Kelp & Co'));
	const joined: RelayJoined = { type: 'relay.joined', v: 1, relay: relay.device, url, name: 'Cloud' };
	await hub.branch.writer?.commit({
		key: 'relay-of-this-store' as IntentKey,
		decide: () => ({ branch: [], store: [joined], takesReceipt: false }),
	});
	hub.link.start();
	return hub;
}

/** The relay has signed for everything that the hub has. */
function isInCloud({ branch }: LinkedHub, relay: Relay): boolean {
	const signed = branch.replica.findings().watermarks.find(({ issuer }) => issuer === relay.device);
	return branch.ledger.marks().every(({ hash }) => signed?.marks.some((mark) => mark.hash === hash) === true);
}

test.concurrent('a quiet branch goes from memory and stays linked; what it writes then brings it back, and is signed for', async () => {
	const { relay, happened } = await relayThatRests(1_000);
	const hub = await linkedHub(relay);
	await eventually(() => isInCloud(hub, relay), 'all that the hub has is in the cloud');
	await eventually(() => happened('branch rests') > 0 && relay.branches().length === 0, 'the branch rests');
	const restsOn = async (): Promise<boolean> => {
		const before = happened('branch rests');
		// Longer than from one sign of life of the hub to the next.
		await new Promise((resolve) => setTimeout(resolve, 1_500));
		return relay.branches().length === 0 && happened('branch rests') === before;
	};
	await eventually(restsOn, 'no sign of life brings it back');

	await hub.rename('Kelp & Daughters');
	await eventually(() => isInCloud(hub, relay), 'the new name is in the cloud');
	const [back] = relay.branches();
	expect(back?.branch.ledger.state.settings.value('storeName')).toBe('Kelp & Daughters');
	await eventually(() => relay.branches().length === 0, 'the branch rests again');
	expect(happened('device linked')).toBe(1);
});

test.concurrent('whatever comes while a branch goes and comes back is in the cloud at the end', async () => {
	// It goes as soon as it may, so that nearly every change meets it on its way out, away, or on its way back.
	const { relay, happened } = await relayThatRests(100);
	const hub = await linkedHub(relay);
	await eventually(() => isInCloud(hub, relay), 'all that the hub has is in the cloud');
	for (let n = 0; n < 40; n += 1) {
		await hub.rename(`Kelp & Co ${n}`);
		await new Promise((resolve) => setTimeout(resolve, (n * 37) % 200));
	}
	await eventually(() => isInCloud(hub, relay), 'every name is in the cloud');
	expect(happened('branch rests')).toBeGreaterThan(2);
	expect(happened('device linked')).toBe(1);
});

test.concurrent('a branch that rests is taken up for what another branch wrote for the whole store', async () => {
	const { relay } = await relayThatRests(1_000);
	const high = await linkedHub(relay);
	const harbour = kept(await otherBranchOf(`ws://127.0.0.1:${relay.port}`, high, '0a'.repeat(16) as BranchId));
	harbour.link.start();
	const nameThere = () => harbour.branch.ledger.state.settings.value('storeName');
	await eventually(() => nameThere() === 'Kelp & Co', 'the name of the store reaches the harbour');
	await eventually(() => relay.branches().length === 0, 'both branches rest');
	await high.rename('Kelp & Daughters');
	await eventually(() => nameThere() === 'Kelp & Daughters', 'the new name reaches the harbour');
});
