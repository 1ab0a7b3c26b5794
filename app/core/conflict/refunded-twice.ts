/**
 * Refunded twice: refunds of a sale line add up to more than was sold, and two are concurrent. All stand until answered.
 *
 * Members are the refunds of the line that are concurrent with another one of it. A refund that is too much although its author had seen the
 * others cannot be decided by this code; should one come from elsewhere it is a member too, for nothing else would show that money left.
 */
import type { EntryRecord } from '#core/ledger/chains.ts';
import { returnedOf, type Return, type SaleFact, type SaleSubject } from '#core/ledger/sales.ts';
import { sumMinor } from '#core/money.ts';
import { paidMinor } from '#core/sale/paid.ts';
import type { CustomerId, EntryHash } from '#schemas/ids.ts';
import type { Conflict, ConflictContext, Effect } from './conflict.ts';
import { openConflict } from './open.ts';

export function findRefundedTwice(subject: SaleSubject, context: ConflictContext): readonly Conflict[] {
	const sale = context.sale(subject.sale);
	if (sale === undefined) return [];
	const { fact } = sale;
	return fact.lines.flatMap((line, index) => {
		const refundedMilli = sale.refundedMilli[index] ?? 0;
		const refundedMinor = paidMinor({ totalMinor: sale.refundedMinor[index] ?? 0, taxMinor: sale.refundedTaxMinor[index] ?? 0 }, fact);
		if (refundedMilli <= line.quantityMilli) return [];
		const refunds = subject.refunds
			.map((one) => ({
				record: one.record,
				milli: onLineMilli(one, index, fact),
				customer: 'customer' in one.fact ? one.fact.customer : undefined,
				isClaim: one.fact.type === 'refund.claimed',
			}))
			.filter(({ record, milli }) => milli > 0 && record.counts && context.correctedBy(record) === undefined);
		const members = new Set<EntryRecord>();
		let sumMilli = 0;
		for (const { record, milli } of refunds) {
			sumMilli += milli;
			const isTooMuch = sumMilli > line.quantityMilli;
			if (isTooMuch || refunds.some((other) => other.record !== record && !context.saw(record, other.record) && !context.saw(other.record, record)))
				members.add(record);
		}
		const excess = { unitsMilli: refundedMilli - line.quantityMilli, minor: Math.max(0, refundedMinor - paidMinor(line, fact)) };
		const conflict = openConflict(
			{
				subject: `${subject.sale}:${index}`,
				ofStore: false,
				urgency: 'high',
				members: [...members],
				detail: { kind: 'refunded-twice', sale: subject.sale, line: index, soldMilli: line.quantityMilli, refundedMilli, refundedMinor },
				stake: () => excess,
				choices: (open) => {
					const options = refunds.filter(({ record }) => open.has(record.hash)).map(({ record }) => record.hash);
					const last = options.at(-1);
					// What another branch did is taken back there: its stock and its drawer are no matter of this one.
					const own = options.filter((hash) => refunds.some(({ record, isClaim }) => record.hash === hash && !isClaim));
					const lastOwn = own.at(-1);
					return [
						{ id: 'accept-loss', label: 'Accept loss', effect: { does: 'nothing' } },
						// One tap takes back the later one; another may be named.
						...(last === undefined ? [] : [{ id: 'customer-owes', label: 'Customer owes', effect: debtOf(last, excess.minor, refunds) } as const]),
						...(lastOwn === undefined
							? []
							: [
									{
										id: 'compensate-one',
										label: 'Compensate one',
										effect: { does: 'compensate', entries: [lastOwn] },
										asks: { type: 'entry', options: own, optional: true },
									} as const,
								]),
					];
				},
			},
			context,
		);
		return conflict === undefined ? [] : [conflict];
	});
}

/** The refunds that an answer took back are no less too many for that: whether these would be too many without it. */
export function wereTooMany({ sale, refunds }: SaleSubject, line: number, answer: EntryHash, context: ConflictContext): boolean {
	const fact = context.sale(sale)?.fact;
	const soldMilli = fact?.lines[line]?.quantityMilli;
	const milli = refunds.reduce((sum, one) => {
		const by = context.correctedBy(one.record);
		return one.record.counts && (by === undefined || by === answer) ? sum + onLineMilli(one, line, fact) : sum;
	}, 0);
	return soldMilli !== undefined && milli > soldMilli;
}

function debtOf(
	entry: EntryHash,
	amountMinor: number,
	refunds: readonly { readonly record: EntryRecord; readonly customer: CustomerId | undefined }[],
): Extract<Effect, { does: 'note-debt' }> {
	const customer = refunds.find(({ record }) => record.hash === entry)?.customer;
	return { does: 'note-debt', entry, amountMinor, ...(customer === undefined ? {} : { customer }) };
}

function onLineMilli(one: Return, index: number, sale: SaleFact | undefined): number {
	return sumMinor(returnedOf(one, sale).flatMap(({ saleLine, quantityMilli }) => (saleLine === index ? [quantityMilli] : [])));
}
