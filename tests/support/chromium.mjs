/** Where a Chromium is, for every test that opens one: named by CHROMIUM_PATH, the system's, or Playwright's own. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of a system Chromium; undefined leaves the choice to Playwright, which then looks for its own. */
export function findChromium(env = process.env) {
	if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
	for (const folder of (env.PATH ?? '').split(delimiter)) {
		for (const name of NAMES) if (folder !== '' && isExecutable(join(folder, name))) return join(folder, name);
	}
	return undefined;
}

function isExecutable(path) {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
