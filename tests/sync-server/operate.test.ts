/** What `docs/operate.md` and `sync-server/deploy` say of flags and variables is what the programs say themselves. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { makeAuthority, makeServerCertificate } from '#server/tls/certificates.ts';
import { relayAt } from '../support/relay-and-shop.ts';
import { RELAY_ENVIRONMENT, RELAY_NODE_FLAGS } from '../../sync-server/launch/relay-node-flags.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEPLOY = join(ROOT, 'sync-server/deploy');
const doc = readFileSync(join(ROOT, 'docs/operate.md'), 'utf8');

interface Row {
	readonly flag: string;
	readonly hint: string;
	readonly about: string;
	readonly variables: readonly string[];
	readonly initial: string;
}

const rows = new Map<'hub' | 'relay', readonly Row[]>();
beforeAll(() => {
	for (const program of ['hub', 'relay'] as const) {
		const { stdout } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, `sync-server/${program}.ts`), '--help'], {
			cwd: mkdtempSync(join(tmpdir(), 'holdfast-operate-')),
			encoding: 'utf8',
		});
		const found = [...stdout.matchAll(/^ {2}--([\w-]+) (\S+) +(.*?) \(or ([A-Z_, ]+?)(?:, default (.*))?\)$/gm)];
		expect(found.length).toBe([...stdout.matchAll(/^ {2}--/gm)].length - 1);
		rows.set(
			program,
			found.map(([, flag = '', hint = '', about = '', variables = '', initial = '']) => ({
				flag,
				hint,
				about,
				variables: variables.split(', '),
				initial,
			})),
		);
	}
});

/** As the table of the page has it; `|` would end a cell. */
const line = ({ flag, hint, about, variables, initial }: Row): string =>
	`| \`--${flag} ${hint.replaceAll('|', '\\|')}\` | ${variables.map((one) => `\`${one}\``).join(', ')} | ${about}${initial === '' ? '' : ` (${initial})`} |`;

test.each(['hub', 'relay'] as const)('the table of the %s has all its flags and no other', (program) => {
	const section = doc.split(`### Flags of the ${program}\n`)[1]?.split('\n#')[0] ?? '';
	const written = section.split('\n').filter((one) => one.startsWith('| `--'));
	expect(written).toEqual(rows.get(program)?.map(line));
});

test('what a container, a unit and the page set is a variable or a flag of the program', () => {
	const known = new Set([...rows.values()].flat().flatMap(({ variables }) => variables));
	const flags = new Set([...rows.values()].flat().map(({ flag }) => flag));
	const files = readdirSync(DEPLOY);
	expect(files).toEqual(
		expect.arrayContaining(['Dockerfile', 'compose.hub.yml', 'compose.relay.yml', 'holdfast-hub.service', 'holdfast-relay.service']),
	);
	let count = 0;
	for (const file of files) {
		const text = readFileSync(join(DEPLOY, file), 'utf8');
		for (const [name] of text.matchAll(/\bHOLDFAST_[A-Z_]+/g)) {
			count += 1;
			expect([file, name, known.has(name)]).toEqual([file, name, true]);
		}
		for (const [, flag = ''] of text.matchAll(/(?:hub|relay)\.ts((?: --\S+)*)/g))
			for (const [, name = ''] of flag.matchAll(/--([\w-]+)/g)) expect([file, name, flags.has(name)]).toEqual([file, name, true]);
	}
	expect(count).toBeGreaterThan(8);
});

test('a relay in a container and of a unit asks the same of its Node as `npm run relay`', () => {
	const text = (file: string): string => readFileSync(join(DEPLOY, file), 'utf8');
	expect(text('Dockerfile')).toContain(`CMD [${[...RELAY_NODE_FLAGS, 'sync-server/relay.ts'].map((one) => `"${one}"`).join(', ')}]`);
	expect(text('holdfast-relay.service')).toContain(` ${RELAY_NODE_FLAGS.join(' ')} /opt/holdfast/sync-server/relay.ts\n`);
	for (const [name, value] of Object.entries(RELAY_ENVIRONMENT)) {
		expect(text('Dockerfile')).toMatch(new RegExp(`^FROM base AS relay\nENV .*\\b${name}=${value}$`, 'm'));
		expect(text('holdfast-relay.service')).toMatch(new RegExp(`^Environment=.* ${name}=${value}$`, 'm'));
	}
});

test('the image knows whether it lives, by http and by https, and when nobody answers', async () => {
	const [, command = ''] = /HEALTHCHECK [^]*?CMD (\[.*\])\n/.exec(readFileSync(join(DEPLOY, 'Dockerfile'), 'utf8')) ?? [];
	const [program, ...args] = JSON.parse(command) as string[];
	expect(program).toBe('node');
	const asks = (env: Record<string, string>): Promise<number> =>
		new Promise((resolve) => {
			const child = spawn(process.execPath, args, { env: { ...process.env, ...env } });
			child.on('close', (code) => resolve(code ?? -1));
		});
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-image-'));
	const authority = await makeAuthority('Test', Date.now());
	const { certificate, key } = await makeServerCertificate(authority, ['relay.example'], Date.now());
	const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
	writeFileSync(files.cert, certificate);
	writeFileSync(files.key, key);
	const [plain, secure] = [await relayAt(join(folder, 'plain')), await relayAt(join(folder, 'secure'), { certificate: files })];
	const ports = [plain, secure].map(({ port }) => String(port));
	const here = { HOLDFAST_PORT: ports[0] ?? '' };
	const byTls = { HOLDFAST_PORT: ports[1] ?? '', HOLDFAST_CERT: files.cert };
	expect([await asks(here), await asks(byTls)]).toEqual([0, 0]);
	await plain.close();
	await secure.close();
	expect([await asks(here), await asks(byTls)]).toEqual([1, 1]);
});

test('what the image installs from is all that the installation asks for', () => {
	const [, names = ''] = /COPY (package\.json .*) \.\/\nRUN npm ci/.exec(readFileSync(join(DEPLOY, 'Dockerfile'), 'utf8')) ?? [];
	const there = mkdtempSync(join(tmpdir(), 'holdfast-image-'));
	for (const name of names.split(' ')) copyFileSync(join(ROOT, name), join(there, name));
	const { status, stderr } = spawnSync('npm', ['ci', '--dry-run', '--offline', '--include=dev'], { cwd: there, encoding: 'utf8' });
	expect([stderr.split('\n').filter((one) => /^npm (error|ERR!)/.test(one)), status]).toEqual([[], 0]);
});

test('neither an image nor a commit takes a machine’s secrets or data with it', () => {
	const left = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
	expect(left).toEqual(expect.arrayContaining(['.git', '**/.env', '**/node_modules', 'data', 'data-relay', 'build']));
	for (const name of ['sync-server/deploy/.env', '.env', 'data/keys', 'data-relay/keys'])
		expect([name, spawnSync('git', ['check-ignore', '-q', name], { cwd: ROOT }).status]).toEqual([name, 0]);
});
