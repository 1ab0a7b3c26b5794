/**
 * Sets up, then lets the right Node run one of our programs as if it had been called itself: same arguments, signals, output and exit code.
 *
 * Asking for help, or for anything that only prints, builds nothing.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { ensureApp, ensurePackages, environmentFor, ROOT, SetupError } from './setup.mjs';

/**
 * What each of our programs asks of its Node. node:sqlite still warns that it may change; Node's version is pinned, so it will not under us. The negative delay is
 * automerge-repo's own: what it throttles and has not called for longer than its delay (`helpers/throttle.js`) is meant to run at once, and does.
 */
export const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];

const ONLY_PRINTS = new Set(['--help', '-h', '--version']);

/**
 * `program` is a path in the repository; `servesApp` when it needs the built app; `more` what else its environment needs, found with our own Node;
 * `nodeFlags` beside those that each of them has. Ends this process.
 */
export async function launch({ program, servesApp, more, nodeFlags = [], args = process.argv.slice(2) }) {
	let node;
	let env = environmentFor();
	try {
		node = await ensurePackages();
		if (!args.some((arg) => ONLY_PRINTS.has(arg))) {
			if (servesApp) await ensureApp({ node });
			env = { ...env, ...(await more?.(node, env)) };
		}
	} catch (error) {
		if (!(error instanceof SetupError)) throw error;
		process.stderr.write(`${error.message}\n`);
		process.exit(1);
	}
	const child = spawn(node, [...NODE_FLAGS, ...nodeFlags, resolve(ROOT, program), ...args], { stdio: 'inherit', env });
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.on(signal, () => {
			// Ctrl-C in a terminal reaches the whole foreground group: the child has been told already, and a second one may mean "at once".
			if (signal === 'SIGINT' && process.stdin.isTTY) return;
			child.kill(signal);
		});
	}
	child.on('error', (error) => {
		process.stderr.write(`Node could not be started: ${error.message}\n`);
		process.exit(1);
	});
	child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
