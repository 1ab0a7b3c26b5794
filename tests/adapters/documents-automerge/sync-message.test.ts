import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { Automerge as A } from '@automerge/automerge-repo/slim';
import { expect, test } from 'vitest';
import { isModestSync } from '#adapters/documents-automerge/sync-message.ts';

await startAutomerge();

type List = { items: number[] };

/** LEB128. */
function numberBytes(value: number): number[] {
	return value < 128 ? [value] : [(value % 128) + 128, ...numberBytes(Math.floor(value / 128))];
}

function asking(...filters: readonly (readonly number[])[]): Uint8Array {
	return A.encodeSyncMessage({ heads: [], need: [], have: filters.map((bytes) => ({ lastSync: [], bloom: new Uint8Array(bytes) })), changes: [] });
}

function filter(entries: number, bits: number, probes: number): number[] {
	return [
		...[entries, bits, probes].flatMap(numberBytes),
		...Array.from({ length: Math.ceil((Math.min(entries, 9) * Math.min(bits, 99)) / 8) }, () => 255),
	];
}

test('1: all that Automerge says while two documents become one is modest', () => {
	let [left, right] = [A.from<List>({ items: [] }), A.init<List>()];
	for (let n = 0; n < 300; n += 1) left = A.change(left, ({ items }) => void items.push(n));
	right = A.merge(right, A.clone(left));
	for (let n = 0; n < 40; n += 1) {
		left = A.change(left, ({ items }) => void items.push(n));
		right = A.change(right, ({ items }) => void items.push(-n));
	}
	let [ofLeft, ofRight] = [A.initSyncState(), A.initSyncState()];
	let said = 0;
	for (let isTalking = true; isTalking;) {
		const [afterLeft, toRight] = A.generateSyncMessage(left, ofLeft);
		const [afterRight, toLeft] = A.generateSyncMessage(right, ofRight);
		[ofLeft, ofRight] = [afterLeft, afterRight];
		for (const message of [toRight, toLeft]) if (message !== null) expect(isModestSync(message)).toBe(true);
		if (toRight !== null) [right, ofRight] = A.receiveSyncMessage(right, ofRight, toRight);
		if (toLeft !== null) [left, ofLeft] = A.receiveSyncMessage(left, ofLeft, toLeft);
		isTalking = toRight !== null || toLeft !== null;
		said += 1;
	}
	expect(A.getHeads(left)).toEqual(A.getHeads(right));
	expect(said).toBeGreaterThan(2);
});

test('1: a filter that would be probed for hours, or that has no bits to probe, is refused; one that is empty is not looked into', () => {
	expect(isModestSync(asking(filter(1, 10, 7)))).toBe(true);
	expect(isModestSync(asking([]))).toBe(true);
	expect(isModestSync(asking(filter(1, 10, 4_000_000_000)))).toBe(false);
	expect(isModestSync(asking(filter(1, 10, 65)))).toBe(false);
	expect(isModestSync(asking(filter(1, 0, 7)))).toBe(false);
	expect(isModestSync(asking([], [], [], filter(1, 10, 65)))).toBe(false);
	expect(isModestSync(asking([], [], [], [], []))).toBe(false);
});

test('2: what breaks off, or counts more than it holds, is refused; what comes after the head is not looked at', () => {
	const whole = asking(filter(1, 10, 7));
	for (let length = 0; length < whole.length - 1; length += 1) expect(isModestSync(whole.subarray(0, length)), `${length} bytes`).toBe(false);
	expect(isModestSync(new Uint8Array([0x42, ...numberBytes(2 ** 40), 0, 0, 0]))).toBe(false);
	expect(isModestSync(new Uint8Array([0x42, 0, 0, ...new Array<number>(999).fill(255)]))).toBe(false);
	expect(isModestSync(new Uint8Array([0x41, 0, 0, 0]))).toBe(false);
	expect(isModestSync(new Uint8Array([0x43, 0, 0, 0, 9, 9, 9]))).toBe(true);
});
