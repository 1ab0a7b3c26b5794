/** Hub, relay, tills of the soak: each a process on a host of its own, killed and started again on what its disk has. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright/test';
import { NODE_FLAGS } from '../../sync-server/launch/launch.mjs';
import { RELAY_NODE_FLAGS } from '../../sync-server/launch/relay-node-flags.mjs';
import { flipBitOfServer, flipBitOfTill } from './bits.ts';
import { CLOCK_FILE, type WrongClock } from './clocks.ts';
import { end, type Host } from './lab.ts';
import type { Change } from './takeovers.ts';
import { diskOf, type TillDisk } from './till-disk.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE = [...NODE_FLAGS, '--import', new URL('skewed.mjs', import.meta.url).href];

/** Something that can be killed and frozen. */
export interface Part {
	readonly name: string;
	readonly host: Host;
	start(): Promise<void>;
	kill(): void;
	isUp(): boolean;
	/** Absent: it is right, and stays so. */
	readonly clock?: WrongClock | undefined;
	/** On its disk, while it is dead; false: there is nothing to flip. */
	flipBit?(random: () => number): boolean;
}

export interface Server extends Part {
	readonly url: string;
	readonly folder: string;
	/** A disk of its own, small enough to fill up. */
	readonly disk: string | undefined;
	/** The last code that its terminal showed. */
	code(kind: 'Claim' | 'Join' | 'Manager’s'): string | undefined;
	stop(): Promise<void>;
}

export interface ServerPlan {
	readonly flags?: Readonly<Record<string, string>>;
	readonly clock?: WrongClock;
	readonly disk?: string;
}

export function server(program: 'hub' | 'relay', host: Host, folder: string, port: number, { flags = {}, clock, disk }: ServerPlan = {}): Server {
	let child: ChildProcess | undefined;
	let output = '';
	const url = `http://${host.address}:${port}`;
	const isUp = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
	return {
		...{ name: host.name, host, url, folder, disk, clock, isUp },
		flipBit: (random) => flipBitOfServer(folder, random),
		async start() {
			if (isUp()) return;
			const args = Object.entries({ data: folder, host: '0.0.0.0', port: String(port), ...flags }).flatMap(([name, value]) => [`--${name}`, value]);
			const [command = '', ...enter] = host.enter;
			const nodeFlags = program === 'relay' ? [...NODE, ...RELAY_NODE_FLAGS] : NODE;
			const started = spawn(command, [...enter, process.execPath, ...nodeFlags, `sync-server/${program}.ts`, ...args], {
				...{ cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: environmentOf(clock) },
			});
			child = started;
			for (const stream of [started.stdout, started.stderr])
				stream.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-20_000)));
			for (const until = Date.now() + 60_000; Date.now() < until;) {
				if (child !== started) return; // Killed while it started.
				if (!isUp()) throw new Error(`${host.name} ended: ${output.slice(-500)}`);
				// Its own terminal says so: a cable that is pulled right now says nothing of it.
				if (/Ctrl-C stops it/.test(output)) return;
				await pause(100);
			}
			throw new Error(`${host.name} does not come up: ${output.slice(-500)}`);
		},
		kill() {
			child?.kill('SIGKILL');
			for (const pid of host.pids()) end(pid);
			child = undefined;
			output = '';
		},
		async stop() {
			const ended = child === undefined || !isUp() ? Promise.resolve() : new Promise((resolve) => child?.once('exit', resolve));
			child?.kill('SIGINT');
			await ended;
		},
		code: (kind) => [...output.matchAll(new RegExp(`${kind} code +(\\S+)`, 'g'))].at(-1)?.[1],
	};
}

/** A sale that a screen showed as paid. */
export interface Paid {
	readonly till: string;
	readonly number: string;
	readonly atMs: number;
}

/** What a Sync screen says of sales. */
export interface Status {
	/** That wait for the cloud. */
	readonly waiting: number;
	/** Receipts that it says are in the cloud. */
	readonly inCloud: readonly string[];
}

export interface Till extends Part {
	/** Claims or joins; later starts find the shop on the disk. */
	enter(code: { readonly claim?: string; readonly join?: string }): Promise<void>;
	/** One sale through the screen; undefined when it did not come to `Paid`. */
	sell(goods: string): Promise<Paid | undefined>;
	/** What the Sync screen says, all of it at one moment. */
	status(): Promise<Status | undefined>;
	disk(): Promise<TillDisk>;
	close(): Promise<void>;
}

/** `browserClock`: what lets its browser live in the time of `clock`. */
export function till(host: Host, folder: string, executable: string, origin: string, clock: WrongClock, browserClock: string | undefined): Till {
	const profile = join(folder, host.name);
	mkdirSync(profile, { recursive: true });
	const wrong = browserClock === undefined ? [] : ['env', `LD_PRELOAD=${browserClock}`, `${CLOCK_FILE}=${clock.file}`];
	const executablePath = host.chromium(folder, [...wrong, executable].join(' '));
	let context: BrowserContext | undefined;
	let page: Page | undefined;

	async function start(): Promise<void> {
		if (context !== undefined) return;
		const opened = await chromium.launchPersistentContext(profile, {
			...{ executablePath, headless: true, viewport: { width: 1280, height: 800 }, timeout: 60_000 },
			args: ['--no-sandbox', '--disable-gpu', '--mute-audio', `--unsafely-treat-insecure-origin-as-secure=${origin}`],
		});
		context = opened;
		opened.on('close', () => {
			if (context === opened) context = undefined;
		});
		const first = opened.pages()[0] ?? (await opened.newPage());
		first.setDefaultTimeout(10_000);
		page = first;
		await first.goto(origin, { timeout: 30_000 });
	}

	return {
		...{ name: host.name, host, start, clock: browserClock === undefined ? undefined : clock },
		isUp: () => context !== undefined,
		flipBit: (random) => flipBitOfTill(profile, random),
		kill() {
			const dead = context;
			context = undefined;
			page = undefined;
			for (const pid of host.pids()) end(pid);
			void dead?.close().catch(() => undefined);
		},
		async enter({ claim, join: code }) {
			await start();
			if (page === undefined) throw new Error('no page');
			if (claim !== undefined) {
				await page.getByLabel('Claim code').fill(claim);
				await page.getByRole('button', { name: 'Try the demo shop' }).click();
			} else {
				await page.getByLabel('Join code').fill(code ?? '');
				await page.getByRole('button', { name: 'Join', exact: true }).click();
			}
			await page.getByRole('searchbox', { name: 'Search or scan' }).waitFor({ timeout: 60_000 });
		},
		async sell(goods) {
			const on = page;
			if (on === undefined) return undefined;
			await on.getByRole('link', { name: 'Sell', exact: true }).click();
			const paid = on.getByRole('status').filter({ hasText: 'Paid' });
			const before = (await paid.count()) > 0 ? await paid.first().textContent() : undefined;
			await on.getByRole('searchbox', { name: 'Search or scan' }).fill(goods);
			await on.getByRole('button', { name: goods }).first().click();
			await on.getByRole('button', { name: 'Exact cash' }).click();
			await paid.first().waitFor();
			const text = await paid.first().textContent();
			const number = /T\d+-\d{6}[A-Z]?/.exec(text ?? '')?.[0];
			return number === undefined || text === before ? undefined : { till: host.name, number, atMs: Date.now() };
		},
		async status() {
			if (page === undefined) return undefined;
			await page.getByRole('link', { name: 'Sync', exact: true }).click();
			const region = page.getByRole('region', { name: 'Sales waiting' });
			await region.waitFor();
			const said = await page.evaluate(() => ({
				waiting: document.querySelector('[aria-label="Sales waiting"]')?.textContent ?? '',
				rows: [...document.querySelectorAll('[aria-label="Latest receipts"] tbody tr')].map((row) => row.textContent ?? ''),
			}));
			const number = /^\s*Sales waiting\s*(\d+)/.exec(said.waiting)?.[1];
			const inCloud = said.rows.filter((text) => text.includes('in the cloud')).flatMap((text) => /T\d+-\d{6}[A-Z]?/.exec(text)?.[0] ?? []);
			return number === undefined ? undefined : { waiting: Number(number), inCloud };
		},
		disk() {
			if (page === undefined) throw new Error(`${host.name} is not open`);
			return diskOf(page);
		},
		async close() {
			await context?.close().catch(() => undefined);
		},
	};
}

export interface HeadlessPart extends Part {
	readonly folder: string;
	/** Who carried the branch, as it heard. */
	readonly changes: readonly Change[];
	/** It sells no more, and sends what it has. */
	rest(): void;
	stop(): Promise<void>;
}

/** A till in Node, which sells by itself and says what its disk has. */
export function headless(host: Host, folder: string, hub: string, code: string, clock: WrongClock, onPaid: (paid: Paid) => void): HeadlessPart {
	let child: ChildProcess | undefined;
	const changes: Change[] = [];
	const isUp = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
	const own = join(folder, host.name);
	mkdirSync(own, { recursive: true });
	return {
		...{ name: host.name, host, folder: own, clock, changes, isUp },
		flipBit: (random) => flipBitOfServer(own, random),
		start() {
			if (isUp()) return Promise.resolve();
			const [command = '', ...enter] = host.enter;
			const started = spawn(command, [...enter, process.execPath, ...NODE, 'tests/soak/headless.ts', hub, own, code], {
				...{ cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'], env: environmentOf(clock) },
			});
			child = started;
			let text = '';
			started.stdout.on('data', (bytes: Buffer) => {
				const lines = (text + bytes.toString()).split('\n');
				text = lines.pop() ?? '';
				for (const line of lines) {
					if (line.startsWith('paid ')) onPaid({ till: host.name, number: line.slice(5), atMs: Date.now() });
					if (line.startsWith('holder ')) changes.push({ atMs: Date.now(), device: line.slice(7) });
				}
			});
			return Promise.resolve();
		},
		kill() {
			child?.kill('SIGKILL');
			for (const pid of host.pids()) end(pid);
			child = undefined;
		},
		rest() {
			for (const pid of host.pids()) end(pid, 'SIGINT');
		},
		async stop() {
			const ended = child === undefined || !isUp() ? Promise.resolve() : new Promise((resolve) => child?.once('exit', resolve));
			for (const pid of host.pids()) end(pid, 'SIGINT');
			await ended;
		},
	};
}

function environmentOf(clock: WrongClock | undefined): NodeJS.ProcessEnv {
	return { ...process.env, ...(clock === undefined ? {} : { [CLOCK_FILE]: clock.file }) };
}

export function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
