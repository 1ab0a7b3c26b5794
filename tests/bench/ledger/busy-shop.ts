/**
 * A shop with many entries behind it, decoded as the ledger takes them: a hub that has its products and stock, tills that sell five lines at a time and hear
 * each other. In order of time. Unless it is given keys, bodies are not encoded and hashes are of the place: the fold reads neither.
 */
import { createHash } from 'node:crypto';
import { chainKey, encodeBody, joinSealed } from '#core/entry/codec.ts';
import { seenOfMark } from '#core/entry/seen.ts';
import { lineTotalMinor, taxInsideMinor } from '#core/money.ts';
import { ENTRY_VERSION, type DecodedFact, type Entry, type Header } from '#schemas/entry.ts';
import type { SaleCompleted } from '#schemas/facts/sale-completed.ts';
import {
	OWNER,
	type BranchId,
	type DeviceId,
	type EntryHash,
	type IntentKey,
	type Scope,
	type Sku,
	type StoreId,
	type TradingDay,
} from '#schemas/ids.ts';
import type { Mark, SeenChange } from '#schemas/mark.ts';
import { MANAGER_RIGHTS, RIGHTS } from '#schemas/rights.ts';
import { chanceFrom, pick, quantityMilliOf, rangeOf, type Chance, type Goods } from './goods.ts';
import { GBP } from './sealed-sales.ts';

export interface BusyShop {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly goods: readonly Goods[];
	/** Enrolment, products, prices, stock. */
	readonly opening: readonly Entry[];
	/** The next sale of one of the tills, `afterMs` later than the one before. */
	sell(afterMs: number): Entry;
	/** A till that was away: it sells now, has heard nobody since the opening, and its clock stands here. */
	sellAway(atMs: number): Entry;
	nowMs(): number;
}

interface Writer {
	readonly device: DeviceId;
	readonly sign: ((body: Uint8Array) => Uint8Array) | undefined;
	readonly heads: { [scope in Scope]?: Mark };
	readonly told: Map<string, SeenChange>;
	receipts: number;
	readonly till: number;
}

export interface BusyShopOptions {
	readonly goods: number;
	readonly tills: number;
	readonly seed?: number;
	readonly startMs?: number;
	/** Real bodies, hashes and signatures: for entries that lie on a disk. */
	readonly sealing?: Sealing;
}

export interface Sealing {
	readonly store: StoreId;
	readonly branch: BranchId;
	/** The hub's, then the tills'; one more till is away. */
	readonly keys: readonly { readonly device: DeviceId; sign(body: Uint8Array): Uint8Array }[];
}

export function openBusyShop({ goods: range, tills, seed = 7, startMs = Date.UTC(2026, 0, 5, 7), sealing }: BusyShopOptions): BusyShop {
	const chance = chanceFrom(seed);
	const goods = rangeOf(range);
	const store = sealing?.store ?? (textHash(`store ${seed}`).slice(0, 32) as StoreId);
	const branch = sealing?.branch ?? (textHash(`branch ${seed}`).slice(0, 32) as BranchId);
	const clock = { now: startMs };
	const price = new Map<Sku, EntryHash>();
	let made = 0;
	const latest = new Map<string, SeenChange>();
	const newWriter = (name: string, till: number, place: number): Writer => {
		const key = sealing?.keys[place];
		if (sealing !== undefined && key === undefined) throw new Error(`no key for ${name}`);
		return { device: key?.device ?? (textHash(`${name} ${seed}`) as DeviceId), sign: key?.sign, heads: {}, told: new Map(), receipts: 0, till };
	};
	const hub = newWriter('hub', 99, 0);
	const writers = Array.from({ length: tills }, (_, index) => newWriter(`till ${index + 1}`, index + 1, index + 1));
	const away = newWriter('till that was away', 98, tills + 1);

	function write(writer: Writer, scope: Scope, facts: readonly DecodedFact[], atMs: number, hears: boolean): Entry {
		made += 1;
		const head = writer.heads[scope];
		const own = chainKey(writer.device, scope);
		const seen: SeenChange[] = [];
		if (hears)
			for (const [key, mark] of latest) {
				if (key === own || writer.told.get(`${scope} ${key}`) === mark) continue;
				writer.told.set(`${scope} ${key}`, mark);
				seen.push(mark);
			}
		const header: Header = {
			...{ v: ENTRY_VERSION, store, scope, device: writer.device, seq: (head?.seq ?? 0) + 1, hlc: [atMs, 0], at: atMs, seen, by: OWNER },
			...(head === undefined ? {} : { prev: head.hash }),
			tradingDay: new Date(atMs).toISOString().slice(0, 10) as TradingDay,
			key: `bench-key-${made}` as IntentKey,
		};
		const body = writer.sign === undefined ? undefined : encodeBody(header, facts);
		const hash = textHash(body ?? `${seed} ${writer.device} ${scope} ${header.seq}`) as EntryHash;
		const sealed = body === undefined || writer.sign === undefined ? NO_BYTES : joinSealed(body, writer.sign(body));
		const mark: Mark = { device: writer.device, scope, seq: header.seq, hash };
		writer.heads[scope] = mark;
		if (hears) latest.set(own, seenOfMark(mark));
		return { hash, header, facts, sealed };
	}

	function sale(writer: Writer, atMs: number, hears: boolean): Entry {
		writer.receipts += 1;
		return write(writer, 'branch', [saleOf(goods, price, { till: writer.till, number: writer.receipts }, chance)], atMs, hears);
	}

	const opening: Entry[] = [];
	const does = (scope: Scope, facts: readonly DecodedFact[]): Entry => {
		clock.now += 1000;
		const entry = write(hub, scope, facts, clock.now, true);
		opening.push(entry);
		return entry;
	};
	does(
		'store',
		[hub, ...writers, away].map(({ device, till }) => ({
			...{ type: 'device.enrolled' as const, v: 1 as const, device, branch, till, name: `Till ${till}`, chain: 'c0'.repeat(8) },
			...(device === hub.device ? { role: 'hub' as const, rights: [...RIGHTS] } : { role: 'till' as const, rights: [...MANAGER_RIGHTS] }),
		})),
	);
	for (let from = 0; from < goods.length; from += 100) {
		const some = goods.slice(from, from + 100);
		const { hash } = does(
			'store',
			some.flatMap(({ sku, fields, unitPriceE4 }): DecodedFact[] => [
				{ type: 'product.created', v: 1, sku, ...fields },
				{ type: 'price.changed', v: 1, sku, unitPriceE4, replaces: [] },
			]),
		);
		for (const { sku } of some) price.set(sku, hash);
		does('branch', [{ type: 'stock.received', v: 1, lines: some.map(({ sku }) => ({ sku, quantityMilli: 1e9 })) }]);
	}
	return {
		...{ store, branch, goods, opening },
		sell(afterMs) {
			clock.now += Math.max(1, Math.floor(afterMs));
			return sale(writers[Math.floor(chance() * writers.length)]!, clock.now, true);
		},
		sellAway: (atMs) => sale(away, atMs, false),
		nowMs: () => clock.now,
	};
}

const NO_BYTES = new Uint8Array(0);

function textHash(text: string | Uint8Array): string {
	return createHash('sha256').update(text).digest('hex');
}

function saleOf(goods: readonly Goods[], price: ReadonlyMap<Sku, EntryHash>, receipt: SaleCompleted['receipt'], chance: Chance): SaleCompleted {
	const chosen = new Map<Sku, Goods>();
	while (chosen.size < 5) {
		const one = pick(goods, chance);
		chosen.set(one.sku, one);
	}
	const lines = [...chosen.values()].map((one) => {
		const { sku, fields, unitPriceE4, taxPercentMilli } = one;
		const quantityMilli = quantityMilliOf(one, chance);
		const totalMinor = lineTotalMinor(quantityMilli, unitPriceE4, GBP);
		const taxMinor = taxInsideMinor(totalMinor, taxPercentMilli);
		return {
			sku,
			name: fields.name,
			quantityMilli,
			unitPriceE4,
			price: price.get(sku)!,
			totalMinor,
			taxRate: fields.taxRate,
			taxPercentMilli,
			taxMinor,
		};
	});
	const totalMinor = lines.reduce((sum, line) => sum + line.totalMinor, 0);
	return {
		...{ type: 'sale.completed', v: 1, receipt, currency: GBP, lines, roundingMinor: 0, totalMinor },
		tenders: [{ type: 'card', amountMinor: totalMinor }],
	};
}
