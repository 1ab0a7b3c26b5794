/** The screens that the gallery shows: where, and what a person does there before the picture is taken. */
import type { Page } from 'playwright';

export interface Scene {
	readonly name: string;
	readonly path: string;
	readonly act?: (page: Page) => Promise<void>;
}

const press = async (page: Page, name: string): Promise<void> => {
	await page.getByRole('button', { name }).first().click({ timeout: 3000 });
};

/** Some lines in the cart, by searching as a cashier does. */
export async function fillCart(page: Page): Promise<void> {
	for (const text of ['sourdough', 'BAK-009', 'BAK-009', 'hot cross']) {
		await page.getByRole('searchbox').fill(text);
		await page.waitForTimeout(80);
		await page.getByRole('searchbox').press('Enter');
		await page.waitForTimeout(50);
	}
}

/** As after the choice of the language in Settings. */
const inArabic = async (page: Page): Promise<void> => {
	await page.evaluate(() => {
		localStorage.setItem('holdfast-appearance', JSON.stringify({ language: 'ar' }));
	});
	await page.reload();
	await page.locator('html[dir=rtl] main').waitFor();
};

const editLine = async (page: Page): Promise<void> => {
	await fillCart(page);
	// On a phone the lines are folded away.
	const fold = page.locator('button.fold');
	if (await fold.isVisible()) await fold.click();
	await press(page, 'Edit');
	await page.getByRole('dialog').getByLabel('Discount').fill('10%');
	await page.getByRole('dialog').getByRole('button', { name: 'Short date' }).click();
};

const showRecoveryCode = async (page: Page): Promise<void> => {
	await press(page, 'Show the recovery code');
	await page.getByRole('dialog').getByRole('img').waitFor();
};

const wrongPin = async (page: Page): Promise<void> => {
	await press(page, 'Cas Whitby');
	await page.getByLabel('PIN of Cas Whitby').fill('4321');
	// Under the lock other buttons say so, too.
	await page.getByRole('button', { name: 'Open', exact: true }).click();
	await page.getByRole('alert').filter({ hasText: 'not the PIN' }).waitFor();
};

const askForApproval = async (page: Page): Promise<void> => {
	await editLine(page);
	await press(page, 'Change the line');
	await press(page, 'Mia Kerr');
};

const paid = async (page: Page): Promise<void> => {
	await fillCart(page);
	await press(page, 'Exact cash');
	await page.getByText('Paid').first().waitFor({ timeout: 3000 });
};

/** The shift of the gallery's till is open, and something was moved. */
const openShift = async (page: Page): Promise<void> => {
	await page.getByRole('button', { name: 'Open with £50.00' }).click();
	await press(page, 'Cash drop');
	await page.getByRole('dialog').getByLabel('Amount').fill('20');
	await page.getByRole('dialog').getByRole('button', { name: 'To the safe' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Record it' }).click();
	await page.getByRole('dialog').waitFor({ state: 'detached' });
};

const countDrawer = async (page: Page): Promise<void> => {
	await openShift(page);
	await press(page, 'Count and close');
	for (const [value, count] of [
		['£20.00', '1'],
		['£5.00', '1'],
		['£1.00', '4'],
		['£0.20', '3'],
	] as const)
		await page.getByRole('dialog').getByLabel(value).fill(count);
};

const tab =
	(name: string) =>
	(page: Page): Promise<void> =>
		page.getByRole('group', { name: 'What to look at' }).getByRole('button', { name }).click();
const countSome = async (page: Page): Promise<void> => {
	await press(page, 'Open a stock take');
	await page.getByRole('dialog').getByRole('button', { name: 'Begin to count' }).click();
	const search = page.getByRole('searchbox');
	for (const code of ['BAK-005', 'BAK-005', 'BAK-009']) {
		await search.fill(code);
		await search.press('Enter');
	}
	await page.getByRole('button', { name: 'Done' }).waitFor();
};

const addSupplier = async (page: Page): Promise<void> => {
	await press(page, 'Suppliers');
	await press(page, 'Add supplier');
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Name').fill('Green Dairy');
	await dialog.getByLabel('E-mail').fill('orders@green.example');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await dialog.waitFor({ state: 'detached' });
	await page.getByText('Green Dairy').first().waitFor();
};

const placeOrder = async (page: Page): Promise<void> => {
	await addSupplier(page);
	await press(page, 'Back');
	await press(page, 'New order');
	await press(page, 'Write the order');
	const search = page.getByRole('searchbox');
	await search.fill('BAK-005');
	await search.press('Enter');
	await page.getByRole('textbox', { name: /^Quantity/ }).fill('12');
	await press(page, 'Place the order');
	await page.getByRole('button', { name: 'Receive' }).waitFor();
};

const askForReport = async (page: Page): Promise<void> => {
	await press(page, 'Ask for it');
	await press(page, 'Mia Kerr');
};

const ofWeek = async (page: Page): Promise<void> => {
	await press(page, 'Week');
	await page.getByRole('heading', { name: 'By day' }).waitFor();
	await page.getByText('Show the figures').click();
};

const ofProduct = async (page: Page): Promise<void> => {
	await page
		.getByRole('button', { name: /^Only / })
		.first()
		.click();
	await page.getByRole('button', { name: 'Show everything' }).waitFor();
};

const ofTakings = async (page: Page): Promise<void> => {
	await page.getByRole('heading', { name: 'By hour' }).waitFor();
	await page.getByText('Sourdough loaf').waitFor();
};

/** Three bottles by tapping, twelve jars by typing. */
const countEmpties = async (page: Page): Promise<void> => {
	await page.getByRole('searchbox').waitFor();
	await page.keyboard.press('F2');
	const bottle = page.getByRole('dialog').getByRole('button', { name: /^Bottle/ });
	for (let tap = 0; tap < 3; tap += 1) await bottle.click();
	await bottle.focus();
	await page.keyboard.press('ArrowDown');
	await page.keyboard.type('12');
	await page.getByRole('button', { name: 'Give back £3.45' }).waitFor();
};

/** A cashier takes goods back without a receipt, which somebody else has to allow. */
export const returnWithoutReceipt = async (page: Page): Promise<void> => {
	await press(page, 'Return without receipt');
	const desk = page.getByRole('dialog');
	const find = desk.getByLabel('Find what comes back');
	await find.fill('BAK-009');
	await find.press('Enter');
	await desk.getByLabel('Reason').fill('went stale on the way home');
	await desk.getByRole('button', { name: /^Give/ }).click();
	await page.getByRole('dialog').filter({ hasText: 'Mia Kerr' }).waitFor();
};

const writeOrderChange = async (page: Page): Promise<void> => {
	await placeOrder(page);
	await page.getByRole('button', { name: 'Change', exact: true }).click();
	const search = page.getByRole('searchbox');
	await search.fill('BAK-009');
	await search.press('Enter');
	await page
		.getByRole('textbox', { name: /^Quantity/ })
		.first()
		.fill('24');
};

const countBlind = async (page: Page): Promise<void> => {
	await press(page, 'Open a stock take');
	await page.getByRole('dialog').getByLabel('Count blind').check();
	await page.getByRole('dialog').getByRole('button', { name: 'Begin to count' }).click();
	const search = page.getByRole('searchbox');
	await search.fill('BAK-005');
	await search.press('Enter');
	await press(page, 'Done');
	await page.getByRole('tab', { name: 'Differences' }).click();
};

export const SCENES: readonly Scene[] = [
	{ name: 'reports', path: '/reports' },
	{ name: 'reports-week', path: '/reports', act: ofWeek },
	{ name: 'reports-product', path: '/reports', act: ofProduct },
	{ name: 'reports-empty', path: '/reports?till=empty' },
	{ name: 'reports-not-yours', path: '/reports?till=staff', act: askForReport },
	{ name: 'setup', path: '/sell?till=unclaimed' },
	{ name: 'setup-away', path: '/sell?till=unclaimed-away' },
	{ name: 'setup-new', path: '/sell?till=unclaimed', act: (page) => press(page, 'Open a new shop') },
	{ name: 'setup-join', path: '/sell?till=claimed' },
	{ name: 'setup-no-hub', path: '/sell?till=no-hub' },
	{
		name: 'setup-code-refused',
		path: '/sell?till=no-hub',
		async act(page) {
			await page.getByLabel('Setup code').fill('holdfast:1/K7QM-42XR');
			await press(page, 'Join by setup code');
			await page.getByText('When this cannot work').click();
		},
	},
	{
		name: 'setup-get-back',
		path: '/sell?till=unclaimed',
		async act(page) {
			await press(page, 'Bring back a lost shop');
			await page.getByLabel('Recovery code').fill('23456 7');
			await press(page, 'Bring the shop back');
			await page.getByRole('alert').waitFor();
		},
	},
	{
		name: 'setup-branch',
		path: '/sell?till=unclaimed',
		async act(page) {
			await press(page, 'A branch of a shop');
			await page.getByText('Without a relay').click();
		},
	},
	{
		name: 'branch-refused',
		path: '/settings',
		async act(page) {
			await press(page, 'Open a branch');
			await page.getByLabel('Name of the branch').fill('Harbour');
			await page.getByLabel('Code that the new hub shows').fill('AAAA-AAAA-AAAA');
			await press(page, 'Open the branch');
			await page.getByRole('alert').waitFor();
		},
	},
	{
		name: 'branch-opened',
		path: '/settings',
		async act(page) {
			await press(page, 'Open a branch');
			await page.getByLabel('Name of the branch').fill('Harbour');
			await page.getByLabel('Code that the new hub shows').fill('K7QM-42XR-9BCD');
			await press(page, 'Open the branch');
			await page.getByText('Harbour is open').waitFor();
		},
	},
	{ name: 'removed', path: '/sell?till=removed' },
	{ name: 'recovery-notice', path: '/sell?till=recovery' },
	{ name: 'recovery-code', path: '/settings?till=recovery', act: showRecoveryCode },
	{
		name: 'recovery-typed-back',
		path: '/settings?till=recovery',
		async act(page) {
			await showRecoveryCode(page);
			await press(page, 'It is on paper');
			await page.getByRole('dialog').getByRole('textbox').fill('QQQQQQ');
			await page.getByRole('dialog').getByRole('button', { name: 'That is it' }).click();
			await page.getByRole('dialog').getByRole('alert').waitFor();
		},
	},
	{ name: 'recovery-file', path: '/settings?till=recovery', act: (page) => press(page, 'Save a recovery file') },
	{ name: 'recovery-saved', path: '/settings?till=recovery-saved' },
	{ name: 'settings-setup-code', path: '/settings', act: (page) => press(page, 'Show the setup code') },
	{ name: 'settings-hub-by-code', path: '/settings?till=by-code' },
	{ name: 'insecure', path: '/sell?till=insecure' },
	{ name: 'second-tab', path: '/sell?till=second-tab' },
	{ name: 'sell', path: '/sell' },
	{ name: 'sell-cart', path: '/sell', act: fillCart },
	{
		name: 'sell-keys',
		path: '/sell',
		async act(page) {
			await page.getByRole('searchbox').waitFor();
			await page.keyboard.press('?');
			await page.getByRole('dialog').waitFor();
		},
	},
	{ name: 'tour', path: '/sell?till=newcomer' },
	{
		name: 'tour-last',
		path: '/sell?till=newcomer',
		async act(page) {
			await fillCart(page);
			await press(page, 'Next');
			await press(page, 'Next');
		},
	},
	{ name: 'tour-arabic', path: '/sell?till=newcomer', act: inArabic },
	{ name: 'sell-nothing', path: '/sell?till=empty' },
	{
		name: 'sell-unknown',
		path: '/sell',
		async act(page) {
			await fillCart(page);
			await page.getByRole('searchbox').fill('4006381333931');
			await page.getByRole('searchbox').press('Enter');
		},
	},
	{
		name: 'sell-age',
		path: '/sell',
		async act(page) {
			await page.getByRole('searchbox').fill('ginger beer');
			await page.getByRole('button', { name: /^Ginger beer/ }).click();
			await page.getByRole('dialog').waitFor();
		},
	},
	{
		name: 'sell-arrange',
		path: '/sell',
		async act(page) {
			await press(page, 'Arrange');
			await page.getByRole('dialog').waitFor();
		},
	},
	{
		name: 'products-extras',
		path: '/products',
		async act(page) {
			await press(page, 'Add product');
			await page.getByText('Age, deposit, packs and kinds').click();
		},
	},
	{
		name: 'sell-open-item',
		path: '/sell',
		async act(page) {
			await page.getByRole('searchbox').waitFor();
			await page.keyboard.press('F4');
			await page.getByRole('dialog').waitFor();
		},
	},
	{
		name: 'sell-weigh',
		path: '/sell',
		async act(page) {
			await page.getByRole('searchbox').fill('bananas');
			await page.getByRole('button', { name: /^Bananas/ }).click();
		},
	},
	{
		name: 'sell-pay',
		path: '/sell',
		async act(page) {
			await fillCart(page);
			await press(page, 'Pay');
		},
	},
	{
		name: 'sell-pay-terminal',
		path: '/sell',
		async act(page) {
			await fillCart(page);
			await page.keyboard.press('F8');
			await page.getByText('Paid on the terminal').waitFor();
		},
	},
	{
		name: 'sell-pay-split',
		path: '/sell',
		async act(page) {
			await fillCart(page);
			await press(page, 'Pay');
			await page.getByLabel('Amount').fill('5');
			await press(page, 'Card £5.00');
			await press(page, 'Paid on the terminal');
			await page.getByText('Left to pay').waitFor();
		},
	},
	{
		name: 'sell-parked',
		path: '/sell',
		async act(page) {
			await fillCart(page);
			await page.keyboard.press('F7');
			await page.getByRole('dialog').waitFor();
		},
	},
	{ name: 'sell-edit', path: '/sell', act: editLine },
	{
		name: 'sell-discount',
		path: '/sell',
		async act(page) {
			await editLine(page);
			await press(page, 'Change the line');
			await press(page, 'Discount or note');
			await page.getByRole('dialog').getByLabel('Discount').fill('1');
			await page.getByRole('dialog').getByRole('button', { name: 'Goodwill' }).click();
			await press(page, 'Change the sale');
		},
	},
	{ name: 'lock', path: '/sell?till=staff-locked' },
	{ name: 'lock-pin', path: '/sell?till=staff-locked', act: wrongPin },
	{ name: 'people', path: '/people?till=staff-owner' },
	{ name: 'people-first', path: '/people' },
	{ name: 'people-add', path: '/people?till=staff-owner', act: (page) => press(page, 'Add a person') },
	{ name: 'shift-cashier', path: '/shift?till=staff-in' },
	{ name: 'approve', path: '/sell?till=staff-in', act: askForApproval },
	{
		name: 'sell-customer',
		path: '/sell',
		async act(page) {
			await fillCart(page);
			const fold = page.locator('button.fold');
			if (await fold.isVisible()) await fold.click();
			await press(page, 'Customer');
			await page.getByRole('dialog').getByRole('button', { name: 'Ada Lovelace' }).click();
			await page.getByText('£8.50 credit').first().waitFor();
		},
	},
	{ name: 'sell-paid', path: '/sell', act: paid },
	{ name: 'sell-shift-needed', path: '/sell?till=shifts', act: fillCart },
	{ name: 'shift', path: '/shift' },
	{ name: 'shift-open', path: '/shift', act: openShift },
	{ name: 'shift-count', path: '/shift', act: countDrawer },
	{
		name: 'shift-counted',
		path: '/shift',
		async act(page) {
			await countDrawer(page);
			await page.getByRole('dialog').getByRole('button', { name: 'That is all' }).click();
			await page.getByText('is missing').first().waitFor();
		},
	},
	{
		name: 'shift-z',
		path: '/shift',
		async act(page) {
			await page.getByRole('button', { name: 'Close Z 1' }).click();
			await page.getByRole('dialog').waitFor();
		},
	},
	{
		name: 'shift-unprinted',
		path: '/shift?till=no-paper',
		async act(page) {
			await press(page, 'Print X');
			await page.getByRole('alert').waitFor();
		},
	},
	{ name: 'shift-day', path: '/shift', act: tab('The day') },
	{
		name: 'shift-earlier',
		path: '/shift',
		async act(page) {
			await countDrawer(page);
			await page.getByRole('dialog').getByRole('button', { name: 'That is all' }).click();
			await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click();
			await tab('Earlier')(page);
		},
	},
	{ name: 'refund-without-receipt', path: '/sales', act: (page) => press(page, 'Return without receipt') },
	{
		name: 'refund-exchange',
		path: '/sales?receipt=T3-000038',
		async act(page) {
			await page.getByRole('button', { name: 'Refund', exact: true }).click();
			const desk = page.getByRole('dialog');
			await desk.getByRole('button', { name: 'Everything that is left' }).click();
			await desk.getByRole('button', { name: 'Take something else instead' }).click();
			await desk.getByLabel('Find what the customer takes').fill('BAK-009');
			await desk.getByLabel('Find what the customer takes').press('Enter');
			await desk.getByText(/^Comes back/).waitFor();
		},
	},
	{ name: 'refund-approval', path: '/sales?till=staff-in', act: returnWithoutReceipt },
	{ name: 'empties', path: '/sell?till=deposits', act: countEmpties },
	{
		name: 'empties-given',
		path: '/sell?till=deposits',
		async act(page) {
			await countEmpties(page);
			await page.keyboard.press('Enter');
			await page.getByText('Give the customer').waitFor();
		},
	},
	{
		name: 'empties-arabic',
		path: '/sell?till=deposits',
		async act(page) {
			await inArabic(page);
			await page.keyboard.press('F2');
			await page.getByRole('dialog').locator('.kind').first().click();
		},
	},
	{ name: 'customers', path: '/customers' },
	{ name: 'customers-one', path: '/customers', act: (page) => press(page, 'Ada Lovelace') },
	{ name: 'customers-new', path: '/customers', act: (page) => press(page, 'New customer') },
	{
		name: 'customers-forget',
		path: '/customers',
		async act(page) {
			await press(page, 'Grace Hopper');
			await press(page, 'Forget');
		},
	},
	{ name: 'customers-none', path: '/customers?till=empty' },
	{ name: 'training', path: '/sell?till=training', act: paid },
	{ name: 'sales', path: '/sales' },
	{ name: 'sales-one', path: '/sales', act: (page) => page.getByText('T3-000038').first().click() },
	{ name: 'stock', path: '/stock' },
	{
		name: 'stock-one',
		path: '/stock',
		async act(page) {
			await page.getByText('Bag for life').first().click();
			await press(page, 'Receive');
		},
	},
	{ name: 'stock-counts', path: '/stock/counts' },
	{ name: 'stock-counting', path: '/stock/counts', act: countSome },
	{
		name: 'stock-differences',
		path: '/stock/counts',
		async act(page) {
			await countSome(page);
			await press(page, 'Done');
			await page.getByRole('tab', { name: /Differences/ }).click();
		},
	},
	{ name: 'stock-blind', path: '/stock/counts', act: countBlind },
	{
		name: 'stock-open-count',
		path: '/stock/counts',
		act: (page) => press(page, 'Open a stock take'),
	},
	{ name: 'stock-suppliers', path: '/stock/orders', act: addSupplier },
	{ name: 'stock-orders', path: '/stock/orders', act: placeOrder },
	{ name: 'stock-change-order', path: '/stock/orders', act: writeOrderChange },
	{
		name: 'stock-receive',
		path: '/stock/orders',
		async act(page) {
			await placeOrder(page);
			await press(page, 'Receive');
			await page.getByRole('textbox', { name: /^Counted/ }).fill('5');
		},
	},
	{ name: 'stock-transfers', path: '/stock/transfers' },
	{ name: 'stock-low', path: '/stock/low' },
	{ name: 'products', path: '/products' },
	{ name: 'products-prices', path: '/products/prices' },
	{
		name: 'products-labels',
		path: '/products/labels',
		async act(page) {
			const search = page.getByRole('searchbox');
			await search.fill('BAK-005');
			await search.press('Enter');
		},
	},
	{ name: 'products-add', path: '/products', act: (page) => press(page, 'Add product') },
	{ name: 'sync', path: '/sync' },
	{ name: 'settings', path: '/settings' },
	{
		name: 'settings-journal-brought-in',
		path: '/settings',
		async act(page) {
			await page
				.locator('input[accept=".journal"]')
				.setInputFiles({ name: 'till-2.journal', mimeType: 'application/octet-stream', buffer: Buffer.from('a') });
			await page.getByText('K7PM-3QXD').scrollIntoViewIfNeeded();
		},
	},
	{
		name: 'settings-cannot-leave',
		path: '/settings?till=alone',
		async act(page) {
			await press(page, 'Leave this shop');
			const dialog = page.getByRole('dialog');
			await dialog.getByLabel('Code of the journal').fill('k7pm 3qxx');
			await dialog.getByRole('button', { name: 'Confirm the code' }).click();
			await dialog.getByText('No journal').waitFor();
		},
	},
	{
		name: 'sell-arabic',
		path: '/sell',
		async act(page) {
			await inArabic(page);
			await fillCart(page);
		},
	},
	{ name: 'sync-arabic', path: '/sync', act: inArabic },
	{ name: 'reports-arabic', path: '/reports', act: inArabic },
	{ name: 'owner-takings', path: '/owner', act: ofTakings },
	{
		name: 'owner-month',
		path: '/owner',
		async act(page) {
			await ofTakings(page);
			await press(page, 'Month');
			await page.getByLabel('Compared with').selectOption('Last year');
			await page.getByRole('heading', { name: 'By day' }).waitFor();
		},
	},
	{ name: 'owner-branches', path: '/owner/branches', act: (page) => page.getByText('Not linked').first().waitFor() },
	{
		name: 'owner-stock',
		path: '/owner/stock',
		async act(page) {
			await page.getByLabel('Find a product').fill('olive');
			await page.getByRole('button', { name: 'Where Olive oil 75 cl lies' }).click();
			await page.getByRole('dialog').getByText('Station Road').waitFor();
		},
	},
	{ name: 'owner-z', path: '/owner/z', act: (page) => page.getByText('differs from the entries').first().waitFor() },
	{ name: 'owner-audit', path: '/owner/audit', act: (page) => page.getByText('put aside').waitFor() },
	{
		name: 'owner-sign-in',
		path: '/owner?owner=wrong',
		async act(page) {
			await page.getByLabel('Code').fill('K7QM-42XR-9F4T');
			await page.getByLabel('Code').press('Enter');
			await page.getByText('That code is not right').waitFor();
		},
	},
	{ name: 'owner-away', path: '/owner?owner=away', act: (page) => page.getByText('The relay does not answer').waitFor() },
	{ name: 'owner-no-branch', path: '/owner?owner=empty', act: (page) => page.getByText('No branch has come yet').waitFor() },
	{
		name: 'owner-arabic',
		path: '/owner',
		async act(page) {
			await ofTakings(page);
			await inArabic(page);
			await page.locator('svg[role=img]').waitFor();
		},
	},
];
