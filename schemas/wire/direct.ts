/**
 * Messages from one peer to another, beside the documents: CBOR, between devices that have proven themselves to each other: catch-up, and checkpoints for
 * newcomers.
 *
 * An `ask` says how far its sender holds each chain; a `page` is what the other has beyond that, certificates first, and whether there is more. Whoever wants
 * the next page asks again, with what it holds by then: nothing is kept about anybody in between.
 *
 * `watermark` is shown to whoever links: the last one that is held here, of each issuer. An issuer answers with a newer one, even if it covers less.
 *
 * `recall` asks for what has left its sender's disk: a short piece of one chain, or entries by their hash; `recalled` is what the other has of it.
 *
 * `want-stock` asks for the rows of a branch's stock that changed since a version of the server named with it. Rows of another server, or of a version that the
 * other has not reached, are compared by the hashes of their 256 parts.
 *
 * `want-receipt` asks for one receipt of another branch, by what its code says; `receipt` brings its sale with the certificates that prove it, and how much of
 * each line that branch has given back. `steps`: how often it may be passed on. `unasked`: nobody was there who could know.
 *
 * `want-renewal` asks for the countersign under new keys of its sender (`renewal.ts`): CBOR [body, by the key before, by the new key]. `code` is what a hub shows
 * for letting devices in: a till's keys change only with somebody who stands at a hub. `renewal` answers, or (id 0, unasked) shows a renewal that is in force.
 *
 * Instead of a code `waits` asks for somebody at a manager's till: the hub says `waiting` and lists it to such tills, which ask with `want-waiting` and say yes or no
 * in it; `waiting` brings the list, without `signed` the hub does not tell the asker: signed as `renewal-approval.ts` says.
 *
 * `want-keys` asks for rows of the key table, `keys` brings some, asked for (`id`) or new (0): signed and encrypted as `keys.ts` says.
 *
 * `want-code` asks a hub for the code that lets a device in, `code` brings it; without `signed` the hub does not show it to the asker: signed and encrypted as
 * `join-code.ts` says.
 *
 * `want-checkpoint` asks for part 0, the signed offer with the certificates that prove what is in it, then for its bytes part by part.
 */
import * as v from 'valibot';
import { branchId, deviceId, entryHash, scope } from '../ids.ts';
import { minor, nonNegativeMinor } from '../numbers.ts';
import { receipt } from '../facts/sale-completed.ts';
import { mark } from '../mark.ts';
import { stockPlace, stockRow } from './stock-head.ts';

const bytes = (most: number) => v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/), v.maxLength(2 * most));
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A page of entries, and a largest one on top; an ask with 2,000 marks of ~85 bytes is smaller. */
export const MAX_DIRECT_BYTES = 1024 * 1024;
/** What a page holds at most before its last entry. */
export const PAGE_BYTES = 256 * 1024;
export const PAGE_ENTRIES = 256;
/** 16 of the largest entries would be more than a message holds; sales are some hundred bytes. What is more is asked for again. */
export const RECALL_ENTRIES = 16;
export const CHECKPOINT_PART_BYTES = 256 * 1024;
/** A row is ~25 bytes, and 80 at most. */
export const STOCK_PAGE_ROWS = 4_000;
/** Parts of a table of stock: 50,000 products are 200 in each. */
export const STOCK_PARTS = 256;

/**
 * `behind`: the asker's chains do not end here as it says, maybe not yet. `renewed-before`: another key has this generation. `too-many`: the chain would be
 * longer than chains may be. `wrong-code`: the hub shows another one by now, or another hub does. `waiting`: nobody at a manager's till has said anything yet;
 * `refused`: somebody said no.
 */
export const RENEWAL_REFUSALS = ['behind', 'renewed-before', 'too-many', 'wrong-code', 'waiting', 'refused', 'not-allowed'] as const;
export type RenewalRefusal = (typeof RENEWAL_REFUSALS)[number];

export const directMessage = v.variant('t', [
	v.strictObject({ t: v.literal('ask'), id, above: v.pipe(v.array(mark), v.maxLength(2000)) }),
	v.strictObject({
		t: v.literal('page'),
		/** Of the ask that it answers. */
		id,
		chains: v.pipe(v.array(bytes(8 * 1024)), v.maxLength(500)),
		sealed: v.pipe(v.array(bytes(256 * 1024)), v.maxLength(PAGE_ENTRIES + 1)),
		more: v.boolean(),
	}),
	v.strictObject({ t: v.literal('watermark'), signed: bytes(256 * 1024) }),
	v.strictObject({
		t: v.literal('recall'),
		id,
		chain: v.optional(v.strictObject({ device: deviceId, scope, fromSeq: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })),
		hashes: v.optional(v.pipe(v.array(entryHash), v.maxLength(RECALL_ENTRIES))),
	}),
	v.strictObject({ t: v.literal('recalled'), id, sealed: v.pipe(v.array(bytes(256 * 1024)), v.maxLength(RECALL_ENTRIES)) }),
	/** `last`: which one, where there may be another by now. */
	v.strictObject({ t: v.literal('want-checkpoint'), id, part: id, last: v.optional(entryHash) }),
	v.strictObject({
		t: v.literal('checkpoint'),
		id,
		/** As `checkpoint-offer.ts` says; absent: there is none here. */
		signed: v.optional(bytes(2 * 1024)),
		part: id,
		/** How many follow part 0. */
		parts: id,
		chains: v.pipe(v.array(bytes(8 * 1024)), v.maxLength(500)),
		bytes: bytes(CHECKPOINT_PART_BYTES),
	}),
	v.strictObject({
		t: v.literal('want-stock'),
		id,
		branch: branchId,
		/** What the asker holds: of whom, up to where, and when that was signed. */
		after: v.optional(v.strictObject({ issuer: deviceId, place: stockPlace, at: id })),
		/** 8 bytes of each part's hash. */
		parts: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]*$/), v.length(STOCK_PARTS * 16))),
	}),
	v.strictObject({
		t: v.literal('stock'),
		id,
		/** As `stock-head.ts` says; absent: nothing newer of that branch is here. */
		signed: v.optional(bytes(256 * 1024)),
		/** `parts`: what the asker named is of no use, it should name the hashes of its parts. */
		next: v.picklist(['parts', 'more', 'none']),
		/** Parts that read differently: their rows are all of what is in them. */
		differing: v.optional(v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(STOCK_PARTS - 1))), v.maxLength(STOCK_PARTS))),
		rows: v.pipe(v.array(stockRow), v.maxLength(STOCK_PAGE_ROWS)),
	}),
	v.strictObject({
		t: v.literal('want-receipt'),
		id,
		receipt,
		/** How the hash of its entry begins: whoever asks has the receipt in the hand. */
		entry: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
		steps: v.picklist([0, 1]),
	}),
	v.strictObject({
		t: v.literal('receipt'),
		id,
		known: v.picklist(['yes', 'no', 'unasked']),
		/** Only `yes` has a sale. */
		sale: v.optional(
			v.strictObject({
				chain: bytes(8 * 1024),
				sealed: bytes(256 * 1024),
				/** Of each of its lines, in their order. */
				refunded: v.pipe(v.array(v.strictObject({ milli: id, minor: nonNegativeMinor, taxMinor: minor })), v.maxLength(1500)),
			}),
		),
	}),
	v.strictObject({
		t: v.literal('want-renewal'),
		id,
		ask: bytes(2 * 1024),
		code: v.optional(v.pipe(v.string(), v.maxLength(20))),
		waits: v.optional(v.literal(true)),
	}),
	v.strictObject({ t: v.literal('want-waiting'), id, signed: bytes(2 * 1024) }),
	v.strictObject({ t: v.literal('waiting'), id, signed: v.optional(bytes(16 * 1024)) }),
	v.strictObject({
		t: v.literal('renewal'),
		id,
		/** The asker's chain with the renewal; absent: `refused` says why not. */
		chain: v.optional(bytes(4 * 1024)),
		refused: v.optional(v.picklist(RENEWAL_REFUSALS)),
	}),
	v.strictObject({ t: v.literal('want-keys'), id, signed: bytes(4 * 1024) }),
	v.strictObject({ t: v.literal('keys'), id, signed: bytes(256 * 1024) }),
	v.strictObject({ t: v.literal('want-code'), id, signed: bytes(2 * 1024) }),
	v.strictObject({ t: v.literal('code'), id, signed: v.optional(bytes(16 * 1024)) }),
]);
export type DirectMessage = v.InferOutput<typeof directMessage>;
