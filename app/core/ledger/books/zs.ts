/**
 * A till's Zs: how they are numbered, what each closed, what has been taken since.
 *
 * 1. A Z is of everything that its till registered after the Z before it, on the till's own chain: what others correct is no matter of a Z.
 * 2. They are numbered from 1, without a gap. A Z whose number, figures or totals are not what its entries come to says so (`problems`).
 * 3. The sum of all Zs, and what has been taken since, is the perpetual total: it only grows.
 */
import { createTally, figuresSchema, type Figures, type Tally } from '#core/shift/figures.ts';
import { addPerpetual, zFaults, type Perpetual, type ZFault } from '#core/shift/z.ts';
import type { ZClosed } from '#schemas/facts/z-closed.ts';
import type { DeviceId, EntryHash, PersonId, TradingDay } from '#schemas/ids.ts';
import * as v from 'valibot';
import type { Book, BookContext, Change } from './book.ts';

export interface ZState {
	readonly entry: EntryHash;
	readonly z: number;
	readonly atMs: number;
	readonly day: TradingDay;
	readonly by: PersonId;
	/** As it was printed. */
	readonly fact: ZClosed;
	/** As its entries fold. */
	readonly figures: Figures;
	readonly perpetual: Perpetual;
	/** Where the two differ. What is still on its way may be all that is wrong: `core/shift/z.ts`. */
	readonly problems: readonly ZFault[];
}

export interface TillZs {
	readonly device: DeviceId;
	readonly lastZ: number;
	/** Above the checkpoint; all of them from zero. In ledger order. */
	readonly zs: readonly ZState[];
	/** Since the last Z: what an X shows, and the next Z closes. */
	readonly open: Figures;
	/** Since the till's first sale. */
	readonly perpetual: Perpetual;
}

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sum = v.strictObject({
	lastZ: number,
	open: figuresSchema,
	/** At the last Z. */
	closed: v.strictObject({ salesMinor: number, refundsMinor: number }),
});

export const zs: Book<DeviceId, TillZs, v.InferOutput<typeof sum>> = {
	reads: ['sale.completed', 'refund.completed', 'exchange.completed', 'drawer.opened', 'z.closed'],
	subjectsOf: (_fact, { header }) => [header.device],
	fold(device, changes, context, before) {
		let tally = createTally(before?.open);
		let lastZ = before?.lastZ ?? 0;
		let closed: Perpetual = before?.closed ?? { salesMinor: 0, refundsMinor: 0 };
		const list: ZState[] = [];
		for (const change of changes) {
			const { fact, record } = change;
			if (fact.type !== 'z.closed') {
				tally.add(fact);
				continue;
			}
			const own = record.chain.forks ? onItsSide(change, changes, list, context) : { tally, lastZ, closed };
			const figures = own.tally.figures();
			const perpetual = addPerpetual(own.closed, figures);
			const problems = zFaults(fact, own.lastZ + 1, figures, perpetual);
			const { header, hash } = record;
			list.push({ entry: hash, z: fact.z, atMs: header.at, day: header.tradingDay, by: header.by, fact, figures, perpetual, problems });
			lastZ = Math.max(lastZ, fact.z);
			closed = addPerpetual(closed, tally.figures());
			tally = createTally();
		}
		const open = tally.figures();
		return { device, lastZ, zs: list, open, perpetual: addPerpetual(closed, open) };
	},
	asksWhoSaw: true,
	sum: {
		schema: sum,
		of: ({ lastZ, open, perpetual }) => ({
			...{ lastZ, open },
			closed: { salesMinor: perpetual.salesMinor - open.sales.minor, refundsMinor: perpetual.refundsMinor - open.refunds.minor },
		}),
	},
};

/** Where a till was copied, each side closes what it knew. A chain that forks is whole here: it never begins from a checkpoint. */
function onItsSide(
	z: Change,
	changes: readonly Change[],
	list: readonly ZState[],
	{ saw }: BookContext,
): { readonly tally: Tally; readonly lastZ: number; readonly closed: Perpetual } {
	const seen = changes.filter((change) => change.record === z.record || saw(z.record, change.record));
	const zBefore = seen.filter(({ fact, record }) => fact.type === 'z.closed' && record !== z.record).at(-1);
	const before = zBefore === undefined ? undefined : list.find(({ entry }) => entry === zBefore.record.hash);
	const tally = createTally();
	for (const { record, fact } of seen) if (zBefore === undefined || (record !== zBefore.record && !saw(zBefore.record, record))) tally.add(fact);
	return { tally, lastZ: before?.z ?? 0, closed: before?.perpetual ?? { salesMinor: 0, refundsMinor: 0 } };
}
