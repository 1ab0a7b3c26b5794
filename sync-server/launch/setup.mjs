/**
 * What must be there before anything of ours runs: the packages, the right Node, the built app. Plain JavaScript, for whatever Node and npm the machine has.
 *
 * Invariants:
 * 1. Nothing is done twice: packages are installed when package-lock.json asks for others than lie there, the app is built when its sources changed.
 * 2. What cannot be had ends in one sentence that says what to do (`SetupError`), never in a stack trace.
 * 3. Whatever takes over a second says what it is doing, and that it is still at it.
 * 4. Of several that are started together one sets up, and the others wait for it (`alone.mjs`).
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { alone } from './alone.mjs';
import { step } from './progress.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The oldest Node that runs this code: TypeScript as it is, and everything libp2p and SQLite want. */
const NODE_MAJOR = 24;

/** The oldest Node that can bring the right one. */
const OLDEST_STARTER = 18;

const MINUTE_MS = 60_000;

/** Something that a person must do; the message is for that person. */
export class SetupError extends Error {}

/** Installs what is missing and answers the path of a Node that can run the rest. */
export async function ensurePackages({ root = ROOT } = {}) {
	if (Number(process.versions.node.split('.')[0]) < OLDEST_STARTER) {
		throw new SetupError(
			`This is Node ${process.versions.node}. Install Node ${OLDEST_STARTER} or newer (it fetches Node ${NODE_MAJOR} for itself), then try again.`,
		);
	}
	const lock = readFileSync(join(root, 'package-lock.json'));
	const stamp = join(root, 'node_modules', '.holdfast-lock');
	const wanted = createHash('sha256').update(lock).digest('hex');
	if (textOf(stamp) !== wanted) {
		await setUp(root, async () => {
			if (textOf(stamp) === wanted) return;
			if (!holdsPackages(root, lock)) await installPackages(root);
			writeFileSync(stamp, wanted);
		});
	}
	return rightNode(root);
}

/** Builds the app if its sources are others than those it was built from. Answers whether it did. */
export async function ensureApp({ root = ROOT, node }) {
	// In the build's own folder, which every build begins by emptying: a build made by hand leaves no stamp, and is made again.
	const stamp = join(root, 'build', '.sources');
	const wanted = hashOfSources(root);
	const isBuilt = () => existsSync(join(root, 'build', 'index.html')) && textOf(stamp) === wanted;
	if (isBuilt()) return false;
	return setUp(root, async () => {
		if (isBuilt()) return false;
		await buildApp(root, node);
		mkdirSync(join(root, 'build'), { recursive: true });
		writeFileSync(stamp, wanted);
		return true;
	});
}

async function buildApp(root, node) {
	await step('Building the app', async () => {
		const { code, output } = await run(node, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build'], {
			root,
			node,
			timeoutMs: 10 * MINUTE_MS,
		});
		if (code !== 0) throw new SetupError(`${lastLines(output)}\nThe app could not be built; the lines above say where.`);
	});
}

/** Everything the app is built from, by name and content. */
export function hashOfSources(root = ROOT) {
	const hash = createHash('sha256');
	for (const place of ['app', 'schemas', 'static']) for (const file of filesUnder(join(root, place))) add(file);
	for (const file of ['package.json', 'package-lock.json', 'vite.config.ts', 'svelte.config.js']) add(join(root, file));
	return hash.digest('hex');

	function add(file) {
		const bytes = readFileSync(file);
		hash.update(`${relative(root, file).split(sep).join('/')}\n${bytes.length}\n`).update(bytes);
	}
}

/** The environment in which our Node is the first one found, and keeps what it compiled: a hub's start costs half of the processor's time then. */
export function environmentFor(root = ROOT) {
	// Windows calls it Path; two spellings in one environment would leave the choice to chance.
	const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
	return {
		NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
		...process.env,
		[name]: [join(root, 'node_modules', '.bin'), process.env[name]].join(process.platform === 'win32' ? ';' : ':'),
	};
}

async function setUp(root, work) {
	try {
		return await alone(root, work);
	} catch (error) {
		if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
		throw new SetupError(
			`${root} has to be set up, and this user may not write there: run "node sync-server/launch/setup.mjs" as its owner, then try again.`,
		);
	}
}

async function installPackages(root) {
	await step('Installing packages', async () => {
		// Also what only building needs, whatever NODE_ENV says: the app is built here. Errors are heard even under a silent `npm test`.
		const windows = process.platform === 'win32';
		const { code, output } = await run(windows ? 'npm.cmd' : 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
			root,
			shell: windows,
			timeoutMs: 20 * MINUTE_MS,
		});
		if (code === 'missing') throw new SetupError('npm was not found. Install Node with npm, then try again.');
		if (code !== 0)
			throw new SetupError(`${npmErrors(output)}\nThe packages could not be installed. Is the package registry within reach? Then try again.`);
	});
}

/** True when what npm put into node_modules (it keeps a list) is what the lockfile names; packages for other platforms may be absent. */
function holdsPackages(root, lock) {
	const list = textOf(join(root, 'node_modules', '.package-lock.json'));
	if (list === undefined) return false;
	try {
		const installed = JSON.parse(list).packages;
		return Object.entries(JSON.parse(lock).packages).every(([name, { version, optional, devOptional, peer }]) => {
			if (name === '') return true;
			if (installed[name] === undefined) return Boolean(optional || devOptional || peer);
			return installed[name].version === version;
		});
	} catch {
		return false; // A list that npm did not finish.
	}
}

function rightNode(root) {
	const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
	if (existsSync(own)) return own;
	if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
	throw new SetupError(
		`Node ${NODE_MAJOR} is needed and this is ${process.versions.node}. It comes with the packages, but npm was told not to run install scripts: ` +
			'run "npm rebuild node --ignore-scripts=false --foreground-scripts", or install Node 24, then try again.',
	);
}

function filesUnder(folder) {
	return readdirSync(folder, { withFileTypes: true })
		.sort((a, b) => (a.name < b.name ? -1 : 1))
		.flatMap((item) => {
			if (item.isDirectory()) return item.name === 'node_modules' || item.name.startsWith('compiled') ? [] : filesUnder(join(folder, item.name));
			return item.isFile() && !item.name.endsWith('.md') ? [join(folder, item.name)] : [];
		});
}

function textOf(file) {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return undefined;
	}
}

/** npm says first what is wrong and then, at length, how it is used. */
function npmErrors(output) {
	const errors = output.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line));
	return errors.length > 0 ? errors.slice(0, 12).join('\n') : lastLines(output);
}

function lastLines(output) {
	return output.trimEnd().split('\n').slice(-30).join('\n');
}

/** Runs to the end, keeping what it said. `code` is 'missing' when there is no such program. */
function run(command, args, { root, shell = false, timeoutMs }) {
	return new Promise((resolve) => {
		const child = spawn(command, args, { cwd: root, env: environmentFor(root), shell, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
		let output = '';
		for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
		child.on('error', (error) => resolve({ code: error.code === 'ENOENT' ? 'missing' : 1, output: output + error.message }));
		child.on('close', (code, signal) =>
			resolve({ code: code ?? 1, output: signal === null ? output : `${output}\nended by ${signal} after ${timeoutMs / MINUTE_MS} minutes at most` }),
		);
	});
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
	try {
		const node = await ensurePackages();
		await ensureApp({ node });
		console.error('Ready: npm start');
	} catch (error) {
		if (!(error instanceof SetupError)) throw error;
		console.error(error.message);
		process.exitCode = 1;
	}
}
