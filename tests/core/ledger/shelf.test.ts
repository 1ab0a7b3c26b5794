/** What a receipt takes from the shelf: `core/ledger/shelf.ts`. */
import type { ExchangeCompleted } from '#schemas/facts/exchange-completed.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import type { Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { corrected, created, refunded, sold } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

const BOTTLE = 'bottle' as Sku;

function withPacks(): Floor {
	const floor = openFloor({ bottle: 24, A: 10 });
	floor.hub.does([created('six-pack', { draws: { sku: BOTTLE, quantityMilli: 6_000 } })], { scope: 'store' });
	floor.meet();
	return floor;
}

function packsSold(device: TestDevice, packs: number): SaleCompleted {
	const sale = sold([['six-pack', packs, packs * 600]], device.receipt());
	return { ...sale, v: 2, lines: sale.lines.map((line) => ({ ...line, draws: { sku: BOTTLE, quantityMilli: packs * 6_000 } })) };
}

function packsBack(sale: RefundCompleted, packs: number): RefundCompleted {
	return { ...sale, v: 2, lines: sale.lines.map((line) => ({ ...line, draws: { sku: BOTTLE, quantityMilli: packs * 6_000 } })) };
}

test('a pack takes what it draws on, and nothing of its own', () => {
	const floor = withPacks();
	floor.till1.does([packsSold(floor.till1, 2)]);
	const ledger = floor.ledger();
	expect(floor.onHand(ledger, 'bottle')).toBe(12);
	expect(ledger.state.stock.has('six-pack' as Sku)).toBe(false);
});

test('a pack that comes back puts back what it drew, and a correction takes all of it back', () => {
	const floor = withPacks();
	const sale = floor.till1.does([packsSold(floor.till1, 2)]);
	const refund = floor.till1.does([packsBack(refunded(sale.hash, [[0, 'six-pack', 1, 600]], floor.till1.receipt()), 1)]);
	expect(floor.onHand(floor.ledger(), 'bottle')).toBe(18);
	floor.till1.does([corrected(refund.hash)]);
	expect(floor.onHand(floor.ledger(), 'bottle')).toBe(12);
});

test('a pack and single bottles on one receipt are one movement', () => {
	const floor = withPacks();
	const packs = packsSold(floor.till1, 1);
	const single = sold([['bottle', 2, 240]], floor.till1.receipt());
	const tenders = [{ type: 'cash', amountMinor: 840, givenMinor: 840, changeMinor: 0 }] as const;
	floor.till1.does([{ ...packs, lines: [...packs.lines, ...single.lines], totalMinor: 840, tenders: [...tenders] }]);
	const ledger = floor.ledger();
	expect(ledger.state.stock.get(BOTTLE)?.movements.at(-1)).toMatchObject({ kind: 'sold', quantityMilli: -8_000, afterMilli: 16_000 });
});

test('what is sold out of the returned goods was on no shelf', () => {
	const floor = withPacks();
	const sale = floor.sell(floor.till1, 'A');
	const refund = floor.till1.does([refunded(sale.hash, [[0, 'A', 1, 100, false]], floor.till1.receipt())]);
	const again = sold([['A', 1, 50]], floor.till1.receipt());
	floor.till1.does([{ ...again, v: 2, lines: again.lines.map((line) => ({ ...line, resaleOf: { refund: refund.hash, line: 0 } })) }]);
	expect(floor.onHand(floor.ledger(), 'A')).toBe(9);
});

test('an exchange puts back what came and takes what went, and a correction of it takes both back', () => {
	const floor = withPacks();
	const sale = floor.sell(floor.till1, 'A', 2);
	const back = refunded(sale.hash, [[0, 'A', 2, 200]], floor.till1.receipt());
	const out = sold(
		[
			['A', 1, 100],
			['bottle', 1, 120],
		],
		floor.till1.receipt(),
	);
	const exchange: ExchangeCompleted = {
		...{ type: 'exchange.completed', v: 1, receipt: out.receipt, currency: out.currency, sale: sale.hash, returned: back.lines, lines: out.lines },
		...{ roundingMinor: 0, totalMinor: 20, tenders: [{ type: 'cash', amountMinor: 20, givenMinor: 20, changeMinor: 0 }] },
	};
	const done = floor.till1.does([exchange]);
	const ledger = floor.ledger();
	expect(ledger.statusOf(done.hash)).toBe('counts');
	expect([floor.onHand(ledger, 'A'), floor.onHand(ledger, 'bottle')]).toEqual([9, 23]);
	expect(
		ledger.state.stock
			.get('A' as Sku)
			?.movements.slice(-2)
			.map(({ kind, quantityMilli }) => [kind, quantityMilli]),
	).toEqual([
		['returned', 2_000],
		['sold', -1_000],
	]);
	floor.till1.does([corrected(done.hash)]);
	expect([floor.onHand(floor.ledger(), 'A'), floor.onHand(floor.ledger(), 'bottle')]).toEqual([8, 24]);
});
