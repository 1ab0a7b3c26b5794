/** What people and scanners do at a till of the gallery. */
import { expect, type Page } from 'playwright/test';
import { demoShop } from '#core/demo/demo-shop.ts';
import type { Outside } from './fixture-boot.ts';

/** The code of a product of the demo shop. */
export function gtinOf(sku: string): string {
	const code = demoShop().products.find((product) => product.sku === sku)?.fields.gtins[0];
	if (code === undefined) throw new Error(`no code for ${sku}`);
	return code;
}

/** Mia, a manager, types her PIN into what asks for it. */
export async function miaAllows(page: Page): Promise<void> {
	const question = page.getByRole('dialog', { name: 'Somebody has to allow this' });
	await question.getByRole('button', { name: /Mia Kerr/ }).click();
	await question.getByLabel('PIN of Mia Kerr').fill('1234');
	await question.getByRole('button', { name: 'Allow' }).click();
	await expect(question).toHaveCount(0);
}

/** What comes out of a printer, as text in `data-on-paper` of the page: from the page's first moment. */
export function catchPaper(page: Page): Promise<unknown> {
	return page.addInitScript(() => {
		window.print = () => {
			document.documentElement.dataset.onPaper = document.querySelector('.paper-sheet')?.textContent ?? '';
		};
	});
}

/** What came out of the till's own printer. */
export const printedAt = (page: Page): Promise<readonly string[]> =>
	page.evaluate(() => (globalThis as unknown as { readonly gallery: Outside }).gallery.printer);

export const fillPrinter = (page: Page): Promise<void> =>
	page.evaluate(() => {
		(globalThis as unknown as { readonly gallery: Outside }).gallery.fillPrinter();
	});

/** Another till's sale comes in. */
export const neighbourSells = (page: Page, sku: string, pieces: number): Promise<void> =>
	page.evaluate(
		([what, count]) => {
			(globalThis as unknown as { readonly gallery: Outside }).gallery.neighbourSells(what, count);
		},
		[sku, pieces] as const,
	);
