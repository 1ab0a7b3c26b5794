/**
 * Builds entries for tests without a signature's cost: real headers, real hashes, real vectors of what was seen, 64 zero bytes for a signature.
 *
 *   const shop = createTestShop();
 *   const hub = shop.device('hub', { role: 'hub' }), till = shop.device('till 1', { till: 1 });
 *   const a = hub.does([created('A'), price('A', 12_000)], { scope: 'store' });
 *   till.hears(a);
 *   const sale = till.does([sold([{ sku: 'A', quantityMilli: 1000, totalMinor: 120 }], till.receipt())]);
 *
 * `signed: true` gives every device a real Ed25519 key, made from its name, and real signatures: for entries that must verify.
 * Time moves by a second with every entry; `shop.nowMs` may be set. A device has seen what it was told with `hears`, and nothing else.
 */
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { chainKey, encodeBody, joinSealed } from '#core/entry/codec.ts';
import { compareHlc, latestHlc, NO_HLC, tickHlc } from '#core/entry/hlc.ts';
import { applySeen, seenDelta, seenOfMark, type SeenVector } from '#core/entry/seen.ts';
import { hexOf } from '#schemas/cbor.ts';
import { ENTRY_VERSION, type DecodedFact, type Entry, type Header } from '#schemas/entry.ts';
import {
	OWNER,
	SCOPES,
	type BranchId,
	type DeviceId,
	type EntryHash,
	type IntentKey,
	type PersonId,
	type Scope,
	type StoreId,
	type TradingDay,
} from '#schemas/ids.ts';
import type { Hlc, Mark } from '#schemas/mark.ts';
import { MANAGER_RIGHTS, RIGHTS, type Right } from '#schemas/rights.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { Receipt } from '#schemas/facts/sale-completed.ts';

export interface DoOptions {
	readonly scope?: Scope;
	readonly key?: string;
	/** Wall clock of this entry; else the shop's. */
	readonly atMs?: number;
	/** Else that of its clock. */
	readonly tradingDay?: string;
	/** Set aside the rules: for entries that no honest device would write. */
	readonly hlc?: Hlc;
	readonly by?: string;
	/** A lie about what it has seen. */
	readonly seen?: Header['seen'];
	readonly part?: Header['part'];
}

export interface TestDevice {
	readonly id: DeviceId;
	readonly name: string;
	readonly till: number;
	readonly role: 'till' | 'hub';
	/** Seals the facts in one entry, the next on its chain. */
	does(facts: readonly object[], options?: DoOptions): Entry;
	/** It has folded these: its next entries have seen them. */
	hears(...entries: readonly Entry[]): void;
	/** The next receipt number. */
	receipt(): Receipt;
	/** The moment of counting: what it has seen now, and its clock. */
	asOf(): { hlc: Hlc; marks: Mark[] };
	/** The fact that enrols it. */
	enrolment(rights?: readonly Right[]): DeviceEnrolled;
	/** A copy with the same key and the same past, from which the two go separate ways. */
	copy(): TestDevice;
}

export interface TestShop {
	readonly store: StoreId;
	readonly branch: BranchId;
	nowMs: number;
	device(name: string, options?: { readonly role?: 'till' | 'hub'; readonly till?: number }): TestDevice;
	/** Every entry made so far, in the order in which they were made. */
	readonly entries: readonly Entry[];
}

const SIGNATURE = new Uint8Array(64);

export interface TestShopOptions {
	readonly seed?: string;
	readonly startMs?: number;
	readonly signed?: boolean;
}

export function createTestShop({ seed = 'shop', startMs = Date.UTC(2026, 10, 2, 9), signed = false }: TestShopOptions = {}): TestShop {
	const entries: Entry[] = [];
	const store = hash(`store ${seed}`).slice(0, 32) as StoreId;
	const branch = hash(`branch ${seed}`).slice(0, 32) as BranchId;
	let keys = 0;
	const shop: TestShop = {
		store,
		branch,
		nowMs: startMs,
		entries,
		device(name, options = {}) {
			const secret = hash(`device ${seed} ${name}`);
			return makeDevice(
				name,
				signed ? publicKeyOf(privateKeyOf(secret)) : (secret as DeviceId),
				options,
				emptyMemory(signed ? privateKeyOf(secret) : undefined),
			);
		},
	};

	function makeDevice(
		name: string,
		id: DeviceId,
		{ role = 'till', till = 1 }: { readonly role?: 'till' | 'hub'; readonly till?: number },
		memory: Memory,
	): TestDevice {
		const device: TestDevice = {
			id,
			name,
			till,
			role,
			does(facts, { scope = 'branch', key, atMs, tradingDay, hlc, by, seen, part } = {}) {
				shop.nowMs += 1000;
				const head = memory.heads[scope];
				const vector = new Map(memory.vector);
				vector.delete(chainKey(id, scope));
				const other = memory.heads[scope === 'branch' ? 'store' : 'branch'];
				if (other !== undefined) vector.set(chainKey(id, other.scope), seenOfMark(other));
				memory.hlc = tickHlc(memory.hlc, atMs ?? shop.nowMs);
				keys += 1;
				const header: Header = {
					v: ENTRY_VERSION,
					store,
					scope,
					device: id,
					seq: (head?.seq ?? 0) + 1,
					...(head === undefined ? {} : { prev: head.hash }),
					hlc: hlc ?? memory.hlc,
					at: atMs ?? shop.nowMs,
					tradingDay: (tradingDay ?? new Date(atMs ?? shop.nowMs).toISOString().slice(0, 10)) as TradingDay,
					seen: seen ?? seenDelta(memory.written[scope], vector),
					key: (key ?? `key-${seed}-${keys}`) as IntentKey,
					by: (by ?? OWNER) as PersonId,
					...(part === undefined ? {} : { part }),
				};
				const raw = facts.map((fact) => ('raw' in fact ? (fact as { raw: object }).raw : fact));
				const body = encodeBody(header, raw);
				const entry: Entry = {
					hash: createHash('sha256').update(body).digest('hex') as EntryHash,
					header,
					facts: facts as DecodedFact[],
					sealed: joinSealed(body, memory.key === undefined ? SIGNATURE : sign(null, body, memory.key)),
				};
				memory.heads[scope] = { device: id, scope, seq: header.seq, hash: entry.hash };
				memory.written[scope] = applySeen(memory.written[scope], header.seen);
				memory.hlc = latestHlc(memory.hlc, header.hlc);
				entries.push(entry);
				return entry;
			},
			hears(...heard) {
				for (const { header, hash: entryHash } of heard) {
					memory.hlc = latestHlc(memory.hlc, header.hlc);
					if (header.device === id) continue;
					const known = memory.vector.get(chainKey(header.device, header.scope));
					if (known === undefined || known[2] < header.seq)
						memory.vector = applySeen(memory.vector, [seenOfMark({ device: header.device, scope: header.scope, seq: header.seq, hash: entryHash })]);
					const full = memory.full.get(`${header.device}:${header.scope}`);
					if (full === undefined || full.seq < header.seq)
						memory.full.set(`${header.device}:${header.scope}`, { device: header.device, scope: header.scope, seq: header.seq, hash: entryHash });
				}
			},
			receipt() {
				memory.receipts += 1;
				return { till, number: memory.receipts };
			},
			asOf() {
				const own = SCOPES.flatMap((scope) => memory.heads[scope] ?? []);
				memory.hlc = compareHlc(memory.hlc, [shop.nowMs, 0]) < 0 ? [shop.nowMs, 0] : memory.hlc;
				return { hlc: memory.hlc, marks: [...memory.full.values(), ...own] };
			},
			enrolment: (rights = role === 'hub' ? RIGHTS : MANAGER_RIGHTS) => ({
				type: 'device.enrolled',
				v: 1,
				device: id,
				branch,
				role,
				name,
				till,
				rights: [...rights],
				chain: hexOf(new TextEncoder().encode(`chain of ${name}`)),
			}),
			copy: () =>
				makeDevice(name, id, { role, till }, { ...memory, heads: { ...memory.heads }, written: { ...memory.written }, full: new Map(memory.full) }),
		};
		return device;
	}
	return shop;
}

interface Memory {
	heads: { [scope in Scope]?: Mark };
	written: { [scope in Scope]: SeenVector };
	vector: SeenVector;
	readonly full: Map<string, Mark>;
	hlc: Hlc;
	receipts: number;
	readonly key: KeyObject | undefined;
}

function emptyMemory(key: KeyObject | undefined): Memory {
	return { heads: {}, written: { branch: new Map(), store: new Map() }, vector: new Map(), full: new Map(), hlc: NO_HLC, receipts: 0, key };
}

/** An Ed25519 key from its 32 secret bytes: the fixed head of its PKCS #8 form (RFC 8410, section 7), and the bytes. */
/** Of 32 bytes, as hex. */
export function privateKeyOf(secretHex: string): KeyObject {
	return createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${secretHex}`, 'hex'), format: 'der', type: 'pkcs8' });
}

export function publicKeyOf(key: KeyObject): DeviceId {
	return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex') as DeviceId;
}

/** The fixed head of a public Ed25519 key (RFC 8410, section 4), and the key. */
export function keyOfRaw(hex: string): KeyObject {
	return createPublicKey({ key: Buffer.from(`302a300506032b6570032100${hex}`, 'hex'), format: 'der', type: 'spki' });
}

function hash(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}
