/**
 * A part of the catalogue as it lies on disk between two runs: what the page sells from before the worker has folded.
 *
 * 1. What comes back is what was put in; nothing comes back of bytes that are damaged or of another version.
 * 2. What many rows share is written once: 50,000 rows are 6 MB where whole rows would be 44, and rows that share come back sharing.
 * 3. All rows go from worker to page like this, too: as objects, 50,000 of them are a second of a slow page's time, in one piece, to take out of a message.
 */
import { decodeCache, encodeCache } from './catalogue.ts';
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

interface Part {
	/** Categories, tax rates and entries. */
	readonly texts: readonly string[];
	/** Per set of entries an edit would replace: lists of places in `texts`, in the order of `FIELDS`. */
	readonly replaces: readonly (readonly (readonly number[])[])[];
	readonly rows: readonly Packed[];
}

export interface PackedRows {
	readonly parts: readonly Uint8Array[];
	/** For each place in the order of `compareRows`, which of the rows of all parts stands there. Absent: they are in that order. */
	readonly order?: Uint32Array;
}

/** Unpacked in one go: some ten milliseconds of a slow page. */
const ROWS_IN_PART = 1_000;

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
	return encodeCache({ texts: [...texts.keys()], replaces: [...sets.values()].map(({ lists }) => lists), rows: packed } satisfies Part);
}

export function decodeRows(bytes: Uint8Array | undefined): readonly CatalogueRow[] {
	const part = decodeCache(bytes) as Part | undefined;
	if (part === undefined) return [];
	try {
		const textAt = <Text extends string>(place: number): Text => {
			const text = part.texts[place];
			if (text === undefined) throw new Error(`no text at ${place}`);
			return text as Text;
		};
		const sets = part.replaces.map(
			(lists) => Object.fromEntries(FIELDS.map((field, place) => [field, lists[place]?.map(textAt) ?? []])) as unknown as Replaces,
		);
		return part.rows.map(
			([sku, name, category, gtins, taxRate, taxPercentMilli, unitPriceE4, price, onHandMilli, set, flags, extras]): CatalogueRow => {
				const replaces = sets[set];
				if (replaces === undefined) throw new Error(`no set of entries at ${set}`);
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
					replaces,
				};
				if (unitPriceE4 !== null) row.unitPriceE4 = unitPriceE4;
				if (price >= 0) row.price = textAt(price);
				if (extras !== undefined) row.extras = extras;
				return row;
			},
		);
	} catch {
		// Of this version and yet not what it wrote: the fold will bring the rows.
		return [];
	}
}

/** Rows in the order of `compareRows`. */
export function packRows(rows: readonly CatalogueRow[]): PackedRows {
	const count = Math.ceil(rows.length / ROWS_IN_PART);
	return { parts: Array.from({ length: count }, (_, part) => encodeRows(rows.slice(part * ROWS_IN_PART, (part + 1) * ROWS_IN_PART))) };
}

/** Parts as they lay on disk and the rows of all of them, put in order: nothing is packed a second time. */
export function packedAlready(parts: readonly Uint8Array[], rows: readonly CatalogueRow[], ordered: readonly CatalogueRow[]): PackedRows {
	const places = new Map(rows.map((row, place) => [row, place]));
	return { parts, order: Uint32Array.from(ordered, (row) => places.get(row) ?? -1) };
}

/** In the order of `compareRows`. `breathe` is awaited between two parts: a finger or a frame goes first. */
export async function unpackRows({ parts, order }: PackedRows, breathe: () => Promise<void>): Promise<readonly CatalogueRow[]> {
	const rows: CatalogueRow[] = [];
	for (const part of parts) {
		for (const row of decodeRows(part)) rows.push(row);
		await breathe();
	}
	return order === undefined ? rows : Array.from(order, (place) => rowAt(rows, place));
}

function rowAt(rows: readonly CatalogueRow[], place: number): CatalogueRow {
	const row = rows[place];
	if (row === undefined) throw new Error(`no row at ${place} of ${rows.length}: these parts are not those whose order this is`);
	return row;
}
