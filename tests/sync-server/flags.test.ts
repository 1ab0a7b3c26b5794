/** What a person types after `npm start --`: understood, or refused by name. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { numberFlag, parseFlags, portFlag, textFlag } from '#server/flags.ts';

const FLAGS = {
	port: portFlag(4400, 'Port of the app', 'PORT'),
	data: textFlag('data', 'DIR', 'Folder for everything', 'HOLDFAST_DATA'),
	tills: numberFlag(4, 'Tills', { least: 1, most: 99 }),
};
const parse = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => parseFlags('npm start --', 'A hub.', FLAGS, args, env);

test('what is not given is as it was meant to be', () => {
	expect(parse([])).toEqual({ values: { port: 4400, data: 'data', tills: 4 } });
});

test('a flag counts more than the environment, and that more than the default; an empty variable is none', () => {
	expect(parse(['--port', '1'], { PORT: '2' })).toMatchObject({ values: { port: 1 } });
	expect(parse([], { PORT: '2', HOLDFAST_DATA: 'elsewhere' })).toMatchObject({ values: { port: 2, data: 'elsewhere' } });
	expect(parse([], { PORT: '', HOLDFAST_DATA: '' })).toMatchObject({ values: { port: 4400, data: 'data' } });
	expect(parse(['--port=7'])).toMatchObject({ values: { port: 7 } });
	expect(parse([], { HOLDFAST_TILLS: '7', HOLDFAST_PORT: '3', PORT: '2' })).toMatchObject({ values: { tills: 7, port: 3 } });
	expect(parse([], { HOLDFAST_PORT: '', PORT: '2' })).toMatchObject({ values: { port: 2 } });
});

test.each([
	[['--prot', '1'], /--prot.*npm start -- --help/],
	[['4400'], /4400.*--help/],
	[['--port'], /--port.*missing.*--help/i],
	[['--port', '0'], /^--port "0": expected a whole number from 1 to 65535\.$/],
	[['--port', '65536'], /^--port "65536"/],
	[['--port', '44OO'], /^--port "44OO"/],
	[['--port', '4400.5'], /^--port "4400\.5"/],
	[['--port', '0x10'], /^--port "0x10"/],
	[['--port', '1e3'], /^--port "1e3"/],
	[['--port', ' '], /^--port " "/],
	[['--port='], /^--port ""/],
	[['--data', ''], /^--data "": expected DIR/],
	[['--tills', '-1'], /--tills/],
	[['--tills=-1'], /^--tills "-1"/],
])('%j is refused in one sentence that names it', (args, sentence) => {
	const parsed = parse(args);
	expect(parsed).toHaveProperty('refused');
	const { refused } = parsed as { refused: string };
	expect(refused).toMatch(sentence);
	expect(refused).not.toContain('\n');
});

test('a bad value in the environment is named by its variable', () => {
	expect(parse([], { PORT: 'http' })).toEqual({ refused: 'PORT "http": expected a whole number from 1 to 65535.' });
});

test('the help lists every flag with its variable and its default', () => {
	for (const flag of ['--help', '-h']) {
		const parsed = parse([flag]);
		if (!('help' in parsed)) throw new Error('no help');
		for (const name of [...Object.keys(FLAGS), 'help']) expect(parsed.help).toContain(`--${name}`);
		expect(parsed.help).toContain('(or HOLDFAST_PORT, PORT, default 4400)');
	}
});

test.each(['hub', 'relay', 'replay'])('the %s itself helps with 0 and refuses with 2', async (program) => {
	const help = await run(program, ['--help']);
	expect(help).toMatchObject({ code: 0 });
	expect(help.output).toMatch(/Usage: npm /);
	const unknown = await run(program, ['--nonsense']);
	expect(unknown).toMatchObject({ code: 2 });
	expect(unknown.output).toMatch(/--nonsense/);
});

test.each(['http://relay', 'relay:4500', 'ws://', 'ws://me:secret@relay', 'ws://relay/path', 'ws://relay?x'])(
	'a hub refuses %s as a relay',
	async (relay) => {
		const { code, output } = await run('hub', ['--relay', relay]);
		expect(code).toBe(2);
		expect(output).toContain('expected an address like ws://relay.example:4500');
	},
);

function run(program: string, args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
	const root = fileURLToPath(new URL('../..', import.meta.url));
	const cwd = mkdtempSync(join(tmpdir(), 'holdfast-flags-'));
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, `sync-server/${program}.ts`), ...args], { cwd });
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
	return new Promise((resolve) => {
		child.once('close', (code) => {
			resolve({ code, output });
		});
	});
}
