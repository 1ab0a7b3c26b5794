/** Entries of a till are missing although later ones are here: asked for again, or declared lost. Real HTTP, libp2p, websockets and SQLite, on loopback. */
import { afterEach, expect, test } from 'vitest';
import type { Conflict } from '#core/conflict/conflict.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { DeviceId, IntentKey } from '#schemas/ids.ts';
import type { HeadlessTill } from '#server/headless-till.ts';
import { eventually } from '../support/eventually.ts';
import { close, closeAll, hubAt, relayAt, sellBread, tillAt } from '../support/live-shop.ts';
import { freePort } from '../support/free-port.ts';

afterEach(closeAll);

const gapIn = (ledger: Ledger): Conflict | undefined => ledger.conflicts().find(({ kind }) => kind === 'chain-gap');

/** A till sold three, of which a file brought the last two alone to the hub and to the manager's till; then the till died, or waits without a link. */
async function withGap() {
	const relayPort = await freePort();
	await relayAt(relayPort);
	const hub = await hubAt({ port: await freePort(), relay: relayPort });
	const manager = await tillAt(hub, { claims: true });
	const seller = await tillAt(hub);
	const known = () => [...manager.branch.ledger.state.devices.values()].find(({ till }) => till === seller.number)?.device;
	await eventually(() => known() !== undefined, 'the manager’s till knows the other one');
	const device = known()!;
	await seller.lan.stop();
	for (let n = 0; n < 3; n += 1) await sellBread(seller);
	const sealed = await seller.branch.writer!.vault.ownEntries('branch', 1, 10);
	const { replica, ledger } = hub.shop()!.branch;
	for (const one of [replica, manager.branch.replica]) one.take(sealed.slice(1).map((bytes) => ({ bytes, route: 'file', source: 'a test' })));
	await eventually(() => gapIn(manager.branch.ledger)?.detail.kind === 'chain-gap', 'the manager’s till shows the gap');
	return { hub: ledger, take: replica.take, manager, seller, sealed, device };
}

/** How far the newest watermark of each tier that this till holds has another's chain. */
function covered({ branch }: HeadlessTill, device: DeviceId, tier: 'host' | 'cloud'): number {
	const marks = branch.replica
		.findings()
		.watermarks.filter((one) => one.tier === tier)
		.flatMap((one) => one.marks);
	return Math.max(0, ...marks.filter((mark) => mark.device === device && mark.scope === 'branch').map(({ seq }) => seq));
}

async function answer({ till, branch }: HeadlessTill, choice: string): Promise<unknown> {
	return till.perform({ intent: 'resolve', conflict: gapIn(branch.ledger)!.id, choice }, `${choice}-of-a-test` as IntentKey);
}

test('ask again: nothing is written, and the entry comes from the till as soon as it is in reach', async () => {
	const { hub, manager, seller } = await withGap();
	await seller.lan.start();
	expect(await answer(manager, 'ask-again')).toMatchObject({ refused: 'nothing-changed' });
	await manager.branch.replica.askAgain();
	await eventually(() => gapIn(manager.branch.ledger) === undefined && gapIn(hub) === undefined, 'the gap is filled');
	expect([hub, manager.branch.ledger].map(({ state }) => state.sales.size)).toEqual([3, 3]);
});

test('declared lost: watermarks of hub and relay pass, the case closes, and what comes after all counts without a word', async () => {
	const { hub, take, manager, seller, sealed, device } = await withGap();
	await close(seller);
	expect([covered(manager, device, 'host'), covered(manager, device, 'cloud')]).toEqual([0, 0]);
	expect(await answer(manager, 'declare-lost')).toHaveProperty('entry');
	expect(gapIn(manager.branch.ledger)).toBeUndefined();
	await eventually(() => gapIn(hub) === undefined, 'the hub has heard it');
	await eventually(() => covered(manager, device, 'host') === 3, 'the hub’s watermark passes');
	await eventually(() => covered(manager, device, 'cloud') === 3, 'the relay’s watermark passes');
	expect(hub.state.sales.size).toBe(2);

	// Nobody asks for what was declared lost: here a file brings it to both.
	for (const one of [take, manager.branch.replica.take]) one(sealed.slice(0, 1).map((bytes) => ({ bytes, route: 'file', source: 'a test' })));
	await eventually(() => hub.state.sales.size === 3, 'the lost one counts at the hub');
	await eventually(() => manager.branch.ledger.state.sales.size === 3, 'the lost one counts at the till');
	expect([hub, manager.branch.ledger].flatMap((ledger) => ledger.conflicts().map(({ kind }) => kind))).not.toContain('chain-gap');
	expect(covered(manager, device, 'host')).toBe(3);
});
