/** The built app on the till's own disk: once it has been open, it opens again with nothing answering. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import sirv from 'sirv';
import { become, update, versionIn } from '../support/app-versions.ts';
import { BUILD, hasApp } from '../support/built-app.ts';

let server: Server;
let origin: string;
/** A copy of the build, which a test may turn into another version. */
let served: string;
/** What is not answered for. */
let withheld: RegExp | undefined;

test.beforeEach(async () => {
	withheld = undefined;
	hasApp();
	served = mkdtempSync(join(tmpdir(), 'holdfast-offline-'));
	cpSync(BUILD, served, { recursive: true });
	const files = sirv(served, { single: true, dev: true });
	server = createServer((request, response) => {
		if (request.url === '/hub.json') response.end('{}');
		else if (withheld?.test(request.url ?? '') === true) response.writeHead(503).end();
		else files(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

test.afterEach(async () => {
	await stopServing();
	rmSync(served, { recursive: true, force: true });
});

test('the whole build is on the till after the first visit, wasm included: what the camera and labels need last, and nothing of the owner’s pages', async ({
	page,
}) => {
	await installed(page);
	// The page is kept as `/`; the worker itself and Kit's note of the version are the browser's and the network's.
	const built = filesUnder(BUILD).filter((path) => !['/index.html', '/service-worker.js', '/_app/version.json', '/.sources'].includes(path));
	const plain = built.filter((path) => !path.includes('/language-'));
	expect(built.length - plain.length, 'the files of other languages than English').toBeGreaterThan(0);
	const tills = plain.filter((path) => !path.includes('owner.'));
	expect(plain.length - tills.length, 'the files of the owner’s pages').toBeGreaterThan(0);
	expect(tills.filter((path) => path.includes('later.')).length, 'the files that come last').toBeGreaterThan(1);
	await expect.poll(() => keptOn(page)).toEqual([...tills, '/'].sort());
});

test('a language is on the till once it was spoken, for page and worker; one that never was is not spoken with nobody answering', async ({
	page,
}) => {
	await installed(page);
	await speak(page, 'de');
	const kept = await keptOn(page);
	const built = filesUnder(BUILD).filter((path) => path.includes('/language-de.'));
	expect(built).toHaveLength(2);
	expect(kept.filter((path) => path.includes('/language-'))).toEqual(built.sort());
	await stopServing();
	for (const [told, spoken] of [
		['en', 'en'],
		['de', 'de'],
		['fr', 'en'],
	] as const) {
		await speak(page, told, spoken);
		await expect(page.locator('#app')).not.toBeEmpty();
	}
});

test('what sells opens with nobody answering, before the later parts have come; what a hub would say is not made up', async ({ page }) => {
	withheld = /[./]later\./;
	await installed(page);
	expect((await keptOn(page)).filter((path) => withheld?.test(path))).toEqual([]);
	expect(await page.evaluate(async () => (await fetch('/hub.json')).ok)).toBe(true);
	await stopServing();
	for (const path of ['/', '/sell', '/sales/T1-000001']) {
		const answer = await page.goto(`${origin}${path}`);
		expect(answer?.status(), path).toBe(200);
		expect(answer?.fromServiceWorker(), path).toBe(true);
		await expect(page.locator('#app')).not.toBeEmpty();
	}
	expect(
		await page.evaluate(() =>
			fetch('/hub.json').then(
				() => 'answered',
				() => 'nobody',
			),
		),
	).toBe('nobody');
});

test('a page keeps the files of its own version; the version before the newest is kept, and one that is not whole never counts', async ({ page }) => {
	await installed(page);
	const first = versionIn(served);
	const dropped = filesUnder(served).find((path) => path.startsWith('/_app/immutable/nodes/'))!;

	// The second version has no such file any more.
	become(served, 'second', (worker) => worker.replace(`{path:\`${dropped.slice(1)}\`}`, `{path:\`icon.svg\`}`));
	rmSync(join(served, dropped));
	await update(page, 'activated');
	expect(await cacheNames(page)).toEqual([first, 'second'].map(named));
	expect(await page.evaluate(async (path) => (await fetch(path)).headers.get('content-type'), dropped)).toContain('javascript');

	// The third asks, at its end, for a file that is not there; the fourth meets a page of another version. Both stay out.
	become(served, 'third', (worker) => worker.replace('icon-192.png', 'nowhere.png'));
	await update(page, 'redundant');
	become(served, 'fourth', (worker) => worker.replace('nowhere.png', 'icon-192.png'));
	writeFileSync(join(served, 'index.html'), '<title>third</title>');
	await update(page, 'redundant');
	expect(await page.evaluate(async () => (await fetch('/icon.svg')).ok)).toBe(true);

	writeFileSync(join(served, 'index.html'), '<title>fourth</title>');
	await update(page, 'activated');
	expect(await cacheNames(page)).toEqual(['second', 'fourth'].map(named));
	await stopServing();
	await page.goto(`${origin}/sell`);
	await expect(page).toHaveTitle('fourth');
});

test('a new version waits while a sale is open, and takes over when it is done', async ({ page }) => {
	await installed(page);
	const first = versionIn(served);
	await setCart(page, 'one line');
	become(served, 'second', (worker) => worker);
	writeFileSync(join(served, 'index.html'), '<title>second</title>');
	await update(page, 'installed');
	// A reload in the middle of the sale gets what the cashier began it with.
	await page.reload();
	expect(await cacheNames(page)).toEqual([first, 'second'].map(named));
	expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state)).toBe('installed');
	await expect(page.locator('#app')).not.toBeEmpty();
	await expect(page).not.toHaveTitle('second');

	await setCart(page, 'no line');
	await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state)).toBeUndefined();
	await page.reload();
	await expect(page).toHaveTitle('second');
	expect(await cacheNames(page)).toEqual([first, 'second'].map(named));
});

/** As the register writes it, into the vault of a till that the page has opened. */
async function setCart(page: Page, lines: 'one line' | 'no line'): Promise<void> {
	await page.evaluate(async (wanted) => {
		const { storageBuckets } = navigator as Navigator & { readonly storageBuckets: { open(name: string): Promise<{ indexedDB: IDBFactory }> } };
		const { indexedDB } = await storageBuckets.open('holdfast-vault-a');
		await new Promise<void>((resolve, reject) => {
			const opening = indexedDB.open('holdfast');
			opening.onsuccess = () => {
				const writing = opening.result.transaction('carts', 'readwrite');
				const line = {
					id: '1',
					sku: 'BREAD',
					name: 'Bread',
					quantityMilli: 1000,
					unit: 'each',
					unitPriceE4: 10_000,
					taxRate: 'std',
					taxPercentMilli: 0,
				};
				writing.objectStore('carts').put({ key: 'the-open-cart-1', lines: wanted === 'one line' ? [line] : [], changedAtMs: 1 });
				writing.oncomplete = () => {
					opening.result.close();
					resolve();
				};
				writing.onabort = () => {
					reject(writing.error as DOMException);
				};
			};
		});
	}, lines);
}

const named = (version: string) => `holdfast-app-${version}`;

const cacheNames = (page: Page) => page.evaluate(() => caches.keys());

async function installed(page: Page): Promise<void> {
	await page.goto(origin);
	await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}

/** Asks something first: any request wakes the service worker, which keeps what it lacks. */
async function keptOn(page: Page): Promise<readonly string[]> {
	const kept = await page.evaluate(async () => {
		await fetch('/hub.json').catch(() => undefined);
		const requests = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
		return requests.flat().map(({ url }) => new URL(url).pathname);
	});
	return kept.sort();
}

async function stopServing(): Promise<void> {
	if (!server.listening) return;
	const closed = new Promise((resolve) => server.close(resolve));
	server.closeAllConnections();
	await closed;
}

function filesUnder(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true, recursive: true })
		.filter((item) => item.isFile() && !/\.(br|gz)$/.test(item.name)) // The same files once more, as they go over the wire.
		.map((item) => `/${relative(folder, join(item.parentPath, item.name)).split(sep).join('/')}`);
}

/** Tells this device its language, and begins its page anew. */
async function speak(page: Page, told: string, spoken = told): Promise<void> {
	await page.evaluate((language) => {
		localStorage.setItem('holdfast-appearance', JSON.stringify({ language }));
	}, told);
	await page.reload();
	await page.waitForFunction((language) => document.documentElement.lang === language && document.querySelector('#app')?.textContent !== '', spoken);
}
