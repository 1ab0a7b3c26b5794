/** Hub, relay and browsers as processes of their own, on loopback, so that a test can kill each with -9 and start it again on what its disk has. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { cpSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext } from 'playwright/test';
import { NODE_FLAGS } from '../../sync-server/launch/launch.mjs';
import { RELAY_ENVIRONMENT, RELAY_NODE_FLAGS } from '../../sync-server/launch/relay-node-flags.mjs';
import { findChromium } from './chromium.mjs';
import { eventually } from './eventually.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Served {
	readonly url: string;
	readonly pid: number;
	/** As a power cut does. */
	kill(): Promise<void>;
	stop(): Promise<number | null>;
	/** It lives and answers nobody, until it is thawed. */
	freeze(): void;
	thaw(): void;
}

/** With the flags of Node and the environment that `npm start` and `npm run relay` give it. */
export async function serve(
	program: 'hub' | 'relay',
	flags: Readonly<Record<string, string>>,
	onOutput: (text: string) => void = () => undefined,
	moreNodeFlags: readonly string[] = [],
): Promise<Served> {
	// Hubs on one machine would want one port; a test of https or webrtc-direct names its own.
	const hubOnly = program === 'hub' ? { 'https-port': 'off', 'webrtc-port': 'off' } : {};
	const args = Object.entries({ host: '127.0.0.1', ...hubOnly, ...flags }).flatMap(([name, value]) => [`--${name}`, value]);
	const nodeFlags = [...NODE_FLAGS, ...(program === 'relay' ? RELAY_NODE_FLAGS : []), ...moreNodeFlags];
	const child = spawn(process.execPath, [...nodeFlags, `sync-server/${program}.ts`, ...args], {
		cwd: ROOT,
		env: program === 'relay' ? { ...RELAY_ENVIRONMENT, ...process.env } : process.env,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (text: Buffer) => {
			output += text.toString();
			onOutput(text.toString());
		});
	const url = `http://localhost:${flags['port'] ?? ''}`;
	await eventually(
		async () => {
			if (child.exitCode !== null) throw new Error(`the ${program} ended: ${output}`);
			// It answers by http a moment before its secure address is there, and says so when both are.
			return /is running|"event":"started"/.test(output) && (await fetch(`${url}/healthz`).catch(() => undefined))?.ok === true;
		},
		`the ${program} answers`,
		30_000,
	);
	return {
		url,
		pid: child.pid ?? 0,
		kill: () => ended(child, 'SIGKILL').then(() => undefined),
		stop: () => ended(child, 'SIGINT'),
		freeze: () => child.kill('SIGSTOP'),
		thaw: () => child.kill('SIGCONT'),
	};
}

/** What lets the next one in, as a hub says it on its own machine: `/join-code`, `/join-code?till=manager`, `/setup-code`. */
export async function codeFrom({ url }: Pick<Served, 'url'>, path: string): Promise<string> {
	return (await (await fetch(`${url}${path}`)).text()).trim();
}

export function joinCodeOf(hub: Pick<Served, 'url'>): Promise<string> {
	return codeFrom(hub, '/join-code');
}

/** How many entries a hub or a relay holds, as it says itself. */
export async function entriesOf({ url }: Pick<Served, 'url'>): Promise<number> {
	return ((await (await fetch(`${url}/healthz`)).json()) as { entries: number }).entries;
}

/** The flag with which a browser trusts a hub. Chromium has no switch that trusts an authority: this one lets chains pass that hold exactly this public key, and is as secure for pages and workers. */
export async function trustOf({ url }: Pick<Served, 'url'>): Promise<string> {
	const authority = new X509Certificate(await (await fetch(`${url}/ca.pem`)).text());
	const key = authority.publicKey.export({ type: 'spki', format: 'der' });
	return `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key).digest('base64')}`;
}

/** A profile, or another program's disk, as it is now. Without Chromium's lock: it would name the profile that it was copied from. */
export function copyDisk(from: string, to: string): void {
	cpSync(from, to, { recursive: true, filter: (path) => !basename(path).startsWith('Singleton') });
}

export interface OpenBrowser {
	readonly context: BrowserContext;
	/** Resolves when its process has ended, whoever killed it. */
	readonly gone: Promise<unknown>;
	kill(): Promise<void>;
	/** As a person ends it: what it has to write is on the disk when this resolves. */
	close(): Promise<void>;
	/** As a device that sleeps: nothing of it runs, and nobody is told. */
	freeze(): void;
	thaw(): void;
}

/** Chromium on a profile of its own, started by us: Playwright does not say which process to kill. */
export async function openBrowser(profile: string, flags: readonly string[] = []): Promise<OpenBrowser> {
	const child = spawn(
		findChromium() ?? chromium.executablePath(),
		[
			...[
				'--headless=new',
				'--no-sandbox',
				'--disable-gpu',
				'--no-first-run',
				'--mute-audio',
				'--remote-debugging-port=0',
				`--user-data-dir=${profile}`,
				'--window-size=1280,800',
			],
			...['--allow-loopback-in-peer-connection', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', ...flags, 'about:blank'],
		],
		{ detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
	);
	const address = await new Promise<string>((resolve, reject) => {
		let text = '';
		child.stderr.on('data', (chunk: Buffer) => {
			text += chunk.toString();
			const found = /DevTools listening on (ws:\/\/\S+)/.exec(text)?.[1];
			if (found !== undefined) resolve(found);
		});
		child.once('exit', () => {
			reject(new Error(`Chromium ended: ${text}`));
		});
	});
	const browser: Browser = await chromium.connectOverCDP(address);
	const [context] = browser.contexts();
	if (context === undefined) throw new Error('a Chromium without a context');
	await context.grantPermissions(['camera', 'microphone']);
	const gone = child.exitCode === null && child.signalCode === null ? new Promise((resolve) => child.once('exit', resolve)) : Promise.resolve();
	const end = async (): Promise<void> => {
		// The whole group: a renderer that lives on would hold the profile.
		if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
		await gone;
		await browser.close().catch(() => undefined);
	};
	const close = async (): Promise<void> => {
		const devtools = await browser.newBrowserCDPSession();
		// It ends before it answers.
		await devtools.send('Browser.close').catch(() => undefined);
		await gone;
	};
	const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
		if (child.pid !== undefined) process.kill(-child.pid, name);
	};
	return {
		...{ context, gone, kill: end, close },
		freeze: () => {
			signal('SIGSTOP');
		},
		thaw: () => {
			signal('SIGCONT');
		},
	};
}

function ended(child: ChildProcess, signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> {
	if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
	return new Promise((resolve) => {
		child.once('exit', (code) => {
			resolve(code);
		});
		child.kill(signal);
	});
}
