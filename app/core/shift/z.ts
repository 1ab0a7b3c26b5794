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

/** One figure of a Z, or the number of a shift, beside what it should be; undefined where one of the two has no such figure. */
export interface ZFault {
	readonly figure: ZFigure;
	/** Tax rate, or kind of tender. */
	readonly of?: string;
	readonly said: number | undefined;
	readonly folded: number | undefined;
}

export type ZFigure =
	/** Numbers. */
	| 'z'
	| 'shift'
	| 'sales'
	| 'refunds'
	| 'no-sales'
	| 'first-receipt'
	| 'last-receipt'
	/** Money. */
	| 'sales-minor'
	| 'refunds-minor'
	| 'tax-gross-minor'
	| 'tax-minor'
	| 'tender-minor'
	| 'rounding-minor'
	| 'discounts-minor'
	| 'perpetual-sales-minor'
	| 'perpetual-refunds-minor';

export interface ZProblem {
	readonly device: DeviceId;
	readonly z: number;
	readonly entry: EntryHash;
	readonly fault: ZFault;
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
				problems.map((fault) => ({ device, z, entry, fault, waits: waits(entry) })),
			),
			...(drawers.get(device)?.problems ?? []).map(({ entry, fault }) => ({ device, z: 0, entry, fault, waits: waits(entry) })),
		];
	});
}

/** Figure by figure; empty when the Z is right. */
export function zFaults(fact: ZClosed, z: number, figures: Figures, perpetual: Perpetual): readonly ZFault[] {
	const [said, folded] = [figuresIn(fact), figuresIn(zOf(z, fact.currency, figures, perpetual))];
	return [...new Set([...said.keys(), ...folded.keys()])].flatMap((key) => {
		const [one, other] = [said.get(key), folded.get(key)];
		if (one?.value === other?.value) return [];
		const { figure, of } = one ?? other ?? { figure: 'z' as const, of: undefined };
		return [{ figure, ...(of === undefined ? {} : { of }), said: one?.value, folded: other?.value }];
	});
}

interface OneFigure {
	readonly figure: ZFigure;
	readonly of: string | undefined;
	readonly value: number;
}

/** One that is there twice is two figures, so that its double is no figure of the other side. */
function figuresIn({
	z,
	sales,
	refunds,
	taxes,
	tenders,
	roundingMinor,
	discountsMinor,
	noSales,
	receipts,
	perpetual,
}: ZClosed): ReadonlyMap<string, OneFigure> {
	const list: readonly (readonly [figure: ZFigure, value: number, of?: string, percentMilli?: number])[] = [
		['z', z],
		['sales', sales.count],
		['sales-minor', sales.minor],
		['refunds', refunds.count],
		['refunds-minor', refunds.minor],
		...taxes.flatMap(({ taxRate, percentMilli, grossMinor, taxMinor }) => [
			['tax-gross-minor', grossMinor, taxRate, percentMilli] as const,
			['tax-minor', taxMinor, taxRate, percentMilli] as const,
		]),
		...tenders.map(({ type, minor }) => ['tender-minor', minor, type] as const),
		['rounding-minor', roundingMinor],
		['discounts-minor', discountsMinor],
		['no-sales', noSales],
		...(receipts === undefined ? [] : [['first-receipt', receipts.from] as const, ['last-receipt', receipts.to] as const]),
		['perpetual-sales-minor', perpetual.salesMinor],
		['perpetual-refunds-minor', perpetual.refundsMinor],
	];
	const found = new Map<string, OneFigure>();
	for (const [figure, value, of, percentMilli] of list) {
		let key = [figure, of, percentMilli].join(' ');
		while (found.has(key)) key += ' again';
		found.set(key, { figure, of, value });
	}
	return found;
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
