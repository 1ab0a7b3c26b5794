/** Prints the path of a Chromium that starts; what is going on, and why there is none, goes to stderr. */
import { ensureChromium } from './chromium.mjs';

try {
	console.log(await ensureChromium({ say: (line) => console.error(line) }));
} catch (error) {
	console.error(error.message);
	process.exitCode = 1;
}
