/** A till that was alone for a month, in real Chromium: its hub and a relay come back, and the cashier must not feel it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page } from 'playwright/test';
import { watchRelay } from '../../soak/relay-watch.ts';
import { freePort } from '../../support/free-port.ts';
import { openBrowser, serve } from '../../support/shop-processes.ts';
import { giveWay } from '../give-way.ts';
import { median, ms, type Row } from '../row.ts';
import { bundle } from './bundle.ts';
import { watchTasks } from './page-tasks.ts';

const DAYS = 30;
const LONGEST_MS = 300_000;
const MOST_TASK_MS = 50;
/** All that the relay's JavaScript may hold: with more it ends, and the row with it. Left to itself it collects its garbage later. */
const RELAY_HEAP_MB = 128;

export const month: Row = {
	name: 'month',
	what: '20,000 sales of a month alone drain to hub and relay while the till goes on selling: tasks of its page, memory of the relay',
	against: '',
	reach: `no task over ${MOST_TASK_MS} ms, the relay stands with ${RELAY_HEAP_MB} MB of heap`,
	async run({ quick, tell }) {
		const sales = quick ? 400 : 20_000;
		const folder = mkdtempSync(join(tmpdir(), 'holdfast-month-'));
		const [hubPort, relayPort] = [String(await freePort()), String(await freePort())];
		const hubFlags = { data: join(folder, 'hub'), port: hubPort };
		const browser = await openBrowser(join(folder, 'profile'));
		const closing: (() => Promise<unknown>)[] = [() => browser.kill()];
		try {
			const first = await serve('hub', hubFlags);
			const page = await browser.context.newPage();
			await page.goto(first.url);
			await page.getByRole('button', { name: 'Try the demo shop' }).click();
			await ready(page);
			tell(`${sales} sales alone`);
			await page.goto(`${first.url}/hub.json`);
			await page.evaluate(await bundle(fileURLToPath(new URL('./month-page.ts', import.meta.url)), 'iife'));
			await page.evaluate(([count, days]) => window.month.sell(count, days), [sales, DAYS] as const);
			await first.stop();

			tell('everybody is back');
			const relay = await serve('relay', { data: join(folder, 'relay'), port: relayPort }, undefined, [`--max-old-space-size=${RELAY_HEAP_MB}`]);
			closing.push(() => relay.kill());
			const hub = await serve('hub', { ...hubFlags, relay: `ws://127.0.0.1:${relayPort}` });
			closing.push(() => hub.kill());
			for (const { pid } of [hub, relay]) giveWay(pid);
			const watch = watchRelay(join(folder, 'relay'));
			closing.push(() => Promise.resolve(watch.stop()));
			const relayBefore = residentMB(relay.pid);
			let relayMost = relayBefore;
			const sampler = setInterval(() => {
				relayMost = Math.max(relayMost, residentMB(relay.pid));
			}, 250);
			closing.push(() => Promise.resolve(clearInterval(sampler)));
			await page.goto(hub.url);
			await ready(page);
			const watchedTasks = await watchTasks(page, MOST_TASK_MS);
			const begun = performance.now();
			const soldAtMs = new Map<string, number>();
			while (watch.seenAtMs.size < sales + soldAtMs.size) {
				soldAtMs.set(await sellOne(page), Date.now());
				await new Promise((resolve) => setTimeout(resolve, 500));
				if (performance.now() - begun > LONGEST_MS) throw new Error(`${watch.seenAtMs.size} of ${sales + soldAtMs.size} are in the cloud`);
			}
			const drainedMs = performance.now() - begun;
			const tasks = await watchedTasks.stop();
			const longest = Math.max(0, ...tasks.map(({ clockMs }) => clockMs));
			const longestProcessor = Math.max(0, ...tasks.map(({ processorMs }) => processorMs));
			const busy = tasks.filter(({ processorMs }) => processorMs > MOST_TASK_MS).length;
			const cloudMs = [...soldAtMs].map(([number, atMs]) => Math.max(0, (watch.seenAtMs.get(number) ?? Infinity) - atMs));
			const numbers = {
				...{
					sales,
					drainedMs,
					longestTaskMs: longest,
					longTasks: tasks.length,
					longestProcessorMs: longestProcessor,
					busyTasks: busy,
					relayBeforeMB: relayBefore,
					relayMostMB: relayMost,
				},
				...{ newestMedianMs: median(cloudMs), newestMostMs: Math.max(...cloudMs), soldMeanwhile: cloudMs.length },
			};
			return {
				ours: `${tasks.length} tasks over ${MOST_TASK_MS} ms, the longest ${ms(longest)}; of processor time ${busy}, ${ms(longestProcessor)}; relay at most ${relayMost.toFixed(0)} MB of memory; drained in ${ms(drainedMs)}`,
				anchor: '',
				ok: longest <= MOST_TASK_MS,
				numbers,
				note: `${cloudMs.length} sales meanwhile were on the relay's disk after ${ms(median(cloudMs))}, at most ${ms(Math.max(...cloudMs))}; the relay had ${relayBefore.toFixed(0)} MB before.`,
			};
		} finally {
			for (const close of closing.reverse()) await close();
			rmSync(folder, { recursive: true, force: true });
		}
	},
};

async function ready(page: Page): Promise<void> {
	await expect(page.getByRole('searchbox', { name: 'Search or scan' })).toBeVisible({ timeout: 60_000 });
}

/** By plain selectors: roles and names are worked out in the page, and would be the longest tasks that it has. */
async function sellOne(page: Page): Promise<string> {
	const before = await paidNow(page);
	await page.locator('input[type=search]').fill('Butter croissant');
	await page.locator('main button', { hasText: 'Butter croissant' }).first().click();
	await page.locator('main button', { hasText: 'Exact cash' }).click();
	for (;;) {
		const number = await paidNow(page);
		if (number !== undefined && number !== before) return number;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

async function paidNow(page: Page): Promise<string | undefined> {
	const text = await page.evaluate(() => [...document.querySelectorAll('[role=status]')].map(({ textContent }) => textContent).join(' '));
	return /Paid[^]*?(T\d+-\d{6})/.exec(text)?.[1];
}

/** As the system counts it (Linux, proc(5)). */
function residentMB(pid: number): number {
	return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;
}
