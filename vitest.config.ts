import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { compileLanguages } from './app/languages/compile.ts';
import { findChromium } from './tests/support/chromium.mjs';

await compileLanguages();
const executablePath = findChromium();

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: 'node',
					environment: 'node',
					setupFiles: ['tests/support/properties/seed.ts'],
					include: ['tests/**/*.test.ts'],
					exclude: ['tests/**/*.browser.test.ts', 'tests/**/*.postgres.test.ts', 'tests/sim/**'],
					testTimeout: 30_000,
					maxWorkers: 2,
				},
			},
			{
				test: {
					name: 'postgres',
					environment: 'node',
					include: ['tests/**/*.postgres.test.ts'],
					globalSetup: ['tests/support/postgres-setup.ts'],
					testTimeout: 60_000,
					maxWorkers: 2,
				},
			},
			{
				test: {
					name: 'simulation',
					environment: 'node',
					include: ['tests/sim/**/*.test.ts'],
					testTimeout: 120_000,
				},
			},
			{
				test: {
					name: 'browser',
					include: ['tests/**/*.browser.test.ts'],
					testTimeout: 30_000,
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						instances: [{ browser: 'chromium' }],
						provider: playwright({ launchOptions: { ...(executablePath === undefined ? {} : { executablePath }), args: ['--no-sandbox'] } }),
					},
				},
			},
		],
	},
});
