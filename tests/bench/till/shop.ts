/** The built app in real Chromium at a real hub, with 50,000 products on its disk and a processor that is slowed four times. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { hasApp } from '../../support/built-app.ts';
import { freePort } from '../../support/free-port.ts';
import { joinCodeOf, openBrowser, serve, type OpenBrowser } from '../../support/shop-processes.ts';
import { giveWay } from '../give-way.ts';
import { rangeOf } from '../ledger/goods.ts';

export const SLOWED = 4;

export interface Good {
	readonly sku: string;
	readonly name: string;
	readonly gtin: string;
}

export interface TillShop {
	readonly url: string;
	readonly page: Page;
	readonly browser: OpenBrowser;
	readonly cdp: CDPSession;
	/** A till without a screen beside it. */
	readonly other: HeadlessTill;
	/** Sold by the piece, with a code, each name its own. */
	readonly goods: readonly Good[];
	readonly products: number;
	/** Of the processor of the page. */
	slow(times: number): Promise<void>;
	close(): Promise<void>;
}

export async function openTillShop(quick: boolean, tell: (words: string) => void): Promise<TillShop> {
	hasApp();
	const products = quick ? 2_000 : 50_000;
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-till-'));
	const port = String(await freePort());
	const hub = await serve('hub', { data: join(folder, 'hub'), port });
	giveWay(hub.pid);
	const closing: (() => Promise<unknown>)[] = [() => hub.kill()];
	async function close(): Promise<void> {
		for (const end of closing.reverse()) await end();
		rmSync(folder, { recursive: true, force: true });
	}
	try {
		tell(`${products} products`);
		const other = await startHeadlessTill({
			...{ hub: hub.url, folder: join(folder, 'other'), claim: { kind: 'demo' } },
			onProblem: (error) => {
				throw error as Error;
			},
		});
		closing.push(() => other.close());
		const drafts = rangeOf(products).map(({ sku, fields, unitPriceE4 }) => ({ sku, fields: { ...fields, taxRate: 'standard' }, unitPriceE4 }));
		const imported = await other.till.importProducts('bench', drafts, (done) => {
			tell(`${done} of ${products} products`);
		});
		if (!('done' in imported)) throw new Error(`not imported: ${JSON.stringify(imported)}`);
		const browser = await openBrowser(join(folder, 'profile'));
		closing.push(() => browser.kill());
		const page = await browser.context.newPage();
		await page.setViewportSize({ width: 1280, height: 800 });
		await page.addInitScript(watchPage);
		await page.goto(hub.url);
		tell('the till joins');
		await page.getByLabel('Join code').fill(await joinCodeOf(hub));
		await page.getByRole('button', { name: 'Join', exact: true }).click();
		await page.waitForFunction(() => document.querySelector('input[type=search]') !== null, undefined, { timeout: 120_000 });
		const goods = drafts.flatMap(({ sku, fields }): readonly Good[] =>
			fields.unit === 'each' && fields.gtins[0] !== undefined ? [{ sku, name: fields.name, gtin: fields.gtins[0] }] : [],
		);
		const last = goods.at(-1);
		if (last === undefined) throw new Error('goods without any');
		tell('the catalogue comes');
		await found(page, last, 300_000);
		// The cache of the rows is written within seconds; a start from less would be no cold start with a cached catalogue.
		await page.waitForTimeout(quick ? 3_000 : 15_000);
		const cdp = await browser.context.newCDPSession(page);
		return {
			...{ url: hub.url, page, browser, cdp, other, goods, products, close },
			async slow(times) {
				await cdp.send('Emulation.setCPUThrottlingRate', { rate: times });
			},
		};
	} catch (error) {
		await close();
		throw error;
	}
}

async function found(page: Page, { sku }: Good, withinMs: number): Promise<void> {
	const end = performance.now() + withinMs;
	for (;;) {
		await page.locator('input[type=search]').fill('');
		await page.locator('input[type=search]').fill(sku);
		await page.waitForTimeout(500);
		if ((await page.locator('.grid button').count()) > 0) break;
		if (performance.now() > end) throw new Error(`${sku} is not found within ${withinMs} ms`);
	}
	await page.locator('input[type=search]').fill('');
}

export interface Watched {
	/** When a product could be tapped for the first time, ms since the navigation began. */
	sellableMs: number;
	/** From what a person did until the frame that shows it was painted. `keys`: a scan as its scanner sends it, each key a task of its own. */
	act(what: 'scan' | 'keys' | 'tap' | 'pay', value: string): Promise<number>;
}

declare global {
	interface Window {
		watched: Watched;
	}
}

/** Runs in the page before anything else of it. */
function watchPage(): void {
	const watched: Watched = {
		sellableMs: 0,
		act(what, value) {
			return new Promise((resolve, reject) => {
				const shown = what === 'pay' ? '[aria-label="Cart"] article' : '[aria-label="Cart"] ul';
				const textBefore = document.querySelector(shown)?.textContent ?? '';
				const late = setTimeout(() => {
					reject(new Error(`nothing is shown after ${what} ${value}`));
				}, 10_000);
				const begunMs = performance.now();
				const isShown = (): boolean => {
					const text = document.querySelector(shown)?.textContent ?? '';
					return text !== '' && text !== textBefore;
				};
				const look = (): void => {
					if (!isShown()) return;
					observer.disconnect();
					clearTimeout(late);
					// The frame after this one's callbacks is painted when the next message is handled.
					requestAnimationFrame(() => {
						const { port1, port2 } = new MessageChannel();
						port1.onmessage = () => {
							resolve(performance.now() - begunMs);
						};
						port2.postMessage(undefined);
					});
				};
				const observer = new MutationObserver(look);
				observer.observe(document.body, { childList: true, subtree: true, characterData: true });
				if (what === 'tap') {
					const button = [...document.querySelectorAll<HTMLElement>('.grid button')].find(({ textContent }) => textContent.includes(value));
					if (button === undefined) reject(new Error(`no button ${value}`));
					else button.click();
				} else if (what === 'pay') {
					[...document.querySelectorAll<HTMLElement>('[aria-label="Cart"] button')]
						.find(({ textContent }) => textContent.includes('Exact cash'))
						?.click();
				} else if (what === 'keys') void sendKeys(value);
				else scan(value);
			});
		},
	};
	function scan(code: string): void {
		const box = focused();
		for (const key of code) press(box, key);
		end(box);
	}
	async function sendKeys(code: string): Promise<void> {
		const box = focused();
		for (const key of code) {
			press(box, key);
			await new Promise((resolve) => {
				const { port1, port2 } = new MessageChannel();
				port1.onmessage = resolve;
				port2.postMessage(undefined);
			});
		}
		end(box);
	}
	function focused(): HTMLInputElement {
		const box = document.querySelector<HTMLInputElement>('input[type=search]');
		if (box === null) throw new Error('no search');
		box.focus();
		return box;
	}
	function press(box: HTMLInputElement, key: string): void {
		box.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
		box.value += key;
		box.dispatchEvent(new Event('input', { bubbles: true }));
	}
	function end(box: HTMLInputElement): void {
		const isTaken = !box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
		if (!isTaken) box.form?.requestSubmit();
	}
	new MutationObserver((_, observer) => {
		if (document.querySelector('.grid button') === null || document.activeElement?.getAttribute('type') !== 'search') return;
		watched.sellableMs = performance.now();
		observer.disconnect();
	}).observe(document, { childList: true, subtree: true });
	window.watched = watched;
}
