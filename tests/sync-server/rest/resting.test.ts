/** Who asks for a branch while it goes from memory. */
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import { createResting, type AwakeBranch, type OpenBranch } from '#server/rest/resting.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../../support/manual-time.ts';

const NAME = { store: '5e'.repeat(16) as StoreId, branch: 'b1'.repeat(16) as BranchId };
const REST_AFTER_MS = 60_000;

/** A branch with nothing in it, which is idle when it is told to be. */
function openQuiet() {
	const time = createManualTime();
	const idling: PromiseWithResolvers<undefined>[] = [];
	let areReportsSettled = true;
	const log: string[] = [];
	const wakes: (() => void)[] = [];
	const branch = {
		replica: {
			findings: () => ({ watermarks: [], claimedSeq: new Map() }),
			idle() {
				const idle = Promise.withResolvers<undefined>();
				idling.push(idle);
				return idle.promise;
			},
			...{ stockRows: () => undefined, ownWatermark: () => undefined },
		},
		ledger: { marks: () => [], size: () => 0, chains: () => [], state: { settings: { value: () => undefined }, devices: new Map() } },
		...{ verifier: { devices: () => [] }, close: () => Promise.resolve(log.push('closed')) },
	};
	const awakeNow = (): AwakeBranch => ({
		branch: branch as never,
		reporter: { isSettled: () => areReportsSettled, hurry: () => log.push('hurried'), close: () => Promise.resolve() } as never,
		...{ heard: undefined, newsMs: time.clock.nowMs() },
	});
	const entry: OpenBranch = {
		...{ name: NAME as never, door: {} as never, storage: {} as never, linked: new Map(), keys: { sendTo: () => undefined } as never },
		gate: { hold: () => log.push('held'), release: () => log.push('released'), rest: () => undefined, heardDocumentsMs: () => 0 } as never,
		...{ awake: awakeNow(), note: undefined, turning: undefined, isClosed: false, closing: Promise.withResolvers<undefined>() },
	};
	const resting = createResting({
		...{ opened: () => [entry], answering: () => undefined, hearKeys: () => false, mayRest: () => true, self: '00'.repeat(32) as DeviceId },
		...{ restAfterMs: REST_AFTER_MS, goodbye: '', clock: time.clock, timers: time.timers, log: (event) => log.push(event) },
		takeUp() {
			log.push('taken up');
			return Promise.resolve(awakeNow());
		},
		share: {
			add: () => log.push('added'),
			rest(_branch, wake) {
				wakes.push(wake);
			},
		},
	});
	const end = async (by: (idle: PromiseWithResolvers<undefined>) => void): Promise<void> => {
		await expect.poll(() => idling.length).toBeGreaterThan(0);
		for (const one of idling.splice(0)) by(one);
		await entry.turning;
	};
	return {
		...{ time, entry, log, wakes, resting },
		becomesIdle: () =>
			end((idle) => {
				idle.resolve(undefined);
			}),
		fails: () =>
			end((idle) => {
				idle.reject(new Error('the disk'));
			}),
		settleReports: (areSettled: boolean) => (areReportsSettled = areSettled),
	};
}

test('a branch that nobody asks for goes', async () => {
	const it = openQuiet();
	await it.time.pass(REST_AFTER_MS * 2);
	await it.becomesIdle();
	expect([it.log, it.entry.awake]).toEqual([['held', 'closed', 'branch rests'], undefined]);
	it.resting.close();
});

test('one that another branch has something for, while it goes, stays and is given it', async () => {
	const it = openQuiet();
	await it.time.pass(REST_AFTER_MS * 2);
	await expect.poll(() => it.wakes.length).toBe(1);
	it.wakes[0]?.();
	await it.becomesIdle();
	expect(it.log).toEqual(['held', 'added', 'released']);
	expect(it.entry.awake).toBeDefined();
	it.resting.close();
});

test('one that a disk keeps from going stays, and is given what others have for it', async () => {
	const it = openQuiet();
	await it.time.pass(REST_AFTER_MS * 2);
	await it.fails();
	expect(it.log).toEqual(['held', 'branch did not turn', 'added', 'released']);
	it.resting.close();
});

test('one that another process has by now waits for its disk no more', async () => {
	const it = openQuiet();
	await it.time.pass(REST_AFTER_MS * 2);
	expect(it.entry.turning).toBeDefined();
	it.entry.isClosed = true;
	it.entry.closing.resolve(undefined);
	await it.entry.turning;
	expect(it.log).toEqual(['held']);
	it.resting.close();
});

test('one whose reports cannot be written takes what comes, and goes when they are', async () => {
	const it = openQuiet();
	it.settleReports(false);
	await it.time.pass(REST_AFTER_MS + 1_000);
	expect(it.log).toEqual(['hurried']);
	it.settleReports(true);
	await it.time.pass(REST_AFTER_MS);
	await it.becomesIdle();
	expect(it.log).toEqual(['hurried', 'held', 'closed', 'branch rests']);
	it.resting.close();
});

test('one that is asked for when it has gone comes back', async () => {
	const it = openQuiet();
	await it.time.pass(REST_AFTER_MS * 2);
	await it.becomesIdle();
	it.wakes[0]?.();
	await expect.poll(() => it.entry.awake).toBeDefined();
	expect(it.log).toEqual(['held', 'closed', 'branch rests', 'held', 'taken up', 'released']);
	it.resting.close();
});
