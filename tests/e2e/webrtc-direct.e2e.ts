/**
 * A till whose app was served from elsewhere: it knows nothing of the hub but its setup code, joins and sells over webrtc-direct, and finds the hub again. No page
 * of it gets through to the hub's http or websocket, for both are cut off here.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type BrowserContext, type Page } from 'playwright/test';
import sirv from 'sirv';
import { printReceipt } from '#core/receipt-number.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { become, update } from '../support/app-versions.ts';
import { expectSafe, sell } from '../support/at-the-counter.ts';
import { BUILD, hasApp } from '../support/built-app.ts';
import { freePort, freeUdpPort } from '../support/free-port.ts';
import { goTo } from '../support/go-to.ts';
import { layDownVaultVersion1 } from '../support/older-databases.ts';
import { codeFrom, entriesOf, joinCodeOf, openBrowser, serve, type OpenBrowser, type Served } from '../support/shop-processes.ts';

/** One hub for all: each test comes with a till of its own. */
let folder: string;
let elsewhere: Server;
let origin: string;
let open: { hub?: Served; first?: HeadlessTill; till?: OpenBrowser };
/** Without a port: where it was last. */
let startHub: (udpPort?: string) => Promise<Served>;
/** What the pages tried by http or websocket at the hub. */
let tried: string[];

test.beforeAll(async () => {
	hasApp();
	folder = mkdtempSync(join(tmpdir(), 'holdfast-direct-'));
	open = {};
	elsewhere = createServer(sirv(BUILD, { single: true }));
	await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
	origin = `http://localhost:${(elsewhere.address() as AddressInfo).port}`;
	const port = String(await freePort());
	let udpPort = String(await freeUdpPort());
	startHub = (here = udpPort) => {
		udpPort = here;
		return serve('hub', { data: join(folder, 'hub'), port, 'webrtc-port': here });
	};
	open.hub = await startHub();
	open.first = await startHeadlessTill({ hub: open.hub.url, folder: join(folder, 'first'), claim: { kind: 'demo' }, onProblem: () => undefined });
});

test.beforeEach(() => {
	tried = [];
});

test.afterEach(async () => {
	await open.till?.kill();
});

test.afterAll(async () => {
	await open.first?.close();
	await open.hub?.kill();
	elsewhere.closeAllConnections();
	await new Promise((resolve) => elsewhere.close(resolve));
	rmSync(folder, { recursive: true, force: true });
});

async function openTill(flags: readonly string[] = [], cutOff = true): Promise<{ readonly page: Page; readonly context: BrowserContext }> {
	open.till = await openBrowser(mkdtempSync(join(folder, 'profile-')), flags);
	const { context } = open.till;
	// Nobody has been asked anything yet; WebRTC towards a hub needs no camera.
	await context.clearPermissions();
	const { port } = new URL(hub().url);
	const isHub = (url: URL): boolean => cutOff && url.port === port;
	await context.route(isHub, async (route) => {
		tried.push(route.request().url());
		await route.abort();
	});
	await context.routeWebSocket(isHub, async (socket) => {
		tried.push(socket.url());
		await socket.close();
	});
	return { page: await context.newPage(), context };
}

function hub(): Served {
	if (open.hub === undefined) throw new Error('the hub is not up');
	return open.hub;
}

/** What a till that has just joined writes on its first receipt. */
const FIRST = /^T\d+-000001$/;

const setupCode = (): Promise<string> => codeFrom(hub(), '/setup-code');

async function joinBy(page: Page, code: string): Promise<void> {
	await page.getByLabel('Setup code').fill(code);
	await page.getByRole('button', { name: 'Join by setup code' }).click();
}

test('a till from elsewhere joins by the setup code and sells over webrtc-direct alone; it finds the hub again after both were restarted', async () => {
	const { page } = await openTill();
	await page.goto(origin);
	await expect(page.getByRole('heading', { name: 'Join by the hub’s setup code' })).toBeVisible();
	await expect(page.getByText('answer “Allow”')).toBeVisible();

	await joinBy(page, 'K7QM-42XR');
	await expect(page.getByRole('alert')).toContainText('the short join code');
	const code = await setupCode();
	await joinBy(page, code.replace(/\/[0-9A-Z]{4}-/, '/AAAA-'));
	await expect(page.getByRole('alert')).toContainText('That is not the code');
	await joinBy(page, code);
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	const before = await entriesOf(hub());
	const number = await sell(page);
	expect(number).toMatch(FIRST);
	await expectSafe(page);
	expect(await entriesOf(hub())).toBeGreaterThan(before);

	// The hub's certificate is kept, so its hash still leads to it; the till has its address on disk.
	await hub().kill();
	await page.reload();
	expect(await sell(page)).toBe(number.replace('000001', '000002'));
	open.hub = await startHub();
	await expectSafe(page);
	expect(await entriesOf(hub())).toBeGreaterThan(before + 1);
	expect(tried).toEqual([]);
	// And would not have got through.
	await expect(page.evaluate(async (url) => (await fetch(url, { mode: 'no-cors' })).type, hub().url)).rejects.toThrow();
	expect(tried).toHaveLength(1);

	// The other till has its sales, through the hub.
	const told = () => [...(open.first?.branch.ledger.state.sales.values() ?? [])].map(({ fact }) => printReceipt(fact.receipt));
	await expect.poll(told).toEqual(expect.arrayContaining([number, number.replace('000001', '000002')]));
});

test('where the browser guards the local network, the page says what it will ask, what to do when it was told no, and joins once it may', async () => {
	const publicly = `--ip-address-space-overrides=127.0.0.1:${new URL(origin).port}=public`;
	const { page, context } = await openTill([publicly, '--enable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebRTC']);
	await page.goto(origin);
	await expect(page.getByText('The browser may ask')).toBeVisible();
	// Whoever is granted something else only is refused the rest.
	await context.grantPermissions(['camera']);
	await expect(page.getByRole('region', { name: 'Local network' })).toContainText('does not let this page reach devices on the local network');
	await joinBy(page, await setupCode());
	await expect(page.getByRole('alert')).toContainText('may not reach devices on the local network');
	await context.grantPermissions(['local-network-access']);
	await expect(page.getByRole('region', { name: 'Local network' })).toBeHidden();
	await joinBy(page, await setupCode());
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	expect(await sell(page)).toMatch(FIRST);
	await expectSafe(page);
});

test('a link brings the code, the camera reads it, and a hub that moved is found by its new one', async () => {
	const { page, context } = await openTill();
	await context.grantPermissions(['camera']);
	// Chromium on Linux reads no codes of its own: this one sees what the test holds before it.
	await page.addInitScript(() => {
		Object.assign(globalThis, {
			BarcodeDetector: class {
				detect = () => Promise.resolve([{ rawValue: 'https://example.com' }, { rawValue: (globalThis as { seen?: string }).seen ?? '' }]);
			},
		});
	});
	const code = await setupCode();
	await page.goto(`${origin}/#${code}`);
	await expect(page.getByLabel('Setup code')).toHaveValue(code);
	await page.getByLabel('Setup code').fill('');
	await page.getByRole('button', { name: 'Scan it with the camera' }).click();
	await expect(page.getByLabel('What the camera sees')).toBeVisible();
	await page.evaluate((seen) => Object.assign(globalThis, { seen }), `https://till.example/#${code}`);
	await expect(page.getByLabel('Setup code')).toHaveValue(`https://till.example/#${code}`);
	await expect(page.getByLabel('What the camera sees')).toBeHidden();
	await page.getByRole('button', { name: 'Join by setup code' }).click();
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	await expectSafe(page);

	await hub().kill();
	open.hub = await startHub(String(await freeUdpPort()));
	expect(await sell(page)).toMatch(FIRST);
	await goTo(page, 'Settings');
	const moved = page.getByRole('region', { name: 'Where the hub is' });
	await moved.getByLabel('Setup code').fill((await setupCode()).slice(0, -5));
	await moved.getByRole('button', { name: 'Look there' }).click();
	await expect(moved.getByRole('alert')).toContainText('not whole');
	await moved.getByLabel('Setup code').fill(await setupCode());
	await moved.getByRole('button', { name: 'Look there' }).click();
	await expect(moved.getByRole('status')).toContainText('Noted');
	await expectSafe(page);
	expect(tried).toEqual([]);
});

test('the app and its database are of an older version and sales have not left the till: updated, it sells on, and the hub gets each of them once', async () => {
	const build = join(folder, 'build');
	cpSync(BUILD, build, { recursive: true });
	const serving = createServer(sirv(build, { single: true, dev: true }));
	await new Promise<void>((resolve) => serving.listen(0, '127.0.0.1', resolve));
	const here = `http://localhost:${(serving.address() as AddressInfo).port}`;
	const { page } = await openTill();
	await page.goto(here);
	await joinBy(page, await setupCode());
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	await expectSafe(page);
	await page.getByRole('button', { name: 'Work alone' }).click();
	const numbers = [await sell(page), await sell(page), await sell(page)];
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await page.reload();
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();

	// No app runs in this page of the till's: what version 1 left is what the next one finds.
	await page.goto(`${here}/icon.svg`);
	expect(await page.evaluate(layDownVaultVersion1, 'holdfast')).toBe(numbers.length);
	become(build, 'the-next', (worker) => worker);
	await update(page, 'activated');
	await hub().kill();
	serving.closeAllConnections();
	await new Promise((resolve) => serving.close(resolve));

	await page.goto(here);
	expect(await page.content()).toContain('the-next');
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	numbers.push(await sell(page));
	expect(numbers.map((number) => number.slice(-6))).toEqual(['000001', '000002', '000003', '000004']);
	await goTo(page, 'Sync');
	await page.getByRole('button', { name: 'Reconnect' }).click();
	open.hub = await startHub();
	await expectSafe(page);
	const told = () => [...(open.first?.branch.ledger.state.sales.values() ?? [])].map(({ fact }) => printReceipt(fact.receipt));
	await expect
		.poll(() =>
			told()
				.filter((number) => numbers.includes(number))
				.sort(),
		)
		.toEqual(numbers);
});

test('a till on the hub’s own machine shows the setup code, and the next one as soon as it was used; so does a manager’s till that is elsewhere', async () => {
	const { page, context } = await openTill([], false);
	await page.goto(hub().url);
	await page.getByLabel('Join code').fill(await joinCodeOf(hub()));
	await page.getByRole('button', { name: 'Join', exact: true }).click();
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	await goTo(page, 'Settings');
	await page.getByRole('button', { name: 'Show the setup code' }).click();
	await expect(page.getByRole('img', { name: 'Setup code' })).toBeVisible();
	const shown = page.getByRole('dialog').getByText('holdfast:1/');
	await expect(shown).toHaveText(await setupCode());
	await page.getByRole('dialog').getByText('A manager’s till', { exact: true }).click();
	await expect(shown).not.toHaveText(await setupCode());
	const code = (await shown.textContent()) ?? '';

	const other = await context.newPage();
	await other.goto(origin);
	await joinBy(other, code);
	await expect(other.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	expect(await sell(other)).toMatch(FIRST);
	await page.bringToFront();
	await expect(shown).not.toHaveText(code);

	// A page that the hub did not serve asks it on their link.
	await other.bringToFront();
	await goTo(other, 'Settings');
	await other.getByRole('button', { name: 'Show the setup code' }).click();
	await expect(other.getByRole('dialog').getByText('holdfast:1/')).toHaveText(await setupCode());
});
