/** A till that reaches nobody, and its journal, carried to the hub's own machine as a file. Real hub, real till, real HTTP. */
import { afterEach, expect, test } from 'vitest';
import { encodeJournal } from '#engine/journal-file.ts';
import { JOURNAL_PATH, journalBrought, type JournalBrought } from '#schemas/wire/journal-brought.ts';
import type { HeadlessTill } from '#server/headless-till.ts';
import type { Hub } from '#server/hub-process.ts';
import * as v from 'valibot';
import { hubAt, sellBread, temporaryFolder, tillThatClaims } from '../support/relay-and-shop.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).toReversed()) await one.close();
});

async function opened<One extends { close(): Promise<void> }>(opening: Promise<One>): Promise<One> {
	const one = await opening;
	open.push(one);
	return one;
}

/** Of the till that has this number at the hub. */
async function journalOf({ number, branch: { verifier, writer } }: HeadlessTill, hub: Hub): Promise<Uint8Array<ArrayBuffer>> {
	const { file, branch } = hub.shop() ?? {};
	const device = [...(branch?.ledger.state.devices ?? [])].find(([, { till }]) => till === number)?.[0];
	if (file === undefined || device === undefined || writer === undefined) throw new Error('no till of this shop');
	const sealed = await writer.vault.ownEntries('branch', 1, 1_000);
	const head = { store: file.store, branch: file.branch, device, savedAtMs: 1 };
	return new Uint8Array(encodeJournal({ ...head, chains: [verifier.chainOf(device) ?? []].flat(), sealed }));
}

function bring({ port }: Hub, file: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
	return fetch(`http://127.0.0.1:${port}${JOURNAL_PATH}`, {
		...{ method: 'POST', body: file, headers: { 'content-type': 'application/octet-stream', ...headers } },
	});
}

async function brought(answer: Response): Promise<JournalBrought> {
	expect(answer.status).toBe(200);
	return v.parse(journalBrought, await answer.json());
}

test('what a till sold alone is at the hub once its journal was brought there, and once more changes nothing', async () => {
	const hub = await opened(hubAt(temporaryFolder(), undefined));
	const till = await opened(tillThatClaims(`http://127.0.0.1:${hub.port}`));
	await till.lan.stop();
	await sellBread(till);
	await sellBread(till);
	const file = await journalOf(till, hub);
	const first = await brought(await bring(hub, file));
	expect(first).toMatchObject({ added: 2, refused: 0, code: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/) as string });
	expect(hub.shop()?.branch.ledger.state.sales.size).toBe(2);
	expect(await brought(await bring(hub, file))).toEqual({ added: 0, known: first.added + first.known, refused: 0, code: first.code });
	// As `--journal` of the hub's start has it.
	expect(await hub.bringIn(file)).toMatchObject({ added: 0, code: first.code });
	expect(await hub.bringIn(new Uint8Array(3))).toEqual({ refused: expect.stringContaining('This is no journal of a till') as string });
});

test('1: rubbish, another shop’s, and whatever another machine sends is refused with what to do', async () => {
	const hub = await opened(hubAt(temporaryFolder(), undefined));
	const elsewhere = await opened(hubAt(temporaryFolder(), undefined));
	const [till, other] = [
		await opened(tillThatClaims(`http://127.0.0.1:${hub.port}`)),
		await opened(tillThatClaims(`http://127.0.0.1:${elsewhere.port}`)),
	];
	const refusals = [
		await bring(hub, new Uint8Array([1, 2, 3])),
		await bring(hub, await journalOf(other, elsewhere)),
		await bring(hub, await journalOf(till, hub), { 'x-forwarded-for': '192.168.1.9' }),
		await bring(hub, await journalOf(till, hub), { origin: 'http://elsewhere.example' }),
	];
	expect(await Promise.all(refusals.map(async (one) => [one.status, ((await one.json()) as { why: string }).why]))).toEqual([
		[400, 'journal-unreadable'],
		[400, 'journal-of-another-shop'],
		[403, 'another-machine'],
		[403, 'another-machine'],
	]);
});

test('2: a hub without a shop takes none', async () => {
	const hub = await opened(hubAt(temporaryFolder(), undefined));
	const answer = await bring(hub, new Uint8Array(1));
	expect([answer.status, ((await answer.json()) as { why: string }).why]).toEqual([409, 'no-shop']);
});
