/**
 * What goes into a WebSocket at once. Noise hands over each packet as its length, two bytes, and its content: as a message each, a sale woke whoever reads it twice, and
 * between processes a way there and back took 1.8 ms in place of 1.5.
 *
 * 1. Every byte, in its order: where a message begins means nothing to noise.
 * 2. No message is longer than `MESSAGE_BYTES`, but one that a single part makes.
 */

/** Two of noise’s longest packets. A door takes a megabyte (`LAN_BOUNDS.socketMessageBytes`). */
export const MESSAGE_BYTES = 2 * (2 + 65_535);

export function* messagesOf(parts: Iterable<Uint8Array>): Generator<Uint8Array<ArrayBuffer>> {
	let waiting: Uint8Array[] = [];
	let bytes = 0;
	for (const part of parts) {
		if (bytes > 0 && bytes + part.length > MESSAGE_BYTES) {
			yield joined(waiting, bytes);
			waiting = [];
			bytes = 0;
		}
		waiting.push(part);
		bytes += part.length;
	}
	if (bytes > 0) yield joined(waiting, bytes);
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(bytes);
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}
