/**
 * Finding a product: by name with a typing mistake in each word, by its SKU, by a barcode or a part of one.
 *
 * 1. The exact SKU or barcode comes first, then codes that contain the text, then names as they are typed, then names with a slip in each word.
 * 2. Retired products are never found. The same catalogue and text give the same list.
 * 3. Only a change of name, code or retirement costs anything: a sale among 50,000 products does not.
 */
import UFuzzy from '@leeoniya/ufuzzy';
import { compareText } from '#core/entry/order.ts';
import { normalizeGtin } from '#core/gtin.ts';
import type { Sku } from '#schemas/ids.ts';
import type { CatalogueRow } from './rows.ts';

export interface Search {
	/** These rows are all there are. */
	index(rows: readonly CatalogueRow[]): void;
	/** These rows are new or have changed. */
	update(rows: readonly CatalogueRow[]): void;
	find(text: string, limit: number): readonly Sku[];
}

interface Item {
	readonly sku: Sku;
	readonly name: string;
	readonly gtins: CatalogueRow['gtins'];
	/** The name in small letters without accents. */
	readonly spelt: string;
	/** SKU and barcodes in small letters, each with a line break before and behind. */
	readonly codes: string;
}

/** Beyond this many hits uFuzzy filters without ranking: the cashier types on. */
const MOST_RANKED = 1_000;
/** Digits that are surely a code: no name is looked for once a product has it. */
const SURELY_A_CODE = /^\d{6,}$/;

export function createSearch(): Search {
	const exact = new UFuzzy();
	// One slip in a word: a letter too many, missing, swapped or wrong (uFuzzy's single-error mode).
	const tolerant = new UFuzzy({ intraMode: 1 });
	const items = new Map<Sku, Item>();
	/** By name, then SKU: in an order that does not tell how the entries arrived, for hits of equal rank keep it. */
	let ordered: readonly Item[] = [];
	let names: string[] = [];
	let isStale = false;

	function put(row: CatalogueRow): void {
		const { sku, name, gtins, retired } = row;
		const before = items.get(sku);
		if (retired) {
			if (items.delete(sku)) isStale = true;
			return;
		}
		if (before !== undefined && before.name === name && isSameList(before.gtins, gtins)) return;
		items.set(sku, { sku, name, gtins, spelt: spell(name), codes: `\n${[sku, ...gtins].join('\n').toLowerCase()}\n` });
		isStale = true;
	}

	function renew(): void {
		if (!isStale) return;
		isStale = false;
		ordered = [...items.values()].sort((a, b) => compareText(a.spelt, b.spelt) || compareText(a.sku, b.sku));
		names = ordered.map(({ spelt }) => spelt);
	}

	function byCode(text: string): readonly Item[] {
		const wanted = text.toLowerCase();
		const gtin = normalizeGtin(wanted);
		const containing = /\d/.test(wanted) && wanted.length >= 3 ? ordered.filter(({ codes }) => codes.includes(wanted)) : [];
		const isIt = ({ codes }: Item): boolean => codes.includes(`\n${wanted}\n`) || (gtin !== undefined && codes.includes(`\n${gtin}\n`));
		// A barcode as the scanner spells it may be longer than the one that is kept, and then contains nothing.
		const whole = (gtin === undefined && containing.length > 0 ? containing : ordered).filter(isIt);
		return [...whole, ...containing];
	}

	function byName(text: string, limit: number): readonly Item[] {
		const wanted = spell(text)
			.replace(/(^|\s)-+|["']/g, ' ') // A dash before a word and quotes mean something to uFuzzy, and to nobody at a counter.
			.trim();
		if (wanted === '') return [];
		if (!IS_LATIN.test(wanted)) {
			// uFuzzy knows Latin letters. In other scripts every word must stand there as it is typed.
			const words = wanted.split(/\s+/);
			return ordered.filter(({ spelt }) => words.every((word) => spelt.includes(word)));
		}
		const typed = ranked(exact, wanted);
		return typed.length >= limit ? typed : [...typed, ...ranked(tolerant, wanted)];
	}

	function ranked(fuzzy: UFuzzy, wanted: string): readonly Item[] {
		const [places, , order] = fuzzy.search(names, wanted, 1, MOST_RANKED);
		const best = order === null ? (places ?? []) : order.map((rank) => places?.[rank] ?? -1);
		return best.flatMap((place) => ordered[place] ?? []);
	}

	return {
		index(rows) {
			const there = new Set(rows.map(({ sku }) => sku));
			for (const sku of [...items.keys()]) if (!there.has(sku) && items.delete(sku)) isStale = true;
			for (const row of rows) put(row);
		},
		update(rows) {
			for (const row of rows) put(row);
		},
		find(text, limit) {
			const wanted = text.trim();
			if (wanted === '' || limit <= 0) return [];
			renew();
			const coded = byCode(wanted);
			const found = coded.length >= limit || (coded.length > 0 && SURELY_A_CODE.test(wanted)) ? coded : [...coded, ...byName(wanted, limit)];
			return [...new Set(found.map(({ sku }) => sku))].slice(0, limit);
		},
	};
}

const IS_LATIN = /^[ -~]*$/;

function spell(text: string): string {
	return UFuzzy.latinize(text).toLowerCase();
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
	return a.length === b.length && a.every((one, place) => one === b[place]);
}
