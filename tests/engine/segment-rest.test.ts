/** Documents at a peer that hears everything by the lane: opened for what is missing, and for nothing else. */
import { createSegmentRest, type ChainReach } from '#engine/segment-rest.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';

const TILL = 'aa'.repeat(32) as DeviceId;
const OTHER = 'bb'.repeat(32) as DeviceId;

function open(...first: readonly Partial<ChainReach>[]) {
	const time = createManualTime();
	const did: string[] = [];
	let busy = false;
	let chains: readonly ChainReach[] = [];
	const set = (...reach: readonly Partial<ChainReach>[]): void => {
		chains = reach.map((one) => ({ ...{ device: TILL, scope: 'branch', wholeSeq: 0, knownSeq: 0, forks: false }, ...one }));
	};
	set(...first);
	const rest = createSegmentRest({
		...{ timers: time.timers, chains: () => chains, isBusy: () => busy },
		ask: () => did.push('ask'),
		open: ({ device }) => did.push(`open ${device === TILL ? 'till' : 'other'}`),
		rest: () => did.push('rest'),
	});
	return { time, did, set, rest, setBusy: (is: boolean) => (busy = is) };
}

test('1: what is here whole opens nothing and asks for nothing, however often it is claimed', async () => {
	const { time, did, rest } = open({ wholeSeq: 7, knownSeq: 7 });
	rest.look();
	await time.pass(60_000);
	expect(did).toEqual([]);
	expect(rest.isWanted(TILL, 'branch')).toBe(false);
});

test('1, 2: what comes a moment later was no gap; what does not come is asked for, and then looked for in its documents alone', async () => {
	const { time, did, set, rest } = open({ knownSeq: 3 }, { device: OTHER, wholeSeq: 1, knownSeq: 1 });
	rest.look();
	await time.pass(300);
	expect(did).toEqual([]);
	await time.pass(300);
	expect(did).toEqual(['ask']);
	await time.pass(3_000);
	expect(did).toEqual(['ask', 'open till']);
	expect([rest.isWanted(TILL, 'branch'), rest.isWanted(TILL, 'store'), rest.isWanted(OTHER, 'branch')]).toEqual([true, false, false]);
	await time.pass(60_000);
	expect(did).toEqual(['ask', 'open till']);
	set({ wholeSeq: 3, knownSeq: 3 });
	rest.look();
	await time.pass(1_000);
	expect(rest.isWanted(TILL, 'branch')).toBe(true);
	await time.pass(6_000);
	expect(did).toEqual(['ask', 'open till', 'rest']);
	expect(rest.isWanted(TILL, 'branch')).toBe(false);
});

test('2: a chain that grows is on its way: no document is opened for it', async () => {
	const { time, did, set, rest } = open({ knownSeq: 100 });
	rest.look();
	for (let wholeSeq = 1; wholeSeq <= 50; wholeSeq += 1) {
		set({ wholeSeq, knownSeq: 100 });
		await time.pass(250);
	}
	expect(did).toEqual([]);
});

test('2: while the intake is busy a gap is looked for later, and is looked for', async () => {
	const { time, did, rest, setBusy } = open({ knownSeq: 3 });
	setBusy(true);
	rest.look();
	await time.pass(2_000);
	expect(did).toEqual([]);
	await time.pass(30_000);
	expect(did).toEqual(['ask', 'open till']);
});

test('1: a fork is settled in documents', async () => {
	const { time, did, rest } = open({ wholeSeq: 4, knownSeq: 4, forks: true });
	rest.look();
	await time.pass(5_000);
	expect(did).toEqual(['ask', 'open till']);
});

test('3: several devices meet in the documents, and what is alone again rests', async () => {
	const { time, did, rest } = open({ wholeSeq: 1, knownSeq: 1 }, { device: OTHER, wholeSeq: 1, knownSeq: 1 });
	rest.setMany(true);
	expect(did).toEqual(['open till', 'open other']);
	expect(rest.isWanted(OTHER, 'store')).toBe(true);
	rest.setMany(false);
	await time.pass(6_000);
	expect(did).toEqual(['open till', 'open other', 'rest']);
	expect(rest.isWanted(OTHER, 'store')).toBe(false);
});
