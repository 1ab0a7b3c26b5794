/** Loaded first (`--import`): this process believes that it is another time, as a computer with a wrong clock does; a file says by how much, and is read anew all the time. */
import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 250;
const file = process.env['HOLDFAST_SOAK_CLOCK'];
const now = Date.now.bind(Date);
let aheadMs = 0;

function look() {
	try {
		aheadMs = Number(readFileSync(file, 'utf8'));
	} catch {
		// The soak is over, and its folder gone.
	}
}

if (file !== undefined) {
	look();
	setInterval(look, LOOK_EVERY_MS).unref();
}
globalThis.Date = class extends Date {
	constructor(...given) {
		super(...(given.length === 0 ? [now() + aheadMs] : given));
	}
	static now() {
		return now() + aheadMs;
	}
};
