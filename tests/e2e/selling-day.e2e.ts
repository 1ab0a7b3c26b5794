/**
 * A cashier's day in real Chromium, with a real hub and a printer that is a real listener on port 9100: paid in parts across reloads, printed, printed again,
 * a printer that is gone, goods that come back, credit that is spent at the other till, and a customer who is forgotten while that till is away.
 */
import { expect, test, type Locator, type Page } from 'playwright/test';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';
import { handScan } from '../support/hand-scanner.ts';
import { setUpPrinter, switchOn, type Printer } from '../support/network-printer.ts';

const shop = demoShop({ name: 'selling', tills: 2 });
let printer: Printer | undefined;

test.afterAll(async () => {
	await shop.close();
	await printer?.switchOff();
});

const CUSTOMER = 'Ada Brook';
/** ESC p: pin 2, 100 ms on. */
const DRAWER_PULSE = '\x1bp\x00\x32';
const CODE = /HOLDFAST:RECEIPT\/1\/[0-9A-F]{12}\/T\d+-\d{6}\/[0-9A-F]{16}/;

const cart = (page: Page): Locator => page.getByRole('region', { name: 'Cart' });
const paid = (page: Page): Locator => page.getByRole('status').filter({ hasText: 'Paid' });
const search = (page: Page): Locator => page.getByRole('searchbox', { name: 'Search or scan' });

test('sold in parts, printed, brought back, and the credit of it spent at the other till', async () => {
	printer = await switchOn();
	const [first, second] = (await shop.open()) as [Page, Page];

	// The printer is named once for the shop, and chosen on this till.
	await setUpPrinter(first, printer.port);

	// A customer of the house, with five pounds of credit.
	await goTo(first, 'Customers');
	await first.getByRole('button', { name: 'New customer' }).click();
	await first.getByLabel('Name', { exact: true }).fill(CUSTOMER);
	await first.getByLabel('Card number').fill('LOYAL-0077');
	await first.getByRole('button', { name: 'Save', exact: true }).click();
	await expect(first.getByRole('heading', { name: CUSTOMER })).toBeVisible();
	await first.getByRole('button', { name: 'Give credit' }).click();
	await first.getByRole('dialog').getByLabel('Amount').fill('5');
	await first.getByRole('dialog').getByRole('button', { name: 'Give credit' }).click();
	await expect(first.getByRole('region', { name: 'Customer', exact: true })).toContainText('£5.00');

	// £3.90: a pound in cash, one and a half of the credit, the rest by card. A reload between the parts loses none of them, and no card is asked twice.
	await goTo(first, 'Sell');
	for (const product of ['Butter croissant', 'Butter croissant', 'Natural yogurt 500 g']) await add(first, product);
	await scan(search(first), 'LOYAL-0077');
	await expect(cart(first)).toContainText(CUSTOMER);
	await expect(cart(first)).toContainText('£5.00 credit');
	const total = await totalOf(first);
	await first.getByRole('button', { name: 'Pay', exact: false }).first().click();
	await cart(first).getByLabel('Amount').fill('1.00');
	await first.getByRole('button', { name: 'Take cash' }).click();
	const taken = cart(first).getByRole('list', { name: 'Taken already' });
	await expect(taken).toContainText('£1.00');
	await first.reload();
	await expect(taken).toContainText('£1.00');
	await cart(first).getByLabel('Amount').fill('1.50');
	await first.getByRole('button', { name: /^Store credit/ }).click();
	await expect(taken.getByRole('listitem')).toHaveCount(2);
	await first.getByRole('button', { name: /^Card / }).click();
	const onTerminal = `£${((total - 250) / 100).toFixed(2)}`;
	await expect(cart(first)).toContainText('Card terminal');
	await first.reload();
	await expect(cart(first)).toContainText('Card terminal');
	await expect(cart(first)).toContainText(onTerminal);
	await expect(taken.getByRole('listitem')).toHaveCount(2);
	await cart(first).getByLabel('Reference on the slip').fill('A-4711');
	await first.getByRole('button', { name: 'Paid on the terminal' }).click();
	await expect(paid(first)).toContainText('T1-000001');

	// The drawer opened for the cash, once, and the receipt came out of the printer by itself.
	expect(await printer.print(1)).toContain(DRAWER_PULSE);
	const receipt = await printer.print(2);
	for (const words of ['T1-000001', CUSTOMER, 'Card A-4711', onTerminal.slice(1), 'Store credit', '1.50']) expect(receipt).toContain(words);
	for (const words of ['COPY', DRAWER_PULSE]) expect(receipt).not.toContain(words);
	const code = CODE.exec(receipt)?.[0] ?? '';
	expect(code).not.toBe('');
	await first.getByRole('button', { name: 'Print a copy' }).click();
	const copy = await printer.print(3);
	expect(copy).toContain('COPY');
	expect(copy).not.toContain(DRAWER_PULSE);

	// The printer is unplugged: a calm sentence, and the sale is there. Plugged in again, it opens the drawer and prints what nobody has in the hand yet: no copy.
	await printer.switchOff();
	await first.getByRole('button', { name: 'New sale' }).click();
	await add(first, 'Butter croissant');
	await first.getByRole('button', { name: 'Exact cash' }).click();
	await expect(paid(first)).toContainText('T1-000002');
	const sentence = cart(first).getByRole('alert').filter({ hasText: 'The printer does not answer' });
	await expect(sentence).toContainText('The sale is recorded.');
	printer = await switchOn(printer.port);
	await first.getByRole('button', { name: 'Print', exact: true }).click();
	expect(await printer.print(1)).toContain(DRAWER_PULSE);
	const late = await printer.print(2);
	expect(late).toContain('T1-000002');
	expect(late).not.toContain('COPY');

	// One croissant comes back by the code on the receipt; something cheaper goes out, and the difference becomes credit.
	await goTo(first, 'Sales');
	await expect(first.getByRole('searchbox', { name: 'Find a receipt' })).toBeFocused();
	await handScan(first, code);
	const desk = first.getByRole('dialog', { name: 'Refund T1-000001' });
	await desk.getByRole('button', { name: 'One Butter croissant more' }).click();
	await desk.getByRole('button', { name: 'Take something else instead' }).click();
	await expect(cart(first).getByRole('region', { name: 'What comes back' })).toContainText('T1-000001');
	await add(first, 'Crumpets, 6');
	await first.getByRole('button', { name: 'Pay', exact: false }).first().click();
	await cart(first).getByRole('button', { name: '£0.21 as store credit' }).click();
	await expect(paid(first)).toContainText('T1-000003');
	const exchange = await printer.print(3);
	for (const words of ['T1-000003', 'Exchange', 'Crumpets, 6', CUSTOMER]) expect(exchange).toContain(words);
	for (const words of ['COPY', DRAWER_PULSE]) expect(exchange).not.toContain(words);

	// At the other till the credit is there under the name: 5.00 − 1.50 + 0.21.
	await goTo(second, 'Sell');
	await add(second, 'Natural yogurt 500 g');
	await add(second, 'Butter croissant');
	await add(second, 'Baguette');
	await expect(async () => {
		await scan(search(second), 'LOYAL-0077');
		await expect(cart(second)).toContainText('£3.71 credit', { timeout: 2_000 });
	}).toPass({ timeout: 60_000 });
	await second.getByRole('button', { name: 'Pay', exact: false }).first().click();
	await second.getByRole('button', { name: 'Store credit £3.71' }).click();
	await second.getByRole('button', { name: 'Exact cash' }).click();
	await expect(paid(second)).toContainText('T2-000001');

	// Forgotten at the first till while the second is away: as soon as it is back, the name is gone there, too; the receipts stay.
	await goTo(second, 'Sync');
	await second.getByRole('button', { name: 'Work alone' }).click();
	await expect(second.getByRole('heading', { level: 1 })).toContainText('Working alone');
	await goTo(first, 'Customers');
	await first.getByRole('button', { name: CUSTOMER }).click();
	await first.getByRole('button', { name: 'Forget', exact: true }).click();
	await first.getByRole('dialog').getByRole('button', { name: 'Forget', exact: true }).click();
	await expect(first.getByRole('heading', { name: 'Forgotten customer' })).toBeVisible();
	await goTo(second, 'Customers');
	await second.getByRole('button', { name: CUSTOMER }).click();
	await expect(second.getByRole('heading', { name: CUSTOMER })).toBeVisible();
	await goTo(second, 'Sync');
	await second.getByRole('button', { name: 'Reconnect' }).click();
	await goTo(second, 'Customers');
	await expect(second.getByText('No customers yet')).toBeVisible();
	await goTo(second, 'Sales');
	for (const number of ['T1-000001', 'T1-000003', 'T2-000001'])
		await expect(second.getByRole('region', { name: 'Receipts' }).getByRole('button', { name: number })).toBeVisible();
	await expect(second.locator('body')).not.toContainText(CUSTOMER);
});

async function add(page: Page, product: string): Promise<void> {
	await search(page).fill(product);
	await page.getByRole('region', { name: 'Products' }).getByRole('button', { name: product }).first().click();
	await expect(search(page)).toHaveValue('');
	await expect(cart(page)).toContainText(product);
}

/** As a hand scanner does: the whole code at once, and Enter. */
async function scan(field: Locator, code: string): Promise<void> {
	await field.fill(code);
	await field.press('Enter');
}

async function totalOf(page: Page): Promise<number> {
	const words = await cart(page).locator('.total').innerText();
	return Math.round(Number(/£([\d.]+)/.exec(words)?.[1]) * 100);
}
