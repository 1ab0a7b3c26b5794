/**
 * Step one of everything: a real browser is killed with -9 the moment a sale was acknowledged, again and again, and each such sale is there after the
 * restart. Its whole process group dies, so nothing in it can write afterwards. (What the power takes that a kill does not, no test here can show:
 * the vault asks for `strict`, which `tests/adapters/entries-indexeddb` holds it to.)
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, expect, test, type Browser, type Page } from 'playwright/test';
import { build, type Rollup } from 'vite';
import type { Acknowledged } from '../support/after-crash.ts';
import { findChromium } from '../support/chromium.mjs';

const ROUNDS = 6;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

// A trace is written through the browser that these tests kill.
test.use({ trace: 'off' });

let server: Server;
let origin: string;
let profile: string;
let browsers: ChildProcess[] = [];

test.beforeAll(async () => {
	const script = await bundle();
	server = createServer((request, response) => {
		if (request.url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
		else response.setHeader('content-type', 'text/html').end('<!doctype html><title>selling</title><script type="module" src="/page.js"></script>');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

test.beforeEach(() => {
	profile = mkdtempSync(join(tmpdir(), 'holdfast-profile-'));
});

test.afterEach(() => {
	for (const child of browsers) kill(child);
	browsers = [];
	rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

test.afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

test(`every sale that was paid is there after ${ROUNDS} times kill -9, on one chain, with gapless receipts, and no cart is both open and paid`, async () => {
	const acknowledged: Acknowledged[] = [];
	let device: string | undefined;
	for (let round = 1; round <= ROUNDS; round += 1) {
		const { child, browser, page } = await launch();
		// The same device after each kill: its key is as durable as its sales.
		device ??= await page.evaluate(() => window.selling.device());
		expect(await page.evaluate(() => window.selling.device())).toBe(device);
		expect(await page.evaluate((known) => window.selling.problems(known), acknowledged), `before round ${round}`).toEqual([]);

		const afterSales = 1 + ((round * 7) % 19);
		let sold = 0;
		const killed = new Promise<void>((resolve) => {
			void page.exposeFunction('acknowledge', (text: string) => {
				if (child.killed) return;
				const what = JSON.parse(text) as Acknowledged;
				acknowledged.push(what);
				if (!('sold' in what) || (sold += 1) < afterSales) return;
				kill(child);
				resolve();
			});
		});
		await page.waitForFunction(() => typeof window.acknowledge === 'function');
		await page.evaluate((run) => window.selling.sellUntilKilled(run), `round-${round}`).catch(() => undefined);
		await killed;
		await gone(child);
		await browser.close().catch(() => undefined);
	}
	const { page } = await launch();
	expect(await page.evaluate((known) => window.selling.problems(known), acknowledged)).toEqual([]);
	expect(acknowledged.filter((one) => 'sold' in one).length).toBeGreaterThan(ROUNDS * 5);
});

test('the browser finds one copy broken and deletes it: the till is the same, and nothing is lost', async () => {
	const { child, page } = await launch();
	expect(await page.evaluate(() => window.selling.open('politely'))).toBe('mine');
	const device = await page.evaluate(() => window.selling.device());
	for (const key of ['before-one', 'before-two']) expect(await page.evaluate((one) => window.selling.sell(one), key)).toBe('sold');
	kill(child);
	await gone(child);

	// What a kill leaves behind when it tears a record, made on purpose, in one place after the other.
	const copies = readdirSync(join(profile, 'Default', 'WebStorage')).filter((name) => /^\d+$/.test(name));
	expect(copies).toHaveLength(2);
	for (const [round, copy] of copies.entries()) {
		const folder = join(profile, 'Default', 'WebStorage', copy, 'IndexedDB', 'indexeddb.leveldb');
		for (const file of readdirSync(folder).filter((name) => name.endsWith('.log'))) {
			const bytes = readFileSync(join(folder, file));
			writeFileSync(join(folder, file), bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 64));
		}
		const again = await launch();
		expect(await again.page.evaluate(() => window.selling.device())).toBe(device);
		expect(await again.page.evaluate(() => window.selling.open('politely'))).toBe('mine');
		expect(await again.page.evaluate(() => window.selling.findings())).toEqual([{ found: 'copy-restored' }]);
		expect(await again.page.evaluate((one) => window.selling.sell(one), `after-loss-${round}`)).toBe('sold');
		expect(await again.page.evaluate(() => window.selling.numberOfSales())).toBe(3 + round);
		expect(await again.page.evaluate(() => window.selling.problems([]))).toEqual([]);
		kill(again.child);
		await gone(again.child);
	}
});

test('a full disk is told, nothing is half written, and the sale is there once there is room', async () => {
	const { browser, page } = await launch();
	const session = await browser.contexts()[0]!.newCDPSession(page);
	// Before the first write: the browser remembers for a while how much room there was.
	await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
	const sell = (key: string) => page.evaluate((one) => window.selling.sell(one), key);
	expect(await page.evaluate(() => window.selling.open('politely'))).toBe('mine');
	expect(await sell('with-room-1')).toBe('sold');
	await page.evaluate(() => window.selling.fill());
	const outcomes: string[] = [];
	while (outcomes.at(-1) !== 'storage-full' && outcomes.length < 100) outcomes.push(await sell(`no-room-${outcomes.length}`));
	expect(outcomes.at(-1)).toBe('storage-full');
	await session.send('Storage.overrideQuotaForOrigin', { origin });
	expect(await sell(`no-room-${outcomes.length - 1}`)).toBe('sold');
	expect(await page.evaluate(() => window.selling.numberOfSales())).toBe(1 + outcomes.length);
	expect(await page.evaluate(() => window.selling.problems([]))).toEqual([]);
});

test('a second tab of the same profile is told, takes over, and the first one sells nothing more', async () => {
	const { browser, page: first } = await launch();
	const context = browser.contexts()[0]!;
	const open = (page: Page, way: 'politely' | 'take over') => page.evaluate((how) => window.selling.open(how), way);
	const sell = (page: Page, key: string) => page.evaluate((one) => window.selling.sell(one), key);
	expect(await open(first, 'politely')).toBe('mine');
	expect(await sell(first, 'first-tab-1')).toBe('sold');

	const second = await context.newPage();
	await second.goto(origin);
	expect(await open(second, 'politely')).toBe('taken');
	expect(await open(second, 'take over')).toBe('mine');
	expect(await sell(second, 'second-tab-1')).toBe('sold');
	expect(await sell(first, 'first-tab-2')).toBe('another-tab');
	await first.waitForFunction(() => window.selling.isLost());
	expect(await sell(second, 'second-tab-2')).toBe('sold');
	expect(await second.evaluate(() => window.selling.problems([]))).toEqual([]);

	// A tab that is closed leaves the till to whoever comes next.
	await second.close();
	await first.reload();
	await expect.poll(() => open(first, 'politely')).toBe('mine');
	expect(await sell(first, 'first-tab-3')).toBe('sold');
	expect(await first.evaluate(() => window.selling.problems([]))).toEqual([]);
});

/** A Chromium of our own, in a process group of its own, on the profile: Playwright would not let us kill it like this. */
async function launch(): Promise<{ readonly child: ChildProcess; readonly browser: Browser; readonly page: Page }> {
	const child = spawn(
		findChromium() ?? chromium.executablePath(),
		[
			...['--headless=new', '--no-sandbox', '--no-first-run', '--no-default-browser-check', '--disable-gpu', '--disable-dev-shm-usage'],
			...['--disable-crash-reporter', '--disable-breakpad', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
		],
		{ detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
	);
	browsers.push(child);
	const endpoint = await new Promise<string>((resolve, reject) => {
		let said = '';
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			said += text;
			const listening = /DevTools listening on (ws:\S+)/.exec(said);
			if (listening?.[1] !== undefined) resolve(listening[1]);
		});
		child.on('exit', () => {
			reject(new Error(`Chromium ended before it listened: ${said}`));
		});
	});
	const browser = await chromium.connectOverCDP(endpoint);
	const page = await browser.contexts()[0]!.newPage();
	await page.goto(origin);
	await page.waitForFunction(() => 'selling' in window);
	return { child, browser, page };
}

function kill(child: ChildProcess): void {
	if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
	try {
		process.kill(-child.pid, 'SIGKILL');
	} catch {
		// Gone already.
	}
}

async function gone(child: ChildProcess): Promise<void> {
	if (child.signalCode === null && child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
}

async function bundle(): Promise<string> {
	const built = (await build({
		...{ configFile: false, logLevel: 'error', root: ROOT },
		build: { write: false, target: 'es2024', minify: false, rollupOptions: { input: join(ROOT, 'tests/support/selling-page.ts') } },
	})) as Rollup.RollupOutput;
	return built.output[0].code;
}
