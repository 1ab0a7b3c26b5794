/**
 * A till on another device: it opens the hub by plain http, is led to the page that says how to trust it, trusts the shop's own certificate, and sells by https
 * with its links over wss. The hub's `.local` name leads to this machine in Chromium, which takes it for any other host of a LAN.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'playwright/test';
import { expectSafe, sell } from '../support/at-the-counter.ts';
import { freePort } from '../support/free-port.ts';
import { entriesOf, openBrowser, serve, trustOf, type OpenBrowser, type Served } from '../support/shop-processes.ts';

/** One hub for both tests, which nobody has claimed yet in the first. */
let folder: string;
let open: { hub?: Served; till?: OpenBrowser };
let ports: readonly [string, string];
let claimCode = '';

test.beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'holdfast-https-'));
	open = {};
	ports = [String(await freePort()), String(await freePort())];
	open.hub = await startHub();
});

test.afterEach(async () => {
	await open.till?.kill();
});

test.afterAll(async () => {
	await open.hub?.kill();
	rmSync(folder, { recursive: true, force: true });
});

function startHub(): Promise<Served> {
	const [port, securePort] = ports;
	return serve('hub', { data: join(folder, 'hub'), port, 'https-port': securePort }, (text) => {
		claimCode = /Claim code\s+(\S+)/.exec(text)?.[1] ?? claimCode;
	});
}

function hub(): Served {
	if (open.hub === undefined) throw new Error('the hub is not up');
	return open.hub;
}

const NAME = `${hostname().split('.')[0]?.toLowerCase()}.local`;
const FINDS_THE_HUB = `--host-resolver-rules=MAP ${NAME} 127.0.0.1`;

test('a device that does not trust the hub is led to what is missing, and told so until it does', async () => {
	const [port, securePort] = ports;
	open.till = await openBrowser(join(folder, 'profile-1'), [FINDS_THE_HUB]);
	const page = await open.till.context.newPage();
	await page.goto(`http://${NAME}:${port}`);
	await expect(page.getByRole('heading', { name: 'This page cannot sell yet' })).toBeVisible();
	await page.getByRole('button', { name: 'Show how' }).click();
	await expect(page.getByRole('heading', { name: 'Let this device trust the hub' })).toBeVisible();
	await expect(page.getByRole('status')).toContainText('Not yet');
	await expect(page.locator('details[open]')).toHaveCount(1);
	await expect(page.getByRole('link', { name: `Open the till at https://${NAME}:${securePort}` })).toBeVisible();
	// The browser does refuse: what the next test lets pass is no hole in this one.
	await expect(page.goto(`https://${NAME}:${securePort}`)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
});

test('a device that trusts the shop’s certificate enrols and sells by https, its sale reaches the hub by wss, and it starts without the hub', async () => {
	const [port, securePort] = ports;
	open.till = await openBrowser(join(folder, 'profile-2'), [FINDS_THE_HUB, await trustOf(hub())]);
	const page = await open.till.context.newPage();
	const sockets: string[] = [];
	page.on('websocket', (socket) => sockets.push(socket.url()));

	// From plain http the page leads on, once it has seen that it works.
	await page.goto(`http://${NAME}:${port}/trust`);
	await expect(page.getByRole('status')).toContainText('It works');
	await page.getByRole('link', { name: 'Open the till' }).click();
	await expect(page).toHaveURL(new RegExp(`^https://${NAME}:${securePort}/`));
	expect(await page.evaluate(() => isSecureContext)).toBe(true);

	// The shop is made on the hub's own machine; this device joins it with the code.
	const asked = await fetch(`${hub().url}/hub.json`);
	expect(await asked.json()).toMatchObject({ claimed: false, local: true });
	expect(claimCode).not.toBe('');
	await page.getByLabel('Claim code').fill(claimCode);
	await page.getByRole('button', { name: 'Try the demo shop' }).click();
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	expect(await sell(page)).toBe('T1-000001');
	await expectSafe(page);
	expect(sockets.length).toBeGreaterThan(0);
	expect(sockets.every((url) => url === `wss://${NAME}:${securePort}/lan`)).toBe(true);

	const before = await entriesOf(hub());

	// A page that was let past a warning would have no service worker; this one starts with the hub dead.
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await hub().kill();
	await page.reload();
	await expect(
		page
			.getByRole('searchbox', { name: 'Search or scan' })
			.or(page.getByRole('heading', { level: 1 }))
			.first(),
	).toBeVisible();
	expect(await sell(page)).toBe('T1-000002');

	// Back with the same authority: nothing is trusted anew, and the second sale comes in.
	open.hub = await startHub();
	await expectSafe(page);
	expect(await entriesOf(hub())).toBeGreaterThan(before);
});
