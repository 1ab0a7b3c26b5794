/**
 * What one process of a relay asks another by HTTP: how much a branch that the other keeps has on its shelves. A till of the store's other branch asked.
 *
 * 1. Only processes with the relay's keys are answered: a MAC over the question says so.
 * 2. Whoever is not reached within seconds has no answer to give, and is asked again with the till's next question.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { IncomingMessage } from 'node:http';
import { branchId, storeId, type BranchId, type StoreId } from '#schemas/ids.ts';
import { directMessage, type DirectMessage } from '#schemas/wire/direct.ts';
import type { Answer } from './http/server.ts';

type AskStock = Extract<DirectMessage, { t: 'want-stock' }>;
type Stock = Extract<DirectMessage, { t: 'stock' }>;

export const STOCK_PATH = '/relay/stock';
const PROOF = 'x-holdfast-proof';
const ANSWERS_MS = 3_000;

const question = v.strictObject({ store: storeId, branch: branchId, ask: directMessage });

export async function askStock(
	address: string,
	key: Uint8Array,
	name: { readonly store: StoreId; readonly branch: BranchId },
	ask: AskStock,
): Promise<Stock> {
	const asked = JSON.stringify({ ...name, ask });
	const headers = { 'Content-Type': 'application/json', [PROOF]: proofOf(key, asked) };
	const answer = await fetch(new URL(STOCK_PATH, address), { method: 'POST', body: asked, headers, signal: AbortSignal.timeout(ANSWERS_MS) })
		.then(async (response): Promise<unknown> => (response.ok ? response.json() : undefined))
		.catch(() => undefined);
	const parsed = v.safeParse(directMessage, answer);
	return parsed.success && parsed.output.t === 'stock' ? parsed.output : noStock(ask);
}

export function noStock({ id }: AskStock): Stock {
	return { t: 'stock', id, next: 'none', rows: [] };
}

/** `find`: of a branch that is open here. */
export async function answerStock(
	{ headers }: Pick<IncomingMessage, 'headers'>,
	body: unknown,
	key: Uint8Array,
	find: (store: StoreId, branch: BranchId) => { answer(ask: AskStock): Promise<Stock> } | undefined,
): Promise<Answer> {
	const parsed = v.safeParse(question, body);
	const proof = Buffer.from(String(headers[PROOF]), 'hex');
	const expected = Buffer.from(proofOf(key, JSON.stringify(body)), 'hex');
	if (proof.length !== expected.length || !timingSafeEqual(proof, expected))
		return { status: 401, body: { error: 'This address is for the processes of a relay.' } };
	if (!parsed.success || parsed.output.ask.t !== 'want-stock') return { status: 400, body: { error: 'This is no question about stock.' } };
	const { store, branch, ask } = parsed.output;
	return { body: (await find(store, branch)?.answer(ask)) ?? noStock(ask) };
}

function proofOf(key: Uint8Array, asked: string): string {
	return createHmac('sha256', key).update(`stock ${asked}`).digest('hex');
}
