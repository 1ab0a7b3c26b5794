/**
 * Finding a product: by name with typing mistakes in each word, by its SKU, by a barcode or a part of one.
 *
 * 1. The exact SKU or barcode comes first, then codes that contain the text, then names as they are typed, then names with a slip in each
 *    word. Where nothing has that, names whose words begin nearly as each typed word: a letter wrong, missing, too many or swapped, two from six letters on.
 * 2. Retired products are never found. The same catalogue and text give the same list.
 * 3. Only a change of name, code or retirement costs anything: a sale among 50,000 products does not.
 */
import UFuzzy from '@leeoniya/ufuzzy';
import { plainDigits } from '#core/digits.ts';
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
	/** Each word of any name, once; made when somebody mistypes. */
	let words: readonly string[] | undefined;
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
		words = undefined;
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
			const parts = wanted.split(/\s+/);
			const found = ordered.filter(({ spelt }) => parts.every((word) => spelt.includes(word)));
			return found.length > 0 ? found : nearly(wanted);
		}
		const typed = ranked(exact, wanted);
		if (typed.length >= limit) return typed;
		const found = [...typed, ...ranked(tolerant, wanted)];
		return found.length > 0 ? found : nearly(wanted);
	}

	/** Nobody finds a product so who types a word of three letters wrong: too much is like it. */
	function nearly(wanted: string): readonly Item[] {
		words ??= [...new Set(ordered.flatMap(({ spelt }) => wordsOf(spelt)))];
		const all = words;
		const near = wordsOf(wanted).map((typed) => new Map(all.flatMap((word) => nearness(typed, word))));
		if (near.length === 0 || near.some(({ size }) => size === 0)) return [];
		const scored = ordered.flatMap((item) => {
			const here = wordsOf(item.spelt);
			const slips = near.map((like) => Math.min(...here.map((word) => like.get(word) ?? Infinity)));
			const sum = slips.reduce((total, one) => total + one, 0);
			return sum === Infinity ? [] : [{ item, sum }];
		});
		// Sorting is stable: of as many slips the order of the names.
		return scored.sort((a, b) => a.sum - b.sum).map(({ item }) => item);
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
			const wanted = plainDigits(text.trim());
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
	const latin = UFuzzy.latinize(text).toLowerCase();
	return IS_LATIN.test(latin)
		? latin
		: plainDigits(latin)
				.replace(ARABIC_MARKS, '')
				.replace(ARABIC_ALIKE, (letter) => ALIKE[letter] ?? letter);
}

/** Vowel signs and the stroke that stretches a word: who types leaves them out. */
const ARABIC_MARKS = /\p{Script=Inherited}|\u0640/gu;
/** What is written one way and typed another: alef with hamza or madda, yeh without dots, teh marbuta. */
const ALIKE: Readonly<Record<string, string>> = { أ: 'ا', إ: 'ا', آ: 'ا', ٱ: 'ا', ى: 'ي', ة: 'ه' };
const ARABIC_ALIKE = /[أإآٱىة]/g;

function wordsOf(spelt: string): readonly string[] {
	return spelt.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

/** How many slips lie between what was typed and the beginning of a word, where these are few. */
function nearness(typed: string, word: string): readonly (readonly [string, number])[] {
	if (word.startsWith(typed)) return [[word, 0]];
	const most = typed.length < 4 ? 0 : typed.length < 6 ? 1 : 2;
	if (most === 0 || word.length < typed.length - most) return [];
	const slips = slipsToBeginning(typed, word.slice(0, typed.length + most), most);
	return slips > most ? [] : [[word, slips]];
}

/**
 * The least edits from `typed` to any beginning of `word`, two neighbours that changed places being one (optimal string alignment: Damerau, "A technique for
 * computer detection and correction of spelling errors", 1964). More than `most` is some number above it.
 */
function slipsToBeginning(typed: string, word: string, most: number): number {
	let [before, last]: [number[], number[]] = [[], Array.from({ length: word.length + 1 }, (_, place) => place)];
	for (let row = 1; row <= typed.length; row += 1) {
		const next = [row];
		for (let column = 1; column <= word.length; column += 1) {
			const isSame = typed[row - 1] === word[column - 1];
			const one = Math.min((last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (isSame ? 0 : 1));
			const isSwapped = row > 1 && column > 1 && typed[row - 1] === word[column - 2] && typed[row - 2] === word[column - 1];
			next.push(isSwapped ? Math.min(one, (before[column - 2] ?? 0) + 1) : one);
		}
		if (Math.min(...next) > most) return most + 1;
		[before, last] = [last, next];
	}
	return Math.min(...last);
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
	return a.length === b.length && a.every((one, place) => one === b[place]);
}
