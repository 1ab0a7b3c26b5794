/**
 * When this page goes out of sight, and when it comes back: it is looked at again, thawed, taken out of the history, has a network again, or has slept with its device.
 *
 * 1. One coming-back is told once, although browsers say it by several events within a moment.
 * 2. A closed lid may fire no event at all: timers that stood still tell it. In a tab that nobody sees they are slowed to one a minute, and say nothing.
 * 3. That nobody sees it is told before it is frozen: the last moment at which it surely runs.
 */
import { neverBack } from '#core/spans.ts';
import type { Clock, Timers, Wakes } from '#ports';

export interface PageLifecycleDeps {
	readonly page: Pick<Document, 'addEventListener' | 'visibilityState'>;
	readonly around: Pick<Window, 'addEventListener'>;
	readonly clock: Clock;
	readonly timers: Timers;
}

export interface PageLifecycle extends Wakes {
	isHidden(): boolean;
	onHidden(listener: () => void): void;
}

const LOOK_MS = 1_000;
/** A page at work is late by less; a link is given up after 4.5 s of silence (`LINK_BOUNDS` of `schemas/wire/bounds.ts`). */
const SLEPT_MS = 4_000;
const ONCE_WITHIN_MS = 500;

export function createPageLifecycle({ page, around, clock, timers }: PageLifecycleDeps): PageLifecycle {
	const listeners: (() => void)[] = [];
	const nowMs = neverBack(() => clock.nowMs());
	const isHidden = (): boolean => page.visibilityState === 'hidden';
	let toldMs = -Infinity;
	let lookedMs = nowMs();

	function tell(): void {
		if (isHidden() || nowMs() - toldMs < ONCE_WITHIN_MS) return;
		toldMs = nowMs();
		for (const listener of listeners) listener();
	}

	for (const name of ['visibilitychange', 'resume']) page.addEventListener(name, tell);
	for (const name of ['pageshow', 'online']) around.addEventListener(name, tell);
	timers.every(LOOK_MS, () => {
		const lateMs = nowMs() - lookedMs;
		lookedMs = nowMs();
		if (lateMs > SLEPT_MS) tell();
	});
	return {
		onWake: (listener) => void listeners.push(listener),
		isHidden,
		onHidden(listener) {
			page.addEventListener('visibilitychange', () => {
				if (isHidden()) listener();
			});
		},
	};
}
