/** One stream as messages: what goes first, and that a long backlog holds nobody's thread. */
import { createWire, type Wire, type WireDeps } from '#adapters/lan-libp2p/link-wire.ts';
import { encode } from '#schemas/cbor.ts';
import { LINK_BOUNDS } from '#schemas/wire/bounds.ts';
import { FRAME_KIND } from '#schemas/wire/link.ts';
import type { Stream } from '@libp2p/interface';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';

/** A stream that takes what it is given, or waits until it is drained. */
class Pipe extends EventTarget {
	maxReadBufferLength = 0;
	readonly sent: Uint8Array[] = [];
	isFull = false;
	#drained: (() => void)[] = [];
	/** What taking a piece costs. */
	busyMs = 0;

	send(bytes: Uint8Array): boolean {
		for (const until = performance.now() + this.busyMs; performance.now() < until;);
		this.sent.push(bytes);
		return !this.isFull;
	}
	onDrain(): Promise<void> {
		return new Promise((resolve) => this.#drained.push(resolve));
	}
	drain(): void {
		this.isFull = false;
		for (const resolve of this.#drained.splice(0)) resolve();
	}
	pause(): void {}
	resume(): void {}
	abort(): void {}
	close(): Promise<void> {
		return Promise.resolve();
	}
	/** First bytes of the frames that have gone out, in order. */
	frames(): readonly number[] {
		const all = this.sent.flatMap((piece) => [...piece]);
		const found: number[] = [];
		for (let at = 0; at + 5 < all.length;) {
			const length = new DataView(Uint8Array.from(all.slice(at, at + 4)).buffer).getUint32(0);
			if (all[at + 4] === FRAME_KIND) found.push(all[at + 5] ?? 0);
			at += 5 + length;
		}
		return found;
	}
}

function wireOver(pipe: Pipe, changes: Partial<WireDeps> = {}): Wire {
	return createWire({
		...{ stream: pipe as unknown as Stream, limits: LINK_BOUNDS, nowMs: () => performance.now(), after: (ms, task) => setTimeout(task, ms) },
		...{ onMessage: () => undefined, onEnd: () => undefined },
		...changes,
	});
}

const frame = (first: number, length = 1_000): Uint8Array => new Uint8Array(length).fill(first);

test('an urgent message goes before whatever waits, urgent ones keep their order, and no message is torn apart', async () => {
	const pipe = new Pipe();
	const wire = wireOver(pipe);
	pipe.isFull = true;
	wire.send(FRAME_KIND, frame(1, 200_000)); // Of several pieces: on its way when the others come.
	wire.send(FRAME_KIND, frame(2));
	wire.send(FRAME_KIND, frame(3), true);
	wire.send(FRAME_KIND, frame(4), true);
	pipe.drain();
	await eventually(() => pipe.frames().length === 4, 'all have gone');
	expect(pipe.frames()).toEqual([1, 3, 4, 2]);
});

test('a long backlog lets others have their turn while it goes out', async () => {
	const pipe = new Pipe();
	const wire = wireOver(pipe);
	pipe.busyMs = 2;
	let turns = 0;
	const timer = setInterval(() => (turns += 1), 1);
	for (let n = 0; n < 100; n += 1) wire.send(FRAME_KIND, frame(7));
	await eventually(() => pipe.frames().length === 100, 'all have gone');
	clearInterval(timer);
	expect(turns).toBeGreaterThan(8);
});

test('a goodbye goes out between two messages, whatever waits, and never into the middle of one', () => {
	const farewell = encode({ t: 'bye', reason: 'stopped' });
	const between = new Pipe();
	between.isFull = true;
	const wire = wireOver(between);
	wire.send(FRAME_KIND, frame(1));
	wire.send(FRAME_KIND, frame(2));
	wire.end('stopped');
	expect(between.frames()).toEqual([1]);
	expect(Buffer.concat(between.sent).subarray(-farewell.length)).toEqual(Buffer.from(farewell));

	const within = new Pipe();
	within.isFull = true;
	const other = wireOver(within);
	other.send(FRAME_KIND, frame(1, 200_000));
	const before = within.sent.length;
	other.end('stopped');
	expect(within.sent).toHaveLength(before);
});

test('a link that is doubted has two seconds to show life, and one that shows it goes on (6)', () => {
	for (const isAlive of [true, false]) {
		const pipe = new Pipe();
		let now = 1_000_000;
		const ends: string[] = [];
		const wire = wireOver(pipe, { nowMs: () => now, after: () => undefined, onEnd: (reason) => ends.push(reason) });
		// Awake again after a minute in which no timer ran.
		now += 60_000;
		wire.doubt();
		expect(pipe.sent).toHaveLength(1);
		for (let second = 0; second < 3; second += 1) {
			now += 900;
			if (isAlive) pipe.dispatchEvent(Object.assign(new Event('message'), { data: new Uint8Array([0]) }));
			wire.tick();
		}
		expect(ends).toEqual(isAlive ? [] : ['silent']);
	}
});
