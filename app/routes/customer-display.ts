/** The till's end of the customer's screen: says what it shows, and says it again to a window that was just opened. */
import { DISPLAY_CHANNEL, type Display } from '#projections/customer-display.ts';

export interface CustomerDisplay {
	show(display: Display): void;
	close(): void;
}

export function openCustomerDisplay(): CustomerDisplay {
	const channel = new BroadcastChannel(DISPLAY_CHANNEL);
	let last: Display | undefined;
	const say = (): void => {
		if (last !== undefined) channel.postMessage({ display: last });
	};
	channel.onmessage = ({ data }: MessageEvent<unknown>) => {
		if (data === 'hello') say();
	};
	return {
		show(display) {
			last = display;
			say();
		},
		close() {
			channel.close();
		},
	};
}
