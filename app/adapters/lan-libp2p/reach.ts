/**
 * Whom to dial and when: the only place that starts a connection.
 *
 * 1. Every wanted peer is tried again for ever, at growing distances (`pauseMs`), until it is linked or no longer wanted; never twice at once.
 * 2. A lost link is tried again at once, unless it lived for less than 5 s: a link that keeps breaking must not spin.
 * 3. Of two tills the one with the smaller peer id dials, and opens the stream; the other one waits 4 s longer before it dials too, in case the first
 *    cannot. Towards a hub the till always dials, for a browser cannot be dialled cold.
 * 4. After `hurry` the distances begin anew: the device woke, or came to another network. A refusal is waited out all the same.
 * 5. After `stop` nothing is dialled and nothing waits.
 */

export interface Wanted {
	readonly peer: string;
	readonly addresses: readonly string[];
	readonly isHub: boolean;
}

export interface ReachDeps {
	readonly self: string;
	readonly nowMs: () => number;
	/** Asked at every look; the number tells how often this peer has failed in a row, so that introducers can take turns. */
	readonly wanted: (failures: (peer: string) => number) => readonly Wanted[];
	readonly isLinked: (peer: string) => boolean;
	/** Peers with a direct connection, dialled by whomever. */
	readonly connected: () => readonly string[];
	/** Rejects when there is no connection in the end. */
	readonly dial: (addresses: readonly string[]) => Promise<void>;
	/** Opens the stream and waits for the greeting; rejects when there is no link in the end. Only called for peers whose stream is ours to open. */
	readonly open: (peer: string) => Promise<void>;
	/** Whether links may be opened now: the replica must be there to use them. */
	readonly mayOpen: () => boolean;
	readonly onFailure: (peer: string, error: unknown) => void;
	/** Runs the task later, once. */
	readonly after: (ms: number, task: () => void) => void;
}

export interface Reach {
	/** To be called every second, and whenever something changed. */
	look(): void;
	isDialling(peer: string): boolean;
	/** A link has ended that was up for so long; `waitMs` when the other side said that trying again soon is pointless. */
	lost(peer: string, upMs: number, waitMs: number): void;
	/** Who waits for the next try waits no longer, but for who was told to. */
	hurry(): void;
	stop(): void;
}

const SHORT_LIFE_MS = 5_000;
const LARGER_WAITS_MS = 4_000;

/** 0.25, 0.5, 1, then 2 s for a hub and 5 s for a till: a shop must not wait for its hub, and a till that cannot be reached is still reached through it. */
export function pauseMs(failures: number, isHub: boolean, spread: number): number {
	return Math.min(250 * 2 ** Math.min(failures - 1, 10), isHub ? 2_000 : 5_000) + spread;
}

export function createReach(deps: ReachDeps): Reach {
	const { self, nowMs } = deps;
	const efforts = new Map<string, { failures: number; nextAtMs: number; notBeforeMs: number; busy: boolean; dialling: boolean }>();
	let stopped = false;
	// Tills that lost their hub together must not all come back in the same millisecond; the id is as good as a die.
	const spread = [...self].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 200;

	function effortFor(peer: string, firstPauseMs: number) {
		const known = efforts.get(peer);
		if (known !== undefined) return known;
		const effort = { failures: 0, nextAtMs: nowMs() + firstPauseMs, notBeforeMs: 0, busy: false, dialling: false };
		efforts.set(peer, effort);
		return effort;
	}

	function look(): void {
		if (stopped) return;
		const connected = new Set(deps.connected());
		const wanted = deps.wanted((peer) => efforts.get(peer)?.failures ?? 0);
		const peers = new Set([...wanted.map(({ peer }) => peer), ...connected]);
		for (const [peer, effort] of efforts) if (!peers.has(peer) && !effort.busy) efforts.delete(peer);
		for (const { peer, addresses, isHub } of wanted) {
			if (connected.has(peer)) continue;
			attempt(peer, isHub, isHub || self < peer ? 0 : LARGER_WAITS_MS, async (effort) => {
				effort.dialling = true;
				try {
					await deps.dial(addresses);
				} finally {
					effort.dialling = false;
				}
				if (self < peer && deps.mayOpen() && !deps.isLinked(peer)) await deps.open(peer);
			});
		}
		if (!deps.mayOpen()) return;
		for (const peer of connected) if (self < peer) attempt(peer, false, 0, async () => await deps.open(peer));
	}

	function attempt(peer: string, isHub: boolean, firstPauseMs: number, act: (effort: { dialling: boolean }) => Promise<void>): void {
		if (stopped || deps.isLinked(peer)) return;
		const effort = effortFor(peer, firstPauseMs);
		if (effort.busy || effort.nextAtMs > nowMs()) return;
		effort.busy = true;
		act(effort).then(
			() => {
				effort.busy = false;
				effort.failures = 0;
			},
			(error: unknown) => {
				effort.busy = false;
				effort.failures += 1;
				effort.nextAtMs = Math.max(effort.nextAtMs, nowMs() + pauseMs(effort.failures, isHub, spread));
				if (stopped) return;
				deps.onFailure(peer, error);
				deps.after(effort.nextAtMs - nowMs(), look);
			},
		);
	}

	return {
		look,
		isDialling: (peer) => efforts.get(peer)?.dialling ?? false,
		lost(peer, upMs, waitMs) {
			const effort = effortFor(peer, 0);
			if (upMs < SHORT_LIFE_MS) effort.failures += 1;
			else effort.failures = 0;
			effort.notBeforeMs = nowMs() + waitMs;
			effort.nextAtMs = nowMs() + Math.max(waitMs, effort.failures === 0 ? 0 : pauseMs(effort.failures, false, spread));
		},
		hurry() {
			for (const effort of efforts.values()) {
				effort.failures = 0;
				effort.nextAtMs = Math.max(nowMs(), effort.notBeforeMs);
			}
			look();
		},
		stop() {
			stopped = true;
			efforts.clear();
		},
	};
}
