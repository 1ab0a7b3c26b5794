/** Receipt numbers of a till run without a gap, whatever number the till bears; where a chain forks they are doubled, and the fork says why. */
import type { DecodedFact, Entry } from '#schemas/entry.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';
import { printReceipt } from '#core/receipt-number.ts';
import type { AuditedChain, AuditInput } from '../audit.ts';
import type { Finding } from '../finding.ts';

export function checkReceipts(chains: readonly AuditedChain[], { nameOf }: AuditInput): readonly Finding[] {
	return chains.flatMap(({ device, scope, places }) => {
		if ([...places.values()].some((entries) => entries.length > 1)) return [];
		const findings: Finding[] = [];
		let last = 0;
		let isBroken = false;
		let before = 0;
		for (const [seq, [entry]] of [...places].sort(([a], [b]) => a - b)) {
			// Behind a missing entry nobody knows which numbers it took; that it is missing is said already.
			isBroken ||= seq !== before + 1;
			before = seq;
			if (entry === undefined) continue;
			for (const receipt of receiptsOf(entry)) {
				const expected = last + 1;
				if (receipt.number !== expected && !(isBroken && receipt.number > expected))
					findings.push({
						...{ kind: 'receipts', device, scope, seq, hash: entry.hash },
						why: {
							...{ is: 'receipt', entry: { seq, name: nameOf(device), scope } },
							...{ bears: printReceipt(receipt), expected: printReceipt({ ...receipt, number: expected }) },
						},
					});
				last = receipt.number;
			}
			isBroken = false;
		}
		return findings;
	});
}

function receiptsOf({ facts }: Entry): readonly Receipt[] {
	return facts.flatMap((fact: DecodedFact) => ('receipt' in fact ? [fact.receipt] : []));
}
