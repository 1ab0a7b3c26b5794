/**
 * What the tests of the gallery share: one server and one window a worker, so that what a page loads is loaded and compiled once.
 *
 * 1. `till` is that window. A test has it as if nobody had been there: a till's size and plain colours, no other page beside it, nothing stored.
 * 2. `page` is a window of its own, for what reaches beyond one page: clocks, touch, what runs before a page does.
 */
import { test as base, type Page } from 'playwright/test';
import { serveGallery } from './build.ts';
import { TILL } from './scenes.ts';

export const test = base.extend<{ till: Page }, { origin: string; house: Page }>({
	origin: [
		async ({ browserName: _ }, use) => {
			const gallery = await serveGallery();
			await use(gallery.origin);
			await gallery.close();
		},
		{ scope: 'worker' },
	],
	baseURL: async ({ origin }, use) => {
		await use(origin);
	},
	house: [
		async ({ browser, origin }, use) => {
			const context = await browser.newContext({ baseURL: origin, reducedMotion: 'reduce', viewport: TILL });
			await use(await context.newPage());
			await context.close();
		},
		{ scope: 'worker' },
	],
	till: async ({ house }, use) => {
		await house.setViewportSize(TILL);
		await house.emulateMedia({ colorScheme: 'light', contrast: null, forcedColors: null });
		await use(house);
		house.removeAllListeners('pageerror');
		for (const page of house.context().pages()) if (page !== house) await page.close();
		await house.evaluate(() => {
			localStorage.clear();
			sessionStorage.clear();
		});
	},
});
