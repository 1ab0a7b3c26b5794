import { Automerge as A } from '@automerge/automerge-repo/slim';
import { beforeAll, expect, test } from 'vitest';
import { createGatheredSync, type SyncFrame } from '#adapters/documents-automerge/gathered-sync.ts';
import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { firstChangeOfSegment } from '#adapters/documents-automerge/first-changes.ts';
import { createManualTime } from '../../support/manual-time.ts';

beforeAll(startAutomerge);

type Segment = { items: Uint8Array[] };

const begun = (): A.Doc<Segment> => A.loadIncremental(A.init<Segment>(), firstChangeOfSegment().bytes);

/** A till and a relay that have met; from then on the till writes and says so, whatever is answered. */
function met() {
	let [till, relay] = [begun(), begun()];
	let [tillSync, relaySync] = [A.initSyncState(), A.initSyncState()];
	const tell = (): Uint8Array | null => {
		const [next, data] = A.generateSyncMessage(till, tillSync);
		tillSync = next;
		return data;
	};
	const hear = (data: Uint8Array): void => {
		[relay, relaySync] = A.receiveSyncMessage(relay, relaySync, data);
	};
	for (let data = tell(); data !== null; data = tell()) {
		hear(data);
		const [next, answer] = A.generateSyncMessage(relay, relaySync);
		relaySync = next;
		if (answer !== null) [till, tillSync] = A.receiveSyncMessage(till, tillSync, answer);
	}
	return {
		hear,
		isSame: () => A.getHeads(relay).join() === A.getHeads(till).join(),
		frame(item: number): SyncFrame {
			till = A.change(till, (draft) => {
				draft.items.push(new Uint8Array([item]));
			});
			const data = tell();
			if (data === null) throw new Error('a change that is not told');
			return { senderId: 'till', documentId: 'segment', data };
		},
	};
}

function gathering() {
	const time = createManualTime();
	const taken: SyncFrame[] = [];
	const gathered = createGatheredSync({ everyMs: 1_000, timers: time.timers, handOn: (message) => taken.push(message as never) });
	return { time, taken, gathered };
}

test('the first goes at once, those of the next second as one, and who hears it has every change', async () => {
	const { time, taken, gathered } = gathering();
	const { frame, hear, isSame } = met();
	for (let item = 0; item < 6; item += 1) gathered.take(frame(item));
	expect(taken).toHaveLength(1);
	await time.pass(1_000);
	expect(taken).toHaveLength(2);
	for (const { data } of taken) hear(data);
	expect(isSame()).toBe(true);
	// A second of quiet later the next one goes at once again.
	await time.pass(2_000);
	gathered.take(frame(6));
	expect(taken).toHaveLength(3);
});

test('what cannot be put together goes one by one, in its order; at the end nothing waits', async () => {
	const { taken, gathered } = gathering();
	const frames = [1, 2, 3].map((byte) => ({ senderId: 'till', documentId: 'segment', data: new Uint8Array([0x42, byte]) }));
	for (const frame of frames) gathered.take(frame);
	gathered.handOn();
	expect(taken).toEqual(frames);
});

test('of a peer that has gone nothing is handed on', async () => {
	const { time, taken, gathered } = gathering();
	const { frame } = met();
	for (let item = 0; item < 3; item += 1) gathered.take(frame(item));
	// One whose name ends alike is another.
	gathered.take({ ...frame(3), senderId: 'other:till' });
	gathered.take({ ...frame(4), senderId: 'other:till' });
	gathered.forget('till');
	await time.pass(5_000);
	expect(taken.map(({ senderId }) => senderId)).toEqual(['till', 'other:till', 'other:till']);
});
