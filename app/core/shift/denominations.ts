/**
 * The notes and coins that are counted one by one, by currency: what its central bank lists as in circulation and shops still take.
 *
 * Sources (the issuers' own pages on notes and coins): Bank of England and Royal Mint (GBP), European Central Bank (EUR), Federal Reserve and United States
 * Mint (USD), Swiss National Bank (CHF), Bank of Canada (CAD), Reserve Bank of Australia (AUD), Reserve Bank of New Zealand (NZD), Sveriges Riksbank (SEK),
 * Norges Bank (NOK), Danmarks Nationalbank (DKK), Narodowy Bank Polski (PLN), Česká národní banka (CZK), South African Reserve Bank (ZAR), Central Bank of
 * Kuwait (KWD), Bank of Japan and Japan Mint (JPY). A currency that is not here is counted as one sum.
 */
import type { Currency } from '#schemas/numbers.ts';

export interface Denominations {
	/** Minor units of one, the largest first. */
	readonly notes: readonly number[];
	readonly coins: readonly number[];
}

const NONE: Denominations = { notes: [], coins: [] };

export function denominationsOf({ code }: Currency): Denominations {
	return BY_CURRENCY[code] ?? NONE;
}

export interface Counted {
	readonly valueMinor: number;
	readonly count: number;
}

export function sumOfCounted(counted: readonly Counted[]): number {
	return counted.reduce((sum, { valueMinor, count }) => sum + valueMinor * count, 0);
}

/** Round floats to offer where nobody has opened a shift yet. */
export function floatAmounts({ digits }: Currency): readonly number[] {
	// Where there are no decimals a small drawer begins at some ten thousand.
	const unit = digits === 0 ? 100 : 10 ** digits;
	return [50, 100, 150, 200].map((whole) => whole * unit);
}

const hundredths = (...wholes: readonly number[]): readonly number[] => wholes.map((whole) => Math.round(whole * 100));

const BY_CURRENCY: Readonly<Record<string, Denominations>> = {
	GBP: { notes: hundredths(50, 20, 10, 5), coins: hundredths(2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01) },
	EUR: { notes: hundredths(500, 200, 100, 50, 20, 10, 5), coins: hundredths(2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01) },
	USD: { notes: hundredths(100, 50, 20, 10, 5, 2, 1), coins: hundredths(1, 0.5, 0.25, 0.1, 0.05, 0.01) },
	CHF: { notes: hundredths(1000, 200, 100, 50, 20, 10), coins: hundredths(5, 2, 1, 0.5, 0.2, 0.1, 0.05) },
	CAD: { notes: hundredths(100, 50, 20, 10, 5), coins: hundredths(2, 1, 0.25, 0.1, 0.05) },
	AUD: { notes: hundredths(100, 50, 20, 10, 5), coins: hundredths(2, 1, 0.5, 0.2, 0.1, 0.05) },
	NZD: { notes: hundredths(100, 50, 20, 10, 5), coins: hundredths(2, 1, 0.5, 0.2, 0.1) },
	SEK: { notes: hundredths(1000, 500, 200, 100, 50, 20), coins: hundredths(10, 5, 2, 1) },
	NOK: { notes: hundredths(1000, 500, 200, 100, 50), coins: hundredths(20, 10, 5, 1) },
	DKK: { notes: hundredths(500, 200, 100, 50), coins: hundredths(20, 10, 5, 2, 1, 0.5) },
	PLN: { notes: hundredths(500, 200, 100, 50, 20, 10), coins: hundredths(5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01) },
	CZK: { notes: hundredths(5000, 2000, 1000, 500, 200, 100), coins: hundredths(50, 20, 10, 5, 2, 1) },
	ZAR: { notes: hundredths(200, 100, 50, 20, 10), coins: hundredths(5, 2, 1, 0.5, 0.2, 0.1) },
	// A thousand fils are a dinar.
	KWD: { notes: [20_000, 10_000, 5000, 1000, 500, 250], coins: [100, 50, 20, 10, 5] },
	// No decimals: the yen is its own minor unit.
	JPY: { notes: [10_000, 5000, 2000, 1000], coins: [500, 100, 50, 10, 5, 1] },
};
