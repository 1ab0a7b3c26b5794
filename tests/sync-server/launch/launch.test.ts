/** What `npm start` does before and around the hub. The programs that are launched here are small ones, written for the test. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { RELAY_NODE_FLAGS } from '../../../sync-server/launch/relay-node-flags.mjs';
import { step } from '../../../sync-server/launch/progress.mjs';
import { ensureApp, ensurePackages, hashOfSources, ROOT } from '../../../sync-server/launch/setup.mjs';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-launch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const launcher = pathToFileURL(join(ROOT, 'sync-server/launch/launch.mjs')).href;

describe('a launched program', () => {
	test('gets the arguments, runs on Node 24 and its exit code is kept', async () => {
		const program = written('seven.mjs', `console.log(process.argv.slice(2).join(' '), process.versions.node); process.exit(7);`);
		const { code, output } = await launched(program, ['--port', '1']).ended;
		expect(output).toMatch(/^--port 1 24\./);
		expect(code).toBe(7);
	});

	test('runs with the flags of Node that its launcher asks for', async () => {
		const program = written('flags.mjs', `console.log(process.execArgv.at(-1));`);
		expect(await launched(program, [], RELAY_NODE_FLAGS).ended).toEqual({ code: 0, output: `${RELAY_NODE_FLAGS.at(-1)}\n` });
	});

	test('is told to stop by the signal that the launcher got, and the launcher waits for it', async () => {
		const program = written(
			'stops.mjs',
			`process.on('SIGTERM', () => setTimeout(() => { console.log('closed'); process.exit(0); }, 100)); setInterval(() => {}, 1000); console.log('up');`,
		);
		const running = launched(program, []);
		await running.said('up');
		running.child.kill('SIGTERM');
		expect(await running.ended).toEqual({ code: 0, output: 'up\nclosed\n' });
	});

	test('that dies of a signal leaves the code that a shell would give', async () => {
		const program = written('dies.mjs', `process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`);
		expect((await launched(program, []).ended).code).toBe(137);
	});
});

describe('packages', () => {
	const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } } };

	test('that npm lists as the lockfile names them are left alone, and remembered', async () => {
		const root = withPackages('kept', lock, { 'node_modules/a': { version: '1.0.0' } });
		await ensurePackages({ root });
		expect(readFileSync(join(root, 'node_modules/.holdfast-lock'), 'utf8')).toMatch(/^[0-9a-f]{64}$/);
	});

	test('that cannot be installed end in a sentence, with what npm said was wrong', async () => {
		const root = withPackages('refused', lock, { 'node_modules/a': { version: '0.9.0' } });
		// No package.json: npm refuses before it asks anybody on the network.
		await expect(ensurePackages({ root })).rejects.toThrow(/^npm (error|ERR!)[^]*\nThe packages could not be installed\./);
	});
});

describe('the app', () => {
	test('is built again when a source changed, and not when only a README did', async () => {
		const root = join(folder, 'sources');
		for (const place of ['app', 'schemas', 'static', 'node_modules/vite/bin']) mkdirSync(join(root, place), { recursive: true });
		for (const file of ['package.json', 'package-lock.json', 'vite.config.ts', 'svelte.config.js']) cpSync(join(ROOT, file), join(root, file));
		writeFileSync(join(root, 'app/a.ts'), 'export const a = 1;');
		// Stands in for Vite: what is tested is whether it is called.
		writeFileSync(
			join(root, 'node_modules/vite/bin/vite.js'),
			`const fs = require('node:fs'); fs.rmSync('build', { recursive: true, force: true }); fs.mkdirSync('build'); fs.writeFileSync('build/index.html', '');`,
		);
		const built = () => ensureApp({ root, node: process.execPath });
		expect(await built()).toBe(true);
		expect(await built()).toBe(false);
		const before = hashOfSources(root);
		writeFileSync(join(root, 'app/README.md'), '# app');
		expect(hashOfSources(root)).toBe(before);
		writeFileSync(join(root, 'app/a.ts'), 'export const a = 2;');
		expect(await built()).toBe(true);
		// A build made by hand empties the folder and leaves no stamp.
		rmSync(join(root, 'build/.sources'));
		expect(await built()).toBe(true);
	});
});

describe('of several that set up in one folder', () => {
	/** Says when it begins and ends, and takes a while. */
	const worker = (root: string, name: string, ms = 300): { readonly ended: Promise<string>; kill(): void } => {
		const code = `import { alone } from ${JSON.stringify(pathToFileURL(join(ROOT, 'sync-server/launch/alone.mjs')).href)};
			import { appendFileSync } from 'node:fs';
			const say = (what) => appendFileSync(${JSON.stringify(join(root, 'said'))}, '${name} ' + what + '\\n');
			await alone(${JSON.stringify(root)}, async () => { say('begins'); await new Promise((go) => setTimeout(go, ${ms})); say('ends'); });`;
		const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'ignore', 'pipe'] });
		let said = '';
		child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
		return { ended: new Promise((resolve) => child.on('close', () => resolve(said))), kill: () => child.kill('SIGKILL') };
	};
	const newRoot = (name: string): string => {
		const root = join(folder, name);
		mkdirSync(root);
		return root;
	};
	const saidIn = (root: string): string => (existsSync(join(root, 'said')) ? readFileSync(join(root, 'said'), 'utf8') : '');

	test('one does and the others wait, and say so', async () => {
		const root = newRoot('together');
		const said = await Promise.all(['a', 'b', 'c'].map((name) => worker(root, name, 700).ended));
		expect(saidIn(root)).toMatch(/^(?:(\w) begins\n\1 ends\n){3}$/);
		expect(said.filter((text) => text.includes('Waiting for another start')).length).toBeGreaterThan(0);
		expect(readdirSync(root)).toEqual(['said']);
	});

	test('one that is killed over it keeps the next one waiting for seconds', { timeout: 30_000 }, async () => {
		const root = newRoot('killed');
		const killed = worker(root, 'killed', 60_000);
		await expect.poll(() => saidIn(root), { timeout: 10_000 }).toContain('killed begins');
		killed.kill();
		await killed.ended;
		await worker(root, 'next').ended;
		expect(saidIn(root)).toBe('killed begins\nnext begins\nnext ends\n');
	});

	test('one of another machine whose clock is behind is waited for as long as it touches its file', { timeout: 60_000 }, async () => {
		const root = newRoot('behind');
		const lock = join(root, '.holdfast-setup');
		// No process of this machine has that number.
		writeFileSync(lock, '99999999');
		const touching = setInterval(() => {
			const behind = new Date(Date.now() - 60_000);
			utimesSync(lock, behind, behind);
		}, 500);
		const waits = worker(root, 'here');
		await new Promise((go) => setTimeout(go, 8_000));
		expect(saidIn(root)).toBe('');
		clearInterval(touching);
		rmSync(lock);
		await waits.ended;
		expect(saidIn(root)).toBe('here begins\nhere ends\n');
	});
});

test('what takes its time says so in plain lines where nobody watches, and quick work says nothing', async () => {
	const lines: string[] = [];
	const log = { isTTY: false, write: (text: string) => lines.push(text) > 0 } as unknown as NodeJS.WriteStream;
	await step('Quick', () => Promise.resolve(), log);
	expect(lines).toEqual([]);
	await step('Slow', () => new Promise<void>((resolve) => setTimeout(resolve, 600)), log);
	expect(lines).toEqual(['Slow …\n', '✓ Slow: done, 1 s\n']);
});

function written(name: string, code: string): string {
	const path = join(folder, name);
	writeFileSync(path, code);
	return path;
}

function launched(program: string, args: string[], nodeFlags: string[] = []) {
	const code = `import { launch } from ${JSON.stringify(launcher)}; await launch(${JSON.stringify({ program, servesApp: false, args, nodeFlags })});`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
	const ended = new Promise<{ code: number | null; output: string }>((resolve) => child.on('close', (code) => resolve({ code, output })));
	const said = async (words: string) => expect.poll(() => output, { timeout: 60_000 }).toContain(words);
	return { child, ended, said };
}

function withPackages(name: string, lock: object, installed: object): string {
	const root = join(folder, name);
	mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
	writeFileSync(join(root, 'node_modules/node/bin/node'), '');
	writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock));
	writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
	return root;
}
