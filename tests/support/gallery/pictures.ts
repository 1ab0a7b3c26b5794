/** `npm run gallery [-- part of a name …]`: pictures of every screen at three sizes, light and dark, in a temporary folder. */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { findChromium } from '../chromium.mjs';
import { buildGallery, serveGallery } from './build.ts';
import { PHONE, SCENES, TILL } from './scenes.ts';

const SIZES = { till: TILL, tablet: { width: 820, height: 1180 }, phone: PHONE };

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const folder = join(tmpdir(), 'holdfast-gallery');
mkdirSync(folder, { recursive: true });
if (!process.argv.includes('--built')) await buildGallery();
const server = await serveGallery();
const executablePath = findChromium();
const browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: ['--no-sandbox'] });
try {
	for (const { name, path, act } of SCENES) {
		for (const [size, viewport] of Object.entries(SIZES)) {
			for (const colorScheme of ['light', 'dark'] as const) {
				const picture = `${name}-${size}-${colorScheme}`;
				if (wanted.length > 0 && !wanted.some((word) => picture.includes(word))) continue;
				const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
				const page = await context.newPage();
				page.on('pageerror', (error) => {
					console.error(`${picture}: ${error.message}`);
				});
				page.setDefaultTimeout(8000);
				await page.goto(server.origin + path);
				try {
					await page.locator('main').first().waitFor();
					await act?.(page);
				} catch (error) {
					console.error(`${picture}: ${String(error).split('\n')[0] ?? ''}`);
				}
				await page.waitForTimeout(150);
				await page.screenshot({ path: join(folder, `${picture}.png`) });
				await context.close();
			}
		}
	}
	console.log(`Pictures are in ${folder}`);
} finally {
	await browser.close();
	await server.close();
}
