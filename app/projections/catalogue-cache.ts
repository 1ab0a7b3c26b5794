/**
 * A part of the catalogue as it lies on disk between two runs, and as it goes from worker to page: a row is a line of it, and becomes an object when somebody looks.
 *
 * 1. What comes back is what was put in; nothing comes back of bytes that are damaged or of another version.
 * 2. What many rows share is written once: 50,000 rows are 6 MB where whole rows would be 44, and rows that share come back sharing.
 * 3. A line is read without the others: 50,000 objects are a second of a slow page's time, and a till sells some hundred of them.
 * 4. Where a code, a category or a kind is, is known without reading a line (`packed-catalogue.ts`). What was retired lies on disk, and is nowhere in it.
 * 5. That is an index, and lies on disk, too. It says of which parts it is: of none in which a name, a code, a category, a kind or a deposit has changed since.
 */
import { partOfName } from '#core/entry/spread.ts';
import { CACHE_VERSION, decodeCache, encodeCache, placesInOrder } from './catalogue.ts';
import { categoriesOf, depositsOf, kindsOf, type Kinds } from './catalogue-index.ts';
import type { CatalogueRow, ProductExtrasRow } from './rows.ts';

type Replaces = CatalogueRow['replaces'];
type Writable<Row> = { -readonly [Field in keyof Row]: Row[Field] };

/** A row as a tuple, with places in the tables in front of it. */
type Packed = readonly [
	sku: string,
	name: string,
	category: number,
	gtins: readonly string[],
	taxRate: number,
	taxPercentMilli: number,
	/** Null: no price yet. */
	unitPriceE4: number | null,
	/** Place of the price's entry, -1 for none. */
	price: number,
	onHandMilli: number,
	replaces: number,
	/** 1 sold by weight, 2 stock is counted, 4 retired. */
	flags: number,
	extras?: ProductExtrasRow,
];

/** The first line; the others are rows. */
interface Head {
	readonly v: number;
	readonly shape: number;
	/** Of rows: a part that ends early is none. */
	readonly count: number;
	/** Categories, tax rates and entries. */
	readonly texts: readonly string[];
	/** Per set of entries an edit would replace: lists of places in `texts`, in the order of `FIELDS`. */
	readonly replaces: readonly (readonly (readonly number[])[])[];
}

/** Where rows are, in parts of these shapes. A place is a number in the order of `compareRows`. */
export interface CatalogueIndex {
	/** Of the parts: an index of others is none. */
	readonly shapes: readonly number[];
	/** Of each place: the part, times 65,536, and the line in it. */
	readonly order: Uint32Array;
	/** SKUs and barcodes: for each slot the code's hash and its place, counted from 1. A slot that is taken leads to the next one; `placesOfCode` reads it. */
	readonly codes: Uint32Array;
	readonly categories: readonly string[];
	/** Of each place, which of `categories`, counted from 1; 0 for none. */
	readonly categoryAt: Uint32Array;
	readonly kinds: readonly Kinds[];
	/** What is charged as a deposit of something. */
	readonly deposits: readonly CatalogueRow['sku'][];
}

/** All rows of the shop, and where each is. */
export interface PackedRows extends CatalogueIndex {
	readonly parts: readonly Uint8Array[];
	/** Of the first places: a screen that begins with them reads no line. */
	readonly first: readonly CatalogueRow[];
}

const ROWS_IN_PART = 1_000;
/** More than a screen of them. */
const ROWS_AT_FIRST = 80;
const LINES_IN_PART = 65_536;
const LINE_BREAK = 10;

const FIELDS = ['name', 'category', 'unit', 'gtins', 'taxRate', 'tracked', 'price'] as const satisfies readonly (keyof Replaces)[];

export function encodeRows(rows: readonly CatalogueRow[]): Uint8Array {
	const texts = new Map<string, number>();
	const sets = new Map<string, { readonly place: number; readonly lists: readonly (readonly number[])[] }>();
	const textPlace = (text: string): number => {
		const known = texts.get(text) ?? texts.size;
		texts.set(text, known);
		return known;
	};
	const setPlace = (replaces: Replaces): number => {
		const lists = FIELDS.map((field) => replaces[field].map(textPlace));
		const name = JSON.stringify(lists);
		const known = sets.get(name) ?? { place: sets.size, lists };
		sets.set(name, known);
		return known.place;
	};
	const packed = rows.map((row): Packed => [
		...([row.sku, row.name, textPlace(row.category), row.gtins, textPlace(row.taxRate), row.taxPercentMilli] as const),
		...([row.unitPriceE4 ?? null, row.price === undefined ? -1 : textPlace(row.price), row.onHandMilli, setPlace(row.replaces)] as const),
		(row.unit === 'kg' ? 1 : 0) + (row.tracked ? 2 : 0) + (row.retired ? 4 : 0),
		...(row.extras === undefined ? ([] as const) : ([row.extras] as const)),
	]);
	const head: Head = {
		v: CACHE_VERSION,
		shape: shapeOf(rows),
		count: rows.length,
		texts: [...texts.keys()],
		replaces: [...sets.values()].map(({ lists }) => lists),
	};
	return new TextEncoder().encode([head, ...packed].map((line) => JSON.stringify(line)).join('\n'));
}

/** Empty for bytes of another version or broken ones: the fold will bring what they held. */
export function decodeRows(bytes: Uint8Array | undefined): readonly CatalogueRow[] {
	if (bytes === undefined) return [];
	try {
		const text = new TextDecoder().decode(bytes);
		const end = text.indexOf('\n');
		const read = reading(JSON.parse(end < 0 ? text : text.slice(0, end)));
		const packed = JSON.parse(`[${end < 0 ? '' : text.slice(end + 1).replaceAll('\n', ',')}]`) as readonly Packed[];
		if (packed.length !== read.count) throw new Error(`${packed.length} rows where ${read.count} were written`);
		return packed.map(read.row);
	} catch {
		return [];
	}
}

/** A part read a line at a time. Throws where it cannot be read. */
export function openPart(bytes: Uint8Array): { readonly shape: number; readonly row: (line: number) => CatalogueRow } {
	/** Where a line begins; found as far as somebody has looked. */
	const starts = [0];
	const decoder = new TextDecoder();
	function lineAt(place: number): unknown {
		while (starts.length <= place + 1) {
			const end = bytes.indexOf(LINE_BREAK, starts.at(-1));
			starts.push(end < 0 ? bytes.length + 1 : end + 1);
		}
		return JSON.parse(decoder.decode(bytes.subarray(starts[place], (starts[place + 1] as number) - 1)));
	}
	const { shape, row } = reading(lineAt(0));
	return { shape, row: (line) => row(lineAt(line + 1) as Packed) };
}

function reading(head: unknown): Pick<Head, 'shape' | 'count'> & { readonly row: (packed: Packed) => CatalogueRow } {
	const { v, shape, count, texts, replaces: written } = head as Head;
	if (v !== CACHE_VERSION) throw new Error(`a part of version ${v}`);
	const textAt = <Text extends string>(place: number): Text => {
		const text = texts[place];
		if (text === undefined) throw new Error(`no text at ${place}`);
		return text as Text;
	};
	const sets: Replaces[] = [];
	function setAt(place: number): Replaces {
		const lists = written[place];
		if (lists === undefined) throw new Error(`no set of entries at ${place}`);
		const set = Object.fromEntries(FIELDS.map((field, at) => [field, lists[at]?.map(textAt) ?? []])) as unknown as Replaces;
		sets[place] = set;
		return set;
	}
	return {
		shape,
		count,
		row([sku, name, category, gtins, taxRate, taxPercentMilli, unitPriceE4, price, onHandMilli, set, flags, extras]) {
			// Written out: with spread parts, 50,000 rows take several times as long.
			const row: Writable<CatalogueRow> = {
				sku: sku as CatalogueRow['sku'],
				name,
				category: textAt(category),
				unit: (flags & 1) === 1 ? 'kg' : 'each',
				gtins: gtins as CatalogueRow['gtins'],
				taxRate: textAt(taxRate),
				taxPercentMilli,
				tracked: (flags & 2) === 2,
				onHandMilli,
				retired: (flags & 4) === 4,
				replaces: sets[set] ?? setAt(set),
			};
			if (unitPriceE4 !== null) row.unitPriceE4 = unitPriceE4;
			if (price >= 0) row.price = textAt(price);
			if (extras !== undefined) row.extras = extras;
			return row;
		},
	};
}

/** What of a row makes its place, its codes, its category and its kind; figures are none of it. */
export function shapeOf(rows: readonly CatalogueRow[]): number {
	const said = rows.map(({ sku, name, category, gtins, retired, extras }) => [
		sku,
		name,
		category,
		gtins,
		retired,
		extras?.variant?.group,
		extras?.deposit,
	]);
	return hashOf(JSON.stringify(said));
}

export function packRows(rows: readonly CatalogueRow[]): PackedRows {
	const count = Math.ceil(rows.length / ROWS_IN_PART);
	const parts = Array.from({ length: count }, (_, part) => rows.slice(part * ROWS_IN_PART, (part + 1) * ROWS_IN_PART));
	return packedAlready(parts.map(encodeRows), indexOf(parts));
}

/** Parts as they lay on disk: nothing is packed a second time. Throws where the index is not theirs. */
export function packedAlready(parts: readonly Uint8Array[], index: CatalogueIndex): PackedRows {
	const opened = parts.map(openPart);
	const shapes = opened.map(({ shape }) => shape);
	if (shapes.join() !== index.shapes.join()) throw new Error('an index of other parts');
	const first = Array.from(index.order.subarray(0, ROWS_AT_FIRST), (_, place) => {
		const { part, line } = addressOf(index, place);
		return (opened[part] as (typeof opened)[number]).row(line);
	});
	return { ...index, parts, first };
}

/** The rows of each part, as they stand in it. */
export function indexOf(rowsOfParts: readonly (readonly CatalogueRow[])[]): CatalogueIndex {
	const offered: CatalogueRow[] = [];
	const addresses: number[] = [];
	for (const [part, rows] of rowsOfParts.entries()) {
		for (const [line, row] of rows.entries()) {
			if (row.retired) continue;
			offered.push(row);
			addresses.push(part * LINES_IN_PART + line);
		}
	}
	const order = placesInOrder(offered);
	const rows = order.map((place) => offered[place] as CatalogueRow);
	const categories = categoriesOf(rows);
	const numbers = new Map(categories.map((name, place) => [name, place + 1]));
	return {
		shapes: rowsOfParts.map(shapeOf),
		order: Uint32Array.from(order, (place) => addresses[place] as number),
		codes: codesOf(rows),
		categories,
		categoryAt: Uint32Array.from(rows, ({ category }) => numbers.get(category) ?? 0),
		kinds: kindsOf(rows),
		deposits: depositsOf(rows),
	};
}

/** The numbers as they are, and in front of them what is none. */
export function encodeIndex({ order, codes, categoryAt, ...texts }: CatalogueIndex): Uint8Array {
	const said = encodeCache({ ...texts, rows: order.length, slots: codes.length });
	const from = 4 + Math.ceil(said.length / 4) * 4;
	const bytes = new Uint8Array(from + 4 * (2 * order.length + codes.length));
	new DataView(bytes.buffer).setUint32(0, said.length);
	bytes.set(said, 4);
	new Uint32Array(bytes.buffer, from, order.length).set(order);
	new Uint32Array(bytes.buffer, from + 4 * order.length, codes.length).set(codes);
	new Uint32Array(bytes.buffer, from + 4 * (order.length + codes.length), order.length).set(categoryAt);
	return bytes;
}

/** Undefined for bytes of another version or broken ones: then it is worked out of the rows. */
export function decodeIndex(bytes: Uint8Array | undefined): CatalogueIndex | undefined {
	try {
		if (bytes === undefined) return undefined;
		// Numbers stand at a multiple of four in a buffer of their own.
		const own = bytes.slice();
		const length = new DataView(own.buffer).getUint32(0);
		const said = decodeCache(own.subarray(4, 4 + length)) as (Omit<CatalogueIndex, 'order' | 'codes' | 'categoryAt'> & IndexLengths) | undefined;
		if (said === undefined) return undefined;
		const { rows, slots, ...texts } = said;
		const from = 4 + Math.ceil(length / 4) * 4;
		if (own.length !== from + 4 * (2 * rows + slots)) return undefined;
		return {
			...texts,
			order: new Uint32Array(own.buffer, from, rows),
			codes: new Uint32Array(own.buffer, from + 4 * rows, slots),
			categoryAt: new Uint32Array(own.buffer, from + 4 * (rows + slots), rows),
		};
	} catch {
		return undefined;
	}
}

interface IndexLengths {
	readonly rows: number;
	readonly slots: number;
}

/** Where `order` leads. */
export function addressOf({ order }: CatalogueIndex, place: number): { readonly part: number; readonly line: number } {
	const address = order[place];
	if (address === undefined) throw new Error(`no row at ${place} of ${order.length}`);
	return { part: Math.floor(address / LINES_IN_PART), line: address % LINES_IN_PART };
}

function codesOf(rows: readonly CatalogueRow[]): Uint32Array {
	const count = rows.reduce((sum, { gtins }) => sum + 1 + gtins.length, 0);
	// A fifth stays empty: what is nowhere is known after some looks at neighbours.
	const slots = 2 ** Math.ceil(Math.log2(1.25 * count + 2));
	const codes = new Uint32Array(2 * slots);
	for (const [place, { sku, gtins }] of rows.entries()) {
		put(hashOf(sku), place);
		for (const gtin of gtins) put(hashOf(gtin), place);
	}
	return codes;

	function put(hash: number, place: number): void {
		let slot = hash % slots;
		while (codes[2 * slot + 1] !== 0) slot = (slot + 1) % slots;
		codes[2 * slot] = hash;
		codes[2 * slot + 1] = place + 1;
	}
}

/** In order; among them may be some of another code with the same hash. */
export function placesOfCode({ codes }: CatalogueIndex, code: string): readonly number[] {
	const slots = codes.length / 2;
	const hash = hashOf(code);
	const places = new Set<number>();
	for (let slot = hash % slots; codes[2 * slot + 1] !== 0; slot = (slot + 1) % slots)
		if (codes[2 * slot] === hash) places.add((codes[2 * slot + 1] as number) - 1);
	return [...places].sort((a, b) => a - b);
}

function hashOf(code: string): number {
	return partOfName(code, 2 ** 32);
}
