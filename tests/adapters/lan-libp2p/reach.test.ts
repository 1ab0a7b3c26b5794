/** The rules of dialling, on a clock of our own. */
import { beforeEach, expect, test } from 'vitest';
import { createReach, pauseMs, type Reach, type Wanted } from '#adapters/lan-libp2p/reach.ts';

let nowMs: number;
let wanted: Wanted[];
let linked: Set<string>;
let connected: Set<string>;
let dials: { atMs: number; address: string | undefined; settle: (error?: Error) => void }[];
let opens: string[];
let mayOpen: boolean;
let reach: Reach;

const tillB: Wanted = { peer: 'B', addresses: ['to B'], isHub: false };
const hub: Wanted = { peer: 'A', addresses: ['to the hub'], isHub: true };

function reachAs(self: string): Reach {
	return createReach({
		self,
		nowMs: () => nowMs,
		wanted: () => wanted,
		isLinked: (peer) => linked.has(peer),
		connected: () => [...connected],
		dial: (addresses) => {
			const { promise, resolve, reject } = Promise.withResolvers<undefined>();
			dials.push({ atMs: nowMs, address: addresses[0], settle: (error) => (error === undefined ? resolve(undefined) : reject(error)) });
			return promise;
		},
		open: async (peer) => void opens.push(peer),
		mayOpen: () => mayOpen,
		onFailure: () => undefined,
		after: () => undefined,
	});
}

async function wait(ms: number): Promise<void> {
	for (const until = nowMs + ms; nowMs < until;) {
		nowMs = Math.min(until, nowMs + 100);
		reach.look();
		for (const dial of dials) dial.settle(new Error('nobody there')); // Settling twice changes nothing.
		await new Promise((resolve) => setImmediate(resolve));
	}
}

beforeEach(() => {
	nowMs = 1_000_000;
	wanted = [];
	linked = new Set();
	connected = new Set();
	dials = [];
	opens = [];
	mayOpen = true;
	reach = reachAs('M');
});

test('a peer that does not answer is tried for ever, at distances that stop growing (1)', async () => {
	wanted = [hub];
	reach.look();
	await wait(60_000);
	const gaps = dials.slice(1).map(({ atMs }, i) => atMs - (dials[i]?.atMs ?? 0));
	expect(gaps[0]).toBeLessThanOrEqual(600);
	expect(Math.max(...gaps)).toBeLessThanOrEqual(2_300);
	expect(dials.length).toBeGreaterThan(25);
	expect(pauseMs(1_000, true, 0)).toBe(2_000);
	expect(pauseMs(1_000, false, 0)).toBe(5_000);
});

test('never two dials of one peer at once (1)', () => {
	wanted = [hub];
	for (let i = 0; i < 5; i += 1) reach.look();
	expect(dials).toHaveLength(1);
	expect(reach.isDialling('A')).toBe(true);
	expect(reach.isDialling('B')).toBe(false);
});

test('a link that lived is tried again at once, one that broke after a moment is not (2)', () => {
	wanted = [hub];
	reach.lost('A', 60_000, 0);
	reach.look();
	expect(dials).toHaveLength(1);
	reach = reachAs('M');
	reach.lost('A', 100, 0);
	reach.look();
	expect(dials).toHaveLength(1);
});

test('who was told that it is refused waits as long as it was told', async () => {
	wanted = [hub];
	reach.lost('A', 100, 30_000);
	await wait(29_000);
	expect(dials).toHaveLength(0);
	await wait(2_000);
	expect(dials.length).toBeGreaterThan(0);
});

test('of two tills the smaller dials, the larger only after four seconds (3)', async () => {
	wanted = [tillB];
	reach.look(); // We are M, larger than B.
	await wait(3_900);
	expect(dials).toHaveLength(0);
	await wait(300);
	expect(dials).toHaveLength(1);
	reach = reachAs('0');
	dials = [];
	reach.look();
	expect(dials).toHaveLength(1);
});

test('the stream is opened by the smaller, and only while the replica is there (3)', async () => {
	connected = new Set(['B', 'Z']);
	mayOpen = false;
	reach.look();
	expect(opens).toEqual([]);
	mayOpen = true;
	reach.look();
	expect(opens).toEqual(['Z']);
	linked.add('Z');
	reach.look();
	expect(opens).toEqual(['Z']);
});

test('a device that wakes dials at once whoever it was waiting for, but not who told it to wait (4)', async () => {
	wanted = [hub, tillB];
	reach.look();
	await wait(30_000);
	reach.lost('B', 100, 30_000);
	// Between two tries of the hub, which are two seconds apart.
	await wait(300);
	dials = [];
	reach.hurry();
	expect(dials.map(({ address }) => address)).toEqual(['to the hub']);
	await wait(700);
	expect(dials.length).toBeGreaterThan(1);
});

test('after `stop` nothing is dialled (5)', async () => {
	wanted = [hub, tillB];
	reach.stop();
	await wait(10_000);
	expect(dials).toHaveLength(0);
});
