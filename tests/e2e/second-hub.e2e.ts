/**
 * Two hubs, each with a certificate authority of its own, and tills that can reach only the first by what they were given: one came by its https and trusts its
 * authority alone, one came from elsewhere with its setup code. Both hear on their link where the second is, and sell on with it when the first is killed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import sirv from 'sirv';
import { startHeadlessTill } from '#server/headless-till.ts';
import { expectSafe, sell } from '../support/at-the-counter.ts';
import { BUILD, hasApp } from '../support/built-app.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, freeUdpPort } from '../support/free-port.ts';
import { goTo } from '../support/go-to.ts';
import { codeFrom, entriesOf, openBrowser, serve, trustOf, type OpenBrowser, type Served } from '../support/shop-processes.ts';

const NAME = `${hostname().split('.')[0]?.toLowerCase()}.local`;
const FINDS_THE_HUB = `--host-resolver-rules=MAP ${NAME} 127.0.0.1`;

/** Nothing tells that a device sleeps on: it is more than ten seconds in all, with those in which the others notice. */
const SLEEPS_MS = 6_000;
const AWAKE_WITHIN_MS = 15_000;

let folder: string;
let elsewhere: Server;
let securePort: string;
let secondSecurePort: string;
const hubs: Served[] = [];
const browsers: OpenBrowser[] = [];

test.beforeAll(async () => {
	hasApp();
	folder = mkdtempSync(join(tmpdir(), 'holdfast-second-hub-'));
	elsewhere = createServer(sirv(BUILD, { single: true }));
	await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
	securePort = String(await freePort());
	const first = await startHub('first', { 'https-port': securePort });
	// It makes the shop and goes.
	await (await startHeadlessTill({ hub: first.url, folder: join(folder, 'maker'), claim: { kind: 'demo' }, onProblem: () => undefined })).close();
	secondSecurePort = String(await freePort());
	await startHub('second', { 'https-port': secondSecurePort, join: first.url, code: await codeFrom(first, '/join-code?till=manager') });
});

test.afterAll(async () => {
	for (const browser of browsers) await browser.kill();
	for (const hub of hubs) await hub.kill();
	elsewhere.closeAllConnections();
	elsewhere.close();
	rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function startHub(name: string, flags: Readonly<Record<string, string>>): Promise<Served> {
	const ports = { port: String(await freePort()), 'webrtc-port': String(await freeUdpPort()) };
	const hub = await serve('hub', { data: join(folder, name), ...ports, ...flags });
	hubs.push(hub);
	return hub;
}

async function pageOf(profile: string, flags: readonly string[]): Promise<Page> {
	const browser = await openBrowser(join(folder, profile), flags);
	browsers.push(browser);
	return browser.context.newPage();
}

async function atWork(page: Page): Promise<void> {
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
}

/** Its own Sync screen says so. */
async function expectReached(page: Page, hub: RegExp): Promise<void> {
	await goTo(page, 'Sync');
	await expect(page.getByRole('row', { name: hub })).toBeVisible();
}

test('with its hub killed a till of https and one from elsewhere sell on with the second hub, and find it again after a reload', async () => {
	const [first, second] = hubs as [Served, Served];
	const secure = await pageOf('secure', [FINDS_THE_HUB, await trustOf(first)]);
	await secure.goto(`https://${NAME}:${securePort}/`);
	await secure.getByLabel('Join code').fill(await codeFrom(first, '/join-code'));
	await secure.getByRole('button', { name: 'Join', exact: true }).click();
	await atWork(secure);
	const hosted = await pageOf('hosted', []);
	await hosted.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}`);
	await hosted.getByLabel('Setup code').fill(await codeFrom(first, '/setup-code'));
	await hosted.getByRole('button', { name: 'Join by setup code' }).click();
	await atWork(hosted);
	const tills = [secure, hosted];
	for (const till of tills) await expectReached(till, /^Hub 2 directly/);
	// The second one's https would not do: this browser does not trust it.
	await expect(secure.evaluate(async (url) => (await fetch(url)).status, `https://${NAME}:${secondSecurePort}/hub.json`)).rejects.toThrow();

	for (const till of tills) await till.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await first.kill();
	for (const till of tills) {
		const before = await entriesOf(second);
		await sell(till);
		await expectSafe(till);
		expect(await entriesOf(second)).toBeGreaterThan(before);
	}

	// Nobody serves the page any more, nor says where a hub is: the till starts from its service worker and dials what it kept.
	elsewhere.closeAllConnections();
	elsewhere.close();
	for (const till of tills) {
		const before = await entriesOf(second);
		await till.reload();
		await sell(till);
		await expectReached(till, /^Hub 2 directly/);
		await expectSafe(till);
		expect(await entriesOf(second)).toBeGreaterThan(before);
	}

	// A device that sleeps for longer than any link waits. Its first sale is made on links that died meanwhile.
	const [sleeper] = browsers;
	const before = await entriesOf(second);
	sleeper?.freeze();
	await expectReached(hosted, /^Till 2 not in reach/);
	await new Promise((resolve) => setTimeout(resolve, SLEEPS_MS));
	sleeper?.thaw();
	const wokeAtMs = Date.now();
	await sell(secure);
	await eventually(async () => (await entriesOf(second)) > before, 'the sale is at the hub', AWAKE_WITHIN_MS);
	await expectReached(hosted, /^Till 2 directly/);
	await expectSafe(secure);
	test.info().annotations.push({ type: 'awake', description: `${Date.now() - wokeAtMs} ms from waking to a sale that is safe in the shop` });
});
