/** Tills in real Chromium and a hub in Node, on loopback: they meet through the hub, and go on without it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { websocketAddress } from '#adapters/lan-libp2p/addresses.ts';
import { hexOf } from '#schemas/cbor.ts';
import { findChromium } from '../../support/chromium.mjs';
import { untilPasses } from '../../support/eventually.ts';
import { startHub, type Hub } from './hub.ts';
import { openShop, type Member, type Shop } from './shop.ts';

declare global {
	interface Window {
		/** Every WebRTC connection that the page has made. */
		connections: RTCPeerConnection[];
	}
}

let folder: string;
let server: Server;
let origin: string;
let browser: Browser;
const hubs: Hub[] = [];

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'holdfast-lan-'));
	await build({
		configFile: false,
		logLevel: 'error',
		root: fileURLToPath(new URL('../../..', import.meta.url)),
		build: {
			outDir: folder,
			emptyOutDir: true,
			target: 'es2024',
			minify: false,
			rollupOptions: { input: fileURLToPath(new URL('./page.ts', import.meta.url)), output: { entryFileNames: 'page.js' } },
		},
	});
	server = createServer((request, response) => {
		const path = new URL(request.url ?? '/', 'http://localhost').pathname;
		if (path === '/') {
			response.setHeader('content-type', 'text/html');
			response.end('<!doctype html><title>till</title><script type="module" src="/page.js"></script>');
			return;
		}
		readFile(join(folder, path)).then(
			(bytes) => {
				response.setHeader('content-type', extname(path) === '.js' ? 'text/javascript' : 'application/octet-stream');
				response.end(bytes);
			},
			() => response.writeHead(404).end(),
		);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const executablePath = findChromium();
	browser = await chromium.launch({
		...(executablePath === undefined ? {} : { executablePath }),
		// WebRTC on loopback alone, where a test machine has no network card.
		args: ['--no-sandbox', '--allow-loopback-in-peer-connection'],
	});
});

afterAll(async () => {
	await browser?.close();
	await Promise.all(hubs.map((hub) => hub.stop()));
	await new Promise((resolve) => server.close(resolve));
	await rm(folder, { recursive: true, force: true });
});

async function openTill(shop: Shop, member: Member, hub: Hub): Promise<Page> {
	const context = await browser.newContext();
	await context.grantPermissions(['microphone', 'camera'], { origin });
	const page = await context.newPage();
	await page.addInitScript(() => {
		window.connections = [];
		const Real = window.RTCPeerConnection;
		window.RTCPeerConnection = class extends Real {
			constructor(configuration?: RTCConfiguration) {
				super(configuration);
				window.connections.push(this);
			}
		};
	});
	page.on('pageerror', (error) => console.log(`${member.certificate.name}: ${error.message}`));
	await page.goto(origin);
	await page.waitForFunction(() => typeof window.openTill === 'function');
	const setup = {
		store: shop.store,
		name: member.certificate.name,
		chain: hexOf(member.chain),
		networkSeed: hexOf(member.networkSeed),
		peers: shop.members.map(({ peer }) => peer),
		// As a second till on the hub's own machine would: a name with storage of its own, which Chromium resolves to loopback.
		hub: websocketAddress({ host: member.certificate.name === 'Till 2' ? 'till-2.localhost' : '127.0.0.1', port: hub.port, peer: hub.peer }),
	};
	await page.evaluate((given) => window.openTill(given), setup);
	return page;
}

const eventually = (check: () => Promise<void>) => untilPasses(check, 90_000);
/** Seconds, as an owner counts them, and what a busy machine adds. */
const peersOf = (page: Page) => page.evaluate(() => window.till.peers());

test.concurrent('tills meet through the hub, speak directly, outlive it, and find it again', { timeout: 300_000 }, async () => {
	const shop = await openShop();
	const hubMember = await shop.enrol('Hub', 'hub');
	const hub = await startHub(shop, hubMember);
	hubs.push(hub);
	hub.network.connect('Hub' as never);
	const one = await openTill(shop, await shop.enrol('Till 1', 'till'), hub);
	// Enrolled later: the first till hears of it from the hub.
	const two = await openTill(shop, await shop.enrol('Till 2', 'till'), hub);
	const report = async () =>
		console.log(JSON.stringify([await one.evaluate(() => window.till.events), await two.evaluate(() => window.till.events)], null, 1));
	try {
		await eventually(async () => {
			expect(await peersOf(one)).toEqual(
				expect.arrayContaining([
					{ name: 'Hub', transport: 'websocket' },
					{ name: 'Till 2', transport: 'webrtc' },
				]),
			);
			expect(await peersOf(two)).toEqual(
				expect.arrayContaining([
					{ name: 'Hub', transport: 'websocket' },
					{ name: 'Till 1', transport: 'webrtc' },
				]),
			);
		});
		await one.evaluate(() => window.till.send('Till 2', 1, 3_000_000));
		await eventually(async () =>
			expect(await two.evaluate(() => window.till.heard)).toContainEqual({ from: 'Till 1', number: 1, length: 3_000_000 }),
		);

		await hub.kill();
		await eventually(async () => expect(await peersOf(one)).toEqual([{ name: 'Till 2', transport: 'webrtc' }]));
		await two.evaluate(() => window.till.send('Till 1', 2, 100));
		await one.evaluate(() => window.till.send('Till 2', 3, 100));
		await eventually(async () => {
			expect(await one.evaluate(() => window.till.heard)).toContainEqual({ from: 'Till 2', number: 2, length: 100 });
			expect(await two.evaluate(() => window.till.heard)).toContainEqual({ from: 'Till 1', number: 3, length: 100 });
		});
		// Longer than the silence that ends a link: without the hub the pulse goes on.
		await new Promise((resolve) => setTimeout(resolve, 7_000));
		await one.evaluate(() => window.till.send('Till 2', 4, 100));
		await eventually(async () => expect(await two.evaluate(() => window.till.heard)).toContainEqual({ from: 'Till 1', number: 4, length: 100 }));

		const again = await startHub(shop, hubMember, {}, hub.port);
		hubs.push(again);
		again.network.connect('Hub again' as never);
		await eventually(async () => {
			expect(await peersOf(one)).toContainEqual({ name: 'Hub', transport: 'websocket' });
			expect(await peersOf(two)).toContainEqual({ name: 'Hub', transport: 'websocket' });
		});

		// Working alone and coming back: the direct link returns through the new hub.
		await two.evaluate(() => window.till.stop());
		await eventually(async () => expect(await peersOf(one)).toEqual([{ name: 'Hub', transport: 'websocket' }]));
		expect(await peersOf(two)).toEqual([]);
		await two.evaluate(() => window.till.start());
		await eventually(async () => expect(await peersOf(two)).toContainEqual({ name: 'Till 1', transport: 'webrtc' }));
	} catch (error) {
		await report();
		throw error;
	}
});

test.concurrent('without the hub a broken link between two tills comes back through a third', { timeout: 300_000 }, async () => {
	const shop = await openShop();
	const hub = await startHub(shop, await shop.enrol('Hub', 'hub'));
	hubs.push(hub);
	hub.network.connect('Hub' as never);
	const names = ['Till 1', 'Till 2', 'Till 3'];
	const members: Member[] = [];
	for (const name of names) members.push(await shop.enrol(name, 'till'));
	const pages = await Promise.all(members.map((member) => openTill(shop, member, hub)));
	const allLinked = () =>
		eventually(async () => {
			for (const [i, page] of pages.entries()) {
				const links = (await peersOf(page)).filter(({ transport }) => transport === 'webrtc');
				expect(links.map(({ name }) => name).sort()).toEqual(names.filter((_, j) => j !== i));
			}
		});
	await allLinked();
	await new Promise((resolve) => setTimeout(resolve, 2_500)); // Reservations are made at the next look.
	await hub.kill();
	const last = pages[2] as Page;
	const ended = () => last.evaluate(() => window.till.events.filter((event) => event.includes('a link ended')).length);
	await eventually(async () => expect(await peersOf(last)).toHaveLength(2));
	const before = await ended();
	await last.evaluate(() => window.connections.findLast(({ connectionState }) => connectionState === 'connected')?.close());
	await eventually(async () => expect(await ended()).toBeGreaterThan(before));
	// A dial through a third till that hangs is cut and tried again, each time later: on a busy machine that takes a few turns.
	await allLinked();
});

test.concurrent(
	'a till that was removed loses its direct links to others within seconds, without a hub, and gets none again',
	{ timeout: 300_000 },
	async () => {
		const shop = await openShop();
		const hub = await startHub(shop, await shop.enrol('Hub', 'hub'));
		hubs.push(hub);
		hub.network.connect('Hub' as never);
		const members: Member[] = [];
		for (const name of ['Till 1', 'Till 2', 'Till 3']) members.push(await shop.enrol(name, 'till'));
		const [one, two, lost] = await Promise.all([members[0]!, members[1]!, members[2]!].map((member) => openTill(shop, member, hub)));
		const directTo = async (page: Page | undefined): Promise<readonly string[]> =>
			page === undefined ? [] : (await peersOf(page)).filter(({ transport }) => transport === 'webrtc').map(({ name }) => name);
		await eventually(async () => {
			expect((await directTo(one)).toSorted()).toEqual(['Till 2', 'Till 3']);
			expect((await directTo(two)).toSorted()).toEqual(['Till 1', 'Till 3']);
		});
		await hub.kill();
		const { device } = members[2]!.certificate;
		for (const page of [one, two]) await page?.evaluate((removed) => window.till.hearOfRemoval(removed), device);
		await untilPasses(async () => {
			expect([await directTo(one), await directTo(two), await directTo(lost)]).toEqual([['Till 2'], ['Till 1'], []]);
		});
		// It looks for others every second or so, and does not know that it was removed.
		await new Promise((resolve) => setTimeout(resolve, 5_000));
		expect([await directTo(one), await directTo(two), await directTo(lost)]).toEqual([['Till 2'], ['Till 1'], []]);
	},
);
