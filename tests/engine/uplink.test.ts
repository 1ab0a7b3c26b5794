/** Who of the branch links to the relay: the holder alone, and whoever is alone. */
import { createUplink } from '#engine/uplink.ts';
import type { RelayState } from '#ports';
import { expect, test } from 'vitest';
import { createManualTime } from '../support/manual-time.ts';

function open({ isHub = false, isKnown = true }: { readonly isHub?: boolean; readonly isKnown?: boolean } = {}) {
	const time = createManualTime();
	const told: (boolean | undefined)[] = [];
	const leaseListeners: (() => void)[] = [];
	const linkListeners: ((state: RelayState) => void)[] = [];
	const now = {
		holds: false,
		holderCloud: 'none' as 'none' | 'connected' | 'apart',
		answers: true,
		probes: 0,
		link: { state: 'stopped' } as RelayState,
	};
	const become = (state: RelayState): void => {
		now.link = state;
		for (const listener of linkListeners) listener(state);
	};
	const uplink = createUplink({
		replica: {
			holdsLease: () => now.holds,
			onLease: (listener) => leaseListeners.push(listener),
			setCloud: (reached) => told.push(reached),
			findings: () => ({ lease: { holder: 'x', sinceMs: 0, heardAtMs: 0, cloud: now.holderCloud } }) as never,
		},
		link: {
			start: () => become({ state: 'connecting' }),
			stop: () => Promise.resolve(become({ state: 'stopped' })),
			wake: () => undefined,
			state: () => now.link,
			onState: (listener) => linkListeners.push(listener),
		},
		probe() {
			now.probes += 1;
			return Promise.resolve(now.answers);
		},
		...{ isRelayKnown: () => isKnown, isHub, timers: time.timers },
	});
	return {
		...{ uplink, now, told, become, time },
		setHolds(holds: boolean) {
			now.holds = holds;
			for (const listener of leaseListeners) listener();
		},
	};
}

test('1: whoever gets the lease links, says when the cloud is reached, and lets go with the lease', () => {
	const it = open();
	expect(it.now.link.state).toBe('stopped');
	it.setHolds(true);
	expect(it.now.link.state).toBe('connecting');
	it.become({ state: 'connected', sinceMs: 1 });
	expect(it.told.at(-1)).toBe(true);
	it.become({ state: 'waiting', sinceMs: 1, retryAtMs: 2, reason: 'the relay does not answer' });
	expect(it.told.at(-1)).toBe(false);
	it.setHolds(false);
	expect(it.now.link.state).toBe('stopped');
});

test('1: working alone links to nobody, whoever holds the lease', () => {
	const it = open();
	it.setHolds(true);
	it.uplink.want(false);
	expect(it.now.link.state).toBe('stopped');
	expect(it.told.at(-1)).toBeUndefined();
	it.uplink.want(true);
	expect(it.now.link.state).toBe('connecting');
});

test('1: without a relay there is nothing to link to, until one is known', async () => {
	const it = open({ isKnown: false });
	it.setHolds(true);
	await it.time.pass(10_000);
	expect([it.now.link.state, it.now.probes]).toEqual(['stopped', 0]);
});

test('2: a till asks for the cloud only while the holder has none, and forgets an old answer', async () => {
	const it = open();
	it.now.holderCloud = 'apart';
	await it.time.pass(5_000);
	expect([it.now.probes, it.told.at(-1)]).toEqual([1, true]);
	it.now.holderCloud = 'connected';
	await it.time.pass(10_000);
	expect([it.now.probes, it.told.at(-1)]).toEqual([1, undefined]);
});

test('2: a hub always asks, so that it can take the lease back from a till', async () => {
	const it = open({ isHub: true });
	it.now.holderCloud = 'connected';
	await it.time.pass(15_000);
	expect([it.now.probes, it.told.at(-1)]).toEqual([3, true]);
	it.now.answers = false;
	await it.time.pass(5_000);
	expect(it.told.at(-1)).toBe(false);
});

test('3: whoever takes the lease by an answer of the relay has reached the cloud until its link has failed', async () => {
	const it = open();
	it.now.holderCloud = 'apart';
	await it.time.pass(5_000);
	it.setHolds(true);
	expect([it.now.link.state, it.told.at(-1)]).toEqual(['connecting', true]);
	it.become({ state: 'waiting', sinceMs: 1, retryAtMs: 2, reason: 'the relay does not answer' });
	expect(it.told.at(-1)).toBe(false);
	it.become({ state: 'connecting' });
	expect(it.told.at(-1)).toBe(false);
});

test('3: a hub that was linked when the lease left it has reached the cloud when it comes back', () => {
	const it = open({ isHub: true });
	it.setHolds(true);
	it.become({ state: 'connected', sinceMs: 1 });
	it.setHolds(false);
	it.setHolds(true);
	expect([it.now.link.state, it.told.at(-1)]).toEqual(['connecting', true]);
});

test('4: a hub whose link fails although the relay answers believes no answer for a minute, and then asks again', async () => {
	const it = open({ isHub: true });
	await it.time.pass(5_000);
	expect(it.told.at(-1)).toBe(true);
	it.setHolds(true);
	it.become({ state: 'waiting', sinceMs: 1, retryAtMs: 2, reason: 'the relay refused the connection' });
	it.setHolds(false);
	await it.time.pass(60_000);
	expect([it.now.probes, it.told.at(-1)]).toEqual([1, false]);
	await it.time.pass(5_000);
	expect([it.now.probes, it.told.at(-1)]).toEqual([2, true]);
});

test('4: a link that was up and broke casts no doubt on the next answer', async () => {
	const it = open({ isHub: true });
	await it.time.pass(5_000);
	it.setHolds(true);
	it.become({ state: 'connected', sinceMs: 1 });
	it.become({ state: 'waiting', sinceMs: 1, retryAtMs: 2, reason: 'the relay ended the connection' });
	it.setHolds(false);
	await it.time.pass(5_000);
	expect(it.told.at(-1)).toBe(true);
});

test('closing ends the link, and asks nobody any more', async () => {
	const it = open({ isHub: true });
	it.setHolds(true);
	await it.uplink.close();
	await it.time.pass(20_000);
	expect([it.now.link.state, it.now.probes, it.time.pending()]).toEqual(['stopped', 0, 0]);
});
