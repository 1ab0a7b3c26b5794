/**
 * What one process of a relay asks another by HTTP about a branch that the other keeps, because a till of the store's other branch asked: how much it has on its
 * shelves, and a sale whose receipt is in somebody's hand.
 *
 * 1. Only processes with the relay's keys are answered: a MAC over the question says so.
 * 2. Whoever is not reached within seconds has no answer to give, and is asked again with the till's next question.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { IncomingMessage } from 'node:http';
import type { AskReceipt, ReceiptAnswer, ReceiptsElsewhere } from '#engine/receipts-elsewhere.ts';
import type { StockRows } from '#engine/stock-rows.ts';
import { branchId, storeId, type BranchId, type StoreId } from '#schemas/ids.ts';
import { directMessage, type DirectMessage } from '#schemas/wire/direct.ts';
import type { Answer } from './http/server.ts';

type AskStock = Extract<DirectMessage, { t: 'want-stock' }>;
type Stock = Extract<DirectMessage, { t: 'stock' }>;
/** A branch, as another one may ask it. */
export type Answering = Pick<StockRows, 'answer'> & Pick<ReceiptsElsewhere, 'answerOwn'>;
type Name = { readonly store: StoreId; readonly branch: BranchId };

export const PROCESS_PATH = '/relay/ask';
const PROOF = 'x-holdfast-proof';
const ANSWERS_MS = 3_000;

const question = v.strictObject({ store: storeId, branch: branchId, ask: directMessage });

/** `address`: of the process that keeps the branch; undefined: nobody does now. */
export async function askStock(address: string | undefined, key: Uint8Array, name: Name, ask: AskStock): Promise<Stock> {
	const answer = await askProcess(address, key, name, ask);
	return answer?.t === 'stock' ? answer : noStock(ask);
}

export async function askReceipt(address: string | undefined, key: Uint8Array, name: Name, ask: AskReceipt): Promise<ReceiptAnswer> {
	const answer = await askProcess(address, key, name, ask);
	return answer?.t === 'receipt' ? answer : unasked(ask);
}

async function askProcess(address: string | undefined, key: Uint8Array, name: Name, ask: AskStock | AskReceipt): Promise<DirectMessage | undefined> {
	if (address === undefined) return undefined;
	const asked = JSON.stringify({ ...name, ask });
	const headers = { 'Content-Type': 'application/json', [PROOF]: proofOf(key, asked) };
	const answer = await fetch(new URL(PROCESS_PATH, address), { method: 'POST', body: asked, headers, signal: AbortSignal.timeout(ANSWERS_MS) })
		.then(async (response): Promise<unknown> => (response.ok ? response.json() : undefined))
		.catch(() => undefined);
	const parsed = v.safeParse(directMessage, answer);
	return parsed.success ? parsed.output : undefined;
}

export function noStock({ id }: AskStock): Stock {
	return { t: 'stock', id, next: 'none', rows: [] };
}

export function unasked({ id }: AskReceipt): ReceiptAnswer {
	return { t: 'receipt', id, known: 'unasked' };
}

/** `find`: of a branch that is open here. */
export async function answerProcess(
	{ headers }: Pick<IncomingMessage, 'headers'>,
	body: unknown,
	key: Uint8Array,
	find: (store: StoreId, branch: BranchId) => Answering | undefined,
): Promise<Answer> {
	const parsed = v.safeParse(question, body);
	const proof = Buffer.from(String(headers[PROOF]), 'hex');
	const expected = Buffer.from(proofOf(key, JSON.stringify(body)), 'hex');
	if (proof.length !== expected.length || !timingSafeEqual(proof, expected))
		return { status: 401, body: { error: 'This address is for the processes of a relay.' } };
	if (!parsed.success) return { status: 400, body: { error: 'This is no question about a branch.' } };
	const { store, branch, ask } = parsed.output;
	const found = find(store, branch);
	if (ask.t === 'want-stock') return { body: (await found?.answer(ask)) ?? noStock(ask) };
	if (ask.t === 'want-receipt') return { body: (await found?.answerOwn(ask)) ?? unasked(ask) };
	return { status: 400, body: { error: 'This is no question about a branch.' } };
}

function proofOf(key: Uint8Array, asked: string): string {
	return createHmac('sha256', key).update(`ask ${asked}`).digest('hex');
}
