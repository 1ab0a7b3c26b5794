/**
 * What a test runner's own JSON report counts, and the names of what failed in it.
 *
 * 1. A test file that could not be loaded is a failure, though it holds no test.
 * 2. A test that passed at a second try has passed; the report says so.
 * 3. What failed is named by file, test and the first line of what went wrong; the whole of it stands where the test ran.
 */
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Of Vitest's `json` reporter. */
export function countVitest(report) {
	const failed = report.testResults
		.filter(({ status }) => status === 'failed')
		.map((file) => ({ ...file, tests: file.assertionResults.filter(hasFailed) }));
	const unloaded = failed.filter(({ tests }) => tests.length === 0);
	return {
		passed: report.numPassedTests,
		failed: report.numFailedTests + unloaded.length,
		skipped: report.numPendingTests + report.numTodoTests,
		named: [
			...failed.flatMap(({ name, tests }) => tests.map(({ fullName, failureMessages }) => line(relative('', name), fullName, failureMessages?.[0]))),
			...unloaded.map(({ name, message }) => line(relative('', name), 'could not be loaded', message)),
		],
	};
}

function hasFailed({ status }) {
	return status === 'failed';
}

/** Of Playwright's `json` reporter. `errors` are those outside of any test: a file that does not load, a server that does not start. */
export function countPlaywright(report) {
	const { expected, unexpected, flaky, skipped } = report.stats;
	const outside = (report.errors ?? []).map(({ message }) => line('outside of every test', message));
	const named = [...specsOf(report).flatMap(failuresOf), ...outside];
	return { passed: expected + flaky, failed: unexpected + outside.length, skipped, named };
}

function specsOf({ suites = [], specs = [] }) {
	return [...specs, ...suites.flatMap(specsOf)];
}

function failuresOf({ file, title, tests }) {
	return tests.filter(({ status }) => status === 'unexpected').map(({ results }) => line(file, title, results.at(-1)?.error?.message));
}

function line(...parts) {
	return parts
		.filter((part) => part)
		.map((part) => stripVTControlCharacters(part).trimStart().split('\n', 1)[0])
		.join(' › ');
}
