/**
 * How a new hub becomes a further branch of a store: it asks with what it holds the keys of, a hub of the store answers with its certificate. What is asked and
 * what is answered travels over a relay that both reach, or as text and file by whatever way there is. Nothing in either is a secret.
 *
 * The code of an ask is the beginning of SHA-256 over its CBOR (`core/branch-code.ts`): who typed it has named these keys and no others, whoever carried them.
 *
 *   at the new hub, from its own machine alone
 *     GET  /branches/ask                                   → branchAskShown
 *     POST /branches/take      branchAnswerPart            → {}
 *   at a hub of the store, from a till of it
 *     POST /branches/open      openBranchRequest           → branchOpened · the file for the new hub
 *   at the relay
 *     POST /relay/openings        { ask }                  → { answer? }   of the new hub, again and again
 *     POST /relay/openings/asked  { code }                 → { ask } · 404
 *     POST /relay/openings/answer { code, answer }         → {} · 404
 *   → 4xx `hub-refusal.ts`; of the relay { error }, which the hub reads by its status
 */
import * as v from 'valibot';
import { words } from '../facts/define.ts';
import { branchId, deviceId, storeId } from '../ids.ts';

const hexOf = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`)));
const hex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/));
const code = v.pipe(words(40), v.minLength(1));

export const branchAsk = v.strictObject({
	v: v.literal(1),
	device: deviceId,
	/** libp2p peer id of its network key. */
	peer: v.pipe(v.string(), v.minLength(20), v.maxLength(100)),
	/** X25519, of this run of the new hub: what is secret in the answer is encrypted to it. */
	box: hexOf(32),
	/** Ed25519 by the device over `branchAskText`. */
	proof: hexOf(64),
});
export type BranchAsk = v.InferOutput<typeof branchAsk>;

export function branchAskText({ peer, box }: Pick<BranchAsk, 'peer' | 'box'>): string {
	return `holdfast branch ${peer} ${box}`;
}

export const branchAnswer = v.strictObject({
	v: v.literal(1),
	/** Of the ask that it answers. */
	code,
	store: storeId,
	root: deviceId,
	branch: branchId,
	/** The new hub's certificate chain. */
	chain: hex,
	/** CBOR of rows of the key table (`keys.ts`), encrypted to the box: the store's secrets; in a file its customers' keys, too. */
	sealed: hex,
	/** To be shown; nothing is judged by them. */
	storeName: words(80),
	branchName: words(80),
	/** Where the store's record is kept. */
	relay: v.optional(v.pipe(words(300), v.regex(/^wss?:\/\/./))),
});
export type BranchAnswer = v.InferOutput<typeof branchAnswer>;

/** The file for a hub that no relay reaches: deterministic CBOR. What the store is comes with it; entries carry their own proof. */
export const branchFile = v.strictObject({
	kind: v.literal('holdfast branch'),
	v: v.literal(1),
	answer: branchAnswer,
	chains: v.array(hex),
	sealed: v.array(hex),
});
export type BranchFile = v.InferOutput<typeof branchFile>;

/** A part of the file: the answer with the first. A body is at most 256 KiB. */
export const branchAnswerPart = v.strictObject({ answer: v.optional(branchAnswer), chains: v.array(hex), sealed: v.array(hex) });
export type BranchAnswerPart = v.InferOutput<typeof branchAnswerPart>;

/** `text`: the ask, to be carried where no relay is. `relay`: over which it can be answered by the code alone. */
export const branchAskShown = v.strictObject({ code, text: v.string(), relay: v.optional(v.string()) });
export type BranchAskShown = v.InferOutput<typeof branchAskShown>;

export const openBranchRequest = v.strictObject({
	/** Of the branch, as people call it. */
	name: v.pipe(words(80), v.minLength(1)),
	/** A code, or the text of an ask: with a text the answer is a file. */
	ask: v.pipe(words(1_000), v.minLength(1)),
	/** The till, of this branch and with the right to enrol; its proof is over `openBranchText`. */
	device: deviceId,
	nonce: hexOf(16),
	proof: hexOf(64),
});
export type OpenBranchRequest = v.InferOutput<typeof openBranchRequest>;
export const branchOpened = v.strictObject({ branch: branchId, name: v.string() });
export type BranchOpened = v.InferOutput<typeof branchOpened>;

export function openBranchText({ name, ask, nonce }: Pick<OpenBranchRequest, 'name' | 'ask' | 'nonce'>): string {
	return `holdfast open branch ${JSON.stringify([name, ask, nonce])}`;
}

export const OPENINGS_PATH = '/relay/openings';
export const openingAsk = v.strictObject({ ask: branchAsk });
export const openingHeard = v.strictObject({ answer: v.optional(branchAnswer) });
export const openingWanted = v.strictObject({ code });
export const openingFound = v.strictObject({ ask: branchAsk });
export const openingAnswer = v.strictObject({ code, answer: branchAnswer });
