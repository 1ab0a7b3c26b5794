/** What one process of a relay asks another: the numbered invariants of `sync-server/ask-process.ts`, over real HTTP. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { AskReceipt } from '#engine/receipts-elsewhere.ts';
import type { BranchId, StoreId } from '#schemas/ids.ts';
import { answerProcess, askReceipt, askStock, PROCESS_PATH, type Answering } from '#server/ask-process.ts';

const KEY = new Uint8Array(32).fill(7);
const NAME = { store: '0a'.repeat(16) as StoreId, branch: '0b'.repeat(16) as BranchId };
const ASK: AskReceipt = { t: 'want-receipt', id: 5, receipt: { till: 1, number: 3 }, entry: '0'.repeat(16), steps: 0 };
const STOCK = { t: 'want-stock', id: 6, branch: NAME.branch } as const;

let server: Server | undefined;
afterEach(() => server?.close());

/** Keeps `NAME`, and says so with the answer alone. */
async function otherProcess(): Promise<string> {
	const keeps: Answering = {
		answer: ({ id }) => Promise.resolve({ t: 'stock', id, next: 'more', rows: [] }),
		answerOwn: ({ id }) => Promise.resolve({ t: 'receipt', id, known: 'no' }),
	};
	server = createServer((request, response) => {
		let text = '';
		request.setEncoding('utf8').on('data', (more: string) => (text += more));
		request.on('end', () => {
			void answerProcess(request, JSON.parse(text), KEY, (_store, branch) => (branch === NAME.branch ? keeps : undefined)).then((answer) => {
				response.writeHead(answer.status ?? 200).end(JSON.stringify(answer.body));
			});
		});
	});
	await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('1. whoever has the relay’s keys is answered for the branch that is kept there, about its stock and about a receipt', async () => {
	const address = await otherProcess();
	expect(await askReceipt(address, KEY, NAME, ASK)).toEqual({ t: 'receipt', id: 5, known: 'no' });
	expect(await askStock(address, KEY, NAME, STOCK)).toMatchObject({ id: 6, next: 'more' });
	const elsewhere = { ...NAME, branch: '0c'.repeat(16) as BranchId };
	expect(await askReceipt(address, KEY, elsewhere, ASK)).toEqual({ t: 'receipt', id: 5, known: 'unasked' });
	const stranger = await fetch(address + PROCESS_PATH, { method: 'POST', body: JSON.stringify({ ...NAME, ask: ASK }) });
	expect(stranger.status).toBe(401);
	expect(await askReceipt(address, new Uint8Array(32), NAME, ASK)).toEqual({ t: 'receipt', id: 5, known: 'unasked' });
});

test('2. nobody there has no answer to give', async () => {
	const address = await otherProcess();
	server?.close();
	expect(await askReceipt(address, KEY, NAME, ASK)).toEqual({ t: 'receipt', id: 5, known: 'unasked' });
	expect(await askReceipt(undefined, KEY, NAME, ASK)).toEqual({ t: 'receipt', id: 5, known: 'unasked' });
	expect(await askStock(undefined, KEY, NAME, STOCK)).toEqual({ t: 'stock', id: 6, next: 'none', rows: [] });
});
