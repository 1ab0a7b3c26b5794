/** Invariants of `core/lease/lease.ts`: by hand, and over every history of three devices to a stated depth. */
import {
	compareTerms,
	hearLease,
	holdsLease,
	QUIET_MS,
	REACHED_MS,
	setCloud,
	startLease,
	tickLease,
	type LeaseMessage,
	type LeaseState,
} from '#core/lease/lease.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { holders, IDS, IS_HUB, keyOf, movesOf, partOf, startWorld, steady, type Move, type World } from './explore.ts';

const [a, b] = IDS as [DeviceId, DeviceId];

function message(term: [number, DeviceId], changes: Partial<LeaseMessage> = {}): LeaseMessage {
	return { t: 'lease', term, heldForMs: 0, cloud: 'none', cloudForMs: 0, ...changes };
}

function holding(self: DeviceId, nowMs = 0): LeaseState {
	return tickLease(startLease(self, false, nowMs - QUIET_MS), nowMs).state;
}

test('3: who hears of nobody for two and a half seconds claims, and says so at once', () => {
	const start = startLease(a, false, 0);
	expect(tickLease(start, QUIET_MS - 1)).toEqual({ state: start, send: [] });
	const { state, send } = tickLease(start, QUIET_MS);
	expect(holdsLease(state)).toBe(true);
	expect(send).toEqual([message([1, a])]);
});

test('a holder shows itself every second, and says how long it has held and reached the cloud', () => {
	let state = setCloud(holding(a), true, 100);
	expect(tickLease(state, 999).send).toEqual([]);
	const at = tickLease(state, 1_000);
	expect(at.send).toEqual([message([1, a], { heldForMs: 1_000, cloud: 'connected', cloudForMs: 900 })]);
	({ state } = at);
	expect(tickLease(state, 1_999).send).toEqual([]);
	expect(tickLease(state, 2_000).send).toHaveLength(1);
});

test('2: a holder hears a higher term and stops; a lower one makes it stop for nothing', () => {
	const state = hearLease(holding(a), message([7, b]), true, 10).state;
	expect(holdsLease(state)).toBe(false);
	expect(state.holder?.term).toEqual([7, b]);
	const third = hearLease(holding(b), message([1, a]), false, 10).state;
	expect(holdsLease(third)).toBe(true);
});

test('3: a hub ranks before a till, and takes the lease over with a higher term as soon as it hears of it', () => {
	const { state, send } = hearLease(startLease(b, true, 0), message([4, a]), false, 10);
	expect(holdsLease(state)).toBe(true);
	expect(send).toEqual([message([5, b])]);
});

test('3: when the holder cannot reach the cloud and another has for ten seconds, the lease moves, and not before', () => {
	const till = setCloud(startLease(a, false, 0), true, 0);
	const hub = message([4, b], { cloud: 'apart', cloudForMs: 60_000 });
	expect(holdsLease(hearLease(till, hub, true, REACHED_MS - 1).state)).toBe(false);
	expect(holdsLease(hearLease(till, hub, true, REACHED_MS).state)).toBe(true);
});

test('1: its own words that come back make nobody step down, and are never repeated as a new term', () => {
	const state = hearLease(holding(a), message([9, a]), false, 10).state;
	expect(holdsLease(state)).toBe(true);
	expect(state.highest).toBe(9);
});

test('a number that no honest device reaches blocks nobody once its author is silent', () => {
	const fooled = hearLease(startLease(a, false, 0), message([Number.MAX_SAFE_INTEGER, b]), true, 10).state;
	expect(holdsLease(fooled)).toBe(false);
	const { state } = tickLease(fooled, 10 + QUIET_MS);
	expect(state.own?.term).toEqual([1, a]);
});

test('4: a clock that is set back by a day costs a quiet spell, and no more', () => {
	const day = 86_400_000;
	const listening = hearLease(startLease(b, false, day), message([1, a]), false, day).state;
	expect(holdsLease(tickLease(tickLease(listening, 0).state, QUIET_MS).state)).toBe(true);
	const beating = tickLease(holding(a, day), 0);
	expect(beating.send).toHaveLength(1);
});

/** Every state that is reached within so many steps of a beginning, whatever the steps are. */
const DEPTH = 5;

test(`1, 2, 3: in every history of three devices, ${DEPTH} steps deep from three beginnings: a claim is above all that was heard, a holder stops for a higher term alone, and five steady seconds leave one holder a part`, () => {
	const seen = new Set<string>();
	// Nobody yet; one who holds; one who holds and reaches the cloud, with a till that does not know.
	const settled = steady(startWorld(), 5_000);
	let level: World[] = [startWorld(), settled, steady({ ...settled, cut: ['0-1', '0-2'] }, 4_000)];
	for (let depth = 0; depth <= DEPTH; depth += 1) {
		const next: World[] = [];
		for (const world of level) {
			const key = keyOf(world);
			if (seen.has(key)) continue;
			seen.add(key);
			expectSettles(world);
			if (depth === DEPTH) continue;
			for (const move of movesOf(world)) {
				expectLawful(world, move);
				next.push(move.next);
			}
		}
		level = next;
	}
	expect(seen.size).toBeGreaterThan(20_000);
});

function expectLawful({ devices }: World, { name, next, heard, restarts }: Move): void {
	for (const [index, { lease: before }] of devices.entries()) {
		const after = next.devices[index]?.lease;
		if (restarts === index || before === undefined || after === undefined) continue;
		const [held, holds] = [before.own?.term, after.own?.term];
		if (held !== undefined && holds === undefined && !(heard?.to === index && compareTerms(heard.message.term, held) > 0))
			throw new Error(`device ${index} gave up ${held.join()} on "${name}" (2)`);
		if (holds === undefined || (held !== undefined && compareTerms(held, holds) === 0)) continue;
		const highest = Math.max(before.highest, heard?.to === index ? heard.message.term[0] : 0);
		if (holds[0] <= highest) throw new Error(`device ${index} claimed ${holds.join()} when it had heard of ${highest}, on "${name}" (1)`);
	}
}

function expectSettles(world: World): void {
	const soon = steady(world, 5_000);
	// A cloud that has been reached for less than ten seconds does not count, and moves ranks as soon as it does: until then one holds, whoever it is.
	const ranksMove = world.devices.some(({ lease }) => lease?.cloud?.reached === true && world.nowMs - lease.cloud.sinceMs < REACHED_MS);
	expectOneHolder(world, soon, !ranksMove);
	if (ranksMove) expectOneHolder(world, steady(soon, REACHED_MS), true);
}

/** In each part of the network; the first in rank, where ranks have not moved. */
function expectOneHolder(world: World, later: World, isFirst: boolean): void {
	for (const from of later.devices.keys()) {
		const device = later.devices[from];
		if (device?.lease === undefined || device.isFrozen) continue;
		const part = partOf(later, from);
		const holding = holders(later).filter((index) => part.includes(index));
		const first = [...part].sort((x, y) => rankOf(later, x) - rankOf(later, y))[0];
		if (holding.length !== 1 || (isFirst && holding[0] !== first))
			throw new Error(`${JSON.stringify(holding)} hold where ${first} ranks first: ${keyOf(world)}`);
	}
}

function rankOf({ devices }: World, index: number): number {
	return (devices[index]?.hasCloud === true ? 0 : 100) + (IS_HUB[index] === true ? 0 : 10) + index;
}

test('a takeover is within five seconds of the holder’s death, whenever it dies', () => {
	for (let diesAtMs = 0; diesAtMs < 1_000; diesAtMs += 100) {
		const settled = steady(startWorld(), 5_000 + diesAtMs);
		const [holder] = holders(settled);
		expect(holder).toBe(1);
		const dead: World = {
			...settled,
			devices: settled.devices.map((device, index) => (index === holder ? { ...device, lease: undefined } : device)),
		};
		expect(holders(steady(dead, 5_000))).toEqual([0]);
	}
});
