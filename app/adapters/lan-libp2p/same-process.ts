/**
 * Two `FramePort`s for a Repo and a LAN side in one process, where a MessageChannel would cost a turn of the event loop each way: behind whatever the process
 * writes to its disk meanwhile, a sale was milliseconds late at its neighbour.
 *
 * 1. Messages arrive in the order in which they were posted, never inside the call that posts them.
 * 2. What comes before anybody listens is kept.
 * 3. Bytes pass as they are: whoever posts them does not touch them again (`port-messages.ts`).
 */
import type { FramePort } from './port-messages.ts';

export function createFramePorts(): readonly [FramePort, FramePort] {
	const [first, second] = [createInbox(), createInbox()];
	return [
		{ postMessage: second.post, addEventListener: first.listen },
		{ postMessage: first.post, addEventListener: second.listen },
	];
}

function createInbox() {
	const waiting: unknown[] = [];
	let listener: ((event: { data: unknown }) => void) | undefined;
	let isScheduled = false;

	function deliver(): void {
		isScheduled = false;
		for (const data of waiting.splice(0)) listener?.({ data });
	}

	function schedule(): void {
		if (isScheduled || listener === undefined || waiting.length === 0) return;
		isScheduled = true;
		queueMicrotask(deliver);
	}

	return {
		post(message: unknown): void {
			waiting.push(message);
			schedule();
		},
		listen(_: 'message', told: (event: { data: unknown }) => void): void {
			if (listener !== undefined) throw new Error('a frame port has one listener');
			listener = told;
			schedule();
		},
	};
}
