import { twoTills, type Plant } from '../plant.ts';

export const orderReceivedTwice: Plant = {
	kind: 'order-received-twice',
	plant(day) {
		const { sku } = day.newGood(9);
		const order = `planted order ${day.number()}`;
		const lines = [{ sku, quantityMilli: 6_000 }];
		day.does(day.hub, [{ type: 'order.placed', v: 1, order, supplier: 'planted supplier', lines }]);
		for (const till of twoTills(day)) day.does(till, [{ type: 'stock.received', v: 3, lines, order }]);
		return order;
	},
};
