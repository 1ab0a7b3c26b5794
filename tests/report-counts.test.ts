/** The last line of `npm test` is only as true as what it adds up. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { findChromium } from './support/chromium.mjs';
import { countPlaywright, countVitest } from './support/report-counts.mjs';

test('a test file that does not load is a failure, though it holds no test; what failed is named', () => {
	const report = {
		...{ numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 },
		testResults: [
			{ name: resolve('tests/a.test.ts'), status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'passed' }] },
			{
				name: resolve('tests/b.test.ts'),
				status: 'failed',
				assertionResults: [
					{ status: 'passed' },
					{ status: 'failed', fullName: 'counts once', failureMessages: ['\u001b[31mexpected 2 to be 1\u001b[0m\n  at b'] },
				],
			},
			{ name: resolve('tests/c.test.ts'), status: 'failed', assertionResults: [], message: 'it does not load' },
		],
	};
	expect(countVitest(report)).toEqual({
		...{ passed: 3, failed: 2, skipped: 3 },
		named: ['tests/b.test.ts › counts once › expected 2 to be 1', 'tests/c.test.ts › could not be loaded › it does not load'],
	});
});

test('what goes wrong outside of every end-to-end test is a failure too', () => {
	const flat = { file: 'shop.e2e.ts', title: 'sells', tests: [{ status: 'expected', results: [{}] }] };
	const deep = { file: 'shop.e2e.ts', title: 'prints', tests: [{ status: 'unexpected', results: [{ error: { message: 'no paper\n  at c' } }] }] };
	const report = {
		stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 },
		suites: [{ specs: [flat], suites: [{ specs: [deep] }] }],
		errors: [{ message: 'the file does not load' }],
	};
	expect(countPlaywright(report)).toEqual({
		...{ passed: 5, failed: 2, skipped: 2 },
		named: ['shop.e2e.ts › prints › no paper', 'outside of every test › the file does not load'],
	});
	expect(countPlaywright({ stats: { expected: 4, unexpected: 0, flaky: 0, skipped: 0 } })).toEqual({ passed: 4, failed: 0, skipped: 0, named: [] });
});

test('the browser that is named wins, then the first on the path, then Playwright chooses', () => {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-chromium-'));
	try {
		writeFileSync(join(folder, 'chromium-browser'), '');
		expect(findChromium({ PATH: folder, CHROMIUM_PATH: 'mine' })).toBe('mine');
		if (process.platform === 'linux') {
			expect(findChromium({ PATH: folder }), 'not executable').toBeUndefined();
			chmodSync(join(folder, 'chromium-browser'), 0o755);
			expect(findChromium({ PATH: `:nowhere:${folder}` })).toBe(join(folder, 'chromium-browser'));
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
});
