/** The numbered invariants of `projections/report-paper.ts`, as text and as the bytes that printers get. */
import { encodePaper } from '#adapters/printer-escpos/encode-paper.ts';
import { paperText } from '#core/receipt/paper.ts';
import { dayReportRow } from '#projections/days.ts';
import { drawerRow, zRows } from '#projections/drawers.ts';
import { dayReportPaper, dayReportTitle, tillReportPaper, tillReportTitle } from '#projections/report-paper.ts';
import type { TradingDay } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { GBP } from '../support/carts.ts';
import { refunded, sold } from '../support/facts.ts';
import { openFloor } from '../support/shop-floor.ts';
import { AS_TEXT } from '../support/text-paper.ts';
import { perform } from '../support/till-day.ts';

const SHOP = { storeName: 'Kelp & Co', branchName: 'Quay Street', demo: false, currency: GBP, timeZone: 'UTC' };
const AT_MS = Date.UTC(2026, 10, 2, 18, 5);
const DAY = '2026-11-02' as TradingDay;

/** Sold for 340 and taken back for 100; a drawer opened; one Z, and after it a sale of 70. */
function closedDay() {
	const floor = openFloor({ A: 10 });
	const ledger = floor.ledger();
	const till = floor.till1;
	perform(ledger, till, { intent: 'open-shift', floatMinor: 5000 });
	const sale = till.does([{ ...sold([['A', 2, 340]], till.receipt()), shift: 1 }]);
	ledger.add([sale, till.does([{ ...refunded(sale.hash, [[0, 'A', 1, 100]], till.receipt()), shift: 1 }])]);
	perform(ledger, till, { intent: 'open-drawer', reason: 'change for a neighbour' });
	perform(ledger, till, { intent: 'close-shift', countedMinor: 5240 });
	perform(ledger, till, { intent: 'close-z' });
	ledger.add([till.does([sold([['A', 1, 70]], till.receipt())])]);
	const [z] = zRows(ledger, 1);
	if (z === undefined) throw new Error('no Z was closed');
	return { floor, ledger, z, x: drawerRow(ledger, till.id, AT_MS).x };
}

test('1. a Z as text: every figure of the row, the perpetual totals below', () => {
	const { z } = closedDay();
	expect(`\n${paperText(tillReportPaper(z, SHOP), 32)}\n`).toMatchInlineSnapshot(`
		"
		           Kelp & Co
		          Quay Street
		--------------------------------
		           Z report 1
		Till 1, 2 Nov, 09:00
		Trading day 2 Nov 2026
		--------------------------------
		Sales (1)                  £3.40
		Refunds (1)               -£1.00
		Takings                    £2.40
		Cash                       £2.40
		Standard 20% of £2.40      £0.40
		Drawer opened without a sale   1
		Receipts   T1-000001 – T1-000002
		--------------------------------
		Grand total of Z 1         £2.40
		Perpetual total, sales     £3.40
		Perpetual total, refunds   £1.00
		Perpetual total            £2.40
		"
	`);
});

test('1. an X counts from the last Z and has the same perpetual totals to grow from', () => {
	const { x } = closedDay();
	const text = paperText(tillReportPaper(x, SHOP), 48);
	expect(tillReportTitle(x)).toBe('X report');
	expect(text).toMatch(/^Total since the last Z +£0\.70$/m);
	expect(text).toMatch(/^Perpetual total, sales +£4\.10$/m);
	expect(text).toMatch(/^Perpetual total +£3\.10$/m);
});

test('1. the report of a day: all tills, each till, who, and what came late', () => {
	const { ledger, floor } = closedDay();
	ledger.add([floor.till2.does([sold([['A', 1, 55]], floor.till2.receipt())])]);
	perform(ledger, floor.till1, { intent: 'report-day', day: DAY });
	ledger.add([floor.till2.does([sold([['A', 1, 45]], floor.till2.receipt())])]);
	const day = dayReportRow(ledger, DAY);
	if (day === undefined) throw new Error('no such day');
	const shop = { ...SHOP, device: { name: 'Till 1' } };
	expect(dayReportTitle(day)).toBe('Day report 2 Nov 2026');
	expect(`\n${paperText(dayReportPaper(day, shop, AT_MS), 40)}\n`).toMatchInlineSnapshot(`
		"
		               Kelp & Co
		              Quay Street
		----------------------------------------
		         Day report 2 Nov 2026
		Printed at Till 1, 2 Nov, 18:05
		----------------------------------------
		Sales (4)                          £5.10
		Refunds (1)                       -£1.00
		Takings                            £4.10
		Cash                               £4.10
		Standard 20% of £4.10              £0.69
		Drawer opened without a sale           1
		----------------------------------------
		Till 1
		Sales (2)                          £4.10
		Refunds (1)                       -£1.00
		Takings                            £3.10
		Cash                               £3.10
		Standard 20% of £3.10              £0.52
		Drawer opened without a sale           1
		Receipts           T1-000001 – T1-000003
		----------------------------------------
		Till 2
		Sales (2)                          £1.00
		Refunds (0)                        £0.00
		Takings                            £1.00
		Cash                               £1.00
		Standard 20% of £1.00              £0.17
		Drawer opened without a sale           0
		Receipts           T2-000001 – T2-000002
		----------------------------------------
		By person
		Nobody signed in (5)               £4.10
		----------------------------------------
		Came after the last report
		T2-000001 Till 2                   £0.55
		T2-000002 Till 2                   £0.45
		"
	`);
});

test('2. a Z that is printed again says so before anything else, and when it was made', () => {
	const { z } = closedDay();
	const [first, second] = tillReportPaper(z, SHOP, AT_MS);
	expect([first, second]).toMatchObject([{ text: 'COPY', weight: 'large' }, { text: 'made 2 Nov 2026, 18:05' }]);
	expect(paperText(tillReportPaper(z, SHOP), 48)).not.toContain('COPY');
	for (const speaks of ['esc-pos', 'star-prnt'] as const) {
		const style = { speaks, widthMm: 58, opensDrawer: false, ...AS_TEXT } as const;
		expect(Buffer.from(encodePaper(tillReportPaper(z, SHOP, AT_MS), style)).includes('COPY')).toBe(true);
		expect(Buffer.from(encodePaper(tillReportPaper(z, SHOP), style)).includes('COPY')).toBe(false);
	}
});

test('3. training and a demo shop come before the shop', () => {
	const { z } = closedDay();
	const [first, second, third] = tillReportPaper(z, { ...SHOP, demo: true, training: true });
	expect([first, second, third]).toMatchObject([
		{ text: 'TRAINING. NOT A RECEIPT.', weight: 'large' },
		{ text: 'Demo shop. Not a record.' },
		{ text: 'Kelp & Co' },
	]);
});

test('a Z goes out as the bytes that it was, on both kinds of printer and both rolls', () => {
	const { z } = closedDay();
	const paper = tillReportPaper(z, SHOP);
	const hex = (speaks: 'esc-pos' | 'star-prnt', widthMm: 58 | 80): string =>
		Buffer.from(encodePaper(paper, { speaks, widthMm, opensDrawer: false, ...AS_TEXT })).toString('hex');
	expect(hex('esc-pos', 58)).toMatchInlineSnapshot(
		`"1b401c2e1b4d001b45011d21011b740020202020202020202020204b656c70202620436f2020202020202020202020201b45001d21000a1b45011b450020202020202020202020517561792053747265657420202020202020202020200ac4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a1b45011d210120202020202020202020205a207265706f7274203120202020202020202020201b45001d21000a1b45011b450054696c6c20312c2032204e6f762c2030393a30302020202020202020202020200a54726164696e67206461792032204e6f762032303236202020202020202020200ac4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a53616c6573202831292020202020202020202020202020202020209c332e34300a526566756e6473202831292020202020202020202020202020202d9c312e30300a1b450154616b696e677320202020202020202020202020202020202020209c322e34301b45000a4361736820202020202020202020202020202020202020202020209c322e34300a5374616e6461726420323025206f66209c322e34302020202020209c302e34300a447261776572206f70656e656420776974686f757420612073616c65202020310a526563656970747320202054312d303030303031201b7410962054312d3030303030320a1b7400c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a4772616e6420746f74616c206f66205a20312020202020202020209c322e34300a50657270657475616c20746f74616c2c2073616c657320202020209c332e34300a50657270657475616c20746f74616c2c20726566756e64732020209c312e30300a1b450150657270657475616c20746f74616c2020202020202020202020209c322e34301b45000a0a0a0a0a0a1d56000a"`,
	);
	expect(hex('star-prnt', 80)).toMatchInlineSnapshot(
		`"1b40181b451b6901001b1d7401202020202020202020202020202020202020204b656c70202620436f20202020202020202020202020202020202020201b461b6900000a1b451b462020202020202020202020202020202020205175617920537472656574202020202020202020202020202020202020200ac4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a1b451b690100202020202020202020202020202020202020205a207265706f72742031202020202020202020202020202020202020201b461b6900000a1b451b4654696c6c20312c2032204e6f762c2030393a3030202020202020202020202020202020202020202020202020202020200a54726164696e67206461792032204e6f76203230323620202020202020202020202020202020202020202020202020200ac4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a53616c657320283129202020202020202020202020202020202020202020202020202020202020202020209c332e34300a526566756e647320283129202020202020202020202020202020202020202020202020202020202020202d9c312e30300a1b4554616b696e67732020202020202020202020202020202020202020202020202020202020202020202020209c322e34301b460a436173682020202020202020202020202020202020202020202020202020202020202020202020202020209c322e34300a5374616e6461726420323025206f66209c322e3430202020202020202020202020202020202020202020209c302e34300a447261776572206f70656e656420776974686f757420612073616c6520202020202020202020202020202020202020310a52656365697074732020202020202020202020202020202020202054312d303030303031201b1d7420962054312d3030303030320a1b1d7401c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c40a4772616e6420746f74616c206f66205a2031202020202020202020202020202020202020202020202020209c322e34300a50657270657475616c20746f74616c2c2073616c65732020202020202020202020202020202020202020209c332e34300a50657270657475616c20746f74616c2c20726566756e6473202020202020202020202020202020202020209c312e30300a1b4550657270657475616c20746f74616c202020202020202020202020202020202020202020202020202020209c322e34301b460a0a0a0a0a0a1b64000a"`,
	);
});
