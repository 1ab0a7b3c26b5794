/**
 * One branch's stock as one server folded it: a row a product, each with the version at which it last changed.
 *
 * 1. The hash of a part is SHA-256 over the CBOR of its [SKU, on hand] in order of the SKUs; the table's is over the hashes of all its parts. Versions are not in
 *    it: two servers that fold the same say the same.
 * 2. What is saved is saved part by part, the head last. A table whose parts do not come to its head was not saved whole, and is none.
 * 3. A page costs what is on it, however many products there are: whoever asks may ask a hundred times a second.
 */
import { compareText } from '#core/entry/order.ts';
import { partOfName } from '#core/entry/spread.ts';
import type { Digest, EntryStore } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import type { BranchId, Sku } from '#schemas/ids.ts';
import { STOCK_PARTS } from '#schemas/wire/direct.ts';
import { stockHead, stockRows, type StockHead, type StockPlace, type StockRow } from '#schemas/wire/stock-head.ts';
import * as v from 'valibot';

export interface SignedHead {
	readonly head: StockHead;
	/** CBOR [body, signature]. */
	readonly signed: Uint8Array;
}

export interface StockTable {
	readonly branch: BranchId;
	/** What was saved last; undefined before that. */
	head(): SignedHead | undefined;
	get(sku: Sku): StockRow | undefined;
	skus(): Iterable<Sku>;
	/** The highest version of a row. */
	version(): number;
	/** Behind a place, in order of version and SKU; of these parts, where they are named. */
	after(place: StockPlace, limit: number, parts?: ReadonlySet<number>): readonly StockRow[];
	put(row: StockRow): void;
	clearPart(part: number): void;
	/** Rows that are right, whose versions mean nothing: from now on this one. */
	setVersion(part: number, version: number): void;
	partHashes(): Promise<readonly Uint8Array[]>;
	hash(): Promise<string>;
	save(head: SignedHead): Promise<void>;
	/** As it was saved; empty where that is nothing whole. */
	load(): Promise<void>;
}

interface Placed {
	readonly row: StockRow;
	readonly sku: Sku;
	readonly version: number;
	readonly part: number;
}

function isBehind({ sku, version }: Placed, [from, behind]: StockPlace): boolean {
	return version > from || (version === from && compareText(sku, behind) > 0);
}

const MOST_PASSED_OVER = 2;

export const FROM_THE_BEGINNING: StockPlace = [0, ''];
const NO_ROWS = new Uint8Array(32);

/** Which of the 256 parts a product is in. */
function partOf(sku: Sku): number {
	return partOfName(sku, STOCK_PARTS);
}

export function createStockTable(branch: BranchId, { digest, entryStore }: { readonly digest: Digest; readonly entryStore: EntryStore }): StockTable {
	const parts = Array.from({ length: STOCK_PARTS }, () => new Map<Sku, StockRow>());
	const hashes: (Uint8Array | undefined)[] = parts.map(() => undefined);
	const unsaved = new Set<number>();
	let saved: SignedHead | undefined;
	/** By version and SKU, with what was put since at the end; a row that is not its product's any more is passed over. Undefined: to be sorted when somebody asks. */
	let ordered: Placed[] | undefined;
	let count = 0;

	const inPart = (part: number): ReadonlyMap<Sku, StockRow> => parts[part] ?? new Map<Sku, StockRow>();
	const cacheName = (part: number | 'head'): string => `stock:${branch}:${part}`;

	function changed(part: number): void {
		hashes[part] = undefined;
		unsaved.add(part);
	}

	function put(row: StockRow): void {
		const [sku, , version] = row;
		const part = partOf(sku);
		const rows = parts[part];
		if (rows?.get(sku) === row) return;
		if (rows?.has(sku) === false) count += 1;
		rows?.set(sku, row);
		changed(part);
		const last = ordered?.at(-1);
		// Half of it passed over is sorted anew.
		if (ordered === undefined || ordered.length > MOST_PASSED_OVER * (count + 1) || (last !== undefined && isBehind(last, [version, sku])))
			ordered = undefined;
		else ordered.push({ row, sku, version, part });
	}

	const isNow = ({ row, sku, part }: Placed): boolean => parts[part]?.get(sku) === row;

	function inOrder(): readonly Placed[] {
		ordered ??= parts
			.flatMap((rows, part) => [...rows.values()].map((row): Placed => ({ row, sku: row[0], version: row[2], part })))
			.sort((a, b) => a.version - b.version || compareText(a.sku, b.sku));
		return ordered;
	}

	function after(place: StockPlace, limit: number, only?: ReadonlySet<number>): readonly StockRow[] {
		const all = inOrder();
		let [first, beyond] = [0, all.length];
		while (first < beyond) {
			const middle = (first + beyond) >> 1;
			if (isBehind(all[middle] as Placed, place)) beyond = middle;
			else first = middle + 1;
		}
		const found: StockRow[] = [];
		for (let at = first; at < all.length && found.length < limit; at += 1) {
			const one = all[at] as Placed;
			if ((only === undefined || only.has(one.part)) && isNow(one)) found.push(one.row);
		}
		return found;
	}

	async function hashOf(part: number): Promise<Uint8Array> {
		const rows = [...inPart(part).values()].map(([sku, onHandMilli]) => [sku, onHandMilli] as const);
		if (rows.length === 0) return NO_ROWS;
		return digest.sha256(encode(rows.sort(([a], [b]) => compareText(a, b))));
	}

	async function partHashes(): Promise<readonly Uint8Array[]> {
		return Promise.all(parts.map(async (_, part) => (hashes[part] ??= await hashOf(part))));
	}

	async function hash(): Promise<string> {
		const all = new Uint8Array(STOCK_PARTS * NO_ROWS.length);
		for (const [part, bytes] of (await partHashes()).entries()) all.set(bytes, part * NO_ROWS.length);
		return hexOf(await digest.sha256(all));
	}

	function clear(): void {
		for (const part of parts) part.clear();
		[ordered, count] = [undefined, 0];
		hashes.fill(undefined);
		unsaved.clear();
		saved = undefined;
	}

	return {
		branch,
		head: () => saved,
		get: (sku) => inPart(partOf(sku)).get(sku),
		*skus() {
			for (const part of parts) yield* part.keys();
		},
		version: () => inOrder().findLast(isNow)?.version ?? 0,
		after,
		put,
		clearPart(part) {
			count -= inPart(part).size;
			parts[part]?.clear();
			ordered = undefined;
			changed(part);
		},
		setVersion(part, version) {
			for (const [sku, onHandMilli] of [...inPart(part).values()]) put([sku, onHandMilli, version]);
		},
		partHashes,
		hash,
		async save(head) {
			for (const part of [...unsaved]) {
				unsaved.delete(part);
				try {
					await entryStore.setCache(cacheName(part), encode([...inPart(part).values()]));
				} catch (error) {
					unsaved.add(part); // A later head must not stand over rows that were not written.
					throw error;
				}
			}
			await entryStore.setCache(cacheName('head'), encode([encode(head.head), head.signed].map(hexOf)));
			saved = head;
		},
		async load() {
			clear();
			const head = savedHead(await entryStore.getCache(cacheName('head')));
			if (head === undefined) return;
			for (let part = 0; part < STOCK_PARTS; part += 1) {
				const rows = v.safeParse(stockRows, decoded(await entryStore.getCache(cacheName(part))));
				for (const row of rows.success ? rows.output : []) put(row);
			}
			unsaved.clear();
			if ((await hash()) === head.head.hash) saved = head;
			else clear();
		},
	};
}

function decoded(bytes: Uint8Array | undefined): unknown {
	return bytes === undefined ? undefined : decode(bytes);
}

const savedParts = v.strictTuple([v.string(), v.string()]);

function savedHead(bytes: Uint8Array | undefined): SignedHead | undefined {
	const both = v.safeParse(savedParts, decoded(bytes));
	if (!both.success) return undefined;
	const head = v.safeParse(stockHead, decode(bytesOfHex(both.output[0])));
	return head.success ? { head: head.output, signed: bytesOfHex(both.output[1]) } : undefined;
}
