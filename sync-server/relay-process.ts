/**
 * A relay: the durable record of branches in the cloud. It writes no entry and sells nothing; it keeps what devices bring, and signs what it has.
 *
 * Invariants:
 * 1. A branch comes into being here when a device with a certificate of that store first gets in; strangers make nothing.
 * 2. Stores know nothing of each other: each branch has databases, documents and links of its own. Branches of one store are told what concerns all of it
 *    (`store-share.ts`).
 * 3. What a watermark says is on this disk.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { WebSocketServer, type WebSocket } from 'ws';
import { createSystemTimers, systemClock, systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { admit, createChallenges } from '#adapters/relay-websocket/admit.ts';
import { createRelayDoor, MAX_FRAME_BYTES, type RelayDoor } from '#adapters/relay-websocket/relay-door.ts';
import { decodeChain, encodeChain, rootOfChain } from '#core/entry/certificate.ts';
import { createVerifier } from '#engine/verify.ts';
import type { Certificate } from '#schemas/certificate.ts';
import { branchId, deviceId, storeId, type DeviceId } from '#schemas/ids.ts';
import { PROTOCOL_VERSION } from '#schemas/wire/hello.ts';
import { CHALLENGE_PATH, RELAY_PATH, type Admission, type RelayInfo } from '#schemas/wire/relay-admission.ts';
import { openBranch, type Branch } from './branch.ts';
import type { DataFolder } from './data-folder.ts';
import { closeHttp, createHttp, policyOf, refuseUpgrade } from './http/server.ts';
import { openIdentity } from './identity.ts';
import { createStoreShare } from './store-share.ts';

export interface RelayDeps {
	readonly folder: DataFolder;
	readonly port: number;
	readonly host: string;
	readonly name: string;
	/** Branches that may come into being here. */
	readonly mostBranches: number;
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

export interface Relay {
	readonly port: number;
	readonly device: DeviceId;
	branches(): readonly { readonly store: string; readonly branch: Branch }[];
	close(): Promise<void>;
}

interface OpenBranch {
	readonly branch: Branch;
	readonly door: RelayDoor;
	/** By repo peer, who is linked. */
	readonly devices: Map<string, DeviceId>;
}

const BRANCH_FILE = 'branch.json';
const branchFile = v.strictObject({ store: storeId, branch: branchId, root: deviceId });

export async function startRelay({ folder, port, host, name, mostBranches, log }: RelayDeps): Promise<Relay> {
	const clock = systemClock;
	const random = systemRandom;
	const timers = createSystemTimers((error) => {
		log('timer', { error: String(error) });
	});
	const digest = createNodeDigest();
	const { signer, peer } = await openIdentity(folder.path);
	const challenges = createChallenges({ clock, random });
	const branches = new Map<string, Promise<OpenBranch>>();
	const opened: OpenBranch[] = [];
	const share = createStoreShare({
		timers,
		onFailed: (error) => {
			log('store entries not shared', { error: String(error) });
		},
	});
	const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false, clientTracking: false });

	// ——— branches

	function branchOf({ store, branch }: Pick<Admission, 'store' | 'branch'>, root: DeviceId): Promise<OpenBranch> | undefined {
		const key = `${store}-${branch}`;
		const known = branches.get(key);
		if (known !== undefined) return known;
		if (branches.size >= mostBranches) return undefined;
		const opening = open(key, { store, branch, root });
		branches.set(key, opening);
		opening.catch((error: unknown) => {
			branches.delete(key);
			log('branch not opened', { key, error: String(error) });
		});
		return opening;
	}

	async function open(key: string, file: v.InferOutput<typeof branchFile>): Promise<OpenBranch> {
		const path = join(folder.path, 'branches', key);
		mkdirSync(path, { recursive: true });
		const door = createRelayDoor({ self: peer, clock });
		const branch = await openBranch({
			...{
				folder: path,
				genesis: { store: file.store, root: file.root },
				branch: file.branch,
				repoPeer: peer,
				issues: { tier: 'cloud', signer } as const,
			},
			elsewhere: (other) =>
				opened.find(({ branch: { ledger } }) => ledger.store === file.store && ledger.branch === other)?.branch.replica.stockRows(),
			...{ network: [door.network], digest, clock, timers, random },
		});
		const written = join(path, BRANCH_FILE);
		// Whole or not at all: a torn one would hide the branch at the next start.
		if (branchFileAt(written) === undefined) {
			writeFileSync(`${written}.new`, JSON.stringify(file), { flush: true });
			renameSync(`${written}.new`, written);
		}
		const entry: OpenBranch = { branch, door, devices: new Map() };
		door.onPeers(() => {
			const linked = new Set(door.peers());
			for (const repoPeer of entry.devices.keys()) if (!linked.has(repoPeer)) entry.devices.delete(repoPeer);
			branch.replica.setConnected(new Set(entry.devices.values()));
		});
		branch.replica.onFolded(({ devices }) => {
			if (!devices) return;
			for (const [repoPeer, device] of entry.devices) if (isOut(branch, device)) door.expel(repoPeer, 'this device was removed from the shop');
		});
		let holder: DeviceId | undefined;
		branch.replica.onFindings(() => {
			const { lease } = branch.replica.findings();
			if (lease === undefined || lease.holder === holder) return;
			holder = lease.holder;
			log('holder', { key, device: lease.holder });
		});
		opened.push(entry);
		share.add(branch);
		log('branch opened', { key });
		return entry;
	}

	// ——— admission

	async function verifyChain(admission: Admission, chain: Uint8Array): Promise<Certificate | undefined> {
		return createVerifier({ digest, store: admission.store }).chain(chain);
	}

	async function upgrade(
		query: URLSearchParams,
		finish: (use: (socket: WebSocket) => void) => void,
		refuse: (status: string, sentence: string) => void,
	): Promise<void> {
		const admitted = await admit(query, { challenges, digest, verifyChain });
		if ('refused' in admitted) return refuse('401 Unauthorized', admitted.refused);
		const { admission, certificate } = admitted;
		const chain = Buffer.from(admission.chain, 'hex');
		const root = rootOfChain(decodeChain(chain) ?? []);
		const opening = root === undefined ? undefined : branchOf(admission, root);
		if (opening === undefined) return refuse('503 Service Unavailable', 'This relay takes no more branches.');
		const { branch, door, devices } = await opening;
		if (isOut(branch, certificate.device)) return refuse('401 Unauthorized', 'This device was removed from the shop.');
		await branch.replica.takeChain(chain);
		for (const issuerChain of chainsAbove(chain)) await branch.replica.takeChain(issuerChain);
		finish((socket) => {
			devices.set(admission.repoPeer, certificate.device);
			door.enter(socket, admission.repoPeer);
			log('device linked', { store: admission.store, device: certificate.device });
		});
	}

	const server: Server = createHttp({
		routes: {
			'GET /hub.json': () => ({
				body: {
					protocolVersion: PROTOCOL_VERSION,
					role: 'relay',
					relay: signer.device,
					name,
					peer,
					multiaddrs: [],
					branches: branches.size,
				} satisfies RelayInfo,
			}),
			'GET /healthz': () => ({
				anyOrigin: true,
				body: { ok: true, role: 'relay', branches: opened.length, entries: opened.reduce((sum, { branch }) => sum + branch.ledger.size(), 0) },
			}),
			[`GET ${CHALLENGE_PATH}`]: () => ({ anyOrigin: true, body: { nonce: challenges.draw() } }),
		},
		upgrades: {
			[RELAY_PATH](request, socket: Duplex, head) {
				const refuse = (status: string, sentence: string): void => {
					log('refused', { status, sentence });
					refuseUpgrade(socket, status, sentence);
				};
				const query = new URL(request.url ?? '/', 'http://relay').searchParams;
				upgrade(
					query,
					(use) => {
						sockets.handleUpgrade(request, socket, head, use);
					},
					refuse,
				).catch((error: unknown) => {
					log('upgrade failed', { error: String(error) });
					refuse('500 Internal Server Error', 'Something went wrong here. The log on the server says what.');
				});
			},
		},
		contentSecurityPolicy: policyOf([]),
		onError: (error) => {
			log('request failed', { error: String(error) });
		},
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			resolve();
		});
	});

	// Branches of earlier runs: their tills may be asked about before they come back.
	const known = join(folder.path, 'branches');
	for (const key of existsSync(known) ? readdirSync(known) : []) {
		// One that cannot be opened is in the log, tried again when its hub comes, and stops nobody else's.
		const file = branchFileAt(join(known, key, BRANCH_FILE));
		if (file === undefined) log('branch left aside', { key });
		else await branchOf(file, file.root)?.catch(() => undefined);
	}

	return {
		get port() {
			return (server.address() as AddressInfo).port;
		},
		device: signer.device,
		branches: () => opened.map(({ branch }) => ({ store: branch.ledger.store, branch })),
		async close() {
			for (const { door } of opened) door.close();
			await closeHttp(server);
			await share.close();
			for (const { branch } of opened) await branch.close();
			folder.release();
		},
	};
}

function branchFileAt(path: string): v.InferOutput<typeof branchFile> | undefined {
	try {
		const parsed = v.safeParse(branchFile, JSON.parse(readFileSync(path, 'utf8')));
		return parsed.success ? parsed.output : undefined;
	} catch {
		return undefined;
	}
}

function isOut({ ledger }: Branch, device: DeviceId): boolean {
	return (ledger.state.devices.get(device)?.standing ?? 'active') !== 'active';
}

/** A till's chain proves its hub, too: the chain without its first certificate is the issuer's own. */
function chainsAbove(chain: Uint8Array): readonly Uint8Array[] {
	const decoded = decodeChain(chain) ?? [];
	return decoded.slice(1).map((_, place) => encodeChain(decoded.slice(place + 1)));
}
