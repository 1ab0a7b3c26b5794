/** `npm run attack -- --seed N --frames N --from N --minutes N`: the exit status says whether anything was found. */
import { parseArgs } from 'node:util';
import { playFrames } from '../support/frames/play.ts';

const { values } = parseArgs({
	options: {
		...{ seed: { type: 'string', default: '1' }, frames: { type: 'string', default: '100000' }, from: { type: 'string', default: '0' } },
		minutes: { type: 'string', default: '60' },
	},
});
const [seed = 1, frames = 0, from = 0, minutes = 60] = [values.seed, values.frames, values.from, values.minutes].map(Number);
if (![seed, frames, from, minutes].every((number) => Number.isSafeInteger(number) && number >= 0)) {
	console.error('Each of --seed, --frames, --from and --minutes is a whole number.');
	process.exit(2);
}
const begunMs = Date.now();
const played = await playFrames({ seed, frames, from, mostMs: minutes * 60_000, say: (line) => console.log(line) });
const at = (part: number): number => played.toCloudMs[Math.min(played.toCloudMs.length - 1, Math.floor(played.toCloudMs.length * part))] ?? 0;
console.log(
	`seed ${seed}: ${[...played.sent].map(([way, count]) => `${count} ${way}`).join(', ')} in ${Math.round((Date.now() - begunMs) / 1000)} s`,
);
console.log(
	`${played.sales} sales beside them, in the cloud after ${at(0.5)} ms (median), ${at(0.99)} ms (of a hundred the slowest), ${at(1)} ms (the slowest); MiB more: hub ${played.grownMiB.hub}, relay ${played.grownMiB.relay}`,
);
for (const [why, count] of [...played.ends].sort(([, a], [, b]) => b - a)) console.log(`  ${count} × ${why}`);
console.log(
	played.findings.length === 0
		? '✓ both live, every sale is there, nothing of an attacker is'
		: `✗ ${played.findings.length} findings:\n${played.findings.join('\n')}`,
);
process.exit(played.findings.length === 0 ? 0 : 1);
