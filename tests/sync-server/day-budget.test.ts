/** What a hub and a relay take of a device on a day: the rest waits where it was sold, nobody else waits with it. Real HTTP, libp2p, websockets and SQLite, on loopback. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { DayBounds } from '#engine/day-budget.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { HeadlessTill } from '#server/headless-till.ts';
import type { Hub } from '#server/hub-process.ts';
import { createMeters } from '#server/operation/meters.ts';
import { eventually } from '../support/eventually.ts';
import { close, closeAll, hubAt, newFolder, relayAt, sellBread, tillAt } from '../support/live-shop.ts';
import { PLENTY } from '../support/plenty.ts';
import { freePort } from '../support/free-port.ts';

afterEach(closeAll);

/** A handful of loaves: a sale is some 600 bytes. */
const SMALL: DayBounds = { ...PLENTY, deviceBytes: 4_000, shareBytes: 4_000 };

const deviceOf = (hub: Hub, { number }: HeadlessTill): DeviceId =>
	[...hub.shop()!.branch.ledger.state.devices.values()].find(({ till }) => till === number)!.device;
const seqOf = ({ ledger }: HeadlessTill['branch'], device: DeviceId): number => ledger.chain(device, 'branch')?.wholeSeq ?? 0;

test(
	'a hub takes no more of a till that has written its bytes of the day, says so, and takes the rest once it may',
	{ timeout: 120_000 },
	async () => {
		const [folder, port] = [newFolder(), await freePort()];
		const logged: unknown[] = [];
		const log = (event: string, detail: unknown): void => void logged.push([event, detail]);
		const meters = createMeters('hub');
		let hub = await hubAt({ folder, port, day: SMALL, log, meters });
		const honest = await tillAt(hub, { claims: true });
		const greedy = await tillAt(hub);
		const [device, honestDevice] = [deviceOf(hub, greedy), deviceOf(hub, honest)];
		for (let n = 0; n < 20; n += 1) await sellBread(greedy);
		// Sales, and not how far the chain is whole: the lane may bring the newest first.
		const atHub = (): number => [...hub.shop()!.branch.ledger.state.sales.values()].filter((sale) => sale.entry.header.device === device).length;
		await eventually(
			() => greedy.branch.replica.findings().watermarks.some(({ full }) => full?.devices.includes(device)),
			'the till is told that it is put off',
		);
		await eventually(() => atHub() > 2, 'what fitted counts');
		await eventually(
			() => honest.branch.replica.findings().log.some(({ event }) => event.event === 'full' && event.device === device && event.tier === 'host'),
			'a manager’s till is told, too',
		);
		expect(logged).toContainEqual(['a device wrote its bytes of the day', { device, bytes: expect.any(Number) as number }]);
		expect(await meters.text()).toContain('holdfast_devices_full_total{role="hub"} 1');

		// Nobody waits with it.
		await sellBread(honest);
		await eventually(() => seqOf(hub.shop()!.branch, honestDevice) === seqOf(honest.branch, honestDevice), 'the other till’s sale is there');
		const taken = atHub();
		expect(taken).toBeLessThan(10);

		// Nor does a restart begin the day anew; the operator does.
		await close(hub);
		hub = await hubAt({ folder, port, day: SMALL });
		await sellBread(greedy);
		await sellBread(honest);
		await eventually(() => seqOf(hub.shop()!.branch, honestDevice) === seqOf(honest.branch, honestDevice), 'the other till sells on');
		expect(atHub()).toBe(taken);
		await close(hub);
		hub = await hubAt({ folder, port, day: PLENTY });
		await eventually(() => atHub() === 21, 'what had waited is there');
		await eventually(() => greedy.branch.replica.findings().watermarks.every(({ full }) => full === undefined), 'and nothing is said any more');
	},
);

test('a relay takes no more of one till of a hub, and all of the others; what its disk lost comes back uncounted', { timeout: 120_000 }, async () => {
	const [folder, port] = [newFolder(), await freePort()];
	let relay = await relayAt(port, folder, { dayOf: () => PLENTY });
	const hub = await hubAt({ relay: port });
	const honest = await tillAt(hub, { claims: true });
	const greedy = await tillAt(hub);
	const [device, honestDevice] = [deviceOf(hub, greedy), deviceOf(hub, honest)];
	const inCloud = (of: DeviceId): number => {
		const cloud = honest.branch.replica.findings().watermarks.find(({ tier }) => tier === 'cloud');
		return cloud?.marks.find((mark) => mark.device === of && mark.scope === 'branch')?.seq ?? 0;
	};
	for (let n = 0; n < 20; n += 1) await sellBread(greedy);
	await eventually(() => inCloud(device) === 20, 'all is in the cloud');
	await close(relay);

	// The shop itself is more than one device's day.
	rmSync(join(folder, 'branches'), { recursive: true, force: true });
	relay = await relayAt(port, folder, { dayOf: () => SMALL });
	await eventually(() => relay.branches().some(({ branch }) => seqOf(branch, device) === 20), 'what the relay had is there again');
	for (let n = 0; n < 20; n += 1) await sellBread(greedy);
	await sellBread(honest);
	await eventually(() => inCloud(honestDevice) === seqOf(honest.branch, honestDevice), 'the other till’s sale is in the cloud');
	await eventually(
		() => greedy.branch.replica.findings().watermarks.some(({ tier, full }) => tier === 'cloud' && full?.devices.includes(device)),
		'the till is told through its hub',
	);
	expect(inCloud(device)).toBeLessThan(30);
	await close(relay);
	relay = await relayAt(port, folder, { dayOf: () => PLENTY });
	await eventually(() => inCloud(device) === 40, 'what had waited is in the cloud');
});
