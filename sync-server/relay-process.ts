/**
 * A relay: the durable record of branches in the cloud. It writes no entry and sells nothing; it keeps what devices bring, and signs what it has.
 *
 * Invariants:
 * 1. A branch comes into being here when a device with a certificate of that store first gets in; strangers make nothing.
 * 2. Stores know nothing of each other: each branch has databases, documents and links of its own. Branches of one store are told what concerns all of it
 *    (`store-share.ts`).
 * 3. What a watermark says is on the disk of the record, which is SQLite here or a PostgreSQL.
 * 4. While the record does not answer nothing is signed. What is on its way is kept and tried again; after a moment all links end and nobody is let in,
 *    so that what is sold waits where it was sold.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { WebSocketServer, type WebSocket } from 'ws';
import { createSystemTimers, systemClock, systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { admit, createChallenges } from '#adapters/relay-websocket/admit.ts';
import { createRelayDoor, MAX_FRAME_BYTES, type RelayDoor } from '#adapters/relay-websocket/relay-door.ts';
import { decodeChain, encodeChain, rootOfChain } from '#core/entry/certificate.ts';
import { createVerifier } from '#engine/verify.ts';
import type { BranchLoss, BranchName, RelayStorage, StorageStanding } from '#ports';
import type { Certificate } from '#schemas/certificate.ts';
import { bytesOfHex } from '#schemas/cbor.ts';
import type { DeviceId } from '#schemas/ids.ts';
import { PROTOCOL_VERSION } from '#schemas/wire/hello.ts';
import { BRANCHES_PATH, branchesText, branchesRequest, type branchesAnswer } from '#schemas/wire/recovery.ts';
import { CHALLENGE_PATH, RELAY_PATH, type Admission, type RelayInfo } from '#schemas/wire/relay-admission.ts';
import { openBranch, type Branch } from './branch.ts';
import type { DataFolder } from './data-folder.ts';
import { closeHttp, createHttp, policyOf, refuseUpgrade, type Answer } from './http/server.ts';
import { openIdentity } from './identity.ts';
import { apiRoutes } from './reports/api.ts';
import { REPORTS } from './reports/plan.ts';
import { createReporter, type Reporter } from './reports/reporter.ts';
import { claimRecord, openRecord } from './storage/open-record.ts';
import { createStoreShare } from './store-share.ts';

export interface RelayDeps {
	readonly folder: DataFolder;
	readonly port: number;
	readonly host: string;
	readonly name: string;
	/** `postgres://…`; absent: SQLite in the folder. */
	readonly database?: string | undefined;
	/** Tables and views for people who ask in SQL. `rebuild`: made anew from all entries. Absent: kept. */
	readonly reports?: 'on' | 'off' | 'rebuild';
	/** The database is not there yet, and is waited for; absent: it is an error. */
	readonly onWaiting?: (reason: string) => void;
	/** How long links outlive a record that does not answer. */
	readonly patienceMs?: number;
	/** Branches that may come into being here. */
	readonly mostBranches: number;
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

export interface Relay {
	readonly port: number;
	readonly device: DeviceId;
	branches(): readonly { readonly store: string; readonly branch: Branch }[];
	/** Resolves when the reports say what the ledgers say now. */
	reported(): Promise<void>;
	report: RelayStorage['report'];
	close(): Promise<void>;
}

interface OpenBranch {
	readonly name: BranchName;
	readonly branch: Branch;
	readonly door: RelayDoor;
	readonly reporter: Reporter | undefined;
	/** By repo peer, who is linked. */
	readonly devices: Map<string, DeviceId>;
}

/** A short restart of the database is not felt; what comes meanwhile is in memory, which is why it is short. */
const PATIENCE_MS = 10_000;
const AWAY = 'The record behind this relay does not answer. It is tried again.';

export async function startRelay(deps: RelayDeps): Promise<Relay> {
	const { folder, port, host, name, mostBranches, log } = deps;
	const clock = systemClock;
	const random = systemRandom;
	const timers = createSystemTimers((error) => {
		log('timer', { error: String(error) });
	});
	const digest = createNodeDigest();
	const { signer, peer } = await openIdentity(folder.path);
	const challenges = createChallenges({ clock, random });
	const record = await openRecord({
		...{ folder, database: deps.database, clock, timers, ...(deps.reports === 'off' ? {} : { reports: REPORTS }) },
		...(deps.onWaiting && { onWaiting: deps.onWaiting }),
	});
	try {
		await claimRecord(record, signer.device);
	} catch (error) {
		await record.close();
		throw error;
	}
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

	function branchOf({ store, branch }: Pick<BranchName, 'store' | 'branch'>, root: DeviceId): Promise<OpenBranch> | undefined {
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

	async function open(key: string, file: BranchName): Promise<OpenBranch> {
		const door = createRelayDoor({ self: peer, clock });
		const storage = await record.open(file);
		const branch = await openBranch({
			...{
				storage,
				genesis: { store: file.store, root: file.root },
				branch: file.branch,
				repoPeer: peer,
				issues: { tier: 'cloud', signer, mayIssue: () => record.standing().answers } as const,
			},
			elsewhere: (other) =>
				opened.find(({ branch: { ledger } }) => ledger.store === file.store && ledger.branch === other)?.branch.replica.stockRows(),
			...{ network: [door.network], digest, clock, timers, random },
		}).catch(async (error: unknown) => {
			await storage.close();
			throw error;
		});
		const reporter =
			deps.reports === 'off'
				? undefined
				: createReporter({
						...{ branch, reports: storage.reports, rebuild: deps.reports === 'rebuild', clock, timers },
						onFailed(error) {
							log('reports wait', { key, error: String(error) });
						},
					});
		const entry: OpenBranch = { name: file, branch, door, reporter, devices: new Map() };
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

	// ——— the record, gone and back

	let stopWaiting: (() => void) | undefined;

	record.onStanding((standing) => {
		stopWaiting?.();
		stopWaiting = undefined;
		if (standing.answers) {
			log('record answers again', {});
			return;
		}
		log('record does not answer', { reason: standing.reason });
		stopWaiting = timers.after(deps.patienceMs ?? PATIENCE_MS, () => {
			log('links ended', { because: 'the record does not answer' });
			for (const { door } of opened) door.closeLinks(AWAY);
		});
	});
	record.onLost((lost, why) => {
		const key = `${lost.store}-${lost.branch}`;
		log('branch lost', { key, why });
		void letGo(key, lost, why).catch((error: unknown) => {
			log('branch not opened', { key, error: String(error) });
		});
	});

	/** What the ledger in memory says is not what the record has: after an earlier day it is folded again from there, and whoever was linked comes back. */
	async function letGo(key: string, lost: BranchName, why: BranchLoss): Promise<void> {
		const entry = await branches.get(key)?.catch(() => undefined);
		if (entry === undefined) return;
		branches.delete(key);
		opened.splice(opened.indexOf(entry), 1);
		share.remove(entry.branch);
		entry.door.close();
		await entry.reporter?.close();
		await entry.branch.close();
		if (why === 'put-back') await branchOf(lost, lost.root);
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
		if (!record.standing().answers) return refuse('503 Service Unavailable', AWAY);
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

	/** A store's branches, for whoever proves to hold its root key: its last device, brought back from paper. */
	async function branchesOf(body: unknown): Promise<Answer> {
		const asked = v.safeParse(branchesRequest, body);
		if (!asked.success) return { status: 400, body: { error: 'The request lacks a proof.' } };
		const { root, nonce, proof } = asked.output;
		if (!challenges.spend(nonce) || !(await digest.verify(root, new TextEncoder().encode(branchesText(nonce)), bytesOfHex(proof))))
			return { status: 401, body: { error: 'The proof does not fit the key.' } };
		const known = opened.filter(({ name: one }) => one.root === root);
		return {
			body: {
				branches: known.map(({ name: one, branch }) => ({
					branch: one.branch,
					name: branch.ledger.state.settings.value('branchName') ?? one.branch.slice(0, 8),
				})),
			} satisfies v.InferOutput<typeof branchesAnswer>,
		};
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
				status: record.standing().answers ? 200 : 503,
				body: {
					ok: record.standing().answers,
					role: 'relay',
					record: healthOf(record.standing(), deps.database),
					branches: opened.length,
					entries: opened.reduce((sum, { branch }) => sum + branch.ledger.size(), 0),
				},
			}),
			...(deps.reports === 'off' ? {} : apiRoutes(record)),
			[`POST ${BRANCHES_PATH}`]: (_, body) => branchesOf(body),
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
	try {
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(port, host, () => {
				server.off('error', reject);
				resolve();
			});
		});
	} catch (error) {
		await record.close();
		throw error;
	}

	// Branches of earlier runs: their tills may be asked about before they come back.
	for (const known of await record.branches()) {
		// One that cannot be opened is in the log, tried again when its hub comes, and stops nobody else's.
		if ('problem' in known) log('branch left aside', { key: known.key });
		else await branchOf(known, known.root)?.catch(() => undefined);
	}

	return {
		get port() {
			return (server.address() as AddressInfo).port;
		},
		device: signer.device,
		branches: () => opened.map(({ branch }) => ({ store: branch.ledger.store, branch })),
		async reported() {
			for (const { reporter } of opened) await reporter?.settled();
		},
		report: record.report,
		async close() {
			stopWaiting?.();
			for (const { door } of opened) door.close();
			await closeHttp(server);
			await share.close();
			for (const { branch, reporter } of opened) {
				await reporter?.close();
				await branch.close();
			}
			await record.close();
			folder.release();
		},
	};
}

/** Anybody may ask: what the database says of itself stays in the log. */
function healthOf(standing: StorageStanding, database: string | undefined): Readonly<Record<string, unknown>> {
	const kind = database === undefined ? 'sqlite' : 'postgres';
	return standing.answers ? { kind, answers: true } : { kind, answers: false, sinceMs: standing.sinceMs };
}

function isOut({ ledger }: Branch, device: DeviceId): boolean {
	return (ledger.state.devices.get(device)?.standing ?? 'active') !== 'active';
}

/** A till's chain proves its hub, too: the chain without its first certificate is the issuer's own. */
function chainsAbove(chain: Uint8Array): readonly Uint8Array[] {
	const decoded = decodeChain(chain) ?? [];
	return decoded.slice(1).map((_, place) => encodeChain(decoded.slice(place + 1)));
}
