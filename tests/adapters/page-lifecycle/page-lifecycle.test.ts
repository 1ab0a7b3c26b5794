/** When a page comes back, and when it goes, as browsers tell it. */
import { beforeEach, expect, test } from 'vitest';
import { createPageLifecycle } from '#adapters/page-lifecycle/page-lifecycle.ts';

let nowMs: number;
let woken: number;
let hidden: number;
let page: EventTarget & { visibilityState: DocumentVisibilityState };
let around: EventTarget;
let look: () => void;

beforeEach(() => {
	[nowMs, woken, hidden] = [1_000_000, 0, 0];
	page = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState });
	around = new EventTarget();
	const timers = {
		every: (_: number, task: () => unknown) => {
			look = () => void task();
			return () => undefined;
		},
		after: () => () => undefined,
	};
	const { addEventListener } = around;
	const lifecycle = createPageLifecycle({
		page,
		around: { addEventListener: addEventListener.bind(around) as Window['addEventListener'] },
		clock: { nowMs: () => nowMs },
		timers,
	});
	lifecycle.onWake(() => (woken += 1));
	lifecycle.onHidden(() => (hidden += lifecycle.isHidden() ? 1 : 0));
});

test.each([
	['it is looked at again', () => page.dispatchEvent(new Event('visibilitychange'))],
	['it is thawed', () => page.dispatchEvent(new Event('resume'))],
	['it comes out of the history', () => around.dispatchEvent(new Event('pageshow'))],
	['the network is there again', () => around.dispatchEvent(new Event('online'))],
])('%s', (_, happen) => {
	happen();
	expect(woken).toBe(1);
});

test('several events of one coming-back are one; the next is another (1)', () => {
	page.dispatchEvent(new Event('resume'));
	around.dispatchEvent(new Event('online'));
	expect(woken).toBe(1);
	nowMs += 60_000;
	around.dispatchEvent(new Event('online'));
	expect(woken).toBe(2);
});

test('a clock that was set back keeps no coming-back quiet (1)', () => {
	around.dispatchEvent(new Event('online'));
	nowMs -= 2 * 60 * 60_000; // As soon as there is a network the system corrects it.
	look();
	nowMs += 1_000;
	around.dispatchEvent(new Event('online'));
	expect(woken).toBe(2);
});

test('timers that stood still tell that the device slept; a page that nobody sees, and one at work, say nothing (2)', () => {
	nowMs += 3_000;
	look();
	expect(woken).toBe(0);
	nowMs += 11_000;
	look();
	expect(woken).toBe(1);
	page.visibilityState = 'hidden';
	nowMs += 60_000;
	look();
	page.dispatchEvent(new Event('visibilitychange'));
	expect(woken).toBe(1);
});

test('going out of sight is told at once, each time; being looked at again is not that (3)', () => {
	for (const visibilityState of ['hidden', 'visible', 'hidden'] as const) {
		page.visibilityState = visibilityState;
		page.dispatchEvent(new Event('visibilitychange'));
	}
	expect(hidden).toBe(2);
});
