/**
 * A day on which everything goes wrong, in real Chromium with a real hub and a printer that is a real listener: a scanner that sends rubbish, PINs that are
 * forgotten, a printer that dies, a disk that fills up, a hub that comes and goes, a reload in the middle of a cart, and a second tab.
 * In the evening the drawer is right to the last coin, and the hub holds each receipt that said `Paid`, once and without a gap.
 */
import { join } from 'node:path';
import { expect, test, type Locator, type Page } from 'playwright/test';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { openSource } from '#server/ledger/sources.ts';
import { expectSafe } from '../support/at-the-counter.ts';
import { demoShop } from '../support/demo-shop.ts';
import { goTo } from '../support/go-to.ts';
import { handScan } from '../support/hand-scanner.ts';
import { setUpPrinter, switchOn, type Printer } from '../support/network-printer.ts';

const shop = demoShop({
	...{ name: 'bad-day', tills: 1 },
	// Else Chromium tells pages of room that is not there.
	flags: ['--disable-features=StaticStorageQuota'],
	// Nobody waits out a minute here: the till's clock can be told that it went by.
	prepare: (context) =>
		context.addInitScript(() => {
			const now = Date.now.bind(Date);
			Date.now = () => now() + ((globalThis as { aheadMs?: number }).aheadMs ?? 0);
		}),
});
let printer: Printer;

test.afterAll(async () => {
	await shop.close();
	await printer.switchOff();
});

const OWNER = 'Olga Marsh';
const PIN = '4711';
/** Butter croissant, £1.20, as it stands on its bag. */
const CROISSANT = '9520001000096';
const PRICE_MINOR = 120;
/** Fewer than the shop has croissants, with all others that are sold this day. */
const MOST_BEFORE_FULL = 12;
/** Longer than between two keys of the slowest scanner. */
const SCANNER_RESTS_MS = 100;
const VAULT_BUCKETS = ['holdfast-vault-a', 'holdfast-vault-b'];
/** In the ledger of nobody. */
const UNKNOWN = '4006381333931';

const cart = (page: Page): Locator => page.getByRole('region', { name: 'Cart' });
const lines = (page: Page): Locator => cart(page).getByRole('listitem');
const dialog = (page: Page): Locator => page.getByRole('dialog');
const search = (page: Page): Locator => page.getByRole('searchbox', { name: 'Search or scan' });
const lock = (page: Page): Locator => page.getByRole('dialog', { name: 'Who is at the till?' });

test('noise, wrong PINs, a dead printer, a full disk, a hub that flaps, a reload and a second tab: each receipt once, and the drawer is right', async () => {
	printer = await switchOn();
	let [page] = (await shop.open()) as [Page];
	const errors: string[] = [];
	page.context().on('weberror', (error) => errors.push(error.error().message));
	/** What each receipt that said `Paid` was. */
	const paid: string[] = [];

	async function pay(): Promise<void> {
		expect(await tryToPay()).toBe('paid');
	}

	async function tryToPay(): Promise<'paid' | 'no room'> {
		await page.getByRole('button', { name: 'Exact cash' }).click();
		const said = page.getByRole('status').filter({ hasText: /Paid T/ });
		const refused = page.getByRole('alert').filter({ hasText: 'storage is full, so nothing was recorded' });
		await expect(said.or(refused).first()).toBeVisible();
		if (await refused.isVisible()) return 'no room';
		paid.push(/T\d+-\d{6}/.exec(await said.innerText())?.[0] ?? '');
		return 'paid';
	}

	async function sell(): Promise<void> {
		await handScan(page, CROISSANT);
		await expect(lines(page)).toHaveCount(1);
		await pay();
	}

	// The morning: a printer, an owner with a PIN, a shift with fifty pounds in the drawer.
	await setUpPrinter(page, printer.port);
	await goTo(page, 'People');
	await page.getByRole('button', { name: 'Add the owner' }).click();
	await dialog(page).getByLabel('Name').fill(OWNER);
	await dialog(page).getByLabel('New PIN', { exact: true }).fill(PIN);
	await dialog(page).getByLabel('The same PIN again').fill(PIN);
	await expect(async () => {
		const add = dialog(page).getByRole('button', { name: 'Add the owner' });
		if (await add.isVisible()) await add.click({ timeout: 1_000 });
		await expect(dialog(page)).toHaveCount(0, { timeout: 2_000 });
	}).toPass({ timeout: 120_000 });
	await goTo(page, 'Shift');
	await page.getByRole('button', { name: 'Open with £50.00' }).click();
	await goTo(page, 'Sell');
	await expect(search(page)).toBeFocused();

	// The scanner: rubbish, half a code, keys of control, one code with two Enters. One croissant is in the cart, and nobody has paid.
	await handScan(page, '~$%&/()=?');
	await expect(page.getByRole('alert')).toContainText('Nothing is called');
	await page.keyboard.press('Escape');
	await handScan(page, CROISSANT.slice(0, 7));
	await leaveQuestion(page);
	await burst(page, ['Shift', 'Control', 'Alt', 'F8', 'F9', 'Delete', 'Insert', 'Control+]', 'Control+j', 'Enter', 'Enter', 'Escape']);
	await expect(lines(page)).toHaveCount(0);
	// What comes without a pause is one code.
	await page.waitForTimeout(SCANNER_RESTS_MS);
	await handScan(page, CROISSANT, 3);
	await expect(lines(page)).toHaveCount(1);
	// A code that nobody has asks what it is; what is scanned then waits, and is in no cart.
	await handScan(page, UNKNOWN);
	await expect(dialog(page)).toContainText(UNKNOWN);
	await handScan(page, CROISSANT);
	await expect(page.getByText('Answer the question first')).toBeVisible();
	await leaveQuestion(page);
	await expect(cart(page).locator('.total')).toContainText('£1.20');

	// The printer dies while it is asked: the sale stands. Mended, it opens the drawer, prints the first paper of it, and then a copy that says so.
	printer.isDying = true;
	await pay();
	await expect(cart(page).getByRole('alert').filter({ hasText: 'The printer does not answer' })).toContainText('The sale is recorded.');
	printer.isDying = false;
	await page.getByRole('button', { name: 'Print', exact: true }).click();
	expect(await printer.print(2)).not.toContain('COPY');
	await page.getByRole('button', { name: 'Print a copy' }).click();
	const copy = await printer.print(3);
	for (const words of [paid[0] ?? 'no number', 'COPY']) expect(copy).toContain(words);

	// Reloaded in the middle of a cart: nobody is at the till, and whoever guesses waits longer and longer.
	await handScan(page, CROISSANT);
	await expect(lines(page)).toHaveCount(1);
	await expect.poll(() => cartsKept(page)).toBe(1);
	await page.reload();
	await expect(lock(page)).toBeVisible();
	await page.getByRole('dialog').getByRole('button', { name: OWNER }).click();
	for (const [pin, answer] of [
		['1111', 'Try again'],
		['2222', 'Try again'],
		['3333', 'Wait 30 seconds'],
	] as const)
		await typePin(page, pin, answer);
	await typePin(page, PIN, 'Too many wrong PINs');
	await letPass(page, 31_000);
	await typePin(page, '5555', 'Wait 60 seconds');
	await letPass(page, 92_000);
	await typePin(page, PIN);
	await expect(lines(page)).toHaveCount(1);
	await pay();

	// The hub comes and goes while the till sells: killed, started, frozen, thawed; and the device itself loses its network.
	await shop.hub().kill();
	await sell();
	await shop.startHub();
	await sell();
	shop.hub().freeze();
	await sell();
	shop.hub().thaw();
	await page.context().setOffline(true);
	await sell();
	await page.context().setOffline(false);
	await sell();

	// The disk fills up: that is said early; what does not fit is refused before it is called paid, and sold once there is room.
	const devtools = await page.context().newCDPSession(page);
	const { origin } = new URL(page.url());
	const { usage = 0 } = await page.evaluate(() => navigator.storage.estimate());
	await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 3_000_000 });
	await handScan(page, CROISSANT);
	await expect.poll(() => cartsKept(page)).toBe(1);
	await comeBack(page);
	await expect(page.getByRole('status').filter({ hasText: 'there is room for only about' })).toBeVisible();
	await fillDisk(page);
	// A commit may make somewhat less of what lies there, so that one more fits.
	const before = paid.length;
	while (paid.length < before + MOST_BEFORE_FULL && (await tryToPay()) === 'paid') {
		await handScan(page, CROISSANT);
		await expect(lines(page)).toHaveCount(1);
		await fillDisk(page);
	}
	expect(paid.length).toBeLessThan(before + MOST_BEFORE_FULL);
	await emptyDisk(page);
	await devtools.send('Storage.overrideQuotaForOrigin', { origin });
	await pay();

	// A second tab sells only once it has taken over; the first one records nothing from then on.
	const second = await page.context().newPage();
	await second.goto(page.url());
	await expect(second.getByRole('heading', { name: 'This till is open in another tab' })).toBeVisible();
	await second.getByRole('button', { name: 'Take over' }).click();
	await expect(page.getByRole('heading', { name: 'This till is open in another tab' })).toBeVisible();
	await page.close();
	page = second;
	await page.bringToFront();
	await comeIn(page);
	await sell();

	// The evening. Fifty pounds and what was paid lie in the drawer, to the last coin.
	const numbers = paid.map((_, place) => printReceipt({ till: 1, number: place + 1 }));
	expect(paid).toEqual(numbers);
	await goTo(page, 'Shift');
	await page.getByRole('button', { name: 'Count and close' }).click();
	await dialog(page).getByRole('button', { name: 'Type one sum instead' }).click();
	await dialog(page)
		.getByLabel('Cash in the drawer')
		.fill(((5_000 + paid.length * PRICE_MINOR) / 100).toFixed(2));
	await dialog(page).getByRole('button', { name: 'That is all, close the shift' }).click();
	await expect(dialog(page)).toContainText('right to the last coin');
	await dialog(page).getByRole('button', { name: 'Go on' }).click();
	await expectSafe(page);
	await expect(page.getByRole('region', { name: 'Conflicts' })).toContainText('No conflicts');
	expect((await receiptsAtHub()).sort()).toEqual(numbers);
	expect(errors).toEqual([]);
});

/** All keys are on their way before the first is answered: as fast as this machine delivers them, and with that time, which is no scanner's (`handScan`). */
async function burst(page: Page, keys: readonly string[]): Promise<void> {
	await Promise.all(keys.map((key) => page.keyboard.press(key)));
}

/** The code is on the counter, and in no catalogue. */
async function leaveQuestion(page: Page): Promise<void> {
	await dialog(page).getByRole('button', { name: 'Neither' }).click();
	await expect(dialog(page)).toHaveCount(0);
}

async function typePin(page: Page, pin: string, answer?: string): Promise<void> {
	await page.keyboard.type(pin);
	await page.keyboard.press('Enter');
	if (answer === undefined) {
		await expect(lock(page)).toHaveCount(0);
		return;
	}
	// It is emptied when the PIN was looked at.
	await expect(lock(page).getByRole('textbox')).toHaveValue('');
	await expect(lock(page).getByRole('alert')).toContainText(answer);
}

async function letPass(page: Page, aheadMs: number): Promise<void> {
	await page.evaluate((ms) => Object.assign(globalThis, { aheadMs: ms }), aheadMs);
}

async function comeIn(page: Page): Promise<void> {
	await expect(lock(page)).toBeVisible();
	await lock(page).getByRole('button', { name: OWNER }).click();
	await typePin(page, PIN);
}

async function comeBack(page: Page): Promise<void> {
	await page.reload();
	await comeIn(page);
}

/** What a reload will find: nobody at a till waits for it to be written. */
function cartsKept(page: Page): Promise<number> {
	return page.evaluate(async () => {
		const { storageBuckets } = navigator as Navigator & { readonly storageBuckets: { open(name: string): Promise<{ indexedDB: IDBFactory }> } };
		const opening = (await storageBuckets.open('holdfast-vault-a')).indexedDB.open('holdfast');
		return new Promise<number>((resolve) => {
			opening.onsuccess = () => {
				const counting = opening.result.transaction('carts').objectStore('carts').count();
				counting.onsuccess = () => {
					opening.result.close();
					resolve(counting.result);
				};
			};
		});
	});
}

/**
 * Beside what the till keeps, until not even a sale fits. In each of its buckets, for the browser asks how much is left for a bucket only once what it had
 * heard of that is used up, or half a minute old.
 */
async function fillDisk(page: Page): Promise<void> {
	await page.evaluate(async (buckets) => {
		for (const bucket of buckets) {
			const { storageBuckets } = navigator as Navigator & { readonly storageBuckets: { open(name: string): Promise<{ indexedDB: IDBFactory }> } };
			const opening = (await storageBuckets.open(bucket)).indexedDB.open('ballast');
			const database = await new Promise<IDBDatabase>((resolve, reject) => {
				opening.onupgradeneeded = () => opening.result.createObjectStore('bytes', { autoIncrement: true });
				opening.onsuccess = () => {
					resolve(opening.result);
				};
				opening.onerror = () => {
					reject(opening.error as DOMException);
				};
			});
			const isPut = (size: number): Promise<boolean> =>
				new Promise((resolve) => {
					const writing = database.transaction('bytes', 'readwrite', { durability: 'strict' });
					writing.objectStore('bytes').add(crypto.getRandomValues(new Uint8Array(size)));
					writing.oncomplete = () => {
						resolve(true);
					};
					writing.onabort = () => {
						resolve(false);
					};
				});
			for (const size of [60_000, 5_000, 500]) while (await isPut(size));
			database.close();
		}
	}, VAULT_BUCKETS);
}

async function emptyDisk(page: Page): Promise<void> {
	await page.evaluate(async (buckets) => {
		for (const bucket of buckets) {
			const { storageBuckets } = navigator as Navigator & { readonly storageBuckets: { open(name: string): Promise<{ indexedDB: IDBFactory }> } };
			const { indexedDB } = await storageBuckets.open(bucket);
			await new Promise<void>((resolve) => {
				indexedDB.deleteDatabase('ballast').onsuccess = () => {
					resolve();
				};
			});
		}
	}, VAULT_BUCKETS);
}

/** As they lie on the hub's disk. */
async function receiptsAtHub(): Promise<string[]> {
	const source = await openSource(join(shop.folder, 'hub'), '', createNodeDigest());
	const receipts: string[] = [];
	for await (const stored of source.stored) {
		const parts = 'sealed' in stored ? splitSealed(stored.sealed) : undefined;
		const entry = parts && decodeBody(parts.body);
		if (entry === undefined || 'damaged' in entry) throw new Error('damaged bytes at the hub');
		for (const fact of entry.facts) if ('receipt' in fact) receipts.push(printReceipt(fact.receipt));
	}
	return receipts;
}
