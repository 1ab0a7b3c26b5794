/** What happened in each golden ledger. A story is only for writing its file: once written, the file stands for itself. */
import { decide } from '#core/decide.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import type { EntryHash, Sku } from '#schemas/ids.ts';
import { adjusted, changedSetting, corrected, counted, priced, refunded, renamed } from '../support/facts.ts';
import type { TestDevice, TestShop } from '../support/ledger-builder.ts';
import { playSteps, type Step } from '../support/random-shop.ts';
import { openFloor } from '../support/shop-floor.ts';

export const STORIES: Readonly<Record<string, () => TestShop>> = {
	/** Two tills sell the last one apart, meet, and settle it; refunds, a count, prices, and a device that is revoked. */
	'the-last-one': () => {
		const floor = openFloor({ A: 1, B: 20, C: 5 }, { seed: 'golden 1', signed: true });
		const { hub, till1, till2, shop } = floor;
		hub.does([changedSetting({ name: 'storeName', value: 'Kelp & Co' }), changedSetting({ name: 'cashRoundingMinor', value: 5 })], { scope: 'store' });
		floor.sell(till1, 'A');
		const second = floor.sell(till2, 'A', 2);
		floor.meet();
		resolveFirst(till1, 'customer-waits');
		const sale = floor.sell(till2, 'B', 3);
		till2.does([refunded(sale.hash, [[0, 'B', 1, 100]], till2.receipt())]);
		floor.meet();
		till1.does([refunded(sale.hash, [[0, 'B', 2, 200, false]], till1.receipt())]);
		till2.does([refunded(sale.hash, [[0, 'B', 1, 100]], till2.receipt())]);
		floor.meet();
		const asOf = hub.asOf();
		floor.sell(hub, 'C');
		hub.does([counted('C', 9, asOf)]);
		till1.does([adjusted('B', -1, 'waste')]);
		till1.does([corrected(second.hash)]);
		const product = floor.ledger().state.products.get('B' as Sku);
		till1.does([renamed('B', 'Biscuits', product?.name.replaces ?? [])], { scope: 'store' });
		till2.does([renamed('B', 'Brezeln', product?.name.replaces ?? []), priced('B', 15_000, product?.price?.replaces ?? [])], { scope: 'store' });
		floor.meet();
		hub.does([{ type: 'relay.joined', v: 1, relay: 'ab'.repeat(32), url: 'wss://relay', name: 'Cloud' }], { scope: 'store' });
		hub.does([{ type: 'device.revoked', v: 1, device: till2.id, marks: marksOf(till2), reason: 'stolen' }], { scope: 'store' });
		floor.sell(till2, 'C', 3);
		return shop;

		function resolveFirst(device: TestDevice, choice: string): void {
			const ledger = floor.ledger();
			const conflict = ledger.conflicts()[0];
			if (conflict === undefined) throw new Error('nothing to settle');
			const intent: Intent = { intent: 'resolve', conflict: conflict.id, choice };
			const decision = decide(ledger, intent, { device: device.id, nextReceipt: device.receipt() });
			if (isRefusal(decision)) throw new Error(decision.refused);
			device.does(decision.branch);
		}

		function marksOf(device: TestDevice): readonly { device: TestDevice['id']; scope: 'branch' | 'store'; seq: number; hash: EntryHash }[] {
			return floor.ledger().marks().filter((mark) => mark.device === device.id).map((mark) => ({ ...mark }));
		}
	},

	/** Everything that `tests/support/random-shop.ts` knows to go wrong, in one year of a very unlucky shop. */
	'an-unlucky-shop': () => {
		let state = 20_261_123;
		const next = (below: number): number => {
			state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
			return (state >>> 8) % below;
		};
		const steps = Array.from({ length: 160 }, (): Step => [next(100), next(4), next(1000), next(1000)]);
		return playSteps(steps, { seed: 'golden 2', signed: true }).shop;
	},
};
