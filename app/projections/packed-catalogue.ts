/**
 * The page's catalogue over rows that are still packed: a row becomes an object when somebody looks at it, and not before.
 *
 * 1. It reads as the catalogue of the same rows as objects does.
 * 2. What looks at a few rows reads a few lines: a code is found by its hash, a category and a kind by numbers beside the rows.
 * 3. Which places a category has, and which of them are buttons, is worked out once: rows that change stay where they are.
 * 4. Rows that change without moving are put over those that are packed; whoever keeps the catalogue of before keeps its rows.
 */
import { addressOf, openPart, placesOfCode, type PackedRows } from './catalogue-cache.ts';
import { gtinsOf } from './catalogue-index.ts';
import type { CatalogueRow } from './rows.ts';
import type { Catalogue, RowList } from './views.ts';

export function openPacked(packed: PackedRows, live: boolean): Catalogue {
	const variants = new Map(packed.kinds.map(({ group, skus }) => [group, skus]));
	const { categories, deposits } = packed;
	return catalogueOf(new PackedList(createBook(packed), []), { variants, categories, deposits, live });
}

/** Undefined where the catalogue is not packed. */
export function replacePacked(
	{ rows: list, variants, categories, deposits }: Catalogue,
	rows: readonly CatalogueRow[],
	live: boolean,
): Catalogue | undefined {
	return list instanceof PackedList ? catalogueOf(list.with(rows), { variants, categories, deposits, live }) : undefined;
}

/** Those of one category, without reading the others. */
export function packedOfCategory(list: RowList, category: string): RowList | undefined {
	return list instanceof PackedList ? list.ofCategory(category) : undefined;
}

/** Of what there is in several kinds only the first. */
export function packedTiles(list: RowList): RowList | undefined {
	return list instanceof PackedList ? list.withoutFurtherKinds() : undefined;
}

function catalogueOf(rows: PackedList, others: Pick<Catalogue, 'variants' | 'categories' | 'deposits' | 'live'>): Catalogue {
	return {
		...{ rows, ...others },
		bySku: new CodeMap(
			(sku) => rows.byCode(sku).find((row) => row.sku === sku),
			() => new Map(rows.slice().map((row) => [row.sku, row])),
		),
		byGtin: new CodeMap(
			(gtin) => {
				const found = rows.byCode(gtin).filter(({ gtins }) => (gtins as readonly string[]).includes(gtin));
				return found.length === 0 ? undefined : found;
			},
			() => gtinsOf(rows),
		),
	};
}

interface Book {
	readonly packed: PackedRows;
	row(place: number): CatalogueRow;
	/** By category. */
	readonly placesOf: Map<string, Uint32Array>;
	/** By the list's places, which are undefined where it is all there are; of each of these lists the places without further kinds. */
	readonly tilesOf: Map<Uint32Array | undefined, Uint32Array | undefined>;
}

function createBook(packed: PackedRows): Book {
	const parts: ReturnType<typeof openPart>[] = [];
	const rows = new Array<CatalogueRow | undefined>(packed.order.length);
	for (const [place, row] of packed.first.entries()) rows[place] = row;
	function read(place: number): CatalogueRow {
		const { part, line } = addressOf(packed, place);
		return (parts[part] ??= openPart(packed.parts[part] as Uint8Array)).row(line);
	}
	return { packed, row: (place) => (rows[place] ??= read(place)), placesOf: new Map(), tilesOf: new Map() };
}

/** By place, in parts: a sale changes a row or two, and copies no more than their parts. */
type Instead = readonly (readonly (CatalogueRow | undefined)[] | undefined)[];
const PLACES_A_PART = 256;

class PackedList implements RowList {
	readonly length: number;
	readonly #book: Book;
	readonly #instead: Instead;
	/** Of these places only. */
	readonly #places: Uint32Array | undefined;

	constructor(book: Book, instead: Instead, places?: Uint32Array) {
		this.#book = book;
		this.#instead = instead;
		this.#places = places;
		this.length = places?.length ?? book.packed.order.length;
	}

	at(index: number): CatalogueRow | undefined {
		const from = index < 0 ? this.length + index : index;
		return from < 0 || from >= this.length ? undefined : this.#row(this.#places?.[from] ?? from);
	}

	slice(from = 0, to = this.length): CatalogueRow[] {
		const rows: CatalogueRow[] = [];
		for (let index = from; index < Math.min(to, this.length); index += 1) rows.push(this.#row(this.#places?.[index] ?? index));
		return rows;
	}

	*[Symbol.iterator](): Generator<CatalogueRow, undefined> {
		for (let index = 0; index < this.length; index += 1) yield this.#row(this.#places?.[index] ?? index);
	}

	/** Of a code, or of another one with its hash. */
	byCode(code: string): readonly CatalogueRow[] {
		return placesOfCode(this.#book.packed, code).map((place) => this.#row(place));
	}

	with(rows: readonly CatalogueRow[]): PackedList {
		const instead = [...this.#instead];
		for (const row of rows) {
			const place = placesOfCode(this.#book.packed, row.sku).find((one) => this.#book.row(one).sku === row.sku);
			if (place === undefined) throw new Error(`${row.sku} is to be replaced and is not there`);
			const number = Math.floor(place / PLACES_A_PART);
			const part = [...(instead[number] ?? [])];
			part[place % PLACES_A_PART] = row;
			instead[number] = part;
		}
		return new PackedList(this.#book, instead);
	}

	/** Of the whole list. */
	ofCategory(category: string): PackedList {
		const { packed, placesOf } = this.#book;
		let places = placesOf.get(category);
		if (places === undefined) {
			const number = packed.categories.indexOf(category) + 1;
			places = allPlaces(packed).filter((place) => number > 0 && packed.categoryAt[place] === number);
			placesOf.set(category, places);
		}
		return new PackedList(this.#book, this.#instead, places);
	}

	withoutFurtherKinds(): PackedList {
		const { packed, tilesOf } = this.#book;
		if (!tilesOf.has(this.#places)) tilesOf.set(this.#places, withoutFurtherKinds(packed, this.#places));
		const places = tilesOf.get(this.#places);
		return places === this.#places ? this : new PackedList(this.#book, this.#instead, places);
	}

	#row(place: number): CatalogueRow {
		return this.#instead[Math.floor(place / PLACES_A_PART)]?.[place % PLACES_A_PART] ?? this.#book.row(place);
	}
}

function allPlaces({ order }: PackedRows): Uint32Array {
	return new Uint32Array(order.length).map((_, place) => place);
}

/** The same places where there is no further kind among them. */
function withoutFurtherKinds(packed: PackedRows, places: Uint32Array | undefined): Uint32Array | undefined {
	const here = places ?? allPlaces(packed);
	// By place: not in this list, in it, a further kind of what is in it.
	const flags = new Uint8Array(packed.order.length);
	for (const place of here) flags[place] = 1;
	for (const kind of packed.kinds) for (const place of kind.places.filter((one) => flags[one] === 1).slice(1)) flags[place] = 2;
	const first = here.filter((place) => flags[place] === 1);
	return first.length === here.length ? places : first;
}

/** Asked for one code it reads a line or two; asked for all of them it reads all rows. */
class CodeMap<Code extends string, Value> implements ReadonlyMap<Code, Value> {
	readonly #get: (code: Code) => Value | undefined;
	readonly #readAll: () => ReadonlyMap<Code, Value>;
	#all: ReadonlyMap<Code, Value> | undefined;

	constructor(get: (code: Code) => Value | undefined, readAll: () => ReadonlyMap<Code, Value>) {
		this.#get = get;
		this.#readAll = readAll;
	}

	get(code: Code): Value | undefined {
		return this.#get(code);
	}

	has(code: Code): boolean {
		return this.#get(code) !== undefined;
	}

	get size(): number {
		return this.#whole().size;
	}

	keys(): MapIterator<Code> {
		return this.#whole().keys();
	}

	values(): MapIterator<Value> {
		return this.#whole().values();
	}

	entries(): MapIterator<[Code, Value]> {
		return this.#whole().entries();
	}

	forEach(tell: (value: Value, code: Code, map: ReadonlyMap<Code, Value>) => void): void {
		this.#whole().forEach((value, code) => {
			tell(value, code, this);
		});
	}

	[Symbol.iterator](): MapIterator<[Code, Value]> {
		return this.entries();
	}

	#whole(): ReadonlyMap<Code, Value> {
		this.#all ??= this.#readAll();
		return this.#all;
	}
}
