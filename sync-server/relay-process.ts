/**
 * A relay: the durable record of branches in the cloud. It writes no entry and sells nothing; it keeps what devices bring, and signs what it has.
 *
 * Invariants:
 * 1. A branch comes into being here when a device with a certificate of that store first gets in, and where the operator takes that store; strangers make nothing.
 * 2. Stores know nothing of each other: each branch has databases, documents and links of its own. Branches of one store are told what concerns all of it
 *    (`store-share.ts`).
 * 3. What a watermark says is on the disk of the record, which is SQLite here or a PostgreSQL.
 * 4. While the record does not answer nothing is signed. What is on its way is kept and tried again; after a moment all links end and nobody is let in,
 *    so that what is sold waits where it was sold.
 * 5. Several processes may be one relay: one key, one PostgreSQL. Each branch is open in one of them; whoever comes to another is sent or passed on there. A
 *    process signs only while no other can have taken the branch from it.
 * 6. Its key may be renewed (`relay-keys.ts`): a process notices within seconds that another one has, and says so to whoever started it.
 * 7. A branch that is quiet for a while goes from memory and stays linked (`rest/`): what comes for it brings it back, and waits until it is there.
 */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { WebSocketServer, type WebSocket } from 'ws';
import { createSystemTimers, systemClock, systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createTurns } from '#adapters/clock-system/turns-node.ts';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { admit, createChallenges, SPENT } from '#adapters/relay-websocket/admit.ts';
import { createBranchGate } from '#adapters/relay-websocket/branch-gate.ts';
import { createRelayDoor } from '#adapters/relay-websocket/relay-door.ts';
import { decodeChain, encodeChain, keyInForce, rootOfChain } from '#core/entry/certificate.ts';
import { createVerifier, newestKeyOf } from '#engine/verify.ts';
import { StorageError, type BranchLoss, type BranchName, type RelayProcess, type RelayStorage, type SharedTurn, type StorageStanding } from '#ports';
import type { DayBounds } from '#engine/day-budget.ts';
import type { Certificate } from '#schemas/certificate.ts';
import { bytesOfHex, encode } from '#schemas/cbor.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import { RELAY_BOUNDS } from '#schemas/wire/bounds.ts';
import { PROTOCOL_VERSION } from '#schemas/wire/hello.ts';
import { BRANCHES_PATH, branchesText, branchesRequest, type branchesAnswer } from '#schemas/wire/recovery.ts';
import { CHALLENGE_PATH, RELAY_PATH, whereQuery, type Admission, type RelayInfo, type WhereAnswer } from '#schemas/wire/relay-admission.ts';
import { answerProcess, askReceipt, askStock, noStock, PROCESS_PATH, unasked, type Answering } from './ask-process.ts';
import { openBranch, type Branch } from './branch.ts';
import type { DataFolder } from './data-folder.ts';
import { clientAddress } from './http/client-address.ts';
import { closeHttp, policyOf, refuseUpgrade, type Answer, type HttpDeps } from './http/server.ts';
import { openAppFiles } from './http/app-files.ts';
import { processKeyOf } from './identity.ts';
import { passOn, wasPassedOn } from './pass-on.ts';
import { openRelayKeys } from './relay-keys.ts';
import { dayBounds } from './operation/day-bounds.ts';
import { settle } from './operation/drain.ts';
import { healthRoutes } from './operation/health.ts';
import type { Meters } from './operation/meters.ts';
import { mayKeep, type WhichStores } from './operation/which-stores.ts';
import { allRows } from './reports/all-rows.ts';
import { apiRoutes } from './reports/api.ts';
import { createHeard } from './reports/heard.ts';
import { ownerRoutes, serveOwnerPages } from './reports/owner-pages.ts';
import { REPORTS } from './reports/plan.ts';
import { createReporter } from './reports/reporter.ts';
import { createSessions } from './reports/sessions.ts';
import { createResting, type AwakeBranch, type OpenBranch } from './rest/resting.ts';
import { claimRecord, openRecord } from './storage/open-record.ts';
import { createStoreShare } from './store-share.ts';
import { createKeyShare, type LinkedDevice } from './branches/key-share.ts';
import { createOpenings } from './branches/openings.ts';
import { lanAddresses } from './terminal.ts';
import { createServerWith, type CertificateFiles } from './tls/given-certificate.ts';

export interface RelayDeps {
	readonly folder: DataFolder;
	readonly port: number;
	readonly host: string;
	readonly name: string;
	/** `postgres://…`; absent: SQLite in the folder. */
	readonly database?: string | undefined;
	/** Folder of the relay's keys, which all its processes share; absent: in the data folder. */
	readonly keys?: string | undefined;
	/** Where devices reach this process and no other, `wss://…`; absent: whoever comes to another process is passed on. */
	readonly publicUrl?: string | undefined;
	/** Where the relay's other processes reach this one, `http://…`; absent: `host`, or the first address of this machine, with its port. */
	readonly peerUrl?: string | undefined;
	/** Tables and views for people who ask in SQL. `rebuild`: made anew from all entries. Absent: kept. */
	readonly reports?: 'on' | 'off' | 'rebuild';
	/** Folder of the built app, for the owner's pages; absent: there are none. */
	readonly app?: string | undefined;
	/** The keys in their folder are newer than those of this run: it is to be closed and started again. Once. */
	readonly onRenewed?: () => void;
	/** The database is not there yet, and is waited for; absent: it is an error. */
	readonly onWaiting?: (reason: string) => void;
	/** https and wss with these; absent: http and ws. Throws `CertificateProblem`. */
	readonly certificate?: (CertificateFiles & { readonly lookEveryMs?: number }) | undefined;
	/** Only a proxy reaches this: it is believed whose request it passes on. */
	readonly behindProxy?: boolean;
	/** What it takes on a day of each device and of a branch of a store. */
	readonly dayOf?: (store: StoreId) => DayBounds;
	readonly meters?: Meters;
	/** How long links outlive a record that does not answer. */
	readonly patienceMs?: number;
	/** Branches that may come into being here. */
	readonly mostBranches: number;
	/** Absent: of any store. */
	readonly stores?: WhichStores;
	/** A branch of which nothing new came for so long goes from memory; absent: ten minutes. */
	readonly restAfterMs?: number;
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

export interface Relay {
	readonly port: number;
	readonly device: DeviceId;
	/** Those that do not rest. */
	branches(): readonly { readonly store: string; readonly branch: Branch }[];
	/** Resolves when the reports say what the ledgers say now. */
	reported(): Promise<void>;
	report: RelayStorage['report'];
	/** Is ready no more and lets nobody in; resolves when what has arrived is signed for, or after ten seconds. */
	drain(): Promise<void>;
	close(): Promise<void>;
}

/** As long as a client waits for an answer; a branch whose process died is taken over within that. */
const HOLD_MS = 9_000;
const HOLD_STEP_MS = 250;
/** Who asks where a branch is kept has proven nothing yet. */
const MOST_LOOKS_AT_ONCE = 16;
const MOVES = 'This branch moves to another process of this relay. Try again in a moment.';
const STOPS = 'This process of the relay stops. Try again: another one takes over.';

/** A short restart of the database is not felt; what comes meanwhile is in memory, which is why it is short. */
const PATIENCE_MS = 10_000;
const REST_AFTER_MS = 10 * 60_000;
/** Shops believe no other key within seconds of the first process that has it. */
const LOOK_AT_KEYS_MS = 2_000;
/**
 * A sale comes by the lane and lies in the record before it is signed for. Its document, which brings it once more, is taken in with those of the same second, and
 * saved now and then: what is lost of it comes again from whoever is linked.
 */
const DOCUMENTS_MAY = { gatherMs: 1_000, saveAfterMs: 2_000 };
const AWAY = 'The record behind this relay does not answer. It is tried again.';

export async function startRelay(deps: RelayDeps): Promise<Relay> {
	const { folder, port, host, name, mostBranches, meters, log } = deps;
	const clock = systemClock;
	const random = systemRandom;
	const timers = createSystemTimers((error) => {
		log('timer', { error: String(error) });
	});
	const turns = createTurns();
	const digest = createNodeDigest();
	const keys = await openRelayKeys(deps.keys ?? join(folder.path, 'keys'), digest);
	const { signer, peer, networkSeed } = keys;
	const record = await openRecord({
		...{ folder, database: deps.database, clock, timers, ...(deps.reports === 'off' ? {} : { reports: REPORTS }) },
		...(deps.onWaiting && { onWaiting: deps.onWaiting }),
	});
	try {
		await claimRecord(record, keys.line);
	} catch (error) {
		await record.close();
		throw error;
	}
	const { shared } = record;
	/** Of the relay's processes together; alone, of this run. */
	const secret = shared === undefined ? random.bytes(32) : processKeyOf(networkSeed);
	const challenges = createChallenges({ clock, random, key: secret, spend: shared?.spend });
	/** This process among the relay's; undefined where it is alone. */
	let self: RelayProcess | undefined;
	let isStopping = false;
	const branches = new Map<string, Promise<OpenBranch>>();
	/** Being closed here, to be opened elsewhere. */
	const leaving = new Set<string>();
	const opened: OpenBranch[] = [];
	const share = createStoreShare({
		...{ timers, shared },
		onFailed: (error) => {
			log('store entries not shared', { error: String(error) });
		},
	});
	const sessions = createSessions({ values: record, clock, behindProxy: deps.behindProxy === true });
	const pages = deps.app === undefined || deps.reports === 'off' ? undefined : openAppFiles(deps.app);
	const keyShare = createKeyShare({
		digest,
		onFailed: (error) => {
			log('keys not carried', { error: String(error) });
		},
	});
	const openings = createOpenings({ clock, digest });
	const sockets = new WebSocketServer({ noServer: true, maxPayload: RELAY_BOUNDS.frameBytes, perMessageDeflate: false, clientTracking: false });

	// ——— branches

	function branchOf({ store, branch }: Pick<BranchName, 'store' | 'branch'>, root: DeviceId): Promise<OpenBranch> | undefined {
		const key = keyOf({ store, branch });
		const known = branches.get(key);
		if (known !== undefined) return known;
		if (branches.size >= mostBranches) return undefined;
		const opening = open(key, { store, branch, root });
		branches.set(key, opening);
		opening.catch((error: unknown) => {
			branches.delete(key);
			if (!isOthers(error)) log('branch not opened', { key, error: String(error) });
		});
		return opening;
	}

	async function open(key: string, file: BranchName): Promise<OpenBranch> {
		const door = createRelayDoor({ self: peer, clock, ...(meters && { onRefused: meters.linkRefused }) });
		const gate = createBranchGate({
			...{ door: door.network, clock },
			onFull: () => {
				door.closeLinks('too much came while this branch was read');
			},
		});
		const kept = await record.open(file);
		const linked = new Map<string, LinkedDevice>();
		const entry: OpenBranch = {
			...{ name: file, door, gate, linked, storage: meters?.metered(kept) ?? kept },
			...{ awake: undefined, note: undefined, turning: undefined, isClosed: false, closing: Promise.withResolvers<undefined>() },
			keys: {
				...{ store: file.store, linked },
				isHub: (device) => roleOf(entry, device) === 'hub',
				sendTo: (repoPeer, message) => {
					gate.sendTo(repoPeer, encode(message));
				},
			},
		};
		try {
			entry.awake = await takeUp(entry, false);
		} catch (error) {
			await entry.storage.close();
			throw error;
		}
		door.onPeers(() => {
			const there = new Set(door.peers());
			for (const repoPeer of linked.keys()) {
				if (there.has(repoPeer)) continue;
				linked.delete(repoPeer);
				keyShare.forget(entry.keys, repoPeer);
			}
			const { awake } = entry;
			if (awake === undefined) return wakeFor(entry);
			awake.newsMs = clock.nowMs();
			awake.branch.replica.setConnected(devicesIn(linked));
			awake.heard?.setLinked(devicesIn(linked));
		});
		opened.push(entry);
		keyShare.add(entry.keys);
		log('branch opened', { key });
		return entry;
	}

	/** What of a branch lies in memory. `isBack`: this run has had it before. */
	async function takeUp(entry: OpenBranch, isBack: boolean): Promise<AwakeBranch> {
		const { name: file, door, gate, storage, linked } = entry;
		const key = keyOf(file);
		const branch = await openBranch({
			...{
				storage: { ...storage, close: () => Promise.resolve() },
				genesis: { store: file.store, root: file.root },
				branch: file.branch,
				repoPeer: peer,
				issues: { tier: 'cloud', signer, mayIssue: () => record.standing().answers && shared?.isSure() !== false } as const,
			},
			takesInADay: {
				bounds: (deps.dayOf ?? (() => dayBounds()))(file.store),
				onFull(device, bytes) {
					log('a device wrote its bytes of the day', { key, device, bytes });
					deps.meters?.deviceFull();
				},
			},
			elsewhere: (other) => openHere(file.store, other) ?? openElsewhere({ store: file.store, branch: other }),
			...{ network: [gate.network()], documentsMay: DOCUMENTS_MAY, digest, clock, timers, turns, random },
		});
		const heard =
			deps.reports === 'off'
				? undefined
				: await createHeard({ ...branch, reports: storage.reports, clock, timers }).catch(async (error: unknown) => {
						await branch.close();
						throw error;
					});
		const reporter =
			deps.reports === 'off'
				? undefined
				: createReporter({
						...{ branch, reports: storage.reports, rebuild: deps.reports === 'rebuild' && !isBack, goesOn: isBack, clock, timers, turns },
						onBegun: () => heard?.writeAgain(),
						onFailed(error) {
							log('reports wait', { key, error: String(error) });
						},
					});
		const awake: AwakeBranch = { branch, reporter, heard, newsMs: clock.nowMs() };
		branch.replica.onFolded((change) => {
			awake.newsMs = clock.nowMs();
			if (!change.devices) return;
			for (const [repoPeer, { device }] of linked) if (isOut(branch, device)) door.expel(repoPeer, 'this device was removed from the shop');
			expelGivenUp(entry, branch);
		});
		let holder: DeviceId | undefined;
		branch.replica.onFindings(() => {
			const { lease } = branch.replica.findings();
			if (lease === undefined || lease.holder === holder) return;
			holder = lease.holder;
			log('holder', { key, device: lease.holder });
		});
		branch.documents.onDirect((message, repoPeer) => {
			keyShare.hear(message, entry.keys, repoPeer);
		});
		meters?.watch(branch, signer.device);
		share.add(branch);
		if (isBack) {
			// Who is linked was linked all the time.
			branch.replica.setConnected(devicesIn(linked));
			heard?.setLinked(devicesIn(linked));
		}
		return awake;
	}

	/** Whoever still speaks with keys that the device has given up. */
	function expelGivenUp({ linked, door }: OpenBranch, { verifier }: Branch): void {
		for (const [repoPeer, { device, key }] of linked)
			if (key !== newestKeyOf(verifier, device)) door.expel(repoPeer, 'this device has renewed its keys');
	}

	const roleOf = ({ awake, note }: OpenBranch, device: DeviceId): Certificate['role'] | undefined =>
		awake?.branch.verifier.certificateOf(device)?.role ?? note?.roles.get(device);

	/** What another branch may ask of one that is open here. */
	function openHere(store: StoreId, of: BranchId): Answering | undefined {
		const entry = opened.find(({ name }) => name.store === store && name.branch === of);
		if (entry === undefined) return undefined;
		return {
			async answer(ask) {
				// One that rests has sold nothing since.
				const { awake, note } = entry;
				if (awake === undefined && ask.parts === undefined && note !== undefined && ask.after !== undefined && note.stockAtMs <= ask.after.at)
					return noStock(ask);
				return (await wake(entry)).branch.replica.stockRows()?.answer(ask) ?? noStock(ask);
			},
			answerOwn: async (ask) => (await wake(entry)).branch.replica.receiptsElsewhere()?.answerOwn(ask) ?? unasked(ask),
		};
	}

	const { wake, wakeFor, ...resting } = createResting({
		...{
			opened: () => opened,
			takeUp,
			share,
			self: signer.device,
			restAfterMs: deps.restAfterMs ?? REST_AFTER_MS,
			goodbye: MOVES,
			clock,
			timers,
			log,
		},
		answering: (store, branch) => openHere(store, branch) ?? openElsewhere({ store, branch }),
		hearKeys: keyShare.hear,
		mayRest: () => !isStopping && record.standing().answers,
	});

	/** Of a branch that another process keeps: that one folds it. */
	function openElsewhere(of: Pick<BranchName, 'store' | 'branch'>): Answering | undefined {
		if (shared === undefined) return undefined;
		const keeper = async (): Promise<string | undefined> => {
			const kept = await shared.keeperNow(of).catch(() => undefined);
			return kept === undefined || kept.id === self?.id ? undefined : kept.address;
		};
		return {
			answer: async (ask) => askStock(await keeper(), secret, of, ask),
			answerOwn: async (ask) => askReceipt(await keeper(), secret, of, ask),
		};
	}

	// ——— the record, gone and back

	let stopWaiting: (() => void) | undefined;
	let isStarted = false;
	const notReady = () => (isStopping ? 'it stops' : !record.standing().answers ? 'the record does not answer' : isStarted ? undefined : 'it starts');

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
		const key = keyOf(lost);
		log('branch lost', { key, why });
		void letGo(key, lost, why).catch((error: unknown) => {
			log('branch not opened', { key, error: String(error) });
		});
	});

	/** What the ledger in memory says is not what the record has: after an earlier day it is folded again from there, and whoever was linked comes back. */
	async function letGo(key: string, lost: BranchName, why: BranchLoss): Promise<void> {
		const entry = await branches.get(key)?.catch(() => undefined);
		if (entry === undefined) return;
		await close(key, entry);
		if (why === 'put-back') await branchOf(lost, lost.root);
	}

	async function close(key: string, entry: OpenBranch): Promise<void> {
		branches.delete(key);
		const at = opened.indexOf(entry);
		if (at >= 0) opened.splice(at, 1);
		entry.door.close();
		await putDown(entry);
	}

	/** After its links have ended. */
	async function putDown(entry: OpenBranch): Promise<void> {
		entry.isClosed = true;
		entry.closing.resolve(undefined);
		await entry.turning;
		share.remove(entry.name);
		keyShare.remove(entry.keys);
		const { awake } = entry;
		entry.awake = undefined;
		await awake?.heard?.close();
		await awake?.reporter?.close();
		await awake?.branch.close();
		await entry.storage.close();
	}

	// ——— several processes

	/** Sockets that were passed on, by the process that they went to. */
	const passed = new Map<string, Set<Duplex>>();

	async function onTurn({ alive, open, surplus }: SharedTurn): Promise<void> {
		// A process that has frozen does not end its sockets.
		for (const [id, others] of passed) if (!alive.has(id)) for (const other of others) other.destroy();
		for (const name of open) {
			const key = keyOf(name);
			if (isStopping || leaving.has(key) || branches.has(key)) continue;
			await branchOf(name, name.root)?.catch(() => undefined);
		}
		if (surplus === 0 || isStopping) return;
		// One at a time, and first one that nobody would notice.
		const [next] = opened.toSorted((a, b) => a.linked.size - b.linked.size);
		if (next !== undefined) await giveAway(next);
	}

	async function giveAway(entry: OpenBranch): Promise<void> {
		const key = keyOf(entry.name);
		leaving.add(key);
		try {
			await close(key, entry);
			await shared?.hand(entry.name);
			log('branch handed over', { key });
		} finally {
			leaving.delete(key);
		}
	}

	type Place = { readonly here: OpenBranch } | { readonly at: RelayProcess } | { readonly refused: string };

	/** Where the branch is open; undefined: it is on its way, and to be asked for again. */
	async function placeOf(name: BranchName): Promise<Place | undefined> {
		const key = keyOf(name);
		if (isStopping) return { refused: STOPS };
		if (leaving.has(key)) return undefined;
		if (shared !== undefined && self !== undefined && !branches.has(key)) {
			const keeper = await shared.keeper(name, mostBranches);
			if (keeper === 'unknown') return undefined;
			if (keeper === 'full') return { refused: FULL };
			if (keeper.id !== self.id) return { at: keeper };
		}
		const opening = branchOf(name, name.root);
		if (opening === undefined) return { refused: FULL };
		try {
			return { here: await opening };
		} catch (error) {
			if (isOthers(error)) return undefined;
			throw error;
		}
	}

	let looks = 0;
	/** To a device that says which its branch is. What is not known now is no hindrance: it is passed on. */
	async function answerChallenge(request: IncomingMessage): Promise<WhereAnswer> {
		const nonce = challenges.draw();
		const asked = v.safeParse(whereQuery, Object.fromEntries(new URL(request.url ?? '/', 'http://relay').searchParams));
		if (shared === undefined || self === undefined || !asked.success) return { nonce };
		if (branches.has(`${asked.output.store}-${asked.output.branch}`)) return { nonce, keeper: self.id };
		if (looks >= MOST_LOOKS_AT_ONCE) return { nonce };
		looks += 1;
		try {
			const keeper = await shared.keeperNow(asked.output);
			if (keeper?.publicUrl !== undefined && keeper.id !== self.id) return { owner: keeper.publicUrl };
			return { nonce, ...(keeper === undefined ? {} : { keeper: keeper.id }) };
		} catch {
			return { nonce };
		} finally {
			looks -= 1;
		}
	}

	// ——— admission

	async function verifyChain(admission: Admission, chain: Uint8Array): Promise<Certificate | undefined> {
		return createVerifier({ digest, store: admission.store }).chain(chain);
	}

	interface Asking {
		readonly request: IncomingMessage;
		readonly socket: Duplex;
		readonly head: Buffer;
	}

	async function upgrade({ request, socket, head }: Asking, refuse: (status: string, sentence: string) => void): Promise<void> {
		const admitted = await admit(new URL(request.url ?? '/', 'http://relay').searchParams, { challenges, digest, verifyChain });
		if ('refused' in admitted) return refuse('401 Unauthorized', admitted.refused);
		if (!record.standing().answers) return refuse('503 Service Unavailable', AWAY);
		const { admission, certificate } = admitted;
		const chain = Buffer.from(admission.chain, 'hex');
		const root = rootOfChain(decodeChain(chain) ?? []);
		if (root === undefined) return refuse('401 Unauthorized', 'The certificate is not of this store.');
		const { store, branch: id } = admission;
		if (!(await mayKeep(deps.stores ?? 'any', store, record))) return refuse('403 Forbidden', 'This relay is for other stores.');
		for (const untilMs = clock.nowMs() + HOLD_MS; !socket.destroyed; await new Promise<void>((go) => timers.after(HOLD_STEP_MS, go))) {
			const place = await placeOf({ store, branch: id, root });
			if (place !== undefined && 'refused' in place) return refuse('503 Service Unavailable', place.refused);
			if (place !== undefined && 'here' in place) return enter(place.here);
			if (place !== undefined && !wasPassedOn(request) && (await pass(place.at))) return;
			if (clock.nowMs() > untilMs) return refuse('503 Service Unavailable', MOVES);
		}

		async function enter(entry: OpenBranch): Promise<void> {
			const { branch } = await wake(entry);
			const { door, linked } = entry;
			if (isOut(branch, certificate.device)) return refuse('401 Unauthorized', 'This device was removed from the shop.');
			if (!(await challenges.spend(admission.nonce))) return refuse('401 Unauthorized', SPENT);
			await branch.replica.takeChain(chain);
			for (const issuerChain of chainsAbove(chain)) await branch.replica.takeChain(issuerChain);
			const key = keyInForce(chain)?.key;
			if (key === undefined || key !== newestKeyOf(branch.verifier, certificate.device)) return refuse('401 Unauthorized', GIVEN_UP);
			sockets.handleUpgrade(request, socket, head, (websocket: WebSocket) => {
				linked.set(admission.repoPeer, { device: certificate.device, key });
				expelGivenUp(entry, branch);
				door.enter(websocket, admission.repoPeer, certificate.device);
				log('device linked', { store, device: certificate.device });
			});
		}

		/** False when that process did not answer: it may be gone. */
		async function pass({ id: process, address }: RelayProcess): Promise<boolean> {
			const other = await passOn(request, socket, head, address);
			if (other === undefined || other === 'refused') return other !== undefined;
			const others = passed.get(process) ?? new Set<Duplex>();
			passed.set(process, others.add(other));
			other.on('close', () => {
				others.delete(other);
				if (others.size === 0) passed.delete(process);
			});
			log('device passed on', { store, device: certificate.device, to: address });
			return true;
		}
	}

	/** A store's branches, for whoever proves to hold its root key: its last device, brought back from paper. */
	async function branchesOf(body: unknown): Promise<Answer> {
		const asked = v.safeParse(branchesRequest, body);
		if (!asked.success) return { status: 400, body: { error: 'The request lacks a proof.' } };
		const { root, nonce, proof } = asked.output;
		const isProven =
			challenges.isOurs(nonce) &&
			(await digest.verify(root, new TextEncoder().encode(branchesText(nonce)), bytesOfHex(proof))) &&
			(await challenges.spend(nonce));
		if (!isProven) return { status: 401, body: { error: 'The proof does not fit the key.' } };
		// Other processes keep some of them.
		const known = (await record.branches()).filter((one) => 'root' in one && one.root === root) as readonly BranchName[];
		const [{ store } = {}] = known;
		const rows = store === undefined || deps.reports === 'off' ? [] : await allRows(record, 'branches', store);
		const nameOf = ({ branch }: BranchName): string => {
			const kept = opened.find(({ name: one }) => one.store === store && one.branch === branch);
			const here = kept?.awake?.branch.ledger.state.settings.value('branchName') ?? kept?.note?.branchName;
			const written = rows.find((row) => row['branch'] === branch)?.['branch_name'];
			return here ?? (typeof written === 'string' && written !== '' ? written : branch.slice(0, 8));
		};
		return {
			body: { branches: known.map((one) => ({ branch: one.branch, name: nameOf(one) })) } satisfies v.InferOutput<typeof branchesAnswer>,
		};
	}

	const http: HttpDeps = {
		routes: {
			'GET /hub.json': () => ({
				body: {
					protocolVersion: PROTOCOL_VERSION,
					role: 'relay',
					relay: signer.device,
					...(keys.successions.length === 0 ? {} : { successions: [...keys.successions] }),
					name,
					peer,
					multiaddrs: [],
					branches: branches.size,
				} satisfies RelayInfo,
			}),
			...healthRoutes({
				...{ role: 'relay', anyOrigin: true, notReady },
				figures: () => ({
					record: healthOf(record.standing(), deps.database),
					branches: opened.length,
					entries: opened.reduce((sum, { awake, note }) => sum + (awake?.branch.ledger.size() ?? note?.entries ?? 0), 0),
				}),
			}),
			...(deps.reports === 'off' ? {} : { ...apiRoutes({ record, sessions }), ...ownerRoutes({ record, sessions, clock }) }),
			...openings.routes,
			[`POST ${BRANCHES_PATH}`]: (_, body) => branchesOf(body),
			...(shared === undefined ? {} : { [`POST ${PROCESS_PATH}`]: (request, body) => answerProcess(request, body, secret, openHere) }),
			[`GET ${CHALLENGE_PATH}`]: async (request) => ({ anyOrigin: true, body: await answerChallenge(request) }),
		},
		upgrades: {
			[RELAY_PATH](request, socket: Duplex, head) {
				const refuse = (status: string, sentence: string): void => {
					log('refused', { status, sentence, from: clientAddress(request, deps.behindProxy === true) });
					meters?.linkRefused(sentence);
					refuseUpgrade(socket, status, sentence);
				};
				upgrade({ request, socket, head }, refuse).catch((error: unknown) => {
					log('upgrade failed', { error: String(error) });
					refuse('500 Internal Server Error', 'Something went wrong here. The log on the server says what.');
				});
			},
		},
		...(pages === undefined ? {} : { files: serveOwnerPages(pages) }),
		contentSecurityPolicy: policyOf(pages?.scriptHashes ?? [], 'only us'),
		...(meters && { onAnswered: meters.httpAnswered }),
		onError: (error) => {
			log('request failed', { error: String(error) });
		},
	};
	const { certificate } = deps;
	let server: ReturnType<typeof createServerWith>;
	try {
		server = createServerWith(
			http,
			certificate && { files: certificate, clock, timers, log, onCertificate: meters?.certificateIs, lookEveryMs: certificate.lookEveryMs },
		);
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

	const portNow = (): number => (server.address() as AddressInfo).port;
	if (shared === undefined) {
		// Branches of earlier runs: their tills may be asked about before they come back.
		for (const known of await record.branches()) {
			// One that cannot be opened is in the log, tried again when its hub comes, and stops nobody else's.
			if ('problem' in known) log('branch left aside', { key: known.key });
			else await branchOf(known, known.root)?.catch(() => undefined);
		}
	} else {
		let turning: Promise<void> | undefined;
		shared.onTurn((turn) => {
			turning ??= onTurn(turn)
				.catch((error: unknown) => {
					log('turn failed', { error: String(error) });
				})
				.finally(() => {
					turning = undefined;
				});
		});
		const address = deps.peerUrl ?? `http://${addressOf(host)}:${portNow()}`;
		self = await shared.join({ address, ...(deps.publicUrl === undefined ? {} : { publicUrl: deps.publicUrl }) });
		// What nobody keeps is open when this resolves; what a process kept that is gone comes when that is sure.
		await turning;
		log('joined', { ...self });
	}
	meters?.look(() => ({
		...{ ready: notReady() === undefined, recordAnswers: record.standing().answers, branches: opened.length },
		roles: opened.flatMap((entry) => [...entry.linked.values()].map(({ device }) => roleOf(entry, device) ?? 'other')),
	}));
	isStarted = true;
	const stopLooking = timers.every(LOOK_AT_KEYS_MS, () => {
		if (!keys.isOutdone()) return;
		stopLooking();
		log('keys renewed', { generation: keys.line.length });
		deps.onRenewed?.();
	});

	return {
		get port() {
			return portNow();
		},
		device: signer.device,
		branches: () => opened.flatMap(({ name: { store }, awake }) => (awake === undefined ? [] : [{ store, branch: awake.branch }])),
		async reported() {
			for (const { awake } of opened) {
				await awake?.reporter?.settled();
				await awake?.heard?.settled();
			}
		},
		report: record.report,
		async drain() {
			isStopping = true;
			const branchesLeft = await settle(
				opened.flatMap(({ awake }) => awake?.branch ?? []),
				{ issuer: signer.device, mayIssue: () => record.standing().answers && shared?.isSure() !== false, clock, timers },
			);
			if (branchesLeft > 0) log('not all was signed', { branches: branchesLeft });
		},
		async close() {
			isStopping = true;
			stopLooking();
			stopWaiting?.();
			resting.close();
			if (shared !== undefined && record.standing().answers) {
				await shared.stay(false).catch(() => undefined);
				await Promise.allSettled(branches.values());
				await Promise.allSettled([...opened].map(giveAway));
			}
			for (const { door } of opened) door.close();
			await closeHttp(server);
			const handedOn = share.close(); // What it waits for ends with the branches.
			for (const entry of opened) await putDown(entry);
			await handedOn;
			await record.close();
			folder.release();
		},
	};
}

function keyOf({ store, branch }: Pick<BranchName, 'store' | 'branch'>): string {
	return `${store}-${branch}`;
}

function devicesIn(linked: ReadonlyMap<string, LinkedDevice>): ReadonlySet<DeviceId> {
	return new Set([...linked.values()].map(({ device }) => device));
}

const GIVEN_UP = 'This device has renewed its keys: this copy of it is older.';
const FULL = 'This relay takes no more branches.';

/** Another process has it: no failure. */
function isOthers(error: unknown): boolean {
	return error instanceof StorageError && error.kind === 'not-owner';
}

/** Where others find a process that listens on `host`. */
function addressOf(host: string): string {
	return host === '0.0.0.0' || host === '::' ? (lanAddresses()[0] ?? '127.0.0.1') : host.includes(':') ? `[${host}]` : host;
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
