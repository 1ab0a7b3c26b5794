/** What a hub or a relay takes on a day: of whom it takes no more, who goes on, and what is never counted twice. */
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { createDayBudget, type DayBounds, type DayBudget } from '#engine/day-budget.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { DAY_BOUNDS } from '#schemas/wire/bounds.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';
import { PLENTY } from '../support/plenty.ts';
import { openSealingShop } from '../support/sealing-till.ts';

const shop = await openSealingShop();
const DAY_MS = 24 * 60 * 60 * 1000;

async function sold(sales: number): Promise<readonly Entry[]> {
	const till = await shop.till({ vault: createMemoryVault() });
	for (let n = 0; n < sales; n += 1) await till.sell(`${till.signer.device.slice(0, 8)}-sale-${n}`);
	return till.told;
}

const [one, other, third] = [await sold(8), await sold(8), await sold(8)];
/** Sales differ by a few bytes; half a sale more is room for no other. */
const roomFor = (entries: readonly Entry[]): number => entries.reduce((sum, { sealed }) => sum + sealed.length, entries[0]!.sealed.length / 2);
const deviceOf = (entries: readonly Entry[]): DeviceId => entries[0]!.header.device;

interface Opened {
	readonly budget: DayBudget;
	readonly time: ReturnType<typeof createManualTime>;
	readonly full: DeviceId[];
	/** The same disk after a restart, with the bounds of then. */
	again(bounds?: DayBounds): Promise<DayBudget>;
}

async function open(bounds: DayBounds, wasTaken: (header: Entry['header']) => boolean = () => false): Promise<Opened> {
	const time = createManualTime(DAY_MS * 20_000);
	const entryStore = createMemoryEntryStore();
	const full: DeviceId[] = [];
	const make = async (then: DayBounds): Promise<DayBudget> => {
		const budget = createDayBudget({
			...{ bounds: then, entryStore, clock: time.clock },
			wasTaken: async (header) => wasTaken(header),
			onFull: (device) => full.push(device),
		});
		await budget.load();
		return budget;
	};
	return { budget: await make(bounds), time, full, again: (then = bounds) => make(then) };
}

test('1: a till of 10,000 sales a day is far below the bound', () => {
	expect(10_000 * Math.max(...one.map(({ sealed }) => sealed.length))).toBeLessThan(DAY_BOUNDS.deviceBytes / 20);
	expect(10_000 * Math.max(...one.map(({ sealed }) => sealed.length))).toBeLessThan(DAY_BOUNDS.shareBytes / 4);
});

test('2: over its bound a device is put off as a whole until the day turns, and nobody else', async () => {
	const { budget, time, full } = await open({ ...PLENTY, deviceBytes: roomFor(one.slice(0, 3)) });
	expect(await budget.take(one.slice(0, 4))).toEqual(one.slice(0, 3));
	expect(full).toEqual([deviceOf(one)]);
	expect(budget.full()).toEqual({ devices: new Set([deviceOf(one)]), untilMs: DAY_MS * 20_001 });
	expect(await budget.take([...one.slice(4), ...other.slice(0, 2)])).toEqual(other.slice(0, 2));
	expect(full).toHaveLength(1);
	expect(budget.turn()).toBe(false);
	await time.pass(DAY_MS);
	expect(budget.full().devices.size).toBe(0);
	expect(budget.turn()).toBe(true);
	expect(await budget.take(one.slice(3, 6))).toEqual(one.slice(3, 6));
});

test('1: a disk that fails while it is asked what was taken before counts nothing: the same, taken again, fits', async () => {
	let fails = true;
	const { budget } = await open({ ...PLENTY, deviceBytes: roomFor(one.slice(0, 3)) }, ({ seq }) => {
		if (fails && seq === 3) throw new Error('no answer');
		return false;
	});
	await expect(budget.take(one.slice(0, 3))).rejects.toThrow('no answer');
	fails = false;
	expect(await budget.take(one.slice(0, 3))).toEqual(one.slice(0, 3));
});

test('3: a branch that is over puts off whoever has had its share, and an honest till goes on', async () => {
	const bounds = { ...PLENTY, branchBytes: roomFor([...one, ...other.slice(0, 6)]), shareBytes: roomFor(third.slice(0, 4)) };
	const { budget, full } = await open(bounds);
	expect(await budget.take([...one, ...other])).toEqual([...one, ...other.slice(0, 6)]);
	expect(full).toEqual([deviceOf(other)]);
	expect(await budget.take(third.slice(0, 4))).toEqual(third.slice(0, 4));
	expect(await budget.take(third.slice(4))).toEqual([]);
});

test('4: what was taken before comes back on one day; a second entry at its place is new', async () => {
	const { budget } = await open({ ...PLENTY, deviceBytes: roomFor(one.slice(0, 2)) }, ({ device }) => device === deviceOf(one));
	expect(await budget.take(one)).toEqual(one);
	const [first] = other;
	if (first === undefined) throw new Error('nothing sold');
	const forks = other.slice(0, 4).map((entry): Entry => ({ ...entry, header: { ...entry.header, device: deviceOf(one), seq: 9 } }));
	expect(await budget.take(forks)).toEqual(forks.slice(0, 3));
});

test('5: the count outlives a restart; a higher bound goes on from it, and a clock that was set back uses up no day', async () => {
	const { budget, time, again } = await open({ ...PLENTY, deviceBytes: roomFor(one.slice(0, 3)) });
	await budget.take(one.slice(0, 3));
	await budget.keep();
	expect(await (await again()).take(one.slice(3, 5))).toEqual([]);
	const raised = await again({ ...PLENTY, deviceBytes: roomFor(one.slice(0, 5)) });
	expect(await raised.take(one.slice(3))).toEqual(one.slice(3, 5));
	await time.pass(-DAY_MS);
	expect(await raised.take(one.slice(5))).toEqual(one.slice(5));
	expect(await (await again()).take(one.slice(0, 1))).toEqual(one.slice(0, 1));
});
