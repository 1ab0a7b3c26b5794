/**
 * A demo shop as a day finds it: hub, relay and tills, each a process of its own on loopback. All are started at once, for on a slow machine each is seconds
 * of waiting; what a test kills it starts again here, on the same port, disk and profile. `close` ends what is there, however far the start got.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type BrowserContext, type Page } from 'playwright/test';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { joinCodeOf, openBrowser, serve, type OpenBrowser, type Served } from './shop-processes.ts';

export interface DemoShopWish {
	/** Begins the name of its folder. */
	readonly name: string;
	readonly tills: number;
	readonly relay?: boolean;
	/** Of each till's Chromium. */
	readonly flags?: readonly string[];
	/** Before a till's first page. */
	readonly prepare?: (context: BrowserContext, till: number) => Promise<unknown>;
}

export interface DemoShop {
	readonly folder: string;
	/** Each till at work, till 1 first: it made the shop, the others joined by code. */
	open(): Promise<readonly Page[]>;
	hub(): Served;
	relay(): Served;
	/** `relayPort`: where the relay is for the hub alone; what the shop knows of it stays. */
	startHub(relayPort?: number): Promise<Served>;
	startRelay(): Promise<Served>;
	/** As a power cut does. */
	killTill(till: number): Promise<void>;
	/** As a person ends it. */
	closeTill(till: number): Promise<void>;
	profileOf(till: number): string;
	/** On what its disk has; whatever its page shows first. */
	startTill(till: number): Promise<Page>;
	close(): Promise<void>;
}

export function demoShop({ name, tills: count, relay: hasRelay = false, flags = [], prepare }: DemoShopWish): DemoShop {
	const folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
	const ports = Promise.all([freePort(), freePort()]);
	const browsers = new Map<number, Promise<OpenBrowser>>();
	let hub: Promise<Served> | undefined;
	let relay: Promise<Served> | undefined;
	const running: { hub?: Served; relay?: Served } = {};

	async function startRelay(): Promise<Served> {
		relay = ports.then(([, port]) => serve('relay', { data: join(folder, 'relay'), port: String(port) }));
		return (running.relay = await relay);
	}

	async function startHub(relayAt?: number): Promise<Served> {
		hub = ports.then(([port, relayPort]) =>
			serve('hub', {
				...{ data: join(folder, 'hub'), port: String(port) },
				...(hasRelay ? { relay: `ws://127.0.0.1:${relayAt ?? relayPort}` } : {}),
			}),
		);
		return (running.hub = await hub);
	}

	const profileOf = (till: number): string => join(folder, `profile-${till}`);

	async function openTab(till: number): Promise<Page> {
		const browser = openBrowser(profileOf(till), flags);
		browsers.set(till, browser);
		const { context } = await browser;
		await prepare?.(context, till);
		return context.newPage();
	}

	/** A till of its own for each name that leads here. */
	async function addressOf(till: number): Promise<string> {
		const [port] = await ports;
		return till === 1 ? `http://localhost:${port}` : `http://till-${till}.localhost:${port}`;
	}

	async function open(): Promise<readonly Page[]> {
		const tabs = Array.from({ length: count }, (_, place) => openTab(place + 1));
		const [{ url }, pages] = await Promise.all([startHub(), Promise.all(tabs), hasRelay ? startRelay() : undefined]);
		const [first, ...others] = pages;
		if (first === undefined) return [];
		await first.goto(await addressOf(1));
		await first.getByRole('button', { name: 'Try the demo shop' }).click();
		await eventually(async () => ((await (await fetch(`${url}/hub.json`)).json()) as { claimed: boolean }).claimed, 'the shop is made');
		// One after the other, for a code is used up by whoever joins with it.
		for (const [place, page] of others.entries()) {
			await page.goto(await addressOf(place + 2));
			await page.getByLabel('Join code').fill(await joinCodeOf({ url }));
			await page.getByRole('button', { name: 'Join', exact: true }).click();
			await atWork(page);
		}
		await atWork(first);
		return pages;
	}

	async function atWork(page: Page): Promise<void> {
		await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible();
	}

	function up(which: 'hub' | 'relay'): Served {
		const served = running[which];
		if (served === undefined) throw new Error(`the ${which} was not started`);
		return served;
	}

	return {
		folder,
		open,
		hub: () => up('hub'),
		relay: () => up('relay'),
		startHub,
		startRelay,
		async killTill(till) {
			await (await browsers.get(till))?.kill();
		},
		async closeTill(till) {
			await (await browsers.get(till))?.close();
		},
		profileOf,
		async startTill(till) {
			const page = await openTab(till);
			await page.goto(await addressOf(till));
			return page;
		},
		async close() {
			for (const opening of browsers.values()) await opening.then((browser) => browser.kill()).catch(() => undefined);
			for (const starting of [hub, relay])
				await starting
					?.then((served) => {
						served.thaw();
						return served.kill();
					})
					.catch(() => undefined);
			rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
