import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { compileLanguages } from './app/languages/compile.ts';
import { findChromium } from './tests/support/chromium.mjs';

await compileLanguages();
const executablePath = findChromium();
/** What a bound is not about gets the time that one busy core may take, so that a test sets a bound of its own only where that is what it tests. */
const SLOW_MACHINE = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };
const SEEDED = { setupFiles: ['tests/support/properties/seed.ts'] };

/** What only computes: files share their process, for starting one costs more than most of these tests. */
const PURE = ['core', 'golden', 'projections', 'routes', 'schemas', 'ui'].map((folder) => `tests/${folder}/**/*.test.ts`);
const ELSEWHERE = ['tests/**/*.browser.test.ts', 'tests/**/*.postgres.test.ts', 'tests/sim/**'];

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: 'node',
					environment: 'node',
					...SEEDED,
					include: ['tests/**/*.test.ts'],
					exclude: [...PURE, ...ELSEWHERE],
					...SLOW_MACHINE,
					// More than cores: most of their time these wait for somebody. Groups of other numbers of workers run one after the other.
					maxWorkers: 5,
					sequence: { groupOrder: 1 },
				},
			},
			{
				test: {
					name: 'pure',
					environment: 'node',
					isolate: false,
					...SEEDED,
					include: PURE,
					exclude: ELSEWHERE,
					...SLOW_MACHINE,
					maxWorkers: 2,
				},
			},
			{
				test: {
					name: 'postgres',
					environment: 'node',
					...SEEDED,
					include: ['tests/**/*.postgres.test.ts'],
					globalSetup: ['tests/support/postgres-setup.ts'],
					...SLOW_MACHINE,
					maxWorkers: 2,
				},
			},
			{
				test: {
					name: 'simulation',
					environment: 'node',
					...SEEDED,
					include: ['tests/sim/**/*.test.ts'],
					...SLOW_MACHINE,
				},
			},
			{
				test: {
					name: 'browser',
					include: ['tests/**/*.browser.test.ts'],
					...SLOW_MACHINE,
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
