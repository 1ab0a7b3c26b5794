/**
 * Every scene of the gallery, on a till by day and on a phone by night: everybody can use it, no finger misses, and nothing hangs over its edge.
 *
 * A scene is played once, on a till that is then made as small and as dark as a phone: styles alone choose between the two, which the last test holds
 * against phones that were phones from the start.
 */
import { expect, type Page } from 'playwright/test';
import { PHONE, SCENES } from '../support/gallery/scenes.ts';
import { test } from '../support/gallery/visit.ts';
import { barriersOf, brokenNumbersOf, doubledLinesOf, faintHintsOf, overhangOf, rivalsOf, smallTargetsOf, untoldOf } from '../support/usable.ts';

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
	expect.soft(await smallTargetsOf(page), `what a finger may miss ${where}`).toEqual([]);
	expect.soft(await faintHintsOf(page), `what is too faint in a field ${where}`).toEqual([]);
	expect.soft(await rivalsOf(page), `what asks to be pressed first ${where}`).toEqual([]);
	expect.soft(await doubledLinesOf(page), `where two lines are drawn for one ${where}`).toEqual([]);
	expect.soft(await brokenNumbersOf(page), `what is not read in one piece ${where}`).toEqual([]);
}

/** Where most lies beside and upon each other. */
const DENSE = new Set(['sell-discount', 'sell-pay-split', 'sync', 'reports-week', 'stock-differences', 'people']);

/** Styles alone tell apart what follows: rules about colours are asked. In high contrast text is 7:1 on its ground (`docs/design-language.md`). */
async function expectSeenInContrast(page: Page): Promise<void> {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme, contrast: 'more' });
		expect.soft(await barriersOf(page, ['color-contrast-enhanced', 'link-in-text-block']), `in high contrast, ${colorScheme}`).toEqual([]);
	}
	await page.emulateMedia({ colorScheme: 'dark', contrast: null, forcedColors: 'active' });
	// Contrast is the system's own there, and axe would read the colours that it does not draw.
	expect.soft(await barriersOf(page, ['link-in-text-block']), 'in the colours of the system').toEqual([]);
	expect.soft(await untoldOf(page), 'what is chosen, in the colours of the system').toEqual([]);
	await page.emulateMedia({ forcedColors: null });
}

for (const { name, path, act } of SCENES) {
	test(`${name} on a till and on a phone can be used by everybody, and nothing hangs over its edge`, async ({ till }) => {
		const errors: string[] = [];
		till.on('pageerror', (error) => errors.push(error.message));
		await till.goto(path);
		await till.locator('main').first().waitFor();
		await act?.(till);
		await expectUsable(till, 'on a till');
		if (DENSE.has(name)) await expectSeenInContrast(till);
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
	test(`${path} on a till that became a phone is what a phone shows`, async ({ till }) => {
		const phone = await till.context().newPage();
		await phone.setViewportSize(PHONE);
		for (const page of [till, phone]) {
			await page.goto(path);
			await page.locator('main').first().waitFor();
		}
		await becomePhone(till);
		await expect.poll(() => shownOn(till)).toEqual(await shownOn(phone));
		await phone.close();
	});
}
