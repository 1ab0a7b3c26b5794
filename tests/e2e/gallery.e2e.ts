/** The screens on a till that is only in memory: what a cashier does at the counter. */
import { expect, type Locator, type Page } from 'playwright/test';
import { gtinOf, miaAllows } from '../support/gallery/gestures.ts';
import { fillCart, returnWithoutReceipt } from '../support/gallery/scenes.ts';
import { test } from '../support/gallery/visit.ts';
import { handScan } from '../support/hand-scanner.ts';

async function openSell(page: Page): Promise<{ search: Locator; cart: Locator; paid: Locator }> {
	await page.goto('/sell');
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	await expect(search).toBeFocused();
	return { search, cart: page.getByRole('region', { name: 'Cart' }), paid: page.getByRole('status').filter({ hasText: 'Paid' }) };
}

async function numberOf(paid: Locator): Promise<number> {
	await expect(paid).toContainText(/T3-\d{6}/);
	return Number(/T3-(\d{6})/.exec(await paid.innerText())?.[1]);
}

test('a scan adds its product, wherever the focus is', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	const code = gtinOf('BAK-005');
	await handScan(page, code);
	await expect(cart.getByText('Baguette', { exact: true })).toBeVisible();
	await page.getByRole('button', { name: 'Dairy and eggs' }).focus();
	await handScan(page, code);
	await expect(cart.getByRole('button', { name: '2, change' })).toBeVisible();
	await expect(search).toBeFocused();
	await page.keyboard.press('F9');
	await cart.getByLabel('Amount').fill('2');
	await handScan(page, code);
	await expect(cart.getByRole('button', { name: '3, change' })).toBeVisible();
});

test('while a sale is recorded nothing else is drawn; one that takes its time shows that it does, and nothing of it can be changed', async ({
	page,
}) => {
	await page.clock.install();
	await page.goto('/sell?till=slow-disk');
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeFocused();
	const cart = page.getByRole('region', { name: 'Cart' });
	await handScan(page, gtinOf('BAK-005'));
	const exact = cart.getByRole('button', { name: /^Exact cash/ });
	await expect(exact).toBeEnabled();
	await page.clock.pauseAt(Date.now() + 60_000);
	await page.keyboard.press('Enter');
	await page.clock.runFor(240);
	await expect(exact).toBeEnabled();
	// Its receipt is drawn by now, where nobody sees it.
	await expect(page.locator('article')).toHaveCount(0);
	for (const name of ['Edit', 'Discount or note']) await cart.getByRole('button', { name }).dispatchEvent('click');
	await exact.dispatchEvent('click');
	await page.clock.runFor(20);
	await expect(exact).toBeDisabled();
	await page.clock.runFor(1_000);
	await expect(page.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();
	await expect(page.locator('article')).toHaveCount(1);
	await expect(page.getByRole('article', { name: /^Receipt / }).getByRole('img')).toBeVisible();
	await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a slow disk that refuses in the end leaves the focus where the next key is heard', async ({ page }) => {
	await page.clock.install();
	await page.goto('/sell?till=slow-full-disk');
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	await expect(search).toBeFocused();
	const cart = page.getByRole('region', { name: 'Cart' });
	await handScan(page, gtinOf('BAK-005'));
	const exact = cart.getByRole('button', { name: /^Exact cash/ });
	await exact.focus();
	await page.clock.pauseAt(Date.now() + 60_000);
	await page.keyboard.press('Enter');
	await page.clock.runFor(500);
	await expect(exact).toBeDisabled();
	await page.clock.runFor(1_000);
	await expect(cart.getByRole('alert')).toBeVisible();
	await expect(exact).toBeEnabled();
	await expect(search).toBeFocused();
});

test('a code that nobody knows takes no money, and is sold as an open item', async ({ till: page }) => {
	const { search, cart, paid } = await openSell(page);
	await handScan(page, gtinOf('BAK-005'));
	await handScan(page, '4006381333931');
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText('4006381333931 is not in the catalogue');
	await expect(search).toHaveValue('');
	// Some scanners send a second Enter: it sells nothing, and takes no money.
	await page.keyboard.press('Enter');
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
	await expect(paid).toHaveCount(0);
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await search.fill('4006381333931');
	await search.press('Enter');
	await dialog.getByRole('button', { name: 'Sell as an open item' }).click();
	await dialog.getByLabel('Price in GBP').fill('2.50');
	await dialog.getByLabel('What it is').fill('Birthday candles');
	await dialog.getByRole('button', { name: 'Add to the sale' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(2);
	await expect(cart.getByText('Birthday candles', { exact: true })).toBeVisible();
});

test('a code that nobody knows becomes a product, and is in the sale', async ({ till: page }) => {
	const { cart, search } = await openSell(page);
	await search.fill('3*4006381333931');
	await search.press('Enter');
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: 'Add the product' }).click();
	await expect(dialog.getByLabel('Barcodes')).toHaveValue('4006381333931');
	await dialog.getByLabel('Name').fill('Pencils');
	await dialog.getByLabel(/^Price/).fill('1.20');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await expect(cart.getByText('Pencils', { exact: true })).toBeVisible();
	await expect(cart.getByRole('button', { name: '3, change' })).toBeVisible();
	await expect(search).toBeFocused();
});

test('Enter on an empty search takes the exact cash once, however often it is pressed', async ({ till: page }) => {
	const { paid } = await openSell(page);
	await handScan(page, gtinOf('BAK-005'));
	await page.waitForTimeout(400);
	await page.keyboard.press('Enter');
	await page.keyboard.press('Enter');
	await page.keyboard.press('Enter');
	await expect(paid).toContainText(/Paid\s+T3-\d{6}/);
	await page.waitForTimeout(400);
	await page.keyboard.press('Enter');
	await expect(paid).toHaveCount(0);
});

test('a line and the whole sale are made cheaper with a reason, one undo takes a step back, and the receipt says all of it', async ({
	till: page,
}) => {
	await page.goto('/sell');
	await fillCart(page);
	const cart = page.getByRole('region', { name: 'Cart' });
	const dialog = page.getByRole('dialog');
	await expect(cart.locator('.total')).toContainText('£7.25');
	await cart.getByRole('button', { name: 'Edit' }).click();
	const save = dialog.getByRole('button', { name: 'Change the line' });
	await dialog.getByLabel('How many').fill('0');
	await expect(save).toBeDisabled();
	await dialog.getByLabel('How many').fill('2');
	await dialog.getByLabel('Discount').fill('101%');
	await expect(dialog.getByRole('alert')).toContainText('no more than all of it');
	await dialog.getByLabel('Discount').fill('10%');
	await expect(save).toBeDisabled(); // Not without a reason.
	await dialog.getByRole('button', { name: 'Short date' }).click();
	await expect(dialog).toContainText('Comes to £2.88');
	await save.click();
	await expect(cart).toContainText('−10% · Short date');
	await expect(cart.locator('.total')).toContainText('£8.53');

	await cart.getByRole('button', { name: 'Discount or note' }).click();
	await dialog.getByLabel('Discount').fill('1');
	await dialog.getByLabel('Why').fill('Waited long');
	await dialog.getByRole('button', { name: 'Change the sale' }).click();
	await expect(cart.locator('.total')).toContainText('£7.53');
	await cart.getByRole('button', { name: 'Undo' }).click();
	await expect(cart.locator('.total')).toContainText('£8.53');

	await cart.getByRole('button', { name: 'Edit' }).click();
	await dialog.getByLabel('Price of one').fill('1.50');
	await dialog.getByLabel('Discount').fill('');
	await dialog.getByLabel('Why').fill('Shelf says so');
	await save.click();
	await expect(cart).toContainText('£1.50 each');
	await expect(cart).toContainText('Shelf says so');
	await expect(cart.locator('.total')).toContainText('£8.65');
	await cart.getByRole('button', { name: 'Discount or note' }).click();
	await dialog.getByLabel('Discount').fill('10%');
	await dialog.getByRole('button', { name: 'Staff' }).click();
	await dialog.getByRole('button', { name: 'Change the sale' }).click();
	await cart.getByRole('button', { name: 'Exact cash' }).click();
	const receipt = page.getByRole('article', { name: /^Receipt/ });
	await expect(receipt).toContainText('Share of the discount of 10%, Staff');
	await expect(receipt).toContainText('Shelf says so');
	await expect(receipt).toContainText('Total£7.79');
});

test('a question mark opens the sheet of keys, but is a letter where somebody types', async ({ till: page }) => {
	const { search } = await openSell(page);
	const sheet = page.getByRole('dialog', { name: 'Keys' });
	await search.fill('who');
	await page.keyboard.press('?');
	await expect(search).toHaveValue('who?');
	await expect(sheet).toHaveCount(0);
	await search.fill('');
	await page.keyboard.press('?');
	await expect(sheet).toContainText('Park this sale');
	await expect(search).toHaveValue('');
	await page.keyboard.press('Escape');
	await expect(sheet).toHaveCount(0);
	await page.goto('/stock');
	await expect(page.getByRole('heading', { name: 'Stock' })).toBeVisible();
	await page.keyboard.press('?');
	await expect(sheet).toBeVisible();
});

test('the first steps come once, take no focus, and come back when they are asked for', async ({ till: page }) => {
	await page.goto('/sell?till=newcomer');
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	const steps = page.getByRole('region', { name: 'First steps' });
	await expect(search).toBeFocused();
	await expect(steps).toContainText('1 of 3');
	// A sale goes on beside them.
	await handScan(page, gtinOf('BAK-005'));
	await expect(page.getByRole('region', { name: 'Cart' }).getByRole('listitem')).toHaveCount(1);
	await expect(steps).toContainText('1 of 3');
	await page.keyboard.press('Shift+Tab');
	await expect(steps.getByRole('button', { name: 'Skip the first steps' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(steps).toHaveCount(0);
	await expect(search).toBeFocused();
	await page.reload();
	await expect(search).toBeFocused();
	await expect(steps).toHaveCount(0);
	await page.goto('/stock?till=newcomer');
	await expect(page.getByRole('heading', { name: 'Stock' })).toBeVisible();
	await page.keyboard.press('?');
	await page.getByRole('dialog', { name: 'Keys' }).getByRole('button', { name: 'Show the first steps' }).press('Enter');
	const next = steps.getByRole('button', { name: 'Next' });
	await expect(next).toBeFocused();
	await page.keyboard.press('Enter');
	await page.keyboard.press('Enter');
	await expect(steps).toContainText('3 of 3');
	await page.keyboard.press('Enter');
	await expect(steps).toHaveCount(0);
	await expect(search).toBeFocused();
});

test('cash that is given back shows the change, and the button pressed twice sells once', async ({ till: page }) => {
	const { cart, paid } = await openSell(page);
	await fillCart(page);
	await cart.getByRole('button', { name: 'Pay' }).click();
	await cart.getByRole('button', { name: '£10.00' }).evaluate((button: HTMLButtonElement) => {
		button.click();
		button.click();
	});
	await expect(paid).toContainText('Change £2.75');
	const first = await numberOf(paid);
	await cart.getByRole('button', { name: 'New sale' }).click();
	await expect(cart.getByText('Scan a product, or tap one.')).toBeVisible();
	await fillCart(page);
	await cart.getByRole('button', { name: 'Exact cash' }).click();
	expect(await numberOf(paid)).toBe(first + 1);
});

test('a card’s reference is on the receipt', async ({ till: page }) => {
	const { cart, paid } = await openSell(page);
	await fillCart(page);
	await cart.getByRole('button', { name: 'Pay' }).click();
	await cart.getByRole('button', { name: 'Card £7.25' }).click();
	await expect(cart.getByRole('heading', { name: 'Card terminal' })).toBeVisible();
	await cart.getByLabel('Reference on the slip').fill('A-77');
	await cart.getByRole('button', { name: 'Paid on the terminal' }).click();
	await expect(paid).toBeVisible();
	await expect(cart.getByRole('article')).toContainText('Card A-77');
});

test('an age is asked once a sale, by the day to look for, and who is too young gets nothing', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	const dialog = page.getByRole('dialog');
	const choose = async (): Promise<void> => {
		await search.fill('ginger beer');
		await page.getByRole('button', { name: /^Ginger beer/ }).click();
	};
	await choose();
	await expect(dialog).toContainText('18 or older?');
	await expect(dialog).toContainText(/Born on or before/);
	await dialog.getByRole('button', { name: 'Not sold' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(0);
	await expect(page.getByRole('alert')).toContainText('it is sold from 18 on');
	await choose();
	await dialog.getByRole('button', { name: 'Old enough' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await choose();
	await expect(dialog).toHaveCount(0);
	await expect(cart.getByRole('button', { name: '2, change' })).toBeVisible();
});

test('a favourite paid exactly is two taps, three scans and one key are a sale', async ({ till: page }) => {
	const { cart, paid } = await openSell(page);
	await page.locator('.grid button').first().click();
	await cart.getByRole('button', { name: 'Exact cash' }).click();
	await expect(paid).toBeVisible();
	for (const sku of ['BAK-005', 'BAK-009', 'BAK-005']) {
		await page.getByRole('searchbox').fill(gtinOf(sku));
		await page.getByRole('searchbox').press('Enter');
	}
	await expect(cart.getByRole('listitem')).toHaveCount(2);
	await page.waitForTimeout(400); // A scanner's second Enter comes sooner, and is none.
	await page.keyboard.press('Enter');
	await expect(paid).toBeVisible();
});

test('a product stays under the finger that is on it, whatever the search answers before the finger is lifted', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	const tiles = page.locator('.grid button');
	await tiles.nth(1).hover();
	await page.mouse.down();
	await search.fill('ginger beer');
	await page.waitForTimeout(400); // Longer than the search takes: it has been answered.
	await page.mouse.up();
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	// What is chosen empties the search: the next answer comes as ever.
	await search.fill('bananas');
	await expect(tiles.first()).toHaveAccessibleName(/^Bananas/);
});

test('a part by card and the rest in cash: pressed twice and reloaded between them, each is taken once', async ({ till: page }) => {
	const { cart, paid } = await openSell(page);
	await fillCart(page);
	await page.keyboard.press('F9');
	await cart.getByLabel('Amount').fill('5');
	await cart.getByRole('button', { name: 'Card £5.00' }).dblclick();
	await page.reload();
	// The customer still holds the card to the terminal.
	await expect(cart.getByText('£5.00', { exact: true })).toBeVisible();
	await cart.getByRole('button', { name: 'Paid on the terminal' }).evaluate((button: HTMLButtonElement) => {
		button.click();
		button.click();
	});
	await expect(cart.getByText('Left to pay')).toBeVisible();
	await page.reload();
	const parts = cart.getByRole('list', { name: 'Taken already' });
	await expect(parts.getByRole('listitem')).toHaveCount(1);
	await expect(cart.getByRole('button', { name: 'Card £2.25' })).toBeVisible();
	// A held Enter is one press.
	await cart.getByLabel('Amount').fill('5');
	await page.keyboard.down('Enter');
	for (let n = 0; n < 5; n += 1) await page.keyboard.down('Enter');
	await page.keyboard.up('Enter');
	await expect(paid).toContainText('Change £2.75');
	await expect(cart.getByRole('article')).toContainText('£5.00');
	// A scanner's second Enter closes no receipt.
	await page.keyboard.press('Enter');
	await expect(paid).toBeVisible();
});

test('a part is taken out again only in so many words, and a cart with money in it is neither emptied nor parked', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await page.keyboard.press('F9');
	await cart.getByLabel('Amount').fill('2');
	await cart.getByRole('button', { name: 'Take cash' }).click();
	await expect(cart.getByText('£5.25', { exact: true }).first()).toBeVisible();
	// Asked while the part is still being written, parking waits for nobody: asked again.
	await expect(async () => {
		await page.keyboard.press('F6');
		await expect(cart.getByRole('alert')).toContainText('£2.00 is paid already', { timeout: 2_000 });
	}).toPass({ timeout: 20_000 });
	await cart.getByRole('button', { name: 'Take out' }).click();
	await expect(cart.getByText('Give the cash back first')).toBeVisible();
	await cart.getByRole('button', { name: 'Cash given back' }).click();
	await expect(cart.getByText('Left to pay')).toBeHidden();
});

test('a card that was charged while the disk refused is not asked for again', async ({ till: page }) => {
	await page.goto('/sell?till=full-disk');
	const cart = page.getByRole('region', { name: 'Cart' });
	await fillCart(page);
	await page.keyboard.press('F8');
	await cart.getByRole('button', { name: 'Paid on the terminal' }).click();
	await expect(cart.getByRole('alert')).toContainText('storage is full');
	await expect(cart.getByRole('list', { name: 'Taken already' }).getByRole('listitem')).toContainText('£7.25');
	await expect(cart.getByRole('button', { name: /^Card/ })).toHaveCount(0);
	await cart.getByRole('button', { name: 'Finish the sale' }).click();
	await expect(cart.getByRole('alert')).toContainText('storage is full');
});

test('digits and one key take the cash and say the change', async ({ till: page }) => {
	const { search, cart, paid } = await openSell(page);
	await fillCart(page);
	await search.fill('20');
	await page.keyboard.press('F9');
	await expect(paid).toContainText('Change £12.75');
	await expect(cart.getByRole('article')).toContainText('£20.00');
});

test('weighed goods ask for their weight', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	await search.fill('bananas');
	await page.getByRole('button', { name: /^Bananas/ }).click();
	await expect(page.getByLabel('Weight in kg')).toBeFocused();
	await page.keyboard.type('0.84', { delay: 60 });
	await page.keyboard.press('Enter');
	await expect(cart.getByText('Bananas, loose', { exact: true })).toBeVisible();
	await expect(cart.getByRole('button', { name: '0.84, change' })).toBeVisible();
});

test('a line is stepped, taken off and brought back', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await cart.getByRole('button', { name: '2, change' }).click();
	await cart.getByRole('button', { name: 'One more' }).click();
	await expect(cart.getByRole('button', { name: '3, change' })).toBeVisible();
	await cart.getByRole('button', { name: 'Remove' }).click();
	await cart.getByRole('button', { name: 'Undo' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(3);
});

test('a whole sale is discarded by two taps, and one undo brings it back; a parked one by two taps, too', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await cart.getByRole('button', { name: 'Discard the sale' }).click();
	await cart.getByRole('button', { name: 'Keep it' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(3);
	await cart.getByRole('button', { name: 'Discard the sale' }).click();
	await cart.getByRole('button', { name: 'Discard it' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(0);
	await cart.getByRole('button', { name: 'Undo' }).click();
	await expect(cart.getByRole('listitem')).toHaveCount(3);
	await page.keyboard.press('F6');
	await cart.getByRole('button', { name: /^Parked/ }).click();
	const rows = page.getByRole('dialog').getByRole('listitem');
	const before = await rows.count();
	const asks = rows.last().getByRole('button', { name: 'Discard the sale' });
	await asks.click();
	await expect(rows.last().getByRole('button', { name: 'Keep it' })).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(asks).toBeFocused();
	// A question that nobody answered is not asked when the list is opened again.
	await asks.click();
	await page.keyboard.press('Escape');
	await expect(page.getByRole('dialog')).toHaveCount(0);
	await page.keyboard.press('F7');
	await asks.click();
	await rows.last().getByRole('button', { name: 'Discard it' }).click();
	await expect(rows).toHaveCount(before - 1);
	await expect(asks).toBeFocused();
});

test('the lit line has keys of its own, and so have the whole sale, the customer, every screen', async ({ till: page }) => {
	const { search, cart } = await openSell(page);
	await fillCart(page);
	const lit = cart.locator('li.lit');
	const names = await cart.getByRole('listitem').locator('.what > :first-child').allTextContents();
	await expect(lit).toContainText(names[2] ?? '');
	await page.keyboard.press('Alt+ArrowUp');
	await expect(lit).toContainText(names[1] ?? '');
	await page.keyboard.press('NumpadAdd');
	await page.keyboard.press('Alt+=');
	await page.keyboard.press('NumpadSubtract');
	await expect(lit.getByRole('button', { name: '3, change' })).toBeVisible();
	await page.keyboard.press('F3');
	const dialog = page.getByRole('dialog');
	await expect(dialog).toContainText(names[1] ?? '');
	// What is asked in front hears the keys, and nothing behind it.
	await page.keyboard.press('F6');
	await page.keyboard.press('Alt+2');
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
	await page.keyboard.press('Delete');
	await expect(cart.getByRole('listitem')).toHaveCount(2);
	await page.keyboard.press('Control+z');
	// In a search with something in it they are what they are in any field.
	await search.fill('ab');
	await page.keyboard.press('Delete');
	await expect(cart.getByRole('listitem')).toHaveCount(3);
	await search.fill('');
	await page.keyboard.press('F10');
	await expect(page.getByRole('dialog', { name: 'Choose a customer' })).toBeVisible();
	await page.keyboard.press('Escape');
	// Held down it takes one line.
	for (const _ of names) await page.keyboard.down('Delete');
	await page.keyboard.up('Delete');
	await expect(cart.getByRole('listitem')).toHaveCount(2);
	await page.keyboard.press('Shift+Delete');
	await expect(cart.getByRole('button', { name: 'Discard it' })).toBeFocused();
	await page.keyboard.press('Escape');
	await expect(cart.getByRole('button', { name: 'Discard it' })).toHaveCount(0);
	await expect(search).toBeFocused();
	// What a line's own button takes away gives the focus back.
	await cart.locator('li.lit').getByRole('button', { name: 'Favourite' }).focus();
	await page.keyboard.press('Alt+ArrowUp');
	await expect(search).toBeFocused();
	await page.keyboard.press('Shift+Delete');
	await page.keyboard.press('Enter');
	await expect(cart.getByRole('listitem')).toHaveCount(0);
	await expect(search).toBeFocused();
	await page.keyboard.press('Alt+4');
	await expect(page.getByRole('heading', { name: 'Stock', exact: true })).toBeVisible();
	await page.keyboard.press('?');
	await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText(/Alt4\s*Stock/);
});

test('what is no longer offered is found in Products, and offered again from there', async ({ till: page }) => {
	await page.goto('/products');
	await page.getByRole('button', { name: /^Butter croissant/ }).click();
	await page.getByRole('button', { name: 'Stop offering it' }).click();
	const row = page.getByRole('button', { name: /^Butter croissant/ });
	await expect(row).toHaveCount(0);
	await page.getByRole('button', { name: 'No longer offered', exact: true }).click();
	await row.click();
	await page.getByRole('button', { name: 'Offer it again' }).click();
	await expect(page.getByRole('status').filter({ hasText: 'is offered again' })).toBeVisible();
	await page.getByRole('button', { name: 'Offered', exact: true }).click();
	await expect(row).toBeVisible();
});

test('the open cart is there again after a reload', async ({ till: page }) => {
	const { cart } = await openSell(page);
	await fillCart(page);
	await page.reload();
	await expect(cart.getByRole('listitem')).toHaveCount(3);
});

test('a disk that is full says what to do, and keeps the cart', async ({ till: page }) => {
	await page.goto('/sell?till=full-disk');
	const cart = page.getByRole('region', { name: 'Cart' });
	await fillCart(page);
	await cart.getByRole('button', { name: 'Exact cash' }).click();
	await expect(cart.getByRole('alert')).toContainText('storage is full');
	await expect(cart.getByRole('listitem')).toHaveCount(3);
});

test('a second tab offers to take over', async ({ till: page }) => {
	await page.goto('/sell?till=second-tab');
	await page.getByRole('button', { name: 'Take over' }).click();
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeFocused();
});

test('a wrong join code says so, and the right one opens the till', async ({ till: page }) => {
	await page.goto('/sell?till=claimed');
	await page.getByLabel('Join code').fill('WRONG');
	await page.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(page.getByRole('alert')).toContainText('That is not the code');
	await page.getByLabel('Join code').fill('ABCD-EFGH');
	await page.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(page.getByRole('link', { name: 'Sell', exact: true })).toBeVisible();
});

test('a return without a receipt that somebody has to allow: who turns away finds the desk as it was, and the receipt names both', async ({
	till: page,
}) => {
	await page.goto('/sales?till=staff-in');
	await returnWithoutReceipt(page);
	await page.keyboard.press('Escape');
	const desk = page.getByRole('dialog', { name: 'Return without receipt' });
	await expect(desk.getByLabel('Reason')).toHaveValue('went stale on the way home');
	await expect(desk.getByRole('alert')).toBeVisible();
	await desk.getByRole('button', { name: /^Give/ }).click();
	await miaAllows(page);
	await expect(desk).toHaveCount(0);
	await expect(page.getByRole('region', { name: 'Receipt', exact: true })).toContainText('Mia Kerr');
	await expect(page.getByRole('region', { name: 'Receipt', exact: true })).toContainText('Cas Whitby');
});

test('what came back is sold again at another price that somebody has to allow', async ({ till: page }) => {
	await page.goto('/sales?till=staff-in&receipt=T3-000038');
	await page.getByRole('button', { name: 'Refund', exact: true }).click();
	const desk = page.getByRole('dialog');
	await desk.getByRole('button', { name: 'Everything that is left' }).click();
	for (const box of await desk.getByRole('checkbox').all()) await box.uncheck();
	await desk.getByRole('button', { name: /^Give/ }).click();
	await expect(desk).toHaveCount(0);
	await page.getByRole('link', { name: 'Sell', exact: true }).click();
	await page.getByRole('button', { name: 'Returned goods' }).click();
	const goods = page.getByRole('dialog', { name: 'Returned goods' });
	await goods.getByRole('group', { name: 'Returned goods' }).getByRole('button').first().click();
	await goods.getByLabel('Price of one').fill('0.50');
	await expect(goods.getByRole('button', { name: 'Add to the sale' })).toBeDisabled(); // Not without a reason.
	await goods.getByRole('button', { name: 'Damaged' }).click();
	await goods.getByRole('button', { name: 'Add to the sale' }).click();
	await page.keyboard.press('Escape');
	await expect(goods.getByLabel('Price of one')).toHaveValue('0.50');
	await goods.getByRole('button', { name: 'Add to the sale' }).click();
	await miaAllows(page);
	await expect(goods).toHaveCount(0);
	await expect(page.getByRole('region', { name: 'Cart' })).toContainText('£0.50');
	await expect(page.getByRole('region', { name: 'Cart' })).toContainText('New price, Damaged');
});

async function beginExchange(page: Page): Promise<Locator> {
	await page.goto('/sales?till=exchange&receipt=T3-000038');
	await page.getByRole('button', { name: 'Refund', exact: true }).click();
	const desk = page.getByRole('dialog');
	await desk.getByRole('button', { name: 'Everything that is left' }).click();
	await desk.getByRole('button', { name: 'Take something else instead' }).click();
	const cart = page.getByRole('region', { name: 'Cart' });
	await expect(cart.getByRole('region', { name: 'What comes back' })).toContainText('T3-000038');
	return cart;
}

test('an exchange asks what a sale asks: age, deposit, price, and the card’s reference; and it is there again after a reload', async ({ page }) => {
	// The made-up day begins three hours ago: it is the same one after the reload.
	await page.clock.setFixedTime(new Date());
	let cart = await beginExchange(page);
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	const dialog = page.getByRole('dialog');
	const choose = async (sku: string): Promise<void> => {
		await search.fill(sku);
		await search.press('Enter');
	};
	await search.fill('ginger beer');
	await page.getByRole('button', { name: /^Ginger beer/ }).click();
	await dialog.getByRole('button', { name: 'Old enough' }).click();
	await choose('GIFT-001');
	await dialog.getByLabel(/^Price/).fill('12.50');
	await dialog.getByRole('button', { name: 'Add to the sale' }).click();
	await choose('DRI-001');
	await expect(cart.getByText('Bottle, returnable', { exact: true })).toBeVisible();
	await expect(cart.getByText('£12.50', { exact: true })).toBeVisible();
	// Nothing of it is lost with the page; the till of the gallery asks for its way again.
	await page.goto('/sell?till=exchange');
	cart = page.getByRole('region', { name: 'Cart' });
	await expect(cart.getByRole('region', { name: 'What comes back' })).toContainText('T3-000038');
	await cart.getByRole('button', { name: 'Park', exact: true }).click();
	await expect(cart.getByRole('alert')).toContainText('An exchange is open');
	await page.keyboard.press('F8');
	const isPaid = cart.getByRole('button', { name: 'Paid on the terminal' });
	await expect(isPaid).toBeDisabled();
	await cart.getByLabel('Reference on the slip').fill('A-77');
	await isPaid.click();
	const receipt = page.getByRole('article', { name: /^Receipt/ });
	for (const words of ['Exchange', 'Ginger beer', 'Bottle, returnable', 'Gift wrap', 'Card A-77']) await expect(receipt).toContainText(words);
});

test('a receipt that is scanned on Sell opens in Sales, and there it needs no field that has the focus', async ({ till: page }) => {
	const code = 'HOLDFAST:RECEIPT/1/ABCDEF012345/T3-000038/0123456789ABCDEF';
	const otherShop = page.getByRole('alert').filter({ hasText: 'another shop' });
	await openSell(page);
	await handScan(page, code);
	await expect(page.getByRole('searchbox', { name: 'Find a receipt' })).toBeFocused();
	await expect(otherShop).toBeVisible();
	await page.goto('/sales');
	await page.getByRole('button', { name: 'Return without receipt' }).focus();
	await handScan(page, code);
	await expect(otherShop).toBeVisible();
});

test('an exchange for something cheaper gives the rest back by one tap, and taken out again it is a sale', async ({ till: page }) => {
	const cart = await beginExchange(page);
	const exact = cart.getByRole('button', { name: 'Exact cash' });
	await expect(exact).toBeDisabled();
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill('BAK-009');
	await page.keyboard.press('Enter');
	const give = cart.getByRole('button', { name: /^Give .* back/ });
	await expect(give).toBeEnabled();
	await cart.getByRole('button', { name: 'Take out what comes back' }).click();
	await expect(exact).toBeEnabled();
	await cart.getByRole('button', { name: 'Undo' }).click();
	await give.click();
	await expect(page.getByRole('article', { name: /^Receipt/ })).toContainText('Given back');
});

test('the lock lies over a dialog, takes the keys from it, and gives it back with what was typed', async ({ page }) => {
	await page.goto('/sales?till=staff-in');
	await page.getByRole('button', { name: 'Return without receipt' }).click();
	const desk = page.getByRole('dialog', { name: 'Return without receipt' });
	await desk.getByLabel('Reason').fill('went stale');
	// As the clock does it: nothing can press what lies under the dialog.
	await page.getByRole('button', { name: /^Switch person/, includeHidden: true }).evaluate((button: HTMLElement) => {
		button.click();
	});
	const lock = page.getByRole('dialog', { name: 'Who is at the till?' });
	await expect(lock).toBeVisible();
	await expect(desk).toBeHidden();
	await lock.getByRole('button', { name: /Lin Tran/ }).click();
	await lock.getByLabel('PIN of Lin Tran').fill('1234');
	await page.keyboard.press('Enter');
	await expect(lock).toHaveCount(0);
	await expect(desk.getByLabel('Reason')).toHaveValue('went stale');
	await expect(desk.getByLabel('Reason')).toBeFocused();
});

test('empties by keyboard alone: arrows, digits, Enter; a scanned bottle counts one and is no number', async ({ till: page }) => {
	await page.goto('/sell?till=deposits');
	await expect(page.getByRole('searchbox')).toBeFocused();
	await page.keyboard.press('F2');
	const dialog = page.getByRole('dialog', { name: 'Empties' });
	await expect(dialog.getByRole('button', { name: /^Bottle/ })).toBeFocused();
	await page.keyboard.type('2');
	await page.keyboard.press('ArrowDown');
	await expect(dialog.getByRole('button', { name: /^Yoghurt jar/ })).toBeFocused();
	await page.waitForFunction(() => document.querySelector('[role=dialog] .kind.some') !== null);
	await handScan(page, gtinOf('DRI-001'));
	await expect(dialog.getByRole('button', { name: /^Bottle.*: 3$/ })).toBeVisible();
	await expect(dialog.getByRole('button', { name: /^Yoghurt jar.*: 0$/ })).toBeVisible();
	await page.keyboard.press('Enter');
	await expect(dialog.getByRole('status')).toContainText('£0.45');
	await page.keyboard.press('Enter');
	await expect(dialog).toHaveCount(0);
});

test('the till can be installed as an app: its manifest is read, and its icons are what it says', async ({ page }) => {
	await page.goto('/sell');
	const devtools = await page.context().newCDPSession(page);
	const { data, errors } = await devtools.send('Page.getAppManifest');
	expect(errors).toEqual([]);
	const { icons } = JSON.parse(data ?? '{}') as {
		readonly icons: readonly { readonly src: string; readonly sizes: string; readonly type: string }[];
	};
	expect(icons.length).toBeGreaterThan(0);
	for (const { src, sizes, type } of icons) {
		const { status, contentType, wide } = await page.evaluate(async (url) => {
			const answer = await fetch(url);
			const image = new Image();
			image.src = url;
			await image.decode();
			return { status: answer.status, contentType: answer.headers.get('content-type'), wide: image.naturalWidth };
		}, src);
		expect({ src, status, contentType }).toEqual({ src, status: 200, contentType: type });
		if (sizes !== 'any') expect(`${wide}x${wide}`).toBe(sizes);
	}
	// The window of a test is a private one, in which nothing is installed.
	const hindrances = async (): Promise<readonly string[]> =>
		(await devtools.send('Page.getInstallabilityErrors')).installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito');
	expect(await hindrances()).toEqual([]);
	await page.locator('link[rel=manifest]').evaluate((link) => {
		link.remove();
	});
	await expect.poll(hindrances).toContain('no-manifest');
});
