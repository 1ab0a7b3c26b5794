/**
 * Keys that were used lately, in one piece: a start reads ten thousand of them without making anything of each.
 *
 * 1. A row is 8 bytes of a hash of scope, part and key, and 6 bytes of the entry's `hlc` milliseconds, both big-endian; rows are in order of their bytes.
 * 2. The hash is no proof. Whoever finds a key here looks at the entries themselves; a wrong hit, one in a billion starts, costs a fold from farther back.
 */
import type { Header } from '#schemas/entry.ts';

export type KeyTable = Uint8Array<ArrayBuffer>;
type Keyed = Pick<Header, 'key' | 'scope' | 'part' | 'hlc'>;

const HASH_BYTES = 8;
const ROW_BYTES = 14;

export const NO_KEYS: KeyTable = new Uint8Array();

export function keysIn(table: KeyTable): number {
	return Math.floor(table.length / ROW_BYTES);
}

/** Whole rows, in their order. */
export function isKeyTable(bytes: KeyTable): boolean {
	if (bytes.length % ROW_BYTES !== 0) return false;
	for (let row = 1; row < keysIn(bytes); row += 1) if (compareAt(bytes, (row - 1) * ROW_BYTES, bytes, row * ROW_BYTES, ROW_BYTES) > 0) return false;
	return true;
}

export function hasKey(table: KeyTable, header: Pick<Header, 'key' | 'scope' | 'part'>): boolean {
	const wanted = hashOf(header);
	let [from, to] = [0, keysIn(table)];
	while (from < to) {
		const middle = (from + to) >> 1;
		const order = compareAt(table, middle * ROW_BYTES, wanted, 0, HASH_BYTES);
		if (order === 0) return true;
		if (order < 0) from = middle + 1;
		else to = middle;
	}
	return false;
}

/** The rows of both from `sinceMs` on. */
export function withKeys(table: KeyTable, headers: readonly Keyed[], sinceMs: number): KeyTable {
	const rows: Uint8Array[] = [];
	for (let at = 0; at + ROW_BYTES <= table.length; at += ROW_BYTES) rows.push(table.subarray(at, at + ROW_BYTES));
	for (const header of headers) {
		const row = new Uint8Array(ROW_BYTES);
		row.set(hashOf(header));
		writeMs(row, header.hlc[0]);
		rows.push(row);
	}
	const kept = rows.filter((row) => msOf(row) >= sinceMs).sort((a, b) => compareAt(a, 0, b, 0, ROW_BYTES));
	const all = new Uint8Array(kept.length * ROW_BYTES);
	for (const [place, row] of kept.entries()) all.set(row, place * ROW_BYTES);
	return all;
}

function compareAt(a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): number {
	for (let index = 0; index < length; index += 1) {
		const difference = (a[atA + index] ?? 0) - (b[atB + index] ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}

function writeMs(row: Uint8Array, ms: number): void {
	let left = ms;
	for (let index = ROW_BYTES - 1; index >= HASH_BYTES; index -= 1) {
		row[index] = left % 256;
		left = Math.floor(left / 256);
	}
}

function msOf(row: Uint8Array): number {
	let ms = 0;
	for (let index = HASH_BYTES; index < ROW_BYTES; index += 1) ms = ms * 256 + (row[index] ?? 0);
	return ms;
}

/** Two 32-bit hashes with different multipliers, after MurmurHash3's mixing (Appleby, public domain). */
function hashOf({ key, scope, part }: Pick<Header, 'key' | 'scope' | 'part'>): Uint8Array {
	const text = `${scope}:${part?.n ?? 0}:${key}`;
	let [a, b] = [0xdeadbeef, 0x41c6ce57];
	for (let index = 0; index < text.length; index += 1) {
		const code = text.charCodeAt(index);
		a = Math.imul(a ^ code, 2654435761);
		b = Math.imul(b ^ code, 1597334677);
	}
	const mixed = (one: number, other: number): number =>
		(Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909)) >>> 0;
	const bytes = new Uint8Array(HASH_BYTES);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, mixed(a, b));
	view.setUint32(4, mixed(b, a));
	return bytes;
}
