/** A hub that listens by webrtc-direct: its setup code leads a till to it that knows nothing else of it, and goes on doing so after a restart. */
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { directAddress } from '#adapters/lan-libp2p/addresses.ts';
import { visitHub, type Visit } from '#adapters/lan-libp2p/enrolment.ts';
import { peerIdOfSeed } from '#adapters/lan-libp2p/network-key.ts';
import { readSetupCode } from '#core/setup-code.ts';
import type { Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import { enrolProofText, hubInfo, type HubInfo, type JoinRequest } from '#schemas/wire/enrolment.ts';
import type { SetupCode } from '#schemas/wire/setup-code.ts';
import { openDataFolder, type DataFolder } from '#server/data-folder.ts';
import { startHeadlessTill } from '#server/headless-till.ts';
import { startHub, type Hub, type HubDeps } from '#server/hub-process.ts';
import { makeAuthority, makeServerCertificate } from '#server/tls/certificates.ts';
import * as v from 'valibot';
import { freeUdpPort } from '../support/free-port.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await one.close();
});
const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-direct-'));

const deps = (folder: DataFolder, direct: HubDeps['direct'] = { port: 0 }): HubDeps => ({
	...{ folder, port: 0, host: '127.0.0.1', app: undefined, relay: undefined, log: () => undefined, direct },
});

async function hubAt(path: string, direct?: HubDeps['direct']): Promise<Hub> {
	const hub = await startHub(deps(openDataFolder(path, 'hub'), direct));
	open.push(hub);
	return hub;
}

async function stop(hub: Hub): Promise<void> {
	open.splice(open.indexOf(hub), 1);
	await hub.close();
}

/** The first till makes the shop, from the hub's own machine. */
async function claimed(hub: Hub): Promise<void> {
	open.push(
		await startHeadlessTill({ hub: `http://localhost:${hub.port}`, folder: temporary(), claim: { kind: 'demo' }, onProblem: () => undefined }),
	);
}

function codeOf(hub: Hub): SetupCode {
	const read = readSetupCode(hub.setupCode() ?? '');
	if ('refused' in read) throw new Error(read.refused);
	return read;
}

async function infoOf({ port }: Hub): Promise<HubInfo> {
	return v.parse(hubInfo, await (await fetch(`http://localhost:${port}/hub.json`)).json());
}

interface Visitor {
	readonly visit: Visit;
	readonly peer: string;
	readonly signer: Signer;
	request(code: string): Promise<JoinRequest>;
}

async function visitor({ doors, certhash, peer: hubPeer }: SetupCode): Promise<Visitor> {
	const seed = crypto.getRandomValues(new Uint8Array(32));
	const signer = await signerOf(await generateSigningKey(true));
	const peer = await peerIdOfSeed(seed);
	const visit = await visitHub(
		seed,
		doors.map((door) => directAddress({ ...door, certhash, peer: hubPeer })),
	);
	open.push(visit);
	return {
		...{ visit, peer, signer },
		async request(code) {
			const proof = hexOf(await signer.sign(new TextEncoder().encode(enrolProofText(peer, visit.nonce))));
			return { device: signer.device, peer, nonce: visit.nonce, proof, code };
		},
	};
}

test('an unclaimed hub has no setup code; a claimed one lets a till in that knows nothing but it, once', async () => {
	const hub = await hubAt(temporary());
	expect(hub.setupCode()).toBeUndefined();
	expect((await infoOf(hub)).multiaddrs.some((address) => address.includes('webrtc-direct'))).toBe(false);
	await claimed(hub);
	const said = await fetch(`http://localhost:${hub.port}/setup-code`);
	expect((await said.text()).trim()).toBe(hub.setupCode());
	const code = codeOf(hub);
	expect(code.code).toBe(hub.code());
	expect((await infoOf(hub)).multiaddrs).toContain(
		directAddress({ ...(code.doors[0] ?? { host: '', port: 0 }), certhash: code.certhash, peer: code.peer }),
	);

	const first = await visitor(code);
	expect(first.visit.info).toMatchObject({ claimed: true, local: false, peer: code.peer, storeName: 'Tidewater Stores' });
	expect(await first.visit.join(await first.request('AAAA-AAAA'))).toMatchObject({ why: 'wrong-code' });
	// The nonce is spent with the first try.
	expect(await first.visit.join(await first.request(code.code))).toMatchObject({ why: 'not-proven' });
	const again = await visitor(code);
	const request = await again.request(code.code);
	const stolen = { ...request, proof: '0'.repeat(128) };
	expect(await (await visitor(code)).visit.join(stolen)).toMatchObject({ why: 'other-key' });
	expect(await again.visit.join(request)).toMatchObject({ enrolled: { till: 2, store: again.visit.info.store } });
	expect(hub.shop()?.branch.ledger.state.devices.get(again.signer.device)?.standing).toBe('active');
	// A code is used once: the hub shows another one now.
	expect(hub.setupCode()).not.toContain(code.code);
	const late = await visitor(code);
	expect(await late.visit.join(await late.request(code.code))).toMatchObject({ why: 'wrong-code' });
});

test('the hash of its certificate is the same after a restart, and a damaged certificate is said, not replaced', async () => {
	const path = temporary();
	const first = await hubAt(path);
	await claimed(first);
	const before = codeOf(first);
	await (open.pop() as { close(): Promise<void> }).close();
	await stop(first);
	const second = await hubAt(path);
	expect(codeOf(second)).toMatchObject({ peer: before.peer, certhash: before.certhash });
	await stop(second);

	const file = join(path, 'direct-certificate.json');
	const { certificate } = JSON.parse(readFileSync(file, 'utf8')) as { certificate: string };
	const other = (await makeAuthority('Other', Date.now())).key;
	for (const damage of ['{', '{}', JSON.stringify({ certificate, key: other })]) {
		writeFileSync(file, damage);
		const folder = openDataFolder(path, 'hub');
		await expect(startHub(deps(folder))).rejects.toThrow(/certificate for webrtc-direct, direct-certificate.json in .*, is damaged/);
		folder.release();
	}
});

test('the address of an app makes a link of it; without the door there is no code, and the page says so', async () => {
	const linked = await hubAt(temporary(), { port: await freeUdpPort(), app: 'https://till.example' });
	await claimed(linked);
	expect(linked.setupCode()).toMatch(/^https:\/\/till\.example\/#holdfast:1\//);
	const { direct: _, ...none } = deps(openDataFolder(temporary(), 'hub'));
	const without = await startHub(none);
	open.push(without);
	await claimed(without);
	expect([without.direct, without.setupCode()]).toEqual([undefined, undefined]);
	expect((await fetch(`http://localhost:${without.port}/setup-code`)).status).toBe(409);
	const elsewhere = await fetch(`http://localhost:${linked.port}/setup-code`, { headers: { 'x-forwarded-for': '192.168.1.7' } });
	expect([elsewhere.status, await elsewhere.text()]).toEqual([403, 'The setup code is shown on the hub’s own machine only.\n']);
});

test('a UDP port that is taken is one sentence, and leaves the data folder free', async () => {
	const taken = createSocket('udp4');
	await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve));
	const path = temporary();
	const { port } = taken.address();
	const folder = openDataFolder(path, 'hub');
	const starting = startHub(deps(folder, { port }));
	await expect(starting).rejects.toThrow(
		`UDP port ${port} is taken by another program. Stop that one, or choose another port with --webrtc-port N, or off.`,
	);
	await new Promise<void>((resolve) => taken.close(resolve));
	folder.release();
});

test('https goes on renewing its certificate beside it: libp2p brings another crypto for x509', async () => {
	await import('@libp2p/webrtc');
	const authority = await makeAuthority('Holdfast', Date.now());
	expect((await makeServerCertificate(authority, ['127.0.0.1'], Date.now())).certificate).toContain('BEGIN CERTIFICATE');
});
