/**
 * The key table of this device, and how the devices of a store come to hold the same one.
 *
 * Invariants:
 * 1. Keys go to devices whose certificate of this store is proven and which were not removed: tills and hubs. A relay is none of them. Whoever carries a
 *    message holds nothing that opens it, now or later: it is encrypted to a key pair that its reader made for this run.
 * 2. A row's id is the fingerprint of its key: nobody replaces a key by another.
 * 3. The key of a customer who was forgotten is deleted as soon as this ledger knows, is given to nobody, and taken from nobody.
 * 4. Secrets of the store are kept for ever, for hashes name them. Two hubs that made one apart come to hold both, and write with the one of the least id.
 * 5. A key is on this disk before anything is encrypted with it.
 * 6. Of customers whom the ledger does not know yet, `MOST_UNKNOWN` keys are taken from others: whoever makes them up fills no disk. What is not taken is told again
 *    once they are known.
 */
import { compareText } from '#core/entry/order.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Box, Cipher, Digest, Documents, KeyTable, Random, Signer, Timers } from '#ports';
import { bytesOfHex, decode, encode, hexOf } from '#schemas/cbor.ts';
import type { CustomerId, DeviceId } from '#schemas/ids.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import {
	KEY_PAGE_ROWS,
	KEY_PARTS,
	keyAnswer,
	keyAsk,
	keyPreimage,
	keyRows,
	MOST_SECRETS,
	PART_HASH_HEX,
	type KeyAnswer,
	type KeyAsk,
	type KeyKind,
	type KeyRow,
} from '#schemas/wire/keys.ts';
import * as v from 'valibot';
import { createOneAtATime } from './one-at-a-time.ts';
import { createQuestions } from './questions.ts';
import { openSignedBody, signBody } from './signed-body.ts';
import type { Verifier } from './verify.ts';

export interface KeysDeps {
	readonly table: KeyTable;
	readonly cipher: Cipher;
	readonly digest: Digest;
	readonly random: Random;
	readonly timers: Timers;
	readonly signer: Signer;
	readonly ledger: Pick<Ledger, 'state' | 'store'>;
	readonly verifier: Pick<Verifier, 'certificateOf'>;
	/** A disk that fails, or a peer that says what no device of ours would. */
	readonly onFailed: (words: string) => void;
}

/** 32 bytes that PIN hashes and handles of contacts are made with. */
export interface StoreSecret {
	/** 32 letters of hex: what a hash names. */
	readonly id: string;
	readonly bytes: Uint8Array;
}

export interface Keys {
	/** Reads the disk, and deletes what should not be on it any more. */
	load(): Promise<void>;
	customer(customer: CustomerId): Uint8Array | undefined;
	/** A new customer's id and key; on disk when it resolves. */
	makeCustomer(): Promise<{ readonly customer: CustomerId; readonly key: Uint8Array }>;
	/** All that are held; the first is the one to write with. */
	secrets(): readonly StoreSecret[];
	makeSecret(): Promise<StoreSecret>;
	/** For a hub that is to become a branch: hex, of the store's secrets or of all that is held, encrypted to its box. */
	sealedFor(box: Uint8Array, what: 'secrets' | 'all'): Promise<string>;
	/** What such a hub was given. */
	take(given: readonly KeyRow[]): Promise<void>;
	/** Deletes the keys of those who were forgotten: after every fold that concerns customers. */
	sweep(): Promise<void>;
	/** From here on it asks and answers. */
	attach(documents: Pick<Documents, 'sendTo' | 'onDirect' | 'onLinked'>): Promise<void>;
	/** Keys came or went. */
	onChanged(listener: () => void): void;
	/** Resolves when what was begun is done. */
	idle(): Promise<void>;
	close(): Promise<void>;
}

/** Who is linked has much to say in its first second. */
const ASK_AFTER_MS = 500;
const ASK_EVERY_MS = 60_000;
const ANSWER_WITHIN_MS = 10_000;
const KEY_BYTES = 32;
/** A table of them is 2 MB. */
const MOST_UNKNOWN = 20_000;

export function createKeys({ table, cipher, digest, random, timers, signer, ledger, verifier, onFailed }: KeysDeps): Keys {
	/** By id. */
	const rows = new Map<string, KeyRow>();
	/** Of these the customers whom the ledger did not know when they were last looked at. */
	const unknown = new Set<string>();
	const listeners: (() => void)[] = [];
	const questions = createQuestions<string>(timers);
	/** Who has asked, and so can be told: by peer and device, for behind a relay are many. */
	const boxes = new Map<string, { readonly peer: string; readonly device: DeviceId; readonly box: string }>();
	const stops = new Set<() => void>();
	let documents: Parameters<Keys['attach']>[0] | undefined;
	let box: Promise<Box> | undefined;
	let secretsNow: readonly StoreSecret[] = [];
	let closed = false;
	/** A key that is being taken must be seen by the sweep that would delete it. */
	const inTurn = createOneAtATime();
	let asking: Promise<void> | undefined;

	// ——— the table

	function isForgotten(id: string): boolean {
		return ledger.state.books.customers.get(id as CustomerId)?.forgotten === true;
	}

	function isUnknown([kind, id]: KeyRow): boolean {
		return kind === 'customer' && ledger.state.books.customers.get(id as CustomerId) === undefined;
	}

	function roomForUnknown(): number {
		for (const id of unknown) {
			const row = rows.get(id);
			if (row === undefined || !isUnknown(row)) unknown.delete(id);
		}
		return MOST_UNKNOWN - unknown.size;
	}

	async function idOf(kind: KeyKind, key: string): Promise<string> {
		return hexOf(await digest.sha256(encode(keyPreimage(kind, key)))).slice(0, 32);
	}

	function changed(): void {
		secretsNow = [...rows.values()]
			.flatMap(([kind, id, key]) => (kind === 'secret' ? [{ id, bytes: bytesOfHex(key) }] : []))
			.sort((a, b) => compareText(a.id, b.id));
		for (const listener of listeners) listener();
	}

	async function make(kind: KeyKind): Promise<KeyRow> {
		const key = hexOf(random.bytes(KEY_BYTES));
		const row: KeyRow = [kind, await idOf(kind, key), key];
		await inTurn(async () => {
			await table.add([row]);
			rows.set(row[1], row);
		});
		changed();
		tellAll([row], undefined);
		return row;
	}

	/** Answers those that are new here. `isGiven`: a person brought them. */
	function take(offered: readonly KeyRow[], isGiven = false): Promise<readonly KeyRow[]> {
		return inTurn(async () => {
			const fresh: KeyRow[] = [];
			let secrets = secretsNow.length;
			let room = isGiven ? Infinity : roomForUnknown();
			for (const row of offered) {
				const [kind, id, key] = row;
				if (rows.has(id) || (kind === 'customer' && isForgotten(id)) || (await idOf(kind, key)) !== id) continue;
				if (kind === 'secret' && (secrets += 1) > MOST_SECRETS) continue;
				if (isUnknown(row) && (room -= 1) < 0) continue;
				fresh.push(row);
			}
			if (fresh.length === 0) return [];
			await table.add(fresh);
			for (const row of fresh) rows.set(row[1], row);
			for (const row of fresh) if (isUnknown(row)) unknown.add(row[1]);
			await removeForgotten(); // The fact may have come while the disk was written.
			const kept = fresh.filter(([, id]) => rows.has(id));
			changed();
			return kept;
		});
	}

	async function removeForgotten(): Promise<boolean> {
		const gone = [...rows.values()].flatMap(([kind, id]) => (kind === 'customer' && isForgotten(id) ? [id] : []));
		if (gone.length === 0) return false;
		for (const id of gone) rows.delete(id); // Given to nobody from here on, whatever the disk says.
		await table.remove(gone);
		return true;
	}

	// ——— telling

	function isOurs(device: DeviceId): boolean {
		return verifier.certificateOf(device) !== undefined && (ledger.state.devices.get(device)?.standing ?? 'active') === 'active';
	}

	async function pageFor({ have, from }: KeyAsk): Promise<{ readonly rows: readonly KeyRow[]; readonly next?: number }> {
		const parts = partsOf(rows.values());
		const page: KeyRow[] = [];
		for (let part = from; part < KEY_PARTS; part += 1) {
			const here = parts[part] ?? [];
			if (here.length === 0 || (await partHash(here)) === have.slice(part * PART_HASH_HEX, (part + 1) * PART_HASH_HEX)) continue;
			if (page.length > 0 && page.length + here.length > KEY_PAGE_ROWS) return { rows: page, next: part };
			page.push(...here);
		}
		return { rows: page };
	}

	async function answerTo(asked: KeyAsk): Promise<KeyAnswer> {
		const page = await pageFor(asked);
		return answerOf(
			asked.box,
			page.rows.filter(([, id]) => rows.has(id)),
			page.next,
		);
	}

	async function answerOf(to: string, told: readonly KeyRow[], next?: number): Promise<KeyAnswer> {
		const sealed = hexOf(await cipher.sealFor(bytesOfHex(to), encode(told)));
		return { v: 1, what: 'keys', store: ledger.store, issuer: signer.device, to, sealed, ...(next === undefined ? {} : { next }) };
	}

	function tellAll(told: readonly KeyRow[], except: string | undefined): void {
		for (const { peer, device, box: to } of boxes.values())
			if (peer !== except && isOurs(device))
				background(async () => {
					send(peer, { t: 'keys', id: 0, signed: hexOf(await signBody(await answerOf(to, told), signer)) });
				});
	}

	async function hearAsk(peer: string, { id, signed }: Extract<DirectMessage, { t: 'want-keys' }>): Promise<void> {
		const asked = await openSignedBody(bytesOfHex(signed), keyAsk, digest);
		if (asked?.store !== ledger.store || !isOurs(asked.issuer)) return;
		// Behind a relay somebody has come who can be asked, and can tell once it was asked: the link itself is an old one.
		if (!boxes.has(`${peer} ${asked.issuer}`)) scheduleAsk();
		boxes.set(`${peer} ${asked.issuer}`, { peer, device: asked.issuer, box: asked.box });
		send(peer, { t: 'keys', id, signed: hexOf(await signBody(await answerTo(asked), signer)) });
	}

	// ——— asking

	async function openAnswer(signed: string): Promise<{ readonly rows: readonly KeyRow[]; readonly next: number | undefined } | undefined> {
		const own = await ownBox();
		const said = await openSignedBody(bytesOfHex(signed), keyAnswer, digest);
		if (said?.store !== ledger.store || said.to !== hexOf(own.public) || !isOurs(said.issuer)) return undefined;
		const plain = await own.open(bytesOfHex(said.sealed));
		const parsed = plain && v.safeParse(keyRows, decode(plain));
		return parsed?.success === true ? { rows: parsed.output, next: said.next } : undefined;
	}

	async function askOf(peer: string): Promise<void> {
		for (let from = 0; questions.linked.has(peer) && !closed;) {
			const parts = partsOf(rows.values());
			const have = (await Promise.all(parts.map(partHash))).join('');
			const body: KeyAsk = {
				...{ v: 1, what: 'want-keys', store: ledger.store, issuer: signer.device },
				...{ box: hexOf((await ownBox()).public), have, from },
			};
			const signed = await ask(peer, hexOf(await signBody(body, signer)));
			const opened = signed === undefined ? undefined : await openAnswer(signed);
			if (opened === undefined) return;
			await takeFrom(peer, opened.rows);
			if (opened.next === undefined || opened.next <= from) return;
			from = opened.next;
		}
	}

	async function takeFrom(peer: string, offered: readonly KeyRow[]): Promise<void> {
		const fresh = await take(offered);
		if (fresh.length > 0) tellAll(fresh, peer);
	}

	function ask(peer: string, signed: string): Promise<string | undefined> {
		return questions.ask(peer, ANSWER_WITHIN_MS, (id) => {
			send(peer, { t: 'want-keys', id, signed });
		});
	}

	function askAll(): void {
		if (asking !== undefined || closed) return;
		asking = (async () => {
			for (const peer of [...questions.linked]) await askOf(peer);
		})()
			.catch(failed)
			.finally(() => {
				asking = undefined;
			});
	}

	function scheduleAsk(): void {
		stops.add(timers.after(ASK_AFTER_MS, () => void (asking ?? Promise.resolve()).then(askAll)));
	}

	// ——— round it

	function ownBox(): Promise<Box> {
		box ??= cipher.makeBox();
		return box;
	}

	function send(peer: string, message: DirectMessage): void {
		if (!closed && questions.linked.has(peer)) documents?.sendTo(peer, message);
	}

	const begun = new Set<Promise<void>>();
	function background(work: () => Promise<void>): void {
		const one = work()
			.catch(failed)
			.finally(() => begun.delete(one));
		begun.add(one);
	}

	async function done(): Promise<void> {
		await asking;
		while (begun.size > 0) await Promise.all(begun);
		await inTurn(() => Promise.resolve());
	}

	function failed(error: unknown): void {
		if (!closed) onFailed(String(error));
	}

	async function partHash(part: readonly KeyRow[]): Promise<string> {
		if (part.length === 0) return '0'.repeat(PART_HASH_HEX);
		const ids = part.map(([, id]) => id).sort(compareText);
		return hexOf(await digest.sha256(encode(ids))).slice(0, PART_HASH_HEX);
	}

	return {
		async load() {
			for (const row of await table.rows()) {
				rows.set(row[1], row);
				if (isUnknown(row)) unknown.add(row[1]);
			}
			await inTurn(removeForgotten);
			changed();
		},
		customer(customer) {
			const row = rows.get(customer);
			return row?.[0] === 'customer' && !isForgotten(customer) ? bytesOfHex(row[2]) : undefined;
		},
		async makeCustomer() {
			const [, id, key] = await make('customer');
			return { customer: id as CustomerId, key: bytesOfHex(key) };
		},
		secrets: () => secretsNow,
		async makeSecret() {
			const [, id, key] = await make('secret');
			return { id, bytes: bytesOfHex(key) };
		},
		async sealedFor(to, what) {
			return hexOf(await cipher.sealFor(to, encode([...rows.values()].filter(([kind]) => what === 'all' || kind === 'secret'))));
		},
		async take(given) {
			await take(given, true);
		},
		async sweep() {
			if (await inTurn(removeForgotten)) changed();
		},
		async attach(to) {
			documents = to;
			await ownBox();
			to.onDirect((message, from) => {
				if (closed) return;
				if (message.t === 'want-keys') background(() => hearAsk(from, message));
				// Told without being asked, or the second answer of several that a relay brings.
				else if (message.t === 'keys' && !questions.hear(from, message.id, message.signed))
					background(async () => {
						const opened = await openAnswer(message.signed);
						if (opened !== undefined) await takeFrom(from, opened.rows);
					});
			});
			to.onLinked((peer, isLinked) => {
				questions.link(peer, isLinked);
				if (isLinked) scheduleAsk();
				else for (const [key, one] of boxes) if (one.peer === peer) boxes.delete(key);
			});
			stops.add(timers.every(ASK_EVERY_MS, askAll));
		},
		onChanged(listener) {
			listeners.push(listener);
		},
		async idle() {
			await done();
		},
		async close() {
			closed = true;
			for (const stop of stops) stop();
			questions.close();
			await done();
			await table.close();
		},
	};
}

function partsOf(rows: Iterable<KeyRow>): readonly (readonly KeyRow[])[] {
	const parts: KeyRow[][] = Array.from({ length: KEY_PARTS }, () => []);
	for (const row of rows) parts[Number.parseInt(row[1].slice(0, 2), 16)]?.push(row);
	return parts;
}
