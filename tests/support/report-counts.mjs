/**
 * What a test runner's own JSON report counts.
 *
 * 1. A test file that could not be loaded is a failure, though it holds no test.
 * 2. A test that passed at a second try has passed; the report says so.
 */

/** Of Vitest's `json` reporter. */
export function countVitest(report) {
	const unloaded = report.testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'));
	return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length, skipped: report.numPendingTests + report.numTodoTests };
}

/** Of Playwright's `json` reporter. `errors` are those outside of any test: a file that does not load, a server that does not start. */
export function countPlaywright(report) {
	const { expected, unexpected, flaky, skipped } = report.stats;
	return { passed: expected + flaky, failed: unexpected + (report.errors?.length ?? 0), skipped };
}
