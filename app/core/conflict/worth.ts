/** What an entry moved: for the stake of a conflict. */
import type { Entry } from '#schemas/entry.ts';
import type { Fact } from '#schemas/facts/registry.ts';

/** The facts that this version knows and that keep to their shape. */
export function knownFacts(entry: Entry): readonly Fact[] {
	return entry.facts.filter((fact): fact is Fact => !('unknown' in fact) && !('invalid' in fact));
}

export function moneyOf(entry: Entry): number {
	let minor = 0;
	for (const fact of knownFacts(entry)) {
		if (fact.type === 'sale.completed' || fact.type === 'refund.completed') minor += fact.totalMinor;
		else if (fact.type === 'exchange.completed') minor += Math.abs(fact.totalMinor);
		else if (fact.type === 'refund.claimed') for (const { totalMinor } of fact.lines) minor += totalMinor;
	}
	return minor;
}

export function unitsOf(entry: Entry): number {
	let milli = 0;
	for (const fact of knownFacts(entry)) {
		switch (fact.type) {
			case 'exchange.completed':
				for (const line of [...fact.lines, ...fact.returned]) milli += line.quantityMilli;
				break;
			case 'sale.completed':
			case 'refund.completed':
			case 'refund.claimed':
			case 'stock.received':
			case 'stock.adjusted':
				for (const line of fact.lines) milli += Math.abs(line.quantityMilli);
				break;
			default:
				break;
		}
	}
	return milli;
}
