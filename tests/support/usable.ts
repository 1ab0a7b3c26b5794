/** What keeps somebody from using a screen, as sentences that a failed test shows. */
import axe from 'axe-core';
import type { Page } from 'playwright';

/** What axe-core finds. Its 550 KB come into a page once, whichever number of times the page is looked at. */
export async function barriersOf(page: Page): Promise<readonly string[]> {
	if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
	return page.evaluate(async () => {
		const { violations } = await (globalThis as unknown as { readonly axe: typeof axe }).axe.run({ resultTypes: ['violations'] });
		return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`);
	});
}

/** What is wider than where it lies. A panel that scrolls inside hides what hangs over from the page. */
export function overhangOf(page: Page): Promise<readonly string[]> {
	return page.evaluate(() =>
		[document.documentElement, ...document.querySelectorAll('main, main section')]
			.filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'auto')
			.map((element) => `${element.tagName} ${element.getAttribute('aria-label') ?? ''}`),
	);
}
