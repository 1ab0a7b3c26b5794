/**
 * A morning at the counter by touch alone, on a tablet: from the PIN to the Z.
 *
 * 1. Nothing is pressed but by a finger. What is typed comes from the keyboard that the device shows for a field: text without keys.
 * 2. A favourite that is paid exactly is four taps at most, from one empty sale to the next.
 */
import { expect, type Locator, type Page } from 'playwright/test';
import { catchPaper } from '../support/gallery/gestures.ts';
import { fillCart } from '../support/gallery/scenes.ts';
import { test } from '../support/gallery/visit.ts';

test.use({ hasTouch: true, isMobile: true, viewport: { width: 1024, height: 768 } });

interface Touched {
	taps: number;
	/** What pressed something and was no finger. */
	readonly others: string[];
}

async function watchFingers(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const touched: Touched = { taps: 0, others: [] };
		Object.assign(globalThis, { touched });
		const press = ({ pointerType }: PointerEvent): void => {
			if (pointerType === 'touch') touched.taps += 1;
			else touched.others.push(pointerType);
		};
		window.addEventListener('pointerdown', press, true);
		window.addEventListener('keydown', ({ key }) => touched.others.push(key), true);
	});
}

function touchedOn(page: Page): Promise<Touched> {
	return page.evaluate(() => (globalThis as unknown as { readonly touched: Touched }).touched);
}

/** Into a field that was tapped. */
async function write(page: Page, field: Locator, text: string): Promise<void> {
	await field.tap();
	await expect(field).toBeFocused();
	await page.keyboard.insertText(text);
}

async function tapEach(keys: Locator, names: readonly string[]): Promise<void> {
	for (const name of names) await keys.getByRole('button', { name, exact: true }).tap();
}

test('a morning by touch alone, and a favourite that is paid exactly in four taps at most', async ({ page }) => {
	await catchPaper(page);
	await watchFingers(page);
	await page.goto('/sell?till=staff-locked');
	const dialog = page.getByRole('dialog');
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	const tile = (name: RegExp): Locator => page.locator('.grid').getByRole('button', { name });
	const cart = page.getByRole('region', { name: 'Cart' });
	const paid = page.getByRole('status').filter({ hasText: 'Paid' });

	await test.step('Mia signs in', async () => {
		await dialog.getByRole('button', { name: /Mia Kerr/ }).tap();
		await tapEach(dialog, ['1', '2', '3', '4', 'Open']);
		await expect(dialog).toHaveCount(0);
	});

	await test.step('and opens the shift with a float', async () => {
		await page.getByRole('link', { name: 'Shift' }).tap();
		await page.getByRole('button', { name: 'Open with £50.00' }).tap();
		await expect(page.getByRole('heading', { name: 'Shift 1' })).toBeVisible();
	});

	await test.step('an avocado from the favourites, paid exactly', async () => {
		await page.getByRole('link', { name: 'Sell', exact: true }).tap();
		const before = await touchedOn(page);
		await tile(/^Avocado/).tap();
		await cart.getByRole('button', { name: 'Exact cash' }).tap();
		await expect(paid).toBeVisible();
		await cart.getByRole('button', { name: 'New sale' }).tap();
		await expect(cart.getByText('Scan a product, or tap one.')).toBeVisible();
		expect((await touchedOn(page)).taps - before.taps).toBeLessThanOrEqual(4);
	});

	await test.step('one that is searched, and one that is weighed on glass', async () => {
		await write(page, search, 'seeded');
		await tile(/^Seeded sourdough/).tap();
		await expect(cart.getByText('Seeded sourdough', { exact: true })).toBeVisible();
		await write(page, search, 'bananas');
		await tile(/^Bananas/).tap();
		await tapEach(dialog.getByRole('group', { name: 'Digits' }), ['0', 'Decimal point', '8', '4']);
		await dialog.getByRole('button', { name: 'Add to the sale' }).tap();
		await expect(cart.getByRole('button', { name: '0.84, change' })).toBeVisible();
	});

	await test.step('a line is stepped, taken off and brought back', async () => {
		await cart.getByRole('button', { name: '1, change' }).tap();
		await cart.getByRole('button', { name: 'One more' }).tap();
		await expect(cart.getByRole('button', { name: '2, change' })).toBeVisible();
		await cart.getByRole('button', { name: 'Remove' }).tap();
		await expect(cart.getByRole('listitem')).toHaveCount(1);
		await cart.getByRole('button', { name: 'Undo' }).tap();
		await expect(cart.getByRole('listitem')).toHaveCount(2);
	});

	await test.step('put aside, and fetched', async () => {
		await cart.getByRole('button', { name: 'Park', exact: true }).tap();
		await expect(cart.getByRole('listitem')).toHaveCount(0);
		await cart.getByRole('button', { name: /^Parked/ }).tap();
		await dialog.getByRole('button', { name: /Bananas/ }).tap();
		await expect(cart.getByRole('listitem')).toHaveCount(2);
	});

	await test.step('a note is put down for it: the change is told', async () => {
		// 2 × 3.25 and 0.84 kg at 0.98.
		await expect(cart.locator('.total')).toContainText('£7.32');
		await cart.getByRole('button', { name: 'Pay', exact: true }).tap();
		await cart.getByRole('button', { name: '£10.00' }).tap();
		await expect(paid).toContainText('Change £2.68');
		await cart.getByRole('button', { name: 'New sale' }).tap();
	});

	await test.step('the next one by card', async () => {
		await tile(/^Batteries/).tap();
		await cart.getByRole('button', { name: 'Card', exact: true }).tap();
		await cart.getByRole('button', { name: 'Paid on the terminal' }).tap();
		await expect(paid).toBeVisible();
	});

	await test.step('the drawer is counted', async () => {
		await page.getByRole('link', { name: 'Shift' }).tap();
		await page.getByRole('button', { name: 'Count and close' }).tap();
		await dialog.getByRole('button', { name: 'Type one sum instead' }).tap();
		// The float, the avocado, and what was weighed.
		await write(page, dialog.getByLabel('Cash in the drawer'), '58.27');
		await dialog.getByRole('button', { name: 'That is all, close the shift' }).tap();
		await expect(dialog.getByRole('status')).toContainText('right to the last coin');
		await dialog.getByRole('button', { name: 'Go on' }).tap();
	});

	await test.step('and the morning is closed', async () => {
		await page.getByRole('button', { name: 'Close Z 1' }).tap();
		await dialog.getByRole('button', { name: 'Close and print' }).tap();
		await expect(page.locator('html')).toHaveAttribute('data-on-paper', /Z report 1/);
		await expect(page.getByText('Z 1 is closed')).toBeVisible();
	});

	expect((await touchedOn(page)).others).toEqual([]);
});

test('a till of glass that has a keyboard, too: a payment that a key opened takes what is typed; one that a finger opened shows no keyboard', async ({
	page,
}) => {
	await page.goto('/sell');
	await fillCart(page);
	const cart = page.getByRole('region', { name: 'Cart' });
	const amount = cart.getByLabel('Amount');
	await page.keyboard.press('F9');
	await expect(amount).toBeFocused();
	await page.keyboard.press('Escape');
	await cart.getByRole('button', { name: 'Pay', exact: true }).tap();
	await expect(amount).toBeVisible();
	await expect(amount).not.toBeFocused();
	await cart.getByRole('button', { name: /^Card / }).tap();
	const reference = cart.getByLabel('Reference on the slip');
	await expect(reference).toBeVisible();
	await expect(reference).not.toBeFocused();
	await cart.getByRole('button', { name: 'Declined' }).tap();
	await expect(amount).toBeVisible();
	await expect(cart.getByRole('button', { name: /^Card / })).toBeEnabled();
	await page.keyboard.press('F8');
	await expect(reference).toBeFocused();
});
