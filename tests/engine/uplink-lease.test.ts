/** Who of a shop carries it to the cloud, with the parts joined that decide it: the lease, and a link that takes its time to come up. */
import {
	hearLease,
	holdsLease,
	liveHolder,
	setCloud,
	startLease,
	tickLease,
	type LeaseMessage,
	type LeaseState,
	type LeaseStep,
} from '#core/lease/lease.ts';
import { createUplink } from '#engine/uplink.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { createManualTime, type ManualTime } from '../support/manual-time.ts';
import { createRelayLinkDouble } from '../support/relay-link-double.ts';

const AIR_MS = 5;
const LINK_MS = 1_800;
const TICK_MS = 400;

interface Way {
	/** By http. */
	answers: boolean;
	letsSocketsThrough: boolean;
}

interface Device {
	readonly id: string;
	readonly way: Way;
	/** Its way may have changed. */
	look(): void;
	hear(message: LeaseMessage, isHub: boolean): void;
	isCarrying(): boolean;
	isHolding(): boolean;
}

function openShop(hubs: readonly boolean[]): { readonly time: ManualTime; readonly devices: readonly Device[]; readonly changes: string[] } {
	const time = createManualTime();
	const changes: string[] = [];
	const devices: Device[] = [];
	for (const [place, isHub] of hubs.entries()) devices.push(openDevice('abc'.charAt(place), isHub));
	return { time, devices, changes };

	function openDevice(id: string, isHub: boolean): Device {
		const way: Way = { answers: true, letsSocketsThrough: true };
		const { look, isUp, ...link } = createRelayLinkDouble({
			...time.clock,
			timers: time.timers,
			tryMs: () => LINK_MS,
			canLink: () => way.letsSocketsThrough,
		});
		const listeners: (() => void)[] = [];
		let lease: LeaseState = startLease(id as DeviceId, isHub, time.clock.nowMs());

		function step({ state, send }: LeaseStep): void {
			const held = holdsLease(lease);
			lease = state;
			for (const message of send)
				for (const other of devices)
					if (other.id !== id)
						time.timers.after(AIR_MS, () => {
							other.hear(message, isHub);
						});
			if (holdsLease(state) === held) return;
			if (!held) changes.push(id);
			for (const listener of listeners) listener();
		}

		createUplink({
			replica: {
				holdsLease: () => holdsLease(lease),
				onLease: (listener) => listeners.push(listener),
				setCloud(isReached) {
					lease = setCloud(lease, isReached, time.clock.nowMs());
				},
				findings: () => ({ lease: liveHolder(lease, time.clock.nowMs()) }) as never,
			},
			...{ link, probe: () => Promise.resolve(way.answers), isRelayKnown: () => true, isHub, timers: time.timers },
		});
		time.timers.every(TICK_MS, () => {
			step(tickLease(lease, time.clock.nowMs()));
		});
		return {
			...{ id, way, look },
			hear(message, isOfHub) {
				step(hearLease(lease, message, isOfHub, time.clock.nowMs()));
			},
			isCarrying: () => holdsLease(lease) && isUp(),
			isHolding: () => holdsLease(lease),
		};
	}
}

async function carryingAfter(ms: number, time: ManualTime, devices: readonly Device[]): Promise<string> {
	await time.pass(ms);
	return devices.flatMap((device) => (device.isCarrying() ? [device.id] : [])).join();
}

test('a hub that loses its way to the cloud leaves the branch to a till, which keeps it until the hub has its way again', async () => {
	const { time, devices, changes } = openShop([false, false, true]);
	const [, , hub] = devices as [Device, Device, Device];
	expect(await carryingAfter(20_000, time, devices)).toBe('c');

	hub.way.answers = hub.way.letsSocketsThrough = false;
	hub.look();
	const till = await carryingAfter(20_000, time, devices);
	expect(['a', 'b']).toContain(till);
	changes.length = 0;
	expect(await carryingAfter(300_000, time, devices)).toBe(till);
	expect(changes).toEqual([]);

	hub.way.answers = hub.way.letsSocketsThrough = true;
	expect(await carryingAfter(20_000, time, devices)).toBe('c');
	expect(changes).toEqual(['c']);
});

test('a hub whose sockets are let through no more while the relay still answers it asks for the branch back ever more seldom', async () => {
	const { time, devices, changes } = openShop([false, false, true]);
	const [, , hub] = devices as [Device, Device, Device];
	await time.pass(20_000);
	hub.way.letsSocketsThrough = false;
	hub.look();
	await time.pass(100_000);
	changes.length = 0;
	let carriedMs = 0;
	for (let passed = 0; passed < 600_000; passed += 1_000) if ((await carryingAfter(1_000, time, devices)) !== '') carriedMs += 1_000;
	expect(carriedMs).toBeGreaterThan(550_000);
	expect(changes.filter((id) => id === 'c').length).toBeLessThanOrEqual(4);
});

test('where the relay answers and refuses everybody the lease comes to rest, and where nothing answers it does not move', async () => {
	const { time, devices, changes } = openShop([false, false, true]);
	for (const device of devices) {
		device.way.letsSocketsThrough = false;
		device.look();
	}
	await time.pass(1_800_000);
	changes.length = 0;
	await time.pass(1_800_000);
	expect(changes.length).toBeLessThan(12);

	for (const device of devices) device.way.answers = false;
	await time.pass(60_000);
	changes.length = 0;
	await time.pass(300_000);
	expect(devices.map((device) => device.isHolding())).toEqual([false, false, true]);
	expect(changes).toEqual([]);
});
