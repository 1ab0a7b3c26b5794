/**
 * End to end: real Chromium, real hub, real relay, all on loopback, and no second try: what fails sometimes fails in a shop. One test at a time, unless
 * `--workers 3` says otherwise, as `npm test` does: a day in a shop waits for more than half of its time, and so does a screen for the hand that uses it.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'playwright/test';
import { findChromium } from './support/chromium.mjs';

const executablePath = findChromium();

export default defineConfig({
	testDir: 'e2e',
	outputDir: fileURLToPath(new URL('../test-results/e2e', import.meta.url)),
	workers: 1,
	projects: [
		{ name: 'gallery', testMatch: '**/gallery.setup.ts' },
		{ name: 'screens', testMatch: '**/gallery*.e2e.ts', dependencies: ['gallery'], fullyParallel: true },
		{ name: 'shop', testMatch: '**/*.e2e.ts', testIgnore: ['**/gallery*.e2e.ts', '**/*.long.e2e.ts'] },
		{ name: 'long', testMatch: '**/*.long.e2e.ts' },
	],
	retries: 0,
	forbidOnly: true,
	// Keeps what hangs from hanging for ever; a day in a shop takes two minutes of a slow machine.
	timeout: 300_000,
	globalTimeout: 24 * 60_000,
	// What is looked for comes, late on a slow machine: a test sets a bound of its own only where that is what it tests.
	expect: { timeout: 60_000 },
	reporter: 'list',
	use: {
		viewport: { width: 1280, height: 800 },
		actionTimeout: 60_000,
		// Recording costs every run what one that failed may need: run that one again with `--trace retain-on-failure`.
		trace: 'off',
		launchOptions: {
			...(executablePath === undefined ? {} : { executablePath }),
			// The sandbox refuses to start as root; WebRTC between two tills of one machine has only loopback to meet on.
			args: ['--no-sandbox', '--allow-loopback-in-peer-connection'],
		},
	},
});
