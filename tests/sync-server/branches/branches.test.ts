/** A second branch of a shop: its hub is another process, let in by a code over the relay, or by a file without one. Two hubs, one relay, two tills, on loopback. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readBranchAsk } from '#core/branch-code.ts';
import type { Intent, NotElsewhere } from '#core/intent.ts';
import type { FoundElsewhere } from '#engine/receipts-elsewhere.ts';
import { allRows } from '#projections/catalogue.ts';
import { decode, hexOf } from '#schemas/cbor.ts';
import type { TransferId } from '#schemas/facts/transfer-sent.ts';
import type { EntryHash, IntentKey, Sku } from '#schemas/ids.ts';
import { branchAskShown, branchFile, branchOpened, openBranchText, type BranchAskShown, type BranchFile } from '#schemas/wire/branch-opening.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { openIdentity } from '#server/identity.ts';
import * as v from 'valibot';
import { eventually } from '../../support/eventually.ts';
import { sellBread } from '../../support/live-shop.ts';
import { freePort } from '../../support/free-port.ts';
import { entriesOf, joinCodeOf, serve, type Served } from '../../support/shop-processes.ts';

const open: (() => Promise<unknown>)[] = [];
afterAll(async () => {
	for (const close of open.splice(0).reverse()) await close();
});

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-branches-'));

/** Without the built app. */
async function hubAt(relay?: Served, folder = temporary()): Promise<{ readonly url: string }> {
	const relayUrl = relay === undefined ? [] : [relay.url.replace('http', 'ws')];
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'tests/sync-server/hub-child.ts', folder, '0', ...relayUrl], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = new Promise((resolve) => child.once('exit', resolve));
	open.push(async () => {
		child.kill('SIGINT');
		await ended;
	});
	const port = await new Promise<string>((resolve, reject) => {
		child.stdout.on('data', (text: Buffer) => {
			const found = /port (\d+)/.exec(text.toString())?.[1];
			if (found !== undefined) resolve(found);
		});
		child.once('exit', () => {
			reject(new Error('the hub ended'));
		});
	});
	return { url: `http://localhost:${port}` };
}

async function relayAt(): Promise<Served> {
	const relay = await serve('relay', { port: String(await freePort()), data: temporary() });
	open.push(() => relay.stop());
	return relay;
}

interface OpenTill extends HeadlessTill {
	/** What it asks of its hub, under its own key. */
	openBranch(name: string, ask: string): Promise<Response>;
	/** What it posts for that. */
	proven(name: string, ask: string): Promise<object>;
}

async function tillOf({ url }: { readonly url: string }, claims = false): Promise<OpenTill> {
	const folder = temporary();
	const code = claims ? {} : { code: await joinCodeOf({ url }) };
	const till = await startHeadlessTill({
		...{ hub: url, folder, ...code, ...(claims ? { claim: { kind: 'demo' } } : {}) },
		onProblem: (error) => {
			throw error as Error;
		},
	});
	open.push(() => till.close());
	const { signer } = await openIdentity(folder);
	async function proven(name: string, ask: string): Promise<object> {
		const { nonce } = (await (await fetch(`${url}/enrol/nonce`)).json()) as { nonce: string };
		const proof = hexOf(await signer.sign(new TextEncoder().encode(openBranchText({ name, ask, nonce }))));
		return { name, ask, device: signer.device, nonce, proof };
	}
	return { ...till, proven, openBranch: async (name, ask) => post(`${url}/branches/open`, await proven(name, ask)) };
}

function post(url: string, body: object): Promise<Response> {
	return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

async function askShownBy({ url }: { readonly url: string }): Promise<BranchAskShown> {
	return v.parse(branchAskShown, await (await fetch(`${url}/branches/ask`)).json());
}

async function isOpen({ url }: { readonly url: string }): Promise<boolean> {
	return ((await (await fetch(`${url}/hub.json`)).json()) as { storeName?: string }).storeName !== undefined;
}

let keys = 0;
async function perform({ till }: HeadlessTill, intent: Intent): Promise<void> {
	const done = await till.perform(intent, `branches-${(keys += 1)}-of-a-test` as IntentKey);
	if (!('entry' in done)) throw new Error(JSON.stringify(done));
}

/** Of no sale. */
const NOWHERE = { receipt: { till: 9, number: 1 }, entryPrefix: '0'.repeat(16) };

function findElsewhere({ branch }: HeadlessTill, receipt: typeof NOWHERE): Promise<FoundElsewhere | NotElsewhere | undefined> {
	return branch.replica.receiptsElsewhere()?.find(receipt) ?? Promise.resolve(undefined);
}

/** As soon as its branch has told the relay of it. */
async function foundAt(till: HeadlessTill, receipt: typeof NOWHERE): Promise<FoundElsewhere> {
	let found: Awaited<ReturnType<typeof findElsewhere>>;
	await eventually(async () => typeof (found = await findElsewhere(till, receipt)) === 'object', 'the receipt is found');
	if (typeof found !== 'object') throw new Error(`not found: ${String(found)}`);
	return found;
}

const BREAD = {
	sku: 'BREAD-OF-THE-TEST' as Sku,
	fields: { name: 'Bread', category: '', unit: 'each' as const, gtins: [], taxRate: 'standard', tracked: true },
	unitPriceE4: 25_000,
	openingMilli: 10_000,
};

test.concurrent('a till’s proof is good once, and is not used up by what proves nothing', async () => {
	const hub = await hubAt();
	const asked = await (await tillOf(hub, true)).proven('Harbour', 'no code');
	const answers: number[] = [];
	for (const body of [{ ...asked, proof: 'ab'.repeat(64) }, asked, asked]) answers.push((await post(`${hub.url}/branches/open`, body)).status);
	expect(answers).toEqual([403, 400, 403]);
});

test.concurrent(
	'a code that a new hub shows, typed at a till, makes it a branch: its goods, its keys, its own receipts, and goods on their way',
	async () => {
		const relay = await relayAt();
		const [high, harbour] = [await hubAt(relay), await hubAt(relay)];
		const first = await tillOf(high, true);
		await perform(first, { intent: 'create-products', products: [BREAD] });
		const ada = await first.branch.keys?.makeCustomer();
		expect(await findElsewhere(first, NOWHERE)).toBe('one-branch');
		const { code } = await askShownBy(harbour);

		const wrong = await first.openBranch('Harbour', 'AAAA-AAAA-AAAA');
		expect([wrong.status, ((await wrong.json()) as { error: string }).error]).toEqual([404, expect.stringContaining('No hub with that code asks')]);
		await eventually(async () => (await first.openBranch('Harbour', code.toLowerCase())).ok, 'the branch is opened');
		const again = v.parse(branchOpened, await (await first.openBranch('Harbour', code)).json());
		await eventually(() => isOpen(harbour), 'the new hub has the shop');
		expect((await fetch(`${harbour.url}/branches/ask`)).status).toBe(409);

		const second = await tillOf(harbour);
		const { ledger } = second.branch;
		expect(ledger.branch).toBe(again.branch);
		await eventually(() => ledger.state.products.get(BREAD.sku)?.price?.value === 25_000, 'the goods of the store');
		expect(ledger.state.settings.value('branchName')).toBe('Harbour');
		expect(first.branch.ledger.state.settings.value('branchName')).not.toBe('Harbour');
		await eventually(
			() => ada !== undefined && second.branch.keys?.customer(ada.customer) !== undefined && second.branch.keys.secrets().length === 1,
			'the keys of the store',
		);
		// And a customer of the new branch is no riddle at the old one, either.
		const ben = await second.branch.keys?.makeCustomer();
		await eventually(() => ben !== undefined && first.branch.keys?.customer(ben.customer) !== undefined, 'a key made at the new branch');

		const sold = await sellBread(second);
		expect(sold.number).toMatch(/^T2-/);

		// Its receipt is brought to the old branch: found there by its code and by no other, given back in parts, and counted where it was sold.
		const receipt = { receipt: sold.receipt, entryPrefix: sold.entry.slice(0, 16) };
		const found = await foundAt(first, receipt);
		expect(await findElsewhere(first, { ...receipt, entryPrefix: NOWHERE.entryPrefix })).toBe('no-such-receipt');
		const giveBack = (sale: typeof found, quantityMilli: number): Intent => ({
			...{ intent: 'refund', sale: sale.entry, elsewhere: sale.sale, tender: 'cash', lines: [{ saleLine: 0, quantityMilli, restock: false }] },
		});
		await perform(first, giveBack(found, 400));
		// What it was told before it gave something back is not all that it knows.
		const tooMuch = await first.till.perform(giveBack(found, 700), 'too-much-of-a-test' as IntentKey);
		expect(tooMuch).toEqual({ refused: 'refund-too-much', line: 0, leftMilli: 600 });
		const saleAtHome = () => ledger.state.sales.get(sold.entry);
		await eventually(() => saleAtHome()?.refundedMilli[0] === 400, 'the refund is claimed where it was sold');
		expect(saleAtHome()?.refundedMinor).toEqual([100]);
		await eventually(async () => (await foundAt(first, receipt)).sale.refunded[0]?.milli === 400, 'who asks again is told');
		await perform(first, giveBack(await foundAt(first, receipt), 600));
		await eventually(() => saleAtHome()?.refundedMinor[0] === 250, 'all of it is given back');
		expect([...first.branch.ledger.state.refunds.values()].map(({ fact }) => fact.totalMinor)).toEqual([100, 150]);

		const transfer = 'bread-for-the-harbour' as TransferId;
		const lines = [{ sku: BREAD.sku, quantityMilli: 4_000 }];
		await perform(first, { intent: 'send-transfer', transfer, to: again.branch, lines });
		await eventually(() => ledger.state.books.transfers.get(transfer) !== undefined, 'goods on their way');
		await perform(second, { intent: 'receive-transfer', transfer, lines });
		await eventually(() => first.branch.ledger.state.books.transfers.get(transfer)?.receipts.length === 1, 'what came');
		expect(first.branch.ledger.state.stock.get(BREAD.sku)?.onHandMilli).toBe(6_000);
		expect(ledger.state.stock.get(BREAD.sku)?.onHandMilli).toBe(4_000);

		// Bread costs less at the harbour, whatever it costs everywhere else meanwhile, until it costs there what it costs everywhere.
		const breadAt = (till: HeadlessTill) => allRows(till.branch.ledger, Date.now()).find(({ sku }) => sku === BREAD.sku);
		const replacesOf = (till: HeadlessTill): readonly EntryHash[] => breadAt(till)?.extras?.ownPrice?.replaces ?? [];
		const edit = { intent: 'edit-product', sku: BREAD.sku, fields: {} } as const;
		await perform(second, { ...edit, ownPriceE4: { value: 20_000, replaces: replacesOf(second) } });
		const cheaper = await sellBread(second, breadAt(second));
		expect(cheaper.fact.lines).toMatchObject([{ sku: BREAD.sku, unitPriceE4: 20_000, price: breadAt(second)?.price, totalMinor: 200 }]);
		await eventually(
			() => first.branch.ledger.state.products.get(BREAD.sku)?.branchPrices?.[0]?.branch === again.branch,
			'the other branch hears of it',
		);
		expect(breadAt(first)).toMatchObject({ unitPriceE4: 25_000 });
		await perform(first, { ...edit, unitPriceE4: { value: 27_000, replaces: breadAt(first)?.replaces.price ?? [] } });
		await eventually(() => breadAt(second)?.extras?.ownPrice?.storeE4 === 27_000, 'what it costs everywhere else');
		expect(breadAt(second)).toMatchObject({ unitPriceE4: 20_000 });
		await perform(second, { ...edit, ownPriceE4: { value: null, replaces: replacesOf(second) } });
		expect([breadAt(first), breadAt(second)]).toMatchObject([{ unitPriceE4: 27_000 }, { unitPriceE4: 27_000 }]);
		expect([...first.branch.ledger.conflicts(), ...ledger.conflicts()].map(({ key }) => key)).toEqual([]);
		// The branch over there sells; here nothing of it is counted.
		expect(first.branch.ledger.state.sales.size).toBe(0);

		// Without the relay nobody can say whether there is such a receipt.
		await relay.kill();
		expect(await findElsewhere(first, receipt)).toBe('unasked');
	},
);

test.concurrent('without a relay a file goes there and a file comes back, and a stranger’s file or another hub’s is refused', async () => {
	const [high, harbour] = [await hubAt(), await hubAt()];
	const first = await tillOf(high, true);
	const { text } = await askShownBy(harbour);
	const ada = await first.branch.keys?.makeCustomer();
	expect((await first.openBranch('Demo', text.slice(0, -9))).status).toBe(400);
	const byCode = await first.openBranch('Harbour', 'AAAA-AAAA-AAAA');
	expect([byCode.status, ((await byCode.json()) as { error: string }).error]).toEqual([404, expect.stringContaining('Take the file')]);
	const ownName = (): string => first.branch.ledger.state.settings.value('branchName') ?? '';
	await eventually(() => ownName() !== '', 'the till knows what its branch is called');
	const taken = await first.openBranch(ownName().toUpperCase(), text);
	expect([taken.status, await taken.json()]).toEqual([409, expect.objectContaining({ why: 'branch-name-taken' })]);
	await eventually(() => first.branch.keys?.secrets().length === 1, 'the hub has told its keys');
	await perform(first, { intent: 'create-products', products: [BREAD] });
	await eventually(async () => (await entriesOf(high)) === first.branch.ledger.size(), 'the hub has it');
	const file = v.parse(branchFile, decode(new Uint8Array(await (await first.openBranch('Harbour', text)).arrayBuffer())));
	const other = readBranchAsk((await askShownBy(await hubAt())).text);
	expect(other?.device).not.toBe(readBranchAsk(text)?.device);

	const take = (part: Partial<BranchFile>): Promise<Response> =>
		post(`${harbour.url}/branches/take`, {
			...(part.answer === undefined ? {} : { answer: part.answer }),
			chains: part.chains ?? [],
			sealed: part.sealed ?? [],
		});
	expect((await take({ answer: { ...file.answer, code: 'AAAA-AAAA-AAAA' } })).status).toBe(403);
	expect((await take({ answer: { ...file.answer, sealed: '00' } })).status).toBe(403);
	expect((await take({ sealed: file.sealed.slice(0, 1) })).status).toBe(409);
	expect((await take({ answer: file.answer, chains: file.chains })).status).toBe(200);
	for (let from = 0; from < file.sealed.length; from += 5) expect((await take({ sealed: file.sealed.slice(from, from + 5) })).status).toBe(200);

	const second = await tillOf(harbour);
	await eventually(() => second.branch.ledger.state.products.has(BREAD.sku), 'the goods of the store came with the file');
	expect(second.branch.ledger.state.settings.value('branchName')).toBe('Harbour');
	await eventually(() => ada !== undefined && second.branch.keys?.customer(ada.customer) !== undefined, 'the customers’ keys');
	expect((await sellBread(second)).number).toMatch(/^T\d-000001$/);
});

test.concurrent('a hub whose disk fails it half way becomes the branch when it is asked once more', async () => {
	const folder = temporary();
	const [high, harbour] = [await hubAt(), await hubAt(undefined, folder)];
	const first = await tillOf(high, true);
	const { text } = await askShownBy(harbour);
	await eventually(() => first.branch.keys?.secrets().length === 1, 'the hub has told its keys');
	const file = v.parse(branchFile, decode(new Uint8Array(await (await first.openBranch('Harbour', text)).arrayBuffer())));
	const take = async (): Promise<number> =>
		(await post(`${harbour.url}/branches/take`, { answer: file.answer, chains: file.chains, sealed: file.sealed })).status;

	const [inTheWayOfTheFile, inTheWayOfTheDatabases] = [join(folder, 'shop.json.new'), join(folder, 'branch')];
	mkdirSync(inTheWayOfTheFile);
	writeFileSync(inTheWayOfTheDatabases, '');
	expect(await take()).toBe(500);
	rmSync(inTheWayOfTheFile, { recursive: true });
	expect(await take()).toBe(500);
	expect((await askShownBy(harbour)).text).toBe(text);
	rmSync(inTheWayOfTheDatabases);
	expect(await take()).toBe(200);
	expect(await isOpen(harbour)).toBe(true);
	expect(await take()).toBe(403);
});
