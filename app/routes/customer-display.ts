/**
 * The till's end of the customer's screen: says what it shows, and says it again to a window that was just opened.
 *
 * 1. The cashier's screen comes first: what the customer sees is worked out after it is drawn, and of several changes at once the last.
 */
import { DISPLAY_CHANNEL, type Display } from '#projections/customer-display.ts';

export interface CustomerDisplay {
	show(display: () => Display): void;
	close(): void;
}

/** Two frames: nobody sees it, and a frame is drawn in between. */
const SOON_MS = 32;

export function openCustomerDisplay(): CustomerDisplay {
	const channel = new BroadcastChannel(DISPLAY_CHANNEL);
	let last: (() => Display) | undefined;
	let waiting: ReturnType<typeof setTimeout> | undefined;
	function say(): void {
		clearTimeout(waiting);
		waiting = undefined;
		if (last !== undefined) channel.postMessage({ display: last() });
	}
	channel.onmessage = ({ data }: MessageEvent<unknown>) => {
		if (data === 'hello') say();
	};
	return {
		show(display) {
			last = display;
			waiting ??= setTimeout(say, SOON_MS);
		},
		close() {
			if (waiting !== undefined) say();
			channel.close();
		},
	};
}
