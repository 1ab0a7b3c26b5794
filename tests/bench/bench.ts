/**
 * `npm run bench -- ledger [--only NAME] [--quick]`: a table on the screen, JSON under `bench-results/`, exit status 1 when a row misses its reach.
 *
 * A row that cannot be run is a miss, with its error. `--quick` judges nothing: its numbers are too few.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lanRows } from './lan/rows.ts';
import { ledgerRows } from './ledger/rows.ts';
import { relayRows } from './relay/rows.ts';
import { closeTill, tillRows } from './till/rows.ts';
import type { Outcome, Row } from './row.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BENCHES: Readonly<Record<string, readonly Row[]>> = { ledger: ledgerRows, lan: lanRows, relay: relayRows, till: tillRows };
const HELP = `How fast and how small, each against an anchor in the same run.

Usage: npm run bench -- BENCH [flags]     BENCH: ${Object.keys(BENCHES).join(', ')}

  --only NAME  This row only; may be given several times
  --quick      Few rounds and entries: whether the rows run, not what they say
  --list       The rows and what each must reach
  --help       Show this text
`;

interface Result extends Outcome {
	readonly row: Row;
	readonly error?: string;
}

// Tills and hubs of a row leave a message port open now and then, which would hold the process.
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
	const parsed = parse(args);
	if (typeof parsed === 'string') {
		process.stderr.write(`${parsed} npm run bench -- --help lists all.\n`);
		return 2;
	}
	if (parsed.help) {
		process.stdout.write(HELP);
		return 0;
	}
	if (parsed.list) {
		for (const { name, what, reach } of parsed.rows) process.stdout.write(`${name.padEnd(14)}${what}: ${reach}\n`);
		return 0;
	}
	const results: Result[] = [];
	for (const row of parsed.rows) results.push(await run(row, parsed.quick));
	await closeTill();
	const table = tableOf(results);
	process.stdout.write(`\n${table}\n\n${machine()}\n`);
	const file = save(parsed.bench, parsed.quick, results);
	process.stdout.write(`Written to ${file}\n`);
	const missed = results.filter(({ ok, error }) => ok === false || error !== undefined);
	if (parsed.quick) {
		process.stdout.write('--quick: nothing is judged.\n');
		return results.some(({ error }) => error !== undefined) ? 1 : 0;
	}
	for (const { row, error } of missed) process.stdout.write(`Misses its reach: ${row.name}${error === undefined ? '' : ` (${error})`}\n`);
	return missed.length === 0 ? 0 : 1;
}

interface Asked {
	readonly bench: string;
	readonly rows: readonly Row[];
	readonly quick: boolean;
	readonly list: boolean;
	readonly help: boolean;
}

/** What was asked for, or what is wrong with it in a sentence. */
function parse(args: readonly string[]): Asked | string {
	const options = {
		only: { type: 'string', multiple: true },
		quick: { type: 'boolean' },
		list: { type: 'boolean' },
		help: { type: 'boolean', short: 'h' },
	} as const;
	let given;
	try {
		given = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
	} catch (error) {
		return `${(error as Error).message.split(/\.\s|\n/)[0] ?? ''}.`.replace(/\.\.$/, '.');
	}
	const { only = [], quick = false, list = false, help = false } = given.values;
	const [bench = '', ...more] = given.positionals;
	const rows = BENCHES[bench];
	if (help) return { bench, rows: [], quick, list, help };
	if (bench === '') return 'Name a bench.';
	if (rows === undefined) return `There is no bench "${bench}".`;
	if (more.length > 0) return `One bench at a time: "${more.join(' ')}" is too much.`;
	const unknown = only.find((name) => rows.every((row) => row.name !== name));
	if (unknown !== undefined) return `--only "${unknown}": there is no such row; there are ${rows.map(({ name }) => name).join(', ')}.`;
	return { bench, rows: only.length === 0 ? rows : rows.filter(({ name }) => only.includes(name)), quick, list, help };
}

async function run(row: Row, quick: boolean): Promise<Result> {
	const isTerminal = process.stderr.isTTY;
	const tell = (words: string): void => {
		if (isTerminal) process.stderr.write(`\r\x1b[K${row.name}: ${words}`);
	};
	tell('…');
	const begun = performance.now();
	try {
		const outcome = await row.run({ quick, tell });
		if (isTerminal) process.stderr.write('\r\x1b[K');
		const { ok, ...rest } = outcome;
		const beside = outcome.anchor === '' ? '' : `   (${outcome.anchor})`;
		process.stdout.write(`${row.name.padEnd(14)}${outcome.ours}${beside}   ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
		return { row, ...rest, ...(ok === undefined || quick ? {} : { ok }) };
	} catch (error) {
		if (isTerminal) process.stderr.write('\r\x1b[K');
		process.stdout.write(`${row.name.padEnd(14)}${(error as Error).stack ?? String(error)}\n`);
		return { row, ours: '—', anchor: '—', numbers: {}, error: (error as Error).message };
	}
}

/** Markdown, as the README shows it. */
function tableOf(results: readonly Result[]): string {
	const head = ['row', 'ours', 'anchor', 'ratio', 'reach', ''];
	const body = results.map(({ row, ours, anchor, ratio, ok, error }) => [
		row.what,
		ours,
		anchor === '' ? '' : `${row.against}: ${anchor}`,
		ratio === undefined ? '' : `${ratio.toFixed(2)}×`,
		row.reach,
		error !== undefined ? 'failed' : ok === undefined ? 'stated' : ok ? 'ok' : 'misses',
	]);
	const notes = results.flatMap(({ row, note }) => (note === undefined ? [] : [`${row.what}: ${note}`]));
	const lines = [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);
	return [...lines, ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `- ${note}`)])].join('\n');
}

function machine(): string {
	const all = cpus();
	return `${new Date().toISOString().slice(0, 10)}, ${all.length} cores of ${all[0]?.model.trim() ?? 'an unknown model'}, Node ${process.versions.node}`;
}

function save(bench: string, quick: boolean, results: readonly Result[]): string {
	const folder = join(ROOT, 'bench-results');
	mkdirSync(folder, { recursive: true });
	const at = new Date().toISOString();
	const name = `${bench}-${at.replaceAll(/[:.]/g, '-')}.json`;
	const rows = results.map(({ row, numbers, ratio, ok, error }) => ({
		...{ name: row.name, what: row.what, against: row.against, reach: row.reach, numbers },
		...(ratio === undefined ? {} : { ratio }),
		...(ok === undefined ? {} : { ok }),
		...(error === undefined ? {} : { error }),
	}));
	writeFileSync(join(folder, name), `${JSON.stringify({ bench, at, quick, machine: machine(), rows }, undefined, '\t')}\n`);
	return `bench-results/${name}`;
}
