/** `npm run pictures`: the README's pictures, as the gallery shows these screens now, into `docs/`. Each is small, so that the page is there in a moment. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright';
import { findChromium } from '../chromium.mjs';
import { buildGallery, serveGallery } from './build.ts';
import { PHONE, SCENES, TILL } from './scenes.ts';

const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));
const PICTURES = [
	{ file: 'till', scene: 'sell-cart', viewport: TILL, colorScheme: 'light' },
	{ file: 'till-dark', scene: 'sell-cart', viewport: TILL, colorScheme: 'dark' },
	{ file: 'till-arabic', scene: 'sell-arabic', viewport: TILL, colorScheme: 'light' },
	{ file: 'phone', scene: 'sell-cart', viewport: PHONE, colorScheme: 'light' },
	{ file: 'customer', scene: 'display-sale', viewport: TILL, colorScheme: 'light' },
	{ file: 'conflict', scene: 'sync', viewport: TILL, colorScheme: 'light' },
	{ file: 'reports', scene: 'reports', viewport: TILL, colorScheme: 'light' },
] as const;
const MOST_BYTES = 60_000;

if (!process.argv.includes('--built')) await buildGallery();
const server = await serveGallery();
const executablePath = findChromium();
const browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: ['--no-sandbox'] });
try {
	for (const { file, scene, viewport, colorScheme } of PICTURES) {
		const shown = SCENES.find(({ name }) => name === scene);
		if (shown === undefined) throw new Error(`no scene is called ${scene}`);
		const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
		const page = await context.newPage();
		await page.goto(server.origin + shown.path);
		await page.locator('main').first().waitFor();
		await shown.act?.(page);
		await page.evaluate(() => document.fonts.ready);
		const picture = await smallPictureOf(page);
		writeFileSync(`${DOCS}${file}.webp`, picture);
		console.log(`docs/${file}.webp: ${String(Math.round(picture.length / 1000))} KB`);
		await context.close();
	}
} finally {
	await browser.close();
	await server.close();
}

/** The best of a few qualities that is small enough. */
async function smallPictureOf(page: Page): Promise<Buffer> {
	const devtools = await page.context().newCDPSession(page);
	for (const quality of [90, 75, 60, 45]) {
		const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality });
		const picture = Buffer.from(data, 'base64');
		if (picture.length <= MOST_BYTES) return picture;
	}
	throw new Error(`no picture of ${page.url()} is below ${String(MOST_BYTES)} bytes`);
}
