/**
 * Every scene of the gallery, on a till by day and on a phone by night: everybody can use it, and nothing hangs over its edge.
 *
 * A scene is played once, on a till that is then made as small and as dark as a phone: styles alone choose between the two, which the last test holds
 * against phones that were phones from the start.
 */
import { expect, test as base, type BrowserContext, type Page } from 'playwright/test';
import { serveGallery } from '../support/gallery/build.ts';
import { SCENES } from '../support/gallery/scenes.ts';
import { barriersOf, overhangOf } from '../support/usable.ts';

const TILL = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** All scenes of a worker share what the browser has loaded and compiled; what a scene stored goes with it. */
const test = base.extend<{ till: Page }, { origin: string; house: BrowserContext }>({
	origin: [
		async ({ browserName: _ }, use) => {
			const gallery = await serveGallery();
			await use(gallery.origin);
			await gallery.close();
		},
		{ scope: 'worker' },
	],
	house: [
		async ({ browser }, use) => {
			const context = await browser.newContext({ reducedMotion: 'reduce' });
			await use(context);
			await context.close();
		},
		{ scope: 'worker' },
	],
	till: async ({ house }, use) => {
		const page = await house.newPage();
		await page.setViewportSize(TILL);
		await use(page);
		await page.evaluate(() => {
			localStorage.clear();
		});
		await page.close();
	},
});

/** Until it is laid out anew, and what depends on its width is drawn with that. */
async function becomePhone(page: Page): Promise<void> {
	await page.emulateMedia({ colorScheme: 'dark' });
	await page.setViewportSize(PHONE);
	await page.evaluate(async () => {
		for (let frame = 0; frame < 3; frame += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
	});
}

async function expectUsable(page: Page, where: string): Promise<void> {
	expect.soft(await barriersOf(page), `what axe finds ${where}`).toEqual([]);
	expect.soft(await overhangOf(page), `what hangs over the edge ${where}`).toEqual([]);
}

for (const { name, path, act } of SCENES) {
	test(`${name} on a till and on a phone can be used by everybody, and nothing hangs over its edge`, async ({ till, origin }) => {
		const errors: string[] = [];
		till.on('pageerror', (error) => errors.push(error.message));
		await till.goto(origin + path);
		await till.locator('main').first().waitFor();
		await act?.(till);
		await expectUsable(till, 'on a till');
		await becomePhone(till);
		await expectUsable(till, 'on a phone');
		expect(errors).toEqual([]);
	});
}

/** Every element that is shown, and where it lies; two pages may have been opened in two minutes. */
function shownOn(page: Page): Promise<readonly string[]> {
	return page.evaluate(() =>
		[...document.querySelectorAll('body *')]
			.filter((element) => element.checkVisibility() && element.getClientRects().length > 0)
			.map((element) => {
				const { x, y, width, height } = element.getBoundingClientRect();
				return `${element.tagName} ${[x, y, width, height].map(Math.round).join(' ')} ${element.children.length === 0 ? element.textContent.replace(/\d+:\d\d/, 'hh:mm') : ''}`;
			}),
	);
}

for (const path of ['/sell', '/sales?receipt=T3-000038', '/settings']) {
	test(`${path} on a till that became a phone is what a phone shows`, async ({ till, house, origin }) => {
		const phone = await house.newPage();
		await phone.setViewportSize(PHONE);
		for (const page of [till, phone]) {
			await page.goto(origin + path);
			await page.locator('main').first().waitFor();
		}
		await becomePhone(till);
		await expect.poll(() => shownOn(till)).toEqual(await shownOn(phone));
		await phone.close();
	});
}
