/**
 * Where a Chromium is, for every test that opens one: named by CHROMIUM_PATH, the system's, or Playwright's own.
 *
 * `findChromium` only looks; `ensureChromium` fetches one when there is none, by the first way that works, and proves that it starts.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const APPLICATIONS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/** How the distributions that we know bring a Chromium; without a question asked. */
const PACKAGES = [
	[
		'apt-get',
		[
			['update', '-qq'],
			['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
		],
	],
	['dnf', [['install', '-y', '-q', 'chromium']]],
	['apk', [['add', '--quiet', 'chromium']]],
];

/** The path of a system Chromium; undefined leaves the choice to Playwright, which then looks for its own. */
export function findChromium(env = process.env) {
	if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
	return system(env)[0];
}

/**
 * The path of a Chromium that starts: named, the system's, Playwright's own (fetched if need be), or the distribution's where the user is root.
 * Needs the packages. Throws an Error whose message says what to install. `say` hears what is going on.
 * @param {{ say?: (line: string) => void, env?: NodeJS.ProcessEnv }} [options]
 */
export async function ensureChromium({ say = () => {}, env = process.env } = {}) {
	if (env.CHROMIUM_PATH) {
		if (starts(env.CHROMIUM_PATH)) return env.CHROMIUM_PATH;
		throw new Error(`CHROMIUM_PATH names ${env.CHROMIUM_PATH}, which does not start. Name a Chromium that does, or unset it.`);
	}
	const there = system(env).find(starts) ?? (await playwrights());
	if (there !== undefined) return there;

	say('No Chromium here: asking Playwright for its own');
	const cli = join(ROOT, 'node_modules', 'playwright', 'cli.js');
	spawnSync(process.execPath, [cli, 'install', 'chromium'], {
		stdio: 'ignore',
		timeout: 300_000,
		env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000', ...env },
	});
	const fetched = await playwrights();
	if (fetched !== undefined) return fetched;

	if (process.getuid?.() === 0) {
		for (const [manager, calls] of PACKAGES) {
			if (onPath(manager, env) === undefined) continue;
			say(`Playwright's own could not be had: installing the distribution's Chromium with ${manager}`);
			// An update that fails (one source of many out of reach) need not keep the install from working.
			for (const args of calls) spawnSync(manager, args, { stdio: 'ignore', timeout: 600_000, env: { DEBIAN_FRONTEND: 'noninteractive', ...env } });
			const installed = system(env).find(starts);
			if (installed !== undefined) return installed;
		}
	}
	throw new Error(
		'These tests open a real Chromium and none could be found or installed. Install the package "chromium" (or Google Chrome), or name one in CHROMIUM_PATH.',
	);
}

function system(env) {
	return [...NAMES.map((name) => onPath(name, env)), ...APPLICATIONS.filter(isExecutable)].filter((path) => path !== undefined);
}

function onPath(name, env) {
	return (env.PATH ?? '')
		.split(delimiter)
		.filter((folder) => folder !== '')
		.map((folder) => join(folder, name))
		.find(isExecutable);
}

/** Some distributions put a script there that only says where to get it, and a browser without its libraries is none. */
function starts(path) {
	const answer = spawnSync(path, ['--version', '--no-sandbox'], { encoding: 'utf8', timeout: 30_000 });
	return answer.status === 0 && /\d+\.\d+/.test(answer.stdout);
}

async function playwrights() {
	const { chromium } = await import('playwright');
	const path = chromium.executablePath();
	return existsSync(path) && starts(path) ? path : undefined;
}

function isExecutable(path) {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
