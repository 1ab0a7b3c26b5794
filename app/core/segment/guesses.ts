/**
 * What an entry's next value will be, from what was read of it and of the entries before it. A guess that is right costs next to nothing.
 *
 * 1. Writer and reader ask with the same knowledge, so they guess the same. A guess may be wrong, and may never throw.
 * 2. Arithmetic is that of doubles, the same on every machine; money.ts is not asked, for its rounding may change and a segment on disk may not.
 * 3. Any change here makes other bytes: raise CLOSED_SEGMENT_VERSION.
 */
import type { ClosedSegmentName } from '#schemas/documents/closed-segment.ts';

export type Scalar = string | number | boolean | null;

/** A map that is being read: its fields so far, and the map that it lies in. */
export interface Frame {
	readonly fields: Map<string, unknown>;
	readonly parent: Frame | undefined;
}

/** What outlives an entry. */
export interface Memory {
	readonly name: ClosedSegmentName;
	/** SHA-256 of the body before, as text; undefined before the first and after bytes that are no entry. */
	prev: string | undefined;
	seq: number;
	at: number;
	hlc: readonly [number, number];
	receiptNumber: number;
	/** Per chain, by its two words in `seen`: the last seq. */
	readonly seen: Map<string, number>;
	/** Per field and SKU: the last value. */
	readonly bySku: Map<string, Scalar>;
}

export function createMemory(name: ClosedSegmentName): Memory {
	return { name, prev: undefined, seq: 0, at: 0, hlc: [0, 0], receiptNumber: 0, seen: new Map(), bySku: new Map() };
}

/** The likeliest first. `near`: where none is right, the value is told as its difference from the first. */
export interface Guess {
	readonly values: readonly Scalar[];
	readonly near: boolean;
}

const NOTHING: Guess = { values: [], near: false };
const exactly = (...values: readonly Scalar[]): Guess => ({ values, near: false });
const near = (...values: readonly (number | undefined)[]): Guess => ({ values: values.filter(isWhole), near: true });

/** `last`: the value that this place had before. */
export function guess(path: string, leaf: string, frame: Frame, memory: Memory, last: Scalar | undefined): Guess {
	const known = guessByPath(path, frame, memory) ?? guessByLeaf(leaf, path, frame);
	if (known !== undefined) return known;
	const sku = frame.fields.get('sku');
	const same = typeof sku === 'string' ? memory.bySku.get(`${leaf}\n${sku}`) : undefined;
	if (same === undefined) return last === undefined ? NOTHING : exactly(last);
	return last === undefined || last === same ? exactly(same) : exactly(same, last);
}

/** A value was read: where it is known what that says about others, it is kept. */
export function note(path: string, leaf: string, frame: Frame, memory: Memory, value: Scalar): void {
	if (path.endsWith('.receipt.number') && isWhole(value)) memory.receiptNumber = value;
	const sku = frame.fields.get('sku');
	if (typeof sku !== 'string') return;
	const key = `${leaf}\n${sku}`;
	if (memory.bySku.size < MOST_REMEMBERED || memory.bySku.has(key)) memory.bySku.set(key, value);
}

/** What the entry was, for the next one's guesses. Whatever it holds. */
export function remember(body: unknown, hash: string, memory: Memory): void {
	const { seq, at, hlc, seen } = fieldsOf(body);
	memory.prev = hash;
	if (isWhole(seq)) memory.seq = seq;
	if (isWhole(at)) memory.at = at;
	if (Array.isArray(hlc) && isWhole(hlc[0]) && isWhole(hlc[1])) memory.hlc = [hlc[0], hlc[1]];
	if (Array.isArray(seen))
		for (const change of seen as unknown[])
			if (Array.isArray(change) && isWhole(change[2]) && memory.seen.size < MOST_REMEMBERED)
				memory.seen.set(`${String(change[0])}:${String(change[1])}`, change[2]);
}

/** Far more than a shop has, and no more than a hostile author may fill. */
const MOST_REMEMBERED = 1 << 18;

function guessByPath(path: string, { fields, parent }: Frame, memory: Memory): Guess | undefined {
	switch (path) {
		case '.store':
			return exactly(memory.name.store);
		case '.scope':
			return exactly(memory.name.scope);
		case '.device':
			return exactly(memory.name.device);
		case '.seq':
			return near(memory.seq + 1);
		case '.prev':
			return memory.prev === undefined ? NOTHING : exactly(memory.prev);
		case '.at':
			return near(memory.at);
		case '.hlc.0':
			return near(numberOf(parent?.fields.get('at')), memory.hlc[0]);
		case '.hlc.1':
			return near(fields.get('0') === memory.hlc[0] ? memory.hlc[1] + 1 : 0);
		case '.seen[].2': {
			const before = memory.seen.get(`${String(fields.get('0'))}:${String(fields.get('1'))}`) ?? 0;
			return near(before + 1);
		}
		default:
			break;
	}
	if (path.endsWith('.receipt.number')) return near(memory.receiptNumber + 1);
	if (path.endsWith('.lines[].totalMinor')) return near(lineTotal(fields, parent?.fields), 0);
	if (path.endsWith('.lines[].taxMinor')) {
		const total = numberOf(fields.get('totalMinor'));
		const percent = numberOf(fields.get('taxPercentMilli'));
		return near(quotient(total, percent, 100_000 + (percent ?? 0)), quotient(total, percent, 100_000));
	}
	if (path.endsWith('.tenders[].amountMinor')) return near(leftToPay(parent?.fields));
	return undefined;
}

function guessByLeaf(leaf: string, path: string, { fields, parent }: Frame): Guess | undefined {
	switch (leaf) {
		case 'totalMinor': {
			if (!path.startsWith('.facts[]') || path.includes('[].lines')) return undefined;
			const lines = listOf(fields.get('lines'));
			const rounding = numberOf(fields.get('roundingMinor')) ?? 0;
			const sum = sumOf(lines, 'totalMinor') + rounding;
			return near(sum, sum + sumOf(lines, 'taxMinor'));
		}
		case 'givenMinor': {
			const amount = numberOf(fields.get('amountMinor'));
			return amount === undefined ? undefined : near(amount, ...notesAbove(amount, parent?.fields));
		}
		case 'changeMinor': {
			const amount = numberOf(fields.get('amountMinor'));
			const given = numberOf(fields.get('givenMinor'));
			return amount === undefined || given === undefined ? undefined : near(given - amount);
		}
		default:
			return undefined;
	}
}

/** Thousandths times ten-thousandths of the major unit, less what discounts took off. */
function lineTotal(line: Frame['fields'], fact: Frame['fields'] | undefined): number | undefined {
	const quantity = numberOf(line.get('quantityMilli'));
	const price = numberOf(line.get('unitPriceE4'));
	if (quantity === undefined || price === undefined) return undefined;
	const whole = quotient(quantity * 10 ** digitsOf(fact), price, 10_000_000);
	return whole === undefined ? undefined : whole - sumOf(listOf(line.get('discounts')), 'amountMinor');
}

function leftToPay(fact: Frame['fields'] | undefined): number | undefined {
	const total = numberOf(fact?.get('totalMinor'));
	return total === undefined ? undefined : total - sumOf(listOf(fact?.get('tenders')), 'amountMinor');
}

/** What people put down: the next five, ten, twenty, fifty. */
function notesAbove(amount: number, fact: Frame['fields'] | undefined): readonly number[] {
	const unit = 10 ** digitsOf(fact);
	return [5, 10, 20, 50].map((note) => Math.ceil(amount / (note * unit)) * note * unit);
}

function digitsOf(fact: Frame['fields'] | undefined): number {
	const digits = numberOf(fieldsOf(fact?.get('currency'))['digits']);
	return digits === undefined || digits < 0 || digits > 4 ? 2 : digits;
}

/** a × b / c to the nearest whole, halves to the even one; undefined beyond what doubles hold. */
function quotient(a: number | undefined, b: number | undefined, c: number): number | undefined {
	if (a === undefined || b === undefined || c <= 0) return undefined;
	const product = a * b;
	if (!Number.isSafeInteger(product)) return undefined;
	const floor = Math.floor(product / c);
	const twice = (product - floor * c) * 2;
	return twice > c || (twice === c && floor % 2 !== 0) ? floor + 1 : floor;
}

function sumOf(list: readonly unknown[], field: string): number {
	let sum = 0;
	for (const item of list) sum += numberOf(fieldsOf(item)[field]) ?? 0;
	return Number.isSafeInteger(sum) ? sum : 0;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown): number | undefined {
	return isWhole(value) ? value : undefined;
}

function isWhole(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value);
}
