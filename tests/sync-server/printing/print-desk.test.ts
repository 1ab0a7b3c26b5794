/** The numbered invariants of `sync-server/printing/`, against the real hub over HTTP and a real TCP listener as the printer. */
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePaper } from '#adapters/printer-escpos/encode-paper.ts';
import { printByHub } from '#adapters/printer-escpos/hub-printing.ts';
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { peerIdOfSeed } from '#adapters/lan-libp2p/network-key.ts';
import type { Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { NetworkPrinter } from '#schemas/facts/setting-changed.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { enrolProofText } from '#schemas/wire/enrolment.ts';
import { MOST_PRINT_BYTES, printProofText } from '#schemas/wire/print.ts';
import { createPrintDesk } from '#server/printing/print-desk.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHub, type Hub } from '#server/hub-process.ts';
import { afterEach, expect, test } from 'vitest';
import { AS_TEXT } from '../../support/text-paper.ts';

interface Printer {
	readonly host: string;
	readonly received: () => Buffer;
	close(): void;
}

const open: { hub?: Hub; printers: Printer[] } = { printers: [] };
afterEach(async () => {
	await open.hub?.close();
	delete open.hub;
	for (const printer of open.printers) printer.close();
	open.printers = [];
});

const digest = createDigest();
const BYTES = encodePaper([{ kind: 'text', text: 'Rye bread', align: 'start' }], {
	...{ speaks: 'esc-pos', widthMm: 80, opensDrawer: true, ...AS_TEXT },
});
const STATUS_QUESTION = Buffer.from([0x10, 0x04, 2, 0x10, 0x04, 4]);

/**
 * On a loopback address of its own, so that every test has port 9100 to itself. `status`: what it answers to a question, byte by byte; or it is cut off there,
 * as a printer that loses its power in the middle.
 */
async function printerAt(host: string, status?: readonly [number, number] | 'cut-off'): Promise<Printer> {
	let received = Buffer.alloc(0);
	const server: Server = createServer((socket) => {
		socket.on('error', () => undefined);
		socket.on('data', (data: Buffer) => {
			if (status === 'cut-off') socket.resetAndDestroy();
			else if (status !== undefined && data.includes(STATUS_QUESTION)) socket.write(Buffer.from(status));
			received = Buffer.concat([received, data]);
		});
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(9100, host, resolve);
	});
	const printer = { host, received: () => received, close: () => void server.close() };
	open.printers.push(printer);
	return printer;
}

const address = (): string => `127.${10 + Math.floor(Math.random() * 200)}.${Math.floor(Math.random() * 250)}.${1 + Math.floor(Math.random() * 250)}`;

async function shopWith(printers: readonly Omit<NetworkPrinter, 'name' | 'port' | 'speaks'>[], more: Partial<NetworkPrinter> = {}) {
	const hub = await startHub({
		...{ folder: openDataFolder(mkdtempSync(join(tmpdir(), 'holdfast-print-')), 'hub'), port: 0, host: '127.0.0.1' },
		...{ app: undefined, relay: undefined, log: () => undefined },
	});
	open.hub = hub;
	const signer = await signerOf(await generateSigningKey(false));
	const peer = await peerIdOfSeed(crypto.getRandomValues(new Uint8Array(32)));
	const at = `http://localhost:${hub.port}`;
	const { nonce } = (await (await fetch(`${at}/enrol/nonce`)).json()) as { nonce: string };
	const proof = hexOf(await signer.sign(new TextEncoder().encode(enrolProofText(peer, nonce))));
	const claimed = await fetch(`${at}/enrol/claim`, {
		...{ method: 'POST', headers: { 'content-type': 'application/json' } },
		body: JSON.stringify({ kind: 'demo', device: signer.device, peer, nonce, proof }),
	});
	expect(claimed.status).toBe(200);
	const value = printers.map((printer) => ({ name: 'Bar', port: 9100, speaks: 'esc-pos' as const, ...printer, ...more }));
	const done = await hub.shop()?.branch.writer?.commit({
		key: 'printers-of-the-test' as IntentKey,
		decide: () => ({
			branch: [],
			store: [{ type: 'setting.changed', v: 3, setting: { name: 'printers', value }, replaces: [] }],
			takesReceipt: false,
		}),
	});
	expect(done).toHaveProperty('entries');
	const print = (printer: string, bytes: Uint8Array = BYTES, as: Signer = signer) =>
		printByHub(printer, bytes, { signer: as, digest, fetch: (path, init) => fetch(`${at}${path}`, init) });
	return { hub, at, signer, print };
}

test('a till of the shop prints, and the printer gets exactly what the till made', async () => {
	const printer = await printerAt(address());
	const { print } = await shopWith([{ id: 'bar', host: printer.host }]);
	expect(await print('bar')).toBe('printed');
	await expect.poll(() => printer.received().equals(Buffer.concat([STATUS_QUESTION, BYTES]))).toBe(true);
});

test('1. a stranger prints nothing, nor a proof for other bytes, nor one that was used', async () => {
	const printer = await printerAt(address());
	const { print, at, signer } = await shopWith([{ id: 'bar', host: printer.host }]);
	expect(await print('bar', BYTES, await signerOf(await generateSigningKey(false)))).toBe('not-allowed');
	const posts: string[] = [];
	const listening = (path: string, init: RequestInit): Promise<Response> => {
		if (path === '/print') posts.push(init.body as string);
		return fetch(`${at}${path}`, init);
	};
	expect(await printByHub('bar', BYTES, { signer, digest, fetch: listening })).toBe('printed');
	const post = (body: object): Promise<Response> =>
		fetch(`${at}/print`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
	const used = JSON.parse(posts[0] ?? '') as object;
	expect((await post(used)).status).toBe(403);
	const { nonce } = (await (await fetch(`${at}/enrol/nonce`)).json()) as { nonce: string };
	expect((await post({ ...used, nonce })).status).toBe(403);
	expect((await post({ ...used, bytes: 'AAAA' })).status).toBe(403);
	expect(printer.received()).toHaveLength(STATUS_QUESTION.length + BYTES.length);
});

test('1. a nonce is spent by a till of the branch that signs it, and by nobody else', async () => {
	const [till, stranger] = [await signerOf(await generateSigningKey(false)), await signerOf(await generateSigningKey(false))];
	const spent: string[] = [];
	const desk = createPrintDesk({
		...{ digest, clock: { nowMs: () => 0 }, isOwnTill: (device: string) => device === till.device, printers: () => [], log: () => undefined },
		spendNonce: (nonce) => spent.push(nonce) === 1,
	});
	const outcome = async (device: string, signer: Signer): Promise<unknown> => {
		const nonce = 'a'.repeat(32);
		const text = printProofText({ printer: 'bar', nonce }, hexOf(await digest.sha256(BYTES)));
		const proof = hexOf(await signer.sign(new TextEncoder().encode(text)));
		return (await desk({ device, printer: 'bar', bytes: Buffer.from(BYTES).toString('base64'), nonce, proof })).body;
	};
	expect(await outcome(stranger.device, stranger)).toEqual({ failed: 'not-allowed' });
	expect(await outcome(till.device, stranger)).toEqual({ failed: 'not-allowed' });
	expect(spent).toEqual([]);
	expect(await outcome(till.device, till)).toEqual({ failed: 'unknown-printer' });
	expect(await outcome(till.device, till)).toEqual({ failed: 'not-allowed' });
});

test('2. nothing but a printer of the settings, at a private address, is printed on', async () => {
	const printer = await printerAt(address());
	const { print } = await shopWith([
		{ id: 'far', host: '93.184.216.34' },
		{ id: 'bar', host: printer.host },
	]);
	expect(await print('somewhere')).toBe('unknown-printer');
	expect(await print('far')).toBe('unknown-printer');
	expect(printer.received()).toHaveLength(0);
});

test('3. at most so many bytes, and so many a minute', async () => {
	const printer = await printerAt(address());
	const { print } = await shopWith([{ id: 'bar', host: printer.host }], { speaks: 'star-prnt' });
	expect(await print('bar', new Uint8Array(MOST_PRINT_BYTES + 1))).toBe('too-long');
	const outcomes: string[] = [];
	for (let n = 0; n < 61; n += 1) outcomes.push(await print('bar', new Uint8Array([n])));
	expect(outcomes.slice(0, 60).every((outcome) => outcome === 'printed')).toBe(true);
	expect(outcomes[60]).toBe('busy');
});

test('4. what waited longer than a till listens is not printed: it was told so, and prints again', async () => {
	const printer = await printerAt(address());
	const signer = await signerOf(await generateSigningKey(false));
	let [nowMs, asked] = [0, 0];
	const desk = createPrintDesk({
		...{ digest, clock: { nowMs: () => nowMs }, spendNonce: () => true, isOwnTill: () => true, log: () => undefined },
		printers: () => {
			asked += 1;
			// Five seconds pass between the asking of the second one and its turn, however long the first one really takes.
			if (asked === 2) queueMicrotask(() => (nowMs = 5_000));
			return [{ id: 'bar', name: 'Bar', host: printer.host, port: 9100, speaks: 'esc-pos' }];
		},
	});
	const print = async (nonce: string): Promise<unknown> => {
		const text = printProofText({ printer: 'bar', nonce }, hexOf(await digest.sha256(BYTES)));
		const proof = hexOf(await signer.sign(new TextEncoder().encode(text)));
		return (await desk({ device: signer.device, printer: 'bar', bytes: Buffer.from(BYTES).toString('base64'), nonce, proof })).body;
	};
	const first = print('a'.repeat(32));
	await expect.poll(() => printer.received().length).toBeGreaterThan(0);
	const waiting = print('b'.repeat(32));
	expect(await first).toEqual({ printed: true });
	expect(await waiting).toEqual({ failed: 'busy' });
	await expect.poll(() => printer.received().length).toBe(STATUS_QUESTION.length + BYTES.length);
	expect(await print('c'.repeat(32))).toEqual({ printed: true });
});

test('a printer without paper, with its cover open, gone, or going in the middle prints nothing, and that is said', async () => {
	const [empty, opened] = [await printerAt(address(), [0x12 | 0x20, 0x12 | 0x60]), await printerAt(address(), [0x12 | 0x04, 0x12])];
	const gone = await printerAt(address());
	gone.close();
	const dying = await printerAt(address(), 'cut-off');
	const { print } = await shopWith([
		{ id: 'empty', host: empty.host },
		{ id: 'opened', host: opened.host },
		{ id: 'gone', host: gone.host },
		{ id: 'dying', host: dying.host },
	]);
	expect(await print('empty')).toBe('out-of-paper');
	expect(await print('opened')).toBe('cover-open');
	expect(await print('gone')).toBe('no-answer');
	expect(await print('dying')).toBe('no-answer');
	expect([empty.received(), opened.received()].map(({ length }) => length)).toEqual([6, 6]);
});
