/**
 * Sync messages about one document from one peer, several as one: a busy till sends ten a second, and each by itself costs a look at the document, a diff and an
 * answer.
 *
 * Invariants:
 * 1. The first after a pause goes at once; those that follow wait for each other, no longer than `everyMs` after the one before.
 * 2. What goes holds every change that came, in order, and says what the newest message says its sender has and needs.
 * 3. What cannot be put together goes one by one.
 */
import { Automerge as A, type Message } from '@automerge/automerge-repo/slim';
import type { Timers } from '#ports';

export interface SyncFrame {
	readonly senderId: string;
	readonly documentId: string;
	readonly data: Uint8Array;
}

export interface GatheredSync {
	/** Hands on, now or in a while. */
	take(frame: SyncFrame): void;
	/** All that waits, now. */
	handOn(): void;
	/** What a peer sent that has gone: it says it again. */
	forget(senderId: string): void;
}

export interface GatheredSyncDeps {
	readonly everyMs: number;
	readonly timers: Timers;
	readonly handOn: (message: Message) => void;
}

interface Waiting {
	readonly senderId: string;
	frames: SyncFrame[];
	bytes: number;
	readonly stop: () => void;
}

/** Beyond this a message is large enough not to wait for others. */
const MOST_BYTES = 256 * 1024;

export function createGatheredSync({ everyMs, timers, handOn }: GatheredSyncDeps): GatheredSync {
	const waiting = new Map<string, Waiting>();
	const keyOf = ({ documentId, senderId }: SyncFrame): string => `${documentId}:${senderId}`;

	/** Something of this document went just now: what comes next waits. */
	function begin(key: string, senderId: string): void {
		const stop = timers.after(everyMs, () => {
			const { frames } = waiting.get(key) ?? { frames: [] };
			waiting.delete(key);
			if (frames.length === 0) return;
			begin(key, senderId);
			send(frames);
		});
		waiting.set(key, { senderId, frames: [], bytes: 0, stop });
	}

	function send(frames: readonly SyncFrame[]): void {
		for (const frame of merged(frames)) handOn(frame as unknown as Message);
	}

	return {
		take(frame) {
			const key = keyOf(frame);
			const before = waiting.get(key);
			if (before === undefined) {
				begin(key, frame.senderId);
				handOn(frame as unknown as Message);
				return;
			}
			before.frames.push(frame);
			before.bytes += frame.data.length;
			if (before.bytes < MOST_BYTES) return;
			send(before.frames);
			before.frames = [];
			before.bytes = 0;
		},
		handOn() {
			for (const { frames, stop } of waiting.values()) {
				stop();
				send(frames);
			}
			waiting.clear();
		},
		forget(senderId) {
			for (const [key, { senderId: from, stop }] of waiting) {
				if (from !== senderId) continue;
				stop();
				waiting.delete(key);
			}
		},
	};
}

function merged(frames: readonly SyncFrame[]): readonly SyncFrame[] {
	const last = frames.at(-1);
	if (last === undefined || frames.length === 1) return frames;
	try {
		const decoded = frames.map(({ data }) => A.decodeSyncMessage(data));
		const newest = decoded.at(-1);
		if (newest === undefined) return frames;
		return [{ ...last, data: A.encodeSyncMessage({ ...newest, changes: decoded.flatMap(({ changes }) => changes) }) }];
	} catch {
		return frames;
	}
}
