/**
 * `npm run soak:properties -- [--rounds N] [--seed N] [path …]`: every property test once a round, each round with a seed of its own; for ever without
 * `--rounds`. Stops at the first that fails and says how to play it again.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../..');
const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: { rounds: { type: 'string' }, seed: { type: 'string' } },
});
const rounds = Number(values.rounds ?? Infinity);
const first = Number(values.seed ?? Date.now() % 2 ** 31);
if (!(rounds >= 1) || !Number.isSafeInteger(first) || first < 0) {
	console.error('--rounds takes how often, --seed a whole number: npm run soak:properties -- --rounds 100 --seed 7');
	process.exit(2);
}

const files = positionals.length > 0 ? positionals : filesWithProperties();
for (let done = 0; done < rounds; done += 1) {
	const seed = (first + done) % 2 ** 31;
	const projects = ['node', 'pure', 'simulation'].flatMap((project) => ['--project', project]);
	const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...projects, '--testTimeout', '600000', ...files];
	const run = spawnSync(process.execPath, vitest, {
		...{ cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 },
		env: { ...process.env, HOLDFAST_PROPERTY_SEED: String(seed) },
	});
	if (run.status !== 0) {
		console.error(`${run.stdout}\n${run.stderr}\nSeed ${seed}. Again: npm run soak:properties -- --rounds 1 --seed ${seed}`);
		process.exit(1);
	}
	console.log(`Round ${done + 1}, seed ${seed}: all properties hold.`);
}

/** With those whose shops are drawn for them (`reports/suite.ts`); a database of its own is no part of a round. */
function filesWithProperties(): readonly string[] {
	const draws = "from '(fast-check|[^']*/(random-shop|suite))(\\.ts)?'";
	const found = execFileSync('git', ['grep', '-lE', draws, '--', 'tests/*.test.ts'], { cwd: ROOT, encoding: 'utf8' });
	return found
		.trim()
		.split('\n')
		.filter((file) => !/\.(browser|postgres)\.test\.ts$/.test(file));
}
