/**
 * `npm test`: everything, on a machine with only some Node and npm, in one line at the end: `N passed, N failed`.
 *
 * Invariants:
 * 1. The counts are those that each runner wrote into its own report. A check (format, lint, types …) counts as one.
 * 2. A runner that ended badly, ran no test or left no report is a failure, whatever it printed.
 * 3. Every stage has an end, for what hangs: past it, several times what the stage takes, it is stopped with everything that it started, and has failed.
 * 4. A stage that failed does not keep the later ones from running, but for those that need it.
 * 5. What failed is named once more above that line, for the log is long.
 * 6. What tests leave in the system's folder for temporary files is gone with the run.
 * 7. What only computes goes in two lanes at once, one a core; what waits for others within a bound has the machine to itself.
 *
 * `npm test -- unit e2e` runs only these stages; `npm test -- build long` the days in a browser that are only run by name.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureApp, ensurePackages, environmentFor, ROOT, SetupError } from '../sync-server/launch/setup.mjs';
import { browserPath } from './support/browser-path.mjs';
import { countPlaywright, countVitest } from './support/report-counts.mjs';

const MINUTE_MS = 60_000;
const REPORTS = join(ROOT, 'test-results', 'reports');

const bin = (...path) => join(ROOT, 'node_modules', ...path);
const report = (name) => join(REPORTS, `${name}.json`);
const tsc = bin('typescript', 'bin', 'tsc');

/** In this order, the lanes first; quick and telling ones first. The build rewrites what the lanes' checks read, so it waits for the longest of them. */
const STAGES = [
	{ name: 'lint', lane: 1, minutes: 15, calls: [[bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0']] },
	{ name: 'format', lane: 1, minutes: 10, calls: [[bin('prettier', 'bin', 'prettier.cjs'), '--check', '.']] },
	{ name: 'build', lane: 1, minutes: 10, build: true },
	{
		name: 'types',
		lane: 2,
		minutes: 15,
		calls: [
			[tsc, '-p', 'tsconfig.json'],
			[tsc, '-p', 'app/service-worker'],
		],
	},
	{
		name: 'svelte',
		lane: 2,
		minutes: 15,
		calls: [[bin('svelte-check', 'bin', 'svelte-check'), '--tsconfig', 'app/tsconfig.json', '--fail-on-warnings']],
	},
	{ name: 'simulation', lane: 2, minutes: 15, calls: [vitest('simulation', 'simulation')], counts: countVitest },
	{ name: 'browser', lane: 2, minutes: 15, browser: true, calls: [vitest('browser', 'browser')], counts: countVitest },
	{ name: 'unit', minutes: 25, calls: [vitest('unit', 'pure', 'node')], counts: countVitest },
	{ name: 'postgres', minutes: 10, calls: [vitest('postgres', 'postgres')], counts: countVitest },
	{ name: 'screens', minutes: 25, browser: true, calls: [playwright('screens', '--workers', '3')], counts: countPlaywright },
	{ name: 'e2e', minutes: 25, browser: true, needs: 'build', calls: [playwright('shop', '--workers', '3')], counts: countPlaywright },
	{ name: 'long', minutes: 15, browser: true, needs: 'build', calls: [playwright('long', '--workers', '3')], counts: countPlaywright, byName: true },
];

/** What every stage reads and none may write while another runs. */
const GENERATED = [[join(ROOT, 'app', 'languages', 'compile.ts')], [bin('@sveltejs', 'kit', 'svelte-kit.js'), 'sync']];

function playwright(project, ...more) {
	return [bin('playwright', 'cli.js'), 'test', '--config', 'tests/playwright.config.ts', '--project', project, '--reporter', 'list,json', ...more];
}

function vitest(name, ...projects) {
	const chosen = projects.flatMap((project) => ['--project', project]);
	return [bin('vitest', 'vitest.mjs'), 'run', ...chosen, '--reporter', 'default', '--reporter', 'json', '--outputFile.json', report(name)];
}

const begunMs = Date.now();
const total = { passed: 0, failed: 0 };
const failed = new Set();
/** A line for each failure. */
const named = [];
/** One child a lane. */
const running = new Set();
const temporary = mkdtempSync(join(tmpdir(), 'holdfast-tests-'));
chmodSync(temporary, 0o711); // A database does not run as root.

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => {
		for (const child of running) kill(child);
		close(`stopped by ${signal}`, 1);
	});
}

try {
	const chosen = choose(process.argv.slice(2));
	const node = await ensurePackages();
	const env = { ...environmentFor(), TMPDIR: temporary, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) };
	if (chosen.some((stage) => stage.browser)) env.CHROMIUM_PATH = await browserPath(node, env);
	rmSync(REPORTS, { recursive: true, force: true });
	mkdirSync(REPORTS, { recursive: true });
	const generated = await callAll({ minutes: 3, calls: GENERATED }, { node, env });
	if (generated.failed > 0) throw new SetupError(`What the app is generated from could not be read: ${generated.because}.`);
	await Promise.all([1, 2].map((lane) => runStages(chosen.filter((stage) => stage.lane === lane))));
	await runStages(chosen.filter((stage) => stage.lane === undefined));
	close();

	async function runStages(stages) {
		for (const stage of stages) await runStage(stage, { node, env });
	}
} catch (error) {
	if (!(error instanceof SetupError)) console.error(error);
	close(error.message, 1);
}

async function runStage(stage, { node, env }) {
	console.log(`… ${stage.name}`);
	const stageBegunMs = Date.now();
	let outcome;
	if (failed.has(stage.needs)) outcome = { passed: 0, failed: 1, because: `not run, for ${stage.needs} failed` };
	else if (stage.build) outcome = await build(node);
	else outcome = await callAll(stage, { node, env });
	total.passed += outcome.passed;
	total.failed += outcome.failed;
	if (outcome.failed > 0) {
		failed.add(stage.name);
		for (const line of outcome.named?.length > 0 ? outcome.named : [outcome.because ?? 'see above']) named.push(`${stage.name}: ${line}`);
	}
	const seconds = ((Date.now() - stageBegunMs) / 1000).toFixed(1);
	const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : '';
	const because = outcome.because === undefined ? '' : `: ${outcome.because}`;
	console.log(
		`${outcome.failed > 0 ? '✗' : '✓'} ${stage.name.padEnd(10)} ${seconds.padStart(6)} s   ${outcome.passed} passed, ${outcome.failed} failed${skipped}${because}`,
	);
}

async function callAll(stage, { node, env }) {
	const untilMs = Date.now() + stage.minutes * MINUTE_MS;
	const reported = stage.counts !== undefined;
	let problem;
	for (const call of stage.calls) {
		problem ??= await runCall(node, call, {
			env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report(stage.name) },
			untilMs,
			minutes: stage.minutes,
			shown: reported,
		});
	}
	if (!reported) return { passed: problem === undefined ? 1 : 0, failed: problem === undefined ? 0 : 1, because: problem };
	let counts;
	try {
		counts = stage.counts(JSON.parse(readFileSync(report(stage.name), 'utf8')));
	} catch (error) {
		return { passed: 0, failed: 1, because: `${problem ?? 'the runner ended well'}, but left no report to count (${error.message})` };
	}
	if (counts.failed === 0 && problem !== undefined) return { ...counts, failed: 1, because: `no test failed, yet ${problem}` };
	if (counts.passed + counts.failed === 0) return { ...counts, failed: 1, because: 'no test was run' };
	return counts;
}

/** Undefined when all went well, else what went wrong. A check's output is shown only when it matters, a test runner's as it comes. */
function runCall(node, args, { env, untilMs, minutes, shown }) {
	return new Promise((resolve) => {
		// A group of its own, so that what is stopped takes its browsers and workers with it.
		const child = spawn(node, args, { cwd: ROOT, env, detached: true, stdio: ['ignore', shown ? 'inherit' : 'pipe', shown ? 'inherit' : 'pipe'] });
		running.add(child);
		let output = '';
		let late = false;
		for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
		const timer = setTimeout(() => {
			late = true;
			kill(child);
		}, untilMs - Date.now());
		child.on('error', (error) => (output += error.message));
		child.on('close', (code, signal) => {
			clearTimeout(timer);
			kill(child); // What a crashed runner left behind.
			running.delete(child);
			if (code === 0 && !late) return resolve(undefined);
			if (output !== '') console.log(output.trimEnd());
			if (late) resolve(`it was stopped after ${minutes} minutes`);
			else resolve(signal === null ? `the runner ended with ${code}` : `the runner was ended by ${signal}`);
		});
	});
}

async function build(node) {
	try {
		await ensureApp({ node });
		return { passed: 1, failed: 0 };
	} catch (error) {
		if (!(error instanceof SetupError)) throw error;
		console.log(error.message);
		return { passed: 0, failed: 1 };
	}
}

function choose(names) {
	if (names.length === 0) return STAGES.filter(({ byName }) => !byName);
	const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name));
	if (unknown.length > 0) throw new SetupError(`There is no stage ${unknown.join(', ')}. There are: ${STAGES.map(({ name }) => name).join(', ')}.`);
	return STAGES.filter(({ name }) => names.includes(name));
}

/** With everything that it started. */
function kill(child) {
	if (child.pid === undefined) return;
	try {
		process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
	} catch {
		// Gone already.
	}
}

/** The last word. What kept the tests from running is a failure of its own. */
function close(problem, failures = 0) {
	if (problem) console.log(problem);
	total.failed += failures;
	try {
		rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
	} catch {
		// What was stopped may be writing still; the system clears its folder some day.
	}
	for (const line of named) console.log(`✗ ${line}`);
	console.log(`All stages: ${((Date.now() - begunMs) / 1000).toFixed(0)} s`);
	console.log(`${total.passed} passed, ${total.failed} failed`);
	process.exit(total.failed === 0 ? 0 : 1);
}
