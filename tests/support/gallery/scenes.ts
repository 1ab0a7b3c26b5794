/** The screens that the gallery shows: where, and what a person does there before the picture is taken. */
import type { Locator, Page } from 'playwright';

export interface Scene {
	readonly name: string;
	readonly path: string;
	/** Done on a till or on a phone alike: what only a phone folds away is unfolded on both. */
	readonly act?: Step;
}

/** What a till's screen has, and a phone's: CSS pixels. */
export const TILL = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

type Step = (page: Page) => Promise<void>;

const all =
	(...steps: readonly Step[]): Step =>
	async (page) => {
		for (const step of steps) await step(page);
	};

const press =
	(name: string | RegExp): Step =>
	(page) =>
		page.getByRole('button', { name }).first().click();

const pressExactly =
	(name: string): Step =>
	(page) =>
		page.getByRole('button', { name, exact: true }).click();

const touch =
	(text: string): Step =>
	(page) =>
		page.getByText(text).first().click();

const write =
	(label: string, text: string): Step =>
	(page) =>
		page.getByLabel(label).fill(text);

/** A button of the dialog that is open. */
const answer =
	(name: string | RegExp): Step =>
	(page) =>
		page.getByRole('dialog').getByRole('button', { name }).click();

const writeInDialog =
	(label: string, text: string): Step =>
	(page) =>
		page.getByRole('dialog').getByLabel(label).fill(text);

/** Into the search, and Enter: one code after another. */
const enter =
	(...codes: readonly string[]): Step =>
	async (page) => {
		const search = page.getByRole('searchbox');
		for (const code of codes) {
			await search.fill(code);
			await search.press('Enter');
		}
	};

/** A key of the sell screen, which hears it once its search is there. */
const key =
	(name: string): Step =>
	async (page) => {
		await page.getByRole('searchbox').waitFor();
		await page.keyboard.press(name);
	};

const quantities =
	(name: RegExp, text: string): Step =>
	(page) =>
		page.getByRole('textbox', { name }).first().fill(text);

const see =
	(text: string | RegExp): Step =>
	(page) =>
		page.getByText(text).first().waitFor();

const seeHeading =
	(name: string): Step =>
	(page) =>
		page.getByRole('heading', { name }).waitFor();

const seeButton =
	(name: string): Step =>
	(page) =>
		page.getByRole('button', { name }).waitFor();

const seeDialog: Step = (page) => page.getByRole('dialog').waitFor();
const seeNoDialog: Step = (page) => page.getByRole('dialog').waitFor({ state: 'detached' });
const seeAlert: Step = (page) => page.getByRole('alert').first().waitFor();

/** Some lines in the cart, by searching as a cashier does. */
export async function fillCart(page: Page): Promise<void> {
	for (const text of ['sourdough', 'BAK-009', 'BAK-009', 'hot cross']) {
		await enter(text)(page);
		// What is in the cart has left the search.
		await page.getByRole('searchbox').and(page.locator(':placeholder-shown')).waitFor();
	}
}

const seeTotal: Step = (page) => page.getByRole('status').filter({ hasText: '7.25' }).waitFor();

/** Another window of the till sells, for what the customer's screen shows of it. */
const sellBeside =
	(step: Step, shown: Step): Step =>
	async (page) => {
		const till = await page.context().newPage();
		await till.goto(new URL('/sell', page.url()).href);
		await step(till);
		await shown(page);
		await till.close();
	};

/** What a camera sees, where the machine has none. */
const lendCamera: Step = (page) =>
	page.evaluate(() => {
		const canvas = document.createElement('canvas');
		const pen = canvas.getContext('2d');
		setInterval(() => pen?.fillRect(0, 0, canvas.width, canvas.height), 100);
		navigator.mediaDevices.getUserMedia = () => Promise.resolve(canvas.captureStream());
	});

const caseOf = (page: Page, title: string): Locator => page.locator('.case').filter({ hasText: title });

const openCase =
	(title: string): Step =>
	(page) =>
		caseOf(page, title).locator('.head').click();

const settle =
	(title: string, choice: RegExp, says: RegExp): Step =>
	async (page) => {
		await caseOf(page, title).getByRole('button', { name: choice }).first().click();
		await page.getByRole('status').filter({ hasText: says }).waitFor();
	};

const STILL_AWAY = 'Still on their way';
const WRITTEN_TWICE = 'One customer, written down twice';
const TWO_HISTORIES = 'One till, two histories';

const BAD_ROWS = ['sku,name,price,unit', 'A-1,Apples,1.20,kg', 'A-2,Pears,much,kg', ',Plums,2.00,kg', 'A-4,Grapes,3.10,bunch', ''].join('\n');

const importBadRows = all(
	press('Import CSV'),
	(page) =>
		page
			.getByRole('dialog')
			.locator('input[type=file]')
			.setInputFiles({ name: 'fruit.csv', mimeType: 'text/csv', buffer: Buffer.from(BAD_ROWS) }),
	see('can be imported'),
);

/** What comes back is broken, and lies beside the shelf. */
const takeBackBroken = all(
	pressExactly('Refund'),
	answer('Everything that is left'),
	async (page) => {
		for (const box of await page.getByRole('dialog').getByRole('checkbox').all()) await box.uncheck();
	},
	answer(/^Give/),
	seeNoDialog,
);

/** On a phone the lines are folded away. */
const unfoldCart: Step = (page) => page.locator('button.fold').dispatchEvent('click');

/** As after the choice of the language in Settings. */
const inArabic: Step = async (page) => {
	await page.evaluate(() => {
		localStorage.setItem('holdfast-appearance', JSON.stringify({ language: 'ar' }));
	});
	await page.reload();
	await page.locator('html[dir=rtl] main').waitFor();
};

const editLine = all(fillCart, unfoldCart, press('Edit'), writeInDialog('Discount', '10%'), answer('Short date'));
const askForApproval = all(editLine, press('Change the line'), press('Mia Kerr'));
const pay = all(fillCart, press('Pay'));
const paid = all(fillCart, press('Exact cash'), see('Paid'));

const bringJournal: Step = (page) =>
	page.locator('input[accept=".journal"]').setInputFiles({ name: 'till-2.journal', mimeType: 'application/octet-stream', buffer: Buffer.from('a') });

const bringCustomers: Step = (page) =>
	page.locator('input[accept^=".csv"]').setInputFiles({
		...{ name: 'customers.csv', mimeType: 'text/csv' },
		buffer: Buffer.from('name,phone,email\nEdith Clarke,+442079460123,edith@tide.example\nNobody,,at home\n,,\nMary,+442079460123,\n'),
	});

const showRecoveryCode = all(press('Show the recovery code'), (page) => page.getByRole('dialog').getByRole('img').waitFor());

const openBranch = (code: string): Step =>
	all(press('Open a branch'), write('Name of the branch', 'Harbour'), write('Code that the new hub shows', code), press('Open the branch'));

const wrongPin = all(
	press('Cas Whitby'),
	write('PIN of Cas Whitby', '4321'),
	// Under the lock other buttons say so, too.
	pressExactly('Open'),
	(page) => page.getByRole('alert').filter({ hasText: 'not the PIN' }).waitFor(),
);

const stopOffering = all(press('Butter croissant'), answer('Stop offering it'), seeNoDialog);

/** The shift of the gallery's till is open, and something was moved. */
const openShift = all(
	press('Open with £50.00'),
	press('Cash drop'),
	writeInDialog('Amount', '20'),
	answer('To the safe'),
	answer('Record it'),
	seeNoDialog,
);

const countDrawer = all(
	openShift,
	press('Count and close'),
	writeInDialog('£20.00', '1'),
	writeInDialog('£5.00', '1'),
	writeInDialog('£1.00', '4'),
	writeInDialog('£0.20', '3'),
);

const tab =
	(name: string): Step =>
	(page) =>
		page.getByRole('group', { name: 'What to look at' }).getByRole('button', { name }).click();

const differences: Step = (page) => page.getByRole('tab', { name: 'Differences' }).click();
const countSome = all(press('Open a stock take'), answer('Begin to count'), enter('BAK-005', 'BAK-005', 'BAK-009'), seeButton('Done'));
const countBlind = all(
	press('Open a stock take'),
	(page) => page.getByRole('dialog').getByLabel('Count blind').check(),
	answer('Begin to count'),
	enter('BAK-005'),
	press('Done'),
	differences,
);

const addSupplier = all(
	press('Suppliers'),
	press('Add supplier'),
	writeInDialog('Name', 'Green Dairy'),
	writeInDialog('E-mail', 'orders@green.example'),
	answer('Save'),
	seeNoDialog,
	see('Green Dairy'),
);

const BAD_PRICES = ['sku,code,case,cost', 'BAK-005,GD-5,12,0.85', 'BAK-009,GD-9,a dozen,0.60', 'NOT-HERE,GD-7,6,2.10', ''].join('\n');

export const readPrices = (text: string): Step =>
	all((page) => page.locator('input[type=file]').setInputFiles({ name: 'prices.csv', mimeType: 'text/csv', buffer: Buffer.from(text) }));

export const addSupplies = all(addSupplier, press('Products of Green Dairy'), readPrices(BAD_PRICES), see('products read'));

const placeOrder = all(
	addSupplier,
	press('Back'),
	press('New order'),
	press('Write the order'),
	enter('BAK-005'),
	quantities(/^Quantity/, '12'),
	press('Place the order'),
	seeButton('Receive'),
);

const writeOrderChange = all(placeOrder, pressExactly('Change'), enter('BAK-009'), quantities(/^Quantity/, '24'));

const ofTakings = all(seeHeading('By hour'), see('Sourdough loaf'));

/** Three bottles by tapping, twelve jars by typing. */
const countEmpties = all(
	key('F2'),
	async (page) => {
		const bottle = page.getByRole('dialog').getByRole('button', { name: /^Bottle/ });
		for (let tap = 0; tap < 3; tap += 1) await bottle.click();
		await bottle.focus();
		await page.keyboard.press('ArrowDown');
		await page.keyboard.type('12');
	},
	seeButton('Give back £3.45'),
);

/** A cashier takes goods back without a receipt, which somebody else has to allow. */
export const returnWithoutReceipt = all(
	press('Return without receipt'),
	async (page) => {
		const find = page.getByRole('dialog').getByLabel('Find what comes back');
		await find.fill('BAK-009');
		await find.press('Enter');
	},
	writeInDialog('Reason', 'went stale on the way home'),
	answer(/^Give/),
	(page) => page.getByRole('dialog').filter({ hasText: 'Mia Kerr' }).waitFor(),
);

export const SCENES: readonly Scene[] = [
	{ name: 'reports', path: '/reports' },
	{ name: 'reports-week', path: '/reports', act: all(press('Week'), seeHeading('By day'), touch('Show the figures')) },
	{ name: 'reports-product', path: '/reports', act: all(press(/^Only /), seeButton('Show everything')) },
	{ name: 'reports-empty', path: '/reports?till=empty' },
	{ name: 'reports-not-yours', path: '/reports?till=staff', act: all(press('Ask for it'), press('Mia Kerr')) },
	{ name: 'setup', path: '/sell?till=unclaimed' },
	{ name: 'setup-away', path: '/sell?till=unclaimed-away' },
	{ name: 'setup-new', path: '/sell?till=unclaimed', act: press('Open a new shop') },
	{ name: 'setup-join', path: '/sell?till=claimed' },
	{
		name: 'setup-journal',
		path: '/sell?till=claimed',
		act: all(press('Bring in a journal'), bringJournal, see('Confirmation code')),
	},
	{ name: 'setup-no-hub', path: '/sell?till=no-hub' },
	{
		name: 'setup-code-refused',
		path: '/sell?till=no-hub',
		act: all(write('Setup code', 'holdfast:1/K7QM-42XR'), press('Join by setup code'), touch('When this cannot work')),
	},
	{
		name: 'setup-get-back',
		path: '/sell?till=unclaimed',
		act: all(press('Bring back a lost shop'), write('Recovery code', '23456 7'), press('Bring the shop back'), seeAlert),
	},
	{ name: 'setup-branch', path: '/sell?till=unclaimed', act: all(press('A branch of a shop'), touch('Without a relay')) },
	{ name: 'branch-refused', path: '/settings', act: all(openBranch('AAAA-AAAA-AAAA'), seeAlert) },
	{ name: 'branch-opened', path: '/settings', act: all(openBranch('K7QM-42XR-9BCD'), see('Harbour is open')) },
	{ name: 'removed', path: '/sell?till=removed' },
	{ name: 'suspended', path: '/sell?till=suspended' },
	{ name: 'keys-given-up', path: '/sell?till=keys-given-up' },
	{ name: 'recovery-notice', path: '/sell?till=recovery' },
	{ name: 'recovery-code', path: '/settings?till=recovery', act: showRecoveryCode },
	{
		name: 'recovery-typed-back',
		path: '/settings?till=recovery',
		act: all(
			showRecoveryCode,
			press('It is on paper'),
			(page) => page.getByRole('dialog').getByRole('textbox').fill('QQQQQQ'),
			answer('That is it'),
			(page) => page.getByRole('dialog').getByRole('alert').waitFor(),
		),
	},
	{ name: 'recovery-file', path: '/settings?till=recovery', act: press('Save a recovery file') },
	{ name: 'recovery-saved', path: '/settings?till=recovery-saved' },
	{ name: 'settings-setup-code', path: '/settings', act: press('Show the setup code') },
	{ name: 'settings-managers-code', path: '/settings', act: all(press('Show the setup code'), answer('A manager’s till'), see('K7QM-42XR')) },
	{ name: 'settings-hub-by-code', path: '/settings?till=by-code' },
	{ name: 'insecure', path: '/sell?till=insecure' },
	{ name: 'second-tab', path: '/sell?till=second-tab' },
	{ name: 'sell', path: '/sell' },
	{ name: 'sell-cart', path: '/sell', act: fillCart },
	{ name: 'sell-keys', path: '/sell', act: all(key('?'), seeDialog) },
	{ name: 'tour', path: '/sell?till=newcomer' },
	{ name: 'tour-last', path: '/sell?till=newcomer', act: all(fillCart, press('Next'), press('Next')) },
	{ name: 'tour-arabic', path: '/sell?till=newcomer', act: inArabic },
	{ name: 'sell-nothing', path: '/sell?till=empty' },
	{ name: 'sell-unknown', path: '/sell', act: all(fillCart, enter('4006381333931'), seeDialog) },
	{ name: 'sell-age', path: '/sell', act: all((page) => page.getByRole('searchbox').fill('ginger beer'), press(/^Ginger beer/), seeDialog) },
	{ name: 'sell-arrange', path: '/sell', act: all(press('Arrange'), seeDialog) },
	{ name: 'products-extras', path: '/products', act: all(press('Add product'), touch('Age, deposit, packs and kinds')) },
	{ name: 'sell-open-item', path: '/sell', act: all(key('F4'), seeDialog) },
	{ name: 'sell-weigh', path: '/sell', act: all((page) => page.getByRole('searchbox').fill('bananas'), press(/^Bananas/), seeDialog) },
	{ name: 'sell-pay', path: '/sell', act: pay },
	{ name: 'sell-pay-terminal', path: '/sell', act: all(fillCart, key('F8'), see('Paid on the terminal')) },
	{
		name: 'sell-pay-split',
		path: '/sell',
		act: all(pay, write('Amount', '5'), press('Card £5.00'), press('Paid on the terminal'), see('Left to pay')),
	},
	{ name: 'sell-parked', path: '/sell', act: all(fillCart, key('F7'), seeDialog) },
	{ name: 'sell-discard', path: '/sell', act: all(fillCart, unfoldCart, press('Discard the sale'), seeButton('Keep it')) },
	{ name: 'sell-parked-discard', path: '/sell', act: all(fillCart, key('F7'), answer('Discard the sale'), seeButton('Keep it')) },
	{ name: 'sell-edit', path: '/sell', act: editLine },
	{
		name: 'sell-discount',
		path: '/sell',
		act: all(
			editLine,
			press('Change the line'),
			press('Discount or note'),
			writeInDialog('Discount', '1'),
			answer('Goodwill'),
			press('Change the sale'),
			seeNoDialog,
		),
	},
	{ name: 'sell-which-product', path: '/sell?till=kinds', act: all(enter('4006381333931'), seeDialog) },
	{ name: 'sell-which-kind', path: '/sell?till=kinds', act: all(pressExactly('All'), press(/^Tote bag/), seeDialog) },
	{ name: 'sell-camera', path: '/sell', act: all(lendCamera, press('Camera'), see('Hold a code in front of it')) },
	{ name: 'sell-camera-none', path: '/sell', act: all(press('Camera'), seeAlert) },
	{
		name: 'sell-returned',
		path: '/sales?receipt=T3-000038',
		act: all(
			takeBackBroken,
			(page) => page.getByRole('link', { name: 'Sell', exact: true }).click(),
			press('Returned goods'),
			(page) => page.getByRole('dialog').getByRole('group', { name: 'Returned goods' }).getByRole('button').first().click(),
			writeInDialog('Price of one', '0.50'),
			answer('Damaged'),
		),
	},
	{ name: 'display', path: '/display', act: see('Welcome') },
	{ name: 'display-sale', path: '/display', act: sellBeside(fillCart, seeTotal) },
	{ name: 'display-paid', path: '/display', act: sellBeside(paid, see('Thank you')) },
	{ name: 'display-arabic', path: '/display', act: all(inArabic, sellBeside(fillCart, seeTotal)) },
	{ name: 'lock', path: '/sell?till=staff-locked' },
	{ name: 'lock-pin', path: '/sell?till=staff-locked', act: wrongPin },
	{ name: 'people', path: '/people?till=staff-owner' },
	{ name: 'people-first', path: '/people' },
	{ name: 'people-add', path: '/people?till=staff-owner', act: press('Add a person') },
	{ name: 'shift-cashier', path: '/shift?till=staff-in' },
	{ name: 'approve', path: '/sell?till=staff-in', act: askForApproval },
	{ name: 'sell-customer', path: '/sell', act: all(fillCart, unfoldCart, press('Customer'), answer('Ada Lovelace'), see('£8.50 credit')) },
	{ name: 'sell-paid', path: '/sell', act: paid },
	{ name: 'sell-shift-needed', path: '/sell?till=shifts', act: fillCart },
	{ name: 'shift', path: '/shift' },
	{ name: 'shift-open', path: '/shift', act: openShift },
	{ name: 'shift-count', path: '/shift', act: countDrawer },
	{ name: 'shift-counted', path: '/shift', act: all(countDrawer, answer('That is all'), see('is missing')) },
	{ name: 'shift-z', path: '/shift', act: all(press('Close Z 1'), seeDialog) },
	{ name: 'shift-unprinted', path: '/shift?till=no-paper', act: all(press('Print X'), seeAlert) },
	{ name: 'shift-day', path: '/shift', act: tab('The day') },
	{ name: 'shift-earlier', path: '/shift', act: all(countDrawer, answer('That is all'), answer('Go on'), tab('Earlier')) },
	{ name: 'refund-without-receipt', path: '/sales', act: press('Return without receipt') },
	{
		name: 'refund-exchange',
		path: '/sales?receipt=T3-000038',
		act: all(
			pressExactly('Refund'),
			answer('Everything that is left'),
			answer('Take something else instead'),
			see('Scan what the customer takes instead.'),
			async (page) => {
				await page.getByRole('searchbox', { name: 'Search or scan' }).fill('BAK-009');
				await page.keyboard.press('Enter');
			},
			see('Money goes back'),
			key('F9'),
			see('How does the rest go back?'),
		),
	},
	{ name: 'refund-approval', path: '/sales?till=staff-in', act: returnWithoutReceipt },
	{ name: 'empties', path: '/sell?till=deposits', act: countEmpties },
	{ name: 'empties-given', path: '/sell?till=deposits', act: all(countEmpties, (page) => page.keyboard.press('Enter'), see('Give the customer')) },
	{
		name: 'empties-arabic',
		path: '/sell?till=deposits',
		act: all(inArabic, key('F2'), (page) => page.getByRole('dialog').locator('.kind').first().click()),
	},
	{ name: 'customers', path: '/customers' },
	{ name: 'customers-one', path: '/customers', act: press('Ada Lovelace') },
	{ name: 'customers-new', path: '/customers', act: press('New customer') },
	{ name: 'customers-import', path: '/customers', act: all(press('Import CSV'), bringCustomers, see('Ready to import')) },
	{ name: 'customers-credit', path: '/customers', act: all(press('Ada Lovelace'), press('Give credit'), writeInDialog('Amount', '5')) },
	{ name: 'customers-forget', path: '/customers', act: all(press('Ada Lovelace'), press('Forget')) },
	{ name: 'customers-none', path: '/customers?till=empty' },
	{ name: 'training', path: '/sell?till=training', act: paid },
	{ name: 'sales', path: '/sales' },
	{ name: 'sales-one', path: '/sales', act: touch('T3-000038') },
	{ name: 'stock', path: '/stock' },
	{ name: 'stock-one', path: '/stock', act: all(touch('Bag for life'), press('Receive')) },
	{ name: 'stock-counts', path: '/stock/counts' },
	{ name: 'stock-counting', path: '/stock/counts', act: countSome },
	{ name: 'stock-differences', path: '/stock/counts', act: all(countSome, press('Done'), differences) },
	{ name: 'stock-blind', path: '/stock/counts', act: countBlind },
	{ name: 'stock-open-count', path: '/stock/counts', act: press('Open a stock take') },
	{ name: 'stock-suppliers', path: '/stock/orders', act: addSupplier },
	{ name: 'stock-supplies', path: '/stock/orders', act: addSupplies },
	{ name: 'stock-orders', path: '/stock/orders', act: placeOrder },
	{ name: 'stock-change-order', path: '/stock/orders', act: writeOrderChange },
	{ name: 'stock-receive', path: '/stock/orders', act: all(placeOrder, press('Receive'), quantities(/^Counted/, '5')) },
	{ name: 'stock-transfers', path: '/stock/transfers' },
	{ name: 'stock-low', path: '/stock/low' },
	{ name: 'products', path: '/products' },
	{ name: 'products-stopped', path: '/products', act: all(stopOffering, press('No longer offered'), see('Butter croissant')) },
	{
		name: 'products-offer-again',
		path: '/products',
		act: all(stopOffering, press('No longer offered'), press('Butter croissant'), seeDialog),
	},
	{ name: 'products-prices', path: '/products/prices' },
	{ name: 'products-branches', path: '/products?till=chain' },
	{ name: 'products-price-here', path: '/products?till=chain', act: all(press('Butter croissant'), see('Price here')) },
	{
		name: 'products-prices-branches',
		path: '/products/prices?till=chain',
		act: (page) => page.getByRole('cell', { name: 'Only in Harbour Street' }).waitFor(),
	},
	{ name: 'products-price-here-arabic', path: '/products?till=chain', act: all(inArabic, press('Butter croissant')) },
	{ name: 'products-labels', path: '/products/labels', act: enter('BAK-005') },
	{ name: 'products-add', path: '/products', act: press('Add product') },
	{ name: 'products-import', path: '/products', act: importBadRows },
	{ name: 'sync', path: '/sync' },
	{ name: 'sync-gap', path: '/sync?till=gap', act: all(openCase(STILL_AWAY), settle(STILL_AWAY, /^Ask again/, /^Asked every device/)) },
	{ name: 'sync-gap-lost', path: '/sync?till=gap', act: all(openCase(STILL_AWAY), settle(STILL_AWAY, /^Declare lost/, /^Settled/)) },
	{ name: 'sync-forked', path: '/sync?till=forked', act: openCase(TWO_HISTORIES) },
	{
		name: 'sync-customers-twice',
		path: '/sync?till=customers-twice',
		act: all(openCase(WRITTEN_TWICE), see(/(Mary|M\.) Anning and (Mary|M\.) Anning/)),
	},
	{ name: 'sync-keys-twice', path: '/sync?till=keys-twice', act: openCase('Keys renewed twice') },
	{ name: 'sync-forked-kept', path: '/sync?till=forked', act: settle(TWO_HISTORIES, /keeps the till/, /^Settled/) },
	{ name: 'stood-down', path: '/sell?till=dropped' },
	{ name: 'sync-hub-away', path: '/sync?till=hub-away', act: see('3 of them so far on no other') },
	{
		name: 'sync-starting',
		path: '/sync?till=starting',
		act: (page) => page.getByRole('region', { name: 'Sales waiting' }).filter({ hasText: '–' }).waitFor(),
	},
	{ name: 'sync-alone', path: '/sync?till=alone' },
	{ name: 'sync-devices', path: '/sync', act: (page) => page.getByRole('region', { name: 'Devices' }).scrollIntoViewIfNeeded() },
	{ name: 'sync-full-day', path: '/sync?till=full-day', act: see('it has written as much as a day allows') },
	{ name: 'settings', path: '/settings' },
	{
		name: 'settings-journal-brought-in',
		path: '/settings',
		act: all(bringJournal, (page) => page.getByText('K7PM-3QXD').scrollIntoViewIfNeeded()),
	},
	{
		name: 'settings-new-keys',
		path: '/settings',
		act: all(press('Renew this device’s keys'), writeInDialog('Code of the hub', 'k7qm 42xq'), answer('Renew the keys'), see('That is not the code')),
	},
	{
		name: 'settings-new-keys-asked',
		path: '/settings',
		act: all(press('Renew this device’s keys'), answer('Ask at a manager’s till'), see('482 913')),
	},
	{
		name: 'settings-keys-wait',
		path: '/settings?till=keys-wait',
		act: (page) => page.getByRole('region', { name: /asks for new keys$/ }).scrollIntoViewIfNeeded(),
	},
	{
		name: 'settings-cannot-leave',
		path: '/settings?till=alone',
		act: all(press('Leave this shop'), writeInDialog('Code of the journal', 'k7pm 3qxx'), answer('Confirm the code'), see('No journal')),
	},
	{ name: 'sell-arabic', path: '/sell', act: all(inArabic, fillCart) },
	{ name: 'sync-arabic', path: '/sync', act: inArabic },
	{ name: 'sync-hub-away-arabic', path: '/sync?till=hub-away', act: inArabic },
	{ name: 'reports-arabic', path: '/reports', act: inArabic },
	{ name: 'sales-arabic', path: '/sales?receipt=T3-000038', act: inArabic },
	{ name: 'people-arabic', path: '/people?till=staff-owner', act: inArabic },
	{ name: 'setup-arabic', path: '/sell?till=unclaimed', act: inArabic },
	...['shift', 'stock', 'products', 'customers', 'settings'].map((screen) => ({ name: `${screen}-arabic`, path: `/${screen}`, act: inArabic })),
	{ name: 'owner-takings', path: '/owner', act: ofTakings },
	{
		name: 'owner-month',
		path: '/owner',
		act: all(
			ofTakings,
			press('Month'),
			async (page) => {
				await page.getByLabel('Compared with').selectOption('Last year');
			},
			seeHeading('By day'),
		),
	},
	{ name: 'owner-branches', path: '/owner/branches', act: see('Not linked') },
	{
		name: 'owner-stock',
		path: '/owner/stock',
		act: all(write('Find a product', 'olive'), press('Where Olive oil 75 cl lies'), (page) =>
			page.getByRole('dialog').getByText('Station Road').waitFor(),
		),
	},
	{ name: 'owner-z', path: '/owner/z', act: see('differs from the entries') },
	{ name: 'owner-audit', path: '/owner/audit', act: see('put aside') },
	{
		name: 'owner-sign-in',
		path: '/owner?owner=wrong',
		act: all(write('Code', 'K7QM-42XR-9F4T'), (page) => page.getByLabel('Code').press('Enter'), see('That code is not right')),
	},
	{ name: 'owner-away', path: '/owner?owner=away', act: see('The relay does not answer') },
	{ name: 'owner-no-branch', path: '/owner?owner=empty', act: see('No branch has come yet') },
	{ name: 'owner-arabic', path: '/owner', act: all(ofTakings, inArabic, (page) => page.locator('svg[role=img]').waitFor()) },
];
