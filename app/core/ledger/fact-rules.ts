/** Rules of a fact that its shape cannot say: sums that must add up. What breaks one is quarantined, for figures that disagree cannot both be folded. */
import type { Fact } from '#schemas/facts/registry.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';

export function factProblem(fact: Fact): string | undefined {
	switch (fact.type) {
		case 'sale.completed':
		case 'refund.completed':
			return sumProblem(fact);
		case 'entries.declaredLost':
			return fact.fromSeq > fact.toSeq ? 'a range that ends before it begins' : undefined;
		case 'device.revoked':
			return fact.marks.some(({ device }) => device !== fact.device) ? 'marks of another device' : undefined;
		default:
			return undefined;
	}
}

function sumProblem({ type, lines, roundingMinor, totalMinor, tenders }: SaleCompleted | RefundCompleted): string | undefined {
	const linesMinor = lines.reduce((sum, line) => sum + line.totalMinor, 0);
	const tenderedMinor = tenders.reduce((sum, tender) => sum + tender.amountMinor, 0);
	if (linesMinor + roundingMinor !== totalMinor) return `${type}: lines ${linesMinor} and rounding ${roundingMinor} are not the total ${totalMinor}`;
	if (tenderedMinor !== totalMinor) return `${type}: tenders ${tenderedMinor} are not the total ${totalMinor}`;
	const cash = tenders.find((tender) => tender.type === 'cash' && tender.givenMinor - tender.changeMinor !== tender.amountMinor);
	return cash === undefined ? undefined : `${type}: cash given less change is not the amount`;
}
