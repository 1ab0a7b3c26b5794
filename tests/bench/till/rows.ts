/** What a cashier feels: a line, a receipt, a start, a smooth page, a flat memory, a first visit. */
import { readdirSync, statSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashPin } from '#adapters/pins-argon2id/argon2id.ts';
import { BUILD } from '../../support/built-app.ts';
import { watchTasks, type LongTask } from '../lan/page-tasks.ts';
import { sellOne } from '../lan/shop.ts';
import { median, megabytes, ms, type Outcome, type Row, type RunOptions } from '../row.ts';
import { serveEmptyPage } from './empty-page.ts';
import { openTillShop, SLOWED, type TillShop } from './shop.ts';

const MOST_TASK_MS = 50;
const FIRST_VISIT_BYTES = 1_600_000;

/** One shop for all rows of a run: 50,000 products take a while to come in. */
let open: Promise<TillShop> | undefined;

/** After the last row. */
export async function closeTill(): Promise<void> {
	await open?.then((shop) => shop.close()).catch(() => undefined);
}

function row(row: Omit<Row, 'run'>, run: (shop: TillShop, options: RunOptions) => Promise<Outcome>): Row {
	return {
		...row,
		async run(options) {
			open ??= openTillShop(options.quick, options.tell);
			const shop = await open;
			try {
				return await run(shop, options);
			} finally {
				await shop.slow(1);
			}
		},
	};
}

const scan = row(
	{
		name: 'scan',
		what: 'a scan or a tap until the line is shown, 50,000 products',
		against: 'a line more in a bare list of the same page',
		reach: '95 % under 50 ms, 99 % under 100 ms',
	},
	async ({ page, goods, slow }, { quick, tell }) => {
		await slow(SLOWED);
		const scans: number[] = [];
		const taps: number[] = [];
		const bare: number[] = [];
		const rounds = quick ? 20 : 200;
		for (let n = 0; n < rounds + 5; n += 1) {
			tell(`${n} of ${rounds}`);
			const good = goods[(n * 7_919) % goods.length]!;
			const scanned = await page.evaluate((gtin) => window.watched.act('scan', gtin), good.gtin);
			const button = await page
				.locator('.grid button')
				.filter({ hasNotText: '/ kg' })
				.nth(n % 8)
				.locator('.name')
				.textContent();
			const tapped = await page.evaluate((name) => window.watched.act('tap', name), button ?? '');
			const listed = await page.evaluate(bareLine);
			if (n >= 5) {
				scans.push(scanned);
				taps.push(tapped);
				bare.push(listed);
			}
			// A customer has some thirty lines, not hundreds.
			if (n % 15 === 14) await page.evaluate(() => window.watched.act('pay', ''));
		}
		await page.evaluate(() => window.watched.act('pay', ''));
		const all = [...scans, ...taps];
		const [p95, p99] = [percentile(all, 0.95), percentile(all, 0.99)];
		return {
			ours: `scan ${ms(median(scans))}, tap ${ms(median(taps))}; 95 % within ${ms(p95)}, 99 % within ${ms(p99)}`,
			...{ anchor: ms(median(bare)), ratio: median(all) / median(bare), ok: p95 < 50 && p99 < 100 },
			numbers: { scanMedianMs: median(scans), tapMedianMs: median(taps), p95Ms: p95, p99Ms: p99, bareMedianMs: median(bare), rounds },
		};
	},
);

const pay = row(
	{
		name: 'pay',
		what: 'the key for exact cash until the sale is on the disk and the receipt is drawn',
		against: 'one strict IndexedDB transaction of the same page',
		reach: '95 % under 100 ms',
	},
	async ({ page, goods, slow }, { quick, tell }) => {
		await slow(SLOWED);
		const times: number[] = [];
		const raw: number[] = [];
		const rounds = quick ? 10 : 100;
		for (let n = 0; n < rounds + 3; n += 1) {
			tell(`${n} of ${rounds}`);
			for (let line = 0; line < 5; line += 1)
				await page.evaluate((gtin) => window.watched.act('scan', gtin), goods[(n * 31 + line * 1_009) % goods.length]!.gtin);
			const paid = await page.evaluate(() => window.watched.act('pay', ''));
			const written = await page.evaluate(strictTransaction);
			if (n < 3) continue;
			times.push(paid);
			raw.push(written);
		}
		const p95 = percentile(times, 0.95);
		return {
			ours: `${ms(median(times))}, 95 % within ${ms(p95)}`,
			...{ anchor: ms(median(raw)), ratio: median(times) / median(raw), ok: p95 < 100 },
			numbers: { medianMs: median(times), p95Ms: p95, rawMedianMs: median(raw), rounds },
		};
	},
);

const start = row(
	{
		name: 'start',
		what: 'a cold start with the catalogue on the disk: until something can be sold, until all of it can be searched',
		against: 'an empty SvelteKit page, built and served the same way',
		reach: 'under 2 s, under 5 s',
	},
	async ({ page, url, goods, slow }, { quick, tell }) => {
		const [sellable, searchable, bare]: [number[], number[], number[]] = [[], [], []];
		const last = goods.at(-1)!;
		tell('an empty page is built');
		await using empty = await serveEmptyPage();
		for (let n = 0; n < (quick ? 1 : 5); n += 1) {
			tell(`start ${n + 1}`);
			await page.goto('about:blank');
			await slow(SLOWED);
			await page.goto(empty.url, { waitUntil: 'commit' });
			await page.waitForFunction(() => document.querySelector('h1') !== null, undefined, { polling: 20 });
			bare.push(await page.evaluate(() => performance.now()));
			await page.goto('about:blank');
			await page.goto(url, { waitUntil: 'commit' });
			await page.waitForFunction(() => window.watched.sellableMs > 0, undefined, { timeout: 60_000, polling: 20 });
			sellable.push(await page.evaluate(() => window.watched.sellableMs));
			await page.locator('input[type=search]').fill(last.sku);
			await page.waitForFunction((name) => document.querySelector('.grid button')?.textContent.includes(name) === true, last.name, {
				timeout: 60_000,
				polling: 20,
			});
			searchable.push(await page.evaluate(() => performance.now()));
			await page.locator('input[type=search]').fill('');
		}
		const [most, mostSearch] = [Math.max(...sellable), Math.max(...searchable)];
		return {
			ours: `sellable ${ms(median(sellable))}, at most ${ms(most)}; searchable ${ms(median(searchable))}, at most ${ms(mostSearch)}`,
			...{ anchor: ms(median(bare)), ratio: median(sellable) / median(bare), ok: most < 2_000 && mostSearch < 5_000 },
			numbers: {
				sellableMs: median(sellable),
				sellableMostMs: most,
				searchableMs: median(searchable),
				searchableMostMs: mostSearch,
				emptyMs: median(bare),
			},
		};
	},
);

const busy = row(
	{
		name: 'busy',
		what: 'tasks of the page while it sells, and while 2,000 sales of another till come in',
		against: 'as many lines in a bare list of the same page, at the same pace',
		reach: `none over ${MOST_TASK_MS} ms`,
	},
	async ({ page, goods, other, slow }, { quick, tell }) => {
		const remote = quick ? 100 : 2_000;
		await other.lan.stop();
		for (let n = 0; n < remote; n += 1) await sellOne(other);
		await slow(SLOWED);
		const sales = quick ? 3 : 20;
		const sellSome = async (words: string): Promise<readonly LongTask[]> => {
			const watch = await watchTasks(page, MOST_TASK_MS);
			for (let n = 0; n < sales; n += 1) {
				tell(`${words}, ${n} of ${sales}`);
				for (let line = 0; line < 5; line += 1)
					await page.evaluate((gtin) => window.watched.act('keys', gtin), goods[(n * 37 + line * 4_001) % goods.length]!.gtin);
				await page.evaluate(() => window.watched.act('pay', ''));
				await page.waitForTimeout(150);
			}
			return watch.stop();
		};
		const bareWatch = await watchTasks(page, MOST_TASK_MS);
		for (let n = 0; n < sales; n += 1) {
			for (let line = 0; line < 5; line += 1) await page.evaluate(bareLine);
			await page.waitForTimeout(150);
		}
		const bare = await bareWatch.stop();
		const alone = await sellSome('selling');
		await other.lan.start();
		const meanwhile = await sellSome('selling while they come');
		return {
			ours: `selling: ${tasksText(alone)}; meanwhile: ${tasksText(meanwhile)}`,
			...{ anchor: tasksText(bare), ok: alone.length === 0 && meanwhile.length === 0 },
			numbers: { sales, remote, ...tasksNumbers('bare', bare), ...tasksNumbers('alone', alone), ...tasksNumbers('meanwhile', meanwhile) },
		};
	},
);

/** By the clock, and how many of them had a processor for so long: on shared cores a task waits for one. */
function tasksText(tasks: readonly LongTask[]): string {
	const { count, longestMs, ofProcessor, longestProcessorMs } = tasksOf(tasks);
	if (count === 0) return 'none';
	return `${count}, the longest ${ms(longestMs)} (of processor time ${ofProcessor}, the longest ${ms(longestProcessorMs)})`;
}

function tasksNumbers(name: string, tasks: readonly LongTask[]): Readonly<Record<string, number>> {
	const { count, longestMs, ofProcessor, longestProcessorMs } = tasksOf(tasks);
	return {
		[`${name}Tasks`]: count,
		[`${name}LongestMs`]: longestMs,
		[`${name}OfProcessor`]: ofProcessor,
		[`${name}LongestProcessorMs`]: longestProcessorMs,
	};
}

function tasksOf(tasks: readonly LongTask[]) {
	return {
		count: tasks.length,
		longestMs: Math.max(0, ...tasks.map(({ clockMs }) => clockMs)),
		ofProcessor: tasks.filter(({ processorMs }) => processorMs > MOST_TASK_MS).length,
		longestProcessorMs: Math.max(0, ...tasks.map(({ processorMs }) => processorMs)),
	};
}

const flat = row(
	{
		name: 'flat',
		what: 'memory of the page over 5,000 sales',
		against: 'as many strict IndexedDB transactions of the same page',
		reach: 'no more than 5 MB from the 500th to the last',
	},
	async ({ page, goods, cdp }, { quick, tell }) => {
		const sales = quick ? 60 : 5_000;
		const early = Math.floor(sales / 10);
		let earlyBytes = 0;
		for (let done = 0; done < sales; done += 20) {
			tell(`${done} of ${sales} sales`);
			const gtins = Array.from({ length: 20 }, (_, place) => goods[((done + place) * 613) % goods.length]!.gtin);
			await page.evaluate(async (codes) => {
				for (const code of codes) {
					await window.watched.act('scan', code);
					await window.watched.act('pay', '');
				}
			}, gtins);
			if (earlyBytes === 0 && done >= early) earlyBytes = await heapBytes();
		}
		const lastBytes = await heapBytes();
		tell(`${sales - early} transactions`);
		for (let done = early; done < sales; done += 1) await page.evaluate(strictTransaction);
		const bareBytes = (await heapBytes()) - lastBytes;
		return {
			ours: `${megabytes(earlyBytes)} after ${early}, ${megabytes(lastBytes)} after ${sales}`,
			...{ anchor: `${bareBytes < 0 ? '' : '+'}${megabytes(bareBytes)}`, ok: lastBytes - earlyBytes < 5_000_000 },
			numbers: { sales, earlyBytes, lastBytes, bareBytes },
		};

		async function heapBytes(): Promise<number> {
			await cdp.send('HeapProfiler.collectGarbage');
			const { usedSize } = await cdp.send('Runtime.getHeapUsage');
			return usedSize;
		}
	},
);

const firstVisit = row(
	{
		name: 'first-visit',
		what: 'bytes of the first visit until the till can sell without a network, and of the parts that come after that',
		against: 'the build without compression',
		reach:
			'under 1.6 MB before optional parts (camera, labels, printers, archives, what no sale or shift waits for, languages and letters other than English)',
	},
	async ({ url, browser }, { tell }) => {
		tell('a new browser comes');
		const counted = new Map<string, number>();
		const server = createServer((request, response) => {
			const inner = ask(
				new URL(request.url ?? '/', url),
				{ method: request.method ?? 'GET', headers: { ...request.headers, host: new URL(url).host } },
				(answer) => {
					response.writeHead(answer.statusCode ?? 502, answer.headers);
					answer.on('data', (chunk: Buffer) => {
						const path = new URL(request.url ?? '/', url).pathname;
						counted.set(path, (counted.get(path) ?? 0) + chunk.length);
					});
					answer.pipe(response);
				},
			);
			inner.on('error', () => response.destroy());
			request.pipe(inner);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		// Another origin than the till's: nothing of it is here yet.
		const page = await browser.context.newPage();
		try {
			await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
			await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
			tell('the parts that come later');
			await page.evaluate(laterPartsKept, filesOf(BUILD).filter(isOptional));
		} finally {
			await page.close();
			server.closeAllConnections();
			server.close();
		}
		const optionalBytes = [...counted].filter(([path]) => isOptional(path)).reduce((sum, [, bytes]) => sum + bytes, 0);
		const allBytes = [...counted.values()].reduce((sum, bytes) => sum + bytes, 0);
		const plainBytes = sizeOf(BUILD);
		const bytes = allBytes - optionalBytes;
		const largest = [...counted].sort((a, b) => b[1] - a[1]).slice(0, 4);
		return {
			ours: `${megabytes(bytes)}, and ${megabytes(optionalBytes)} after it`,
			...{ anchor: megabytes(plainBytes), ratio: bytes / plainBytes, ok: bytes < FIRST_VISIT_BYTES },
			numbers: { bytes, optionalBytes, plainBytes, files: counted.size },
			note: `the largest: ${largest.map(([path, size]) => `${path.split('/').at(-1) ?? path} ${megabytes(size)}`).join(', ')}.`,
		};
	},
);

/** Adds people to the shop, and leaves the till to one of them: the last row. */
const change = row(
	{
		name: 'switch',
		what: 'the last key of a PIN until the till is open under another name',
		against: 'the same argon2id hash in this process',
		reach: 'stated',
	},
	async ({ page, slow }, { quick, tell }) => {
		const pins = { 'Olga Marsh': '1111', 'Cas Whitby': '2222' } as const;
		await page.evaluate(() => document.querySelector<HTMLElement>('a[href="/settings"]')?.click());
		await page.locator('a[href="/people"]').first().click();
		for (const [name, pin] of Object.entries(pins)) {
			tell(`${name} is added`);
			await page.getByRole('button', { name: /^Add (the owner|a person)$/ }).click();
			const dialog = page.getByRole('dialog');
			await dialog.getByLabel('Name').fill(name);
			for (const label of ['New PIN', 'The same PIN again']) await dialog.getByLabel(label, { exact: true }).fill(pin);
			const end = performance.now() + 90_000;
			// What PINs are made with comes from the hub within a minute of joining it.
			for (let isIn = false; !isIn; isIn = (await dialog.count()) === 0) {
				if (performance.now() > end) throw new Error(`${name} is not added: ${await dialog.innerText()}`);
				await dialog
					.getByRole('button', { name: /^Add (the owner|a person)$/ })
					.click({ timeout: 2_000 })
					.catch(() => undefined);
				await page.waitForTimeout(1_000);
			}
		}
		await slow(SLOWED);
		const secret = { id: 'ab'.repeat(16), bytes: new Uint8Array(32) };
		const [times, bare]: [number[], number[]] = [[], []];
		const rounds = quick ? 4 : 30;
		for (let n = 0; n < rounds + 2; n += 1) {
			tell(`${n} of ${rounds}`);
			const [name, pin] = Object.entries(pins)[(n + 1) % 2]!;
			await page.getByRole('button', { name: /is at the till$/ }).click();
			await page.getByRole('dialog').getByRole('button', { name }).click();
			await page.getByLabel(`PIN of ${name}`).fill(pin);
			const tookMs = await page.evaluate(openLock);
			const begunMs = performance.now();
			await hashPin(pin, secret);
			if (n < 2) continue;
			times.push(tookMs);
			bare.push(performance.now() - begunMs);
		}
		return {
			ours: `${ms(median(times))}, 95 % within ${ms(percentile(times, 0.95))}`,
			...{ anchor: ms(median(bare)), ratio: median(times) / median(bare) },
			numbers: { medianMs: median(times), p95Ms: percentile(times, 0.95), hashMs: median(bare), rounds },
			note: 'a PIN is argon2id over 19 MiB, twice, in a worker that is not slowed with the page.',
		};
	},
);

/** Runs in the page: the PIN is in the field, and is sent. */
function openLock(): Promise<number> {
	return new Promise((resolve, reject) => {
		const form = document.querySelector<HTMLFormElement>('[aria-labelledby="lock-title"] form');
		const late = setTimeout(() => {
			reject(new Error('the lock stays'));
		}, 20_000);
		const begunMs = performance.now();
		const observer = new MutationObserver(() => {
			if (document.querySelector('#lock-title') !== null) return;
			observer.disconnect();
			clearTimeout(late);
			requestAnimationFrame(() => {
				const { port1, port2 } = new MessageChannel();
				port1.onmessage = () => {
					resolve(performance.now() - begunMs);
				};
				port2.postMessage(undefined);
			});
		});
		observer.observe(document.body, { childList: true, subtree: true });
		form?.requestSubmit();
	});
}

/** What reads codes for the camera, draws them on labels, writes for printers, verifies archives, the screens of orders, transfers, labels, prices from a date, reports and people, and letters of further languages: kept once the rest is there (`app/languages/part-files.ts`). */
function isOptional(path: string): boolean {
	return /[./]later\.|\/zxing_reader\.|-latin-ext-/.test(path);
}

/** As addresses of the hub that serves it. */
function filesOf(folder: string): readonly string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name))
		.map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length));
}

function sizeOf(folder: string): number {
	return filesOf(folder).reduce((sum, path) => sum + statSync(`${folder}${path}`).size, 0);
}

/** Runs in the page. Any request wakes the service worker, which keeps what it lacks. */
async function laterPartsKept(paths: readonly string[]): Promise<void> {
	for (const path of paths)
		while ((await caches.match(path)) === undefined) {
			await fetch('/hub.json');
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
}

function percentile(list: readonly number[], share: number): number {
	const sorted = [...list].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Runs in the page: a list beside the app, and a line more in it until that is painted. */
function bareLine(): Promise<number> {
	const list =
		document.querySelector('#bare') ?? document.body.appendChild(Object.assign(document.createElement('ul'), { id: 'bare', hidden: false }));
	(list as HTMLElement).style.cssText = 'position:fixed;inset-block-end:0;opacity:0.01;pointer-events:none;contain:strict;width:10px;height:10px';
	const begunMs = performance.now();
	list.append(Object.assign(document.createElement('li'), { textContent: 'a line' }));
	return new Promise((resolve) => {
		requestAnimationFrame(() => {
			const { port1, port2 } = new MessageChannel();
			port1.onmessage = () => {
				resolve(performance.now() - begunMs);
			};
			port2.postMessage(undefined);
		});
	});
}

/** Runs in the page: what any durable write costs here. */
async function strictTransaction(): Promise<number> {
	const database = await new Promise<IDBDatabase>((resolve, reject) => {
		const opening = indexedDB.open('bench-anchor', 1);
		opening.onupgradeneeded = () => opening.result.createObjectStore('sales');
		opening.onsuccess = () => {
			resolve(opening.result);
		};
		opening.onerror = () => {
			reject(opening.error as DOMException);
		};
	});
	const begunMs = performance.now();
	await new Promise<void>((resolve, reject) => {
		const transaction = database.transaction('sales', 'readwrite', { durability: 'strict' });
		transaction.objectStore('sales').put(new Uint8Array(1_400), crypto.randomUUID());
		transaction.oncomplete = () => {
			resolve();
		};
		transaction.onerror = () => {
			reject(transaction.error as DOMException);
		};
	});
	const tookMs = performance.now() - begunMs;
	database.close();
	return tookMs;
}

export const tillRows: readonly Row[] = [scan, pay, start, busy, flat, firstVisit, change];
