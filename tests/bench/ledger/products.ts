/** Rows about 50,000 products: from the cache to the first hit, a change of price, memory, and how long a cashier waits for a word. */
import { CACHE_PARTS, cachePartOf } from '#projections/catalogue.ts';
import { decodeRows, encodeRows } from '#projections/catalogue-cache.ts';
import { EMPTY_CATALOGUE, updateCatalogue } from '#projections/catalogue-view.ts';
import type { CatalogueRow } from '#projections/rows.ts';
import { createSearch } from '#projections/search.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { interleaved, median, megabytes, ms, usedBytes, type Row, type Side } from '../row.ts';
import { rangeOf } from './goods.ts';

/** The catalogue as it lies on disk between two runs, in its 64 parts; a hundred products came with one entry. */
function cachedParts(count: number): readonly Uint8Array[] {
	const parts = Array.from({ length: CACHE_PARTS }, (): CatalogueRow[] => []);
	for (const [index, { sku, fields, unitPriceE4, taxPercentMilli }] of rangeOf(count).entries()) {
		const entry = Math.floor(index / 100)
			.toString(16)
			.padStart(64, 'e') as EntryHash;
		const one = [entry];
		parts[cachePartOf(sku)]!.push({
			...{ sku, name: fields.name, category: fields.category, unit: fields.unit, gtins: fields.gtins, taxRate: fields.taxRate, taxPercentMilli },
			...{ unitPriceE4, price: entry, tracked: fields.tracked, onHandMilli: 12_000, retired: false },
			replaces: { name: one, category: one, unit: one, gtins: one, taxRate: one, tracked: one, price: one },
		});
	}
	return parts.map((rows) => encodeRows(rows));
}

/** What worker and page do with it. */
function start(parts: readonly Uint8Array[]): { readonly search: ReturnType<typeof createSearch>; readonly catalogue: typeof EMPTY_CATALOGUE } {
	const rows = parts.flatMap((part) => decodeRows(part));
	const search = createSearch();
	search.index(rows);
	const catalogue = updateCatalogue(EMPTY_CATALOGUE, { rows, whole: true, live: false });
	return { search, catalogue };
}

function countOf(quick: boolean): number {
	return quick ? 5_000 : 50_000;
}

export const products: Row = {
	name: 'products',
	what: '50,000 products from the cache to the first hit of a search; one change of price; memory of catalogue and search',
	against: '',
	reach: 'stated',
	async run({ quick, tell }) {
		const count = countOf(quick);
		tell(`${count} products`);
		const parts = cachedParts(count);
		const before = await usedBytes();
		const held = start(parts);
		held.search.find('loaf', 20);
		const memory = (await usedBytes()) - before;
		const row = held.catalogue.rows.at(count >> 1)!;
		let catalogue = held.catalogue;
		let priceE4 = row.unitPriceE4 ?? 0;
		const changes = 200;
		const times = await interleaved(
			{
				start: {
					prepare: () => parts,
					work(from) {
						if (start(from).search.find('seeded sourdouh', 20).length === 0) throw new Error('nothing was found');
					},
				} satisfies Side<readonly Uint8Array[]>,
				prices: {
					prepare: () => undefined,
					work() {
						for (let i = 0; i < changes; i += 1) {
							priceE4 += 100;
							const changed = [{ ...row, unitPriceE4: priceE4 }];
							held.search.update(changed);
							catalogue = updateCatalogue(catalogue, { rows: changed, whole: false, live: true });
						}
					},
				} satisfies Side<undefined>,
			},
			{ rounds: quick ? 1 : 5, warmups: quick ? 0 : 2 },
		);
		if (catalogue.bySku.get(row.sku)?.unitPriceE4 !== priceE4) throw new Error('the price did not change');
		const priceMs = times.prices / changes;
		return {
			...{ ours: `${ms(times.start)}; ${ms(priceMs)}; ${megabytes(memory)}`, anchor: '' },
			numbers: {
				products: count,
				startMs: times.start,
				priceMs,
				memoryBytes: memory,
				cacheBytes: parts.reduce((sum, { length }) => sum + length, 0),
			},
		};
	},
};

/** What cashiers type: a word, its beginning, two words, a slip, a code, a barcode, nothing that is sold. */
const TYPED = ['loaf', 'ba', 'harbour loaf', 'sourdouh', 'BAK-00013', '952000000012', 'zzzz'];

export const words: Row = {
	name: 'words',
	what: `search among 50,000 products: ${TYPED.join(' · ')}`,
	against: '',
	reach: 'stated',
	run({ quick }) {
		const { search } = start(cachedParts(countOf(quick)));
		const numbers: Record<string, number> = {};
		for (const text of TYPED) {
			const times = Array.from({ length: quick ? 3 : 40 }, () => {
				const begun = performance.now();
				search.find(text, 20);
				return performance.now() - begun;
			});
			numbers[`${text} ms`] = median(times);
		}
		const hits = TYPED.map((text) => search.find(text, 20).length);
		return { ours: Object.values(numbers).map(ms).join(' · '), anchor: '', numbers, note: `hits shown, at most 20: ${hits.join(' · ')}` };
	},
};
