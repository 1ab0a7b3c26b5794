/** The numbered invariants of `projections/receipt-paper.ts`, and paper as text. */
import { addLine, emptyCart, setLineDiscount, setSaleDiscount } from '#core/sale/cart.ts';
import { cashTender, completeSale } from '#core/sale/complete-sale.ts';
import { isRefusal } from '#core/intent.ts';
import { paperText, type Paper } from '#core/receipt/paper.ts';
import { readReceiptCode } from '#core/receipt/receipt-code.ts';
import { receiptPaper, type ReceiptOnPaper } from '#projections/receipt-paper.ts';
import type { CartLine } from '#schemas/cart.ts';
import type { RefundCompleted } from '#schemas/facts/refund-completed.ts';
import type { SaleCompleted, Tender } from '#schemas/facts/sale-completed.ts';
import type { CustomerId, EntryHash, IntentKey, StoreId } from '#schemas/ids.ts';
import { PRICE_IN_CODE } from '#schemas/reasons.ts';
import { expect, test } from 'vitest';
import { GBP } from '../support/carts.ts';

const SHOP = {
	...{ store: '0123456789abcdef'.repeat(2) as StoreId, storeName: 'Kelp & Co', branchName: 'Quay Street', demo: false, currency: GBP },
	taxRates: [
		{ id: 'standard', name: 'VAT', percentMilli: 20_000 },
		{ id: 'zero', name: 'Zero', percentMilli: 0 },
	],
	...{ receiptHeader: '1 Quay Street\nVAT 123 4567 89', receiptFooter: 'Bring it back within 30 days.', timeZone: 'UTC' },
};
const ENTRY = 'ab'.repeat(32) as EntryHash;
const AT_MS = Date.UTC(2026, 10, 28, 10, 41);

const BREAD: CartLine = {
	...{ id: '1', name: 'Rye bread', quantityMilli: 2000, unit: 'each', unitPriceE4: 29_000 },
	taxRate: 'zero',
	taxPercentMilli: 0,
};
const SOAP: CartLine = {
	...{ id: '2', name: 'Soap', quantityMilli: 1000, unit: 'each', unitPriceE4: 60_000 },
	taxRate: 'standard',
	taxPercentMilli: 20_000,
};

function sale(tenders: readonly Tender[], cashRoundingMinor = 1): SaleCompleted {
	let cart = addLine(addLine(emptyCart('cart-key-1' as IntentKey, 1), BREAD, 1), SOAP, 1);
	cart = setSaleDiscount(setLineDiscount(cart, '2', { percentMilli: 10_000, reason: 'Short date' }, 1), { amountMinor: 28 }, 1);
	const fact = completeSale(cart, tenders, { receipt: { till: 3, number: 124 }, currency: GBP, cashRoundingMinor });
	if (isRefusal(fact)) throw new Error(JSON.stringify(fact));
	return fact;
}

function paperOf(more: Partial<ReceiptOnPaper> = {}, shop: Partial<typeof SHOP> = {}): Paper {
	return receiptPaper({ entry: ENTRY, fact: sale([cashTender(1_092, 2_000)]), atMs: AT_MS, ...more }, { ...SHOP, ...shop });
}

test('a sale as text: what a customer reads in a mail is what the paper says', () => {
	const fact = sale(
		[
			{ type: 'card', amountMinor: 500, reference: 'A-77' },
			{ type: 'credit', amountMinor: 100, customer: 'customer-1' as CustomerId },
			cashTender(490, 1_000),
		],
		5,
	);
	const paper = paperOf({ fact, personName: 'Mia', customerName: 'Ada' });
	expect(`\n${paperText(paper, 32)}\n`).toMatchInlineSnapshot(`
		"
		           Kelp & Co
		          Quay Street
		         1 Quay Street
		        VAT 123 4567 89
		--------------------------------
		T3-000124     28 Nov 2026, 10:41
		--------------------------------
		Rye bread                  £5.80
		  2 × £2.90
		  Share of the discount   -£0.15
		Soap                       £6.00
		  Discount 10%, Short
		  date                    -£0.60
		  Share of the discount   -£0.13
		--------------------------------
		Rounding                  -£0.02
		Total                     £10.90
		Card A-77                  £5.00
		Store credit               £1.00
		Cash                      £10.00
		Change                     £5.10
		You saved                  £0.88
		--------------------------------
		Zero 0% in £5.65           £0.00
		VAT 20% in £5.27           £0.88
		Customer: Ada
		Served by Mia
		--------------------------------
		 Bring it back within 30 days.
		HOLDFAST:RECEIPT/1/0123456789AB/T3-000124/ABABABABABABABAB
		"
	`);
});

test("why a line has another price stands below it, in the reader's language", () => {
	const fact = sale([cashTender(1_090, 2_000)], 5);
	const [first, ...others] = fact.lines;
	if (first === undefined) throw new Error('a sale without lines');
	const text = paperText(paperOf({ fact: { ...fact, v: 4, lines: [{ ...first, priceReason: 'damaged' }, ...others] } }), 48);
	expect(text).toMatch(/^ {2}New price, Damaged$/m);
	expect(text.match(/New price/g)).toHaveLength(1);
	// What stood on the label of what the customer holds is no news to them.
	const labelled = paperOf({ fact: { ...fact, v: 4, lines: [{ ...first, priceReason: PRICE_IN_CODE }, ...others] } });
	expect(paperText(labelled, 48)).not.toContain('New price');
});

test('1. what is printed of tenders, change and rounding are the figures of the entry', () => {
	const fact = sale([cashTender(1_090, 2_000)], 5);
	const text = paperText(paperOf({ fact }), 48);
	expect(text).toMatch(/^Cash +£20\.00$/m);
	expect(text).toMatch(/^Change +£9\.10$/m);
	expect(text).toMatch(/^Rounding +-£0\.02$/m);
	expect(text).toMatch(/^Total +£10\.90$/m);
});

test('1. where prices are without tax, the tax stands between them and the total', () => {
	const cart = addLine(emptyCart('cart-key-1' as IntentKey, 1), SOAP, 1);
	const fact = completeSale(cart, [cashTender(720, 720)], {
		receipt: { till: 3, number: 1 },
		currency: GBP,
		cashRoundingMinor: 1,
		taxExcluded: true,
	});
	if (isRefusal(fact)) throw new Error('refused');
	const text = paperText(paperOf({ fact }), 48);
	expect(text).toMatch(/^Before tax +£6\.00$/m);
	expect(text).toMatch(/^Tax +£1\.20$/m);
	expect(text).toMatch(/^VAT 20% on £6\.00 +£1\.20$/m);
});

test('2. a copy says so before anything else, and when it was made; training and a demo shop are no receipt', () => {
	const [first, second] = paperOf({ copyAtMs: AT_MS + 60_000 });
	expect([first, second]).toMatchObject([{ text: 'COPY', weight: 'large' }, { text: 'made 28 Nov 2026, 10:42' }]);
	expect(paperOf()[0]).toMatchObject({ text: 'Kelp & Co' });
	expect(paperOf({ training: true })[0]).toMatchObject({ text: 'TRAINING. NOT A RECEIPT.', weight: 'large' });
	expect(paperOf({}, { demo: true })[0]).toMatchObject({ text: 'Demo shop. Not a receipt.' });
});

test('3. a customer whom this till does not know by name is not on it', () => {
	expect(paperText(paperOf(), 48)).not.toContain('Customer');
});

test('the code names this receipt', () => {
	const code = paperOf().find((line) => line.kind === 'code');
	expect(readReceiptCode(code?.text ?? '')).toEqual({ storePrefix: '0123456789ab', receipt: { till: 3, number: 124 }, entryPrefix: 'ab'.repeat(8) });
});

test('a weight says what it is a weight in', () => {
	const { lines, ...fact } = sale([cashTender(1_092, 2_000)]);
	const [first, ...others] = lines;
	const weighed = { ...first!, quantityMilli: 845 };
	expect(paperText(paperOf({ fact: { ...fact, lines: [weighed, ...others] } }), 48)).toMatch(/^ {2}0\.845 kg × £2\.90$/m);
});

test('a refund says what was given back, of which receipt and why', () => {
	const fact: RefundCompleted = {
		...{ type: 'refund.completed', v: 1, receipt: { till: 3, number: 125 }, currency: GBP, sale: ENTRY, reason: 'stale' },
		lines: [
			{ saleLine: 0, name: 'Rye bread', quantityMilli: 2000, totalMinor: 580, taxRate: 'zero', taxPercentMilli: 0, taxMinor: 0, restock: false },
		],
		...{ roundingMinor: 0, totalMinor: 580, tenders: [{ type: 'cash', amountMinor: 580, givenMinor: 580, changeMinor: 0 }] },
	};
	const text = paperText(paperOf({ fact, saleNumber: 'T3-000124' }), 48);
	for (const line of [/^Of receipt T3-000124$/m, /^2 × Rye bread +£5\.80$/m, /^Given back +£5\.80$/m, /^Cash +£5\.80$/m, /^Reason: stale$/m])
		expect(text).toMatch(line);
});

test('long words break at spaces, and a figure is never cut', () => {
	const lines = paperText([{ kind: 'pair', what: 'Organic sourdough bread from the mill by the old harbour', figure: '£1,234.50' }], 32).split('\n');
	expect(lines).toEqual(['Organic sourdough', 'bread from the mill by', 'the old harbour        £1,234.50']);
});
