/**
 * Past sales through the real engine: tills, a hub and a relay in this process, over real HTTP, libp2p and SQLite on loopback.
 *
 * 1. Every invoice is rung up on one till; tills drop off the network and come back at the rate given, by a seeded draw.
 * 2. Each product opens with as much stock as the file ever takes, so a conflict about stock would be the engine's own fault.
 * 3. What is reported is read from the fold of the hub, never from the file.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRefusal, type Intent, type ProductDraft } from '#core/intent.ts';
import { lineTotalMinor } from '#core/money.ts';
import { totalsOf } from '#core/sale/cart.ts';
import { cashTender } from '#core/sale/complete-sale.ts';
import type { Clock } from '#ports';
import type { Cart } from '#schemas/cart.ts';
import type { IntentKey, Sku } from '#schemas/ids.ts';
import { openDataFolder } from '../data-folder.ts';
import { startHeadlessTill, type HeadlessTill } from '../headless-till.ts';
import { startHub } from '../hub-process.ts';
import { dayBounds } from '../operation/day-bounds.ts';
import { startRelay } from '../relay-process.ts';
import { createSeededRandom } from './random.ts';
import type { PastInvoice, PastLine, PastSales } from './read-sales.ts';
import { stateDigest } from './state-digest.ts';
import { totalsOfLedger, type ReplayTotals } from './totals.ts';

export interface ReplayOptions {
	readonly file: string;
	readonly tills: number;
	readonly seed: number;
	/** Share of the time that each till is off the network. */
	readonly offline: number;
	readonly onProgress: (progress: ReplayProgress) => void;
	/** Folder of the built app, which the relay serves the owner's pages from. */
	readonly app?: string;
	/** Everything was rung up, and the shop is still open: it is closed when this resolves. */
	readonly whileOpen?: (shop: ReplayedShop) => Promise<void>;
}

export interface ReplayedShop {
	readonly relayPort: number;
	/** The relay's data folder. */
	readonly data: string;
	readonly totals: ReplayTotals;
	/** Rings up another sale, at the time that the replay has come to. */
	ringUp(invoice: PastInvoice): Promise<void>;
	/** Anything else, at the first till. */
	perform(intent: Intent): Promise<void>;
}

export interface ReplayProgress {
	readonly doing: 'opening' | 'selling' | 'converging';
	readonly rows: number;
	readonly ofRows: number;
	/** Per till: entries that the hub has not got yet; and whether it is off the network. */
	readonly tills: readonly { readonly name: string; readonly lag: number; readonly away: boolean }[];
}

export interface ReplayResult extends ReplayTotals {
	readonly rows: number;
	readonly invoices: number;
	readonly refunds: number;
	/** All tills, hub and relay folded to one and the same state. */
	readonly converged: boolean;
	readonly seconds: number;
	readonly entries: number;
	/** How often a till left the network. */
	readonly absences: number;
}

const CURRENCY = { code: 'GBP', digits: 2 } as const;
/** Whether each till is away is drawn anew after so many invoices. */
const INVOICES_A_SPELL = 20;
const PRODUCTS_A_CHUNK = 400;
const CONVERGE_MS = 300_000;
const LOOK_MS = 100;

/** A till of a replay sells in minutes what it sold in years. */
const YEARS_IN_A_DAY = dayBounds(1_000_000);

export async function replay(
	sales: PastSales,
	{ file, tills: count, seed, offline, onProgress, app, whileOpen }: ReplayOptions,
): Promise<ReplayResult> {
	const startedMs = Date.now();
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-replay-'));
	const fileHash = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 32);
	const random = createSeededRandom(seed);
	const past: Clock & { atMs: number } = { atMs: sales.invoices[0]?.atMs ?? 0, nowMs: () => past.atMs };
	const problems: unknown[] = [];
	const log = (): void => undefined;
	const closing: (() => Promise<void>)[] = [];
	try {
		const relay = await startRelay({
			folder: openDataFolder(join(folder, 'relay'), 'relay'),
			port: 0,
			host: '127.0.0.1',
			name: 'replay',
			app,
			mostBranches: 1,
			dayOf: () => YEARS_IN_A_DAY,
			log,
		});
		closing.push(() => relay.close());
		const hub = await startHub({
			folder: openDataFolder(join(folder, 'hub'), 'hub'),
			port: 0,
			host: '127.0.0.1',
			app: undefined,
			relay: `ws://127.0.0.1:${relay.port}`,
			day: YEARS_IN_A_DAY,
			log,
			sealingClock: past,
		});
		closing.push(() => hub.close());
		const tills: HeadlessTill[] = [];
		for (let place = 0; place < count; place += 1) {
			const entry = place === 0 ? { claim: { kind: 'new', shop: SHOP } } : { code: hub.code() };
			const till = await startHeadlessTill({
				hub: `http://localhost:${hub.port}`,
				folder: join(folder, `till-${place + 1}`),
				...entry,
				sealingClock: past,
				onProblem: (error) => problems.push(error),
			});
			tills.push(till);
			closing.push(() => till.close());
		}
		const away = new Set<HeadlessTill>();
		let rows = 0;
		let absences = 0;
		let performed = 0;
		const hubLedger = hub.shop()?.branch.ledger;
		const [first] = tills;
		if (hubLedger === undefined || first === undefined) throw new Error('the shop was not opened');
		const report = (doing: ReplayProgress['doing']): void => {
			const whole = new Map(hubLedger.chains().map(({ key, wholeSeq }) => [key, wholeSeq]));
			const lagOf = ({ branch, number }: HeadlessTill): number => {
				const own = branch.ledger.chains().filter(({ device }) => branch.ledger.state.devices.get(device)?.till === number);
				return own.reduce((lag, { key, wholeSeq }) => lag + wholeSeq - (whole.get(key) ?? 0), 0);
			};
			onProgress({
				doing,
				rows,
				ofRows: sales.rows,
				tills: tills.map((till) => ({ name: `T${till.number}`, lag: lagOf(till), away: away.has(till) })),
			});
		};

		report('opening');
		const drafts = productsOf(sales.invoices);
		for (let from = 0; from < drafts.length; from += PRODUCTS_A_CHUNK) {
			await mustDo(first, { intent: 'create-products', products: drafts.slice(from, from + PRODUCTS_A_CHUNK) }, `products:${from}`);
			report('opening');
		}
		await until(
			() => tills.every(({ branch }) => branch.ledger.state.products.size === drafts.length),
			() => report('opening'),
		);

		for (const [place, invoice] of sales.invoices.entries()) {
			if (place % INVOICES_A_SPELL === 0) {
				for (const till of tills) {
					const goes = random() < offline;
					if (goes === away.has(till)) continue;
					if (goes) {
						away.add(till);
						absences += 1;
						await till.lan.stop();
					} else {
						away.delete(till);
						await till.lan.start();
					}
				}
			}
			const till = tills[Math.floor(random() * tills.length)] ?? first;
			past.atMs = invoice.atMs;
			await ringUp(till, invoice);
			rows += invoice.lines.length;
			report('selling');
			// Lets what has arrived be folded: sales alone would keep the loop for themselves.
			await new Promise((resolve) => setImmediate(resolve));
		}

		for (const till of away) await till.lan.start();
		away.clear();
		const ledgers = (): (typeof hubLedger)[] => [
			hubLedger,
			...relay.branches().map(({ branch }) => branch.ledger),
			...tills.map(({ branch }) => branch.ledger),
		];
		const isEqual = (): boolean => ledgers().length === count + 2 && new Set(ledgers().map(stateDigest)).size === 1;
		const sameSize = (): boolean => new Set(ledgers().map((ledger) => ledger.size())).size === 1;
		const converged = await until(
			() => sameSize() && isEqual(),
			() => report('converging'),
		);
		await whileOpen?.({
			...{ relayPort: relay.port, data: join(folder, 'relay'), totals: totalsOfLedger(hubLedger) },
			ringUp: (invoice) => ringUp(first, invoice),
			perform: (intent) => mustDo(first, intent, `after:${(performed += 1)}`),
		});
		if (problems.length > 0) throw new Error(`a till failed on the way: ${String(problems[0])}`);
		return {
			...{ rows, invoices: sales.invoices.length, refunds: sales.invoices.filter(({ kind }) => kind === 'cancellation').length },
			...totalsOfLedger(hubLedger),
			...{ converged, seconds: Math.round((Date.now() - startedMs) / 100) / 10, entries: hubLedger.size(), absences },
		};
	} finally {
		for (const close of closing.reverse()) await close().catch(() => undefined);
		rmSync(folder, { recursive: true, force: true });
	}

	async function ringUp(till: HeadlessTill, invoice: PastInvoice): Promise<void> {
		const key = `replay:${fileHash}:${invoice.number}`;
		if (invoice.kind === 'cancellation') {
			const lines = invoice.lines.map(({ sku, quantity, unitPriceE4 }) => ({
				...{ sku: sku as Sku, quantityMilli: -quantity * 1000, totalMinor: lineTotalMinor(-quantity * 1000, unitPriceE4, CURRENCY), restock: true },
			}));
			await mustDo(till, { intent: 'refund-without-sale', lines, tender: 'cash', reason: `cancels ${invoice.number}` }, invoice.number);
			return;
		}
		const sold = invoice.lines.filter(({ quantity }) => quantity > 0);
		const writtenOff = invoice.lines.filter(({ quantity }) => quantity < 0);
		if (sold.length > 0) {
			const cart: Cart = {
				key: key as IntentKey,
				changedAtMs: invoice.atMs,
				lines: sold.map((line, place) => ({ ...cartLineOf(line), id: String(place) })),
			};
			const { totalMinor } = totalsOf(cart, CURRENCY, 1);
			const done = await till.till.sell(cart, [cashTender(totalMinor, totalMinor)]);
			if (isRefusal(done) || 'trouble' in done) throw new Error(`invoice ${invoice.number} was not sold: ${JSON.stringify(done)}`);
		}
		if (writtenOff.length > 0) {
			const lines = writtenOff.map(({ sku, quantity }) => ({ sku: sku as Sku, quantityMilli: quantity * 1000 }));
			await mustDo(till, { intent: 'adjust', lines, reason: 'other', note: `written off in ${invoice.number}` }, `${invoice.number}:adjust`);
		}
	}

	async function mustDo({ till }: HeadlessTill, intent: Intent, name: string): Promise<void> {
		const done = await till.perform(intent, `replay:${fileHash}:${name}` as IntentKey);
		if (isRefusal(done) || 'trouble' in done) throw new Error(`${name} was refused: ${JSON.stringify(done)}`);
	}
}

const SHOP = {
	storeName: 'Replay',
	branchName: 'Past sales',
	currency: CURRENCY,
	taxRates: [{ id: 'none', name: 'No tax', percentMilli: 0 }],
	timeZone: 'UTC',
};

/** Each code with the first description and price that the file has for it, and with stock enough for all that it takes. */
function productsOf(invoices: readonly PastInvoice[]): readonly ProductDraft[] {
	const products = new Map<string, { name: string; unitPriceE4: number; units: number }>();
	for (const { lines } of invoices) {
		for (const { sku, description, quantity, unitPriceE4 } of lines) {
			const product = products.get(sku) ?? { name: '', unitPriceE4: 0, units: 0 };
			if (product.name === '') product.name = description;
			if (product.unitPriceE4 === 0) product.unitPriceE4 = unitPriceE4;
			product.units += Math.abs(quantity);
			products.set(sku, product);
		}
	}
	return [...products].map(([sku, { name, unitPriceE4, units }]) => ({
		...{ sku: sku as Sku, unitPriceE4, openingMilli: units * 1000 },
		fields: { name: name === '' ? sku : name, category: '', unit: 'each' as const, gtins: [], taxRate: 'none', tracked: true },
	}));
}

function cartLineOf({ sku, description, quantity, unitPriceE4 }: PastLine): Omit<Cart['lines'][number], 'id'> {
	return {
		sku: sku as Sku,
		name: description === '' ? sku : description,
		quantityMilli: quantity * 1000,
		unit: 'each',
		unitPriceE4,
		taxRate: 'none',
		taxPercentMilli: 0,
	};
}

async function until(condition: () => boolean, onWait: () => void): Promise<boolean> {
	const untilMs = Date.now() + CONVERGE_MS;
	while (!condition()) {
		if (Date.now() > untilMs) return false;
		onWait();
		await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
	}
	return true;
}
