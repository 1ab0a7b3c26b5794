import type { Page } from 'playwright';

/**
 * Presses these links one after another, and is there: what is pressed goes on showing the screen before until the new one is loaded, and a name
 * that is looked for meanwhile is found on the wrong one.
 */
export async function goTo(page: Page, ...names: readonly string[]): Promise<void> {
	for (const name of names) {
		const link = page.getByRole('link', { name, exact: true });
		const href = await link.getAttribute('href');
		await link.click();
		await page.waitForURL(({ pathname, search }) => pathname + search === href);
	}
}
