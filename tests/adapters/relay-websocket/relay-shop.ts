/** A real relay on loopback, real hubs that link to it, and raw sockets for those who mean no good. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from 'cborg';
import { WebSocket } from 'ws';
import { createSystemTimers, systemClock, systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createDigest, generateSigningKey, signerOf } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { createRelayLink, type RelayNetworkLink } from '#adapters/relay-websocket/relay-link.ts';
import { issueCertificate } from '#engine/certify.ts';
import type { Signer } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { BranchId, IntentKey } from '#schemas/ids.ts';
import { HUB_RIGHTS } from '#schemas/rights.ts';
import { admissionText, type Admission } from '#schemas/wire/relay-admission.ts';
import { openSqliteBranch, openOwn } from '#server/storage/storage-sqlite.ts';
import { openBranch, type Branch, type BranchDeps } from '#server/branch.ts';
import { openDataFolder } from '#server/data-folder.ts';
import { furnishShop, type ShopFile } from '#server/enrolment/shop.ts';
import { startRelay, type Relay, type RelayDeps } from '#server/relay-process.ts';
import { openSealingShop, type SealingShop } from '../../support/sealing-till.ts';

const KEEPS_ITS_KEYS: NonNullable<BranchDeps['own']>['renewal'] = {
	nextKeys: () => Promise.reject(new Error('this hub takes no new keys')),
	keep: () => Promise.resolve('not-owner'),
};

/** A hub that was let in just now waits for nobody to say what it once wrote. */
const HAS_NO_PAST = { past: 'none' } as const;

const temporary = (): string => mkdtempSync(join(tmpdir(), 'holdfast-relay-'));
export const newSigner = async (): Promise<Signer> => signerOf(await generateSigningKey(false));

export function relayAt(
	path = temporary(),
	port = 0,
	mostBranches = 8,
	more: Partial<Pick<RelayDeps, 'restAfterMs' | 'stores' | 'log'>> = {},
): Promise<Relay> {
	const parts = { port, host: '127.0.0.1', name: 'test', mostBranches, log: () => undefined };
	return startRelay({ folder: openDataFolder(path, 'relay'), ...parts, ...more });
}

export interface LinkedHub {
	readonly shop: SealingShop;
	readonly branch: Branch;
	readonly link: RelayNetworkLink;
	rename(storeName: string): Promise<void>;
	close(): Promise<void>;
}

/** A shop with its hub, which writes to its own disk and links to `url`. */
export async function hubOf(url: string, storeName: string): Promise<LinkedHub> {
	const shop = await openSealingShop();
	const timers = createSystemTimers((error) => {
		throw error as Error;
	});
	const repoPeer = peerOf(shop.hub);
	const parts = { clock: systemClock, timers, store: shop.store, branch: shop.branch, repoPeer };
	const link = createRelayLink({ ...parts, url: () => url, signer: shop.hub, chain: shop.hubChain });
	const folder = temporary();
	const branch = await openBranch({
		...{ ...parts, storage: openSqliteBranch(folder), genesis: { store: shop.store, root: shop.root.device }, network: [link.network] },
		...{
			own: { signer: shop.hub, chain: shop.hubChain, ...openOwn(folder), tillNumber: 0, ...HAS_NO_PAST, renewal: KEEPS_ITS_KEYS },
			issues: { tier: 'host', signer: shop.hub } as const,
		},
		...{ digest: createDigest(), random: systemRandom },
	});
	const currency = { code: 'GBP', digits: 2 } as const;
	const plan = {
		storeName,
		branchName: 'High Street',
		currency,
		taxRates: [{ id: 'standard', name: 'Standard', percentMilli: 20_000 }],
		timeZone: 'Europe/London',
	};
	const file = { store: shop.store, branch: shop.branch, root: shop.root.device, chain: hexOf(shop.hubChain), made: { kind: 'new', shop: plan } };
	await furnishShop(file as ShopFile, branch, shop.hub);
	branch.replica.setConnected(new Set([shop.hub.device]));
	let count = 0;
	return {
		...{ shop, branch, link },
		async rename(value) {
			const done = await branch.writer?.till.perform(
				{ intent: 'change-setting', setting: { name: 'storeName', value } },
				`rename-${(count += 1)}` as never,
			);
			if (done === undefined || !('entry' in done)) throw new Error(JSON.stringify(done));
		},
		async close() {
			await link.stop();
			await branch.close();
		},
	};
}

/** A hub of another branch of the same store, which the root certified: it writes that it is there, and links to `url`. */
export async function otherBranchOf(url: string, { shop }: LinkedHub, branchOf: BranchId): Promise<LinkedHub> {
	const hub = await newSigner();
	const timers = createSystemTimers((error) => {
		throw error as Error;
	});
	const certificate = shop.certificate(hub, {
		...{ role: 'hub', name: 'Hub of the harbour', rights: [...HUB_RIGHTS], issuer: shop.root.device, branch: branchOf },
	});
	const chain = await issueCertificate(certificate, shop.root);
	const parts = { clock: systemClock, timers, store: shop.store, branch: branchOf, repoPeer: peerOf(hub) };
	const link = createRelayLink({ ...parts, url: () => url, signer: hub, chain });
	const folder = temporary();
	const branch = await openBranch({
		...{ ...parts, storage: openSqliteBranch(folder), genesis: { store: shop.store, root: shop.root.device }, network: [link.network] },
		...{
			own: { signer: hub, chain, ...openOwn(folder), tillNumber: 0, ...HAS_NO_PAST, renewal: KEEPS_ITS_KEYS },
			issues: { tier: 'host', signer: hub } as const,
			digest: createDigest(),
			random: systemRandom,
		},
	});
	const { name, role, rights } = certificate;
	await branch.writer?.commit({
		key: 'harbour-opens' as IntentKey,
		decide: () => ({
			branch: [],
			store: [{ type: 'device.enrolled', v: 1, device: hub.device, chain: hexOf(chain), name, role, rights: [...rights], branch: branchOf }],
			takesReceipt: false,
		}),
	});
	branch.replica.setConnected(new Set([hub.device]));
	return {
		...{ shop, branch, link },
		rename: () => Promise.reject(new Error('not of this branch')),
		async close() {
			await link.stop();
			await branch.close();
		},
	};
}

export const peerOf = ({ device }: Signer): string => `peer-of-${device.slice(0, 16)}`;

export async function challengeOf({ port }: { readonly port: number }): Promise<string> {
	return ((await (await fetch(`http://127.0.0.1:${port}/relay/challenge`)).json()) as { nonce: string }).nonce;
}

/** A device that the shop's hub let in, and what it would say at the upgrade. */
export async function memberOf(
	shop: SealingShop,
	changes: Partial<Certificate> = {},
): Promise<{ readonly signer: Signer; readonly chain: Uint8Array }> {
	const signer = await newSigner();
	return { signer, chain: await issueCertificate(shop.certificate(signer, changes), shop.hub, shop.hubChain) };
}

/** A device that the root certified as a second hub. */
export async function secondHubOf(shop: SealingShop): Promise<{ readonly signer: Signer; readonly chain: Uint8Array }> {
	const signer = await newSigner();
	const certificate = shop.certificate(signer, { role: 'hub', name: 'Hub 2', rights: [...HUB_RIGHTS], issuer: shop.root.device });
	return { signer, chain: await issueCertificate(certificate, shop.root) };
}

export async function admissionOf(
	{ port }: { readonly port: number },
	shop: Pick<SealingShop, 'store' | 'branch'>,
	{ signer, chain }: { readonly signer: Signer; readonly chain: Uint8Array },
	changes: Partial<Admission> = {},
): Promise<Admission> {
	const repoPeer = changes.repoPeer ?? peerOf(signer);
	const nonce = changes.nonce ?? (await challengeOf({ port }));
	const proof = hexOf(await signer.sign(new TextEncoder().encode(admissionText(nonce, repoPeer))));
	return { ...{ store: shop.store, branch: shop.branch, device: signer.device, repoPeer, nonce, proof, chain: hexOf(chain) }, ...changes };
}

export interface RawSocket {
	/** Closed, refused or ended, with the reason. */
	readonly ended: Promise<string>;
	/** What came, decoded. */
	readonly heard: unknown[];
	send(message: unknown): void;
	sendBytes(bytes: Uint8Array | string): void;
	close(): void;
}

/** Resolves when the socket is open, or rejects with the relay's status and sentence. */
export function knock({ port }: { readonly port: number }, query: Readonly<Record<string, string>>): Promise<RawSocket> {
	const socket = new WebSocket(`ws://127.0.0.1:${port}/relay?${new URLSearchParams(query).toString()}`);
	const heard: unknown[] = [];
	const ended = new Promise<string>((resolve) => {
		socket.on('close', (code, reason) => {
			resolve(`${code} ${reason.toString()}`);
		});
	});
	socket.on('message', (data: Buffer) => heard.push(decode(new Uint8Array(data))));
	const raw: RawSocket = {
		...{ ended, heard },
		send: (message) => {
			socket.send(encode(message));
		},
		sendBytes: (bytes) => {
			socket.send(bytes);
		},
		close: () => {
			socket.terminate();
		},
	};
	return new Promise((resolve, reject) => {
		socket.on('open', () => {
			resolve(raw);
		});
		socket.on('error', reject);
		socket.on('unexpected-response', (_, response) => {
			let text = '';
			response.on('data', (chunk: Buffer) => (text += chunk.toString()));
			response.on('end', () => {
				reject(new Error(`${response.statusCode ?? 0} ${text}`));
			});
		});
	});
}
