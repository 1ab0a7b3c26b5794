/**
 * A part of the catalogue as it lies on disk between two runs: what the page sells from before the worker has folded.
 *
 * 1. What comes back is what was put in; nothing comes back of bytes that are damaged or of another version.
 * 2. What many rows share is written once: 50,000 rows are 6 MB where whole rows would be 44, and rows that share come back sharing.
 */
import { decodeCache, encodeCache } from './catalogue.ts';
import type { CatalogueRow, ProductExtrasRow } from './rows.ts';

type Replaces = CatalogueRow['replaces'];

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
				return {
					...{
						sku: sku as CatalogueRow['sku'],
						name,
						category: textAt(category),
						unit: (flags & 1) === 1 ? 'kg' : 'each',
						gtins: gtins as CatalogueRow['gtins'],
					},
					...{ taxRate: textAt(taxRate), taxPercentMilli },
					...(unitPriceE4 === null ? {} : { unitPriceE4 }),
					...(price < 0 ? {} : { price: textAt(price) }),
					...{ tracked: (flags & 2) === 2, onHandMilli, retired: (flags & 4) === 4, replaces },
					...(extras === undefined ? {} : { extras }),
				};
			},
		);
	} catch {
		// Of this version and yet not what it wrote: the fold will bring the rows.
		return [];
	}
}
