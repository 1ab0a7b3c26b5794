/** A shift change: float, sales, a drop, the drawer opened, a blind count that does not come out, two Zs, the day's report, and a sale that comes after it. */
import { expect, test, type Page } from 'playwright/test';
import { sell } from '../support/at-the-counter.ts';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';

const shop = demoShop({
	...{ name: 'shift', tills: 2 },
	prepare: (context) =>
		context.addInitScript(() => {
			window.print = () => {
				document.querySelector('#on-paper')?.remove();
				const printed = document.querySelector('.paper-sheet')?.cloneNode(true) as HTMLElement;
				printed.id = 'on-paper';
				document.body.append(printed);
			};
		}),
});

test.afterAll(shop.close);

/** £1.20. */
const CROISSANT = 'Butter croissant';

const dialog = (page: Page) => page.getByRole('dialog');
/** What went on paper last: the sheet is gone when the system has printed it. */
const sheet = (page: Page) => page.locator('#on-paper');
async function tab(page: Page, name: string): Promise<void> {
	await page.getByRole('group', { name: 'What to look at' }).getByRole('button', { name, exact: true }).click();
}
async function count(page: Page, pieces: Readonly<Record<string, string>>): Promise<void> {
	await page.getByRole('button', { name: 'Count and close' }).click();
	for (const [value, pieceCount] of Object.entries(pieces)) await dialog(page).getByLabel(value, { exact: false }).first().fill(pieceCount);
	await dialog(page).getByRole('button', { name: 'That is all, close the shift' }).click();
}

test('a shift change, from the float to the report of the day and what comes after it', async () => {
	const [first, second] = (await shop.open()) as [Page, Page];

	// From now on a till sells in a shift, and a pound may be missing.
	await goTo(first, 'Settings');
	await first.getByLabel('A till sells only while a shift is open').check();
	await first.getByLabel('Difference that nobody is asked about').fill('1.00');
	await first.getByRole('button', { name: 'Save shifts' }).click();
	await expect(first.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible();

	// What was scanned stays; two taps, and it is paid.
	await goTo(first, 'Sell');
	await first.getByRole('searchbox', { name: 'Search or scan' }).fill(CROISSANT);
	await first.getByRole('button', { name: CROISSANT }).first().click();
	await first.getByRole('button', { name: 'Open a shift' }).click();
	await dialog(first).getByRole('button', { name: 'Open with £50.00' }).click();
	await expect(first.getByRole('button', { name: 'Open a shift' })).toHaveCount(0);
	await first.getByRole('button', { name: 'Exact cash' }).click();
	await expect(first.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();

	await goTo(first, 'Shift');
	await first.getByRole('button', { name: 'Cash drop' }).click();
	await dialog(first).getByLabel('Amount').fill('10');
	await dialog(first).getByRole('button', { name: 'To the safe' }).click();
	await dialog(first).getByRole('button', { name: 'Record it' }).click();
	await first.getByRole('button', { name: 'Open the drawer' }).click();
	await dialog(first).getByRole('button', { name: 'Gave change' }).click();
	await dialog(first).getByRole('button', { name: 'Open the drawer' }).click();
	await expect(first.getByRole('list', { name: 'What was moved' })).toContainText('Gave change');

	// 50.00 + 1.20 − 10.00 should be there, and nobody says so before it is counted.
	await expect(first.getByText('41.20')).toHaveCount(0);
	await count(first, { '£20.00': '2' });
	await expect(dialog(first)).toContainText('£1.20 is missing.');
	await expect(dialog(first)).toContainText('£41.20');
	await dialog(first).getByLabel('What happened').fill('change given twice');
	await dialog(first).getByRole('button', { name: 'Explain it' }).click();
	await expect(dialog(first)).toHaveCount(0);

	await first.getByRole('button', { name: 'Close Z 1' }).click();
	await dialog(first).getByRole('button', { name: 'Close and print' }).click();
	await expect(sheet(first)).toContainText('Z report 1');
	// On paper there is the Z, and nothing else.
	await first.emulateMedia({ media: 'print' });
	await expect(sheet(first)).toBeVisible();
	await expect(first.getByRole('link', { name: 'Sell', exact: true, includeHidden: true })).toBeHidden();
	await first.emulateMedia({ media: 'screen' });

	// The second till has heard of the shop's rule, then it is alone, and sells.
	await expect(second.getByRole('button', { name: 'Open a shift' })).toBeVisible();
	await goTo(second, 'Sync');
	await second.getByRole('button', { name: 'Work alone' }).click();
	await goTo(second, 'Sell');
	await second.getByRole('button', { name: 'Open a shift' }).click();
	await dialog(second).getByRole('button', { name: 'Open with £50.00' }).click();
	await sell(second, CROISSANT);

	// The next shift, right to the coin; the second Z goes on where the first one ended.
	await first.getByRole('button', { name: 'Open with £50.00' }).click();
	await sell(first, CROISSANT);
	await goTo(first, 'Shift');
	await count(first, { '£50.00': '1', '£1.00': '1', '£0.20': '1' });
	await expect(dialog(first)).toContainText('right to the last coin');
	await dialog(first).getByRole('button', { name: 'Go on' }).click();
	await first.getByRole('button', { name: 'Close Z 2' }).click();
	await dialog(first).getByRole('button', { name: 'Close and print' }).click();
	await expect(sheet(first)).toContainText('Z report 2');
	await expect(sheet(first)).toContainText(/Grand total of Z 2\s*£1\.20/);
	await expect(sheet(first)).toContainText(/Perpetual total, sales\s*£2\.40/);

	// A Z that is printed again says so.
	await tab(first, 'Earlier');
	await first.getByRole('button', { name: /^Print Z 1 of/ }).click();
	await expect(sheet(first)).toContainText('COPY');
	await expect(sheet(first)).toContainText('Z report 1');

	await tab(first, 'The day');
	await first.getByRole('button', { name: 'Print', exact: true }).click();
	await expect(sheet(first)).toContainText('Day report');
	await expect(first.getByRole('region', { name: 'All tills' })).toContainText('£2.40');

	// What the second till sold meanwhile counts, and is listed as an addition.
	await goTo(second, 'Sync');
	await second.getByRole('button', { name: 'Reconnect' }).click();
	const late = first.getByRole('region', { name: 'Came after the last report' });
	await expect(late).toContainText('T2-000001');
	await expect(first.getByRole('region', { name: 'All tills' })).toContainText('£3.60');
	await first.getByRole('button', { name: 'Print', exact: true }).click();
	await expect(late).toHaveCount(0);
});
