/** Wrong clocks: a file says by how much a part is ahead (negative: behind), and the part reads it all the time, so that a clock can be set while it runs. */
import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a part's environment names the file with: `skewed.mjs` reads it in Node, `wrong-clock.c` in a browser. */
export const CLOCK_FILE = 'HOLDFAST_SOAK_CLOCK';

export interface WrongClock {
	readonly file: string;
	/** In whole seconds. */
	set(aheadMs: number): void;
}

export function createClock(folder: string, name: string, aheadMs: number): WrongClock {
	const file = join(folder, `clock-${name}`);
	const clock: WrongClock = {
		file,
		set(ms) {
			// A reader finds the old or the new one, never half of it.
			writeFileSync(`${file}.new`, String(Math.round(ms / 1000) * 1000));
			renameSync(`${file}.new`, file);
		},
	};
	clock.set(aheadMs);
	return clock;
}

/** What a browser is started with to live in another time; undefined: this machine has no C compiler, and its browsers' clocks are right. */
export function buildBrowserClock(folder: string): string | undefined {
	const library = join(folder, 'wrong-clock.so');
	const source = fileURLToPath(new URL('wrong-clock.c', import.meta.url));
	return spawnSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl']).status === 0 ? library : undefined;
}
