/**
 * Checkpoints as bytes, and entries from the disk without asking twice what was proven once.
 *
 * 1. A signature is checked once. What was proven lies below remembered marks; an entry that hangs on one of these by its hash needs no second proof,
 *    for its hash is over everything that was signed.
 * 2. A checkpoint that is damaged, of another fold or another shop is no checkpoint; nothing is believed of it that its own entries do not prove.
 */
import { bookSum } from '#core/ledger/books/registry.ts';
import { compareText } from '#core/entry/order.ts';
import { seenKey } from '#core/entry/seen.ts';
import { isKeyTable } from '#core/ledger/key-table.ts';
import { checkpointOf, FOLD_VERSION, type Checkpoint } from '#core/ledger/checkpoint.ts';
import type { Ledger, LedgerDeps } from '#core/ledger/ledger.ts';
import type { EntryStore, StoreCursor } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import { checkpointDocument, type CheckpointDocument } from '#schemas/documents/checkpoint.ts';
import type { Entry } from '#schemas/entry.ts';
import { SCOPES, type EntryHash, type StoreId } from '#schemas/ids.ts';
import { mark as markSchema, type Mark } from '#schemas/mark.ts';
import * as v from 'valibot';
import type { Verifier } from './verify.ts';

const PAGE = 500;

/** The same bytes on every peer for the same cut: every list is in an order of its own, not in the order in which things came. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
	const document: CheckpointDocument = {
		...{ fold: checkpoint.fold, store: checkpoint.store, branch: checkpoint.branch, unknownFacts: checkpoint.unknownFacts },
		last: { hash: checkpoint.last.hash, header: { ...checkpoint.last.header, hlc: [...checkpoint.last.header.hlc] } },
		chains: inOrder(
			checkpoint.chains.map((chain) => ({ ...chain, seen: [...chain.seen].sort((a, b) => compareText(seenKey(a), seenKey(b))) })),
			({ device, scope }) => `${device}:${scope}`,
		),
		kept: checkpoint.kept.map(({ entry, seen }) => ({
			sealed: hexOf(entry.sealed),
			seen: [...seen].sort((a, b) => compareText(seenKey(a), seenKey(b))),
		})),
		stock: inOrder(
			checkpoint.stock.map(({ sku, onHandMilli, stocked }) => [sku, onHandMilli, stocked]),
			([sku]) => sku,
		),
		shorts: inOrder(
			checkpoint.stock.flatMap(({ sku, shorts = [] }) =>
				shorts.map(({ entry, takenMilli, afterMilli, believedMilli, rivals }): CheckpointDocument['shorts'][number] => [
					sku,
					entry,
					takenMilli,
					afterMilli,
					believedMilli,
					[...rivals].sort(compareText),
				]),
			),
			([sku]) => sku,
		),
		refunded: inOrder(
			checkpoint.refunded.map((base) => ({
				...{ sale: base.sale, refunds: [...base.refunds], milli: [...base.milli], minor: [...base.minor], taxMinor: [...base.taxMinor] },
			})),
			({ sale }) => sale,
		),
		corrected: inOrder(
			checkpoint.corrected.map(([target, by]) => [target, by]),
			([target]) => target,
		),
		keys: hexOf(checkpoint.keys),
		books: inOrder(
			checkpoint.books.map(([book, subject, sum]) => [book, subject, sum]),
			([book, subject]) => `${book}:${subject}`,
		),
		settled: inOrder(
			checkpoint.settled.map(([conflict, members]) => [
				conflict,
				inOrder(
					[...members].map(([member, by]) => [member, by]),
					([member]) => member,
				),
			]),
			([conflict]) => conflict,
		),
	};
	return encode(document);
}

function inOrder<Item>(items: Item[], nameOf: (item: Item) => string): Item[] {
	const named = items.map((item) => [nameOf(item), item] as const);
	return named.sort(([a], [b]) => compareText(a, b)).map(([, item]) => item);
}

/** The checkpoint in these bytes, with its kept entries proven; undefined for anything that is none of this store, or of another fold. */
export async function openCheckpoint(bytes: Uint8Array | undefined, store: StoreId, verifier: Verifier): Promise<Checkpoint | undefined> {
	const parsed = v.safeParse(checkpointDocument, bytes === undefined ? undefined : decode(bytes));
	if (!parsed.success || parsed.output.fold !== FOLD_VERSION || parsed.output.store !== store) return undefined;
	const { kept, stock, shorts, books, keys: keysAsHex, ...rest } = parsed.output;
	const keys = bytesOfHex(keysAsHex);
	if (!isKeyTable(keys)) return undefined;
	const shortsOf = Map.groupBy(shorts, ([sku]) => sku);
	const sums = books.map(([book, subject, sum]) => bookSum(book, subject, sum));
	if (sums.includes(undefined)) return undefined;
	const entries = await Promise.all(kept.map(({ sealed }) => verifier.entry(bytesOfHex(sealed))));
	const proven: { entry: Entry; seen: (typeof kept)[number]['seen'] }[] = [];
	for (const [index, entry] of entries.entries()) {
		if (!('header' in entry)) return undefined;
		proven.push({ entry, seen: kept[index]?.seen ?? [] });
	}
	return {
		...rest,
		keys,
		fold: FOLD_VERSION,
		kept: proven,
		books: sums.filter((sum) => sum !== undefined),
		stock: stock.map(([sku, onHandMilli, stocked]) => {
			const carried = shortsOf.get(sku)?.map(([, entry, takenMilli, afterMilli, believedMilli, rivals]) => ({
				...{ entry, takenMilli, afterMilli, believedMilli, rivals },
			}));
			return { sku, onHandMilli, stocked, ...(carried === undefined ? {} : { shorts: carried }) };
		}),
	};
}

/** The checkpoint of what is older than `beforeMs`, if it would leave more behind than the one that the ledger began from. */
export function nextCheckpoint(ledger: Ledger, deps: LedgerDeps, beforeMs: number, within?: readonly Mark[]): Checkpoint | undefined {
	const next = ledger.needsHistory() ? undefined : checkpointOf(ledger, deps, beforeMs, within);
	const sum = (one: Checkpoint | undefined): number => one?.chains.reduce((total, { seq }) => total + seq, 0) ?? 0;
	return sum(next) > sum(deps.checkpoint) ? next : undefined;
}

/** What stands on the disk: entries that are proven, and why others are not. */
export interface Held {
	readonly entries: readonly Entry[];
	readonly problems: readonly string[];
}

/** All entries above the marks (none: all there are). `proven` are marks up to which signatures were checked by an earlier run. */
export async function readHeld(entryStore: EntryStore, verifier: Verifier, above: readonly Mark[], proven: readonly Mark[]): Promise<Held> {
	const read: Awaited<ReturnType<Verifier['unproven']>>[] = [];
	if (above.length === 0) {
		let cursor: StoreCursor | undefined;
		do {
			const page = await entryStore.page(cursor, PAGE);
			read.push(...(await Promise.all(page.sealed.map((sealed) => verifier.unproven(sealed)))));
			cursor = page.sealed.length === 0 ? undefined : page.cursor;
		} while (cursor !== undefined);
	} else {
		const from = new Map(above.map((mark) => [`${mark.device}:${mark.scope}`, mark.seq + 1]));
		for (const { device } of verifier.devices())
			for (const scope of SCOPES)
				for (let seq = from.get(`${device}:${scope}`) ?? 1; ;) {
					const page = await Promise.all((await entryStore.chain(device, scope, seq, PAGE)).map((sealed) => verifier.unproven(sealed)));
					read.push(...page);
					const last = page.reduce((most, one) => ('header' in one ? Math.max(most, one.header.seq) : most), 0);
					if (page.length < PAGE || last < seq) break;
					seq = last > seq ? last : last + 1; // A fork may have been cut in two by the page: its place is read again.
				}
	}
	return prove(read, proven, verifier);
}

async function prove(read: readonly Awaited<ReturnType<Verifier['unproven']>>[], proven: readonly Mark[], verifier: Verifier): Promise<Held> {
	const byHash = new Map<EntryHash, Entry>();
	const problems: string[] = [];
	for (const one of read) {
		if ('header' in one) byHash.set(one.hash, one);
		else problems.push('damaged' in one ? one.damaged : 'an entry whose device has no certificate here');
	}
	const linked = new Set<EntryHash>();
	for (const mark of proven)
		for (
			let at = byHash.get(mark.hash);
			at !== undefined && !linked.has(at.hash);
			at = at.header.prev === undefined ? undefined : byHash.get(at.header.prev)
		)
			linked.add(at.hash);
	const entries: Entry[] = [];
	await Promise.all(
		[...byHash.values()].map(async (entry) => {
			const checked = linked.has(entry.hash) ? entry : await verifier.entry(entry.sealed);
			if ('header' in checked) entries.push(checked);
			else problems.push('damaged' in checked ? checked.damaged : 'an entry whose device has no certificate here');
		}),
	);
	return { entries, problems };
}

export function encodeMarks(marks: readonly Mark[]): Uint8Array {
	return encode(marks);
}

export function decodeMarks(bytes: Uint8Array | undefined): readonly Mark[] {
	const parsed = v.safeParse(v.array(markSchema), bytes === undefined ? undefined : decode(bytes));
	return parsed.success ? parsed.output : [];
}
