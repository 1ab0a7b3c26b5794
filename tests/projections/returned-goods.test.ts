/** What lies beside the shelf: `projections/returned-goods.ts`. */
import { returnedRows } from '#projections/returned-goods.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { expect, test } from 'vitest';
import { refunded, sold } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';

const rowsOf = (ledger: Ledger) => returnedRows({ ledger, nowMs: 0, onHandMilli: () => 0 });

test('what was not put back on the shelf is offered until all of it is sold again', () => {
	const floor = openFloor({ A: 10 });
	const { till1 } = floor;
	const sale = floor.sell(till1, 'A', 3);
	const back = refunded(sale.hash, [[0, 'A', 2, 200]], till1.receipt());
	const refund = till1.does([{ ...back, lines: back.lines.map((line) => ({ ...line, restock: false })) }]);
	expect(rowsOf(floor.ledger())).toMatchObject([{ refund: refund.hash, line: 0, sku: 'A', leftMilli: 2000, unit: 'each', number: 'T1-000002' }]);

	const resold = () => {
		const fact = sold([['A', 1, 40]], till1.receipt());
		return till1.does([{ ...fact, lines: fact.lines.map((line) => ({ ...line, resaleOf: { refund: refund.hash, line: 0 } })) }]);
	};
	resold();
	expect(rowsOf(floor.ledger())).toMatchObject([{ leftMilli: 1000 }]);
	resold();
	expect(rowsOf(floor.ledger())).toEqual([]);
});

test('what went back to the shelf is not offered', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A', 3);
	floor.till1.does([refunded(sale.hash, [[0, 'A', 2, 200]], floor.till1.receipt())]);
	expect(rowsOf(floor.ledger())).toEqual([]);
});
