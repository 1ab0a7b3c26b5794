/**
 * A certified device whose software lies: entries that are signed well and break the rules, and some that are not even signed well.
 *
 * Its own chain is whole, so that what it forges is judged for what it says.
 */
import { createHash } from 'node:crypto';
import { encodeBody, joinSealed } from '#core/entry/codec.ts';
import { seenOfMark } from '#core/entry/seen.ts';
import { ENTRY_VERSION, type Entry, type Header } from '#schemas/entry.ts';
import { OWNER, type EntryHash, type IntentKey, type Scope, type TradingDay } from '#schemas/ids.ts';
import type { Dice } from './random.ts';
import type { World } from './world.ts';
import { skuNamed } from './actions.ts';

export type Forgery =
	'broken-total' | 'no-right' | 'coup' | 'enrols-hub' | 'old-clock' | 'far-clock' | 'fork' | 'key-reused' | 'alien' | 'future-fact' | 'not-mine';

/** What it remembers of its own chains. */
export interface ForgerMemory {
	readonly heads: Map<Scope, { readonly seq: number; readonly hash: EntryHash; readonly prev: EntryHash | undefined }>;
	lastHlcMs: number;
	receipts: number;
	lastKey: string;
}

export function forge(world: World, what: Forgery, dice: Dice): void {
	const hostile = world.hostile();
	if (hostile === undefined) return;
	const { memory } = world.forger;
	const scope: Scope = STORE_FORGERIES.has(what) ? 'store' : 'branch';
	const head = memory.heads.get(scope);
	const isFork = what === 'fork' && head !== undefined;
	const seq = isFork ? head.seq : (head?.seq ?? 0) + 1;
	const prev = isFork ? head.prev : head?.hash;
	const atMs = hostile.clock.nowMs();
	// It says that it saw the hub's chain, and gives a time of long before.
	const mark = hostile.ledger.marks().find(({ device }) => device !== hostile.machine.signer.device);
	const seen = what === 'old-clock' && mark !== undefined ? [seenOfMark(mark)] : [];
	const hlcMs = what === 'old-clock' ? 1_000 : Math.max(atMs, memory.lastHlcMs + 1) + (what === 'far-clock' ? 30 * 24 * 3_600_000 : 0);
	const key = what === 'key-reused' && memory.lastKey !== '' ? memory.lastKey : dice.hex(16);
	const takesReceipt = !STORE_FORGERIES.has(what) && what !== 'alien' && what !== 'future-fact';
	if (takesReceipt && !isFork) memory.receipts += 1;
	const header: Header = {
		v: ENTRY_VERSION,
		store: world.genesis.store,
		scope,
		device: what === 'not-mine' ? world.hubDevice : hostile.machine.signer.device,
		seq,
		...(prev === undefined ? {} : { prev }),
		hlc: [hlcMs, 0],
		at: atMs,
		tradingDay: new Date(atMs).toISOString().slice(0, 10) as TradingDay,
		seen,
		key: key as IntentKey,
		by: OWNER,
	};
	const body = encodeBody(header, [factOf(what, world, memory.receipts, dice)]);
	const sealed = joinSealed(body, new Uint8Array(world.forger.sign(body)));
	const entry: Pick<Entry, 'hash' | 'header' | 'sealed'> = {
		...{ header, sealed },
		hash: createHash('sha256').update(body).digest('hex') as EntryHash,
	};
	if (what !== 'not-mine') {
		if (!isFork) memory.heads.set(scope, { seq, hash: entry.hash, prev });
		// An old clock is one of a kind: the chain goes on from where it was.
		if (what !== 'old-clock') memory.lastHlcMs = Math.max(memory.lastHlcMs, hlcMs);
		memory.lastKey = key;
	}
	const name = { store: world.genesis.store, branch: world.branch, device: header.device, scope, n: 1 };
	hostile.documents.insert(name, [sealed]);
	hostile.replica.take([{ bytes: sealed, route: 'file', source: 'its own desk' }]);
	world.network.broadcast(hostile.station, { t: 'entries', sealed: [sealed] });
}

/** What it has no right to, in words that the whole store hears. */
const STORE_FORGERIES: ReadonlySet<Forgery> = new Set(['no-right', 'coup', 'enrols-hub']);

function factOf(what: Forgery, world: World, number: number, dice: Dice): object {
	const sku = skuNamed(dice.between(1, 6));
	const totalMinor = dice.between(1, 40) * 10;
	const line = {
		...{ sku, name: 'Forged', quantityMilli: 1000, unitPriceE4: totalMinor * 100, totalMinor },
		...{ taxRate: 'zero', taxPercentMilli: 0, taxMinor: 0 },
	};
	switch (what) {
		case 'no-right':
			return { type: 'product.retired', v: 1, sku };
		case 'coup':
			// Without marks, and without having seen anything: all that the hub ever wrote would lie beyond.
			return { type: 'device.revoked', v: 1, device: world.hubDevice, marks: [], reason: 'a coup' };
		case 'enrols-hub':
			return {
				...{ type: 'device.enrolled', v: 1, device: world.hubDevice, branch: world.branch, role: 'till', name: 'No hub', till: 66 },
				...{ rights: ['sell'], chain: '00' },
			};
		case 'alien':
			return { type: 'product.retired', v: 1, sku };
		case 'future-fact':
			return { type: 'thing.unheard', v: 1, says: number };
		default:
			return {
				...{ type: 'sale.completed', v: 1, receipt: { till: 66, number }, currency: { code: 'GBP', digits: 2 }, lines: [line] },
				...{ roundingMinor: 0, totalMinor: what === 'broken-total' ? totalMinor + 1 : totalMinor },
				tenders: [{ type: 'card', amountMinor: what === 'broken-total' ? totalMinor + 1 : totalMinor }],
			};
	}
}
