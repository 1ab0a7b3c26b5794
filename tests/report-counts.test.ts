/** The last line of `npm test` is only as true as what it adds up. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findChromium } from './support/chromium.mjs';
import { countPlaywright, countVitest } from './support/report-counts.mjs';

test('a test file that does not load is a failure, though it holds no test', () => {
	const report = {
		...{ numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 },
		testResults: [
			{ status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'passed' }] },
			{ status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] },
			{ status: 'failed', assertionResults: [] },
		],
	};
	expect(countVitest(report)).toEqual({ passed: 3, failed: 2, skipped: 3 });
});

test('what goes wrong outside of every end-to-end test is a failure too', () => {
	expect(countPlaywright({ stats: { expected: 4, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{ message: 'the file does not load' }] })).toEqual({
		passed: 5,
		failed: 2,
		skipped: 2,
	});
	expect(countPlaywright({ stats: { expected: 4, unexpected: 0, flaky: 0, skipped: 0 } })).toEqual({ passed: 4, failed: 0, skipped: 0 });
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
