/**
 * A Z: figures that were closed once, and whether they are what the till's entries come to.
 *
 * 1. Figures are compared one by one, and a difference names the figure, what it says and what it should say.
 * 2. While entries of the till before a Z are missing, its figures cannot be checked: the finding says that it waits.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { ZClosed } from '#schemas/facts/z-closed.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';
import type { Figures } from './figures.ts';

/** Since the till's first sale. */
export interface Perpetual {
	readonly salesMinor: number;
	readonly refundsMinor: number;
}

export function addPerpetual(before: Perpetual, figures: Figures): Perpetual {
	return { salesMinor: before.salesMinor + figures.sales.minor, refundsMinor: before.refundsMinor + figures.refunds.minor };
}

export function zOf(z: number, currency: Currency, figures: Figures, perpetual: Perpetual): ZClosed {
	return { type: 'z.closed', v: 1, z, currency, ...zFiguresOf(figures), perpetual: { ...perpetual } };
}

export interface ZProblem {
	readonly device: DeviceId;
	readonly z: number;
	readonly entry: EntryHash;
	readonly words: string;
	/** Entries before it are missing here: it may be right when they come. */
	readonly waits: boolean;
}

/** Every Z whose number, figures or totals are not what its entries come to, and every shift whose number does not follow. */
export function zProblems(ledger: Ledger): readonly ZProblem[] {
	const chains = ledger.chains();
	const { zs: tills, drawers } = ledger.state.books;
	const devices = new Set([...tills.values(), ...drawers.values()].map(({ device }) => device));
	return [...devices].flatMap((device): ZProblem[] => {
		const gaps = chains.find((chain) => chain.device === device && chain.scope === 'branch')?.gaps ?? [];
		const waits = (entry: EntryHash): boolean => gaps.some(({ fromSeq }) => fromSeq < (ledger.entry(entry)?.header.seq ?? 0));
		return [
			...(tills.get(device)?.zs ?? []).flatMap(({ entry, z, problems }) =>
				problems.map((words) => ({ device, z, entry, words, waits: waits(entry) })),
			),
			...(drawers.get(device)?.problems ?? []).map(({ entry, words }) => ({ device, z: 0, entry, words, waits: waits(entry) })),
		];
	});
}

/** What is wrong with a Z, in words; empty when it is right. */
export function zProblemWords(fact: ZClosed, z: number, figures: Figures, perpetual: Perpetual): readonly string[] {
	const should: ZClosed = zOf(z, fact.currency, figures, perpetual);
	const names = ['z', 'sales', 'refunds', 'taxes', 'tenders', 'roundingMinor', 'discountsMinor', 'noSales', 'receipts', 'perpetual'] as const;
	return names.flatMap((name) => {
		const [said, folded] = [plain(fact[name]), plain(should[name])];
		return said === folded ? [] : [`${name} says ${said}, its entries come to ${folded}`];
	});
}

function zFiguresOf({
	sales,
	refunds,
	taxes,
	tenders,
	roundingMinor,
	discountsMinor,
	noSales,
	receipts,
}: Figures): Omit<ZClosed, 'type' | 'v' | 'z' | 'currency' | 'perpetual'> {
	return {
		...{ sales: { ...sales }, refunds: { ...refunds }, taxes: taxes.map((tax) => ({ ...tax })), tenders: tenders.map((tender) => ({ ...tender })) },
		...{ roundingMinor, discountsMinor, noSales, ...(receipts === undefined ? {} : { receipts: { ...receipts } }) },
	};
}

/** The same whatever the order of keys in the bytes. */
function plain(value: unknown): string {
	return (
		JSON.stringify(value, (_key, part: unknown) =>
			typeof part === 'object' && part !== null && !Array.isArray(part)
				? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
				: part,
		) ?? 'nothing'
	);
}
