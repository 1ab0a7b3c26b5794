/**
 * `npm run alarms -- --seeds 10000 [--from N]`: generated shop days, one a seed. Stops at the first in which something else is found than was planted, and says
 * which seed it was; `--seeds 1 --from <seed>` plays it again.
 */
import { parseArgs } from 'node:util';
import { differenceIn } from './check.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '1000' }, from: { type: 'string', default: '1' } } });
const seeds = Number(values.seeds);
const from = Number(values.from);
if (!Number.isSafeInteger(seeds) || seeds < 1 || !Number.isSafeInteger(from) || from < 0) {
	console.error('--seeds takes how many days to play, --from the number of the first: npm run alarms -- --seeds 10000 --from 1');
	process.exit(2);
}

const startedMs = performance.now();
let shownMs = 0;
for (let done = 0; done < seeds; done += 1) {
	const difference = differenceIn(from + done);
	if (difference !== undefined) {
		console.error(`\nSeed ${difference.seed}, planted: ${difference.planted.join(', ') || 'nothing'}\n${difference.words}`);
		process.exit(1);
	}
	const nowMs = performance.now() - startedMs;
	if (nowMs - shownMs < 1000 && done + 1 < seeds) continue;
	shownMs = nowMs;
	process.stdout.write(`\r${done + 1} of ${seeds} days, ${Math.round(nowMs / 1000)} s`);
}
console.log(`\nNo false alarm and nothing missed in ${seeds} days, from seed ${from}.`);
