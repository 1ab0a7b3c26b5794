/**
 * A day at the counter by keyboard alone, from the PIN in the morning to the Z in the evening.
 *
 * 1. No mouse and no touch: what is used is reached by a key of its own, or by Tab.
 * 2. After every step something that is shown has the focus, and one sees that it has.
 */
import { expect, type Locator, type Page } from 'playwright/test';
import { catchPaper } from '../support/gallery/gestures.ts';
import { test } from '../support/gallery/visit.ts';

/** More than any screen of the day has to tab through. */
const MOST_TABS = 80;
/** Longer than a person needs for the next key. */
const SLOW_FRAME_MS = 3_000;

/** What has the focus, or what is wrong with it. Drawn twice: what a key did is shown by then. */
function focusOf(page: Page): Promise<string> {
	return page.evaluate(() => {
		const at = document.activeElement;
		if (at === null || at === document.body) return 'lost: the focus is nowhere';
		const name = `${at.tagName} ${at.getAttribute('aria-label') ?? at.textContent.trim().slice(0, 40)}`;
		const { width, height, bottom, right } = at.getBoundingClientRect();
		if (width === 0 || height === 0 || bottom <= 0 || right <= 0) return `lost: not on the screen: ${name}`;
		if (at.matches(':disabled, [inert] *')) return `lost: not to be used: ${name}`;
		const isOutlined = (element: Element): boolean =>
			getComputedStyle(element).outlineStyle !== 'none' && getComputedStyle(element).outlineWidth !== '0px';
		// The search draws the ring round the whole of it.
		const form = at.closest('form[role=search]');
		const isSeen = isOutlined(at) || (form !== null && getComputedStyle(form).boxShadow !== 'none');
		return isSeen ? name : `lost: nobody sees it: ${name}`;
	});
}

async function isKept(page: Page, after: string): Promise<void> {
	await expect.poll(() => focusOf(page), { message: `after ${after}` }).not.toContain('lost');
}

async function press(page: Page, key: string): Promise<void> {
	await page.keyboard.press(key);
	await isKept(page, key);
}

/** By Tab alone, as far as it is. */
async function reach(page: Page, what: Locator): Promise<void> {
	await expect(what).toBeEnabled();
	for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
		if (await what.evaluate((element) => element === document.activeElement)) return isKept(page, 'Tab');
		await page.keyboard.press('Tab');
	}
	throw new Error(`Tab does not come to ${String(what)} within ${String(MOST_TABS)} presses`);
}

async function use(page: Page, what: Locator): Promise<void> {
	await reach(page, what);
	await press(page, 'Enter');
}

/** Into a field, in place of what stands there. */
async function type(page: Page, field: Locator, text: string): Promise<void> {
	await reach(page, field);
	await page.keyboard.press('Control+a');
	await page.keyboard.type(text, { delay: 60 });
}

/** Mia, a manager, allows what Cas asks for. */
async function miaAllows(page: Page): Promise<void> {
	const question = page.getByRole('dialog', { name: 'Somebody has to allow this' });
	await use(page, question.getByRole('button', { name: /Mia Kerr/ }));
	await page.keyboard.type('1234', { delay: 60 });
	await press(page, 'Enter');
	await expect(question).toHaveCount(0);
}

test('a day by keyboard alone: the focus is never lost, and seen at every step', async ({ page }) => {
	await catchPaper(page);
	await page.goto('/sell?till=staff-locked');
	const onPaper = page.locator('html');
	const dialog = page.getByRole('dialog');
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	const cart = page.getByRole('region', { name: 'Cart' });
	const paid = page.getByRole('status').filter({ hasText: 'Paid' });

	await test.step('Cas signs in', async () => {
		await isKept(page, 'the start');
		await use(page, dialog.getByRole('button', { name: /Cas Whitby/ }));
		await page.keyboard.type('1234', { delay: 60 });
		await press(page, 'Enter');
		await expect(search).toBeFocused();
	});

	await test.step('and opens the shift with a float', async () => {
		await use(page, page.getByRole('link', { name: 'Shift' }));
		await use(page, page.getByRole('button', { name: 'Open with £50.00' }));
		await expect(page.getByRole('heading', { name: 'Shift 1' })).toBeVisible();
		await isKept(page, 'opening');
	});

	await test.step('searches, types how many, takes one off again', async () => {
		await use(page, page.getByRole('link', { name: 'Sell', exact: true }));
		await reach(page, search);
		await page.keyboard.type('sourdough', { delay: 60 });
		await press(page, 'Enter');
		await page.keyboard.type('3*BAK-009', { delay: 60 });
		await press(page, 'Enter');
		await expect(cart.getByRole('button', { name: '3, change' })).toBeVisible();
		await use(page, cart.getByRole('button', { name: 'One less' }));
		await use(page, cart.getByRole('button', { name: 'Remove' }));
		await expect(cart.getByRole('listitem')).toHaveCount(1);
		await press(page, 'Control+z');
		await expect(cart.getByRole('listitem')).toHaveCount(2);
	});

	await test.step('all products in sight are one stop of Tab, and arrows go among them', async () => {
		await use(page, page.getByRole('button', { name: 'All', exact: true }));
		const stop = page.locator('.grid button[tabindex="0"]');
		await reach(page, stop);
		const before = await stop.innerText();
		await press(page, 'ArrowRight');
		await expect(stop).toBeFocused();
		const after = await stop.innerText();
		expect(after).not.toBe(before);
		await press(page, 'Tab');
		await expect(page.locator('.grid :focus')).toHaveCount(0);
		await press(page, 'Shift+Tab');
		await expect(stop).toBeFocused();
		expect(await stop.innerText()).toBe(after);
	});

	await test.step('a discount, which Mia allows', async () => {
		await use(page, cart.getByRole('button', { name: 'Edit' }));
		await type(page, dialog.getByLabel('Discount'), '10%');
		await type(page, dialog.getByLabel('Why'), 'Short date');
		await press(page, 'Enter');
		await miaAllows(page);
		await expect(cart).toContainText('Short date');
		await expect(search).toBeFocused();
	});

	await test.step('parked and fetched', async () => {
		await press(page, 'F6');
		await expect(cart.getByRole('listitem')).toHaveCount(0);
		await press(page, 'F7');
		await use(page, dialog.getByRole('button', { name: /sourdough/ }));
		await expect(cart.getByRole('listitem')).toHaveCount(2);
		await expect(search).toBeFocused();
	});

	await test.step('paid in parts: some by card, the rest in cash', async () => {
		await press(page, 'F9');
		await page.keyboard.type('2', { delay: 60 });
		await use(page, cart.getByRole('button', { name: 'Card £2.00' }));
		await expect(cart.getByLabel('Reference on the slip')).toBeFocused();
		await press(page, 'Enter');
		await expect(cart.getByText('Left to pay')).toBeVisible();
		await expect(cart.getByLabel('Amount')).toBeFocused();
		await page.keyboard.type('20', { delay: 60 });
		await press(page, 'Enter');
		await expect(paid).toContainText('Change');
		await expect(search).toBeFocused();
	});

	await test.step('cash goes to the safe', async () => {
		await use(page, page.getByRole('link', { name: 'Shift' }));
		await use(page, page.getByRole('button', { name: 'Cash drop' }));
		await type(page, dialog.getByLabel('Amount'), '20');
		await use(page, dialog.getByRole('button', { name: 'To the safe' }));
		await use(page, dialog.getByRole('button', { name: 'Record it' }));
		await expect(page.getByRole('list', { name: 'What was moved' })).toContainText('To the safe');
		await isKept(page, 'the cash drop');
	});

	await test.step('an X, which Mia shows', async () => {
		await use(page, page.getByRole('button', { name: 'Ask for it' }));
		await miaAllows(page);
		await use(page, page.getByRole('button', { name: 'Print X' }));
		await expect(onPaper).toHaveAttribute('data-on-paper', /X report/);
		await isKept(page, 'printing');
	});

	await test.step('the receipts are one stop of Tab', async () => {
		await use(page, page.getByRole('link', { name: 'Sales' }));
		const receipts = page.getByRole('region', { name: 'Receipts' });
		const [newest, second, oldest] = [0, 1, -1].map((place) => receipts.getByRole('listitem').nth(place).getByRole('button'));
		await reach(page, newest!);
		await press(page, 'ArrowDown');
		await expect(second!).toBeFocused();
		await press(page, 'End');
		await expect(oldest!).toBeFocused();
		await press(page, 'Enter');
		await expect(page.getByRole('button', { name: 'Refund', exact: true })).toBeVisible();
		await press(page, 'Tab');
		await expect(receipts.locator(':focus')).toHaveCount(0);
		await press(page, 'Shift+Tab');
		await expect(oldest!).toBeFocused();
		await press(page, 'Home');
		await expect(newest!).toBeFocused();
		await press(page, 'Enter');
	});

	await test.step('a refund of the newest', async () => {
		await use(page, page.getByRole('button', { name: 'Refund', exact: true }));
		await use(page, dialog.getByRole('button', { name: 'Everything that is left' }));
		await type(page, dialog.getByLabel('Reason'), 'Stale');
		await press(page, 'Enter');
		await expect(page.getByText('Done: receipt')).toBeVisible();
		await isKept(page, 'the refund');
	});

	await test.step('the drawer is counted, and nobody says what should be in it', async () => {
		await use(page, page.getByRole('link', { name: 'Shift' }));
		await use(page, page.getByRole('button', { name: 'Count and close' }));
		await expect(dialog.getByLabel('£50.00')).toBeFocused();
		for (const pieces of ['', '1', '1']) {
			await page.keyboard.type(pieces);
			await press(page, 'Enter');
		}
		await expect(dialog).toContainText('£30.00');
		await use(page, dialog.getByRole('button', { name: 'That is all, close the shift' }));
		await expect(dialog.getByRole('status')).toContainText(/is missing|too much|to the last coin/);
		await use(page, dialog.getByRole('button', { name: 'Go on' }));
		await expect(dialog).toHaveCount(0);
		await isKept(page, 'the count');
	});

	await test.step('and the day is closed', async () => {
		await use(page, page.getByRole('button', { name: 'Ask for it' }));
		await miaAllows(page);
		await use(page, page.getByRole('button', { name: 'Close Z 1' }));
		await use(page, dialog.getByRole('button', { name: 'Close and print' }));
		await miaAllows(page);
		await expect(onPaper).toHaveAttribute('data-on-paper', /Z report 1/);
		await expect(page.getByText('Z 1 is closed')).toBeVisible();
		await isKept(page, 'the Z');
	});
});

test('a key that follows an answer reaches the sale, although a slow frame has not taken the question away yet', async ({ page }) => {
	await page.goto('/sell');
	const cart = page.getByRole('region', { name: 'Cart' });
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	await expect(search).toBeFocused();
	await press(page, 'F7');
	await page.evaluate((ms) => {
		window.requestAnimationFrame = (draw) => window.setTimeout(() => draw(performance.now()), ms);
	}, SLOW_FRAME_MS);
	await press(page, 'Enter');
	await expect(cart.getByRole('listitem')).toHaveCount(1);
	await expect(search).toBeFocused();
	await page.keyboard.press('F9');
	await expect(cart.getByLabel('Amount')).toBeVisible();
});
