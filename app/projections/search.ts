/**
 * Finding a product: by name with a typing mistake in each word, by its SKU, by a barcode or a part of one.
 *
 * 1. The exact SKU or barcode comes first, then codes that contain the text, then names as uFuzzy ranks them.
 * 2. Retired products are never found. The same catalogue and text give the same list.
 */
import UFuzzy from '@leeoniya/ufuzzy';
import { compareText } from '#core/entry/order.ts';
import { normalizeGtin } from '#core/gtin.ts';
import type { Sku } from '#schemas/ids.ts';
import type { CatalogueRow } from './rows.ts';

export interface Search {
	/** The rows as they stand; called after a change. */
	index(rows: readonly CatalogueRow[]): void;
	find(text: string, limit: number): readonly Sku[];
}

/** Beyond this many hits uFuzzy filters without ranking: the cashier types on. */
const MOST_RANKED = 2_000;

export function createSearch(): Search {
	// One slip in a word: a letter too many, missing, swapped or wrong (uFuzzy's single-error mode).
	const fuzzy = new UFuzzy({ intraMode: 1 });
	let rows: readonly CatalogueRow[] = [];
	let names: string[] = [];
	/** Spelt for searching, by name: names change seldom, and rows at every sale. */
	let spelt = new Map<string, string>();

	return {
		index(next) {
			// In an order that does not tell how the entries arrived: hits of equal rank keep it.
			rows = next.filter(({ retired }) => !retired).sort((a, b) => compareText(a.name, b.name) || compareText(a.sku, b.sku));
			const before = spelt;
			spelt = new Map(rows.map(({ name }) => [name, before.get(name) ?? UFuzzy.latinize(name).toLowerCase()]));
			names = rows.map(({ name }) => spelt.get(name) ?? name);
		},
		find(text, limit) {
			const wanted = UFuzzy.latinize(text.trim()).toLowerCase();
			if (wanted === '') return [];
			const found = new Set<Sku>();
			const gtin = normalizeGtin(wanted);
			const code = text.trim().toLowerCase();
			for (const { sku, gtins } of rows) if (sku.toLowerCase() === code || (gtin !== undefined && gtins.includes(gtin))) found.add(sku);
			if (/\d/.test(wanted) && wanted.length >= 3) {
				for (const { sku, gtins } of rows) {
					if (found.size >= limit) break;
					if (sku.toLowerCase().includes(code) || gtins.some((one) => one.includes(code))) found.add(sku);
				}
			}
			const [places, , order] = fuzzy.search(names, wanted, 1, MOST_RANKED);
			for (const place of order === null ? (places ?? []) : order.map((rank) => places?.[rank] ?? -1)) {
				if (found.size >= limit) break;
				const row = rows[place];
				if (row !== undefined) found.add(row.sku);
			}
			return [...found].slice(0, limit);
		},
	};
}
