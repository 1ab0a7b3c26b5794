/**
 * Nothing moves on Sell but by the hand that moves it: neither the products nor what takes the money.
 *
 * 1. The browser itself counts what moves (Layout Instability API): nothing does where nobody pressed anything within the second before. By the browser's own
 *    half second a machine that answers late would be one that moves by itself.
 * 2. What is pressed next stays where it is, whatever comes into the sale: the search, the products, the buttons that take the money.
 * 3. A scan lays out what it changes, the search and the sale, and never the whole screen: that is what a slow device would be busy with.
 */
import { expect, type Page } from 'playwright/test';
import { gtinOf, neighbourSells } from '../support/gallery/gestures.ts';
import { fillCart, PHONE, TILL } from '../support/gallery/scenes.ts';
import { test } from '../support/gallery/visit.ts';
import { handScan } from '../support/hand-scanner.ts';

interface Shift extends PerformanceEntry {
	readonly value: number;
	readonly sources: readonly { readonly node: Node | null }[];
}

interface Watched {
	readonly shifts: string[];
	/** Since somebody pressed or wrote something last. */
	restedMs(): number;
}

/** What follows a press within this is its answer. */
const ANSWERED_WITHIN_MS = 1_000;

/** From the page's first moment. */
async function watchShifts(page: Page): Promise<void> {
	await page.addInitScript((answeredWithinMs) => {
		const shifts: string[] = [];
		let answeredMs = -Infinity;
		Object.assign(globalThis, { shifts, restedMs: () => performance.now() - answeredMs });
		for (const pressed of ['pointerdown', 'click', 'keydown', 'input']) addEventListener(pressed, () => (answeredMs = performance.now()), true);
		new PerformanceObserver((list) => {
			for (const { value, startTime, sources } of list.getEntries() as Shift[]) {
				if (startTime - answeredMs < answeredWithinMs) continue;
				const moved = sources.map(({ node }) => (node instanceof Element ? `${node.tagName}.${node.className}` : (node?.textContent ?? '?')));
				shifts.push(`${value.toFixed(4)} ${moved.join(' | ')}`);
			}
		}).observe({ type: 'layout-shift' });
	}, ANSWERED_WITHIN_MS);
}

/** Since the screen was there; what moves while it comes is no tap's. */
async function begin(page: Page, path: string): Promise<void> {
	await watchShifts(page);
	await page.goto(path);
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeFocused();
	await page.evaluate(() => document.fonts.ready);
	// Letters that came in this moment are laid out with the next frame, and what they moved is told after that one.
	for (let frame = 0; frame < 3; frame += 1) await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
	await page.evaluate(() => (globalThis as unknown as Watched).shifts.splice(0));
}

const shiftsOn = (page: Page): Promise<readonly string[]> => page.evaluate(() => (globalThis as unknown as Watched).shifts);

/** From now on whatever moves is seen. */
async function rest(page: Page): Promise<void> {
	await expect.poll(() => page.evaluate(() => (globalThis as unknown as Watched).restedMs())).toBeGreaterThan(ANSWERED_WITHIN_MS);
}

/** Where it lies that a hand is already on its way to. */
function placesOn(page: Page): Promise<readonly string[]> {
	return page.evaluate(() =>
		[...document.querySelectorAll('form[role=search], .tabs, .grid .line:first-child button, .pay button, nav a')].map((element) => {
			const { x, y, width, height } = element.getBoundingClientRect();
			const name = element.getAttribute('href') ?? element.textContent.trim().slice(0, 24);
			return `${name} ${[x, y, width, height].map(Math.round).join(' ')}`;
		}),
	);
}

for (const [device, viewport] of [
	['a till', TILL],
	['a phone', PHONE],
] as const) {
	test(`on ${device} nothing moves under a hand while lines come in, a sale is paid, and the state of sync changes`, async ({ page }) => {
		await page.setViewportSize(viewport);
		await begin(page, '/sell');
		const cart = page.getByRole('region', { name: 'Cart' });
		const words = page.getByRole('status', { name: /^Sync/ });
		const settled = (await words.textContent()) ?? '';
		const before = await placesOn(page);
		await fillCart(page);
		expect(await placesOn(page), 'once there are lines').toEqual(before);
		await cart.getByRole('button', { name: 'Exact cash' }).click();
		await expect(page.getByRole('status').filter({ hasText: 'Paid' })).toBeVisible();
		await cart.getByRole('button', { name: 'New sale' }).click();
		await expect.poll(() => placesOn(page), { message: 'once it is paid' }).toEqual(before);

		// What was sold was the last of it: there is one more thing to settle, and nobody touched anything for that.
		await expect(words).not.toHaveText(settled);
		expect(await placesOn(page), 'once there is something to settle').toEqual(before);
		await rest(page);
		expect(await shiftsOn(page)).toEqual([]);

		// Another till sells what is in the cart here, and more of it than there is: that comes by itself, and is on the screen.
		await fillCart(page);
		await rest(page);
		const drawn = await placesOn(page);
		const asked = (await words.textContent()) ?? '';
		await neighbourSells(page, 'BAK-009', 500);
		await expect(words).not.toHaveText(asked);
		await expect.poll(() => placesOn(page), { message: 'once another till has sold' }).toEqual(drawn);
		expect(await shiftsOn(page)).toEqual([]);

		// The browser does count what moves by itself.
		await page.getByRole('search').evaluate((search) => (search.style.marginTop = '40px'));
		await expect.poll(() => shiftsOn(page)).not.toEqual([]);
	});
}

interface Layout {
	readonly name: string;
	readonly args: { readonly beginData?: { readonly partialLayout: boolean; readonly dirtyObjects: number; readonly totalObjects: number } };
}

/** Of the browser's own timeline: what was laid out meanwhile, of how much. */
async function layoutsDuring(page: Page, work: () => Promise<unknown>): Promise<readonly NonNullable<Layout['args']['beginData']>[]> {
	const devtools = await page.context().newCDPSession(page);
	const events: Layout[] = [];
	devtools.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as Layout[])));
	await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['devtools.timeline'] } });
	await work();
	const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
	await devtools.send('Tracing.end');
	await complete;
	await devtools.detach();
	return events.flatMap(({ name, args: { beginData } }) => (name === 'Layout' && beginData !== undefined ? [beginData] : []));
}

test('a scan lays out the search and the sale alone, whether it adds a line or a piece', async ({ page }) => {
	await page.goto('/sell');
	await fillCart(page);
	const cart = page.getByRole('region', { name: 'Cart' });
	const lines = await cart.getByRole('listitem').count();
	const layouts = await layoutsDuring(page, async () => {
		await handScan(page, gtinOf('DAI-004'));
		await expect(cart.getByRole('listitem')).toHaveCount(lines + 1);
		await handScan(page, gtinOf('DAI-004'));
		await expect(cart.locator('.lit .quantity')).toHaveText('2');
	});
	expect(layouts.length).toBeGreaterThan(2);
	expect(layouts.filter(({ partialLayout }) => !partialLayout)).toEqual([]);
});
