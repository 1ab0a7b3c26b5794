/**
 * One stream between two peers as messages: [4 bytes length][1 byte kind][payload], bounded both ways.
 *
 * 1. What waits to be sent never exceeds `queueBytes`: the link is ended instead ("too slow"), and a new one begins with what is missing then.
 * 2. A message longer than the bound of the moment ends the link before its bytes are in memory.
 * 3. What was delivered and not yet worked off never exceeds `unackedBytes` by more than one message: reading pauses, the muxer's window fills, and the
 *    other side's queue is what grows.
 * 4. A beat goes out after a second of sending nothing, by timer or by whatever arrives; so a page whose timers the browser slows to one a minute
 *    still shows life. Silence of 4.5 s ends the link: with one look a second, a dead peer is noticed within 5.5 s.
 * 5. `onEnd` is called once; nothing is delivered after it.
 * 6. Doubted, because this device may have slept or moved, a link has two seconds to show life.
 * 7. The live lane goes before what documents have to say; nothing holds the thread for longer than a few milliseconds.
 */
import type { Stream } from '@libp2p/interface';
import type { LINK_BOUNDS } from '#schemas/wire/bounds.ts';
import { CONTROL_KIND, type Goodbye, type LinkMessage } from '#schemas/wire/link.ts';
import { encode } from '#schemas/cbor.ts';

export type WireLimits = { readonly [Name in keyof typeof LINK_BOUNDS]: number };

/** Pieces in which a long message is handed to the muxer, so that `drain` is asked for in between. */
const PIECE_BYTES = 64 * 1024;
/** Encrypting and sending a long backlog leaves the page to the cashier this often. */
const BREATH_MS = 8;
const HEADER_BYTES = 5;
/** The other side beats once a second. */
const DOUBT_MS = 2_000;
/** What a goodbye gets to leave. */
export const FAREWELL_MS = 500;

export interface WireDeps {
	readonly stream: Stream;
	readonly limits: WireLimits;
	readonly nowMs: () => number;
	/** Runs the task later, once. */
	readonly after: (ms: number, task: () => void) => void;
	/** `hold`: deliver nothing more until `release`. */
	readonly onMessage: (kind: number, payload: Uint8Array<ArrayBuffer>) => 'hold' | undefined;
	readonly onEnd: (reason: Goodbye | 'closed') => void;
}

export interface Wire {
	sendControl(message: LinkMessage): void;
	/** `urgent`: before whatever waits and is not. */
	send(kind: number, payload: Uint8Array, urgent?: boolean): void;
	/** Delivery goes on after a `hold`. From now on messages may be as long as frames are. */
	release(): void;
	/** So many bytes of delivered frames have been worked off. */
	ack(bytes: number): void;
	/** Counts as delivered and unacknowledged from here. */
	delivered(bytes: number): void;
	/** To be called about once a second. */
	tick(): void;
	/** Asks for a sign of life, and gives less time for it than to a link of which nothing is known. */
	doubt(): void;
	/** Says goodbye if the other side still listens, and ends. */
	end(reason: Goodbye): void;
	readonly ended: boolean;
}

const BEAT = encode({ t: 'beat' } satisfies LinkMessage);

export function createWire({ stream, limits, nowMs, after, onMessage, onEnd }: WireDeps): Wire {
	let ended = false;
	let lastHeardMs = nowMs();
	let lastSentMs = nowMs();
	let lastTickMs = nowMs();

	const outbox: Outgoing[] = [];
	/** Goes before the others, in its own order. */
	const urgentBox: Outgoing[] = [];
	let queuedBytes = 0;
	let pumping = false;
	/** A part of a message has gone, and the rest has not. */
	let isWithinMessage = false;
	let pumpedMs = 0;
	let breathedMs = 0;

	const inbox: Uint8Array[] = [];
	const header = new Uint8Array(HEADER_BYTES);
	let headerFilled = 0;
	let body: Uint8Array<ArrayBuffer> | undefined;
	let bodyFilled = 0;
	let held = false;
	let greeted = false;
	let unackedBytes = 0;
	let paused = false;

	// A paused stream keeps what still arrives; beyond one frame libp2p resets it.
	stream.maxReadBufferLength = limits.frameBytes + limits.unackedBytes;
	stream.addEventListener('message', ({ data }) => {
		if (ended) return;
		lastHeardMs = nowMs();
		inbox.push(data instanceof Uint8Array ? data : data.subarray());
		read();
		if (nowMs() - lastSentMs >= limits.beatMs) beat();
	});
	stream.addEventListener('close', () => finish('closed'));
	stream.addEventListener('remoteCloseWrite', () => {
		if (ended) return;
		finish('closed');
		stream.abort(new Error('closed by the other side')); // Half-closed streams would pile up on a connection that lives on.
	});

	function read(): void {
		while (!ended && !held && inbox.length > 0) {
			const chunk = inbox[0] as Uint8Array;
			const taken = body === undefined ? readHeader(chunk) : readBody(chunk, body);
			if (isEnded()) return;
			if (taken === chunk.length) inbox.shift();
			else inbox[0] = chunk.subarray(taken);
		}
		regulate();
	}

	/** Asked through a function, because a delivery may have ended the link and the compiler cannot know. */
	function isEnded(): boolean {
		return ended;
	}

	function readHeader(chunk: Uint8Array): number {
		const part = chunk.subarray(0, HEADER_BYTES - headerFilled);
		header.set(part, headerFilled);
		headerFilled += part.length;
		if (headerFilled === HEADER_BYTES) {
			const length = new DataView(header.buffer).getUint32(0);
			if (length > (greeted ? limits.frameBytes : limits.helloBytes)) end('malformed');
			else begin(length);
		}
		return part.length;
	}

	function begin(length: number): void {
		body = new Uint8Array(length);
		bodyFilled = 0;
		if (length === 0) deliver(body);
	}

	function readBody(chunk: Uint8Array, target: Uint8Array<ArrayBuffer>): number {
		const part = chunk.subarray(0, target.length - bodyFilled);
		target.set(part, bodyFilled);
		bodyFilled += part.length;
		if (bodyFilled === target.length) deliver(target);
		return part.length;
	}

	function deliver(message: Uint8Array<ArrayBuffer>): void {
		headerFilled = 0;
		body = undefined;
		if (onMessage(header[4] ?? CONTROL_KIND, message) === 'hold') held = true;
	}

	/** Pausing is asked of the muxer only on change: yamux takes a resume for a fresh start. */
	function regulate(): void {
		if (ended) return;
		const full = held || unackedBytes > limits.unackedBytes;
		if (full === paused) return;
		paused = full;
		try {
			if (full) stream.pause();
			else stream.resume();
		} catch {
			finish('closed'); // It was closed under us.
		}
		lastHeardMs = nowMs();
	}

	function send(kind: number, payload: Uint8Array, urgent = false): void {
		if (ended) return;
		if (queuedBytes + payload.length > limits.queueBytes) {
			end('too-slow');
			return;
		}
		const head = new Uint8Array(HEADER_BYTES);
		new DataView(head.buffer).setUint32(0, payload.length);
		head[4] = kind;
		queuedBytes += payload.length;
		(urgent ? urgentBox : outbox).push({ header: head, payload });
		lastSentMs = nowMs();
		void pump();
	}

	async function pump(): Promise<void> {
		if (pumping) return;
		pumping = true;
		try {
			// Messages that follow each other at once are one stretch of work.
			if (nowMs() - pumpedMs > BREATH_MS / 2) breathedMs = nowMs();
			for (let message = nextMessage(); message !== undefined && !ended; message = nextMessage()) {
				let leftBytes = HEADER_BYTES + message.payload.length;
				for (const piece of piecesOf(message)) {
					leftBytes -= piece.length;
					isWithinMessage = leftBytes > 0;
					if (!stream.send(piece)) await stream.onDrain();
					if (nowMs() - breathedMs >= BREATH_MS) {
						await breath();
						breathedMs = nowMs();
					}
					if (isEnded()) return;
				}
				queuedBytes -= message.payload.length;
			}
		} catch {
			finish('closed');
		} finally {
			pumpedMs = nowMs();
			pumping = false;
		}
	}

	function nextMessage(): Outgoing | undefined {
		return urgentBox.shift() ?? outbox.shift();
	}

	function beat(): void {
		if (!urgentBox.some(({ payload }) => payload === BEAT)) send(CONTROL_KIND, BEAT, true); // While nothing drains, one waiting beat is enough.
	}

	function tick(): void {
		if (ended) return;
		const now = nowMs();
		const lateMs = now - lastTickMs;
		lastTickMs = now;
		// While we do not read we cannot hear. And after sleeping ourselves (a closed lid, a slowed tab) the other side gets its time to answer.
		if (paused || lateMs > limits.silenceMs) lastHeardMs = Math.max(lastHeardMs, now - limits.silenceMs / 2);
		if (now - lastHeardMs > limits.silenceMs) end('silent');
		else if (now - lastSentMs >= limits.beatMs * 0.9) beat(); // Nine tenths: a look that comes a little early must not wait a whole second more.
	}

	function doubt(): void {
		if (ended) return;
		const now = nowMs();
		lastHeardMs = Math.min(lastHeardMs, now - limits.silenceMs + DOUBT_MS);
		lastTickMs = now; // What was slept through is known by now.
		beat();
	}

	function end(reason: Goodbye): void {
		if (ended) return;
		const farewell = encode({ t: 'bye', reason } satisfies LinkMessage);
		finish(reason);
		// In the middle of a message a goodbye would be read as part of it.
		if (isWithinMessage) {
			stream.abort(new Error(reason));
			return;
		}
		try {
			const head = new Uint8Array(HEADER_BYTES);
			new DataView(head.buffer).setUint32(0, farewell.length);
			stream.send(joined({ header: head, payload: farewell }));
			stream.close({ signal: AbortSignal.timeout(FAREWELL_MS) }).catch(() => undefined);
			after(FAREWELL_MS, () => stream.abort(new Error(reason))); // Whoever keeps its half open must not keep ours.
		} catch {
			stream.abort(new Error(reason));
		}
	}

	function finish(reason: Goodbye | 'closed'): void {
		if (ended) return;
		ended = true;
		outbox.length = 0;
		urgentBox.length = 0;
		inbox.length = 0;
		body = undefined;
		onEnd(reason);
	}

	return {
		sendControl: (message) => send(CONTROL_KIND, encode(message)),
		send,
		release() {
			held = false;
			greeted = true;
			read();
		},
		delivered(bytes) {
			unackedBytes += bytes;
		},
		ack(bytes) {
			unackedBytes = Math.max(0, unackedBytes - bytes); // What a former link of this peer delivered is acknowledged to us.
			regulate();
		},
		tick,
		doubt,
		end,
		get ended() {
			return ended;
		},
	};
}

/**
 * A turn of the event loop. In a browser not by a timer, which is slowed to one a second in a tab that is not looked at; in Node not by a channel, for libuv runs
 * one that is made in the callback of another before anything else.
 */
function breath(): Promise<void> {
	if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
	const { port1, port2 } = new MessageChannel();
	return new Promise((resolve) => {
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(undefined);
	});
}

interface Outgoing {
	readonly header: Uint8Array<ArrayBuffer>;
	readonly payload: Uint8Array;
}

function* piecesOf(message: Outgoing): Generator<Uint8Array<ArrayBuffer>> {
	if (message.payload.length <= PIECE_BYTES) {
		yield joined(message);
		return;
	}
	yield message.header;
	for (let from = 0; from < message.payload.length; from += PIECE_BYTES)
		yield message.payload.slice(from, from + PIECE_BYTES) as Uint8Array<ArrayBuffer>;
}

function joined({ header, payload }: Outgoing): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(header.length + payload.length);
	whole.set(header);
	whole.set(payload, header.length);
	return whole;
}
