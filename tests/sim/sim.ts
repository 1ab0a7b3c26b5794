/**
 * `npm run sim`: one shop from one seed. Prints a line a day and, at the end, what came of it and a SHA-256 of the whole run: two runs of one seed print the same.
 *
 * A failing seed is made small and printed with the line that plays it again; the exit status is then 1.
 */
import { commandOf, HELP, readFlags, type SimFlags } from './flags.ts';
import { shrink } from './shrink.ts';
import { playWorld, type RunResult, type WorldOptions } from './world.ts';

const flags = readFlags(process.argv.slice(2));
if ('help' in flags) {
	process.stdout.write(HELP);
} else if ('problem' in flags) {
	process.stderr.write(`${flags.problem}\nnpm run sim -- --help says what there is.\n`);
	process.exitCode = 2;
} else {
	process.exitCode = await run(flags);
}

async function run(asked: SimFlags): Promise<number> {
	const isOne = asked.seeds === 1 && !asked.isEndless;
	const say = (line: string): void => {
		if (!asked.isJson) process.stdout.write(`${line}\n`);
	};
	for (let n = 0; asked.isEndless || n < asked.seeds; n += 1) {
		const world: WorldOptions = { ...asked.world, seed: String(Number(asked.world.seed) + n), ...(isOne ? { onDay: say } : {}) };
		if (isOne) say(commandOf(world));
		const result = await playWorld(world);
		if (isOne) say(outcomesOf(result));
		if (result.failure === undefined) {
			say(`seed ${world.seed}: nothing found · ${result.entries} entries · ${result.events} events · ${result.hash}`);
			if (asked.isJson) process.stdout.write(`${JSON.stringify(reportOf(world, result))}\n`);
			continue;
		}
		say(`seed ${world.seed} FAILS on day ${result.failure.day} · ${result.failure.invariant}: ${result.failure.words}`);
		say(`again: ${commandOf(world)}`);
		if (asked.shrinkRuns === 0) {
			if (asked.isJson) process.stdout.write(`${JSON.stringify(reportOf(world, result))}\n`);
			return 1;
		}
		say(`made small, in ${asked.shrinkRuns} runs at most …`);
		const small = await shrink(world, result.failure, {
			mostRuns: asked.shrinkRuns,
			onBetter: ({ options, steps, runs }) => {
				say(`  ${steps} lines, ${options.tills} tills, ${options.days} days, ${options.faults.length} kinds of fault (run ${runs})`);
			},
		});
		say(`${small.failure.invariant}: ${small.failure.words}`);
		say(`again, small: ${commandOf(small.options)}`);
		if (asked.isJson) process.stdout.write(`${JSON.stringify({ ...reportOf(world, result), small: commandOf(small.options) })}\n`);
		return 1;
	}
	return 0;
}

function outcomesOf({ outcomes }: RunResult): string {
	return [...outcomes]
		.sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
		.slice(0, 12)
		.map(([name, count]) => `${name} × ${count}`)
		.join(' · ');
}

function reportOf(world: WorldOptions, { hash, failure, events, entries, outcomes, steps }: RunResult): object {
	return {
		...{ seed: world.seed, tills: world.tills, days: world.days, command: commandOf(world) },
		...{ hash, failure: failure ?? null, events, entries, steps: steps.length, outcomes: Object.fromEntries(outcomes) },
	};
}
