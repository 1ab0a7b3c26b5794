/**
 * A machine's way to the relay: a link that takes its time to come up, fails, and tries again as `adapters/relay-websocket/relay-link.ts` does.
 *
 * 1. Whether the relay could be reached is the network's to say, and is asked when a try ends and whenever the network has changed.
 */
import type { RelayLink, RelayState, Timers } from '#ports';

export interface RelayLinkDouble extends RelayLink {
	isUp(): boolean;
	/** The network has changed. */
	look(): void;
}

export interface RelayLinkDoubleDeps {
	readonly nowMs: () => number;
	readonly timers: Pick<Timers, 'after'>;
	/** How long the next try takes. */
	readonly tryMs: () => number;
	readonly canLink: () => boolean;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

export function createRelayLinkDouble({ nowMs, timers, tryMs, canLink }: RelayLinkDoubleDeps): RelayLinkDouble {
	const listeners: ((state: RelayState) => void)[] = [];
	let state: RelayState = { state: 'stopped' };
	let retryMs = FIRST_RETRY_MS;
	let cancel = (): void => undefined;

	function become(next: RelayState): void {
		state = next;
		for (const listener of listeners) listener(next);
	}

	function connect(): void {
		cancel = timers.after(tryMs(), () => {
			if (!canLink()) {
				wait('the relay does not answer');
				return;
			}
			retryMs = FIRST_RETRY_MS;
			become({ state: 'connected', sinceMs: nowMs() });
		});
	}

	function wait(reason: string): void {
		const now = nowMs();
		cancel = timers.after(retryMs, connect);
		become({ state: 'waiting', sinceMs: now, retryAtMs: now + retryMs, reason });
		retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
	}

	return {
		start() {
			retryMs = FIRST_RETRY_MS;
			become({ state: 'connecting' });
			connect();
		},
		stop() {
			cancel();
			become({ state: 'stopped' });
			return Promise.resolve();
		},
		wake: () => undefined,
		state: () => state,
		onState: (listener) => {
			listeners.push(listener);
		},
		isUp: () => state.state === 'connected',
		look() {
			if (state.state === 'connected' && !canLink()) wait('the relay ended the connection');
		},
	};
}
