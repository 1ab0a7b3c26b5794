/** The shop as every screen needs it, and the value that screens subscribe to: `projections/shop.ts`, `projections/view.ts`. */
import { createLedger } from '#core/ledger/ledger.ts';
import { deviceName, shopRow } from '#projections/shop.ts';
import { createView } from '#projections/view.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { changedSetting } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';

test('settings that nobody has made read as their defaults', () => {
	const floor = openFloor();
	const empty = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
	expect(shopRow(empty, { device: floor.till1.id, name: 'Till 1' })).toEqual({
		...{ store: floor.shop.store, branch: floor.shop.branch, storeName: 'Shop', branchName: '', demo: false },
		...{ currency: { code: 'GBP', digits: 2 }, taxRates: [], cashRoundingMinor: 1, receiptHeader: '', receiptFooter: '' },
		...{
			shiftsRequired: false,
			drawerToleranceMinor: 0,
			cardReferenceNeeded: false,
			printers: [],
			taxExcluded: false,
			timeZone: 'UTC',
			dayStartMinutes: 0,
			device: { id: floor.till1.id, name: 'Till 1', till: 0 },
			devices: [],
		},
	});
});

test('what was set is read, and who was removed is still named', () => {
	const floor = openFloor();
	floor.hub.does([changedSetting({ name: 'storeName', value: 'Tidewater Stores' })], { scope: 'store' });
	floor.hub.does([{ type: 'device.revoked', v: 1, device: floor.till2.id, marks: [], reason: 'stolen' }], { scope: 'store' });
	const ledger = floor.ledger();
	const row = shopRow(ledger, { device: floor.till1.id, name: 'Till 1', till: 1 });
	expect(row).toMatchObject({ storeName: 'Tidewater Stores', device: { name: 'Till 1', till: 1 } });
	expect(row.devices.map(({ name, role, till, state }) => [name, role, till, state])).toEqual([
		['Hub', 'hub', 9, 'active'],
		['Till 1', 'till', 1, 'active'],
		['Till 2', 'till', 2, 'revoked'],
	]);
	expect(deviceName(ledger, floor.till2.id)).toBe('Till 2');
	expect(deviceName(ledger, 'abcdef'.repeat(10) as DeviceId)).toBe('device abcdef');
});

test('devices are in order of their enrolment, those of one moment by name: the same on every till, in whatever order entries came', () => {
	const floor = openFloor();
	const atMs = floor.shop.nowMs + 60_000;
	for (const name of ['Till 7', 'Till 5', 'Till 6']) {
		floor.hub.does([floor.shop.device(name, { till: Number(name.at(-1)) }).enrolment()], { scope: 'store', atMs });
	}
	for (const entries of [floor.shop.entries, [...floor.shop.entries].reverse()]) {
		const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
		for (const entry of entries) ledger.add([entry]);
		const { devices } = shopRow(ledger, { device: floor.till1.id, name: 'Till 1' });
		expect(devices.map(({ name }) => name)).toEqual(['Hub', 'Till 1', 'Till 2', 'Till 5', 'Till 6', 'Till 7']);
	}
});

test('a view tells the value of now at once, then every change, until one stops listening', () => {
	const view = createView(1);
	const heard: number[] = [];
	view.set(2);
	const stop = view.subscribe((value) => heard.push(value));
	view.set(3);
	stop();
	view.set(4);
	expect([heard, view.get()]).toEqual([[2, 3], 4]);
});

test('who stops while it is told takes nobody else’s turn', () => {
	const view = createView(0);
	const heard: string[] = [];
	const stop = view.subscribe((value) => {
		heard.push(`a${value}`);
		if (value === 1) stop();
	});
	view.subscribe((value) => heard.push(`b${value}`));
	view.set(1);
	view.set(2);
	expect(heard).toEqual(['a0', 'b0', 'a1', 'b1', 'b2']);
});
