/** Making a shop and letting tills in, over real HTTP: who may, who may not, and what a lost answer or a crash leaves. */
import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { peerIdOfSeed } from '#adapters/lan-libp2p/network-key.ts';
import type { Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { IntentKey } from '#schemas/ids.ts';
import { MANAGER_RIGHTS, SELLING_RIGHTS } from '#schemas/rights.ts';
import { enrolProofText, type Enrolled } from '#schemas/wire/enrolment.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { startHub, type Hub } from '#server/hub-process.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../support/free-port.ts';

const open = new Set<Hub>();
afterEach(async () => {
	for (const hub of open) await hub.close();
	open.clear();
});
const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-enrol-'));
const deps = (path: string, port = 0) => ({
	...{ folder: openDataFolder(path, 'hub'), port, host: '127.0.0.1', app: undefined, relay: undefined, log: () => undefined },
});
async function hubAt(path = temporary()): Promise<Hub> {
	const hub = await startHub(deps(path));
	open.add(hub);
	return hub;
}
async function stop(hub: Hub): Promise<void> {
	open.delete(hub);
	await hub.close();
}

interface Asked {
	readonly status: number;
	readonly text: string;
	readonly json: { readonly error?: string } & Partial<Enrolled>;
}

/** With headers that `fetch` would not send. */
function ask(
	{ port }: { readonly port: number },
	method: string,
	path: string,
	headers: Readonly<Record<string, string>> = {},
	body?: unknown,
): Promise<Asked> {
	return new Promise((resolve, reject) => {
		const sent = request(
			{ host: '127.0.0.1', port, method, path, headers: { host: `localhost:${port}`, 'content-type': 'application/json', ...headers } },
			(response) => {
				let text = '';
				response.on('data', (chunk: Buffer) => (text += chunk.toString()));
				response.on('end', () => {
					resolve({ status: response.statusCode ?? 0, text, json: text.startsWith('{') ? (JSON.parse(text) as Asked['json']) : {} });
				});
			},
		);
		sent.on('error', reject);
		sent.end(body === undefined ? undefined : JSON.stringify(body));
	});
}

interface Device {
	readonly signer: Signer;
	readonly peer: string;
}
const newDevice = async (): Promise<Device> => ({
	signer: await signerOf(await generateSigningKey(false)),
	peer: await peerIdOfSeed(crypto.getRandomValues(new Uint8Array(32))),
});
async function proofOf(hub: { readonly port: number }, { signer, peer }: Device, knownNonce?: string) {
	const nonce = knownNonce ?? (JSON.parse((await ask(hub, 'GET', '/enrol/nonce')).text) as { nonce: string }).nonce;
	return { device: signer.device, peer, nonce, proof: hexOf(await signer.sign(new TextEncoder().encode(enrolProofText(peer, nonce)))) };
}
const ELSEWHERE = { host: 'shop.example:4400' };
const SHOP = {
	...{ storeName: 'Corner shop', branchName: 'High Street', currency: { code: 'GBP', digits: 2 }, timeZone: 'Europe/London' },
	taxRates: [{ id: 'standard', name: 'Standard', percentMilli: 20_000 }],
};
const claim = async (hub: Hub, device: Device, more: object = {}, headers = {}): Promise<Asked> =>
	ask(hub, 'POST', '/enrol/claim', headers, { ...(await proofOf(hub, device)), kind: 'new', shop: SHOP, ...more });
const joinWith = async (hub: Hub, device: Device, code: string, more: object = {}): Promise<Asked> =>
	ask(hub, 'POST', '/enrol/join', {}, { ...(await proofOf(hub, device)), code, ...more });

describe('a claim', () => {
	test('from this machine makes a shop once; whoever asks later is told to join', async () => {
		const hub = await hubAt();
		const [first, second] = [await newDevice(), await newDevice()];
		const [one, other] = await Promise.all([claim(hub, first), claim(hub, second)]);
		expect([one.status, other.status].sort()).toEqual([200, 409]);
		expect((await claim(hub, await newDevice())).status).toBe(409);
		expect(hub.shop()?.branch.ledger.state.settings.value('storeName')).toBe('Corner shop');
	});

	test('from another machine needs the code of the terminal; a wrong one is told, and five kill it', async () => {
		const hub = await hubAt();
		const device = await newDevice();
		expect(await claim(hub, device, {}, ELSEWHERE)).toMatchObject({
			status: 403,
			json: { error: expect.stringContaining('another machine') as string },
		});
		const code = hub.code();
		for (let n = 0; n < 5; n += 1) expect((await claim(hub, device, { claimCode: 'AAAA-AAAA' }, ELSEWHERE)).status).toBe(403);
		expect((await claim(hub, device, { claimCode: code }, ELSEWHERE)).status).toBe(403);
		expect(hub.shop()).toBeUndefined();
		expect((await claim(hub, device, { claimCode: hub.code().toLowerCase() }, ELSEWHERE)).status).toBe(200);
	});

	test.each([
		['through a proxy', { 'x-forwarded-for': '127.0.0.1' }],
		['by a page of another site', { origin: 'http://evil.example' }],
		['under a name that was made to resolve here', { host: 'evil.example' }],
	])('%s is not from this machine', async (_, headers) => {
		const hub = await hubAt();
		expect((await claim(hub, await newDevice(), {}, headers)).status).toBe(403);
		expect(hub.shop()).toBeUndefined();
	});

	test.each([
		['no shop', { shop: undefined }],
		['two tax rates of one name', { shop: { ...SHOP, taxRates: [SHOP.taxRates[0], SHOP.taxRates[0]] } }],
		['a time zone that is none', { shop: { ...SHOP, timeZone: 'Mars/Olympus' } }],
		['a field too many', { rights: ['everything'] }],
		['no name', { shop: { ...SHOP, storeName: '' } }],
	])('with %s is refused before anything is made, and the next one works', async (_, more) => {
		const path = temporary();
		const hub = await hubAt(path);
		const device = await newDevice();
		expect((await claim(hub, device, more)).status).toBe(400);
		expect(hub.shop()).toBeUndefined();
		expect((await claim(hub, device)).status).toBe(200);
	});

	test('whose answer was lost is answered again with the same number and certificate', async () => {
		const hub = await hubAt();
		const device = await newDevice();
		const first = await claim(hub, device);
		const again = await claim(hub, device);
		expect(again).toMatchObject({ status: 200, json: { till: first.json.till, chain: first.json.chain, branch: first.json.branch } });
	});

	test('while a hub that has a shop reads its disk makes no second one', async () => {
		const path = temporary();
		const before = await hubAt(path);
		const device = await newDevice();
		expect((await claim(before, device, { kind: 'demo', shop: undefined })).status).toBe(200);
		const { store, branch } = before.shop()?.file ?? {};
		await stop(before);
		const port = await freePort();
		let isUp = false;
		const starting = startHub(deps(path, port)).then((hub) => {
			open.add(hub);
			isUp = true;
			return hub;
		});
		const statuses = new Set<number>();
		do {
			const answer = await proofOf({ port }, await newDevice())
				.then((proof) => ask({ port }, 'POST', '/enrol/claim', {}, { ...proof, kind: 'demo' }))
				.catch(() => undefined);
			if (answer !== undefined) statuses.add(answer.status);
			else await new Promise((resolve) => setTimeout(resolve, 2));
		} while (!isUp);
		const hub = await starting;
		expect([...statuses].filter((status) => ![503, 409, 429].includes(status))).toEqual([]);
		expect(hub.shop()?.file).toMatchObject({ store, branch });
		expect(hub.shop()?.branch.ledger.state.products.size).toBe(205);
	});
});

describe('the join code', () => {
	test('is told to this machine only', async () => {
		const hub = await hubAt();
		expect((await ask(hub, 'GET', '/join-code')).status).toBe(409);
		await claim(hub, await newDevice());
		const shown = await ask(hub, 'GET', '/join-code');
		expect(shown).toMatchObject({ status: 200, text: `${hub.code()}\n` });
		for (const headers of [
			ELSEWHERE,
			{ origin: 'http://evil.example' },
			{ 'x-forwarded-for': '127.0.0.1' },
			{ forwarded: 'for=127.0.0.1' },
			{ 'sec-fetch-site': 'cross-site' },
			{ 'sec-fetch-site': 'same-site' },
		]) {
			const refused = await ask(hub, 'GET', '/join-code', headers);
			expect(refused.status, JSON.stringify(headers)).toBe(403);
			expect(refused.text).not.toContain(hub.code());
		}
	});

	test('lets one till in, once', async () => {
		const hub = await hubAt();
		await claim(hub, await newDevice());
		const code = hub.code();
		expect(await joinWith(hub, await newDevice(), code)).toMatchObject({ status: 200, json: { till: 2 } });
		expect((await joinWith(hub, await newDevice(), code)).status).toBe(403);
	});

	test('lets in a till for selling; a manager’s till takes a code of its own, and the till that made the shop is one', async () => {
		const hub = await hubAt();
		const [maker, plain, managers] = [await newDevice(), await newDevice(), await newDevice()];
		await claim(hub, maker);
		const asked = await ask(hub, 'GET', '/join-code?till=manager');
		expect(await joinWith(hub, plain, hub.code(), { rights: ['revoke'] })).toMatchObject({ status: 400 });
		await joinWith(hub, plain, hub.code());
		expect(await joinWith(hub, managers, asked.text.trim())).toMatchObject({ status: 200, json: { till: 3 } });
		const rightsOf = ({ signer }: Device): readonly string[] | undefined => hub.shop()?.branch.ledger.state.devices.get(signer.device)?.rights;
		expect([maker, plain, managers].map(rightsOf)).toEqual([MANAGER_RIGHTS, SELLING_RIGHTS, MANAGER_RIGHTS]);
		expect(['revoke', 'enrol', 'declare-lost'].filter((right) => rightsOf(plain)?.includes(right))).toEqual([]);
		expect((await joinWith(hub, await newDevice(), asked.text.trim())).status).toBe(403);
	});

	test('of a manager’s till dies of the same five wrong tries', async () => {
		const hub = await hubAt();
		await claim(hub, await newDevice());
		const code = (await ask(hub, 'GET', '/join-code?till=manager')).text.trim();
		const device = await newDevice();
		for (let n = 1; n <= 5; n += 1) await joinWith(hub, device, 'AAAA-AAAA');
		expect((await joinWith(hub, device, code)).status).toBe(403);
	});

	test('dies after five wrong tries', async () => {
		const hub = await hubAt();
		await claim(hub, await newDevice());
		const code = hub.code();
		const device = await newDevice();
		for (let n = 1; n <= 5; n += 1) expect((await joinWith(hub, device, 'AAAA-AAAA')).json.error).toMatch(n === 5 ? /five times/ : /not the code/);
		expect((await joinWith(hub, device, code)).status).toBe(403);
		expect(hub.code()).not.toBe(code);
		expect((await joinWith(hub, device, hub.code())).status).toBe(200);
	});

	test('is of no use before there is a shop, nor is the claim code afterwards', async () => {
		const hub = await hubAt();
		const claimCode = hub.code();
		expect((await joinWith(hub, await newDevice(), claimCode)).status).toBe(409);
		await claim(hub, await newDevice());
		expect((await joinWith(hub, await newDevice(), claimCode)).status).toBe(403);
	});
});

describe('a till that joins', () => {
	test('proves its key, under a nonce of this hub, once', async () => {
		const hub = await hubAt();
		await claim(hub, await newDevice());
		const [device, other] = [await newDevice(), await newDevice()];
		const code = hub.code();
		for (const wrong of [{ device: other.signer.device }, { peer: other.peer }, { nonce: 'ab'.repeat(16) }, { proof: 'ab'.repeat(64) }])
			expect((await joinWith(hub, device, code, wrong)).status, JSON.stringify(wrong)).toBe(403);
		const proof = await proofOf(hub, device);
		// What proves nothing spends nothing.
		expect((await ask(hub, 'POST', '/enrol/join', {}, { ...proof, proof: 'ab'.repeat(64), code })).status).toBe(403);
		expect((await ask(hub, 'POST', '/enrol/join', {}, { ...proof, code })).status).toBe(200);
		expect((await ask(hub, 'POST', '/enrol/join', {}, { ...proof, code })).json.error).toMatch(/prove/);
		expect(hub.code()).not.toBe(code);
	});

	test('at the same moment as another one gets a number of its own', async () => {
		const hub = await hubAt();
		await claim(hub, await newDevice());
		const answers: Asked[] = [];
		await Promise.all(
			[1, 2, 3, 4, 5].map(async () => {
				const device = await newDevice();
				for (;;) {
					const answer = await joinWith(hub, device, hub.code());
					if (answer.status !== 200) continue;
					answers.push(answer);
					return;
				}
			}),
		);
		expect(answers.map(({ json }) => json.till).sort()).toEqual([2, 3, 4, 5, 6]);
		expect(new Set(answers.map(({ json }) => json.chain)).size).toBe(5);
	});

	test('that lost the answer asks again, even twice at once and after a restart, and gets the same', async () => {
		const path = temporary();
		const hub = await hubAt(path);
		await claim(hub, await newDevice());
		const device = await newDevice();
		const code = hub.code();
		const [first, twin] = await Promise.all([joinWith(hub, device, code), joinWith(hub, device, code)]);
		const given = [first, twin].find(({ status }) => status === 200);
		expect(given?.json.till).toBe(2);
		for (const { status, json } of [first, twin]) if (status === 200) expect(json.chain).toBe(given?.json.chain);
		expect(await joinWith(hub, device, 'long spent')).toMatchObject({ status: 200, json: { till: 2, chain: given?.json.chain } });
		await stop(hub);
		const again = await hubAt(path);
		expect(await joinWith(again, device, 'long spent')).toMatchObject({ status: 200, json: { till: 2, chain: given?.json.chain } });
		expect(await joinWith(again, await newDevice(), again.code())).toMatchObject({ status: 200, json: { till: 3 } });
	});

	test('under the network key of another device is refused', async () => {
		const hub = await hubAt();
		const owner = await newDevice();
		await claim(hub, owner);
		const info = JSON.parse((await ask(hub, 'GET', '/hub.json')).text) as { peer: string };
		for (const peer of [owner.peer, info.peer]) {
			const thief = { ...(await newDevice()), peer };
			expect(await joinWith(hub, thief, hub.code())).toMatchObject({
				status: 403,
				json: { error: expect.stringContaining('network key') as string },
			});
		}
	});

	test('after it was removed is told what to do, and no number is given twice', async () => {
		const hub = await hubAt();
		await claim(hub, await newDevice());
		const device = await newDevice();
		expect((await joinWith(hub, device, hub.code())).json.till).toBe(2);
		const removed = await hub
			.shop()
			?.branch.writer?.till.perform({ intent: 'revoke-device', device: device.signer.device, reason: 'sold' }, 'remove-it' as IntentKey);
		expect(removed).toHaveProperty('entry');
		expect(await joinWith(hub, device, hub.code())).toMatchObject({ status: 403, json: { error: expect.stringContaining('removed') as string } });
		expect((await joinWith(hub, await newDevice(), hub.code())).json.till).toBe(3);
	});
});

test('a script that tries codes gets no further than sixty a minute', async () => {
	const hub = await hubAt();
	const statuses: number[] = [];
	for (let n = 0; n < 61; n += 1) statuses.push((await ask(hub, 'POST', '/enrol/join', {}, {})).status);
	expect(new Set(statuses.slice(0, 60))).toEqual(new Set([400]));
	expect(statuses[60]).toBe(429);
});
