/** From which stock on a product is ordered again in this branch, and up to which. The last in ledger order stands: nothing happens by itself because of it. */

import type { Sku } from '#schemas/ids.ts';

import { stockLevels, type StockLevels } from '#schemas/facts/levels-set.ts';
import type { Book } from './book.ts';

export const levels: Book<Sku, StockLevels, StockLevels> = {
	reads: ['levels.set'],
	subjectsOf: (fact) => (fact.type === 'levels.set' ? fact.lines.map(({ sku }) => sku) : []),
	fold(sku, changes, _context, before) {
		let now: StockLevels | null | undefined = before;
		for (const { fact } of changes) if (fact.type === 'levels.set') for (const line of fact.lines) if (line.sku === sku) now = line.levels;
		return now ?? undefined;
	},
	sum: { schema: stockLevels, of: (state) => state },
};
