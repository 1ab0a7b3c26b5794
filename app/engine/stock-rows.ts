/**
 * Stock as rows, between peers: what another branch has on its shelves, and what the own branch has while its entries are still on their way.
 *
 * 1. A hub and a relay fold a table of their branch, and sign what it comes to. What they hand out is on their disk first: after a restart no version that
 *    anybody has heard of means something else.
 * 2. A reader asks for what changed since the version that it holds. Of another server, or where the server was put back, the hashes of 256 parts are compared,
 *    and the parts that differ come whole.
 * 3. Rows are taken when they come to the signed hash, all or none, and only if the head is newer than the one held: if it reflects all that the other does, and
 *    more. Only where neither does, the later date is the newer: a clock that was ahead for a day hides no other server's rows. They pass from peer to peer as
 *    they are.
 * 4. Rows are a view: nothing is decided by them, and they yield to the own fold once it has what they reflect (`projections/stock-figures.ts`).
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Clock, Digest, Documents, EntryStore, Signer, Timers } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { BranchId, Sku } from '#schemas/ids.ts';
import { STOCK_PAGE_ROWS, STOCK_PARTS, type DirectMessage } from '#schemas/wire/direct.ts';
import { stockHead, type StockHead, type StockPlace } from '#schemas/wire/stock-head.ts';
import { createQuestions } from './questions.ts';
import { issuedBy, openSignedBody, signBody } from './signed-body.ts';
import { createStockTable, FROM_THE_BEGINNING, type SignedHead, type StockTable } from './stock-table.ts';

export interface StockRowsDeps {
	readonly documents: Pick<Documents, 'sendTo' | 'onDirect' | 'onLinked'>;
	readonly entryStore: EntryStore;
	readonly ledger: Pick<Ledger, 'state' | 'marks' | 'store' | 'branch'>;
	readonly digest: Digest;
	readonly clock: Clock;
	readonly timers: Timers;
	/** A hub's or a relay's: it folds the rows of its branch itself. */
	readonly signer: Signer | undefined;
	/** Whether this was said by who may say what that branch has: a hub of it, or a relay of the store. */
	readonly maySpeak: (head: StockHead, branch: BranchId) => boolean;
	/** A relay holds each branch apart, and answers one's question from the other; it asks nobody. */
	readonly elsewhere: ((branch: BranchId) => Pick<StockRows, 'answer'> | undefined) | undefined;
	readonly onChanged: (branch: BranchId, skus: ReadonlySet<Sku>) => void;
	readonly onFailed: (words: string) => void;
}

/** One branch's stock, as a server said it. */
export interface BranchStock {
	readonly head: StockHead;
	/** Thousandths; undefined: nothing is known of it there. */
	onHandMilli(sku: Sku): number | undefined;
	skus(): Iterable<Sku>;
}

export interface StockRows {
	/** These read differently in the ledger; undefined: all of it may. */
	note(skus?: ReadonlySet<Sku>): void;
	of(branch: BranchId): BranchStock | undefined;
	/** All that are held, the own branch's too. */
	all(): readonly BranchStock[];
	/** A page for whoever asks. */
	answer(ask: Ask): Promise<Answer>;
	/** Resolves when nobody is being asked, and what was asked is answered. */
	idle(): Promise<void>;
	close(): void;
}

type Ask = Extract<DirectMessage, { t: 'want-stock' }>;
type Answer = Extract<DirectMessage, { t: 'stock' }>;

/** Who is linked has much to say in its first second. */
const ASK_AFTER_MS = 1_000;
const ASK_EVERY_MS = 60_000;
const ANSWER_WITHIN_MS = 5_000;
const PART_HEX = 16;

export function createStockRows(deps: StockRowsDeps): StockRows {
	const { documents, entryStore, ledger, digest, clock, timers, signer } = deps;
	const tables = new Map<BranchId, Promise<StockTable>>();
	/** Those of them that are read from the disk. */
	const open = new Map<BranchId, StockTable>();
	const questions = createQuestions<Answer>(timers);
	let dirty: Set<Sku> | 'all' = 'all';
	let closed = false;
	let isAskScheduled = false;
	/** One thing at a time: folding, answering, taking in. */
	let working: Promise<unknown> = Promise.resolve();
	let asking: Promise<void> | undefined;

	function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
		const done = working.then(work);
		working = done.catch(() => undefined);
		return done;
	}

	function tableOf(branch: BranchId): Promise<StockTable> {
		let table = tables.get(branch);
		if (table === undefined) {
			const made = createStockTable(branch, { digest, entryStore });
			table = made.load().then(() => {
				open.set(branch, made);
				return made;
			});
			tables.set(branch, table);
			table.catch(() => tables.delete(branch));
		}
		return table;
	}

	// ——— the own branch's, folded here

	async function renewOwn(by: Signer): Promise<StockTable> {
		const { branch, store, state } = ledger;
		const table = await tableOf(branch);
		const skus = dirty === 'all' ? state.stock.keys() : dirty;
		dirty = new Set();
		const marks = [...ledger.marks()];
		let version = Math.max(table.version(), table.head()?.head.version ?? 0);
		for (const sku of skus) {
			const onHandMilli = state.stock.get(sku)?.onHandMilli ?? 0;
			if (table.get(sku)?.[1] !== onHandMilli) table.put([sku, onHandMilli, (version += 1)]);
		}
		const before = table.head()?.head;
		if (before?.issuer === by.device && before.key === by.key && before.version === version && JSON.stringify(before.marks) === JSON.stringify(marks))
			return table;
		try {
			const head: StockHead = {
				...{ v: 1, store, branch, name: state.settings.value('branchName') ?? '', ...issuedBy(by), version },
				...{ at: Math.max(clock.nowMs(), (before?.at ?? 0) + 1), marks, hash: await table.hash() },
			};
			await table.save({ head, signed: await signBody(head, by) });
		} catch (error) {
			dirty = 'all';
			throw error;
		}
		return table;
	}

	// ——— answering

	function answer(asked: Ask): Promise<Answer> {
		// Not in our turn: two branches that ask each other would wait for each other.
		const other = asked.branch === ledger.branch ? undefined : deps.elsewhere?.(asked.branch);
		return other === undefined ? inTurn(() => answerHere(asked)) : other.answer(asked);
	}

	async function answerHere({ id, branch, after, parts }: Ask): Promise<Answer> {
		const none: Answer = { t: 'stock', id, next: 'none', rows: [] };
		if (!isOfStore(branch)) return none;
		if (branch === ledger.branch && signer !== undefined) await renewOwn(signer);
		const table = await tableOf(branch);
		const held = table.head();
		if (held === undefined || (after !== undefined && parts === undefined && held.head.at <= after.at)) return none;
		const signed = hexOf(held.signed);
		const { head } = held;
		const isUnknown = after !== undefined && (after.issuer !== head.issuer || after.place[0] > head.version);
		if (isUnknown && parts === undefined) return { ...none, signed, next: 'parts' };
		const differing = parts === undefined ? undefined : differingFrom(parts, await table.partHashes());
		const from = after === undefined || isUnknown ? FROM_THE_BEGINNING : after.place;
		const rows = table.after(from, STOCK_PAGE_ROWS + 1, differing === undefined ? undefined : new Set(differing));
		return {
			...{ t: 'stock', id, signed, next: rows.length > STOCK_PAGE_ROWS ? 'more' : 'none', rows: rows.slice(0, STOCK_PAGE_ROWS) },
			...optional({ differing }),
		};
	}

	/** Of no other are rows held. A table of nothing is 50 KB, and whoever asks may name branches without end. */
	function isOfStore(branch: BranchId): boolean {
		return branch === ledger.branch || [...ledger.state.devices.values()].some((device) => device.branch === branch);
	}

	// ——— asking

	/** The own branch, where it is not folded here, and every other of the store. */
	function wanted(): readonly BranchId[] {
		if (deps.elsewhere !== undefined) return [];
		const branches = new Set([...ledger.state.devices.values()].map(({ branch }) => branch));
		if (signer === undefined) branches.add(ledger.branch);
		else branches.delete(ledger.branch);
		return [...branches];
	}

	function scheduleAsk(): void {
		if (isAskScheduled || closed) return;
		isAskScheduled = true;
		stops.add(
			timers.after(ASK_AFTER_MS, () => {
				isAskScheduled = false;
				askAll();
			}),
		);
	}

	function askAll(): void {
		if (asking !== undefined || closed) return;
		asking = (async () => {
			for (const branch of wanted()) for (const peer of [...questions.linked]) if (await refresh(branch, peer)) break;
		})()
			.catch((error: unknown) => {
				deps.onFailed(String(error)); // A disk that fails: they are asked for again.
			})
			.finally(() => {
				asking = undefined;
			});
	}

	/** True when nobody else need be asked now. */
	async function refresh(branch: BranchId, peer: string): Promise<boolean> {
		const table = await tableOf(branch);
		const held = table.head();
		const { head: heldHead } = held ?? {};
		let first = await ask(peer, {
			branch,
			...optional({ after: heldHead && { issuer: heldHead.issuer, place: placeOf(heldHead), at: dateAsked(heldHead) } }),
		});
		const opened = await openHead(first?.signed, branch);
		if (first === undefined || opened === undefined || (heldHead !== undefined && !isNewer(opened.head, heldHead))) return false;
		let parts: string | undefined;
		if (first.next === 'parts') {
			parts = await shortHashes(table);
			first = await ask(peer, { branch, parts });
		}
		const taken = first && (await takePages(peer, { branch, table, first, parts }));
		if (taken !== undefined) return taken;
		// Cut off in the middle, or not what was signed: what the disk has still holds.
		await inTurn(() => table.load());
		return false;
	}

	async function takePages(
		peer: string,
		{
			branch,
			table,
			first,
			parts,
		}: { readonly branch: BranchId; readonly table: StockTable; readonly first: Answer; readonly parts: string | undefined },
	): Promise<boolean | undefined> {
		const pages = [first];
		for (let page: Answer | undefined = first; page.next === 'more';) {
			const last = page.rows.at(-1);
			const head = await openHead(page.signed, branch);
			if (last === undefined || head === undefined) return undefined;
			page = await ask(peer, { branch, after: { issuer: head.head.issuer, place: [last[2], last[0]], at: 0 }, ...optional({ parts }) });
			if (page === undefined || page.next === 'parts') return undefined;
			pages.push(page);
		}
		const opened = await openHead(pages.at(-1)?.signed, branch);
		if (opened === undefined) return undefined;
		return inTurn(async () => {
			const skus = new Set<Sku>();
			const differing = new Set(pages[0]?.differing);
			if (parts !== undefined)
				for (let part = 0; part < STOCK_PARTS; part += 1) {
					if (differing.has(part)) table.clearPart(part);
					else table.setVersion(part, opened.head.version);
				}
			for (const { rows } of pages)
				for (const row of rows) {
					table.put(row);
					skus.add(row[0]);
				}
			if ((await table.hash()) !== opened.head.hash) return undefined;
			await table.save(opened);
			deps.onChanged(branch, skus);
			return true;
		});
	}

	/** Whoever holds something later answers. By a date that has not come, nobody would. */
	function dateAsked({ at }: StockHead): number {
		return at > clock.nowMs() ? 0 : at;
	}

	function ask(peer: string, wants: Omit<Ask, 't' | 'id'>): Promise<Answer | undefined> {
		return questions.ask(peer, ANSWER_WITHIN_MS, (id) => {
			documents.sendTo(peer, { t: 'want-stock', id, ...wants });
		});
	}

	async function openHead(signed: string | undefined, branch: BranchId): Promise<SignedHead | undefined> {
		if (signed === undefined) return undefined;
		const bytes = bytesOfHex(signed);
		const head = await openSignedBody(bytes, stockHead, digest);
		const isOfUse = head?.store === ledger.store && head.branch === branch && deps.maySpeak(head, branch);
		return isOfUse ? { head, signed: bytes } : undefined;
	}

	const stops = new Set<() => void>([timers.every(ASK_EVERY_MS, askAll)]);
	documents.onDirect((message, from) => {
		if (message.t === 'want-stock')
			answer(message).then(
				(page) => {
					if (!closed) documents.sendTo(from, page);
				},
				(error: unknown) => {
					deps.onFailed(String(error)); // A disk that fails answers nothing; the asker goes on to the next.
				},
			);
		else if (message.t === 'stock') questions.hear(from, message.id, message);
	});
	documents.onLinked((peer, isLinked) => {
		questions.link(peer, isLinked);
		if (isLinked) scheduleAsk();
	});

	function stockOf(table: StockTable): BranchStock | undefined {
		const held = table.head();
		return held && { head: held.head, onHandMilli: (sku) => table.get(sku)?.[1], skus: table.skus };
	}

	// What the last run knew is there before anybody is linked.
	if (signer === undefined) void tableOf(ledger.branch).catch(() => undefined);

	return {
		note(skus) {
			if (signer === undefined) return;
			if (skus === undefined) dirty = 'all';
			else if (dirty !== 'all') for (const sku of skus) dirty.add(sku);
		},
		of(branch) {
			const table = open.get(branch);
			return table && stockOf(table);
		},
		all: () => [...open.values()].flatMap((table) => stockOf(table) ?? []),
		answer,
		async idle() {
			await asking;
			await working;
		},
		close() {
			closed = true;
			questions.close();
			for (const stop of stops) stop();
		},
	};
}

function isNewer(head: StockHead, held: StockHead): boolean {
	const [isAhead, isBehind] = [reflects(head, held), reflects(held, head)];
	return isAhead === isBehind ? head.at > held.at : isAhead;
}

function reflects({ marks }: StockHead, other: StockHead): boolean {
	const byChain = Map.groupBy(marks, ({ device, scope }) => `${device} ${scope}`);
	return other.marks.every(({ device, scope, seq, hash }) =>
		byChain.get(`${device} ${scope}`)?.some((mark) => mark.seq > seq || (mark.seq === seq && mark.hash === hash)),
	);
}

function placeOf({ version }: StockHead): StockPlace {
	// Behind all rows of that version: U+FFFF is no character, and the last in the order of names.
	return [version, '\uffff'];
}

async function shortHashes(table: StockTable): Promise<string> {
	return (await table.partHashes()).map((bytes) => hexOf(bytes).slice(0, PART_HEX)).join('');
}

function differingFrom(parts: string, hashes: readonly Uint8Array[]): number[] {
	return hashes.flatMap((bytes, part) => (hexOf(bytes).slice(0, PART_HEX) === parts.slice(part * PART_HEX, (part + 1) * PART_HEX) ? [] : [part]));
}

/** Without the fields that say nothing. */
function optional<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
		[Name in keyof Fields]?: NonNullable<Fields[Name]>;
	};
}
