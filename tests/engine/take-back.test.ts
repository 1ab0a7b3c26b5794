/** A device that was restored from an older copy of itself, what the others tell it, and when it seals again. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { takeBack as continued } from '#core/entry/taken-back.ts';
import { createTakeBack, type OwnClaims, type TakeBack, type TakeBackDeps } from '#engine/take-back.ts';
import type { Vault } from '#ports';
import type { Entry } from '#schemas/entry.ts';
import { expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createManualTime, type ManualTime } from '../support/manual-time.ts';
import { openSealingShop } from '../support/sealing-till.ts';

const shop = await openSealingShop();

interface Restored {
	readonly vault: Vault;
	readonly takeBack: TakeBack;
	readonly time: ManualTime;
	/** As the device was when the copy was made, and everything after it. */
	readonly told: readonly Entry[];
	/** What others have sent so far. */
	arrived: Entry[];
	isSettled(): boolean;
	sell(key: string): Promise<Entry>;
}

/** Sold six, and is back at the second one. */
async function restored(options: Partial<Pick<TakeBackDeps, 'isNew' | 'isLost' | 'timers'>> = {}): Promise<Restored> {
	const before = await shop.till({ vault: createMemoryVault() });
	for (let n = 1; n <= 6; n += 1) await before.sell(`sale-number-${n}`);
	const vault = createMemoryVault();
	const till = await shop.till({ vault, signer: before.signer });
	const taken = continued(await vault.read(), before.told.slice(0, options.isLost === true ? 0 : 2));
	if (taken !== undefined) await vault.takeBack({ version: 0, ownership: till.ownership, taken });
	const time = createManualTime();
	const world: Restored = {
		...{ vault, time, told: before.told, arrived: [] },
		takeBack: createTakeBack({
			...{ vault, ownership: () => till.ownership, timers: time.timers, onTaken: () => undefined, ...options },
			ownAbove: () => Promise.resolve(world.arrived),
		}),
		isSettled: () => world.takeBack.settled() === undefined,
		async sell(key) {
			await world.takeBack.settled();
			const [entry] = (await till.sell(key)).entries;
			return entry!;
		},
	};
	world.takeBack.look();
	await moment();
	return world;
}

const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function claims(branch: number, isKeeper = true): OwnClaims {
	return { seqs: { branch, store: 0 }, byKeeper: isKeeper ? { branch, store: 0 } : undefined };
}

test('1: a hub that holds no more than this device lets it sell at once', async () => {
	const { takeBack, isSettled } = await restored();
	expect(isSettled()).toBe(false);
	takeBack.hear(claims(2));
	await eventually(isSettled, 'it may sell');
});

test('1: a device that others have passed takes back what it lacks, and goes on from there: no fork, no receipt number twice', async () => {
	const world = await restored();
	world.takeBack.hear(claims(6));
	const next = world.sell('sold-after-restoring');
	await moment();
	expect(world.isSettled()).toBe(false);
	world.arrived = [...world.told];
	world.takeBack.look();
	const { header, facts } = await next;
	expect([header.seq, header.prev]).toEqual([7, world.told[5]!.hash]);
	expect(facts).toMatchObject([{ receipt: { number: 7 } }]);
	expect(await world.vault.saleByKey(world.told[4]!.header.key)).toMatchObject({ seq: 5, receipt: { number: 5 } });
});

test('1: in pieces, out of order, with the last one late: it waits as long as something comes', async () => {
	const world = await restored();
	world.takeBack.hear(claims(6));
	for (const piece of [[5], [2], [3]]) {
		await world.time.pass(1_500);
		world.arrived = [...world.arrived, ...piece.map((place) => world.told[place]!)];
		world.takeBack.look();
		await moment();
	}
	expect([world.isSettled(), (await world.vault.read()).heads.branch?.seq]).toEqual([false, 4]);
	world.arrived = [...world.arrived, world.told[4]!];
	world.takeBack.look();
	await eventually(world.isSettled, 'all is back');
	expect((await world.vault.read()).heads.branch?.seq).toBe(6);
});

test('1: nobody answers: after two seconds of listening it sells on, and at last after five', async () => {
	const listening = await restored();
	listening.takeBack.listening();
	await listening.time.pass(1_999);
	expect(listening.isSettled()).toBe(false);
	await listening.time.pass(1);
	expect(listening.isSettled()).toBe(true);
	expect((await listening.sell('sold-all-the-same')).header.seq).toBe(3);
	const deaf = await restored();
	await deaf.time.pass(5_000);
	expect(deaf.isSettled()).toBe(true);
});

test('1: time in which this process was too busy to hear anybody is no silence: a timer that comes late counts for as long as it was set', async () => {
	const due: { readonly ms: number; readonly task: () => unknown }[] = [];
	const world = await restored({
		timers: {
			every: () => () => undefined,
			after(ms, task) {
				due.push({ ms, task });
				return () => undefined;
			},
		},
	});
	due.length = 0;
	world.takeBack.listening();
	let waitedMs = 0;
	for (let next = due.shift(); next !== undefined; next = due.shift()) {
		expect(world.isSettled()).toBe(false);
		expect(next.ms).toBeLessThanOrEqual(100);
		waitedMs += next.ms;
		next.task();
	}
	expect([waitedMs, world.isSettled()]).toEqual([2_000, true]);
});

test('1: a till that knows no more, or a hub that has lost something itself, is no answer', async () => {
	const world = await restored();
	world.takeBack.hear(claims(2, false));
	world.takeBack.hear(claims(1));
	await moment();
	expect(world.isSettled()).toBe(false);
});

test('4: that others hold what this run has recorded is asked of nobody', async () => {
	const world = await restored();
	world.takeBack.hear(claims(2));
	await eventually(world.isSettled, 'it may sell');
	world.takeBack.recorded([await world.sell('sold-a-moment-ago')]);
	const read = vi.spyOn(world.vault, 'read');
	world.takeBack.hear(claims(3));
	await moment();
	expect([world.isSettled(), read.mock.calls]).toEqual([true, []]);
	world.takeBack.hear(claims(4));
	await eventually(() => read.mock.calls.length > 0, 'the vault is asked');
});

test('3: a claim that nobody can prove is waited for once', async () => {
	const world = await restored();
	world.takeBack.listening();
	await world.time.pass(2_000);
	world.takeBack.hear(claims(9_000, false));
	await eventually(() => !world.isSettled(), 'it waits');
	await world.time.pass(2_000);
	expect(world.isSettled()).toBe(true);
	world.takeBack.hear(claims(9_000, false));
	await moment();
	expect(world.isSettled()).toBe(true);
});

test('2: the other side of a fork is left alone, and stops nobody', async () => {
	const world = await restored();
	world.takeBack.listening();
	await world.time.pass(2_000);
	await world.sell('sold-without-an-answer');
	world.arrived = [...world.told];
	world.takeBack.look();
	world.takeBack.hear(claims(6));
	await eventually(() => !world.isSettled(), 'it waits');
	await world.time.pass(2_000);
	await eventually(world.isSettled, 'it sells on');
	expect((await world.sell('sold-on-its-own-side')).header.seq).toBe(4);
});

test('4: what others kept is taken back at whatever time they are heard', async () => {
	const world = await restored();
	world.takeBack.listening();
	await world.time.pass(2_000);
	world.takeBack.hear(claims(6));
	await eventually(() => !world.isSettled(), 'it waits');
	world.arrived = [...world.told];
	world.takeBack.look();
	expect((await world.sell('sold-an-hour-later')).header.seq).toBe(7);
});

test('a sale that comes between reading and writing is not overwritten', async () => {
	const world = await restored();
	world.takeBack.listening();
	await world.time.pass(2_000);
	world.arrived = [...world.told];
	const racing = world.sell('sold-in-between');
	world.takeBack.look();
	await racing;
	await moment();
	const entries = await world.vault.ownEntries('branch', 1, 10);
	expect(entries).toHaveLength((await world.vault.read()).heads.branch!.seq);
});

test('whoever knows that its entries are lost waits for them, however long it takes', async () => {
	const world = await restored({ isLost: true });
	world.takeBack.listening();
	await world.time.pass(60_000);
	world.takeBack.hear(claims(0));
	await moment();
	expect([world.isSettled(), world.takeBack.isLost()]).toEqual([false, true]);
	world.arrived = [...world.told];
	world.takeBack.hear(claims(6));
	world.takeBack.look();
	await eventually(world.isSettled, 'all is back');
	expect(world.takeBack.isLost()).toBe(false);
});

test('who was enrolled a moment ago asks nobody', async () => {
	expect((await restored({ isNew: true })).isSettled()).toBe(true);
});
