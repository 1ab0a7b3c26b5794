import { twoTills, type Plant } from '../plant.ts';

export const transferMismatch: Plant = {
	kind: 'transfer-mismatch',
	plant(day) {
		const { sku } = day.newGood(9);
		const transfer = `planted transfer ${day.number()}`;
		const lines = (units: number): readonly object[] => [{ sku, quantityMilli: units * 1000 }];
		const route = { from: day.shop.branch, to: day.otherBranch };
		day.does(twoTills(day)[0], [{ type: 'transfer.sent', v: 1, transfer, ...route, lines: lines(4) }], { scope: 'store' });
		day.hears(day.elsewhere);
		day.does(day.elsewhere, [{ type: 'transfer.received', v: 1, transfer, at: day.otherBranch, lines: lines(3) }], { scope: 'store' });
		return transfer;
	},
};
