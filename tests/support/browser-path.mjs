/** Before the packages are there no browser can be looked for, and Playwright needs a newer Node than the scripts that npm starts. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { step } from '../../sync-server/launch/progress.mjs';
import { ROOT, SetupError } from '../../sync-server/launch/setup.mjs';

/** The path of a Chromium that starts, looked for (and fetched if need be) by our own Node. Rejects with a SetupError that says what to install. */
export function browserPath(node, env) {
	return step('Looking for a Chromium', () => {
		return new Promise((resolve, reject) => {
			const child = spawn(node, [join(ROOT, 'tests', 'support', 'find-chromium.mjs')], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
			let path = '';
			let said = '';
			child.stdout.setEncoding('utf8').on('data', (text) => (path += text));
			child.stderr.setEncoding('utf8').on('data', (text) => {
				said = text;
				process.stderr.write(`\n${text}`);
			});
			child.on('error', (error) => reject(new SetupError(error.message)));
			child.on('close', (code) => (code === 0 ? resolve(path.trim()) : reject(new SetupError(said.trim() || 'No Chromium.'))));
		});
	});
}

/** For `launch`: everything below finds the same browser. */
export async function browserEnvironment(node, env) {
	return { CHROMIUM_PATH: await browserPath(node, env) };
}
