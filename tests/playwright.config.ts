/**
 * End to end: real Chromium, real hub, real relay, all on loopback. One test at a time, for tills, hub and relay share two cores with the browser,
 * and no second try: what fails sometimes fails in a shop.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'playwright/test';
import { findChromium } from './support/chromium.mjs';

const executablePath = findChromium();

export default defineConfig({
	testDir: 'e2e',
	testMatch: '**/*.e2e.ts',
	outputDir: fileURLToPath(new URL('../test-results/e2e', import.meta.url)),
	workers: 1,
	retries: 0,
	forbidOnly: true,
	timeout: 120_000,
	globalTimeout: 24 * 60_000,
	expect: { timeout: 15_000 },
	reporter: 'list',
	use: {
		viewport: { width: 1280, height: 800 },
		actionTimeout: 20_000,
		trace: 'retain-on-failure',
		launchOptions: {
			...(executablePath === undefined ? {} : { executablePath }),
			// The sandbox refuses to start as root; WebRTC between two tills of one machine has only loopback to meet on.
			args: ['--no-sandbox', '--allow-loopback-in-peer-connection'],
		},
	},
});
