/** A day at the refund desk: it begins with what a scanner sees on the receipt, and ends with an X, a count and a Z that are right to the cent. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Locator, type Page } from 'playwright/test';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { catchPaper, miaAllows } from '../support/gallery/gestures.ts';
import { returnWithoutReceipt } from '../support/gallery/scenes.ts';
import { test } from '../support/gallery/visit.ts';
import { handScan } from '../support/hand-scanner.ts';

prepareZXingModule({ overrides: { wasmBinary: wasmOf('zxing-wasm/reader/zxing_reader.wasm') } });

function wasmOf(path: string): ArrayBuffer {
	const { buffer, byteOffset, byteLength } = readFileSync(createRequire(import.meta.url).resolve(path));
	return buffer.slice(byteOffset, byteOffset + byteLength);
}

/** What the picture on a receipt says; it is drawn a moment after the lines. */
async function codeOn(receipt: Locator): Promise<string> {
	let code = '';
	await expect(async () => {
		const [seen] = await readBarcodes(await receipt.getByRole('img', { name: /^Code of receipt/ }).screenshot(), { formats: ['QRCode'] });
		code = seen?.text ?? '';
		expect(code).toMatch(/^HOLDFAST:RECEIPT/);
	}).toPass({ timeout: 60_000 });
	return code;
}

interface Figures {
	readonly sales: number;
	readonly salesMinor: number;
	readonly refunds: number;
	readonly refundsMinor: number;
	readonly takingsMinor: number;
	readonly cashMinor: number;
	readonly cardMinor: number;
}

/** As a report tells them, in pence. */
async function figuresOf(list: Locator): Promise<Figures> {
	await expect(list.getByText('Takings')).toBeVisible();
	const rows = await list.locator('dl > div').evaluateAll((all) => all.map((row) => [...row.children].map(({ textContent }) => textContent.trim())));
	const named = (name: RegExp): readonly [count: number, minor: number] => {
		const [what = '', figure = ''] = rows.find(([words = '']) => name.test(words)) ?? [];
		const minor = Math.round(Number(figure.replace(/[−-]/, '-').replace(/[^\d.-]/g, '')) * 100);
		return [Number(/\((\d+)\)/.exec(what)?.[1] ?? 0), minor];
	};
	const [sales, salesMinor] = named(/^Sales/);
	const [refunds, refundsMinor] = named(/^Refunds/);
	const [[, takingsMinor], [, cashMinor], [, cardMinor]] = [named(/^Takings/), named(/^Cash/), named(/^Card/)];
	return { sales, salesMinor, refunds, refundsMinor, takingsMinor, cashMinor, cardMinor };
}

const less = (after: Figures, before: Figures): Figures =>
	Object.fromEntries(Object.entries(after).map(([name, figure]) => [name, figure - before[name as keyof Figures]])) as unknown as Figures;

/** Of this till, which Mia shows. */
async function readX(page: Page): Promise<Figures> {
	await page.getByRole('link', { name: 'Shift' }).click();
	const x = page.getByRole('region', { name: 'X report' });
	await x.getByRole('button', { name: 'Ask for it' }).click();
	await miaAllows(page);
	return figuresOf(x);
}

test('a day at the refund desk comes out right to the cent', async ({ page }) => {
	await catchPaper(page);
	await page.goto('/shift?till=staff-in');
	const cart = page.getByRole('region', { name: 'Cart' });
	const search = page.getByRole('searchbox', { name: 'Search or scan' });
	const paid = page.getByRole('status').filter({ hasText: 'Paid' });
	const desk = page.getByRole('dialog', { name: /^Refund T3-/ });
	const done = page.getByText('Done: receipt');
	let code = '';
	const sell = async (...skus: readonly string[]): Promise<void> => {
		for (const sku of skus) {
			await search.fill(sku);
			await search.press('Enter');
			await expect(search).toHaveValue('');
		}
	};
	const total = cart.locator('.total');
	const scanInto = async (field: Locator, answer: Locator): Promise<void> => {
		await field.fill('');
		await handScan(page, code);
		await expect(answer).toBeVisible();
	};
	const bring = async (answer: Locator): Promise<void> => {
		await page.getByRole('link', { name: 'Sales' }).click();
		await scanInto(page.getByRole('searchbox', { name: 'Find a receipt' }), answer);
	};

	await page.getByRole('button', { name: 'Open with £50.00' }).click();
	const before = await readX(page);

	await test.step('five things are sold for £5.70', async () => {
		await page.getByRole('link', { name: 'Sell', exact: true }).click();
		await sell('3*BAK-005', '2*BAK-009');
		await expect(total).toContainText('£5.70');
		await cart.getByRole('button', { name: 'Exact cash' }).click();
		await expect(paid).toBeVisible();
		code = await codeOn(page.getByRole('article', { name: /^Receipt/ }));
	});

	await test.step('the receipt is scanned on Sell: one croissant comes back', async () => {
		await scanInto(search, desk);
		await desk.getByRole('button', { name: 'One Butter croissant more' }).click();
		await desk.getByRole('button', { name: 'Give £1.20 back' }).click();
		await expect(done).toBeVisible();
	});

	await test.step('no more of a line than is left of it; what is broken goes not to the shelf', async () => {
		await bring(desk);
		const quantity = desk.getByLabel('Quantity of Butter croissant');
		for (let tap = 0; tap < 3; tap += 1) await desk.getByRole('button', { name: 'One Butter croissant more' }).click();
		await expect(quantity).toHaveValue('1');
		for (const wrong of ['2', '0.5']) {
			await quantity.fill(wrong);
			await expect(desk.getByRole('alert')).toContainText('whole for pieces, and no more than what is left');
			await expect(desk.getByRole('button', { name: 'Choose what comes back' })).toBeDisabled();
			await quantity.fill('1');
			await expect(desk.getByRole('alert')).toHaveCount(0);
		}
		await quantity.fill('0');
		await desk.getByLabel('Quantity of Baguette').fill('1');
		await desk.getByLabel('Baguette goes back to the shelf').uncheck();
		await desk.getByRole('button', { name: 'Faulty' }).click();
		await desk.getByRole('button', { name: 'Give £1.10 back' }).click();
		await expect(done).toBeVisible();
	});

	await test.step('a baguette is exchanged for two croissants: the difference is paid', async () => {
		await bring(desk);
		await desk.getByRole('button', { name: 'One Baguette more' }).click();
		await desk.getByRole('button', { name: 'Take something else instead' }).click();
		await expect(cart.getByRole('region', { name: 'What comes back' })).toContainText('Baguette');
		await sell('2*BAK-009');
		await expect(total).toContainText('£1.30');
		await cart.getByRole('button', { name: 'Exact cash' }).click();
		const receipt = page.getByRole('article', { name: /^Receipt/ });
		for (const words of ['Exchange', 'Came back', 'Went out']) await expect(receipt).toContainText(words);
	});

	await test.step('what is left of it goes back to the card, and then nothing is', async () => {
		await bring(desk);
		await desk.getByRole('button', { name: 'Everything that is left' }).click();
		await desk.getByText('Card', { exact: true }).click();
		await desk.getByRole('button', { name: 'Give £2.30 back' }).click();
		await expect(done).toBeVisible();
		await bring(page.getByRole('alert').filter({ hasText: 'Everything on that receipt was given back already.' }));
		await expect(desk).toHaveCount(0);
	});

	await test.step('a croissant without a receipt, which Mia allows', async () => {
		await returnWithoutReceipt(page);
		await miaAllows(page);
		await expect(done).toBeVisible();
		await expect(page.getByRole('region', { name: 'Receipt', exact: true })).toContainText('£1.20');
	});

	await test.step('the broken baguette is sold for less, which she allows, too', async () => {
		await page.getByRole('link', { name: 'Sell', exact: true }).click();
		await page.getByRole('button', { name: 'Returned goods' }).click();
		const goods = page.getByRole('dialog', { name: 'Returned goods' });
		await goods.getByRole('button', { name: /^Baguette/ }).click();
		await goods.getByLabel('Price of one').fill('0.50');
		await goods.getByRole('button', { name: 'Damaged' }).click();
		await goods.getByRole('button', { name: 'Add to the sale' }).click();
		await miaAllows(page);
		await expect(total).toContainText('£0.50');
		await cart.getByRole('button', { name: 'Exact cash' }).click();
		await expect(paid).toBeVisible();
	});

	const after = await readX(page);
	expect(less(after, before)).toEqual({
		...{ sales: 3, salesMinor: 570 + 240 + 50 },
		...{ refunds: 5, refundsMinor: -(120 + 110 + 110 + 230 + 120) },
		...{ takingsMinor: 170, cashMinor: 570 - 120 - 110 + 130 - 120 + 50, cardMinor: -230 },
	});

	await test.step('so much lies in the drawer, and the Z says the same', async () => {
		const dialog = page.getByRole('dialog');
		await page.getByRole('button', { name: 'Count and close' }).click();
		await dialog.getByRole('button', { name: 'Type one sum instead' }).click();
		await dialog.getByLabel('Cash in the drawer').fill('54.00');
		await dialog.getByRole('button', { name: 'That is all, close the shift' }).click();
		await expect(dialog.getByRole('status')).toContainText('right to the last coin');
		await dialog.getByRole('button', { name: 'Go on' }).click();
		await page.getByRole('button', { name: 'Close Z 1' }).click();
		expect(await figuresOf(dialog)).toEqual(after);
		await dialog.getByRole('button', { name: 'Close and print' }).click();
		await miaAllows(page);
		const grandTotal = (after.takingsMinor / 100).toFixed(2);
		await expect(page.locator('html')).toHaveAttribute('data-on-paper', new RegExp(`Grand total of Z 1\\s*£${grandTotal}`));
	});
});
