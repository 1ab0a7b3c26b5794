/**
 * `npm run soak:kills -- --kills 200 --seed 1`: a real Chromium till, killed (−9) at a random moment between the tap of `Exact cash` and a little after the receipt.
 * The page itself asks to be killed, so that nothing in it can tidy up first. After each restart the till shows the cart or `Paid`, never both and never neither;
 * at the end the hub holds exactly the sales that were paid, with receipts from 1 without a gap. On loopback.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { printReceipt } from '#core/receipt-number.ts';
import { auditBranch } from '#engine/audit.ts';
import { numberFlag, parseFlags, type Values } from '#server/flags.ts';
import { findingWords } from '#server/ledger/finding-words.ts';
import { openSource } from '#server/ledger/sources.ts';
import { createSeededRandom } from '#server/replay/random.ts';
import { freePort } from '../support/free-port.ts';
import { openBrowser, serve, type OpenBrowser } from '../support/shop-processes.ts';

const FLAGS = {
	kills: numberFlag(200, 'How often', { least: 1, most: 100_000 }),
	seed: numberFlag(1, 'When', { least: 0, most: 2 ** 31 }),
};
const GOODS = 'Natural yogurt 500 g';
/** From the tap to the receipt it is some 20 ms, or more on a busy machine; some kills come later. */
const MOST_AFTER_TAP_MS = 60;
/** The disk has a sale long before the screen: half of the kills are asked for within an eighth of that time. */
const EARLIER = 3;
const SETTLE_MS = 30_000;

const parsed = parseFlags('npm run soak:kills --', 'Kills a till while it is paid.', FLAGS, process.argv.slice(2), process.env);
if ('help' in parsed) process.stdout.write(parsed.help);
else if ('refused' in parsed) {
	process.stderr.write(`${parsed.refused}\n`);
	process.exitCode = 2;
} else process.exitCode = await run(parsed.values);

async function run({ kills, seed }: Values<typeof FLAGS>): Promise<number> {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-kills-'));
	const random = createSeededRandom(seed);
	let browser: OpenBrowser | undefined;
	/** Hears the page's wish; the answer never comes. */
	const reaper = createServer(() => void browser?.kill());
	await new Promise<void>((resolve) => reaper.listen(0, '127.0.0.1', resolve));
	const wish = `http://127.0.0.1:${(reaper.address() as AddressInfo).port}/`;
	const hub = await serve('hub', { data: join(folder, 'hub'), port: String(await freePort()) });
	const counts = { paid: 0, carts: 0 };
	const problems: string[] = [];

	const opened = async (): Promise<Page> => {
		browser = await openBrowser(join(folder, 'profile'));
		const page = await browser.context.newPage();
		await page.goto(hub.url);
		return page;
	};
	let page = await opened();
	await page.getByRole('button', { name: 'Try the demo shop' }).click();
	await page.getByRole('searchbox', { name: 'Search or scan' }).waitFor();
	for (let kill = 1; kill <= kills; kill += 1) {
		if ((await stateOf(page)) !== 'cart') await fillCart(page);
		await page.evaluate(
			([address, afterMs]) => {
				document.addEventListener(
					'click',
					() => {
						setTimeout(() => void fetch(address, { mode: 'no-cors' }), afterMs);
					},
					{ capture: true, once: true },
				);
			},
			[wish, random() ** EARLIER * MOST_AFTER_TAP_MS] as const,
		);
		const dying = browser;
		await page
			.getByRole('button', { name: 'Exact cash' })
			.click({ noWaitAfter: true })
			.catch(() => undefined);
		if ((await Promise.race([dying?.gone.then(() => 'dead'), page.waitForTimeout(20_000).then(() => 'alive')]).catch(() => 'dead')) === 'alive') {
			await page.screenshot({ path: join(folder, `alive-${kill}.png`) }).catch(() => undefined);
			await dying?.kill();
			problems.push(`kill ${kill}: nobody died`);
		}
		page = await opened();
		const state = await stateOf(page);
		if (state === 'paid') counts.paid += 1;
		else if (state === 'cart') counts.carts += 1;
		else {
			problems.push(`kill ${kill}: the till shows ${state}`);
			await page.screenshot({ path: join(folder, `state-${kill}.png`) }).catch(() => undefined);
		}
		if (kill % 10 === 0) process.stdout.write(`${kill} kills: ${counts.paid} times paid, ${counts.carts} times the cart\n`);
	}
	const number = await numberShown(page);
	await page.waitForTimeout(SETTLE_MS);
	await browser?.close();
	await hub.stop();
	reaper.close();

	const { ledger, findings } = await auditBranch(await openSource(join(folder, 'hub'), '', createNodeDigest()), createNodeDigest(), () => undefined);
	problems.push(...findings.map(findingWords));
	const numbers = [...ledger.state.sales.values()].map(({ fact }) => printReceipt(fact.receipt)).sort();
	const expected = Array.from({ length: counts.paid }, (_, index) => `T1-${String(index + 1).padStart(6, '0')}`);
	if (numbers.join() !== expected.join())
		problems.push(`${counts.paid} sales were paid, the hub holds ${numbers.length}: ${numbers.at(-1) ?? 'none'} is the last`);
	process.stdout.write(
		`\n${kills} kills: ${counts.paid} times paid, ${counts.carts} times the cart; the last receipt is ${number}; ${problems.length} findings\n`,
	);
	for (const words of problems.slice(0, 50)) process.stdout.write(`✗ ${words}\n`);
	if (problems.length > 0) process.stdout.write(`what is left lies in ${folder}\n`);
	else rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	return problems.length === 0 ? 0 : 1;
}

async function stateOf(page: Page): Promise<'cart' | 'paid' | 'both' | 'neither'> {
	const paid = page.getByRole('status').filter({ hasText: 'Paid' });
	const line = page.getByRole('region', { name: 'Cart' }).getByText(GOODS);
	const pay = page.getByRole('button', { name: 'Exact cash' });
	for (const until = Date.now() + 10_000; Date.now() < until;) {
		const isPaid = await paid.isVisible();
		const isCart = (await line.count()) > 0 && (await pay.count()) > 0;
		if (isPaid || isCart) return isPaid && isCart ? 'both' : isPaid ? 'paid' : 'cart';
		await page.waitForTimeout(50);
	}
	return 'neither';
}

async function fillCart(page: Page): Promise<void> {
	const next = page.getByRole('button', { name: 'New sale' });
	if (await next.isVisible()) await next.click();
	await page.getByRole('searchbox', { name: 'Search or scan' }).fill(GOODS);
	await page.getByRole('button', { name: GOODS }).first().click();
	await page.getByRole('button', { name: 'Exact cash' }).waitFor();
	// The cart is saved behind the screen: what is tapped in the same instant is no sale yet.
	await page.waitForTimeout(50);
}

async function numberShown(page: Page): Promise<string> {
	const text = await page
		.getByRole('status')
		.filter({ hasText: 'Paid' })
		.first()
		.textContent({ timeout: 1_000 })
		.catch(() => '');
	return /T\d+-\d{6}/.exec(text ?? '')?.[0] ?? 'not on the screen';
}
