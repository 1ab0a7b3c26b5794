/** `npm run soak:frames -- --seed N --frames N --from N`: the exit status says whether anything was found. */
import { parseArgs } from 'node:util';
import { playFrames } from '../support/frames/play.ts';

const { values } = parseArgs({
	options: { seed: { type: 'string', default: '1' }, frames: { type: 'string', default: '100000' }, from: { type: 'string', default: '0' } },
});
const [seed = 1, frames = 0, from = 0] = [values.seed, values.frames, values.from].map(Number);
const begunMs = Date.now();
const played = await playFrames({ seed, frames, from, say: (line) => console.log(line) });
console.log(
	`seed ${seed}: ${[...played.sent].map(([way, count]) => `${count} ${way}`).join(', ')} in ${Math.round((Date.now() - begunMs) / 1000)} s`,
);
console.log(
	`${played.sales} sales beside them, the slowest in the cloud after ${played.slowestSaleMs} ms; MiB more: hub ${played.grownMiB.hub}, relay ${played.grownMiB.relay}`,
);
for (const [why, count] of [...played.ends].sort(([, a], [, b]) => b - a)) console.log(`  ${count} × ${why}`);
console.log(played.findings.length === 0 ? '✓ nothing was found' : `✗ ${played.findings.length} findings:\n${played.findings.join('\n')}`);
process.exit(played.findings.length === 0 ? 0 : 1);
