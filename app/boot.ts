/**
 * The till, put together: the only file of the app that knows which adapter fulfils which port.
 *
 * Invariants:
 * 1. A sale needs the vault and the cached rows, nothing else: worker, Automerge and links come behind, and may fail without it.
 * 2. One tab of a profile runs all this. Another one opens nothing until it takes over.
 * 3. `Work alone` closes every link until `reconnect`, across reloads.
 */
import { proxy, transfer, wrap, type Remote } from 'comlink';
import * as v from 'valibot';
import type { OwnerRecord } from '#engine/owner-record.ts';
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { answerDispute } from '#adapters/disputes-hub/disputes-hub.ts';
import { watchForUpdate } from '#adapters/app-update/app-update.ts';
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { createPins } from '#adapters/pins-argon2id/pins-argon2id.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { deviceKeys, keysInForce, type DeviceKeys } from '#adapters/keys-webcrypto/keys-indexeddb.ts';
import { directAddress, peerOfAddress } from '#adapters/lan-libp2p/addresses.ts';
import { addressesOfPlace, newestPlaces } from '#adapters/lan-libp2p/hub-places.ts';
import { createLocalNetwork } from '#adapters/local-network/local-network.ts';
import { createPageLifecycle } from '#adapters/page-lifecycle/page-lifecycle.ts';
import type { Serial, Usb } from '#adapters/printer-escpos/cable.ts';
import { createReceiptPrinter } from '#adapters/printer-escpos/printer-escpos.ts';
import { eraseStorage, storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import { createBranchesHub } from '#adapters/branches-hub/branches-hub.ts';
import { bringToHub } from '#adapters/journal-hub/journal-hub.ts';
import { createRecoveryHub } from '#adapters/recovery-hub/recovery-hub.ts';
import { createStorageRoom } from '#adapters/storage-buckets/storage-room.ts';
import { ownSoon, takeOver as takeLock, type OwnedTab } from '#adapters/tab-ownership/tab-ownership.ts';
import { decodeChain, keyInForce } from '#core/entry/certificate.ts';
import type { SeenVector } from '#core/entry/seen.ts';
import { hubRefusalWords } from '#core/hub-refusals.ts';
import { isRefusal, type Intent } from '#core/intent.ts';
import { approved } from '#core/people/approved.ts';
import { readSetupCode } from '#core/setup-code.ts';
import { createPractice } from '#core/training/practice.ts';
import { numberingOf } from '#core/roster/till-numbers.ts';
import { createAtTill, LOCK_RULE, type AtTill, type LockRule } from '#engine/at-till.ts';
import type { Paper } from '#core/receipt/paper.ts';
import type { Commands, Printed, Trouble, Unsent } from '#engine/commands.ts';
import type { CheckArchive } from '#engine/check-archive.ts';
import { createCarried } from '#engine/bring-in.ts';
import { createCommit, troubleOf } from '#engine/commit.ts';
import { recordedCustomer } from '#engine/customers-file.ts';
import { putAside } from '#engine/parking.ts';
import { keepLinks, type KeptLinks } from '#engine/keep-links.ts';
import { createOwnRenewal, noteRenewal, type OwnRenewal } from '#engine/own-renewal.ts';
import { recover } from '#engine/recover.ts';
import { createRoomWatch } from '#engine/room-watch.ts';
import { createSealer, type Seen } from '#engine/seal.ts';
import { decodeJournal, encodeJournal } from '#engine/journal-file.ts';
import { createLedgeredMarks } from '#engine/ledgered-marks.ts';
import { lastPaid, leavePaid } from '#engine/last-paid.ts';
import type { NotIn, Setup, StartState, TabOwnership } from '#engine/start.ts';
import { createStandDown } from '#engine/stand-down.ts';
import { createTakeBack } from '#engine/take-back.ts';
import { createTellRecorded } from '#engine/tell-recorded.ts';
import { createTill } from '#engine/till.ts';
import { createTrainingCommands } from '#engine/training.ts';
import { createVerifier } from '#engine/verify.ts';
import { StorageError, type Lan, type LanPeer, type LocalNetworkAccess, type ReceiptPrinter, type Vault, type VaultFinding } from '#ports';
import { EMPTY_CATALOGUE, updateCatalogue } from '#projections/catalogue-view.ts';
import { noSyncYet } from '#projections/no-sync-yet.ts';
import { openPacked } from '#projections/packed-catalogue.ts';
import { fetchCart, isOpen } from '#core/sale/cart.ts';
import { spokenNow } from '#languages/spoken.ts';
import type { ConflictRow, ParkedRow, ShopRow, SyncRow } from '#projections/rows.ts';
import { trainingMark } from '#projections/receipt-paper.ts';
import { roomRow } from '#projections/room.ts';
import { createTrainingViews } from '#projections/training-views.ts';
import { createView } from '#projections/view.ts';
import type { Catalogue, HubByCode, UpdateState, View, Views } from '#projections/views.ts';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import { equipment as equipmentSchema, PLAIN_EQUIPMENT, type Equipment } from '#schemas/equipment.ts';
import type { Cart } from '#schemas/cart.ts';
import type { CustomerId, DeviceId, IntentKey, PersonId, Sku } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import { enrolled, enrolProofText, hubInfo, REMOVED_PATH, RENEWED_PATH, type Enrolled, type HubInfo } from '#schemas/wire/enrolment.ts';
import { hubPlace, type HubPlace } from '#schemas/wire/hub-place.ts';
import { hubRefusal } from '#schemas/wire/hub-refusal.ts';
import { shownCode, type JoinsFor, type ShownCode } from '#schemas/wire/join-code.ts';
import type { BeginRecovery, RecoveryState } from '#schemas/wire/recovery.ts';
import type { SetupCode } from '#schemas/wire/setup-code.ts';
import type { News, ReplicaWorker, SeenNews } from './replica.worker.ts';

export interface Started {
	readonly state: View<StartState>;
	readonly setup: Setup;
	readonly tabs: TabOwnership;
	readonly commands: Commands;
	readonly views: Views;
	/** While the till is practised on: what screens get in place of the real ones. */
	readonly training: View<Pick<Started, 'commands' | 'views'> | undefined>;
	readonly checkArchive: CheckArchive;
}

const DATABASE = 'holdfast';
const KEYS_DATABASE = 'holdfast-keys';
/** Of customers and of the store: what is exchanged, where the device's own never leave. */
const KEY_TABLE = 'holdfast-key-table';
const TAB_LOCK = 'holdfast-till';
const HUB_ANSWER_MS = 5_000;
const LOOK_FOR_HUB_MS = 15_000;
const SENT_ANSWER_MS = 5_000;
/** For a person who reads the browser's question. */
const QUESTION_MS = 15_000;
const AGAIN_MS = 500;
const PAINTED_WITHIN_MS = 1_000;
const LETS_GO_MS = 1_000;
/** A receipt is drawn by then, or the page has too much to do for waiting to help. */
const DRAWN_WITHIN_MS = 100;
/** What was shown to the links gets there. */
const SHOWN_MS = 300;

/** What the vault keeps of the shop this till belongs to. */
const MEMBER = 'member';
const HUB = 'hub';
/** Where hubs are by their setup codes: for a till whose page did not come from them. */
const HUB_BY_CODE = 'hubByCode';
/** Where hubs are as hubs told on links, the newest first: what leads to a second one when the first is dead, after a reload, too. */
const HUBS_TOLD = 'hubsTold';
const WORK_ALONE = 'workAlone';
const EQUIPMENT = 'equipment';
/** The entry of the receipt that was printed last. */
const PRINTED = 'printed';
const TRAINING = 'training';
/** Who had this device's keys renewed last. */
const RENEWED_BY = 'renewedBy';
/** Between two looks whether somebody has said yes; a hub forgets whoever has not asked for fifteen seconds. */
const WAITS_MS = 2_000;

const hubByCodeValue = v.object({ multiaddrs: v.array(v.string()) });
type HubByCodeValue = v.InferOutput<typeof hubByCodeValue>;
const hubsToldValue = v.array(hubPlace);

/** For the owner's pages, which start no till. What it is made of is loaded with them. */
export function openOwnerRecord(): OwnerRecord {
	const loading = import('#adapters/owner-http/owner-http.ts').then(({ createOwnerHttp }) => createOwnerHttp());
	return {
		signIn: async (text) => (await loading).signIn(text),
		signOut: async () => (await loading).signOut(),
		live: async () => (await loading).live(),
		page: async ({ view, ...question }) => (await loading).page({ view, ...question }),
	};
}

export async function start(): Promise<Started> {
	const state = createView<StartState>({ state: 'setup', hub: undefined });
	const clock = systemClock;
	const timers = createSystemTimers((error) => {
		console.error(error);
	});
	const digest = createDigest();

	const shop = createView<ShopRow>(NO_SHOP);
	const catalogue = createView<Catalogue>(EMPTY_CATALOGUE);
	const favourites = createView<readonly Sku[]>([]);
	const atTill = createView<AtTill>({ state: 'everybody' });
	const lockRule = createView<LockRule>(LOCK_RULE);
	const parked = createView<readonly ParkedRow[]>([]);
	const conflicts = createView<readonly ConflictRow[]>([]);
	const sync = createView<SyncRow>(noSyncYet());
	const receiptsVersion = createView(0);
	const goodsVersion = createView(0);
	const customersVersion = createView(0);
	const equipment = createView<Equipment>(PLAIN_EQUIPMENT);
	const update = createView<UpdateState>('none');
	const recovery = createView<RecoveryState>({ state: 'none' });
	const dropped = createView(false);
	const keysRenewedAtMs = createView<number | undefined>(undefined);
	const keysGivenUp = createView(false);
	const comingBack = createView<number | undefined>(undefined);
	const recoveryHub = createRecoveryHub((path, init) => fetch(path, init));
	const branchesHub = createBranchesHub((path, init) => fetch(path, init));
	const room = createView(roomRow({ persisted: false, leftBytes: undefined, usedBytes: undefined, full: false }));
	const roomWatch = createRoomWatch(createStorageRoom(), timers, (now) => {
		room.set(roomRow(now));
	});

	let vault: Vault | undefined;
	let keys: DeviceKeys | undefined;
	let ownership = 0;
	let running: Running | undefined;
	/** Of this tab, until the till runs in it. */
	let waitingWorker: StartedWorker | undefined;
	let printer: ReceiptPrinter | undefined;
	let alone = false;
	let selling = 0;
	let byCode: HubByCodeValue | undefined;

	const lifecycle = createPageLifecycle({ page: document, around: window, clock, timers });
	lifecycle.onHidden(() => running?.tellRecorded());
	const localNetwork = createLocalNetwork();
	const localAccess = createView<LocalNetworkAccess>('unknown');
	const hubByCode = createView<HubByCode>({ state: 'none' });

	/** What the browser says of the network in which the hub of the setup code is; without one, of this device's. */
	async function lookAtNetwork(addresses: readonly string[] = byCode?.multiaddrs ?? []): Promise<LocalNetworkAccess> {
		const isHere = addresses.length > 0 && addresses.every((address) => address.startsWith('/ip4/127.') || address.startsWith('/ip6/::1/'));
		const access = await localNetwork.access(isHere ? 'this-machine' : 'network');
		localAccess.set(access);
		hubByCode.set(byCode === undefined ? { state: 'none' } : { state: 'known', access });
		return access;
	}
	localNetwork.onChange(() => void lookAtNetwork());
	void lookAtNetwork();

	/** What the vault found about its copies, until the worker can say it on Sync. */
	const vaultFound: VaultFinding[] = [];
	let tellVaultFound: (() => void) | undefined;
	function noteVault(finding: VaultFinding): void {
		report(finding);
		vaultFound.push(finding);
		tellVaultFound?.();
	}

	interface Running {
		readonly worker: Remote<ReplicaWorker>;
		readonly tellRecorded: () => void;
		readonly member: Enrolled;
		readonly device: DeviceId;
		readonly ownRenewal: Pick<OwnRenewal, 'renew' | 'number'>;
		readonly isOver: OwnRenewal['isOver'];
		readonly till: ReturnType<typeof createTill>;
		readonly atTill: ReturnType<typeof createAtTill>;
		readonly lan: KeptLinks;
		readonly stop: () => void;
	}

	// ——— one tab

	/** Ends with the tab, too: whoever takes over while it opens has the vault. */
	async function own(tab: OwnedTab): Promise<void> {
		let isOwn = true;
		const lost = tab.lost.then(() => {
			isOwn = false;
			running?.stop();
			running = undefined;
			state.set({ state: 'second-tab' });
		});
		await Promise.race([openTill(() => isOwn), lost]);
	}

	async function openTill(isOwn: () => boolean): Promise<void> {
		// Its program and the cached rows are read while the vault opens.
		waitingWorker ??= openWorker();
		let member: v.SafeParseResult<typeof enrolled>;
		try {
			const places = await storagePlaces('vault');
			vault ??= await openIndexedDbVault({ places, name: DATABASE, onFinding: noteVault });
			if (!isOwn()) return;
			ownership = await vault.takeOwnership();
			member = v.safeParse(enrolled, await vault.getValue(MEMBER));
			// Another tab may have renewed them since this one had the till.
			keys = await keysInForce(places, KEYS_DATABASE, member.success ? keyInForce(bytesOfHex(member.output.chain)) : undefined);
			const { serial, usb } = navigator as { readonly serial?: Serial; readonly usb?: Usb };
			printer = createReceiptPrinter({ serial, usb, digest, signer: keys.signer, fetch: (path, init) => fetch(path, init) });
		} catch (error) {
			if (isOwn()) state.set({ state: 'no-storage', detail: error instanceof Error ? error.message : String(error) });
			return;
		}
		const beside = v.safeParse(equipmentSchema, await vault.getValue(EQUIPMENT));
		if (!isOwn()) return;
		if (beside.success) equipment.set(beside.output);
		if (member.success) {
			await run(member.output);
			return;
		}
		const hub = await askHub();
		if (isOwn()) state.set({ state: 'setup', hub });
	}

	// ——— setup

	async function askHub(): Promise<HubInfo | undefined> {
		try {
			const response = await fetch('/hub.json', { cache: 'no-store', signal: AbortSignal.timeout(HUB_ANSWER_MS) });
			return v.parse(hubInfo, await response.json());
		} catch {
			return undefined;
		}
	}

	async function proofFor({ signer, networkSeed }: DeviceKeys, nonce: string) {
		const { peerIdOfSeed } = await import('#adapters/lan-libp2p/network-key.ts');
		const peer = await peerIdOfSeed(networkSeed);
		const proof = hexOf(await signer.sign(new TextEncoder().encode(enrolProofText(peer, nonce))));
		return { device: signer.device, peer, proof, nonce };
	}

	async function become(member: Enrolled): Promise<'enrolled'> {
		await vault?.setValue(MEMBER, member, ownership);
		await run(member, true);
		roomWatch.hasSomethingToLose();
		return 'enrolled';
	}

	async function enrol(path: 'claim' | 'join', asked: Readonly<Record<string, unknown>>): Promise<'enrolled' | NotIn> {
		if (vault === undefined || keys === undefined) return { problem: 'storage-closed' };
		try {
			const nonceAnswer = await fetch('/enrol/nonce', { cache: 'no-store' });
			const { nonce } = v.parse(v.object({ nonce: v.string() }), await nonceAnswer.json());
			const body = JSON.stringify({ ...(await proofFor(keys, nonce)), ...asked });
			const response = await fetch(`/enrol/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
			const answer: unknown = await response.json();
			if (!response.ok) return v.is(hubRefusal, answer) ? { problem: 'not-let-in', ...answer } : { problem: 'hub-answered', status: response.status };
			return await become(v.parse(enrolled, answer));
		} catch (error) {
			if (error instanceof StorageError) return { problem: 'not-saved', detail: error.message };
			return { problem: 'hub-silent' };
		}
	}

	/** Ends as a till of the shop, like a claim: whoever brought it back sits at the hub's own machine. */
	async function getBack(asked: Omit<BeginRecovery, 'journal'>, bytes?: Uint8Array): ReturnType<Setup['getBack']> {
		const journal = bytes === undefined ? undefined : decodeJournal(bytes);
		if (journal !== undefined && 'problem' in journal) return { problem: 'bad-journal', journal: journal.problem };
		const begun = await recoveryHub.begin({
			...asked,
			...(journal === undefined ? {} : { journal: { store: journal.store, branch: journal.branch } }),
		});
		if (begun !== 'begun') return { problem: 'not-let-in', ...begun.problem, ...(begun.branches === undefined ? {} : { branches: begun.branches }) };
		comingBack.set(0);
		try {
			const brought = journal === undefined ? 'brought' : await recoveryHub.bring(journal);
			if (brought !== 'brought') return { problem: 'not-let-in', ...brought.problem };
			for (;;) {
				const now = await recoveryHub.state();
				if (now.state !== 'coming-back') break;
				comingBack.set(now.entries);
				await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
			}
			const code = await fetch('/join-code', { cache: 'no-store' });
			return await enrol('join', { code: (await code.text()).trim() });
		} catch {
			return { problem: 'hub-silent' };
		} finally {
			comingBack.set(undefined);
		}
	}

	/** Like a claim: whoever opens the branch sits at its hub's own machine, and this is its first till. */
	async function asBranch(bytes?: Uint8Array): ReturnType<Setup['asBranch']> {
		const taken = bytes === undefined ? 'taken' : await branchesHub.take(bytes);
		if (taken !== 'taken') return { problem: 'not-let-in', ...taken.problem };
		try {
			const code = await fetch('/join-code', { cache: 'no-store' });
			return code.ok ? await enrol('join', { code: (await code.text()).trim() }) : { problem: 'hub-silent' };
		} catch {
			return { problem: 'hub-silent' };
		}
	}

	async function bringJournal(file: Uint8Array<ArrayBuffer>): ReturnType<Setup['bringJournal']> {
		const brought = await bringToHub((path, init) => fetch(path, init), file);
		return 'problem' in brought ? { problem: 'not-let-in', ...brought.problem } : brought;
	}

	async function lookAtRecovery(): Promise<void> {
		recovery.set(await recoveryHub.state());
	}

	/** The same by webrtc-direct, from a hub of which this page knows nothing but its setup code. */
	async function enrolBySetupCode(text: string): Promise<'enrolled' | NotIn> {
		const code = readSetupCode(text);
		if ('refused' in code) return { problem: code.refused };
		if (vault === undefined || keys === undefined) return { problem: 'storage-closed' };
		if (typeof RTCPeerConnection === 'undefined') return { problem: 'no-webrtc' };
		const { NobodyAnswered, visitHub } = await import('#adapters/lan-libp2p/enrolment.ts');
		const visits = (addresses: readonly string[]): ReturnType<typeof visitHub> => visitHub((keys as DeviceKeys).networkSeed, addresses);
		try {
			const multiaddrs = addressesIn(code);
			const visit = await withAnswer(multiaddrs, () => visits(multiaddrs));
			let member: Enrolled;
			try {
				const answer = await visit.join({ ...(await proofFor(keys, visit.nonce)), code: code.code });
				if ('error' in answer) return { problem: 'not-let-in', ...answer };
				member = answer.enrolled;
			} finally {
				await visit.close();
			}
			// The address that answered is dialled first from now on.
			byCode = { multiaddrs: [visit.address, ...multiaddrs.filter((address) => address !== visit.address)] };
			await vault.setValue(HUB_BY_CODE, byCode, ownership);
			return await become(member);
		} catch (error) {
			if (error instanceof StorageError) return { problem: 'not-saved', detail: error.message };
			if (error instanceof NobodyAnswered) return silenceOf(code, await lookAtNetwork(addressesIn(code)));
			return { problem: 'hub-left' };
		}
	}

	/** While the browser's own question is on the screen nothing gets through: the dial is tried again until it is answered. */
	async function withAnswer<Visited>(addresses: readonly string[], visits: () => Promise<Visited>): Promise<Visited> {
		const untilMs = clock.nowMs() + QUESTION_MS;
		for (;;) {
			const before = await lookAtNetwork(addresses);
			try {
				return await visits();
			} catch (error) {
				const now = await lookAtNetwork(addresses);
				const wasAnswered = before !== 'granted' && now === 'granted';
				const isAsking = now === 'prompt' && clock.nowMs() < untilMs;
				if (!wasAnswered && !isAsking) throw error;
				await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
			}
		}
	}

	// ——— the running till

	async function run(member: Enrolled, isNew = false): Promise<void> {
		if (vault === undefined || keys === undefined) throw new Error('the vault is opened before the till runs');
		const into = vault;
		const { signer, networkSeed } = keys;
		const chain = bytesOfHex(member.chain);
		const generation = keyInForce(chain)?.generation ?? 0;
		keysRenewedAtMs.set(decodeChain(chain)?.[0]?.renewals.at(-1)?.atMs);
		const { port1, port2 } = new MessageChannel();
		const { webWorker, worker } = waitingWorker ?? openWorker();
		waitingWorker = undefined;
		const firstRows = Promise.withResolvers<undefined>();
		let seen: SeenNews = { vector: [], hlc: [0, 0], marks: [] };
		let peers: ReadonlySet<string> = new Set();
		let removed: ReadonlySet<DeviceId> = new Set();
		/** By the peer id that it had. */
		let renewedPeers: ReadonlyMap<string, string> = new Map();

		function takeNews(news: News): void {
			// Rows and what they had seen are taken together: a sale says truly what its cashier could know.
			if (news.seen !== undefined) seen = news.seen;
			if (news.shop !== undefined) {
				shop.set(news.shop);
				who.look();
			}
			if (news.catalogue !== undefined) {
				const { catalogue: now } = news;
				catalogue.set('packed' in now ? openPacked(now.packed, now.live) : updateCatalogue(catalogue.get(), now));
			}
			if (news.favourites !== undefined) favourites.set(news.favourites);
			if (news.parked !== undefined) parked.set(news.parked);
			if (news.conflicts !== undefined) conflicts.set(news.conflicts);
			if (news.sync !== undefined) sync.set(news.sync);
			if (news.receiptsVersion !== undefined) receiptsVersion.set(news.receiptsVersion);
			if (news.goodsVersion !== undefined) goodsVersion.set(news.goodsVersion);
			if (news.customersVersion !== undefined) customersVersion.set(news.customersVersion);
			if (news.roster !== undefined) {
				peers = new Set(news.roster.peers);
				removed = new Set(news.roster.removed);
				renewedPeers = new Map(news.roster.renewed);
			}
			if (news.ledgered !== undefined) markLedgered(news.ledgered.scope, news.ledgered.seq);
			if (news.ownPrunable !== undefined) into.prune(news.ownPrunable, ownership).catch(report);
			if (news.ownClaims !== undefined) takeBack.hear(news.ownClaims);
			if (news.ownCame === true) takeBack.look();
			if (news.ownFork === true) standDown.look();
			if (news.shop !== undefined) firstRows.resolve(undefined);
		}

		const telling = createTellRecorded({
			...{ hear: (entries) => worker.hear(entries), drawn: () => painted(DRAWN_WITHIN_MS), isHidden: lifecycle.isHidden, onError: report },
		});
		/** Whoever asks it is answered by a ledger that has heard of everything. */
		function informed(): Remote<ReplicaWorker> {
			telling.tell();
			return worker;
		}
		const markLedgered = createLedgeredMarks({ vault: into, ownership: () => ownership, timers, onError: report });
		const takeBack = createTakeBack({
			...{ vault: into, ownership: () => ownership, timers, isNew },
			ownAbove: (heads) => informed().ownAbove(heads),
			onTaken: (entries) => {
				worker.recover(entries.map(({ sealed }) => sealed)).catch(report);
			},
		});
		const standDown = createStandDown({
			...{ vault: into, ownership: () => ownership, standing: (heads) => informed().standing(heads) },
			onChange: dropped.set,
		});
		const ownRenewal = createOwnRenewal({
			...{ store: member.store, chain, signer, vault: into },
			isWhole: () => takeBack.settled() === undefined && !standDown.isDropped(),
			async nextKeys() {
				const [{ peerIdOfSeed }, next] = await Promise.all([
					import('#adapters/lan-libp2p/network-key.ts'),
					deviceKeys(await storagePlaces('vault'), KEYS_DATABASE, generation + 1),
				]);
				return { key: next.signer.device, sign: next.signer.sign, peer: await peerIdOfSeed(next.networkSeed) };
			},
			keep: (renewed) => into.setValue(MEMBER, { ...member, chain: hexOf(renewed) } satisfies Enrolled, ownership),
			renewals: () => ({
				ask: (asked, how) => informed().askRenewal(asked, how),
				show: (renewed) => {
					worker.showRenewal(renewed).catch(report);
				},
			}),
		});
		const commit = createCommit({
			sealer: createSealer({ store: member.store, signer, digest, clock }),
			vault: into,
			digest,
			ownership: () => ownership,
			seen: (): Seen => ({ vector: new Map(seen.vector) satisfies SeenVector, hlc: seen.hlc }),
			day: () => shop.get(),
			onRecorded(entries) {
				takeBack.recorded(entries);
				telling.recorded(entries);
				standDown.recorded();
			},
			...{ settled: takeBack.settled, isDropped: standDown.isDropped, turns: ownRenewal.turns, isOver: ownRenewal.isOver },
		});
		const who = createAtTill({
			...{ pins: createPins(), secrets: () => informed().secrets(), people: () => shop.get().people ?? [], clock, timers },
			kept: {
				get: (name) => into.getValue(name),
				set: async (name, value) => {
					await into.setValue(name, value, ownership);
				},
			},
			onWrong(person, tries) {
				till.performOwn({ intent: 'note-wrong-pins', person, tries }, crypto.randomUUID() as IntentKey).catch(report);
			},
			onChange: (now) => {
				atTill.set(now);
			},
			onRule: (rule) => {
				lockRule.set(rule);
			},
			onError: report,
		});
		const till = createTill({
			...{ commit, device: signer.device, tillNumber: member.till, money: () => shop.get() },
			atDevice() {
				const people = shop.get().people ?? [];
				return {
					...{ by: who.by(), isLocked: who.isLocked() },
					people: { isAny: people.length > 0, roleOf: (person) => people.find((one) => one.person === person)?.role },
				};
			},
			numbering: () => numberingOf(shop.get().device),
			async decide(intent, context) {
				const { outcome, seen: decidedOn } = await informed().decide(intent, context);
				seen = decidedOn;
				return outcome;
			},
		});
		// Unique for this very tab and run: a reload is another peer to automerge-repo.
		const repoPeer = `${signer.device.slice(0, 16)}-${crypto.randomUUID()}`;
		const opening = worker.open(
			{
				...{
					databaseName: DATABASE,
					keyTableName: KEY_TABLE,
					ownership,
					store: member.store,
					branch: member.branch,
					root: member.root,
					device: signer.device,
					chain,
				},
				...{ certificates: member.certificates.map(bytesOfHex), repoPeer, spoken: spokenNow() },
			},
			transfer(port1, [port1]),
			proxy(takeNews),
			proxy((bytes: Uint8Array) => signer.sign(bytes)),
		);
		const shown = Promise.withResolvers<undefined>();
		const lan = keepLinks({ open: () => shown.promise.then(openLan), timers, onFailure: report });
		const begun: Running = {
			...{ till, atTill: who, lan, member, device: signer.device, ownRenewal, isOver: ownRenewal.isOver },
			tellRecorded: telling.tell,
			get worker() {
				return informed();
			},
			stop() {
				takeBack.close();
				tellVaultFound = undefined;
				lan.end().catch(report);
				webWorker.terminate();
			},
		};
		running = begun;
		// What of the vault says who may sell is read while the worker answers.
		const [cached, isTraining, isAlone] = await Promise.all([
			opening.catch(report),
			into.getValue(TRAINING),
			into.getValue(WORK_ALONE),
			who.open(),
			standDown.open(),
		]);
		alone = isAlone === true;
		const linked = lan.want(!alone);
		if (cached === undefined) shown.resolve(undefined);
		else takeNews(cached);
		const started = shown.promise
			.then(() => worker.load())
			.then(() => recover(into, (sealed) => worker.recover(sealed)))
			.then(() => worker.start())
			.then(async () => {
				tellVaultFound = () => {
					for (const finding of vaultFound.splice(0)) worker.noteVault(finding).catch(report);
				};
				tellVaultFound();
				standDown.look();
				// Closed in the middle of putting one aside or fetching it: the vault's is the cart.
				await worker.unpark((await into.carts()).flatMap(({ key, parked: id }) => (id === undefined ? [key] : [key, id])));
				takeBack.look();
				await linked;
				takeBack.listening();
			})
			.catch(report);
		// Ready with the cached rows; a till that has none yet waits for its first fold.
		await Promise.race([firstRows.promise, started]);
		if (running !== begun) return; // Another tab has the till.
		// Before any screen is there: whoever reloads in training must not sell for real unknowingly.
		if (isTraining === true) train();
		if (generation > 0)
			into
				.getValue(RENEWED_BY)
				.then((by) => noteRenewal(chain, commit, typeof by === 'string' ? (by as PersonId) : undefined))
				.catch(report);
		state.set({ state: 'ready' });
		lifecycle.onWake(() => {
			if (running === begun) lan.wake();
		});
		void roomWatch.look();
		void lookAtRecovery();
		// Neither the fold nor the links take anything from the first screen.
		await painted(PAINTED_WITHIN_MS);
		shown.resolve(undefined);

		/** What may fail comes before the links: they are made once. */
		async function openLan(): Promise<Lan> {
			const { createLan } = await import('#adapters/lan-libp2p/lan.ts');
			const verifier = createVerifier({ digest, store: member.store });
			let hub = v.safeParse(hubInfo, await into.getValue(HUB)).output as HubInfo | undefined;
			const noted = v.safeParse(hubByCodeValue, await into.getValue(HUB_BY_CODE));
			byCode = noted.success ? noted.output : undefined;
			void lookAtNetwork();
			const kept = v.safeParse(hubsToldValue, await into.getValue(HUBS_TOLD));
			let hubsTold: readonly HubPlace[] = kept.success ? kept.output : [];
			const lookForHub = async (): Promise<void> => {
				const answer = await askHub();
				if (answer === undefined || answer.store !== member.store) return;
				hub = answer;
				await into.setValue(HUB, answer, ownership);
				if (generation > 0) await showRenewed();
				await hearRemoval();
			};
			/** A hub that has renewed its keys is where it was. */
			function withPeerOfToday(address: string): string {
				const peer = peerOfAddress(address);
				const now = peer === undefined ? undefined : renewedPeers.get(peer);
				return peer === undefined || now === undefined ? address : address.replace(`/p2p/${peer}`, `/p2p/${now}`);
			}
			/** A hub links with no device that was removed: that it was, it hears here, with its proof. */
			async function hearRemoval(): Promise<void> {
				if (removed.has(signer.device)) return;
				const asked = fetch(`${REMOVED_PATH}?device=${signer.device}`, { cache: 'no-store', signal: AbortSignal.timeout(HUB_ANSWER_MS) });
				const answer = await asked.catch(() => undefined);
				if (answer?.ok === true) await worker.bringIn(new Uint8Array(await answer.arrayBuffer()));
			}
			/** It lets in whom it knows, and may not have heard of this device's new keys. */
			async function showRenewed(): Promise<void> {
				const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ chain: member.chain }) };
				await fetch(RENEWED_PATH, { ...init, signal: AbortSignal.timeout(HUB_ANSWER_MS) }).catch(() => undefined);
			}
			const links = createLan({
				...{ store: member.store, chain, networkSeed, port: port2, clock, timers },
				async verifyChain(bytes) {
					const certificate = await verifier.chain(bytes);
					if (certificate !== undefined) worker.takeChain(bytes).catch(report);
					return certificate;
				},
				isRevoked: (device) => removed.has(device),
				marks: (): readonly Mark[] => seen.marks,
				knownPeers: () => peers,
				formerPeers: () => renewedPeers,
				dial: () => [
					...new Set(
						[
							...(hub?.multiaddrs ?? []),
							...(byCode?.multiaddrs ?? []),
							// A hint leads to nobody of whom this till has no certificate.
							...hubsTold.filter(({ peer }) => peers.has(peer) || renewedPeers.has(peer)).flatMap(addressesOfPlace),
						].map(withPeerOfToday),
					),
				],
			});
			links.onHubs((told) => {
				hubsTold = newestPlaces(told, hubsTold);
				into.setValue(HUBS_TOLD, hubsTold, ownership).catch(report);
			});
			links.onPeers((linked: readonly LanPeer[]) => {
				worker.setLinks(linked, alone).catch(report);
			});
			void lookForHub();
			timers.every(LOOK_FOR_HUB_MS, () => {
				keysGivenUp.set(links.ends().some(({ reason, here }) => reason === 'key-given-up' && !here));
				return links.peers().some(({ role }) => role === 'hub') ? undefined : lookForHub();
			});
			lifecycle.onWake(() => {
				if (running !== begun) return;
				if (!links.peers().some(({ role }) => role === 'hub')) void lookForHub();
				worker.wake().catch(report);
			});
			worker.setLinks([], alone).catch(report);
			return links;
		}
	}

	async function setWorkAlone(wanted: boolean): Promise<void> {
		const { vault: into, now } = ready();
		await into.setValue(WORK_ALONE, wanted, ownership);
		alone = wanted;
		await now.lan.want(!alone);
		await now.worker.setLinks(alone ? [] : now.lan.peers(), alone);
	}

	/** Counted from the vault, which is the truth; the worker only says how far others have it. */
	async function unsent(): Promise<Unsent | Trouble> {
		if (vault === undefined || running === undefined) return notReady;
		try {
			const { heads } = await vault.read();
			const sent = await Promise.race([
				running.worker.sent(heads),
				new Promise<undefined>((resolve) => setTimeout(resolve, SENT_ANSWER_MS, undefined)),
			]);
			if (sent === undefined) return { trouble: 'not-ready', detail: 'the till is busy' };
			const carriedUpTo = await carried(vault).upTo();
			const safe = { branch: Math.max(sent.branch, carriedUpTo.branch), store: Math.max(sent.store, carriedUpTo.store) };
			const { entries, receipts } = await vault.recordedAbove(safe);
			return { sales: receipts, others: entries - receipts };
		} catch (error) {
			if (error instanceof StorageError) return troubleOf(error);
			throw error;
		}
	}

	const carried = (of: Vault): ReturnType<typeof createCarried> => createCarried(of, () => ownership, digest);

	async function setEquipment(next: Equipment): Promise<'saved' | Trouble> {
		if (vault === undefined) return notReady;
		try {
			if ((await vault.setValue(EQUIPMENT, next, ownership)) !== 'saved')
				return { trouble: 'another-tab', detail: 'another tab of this till has taken over' };
			equipment.set(next);
			return 'saved';
		} catch (error) {
			if (error instanceof StorageError) return troubleOf(error);
			throw error;
		}
	}

	async function sendToPrinter(paper: Paper, opensDrawer: boolean): Promise<Printed> {
		const beside = equipment.get();
		if (beside.printsBy === 'browser') return 'browser';
		if (printer === undefined) return 'not-supported';
		const { direction } = spokenNow();
		return printer.send({ paper, opensDrawer, direction, equipment: beside, printers: shop.get().printers ?? [] });
	}

	function ready(): { readonly vault: Vault; readonly now: Running } {
		if (vault === undefined || running === undefined) throw new Error('the till is not ready');
		return { vault, now: running };
	}

	const notReady: Trouble = { trouble: 'not-ready', detail: 'the till is starting' };
	const locked: Trouble = { trouble: 'locked', detail: 'nobody is at this till' };

	/** For what is not recorded by `Till`, which looks by itself. */
	const isLocked = (): boolean => running?.atTill.isLocked() === true;

	/** The hub of this shop answers this browser as one of its own machine. */
	async function isHubsMachine(): Promise<boolean> {
		const hub = await askHub();
		return hub?.local === true && hub.store !== undefined && hub.store === running?.member.store;
	}

	/** Of the hub of this shop, where this is its own machine. */
	async function codeOfThisMachine(till: JoinsFor): Promise<ShownCode | undefined> {
		if (!(await isHubsMachine())) return undefined;
		const [code, setup] = await Promise.all(
			['join-code', 'setup-code'].map(async (name) => {
				const asked = fetch(`/${name}?till=${till}`, { cache: 'no-store', signal: AbortSignal.timeout(HUB_ANSWER_MS) });
				const answer = await asked.catch(() => undefined);
				return answer?.ok === true ? (await answer.text()).trim() : undefined;
			}),
		);
		const shown = v.safeParse(shownCode, { code, ...(setup === undefined ? {} : { setup }) });
		return shown.success ? shown.output : undefined;
	}

	/** A worker's error comes without its class. */
	function parkingTrouble(error: unknown): Trouble {
		if (error instanceof StorageError) return troubleOf(error);
		return { trouble: 'storage-failed', detail: error instanceof Error ? error.message : String(error) };
	}

	/** Customers whose form is open, by its key. */
	const drawn = new Map<IntentKey, CustomerId>();
	const training = createView<Pick<Started, 'commands' | 'views'> | undefined>(undefined);

	/** From here on no screen holds a command that could record anything. */
	function train(): void {
		const practice = createPractice(shop.get(), clock.nowMs());
		const practised = createTrainingViews(views, shop.get(), favourites.get(), practice, () => clock.nowMs());
		training.set({
			views: practised.views,
			commands: createTrainingCommands({
				...{ real: commands, practice, clock, parked: practised.parked, mark: trainingMark },
				terms: () => shop.get(),
				onChanged: () => {
					practised.changed();
				},
				setFavourite: (sku, favourite) => {
					practised.setFavourite(sku, favourite);
				},
			}),
		});
	}

	const commands: Commands = {
		newKey: () => crypto.randomUUID() as IntentKey,
		async sell(cart, tenders, approvedBy, foresee) {
			if (running === undefined) return notReady;
			selling += 1;
			const done = await running.till.sell(cart, tenders, approvedBy, foresee).finally(() => (selling -= 1));
			if ('entry' in done) roomWatch.hasSomethingToLose();
			if ('entry' in done) roomWatch.wrote('recorded');
			else if ('trouble' in done && done.trouble === 'storage-full') roomWatch.wrote('full');
			return done;
		},
		perform: async (intent: Intent, key, approvedBy) => (running === undefined ? notReady : running.till.perform(intent, key, approvedBy)),
		importProducts: async (fileHash, products, onProgress, approvedBy) =>
			running === undefined ? notReady : running.till.importProducts(fileHash, products, onProgress, approvedBy),
		async saveCustomer(fields, key, edits) {
			if (running === undefined) return notReady;
			if (isLocked()) return locked;
			// A key is drawn for whoever is new: not for whom an earlier try wrote down.
			const before = vault === undefined ? undefined : await recordedCustomer(vault, key);
			if (before !== undefined) return { customer: before, again: true };
			// Tried again, it is the same customer.
			const sealed = await running.worker.sealCustomer({ v: 1, ...fields }, edits?.customer ?? drawn.get(key));
			if (sealed === undefined) return { refused: 'no-such-customer', customer: edits?.customer };
			drawn.set(key, sealed.customer);
			const intent: Intent =
				edits === undefined ? { intent: 'add-customer', ...sealed } : { intent: 'edit-customer', ...sealed, replaces: edits.replaces };
			const done = await running.till.perform(intent, key);
			return 'entry' in done ? { customer: sealed.customer, again: false } : done;
		},
		async openCart() {
			const carts = (await vault?.carts()) ?? [];
			return carts.reduce<Cart | undefined>(
				(newest, cart) => (newest === undefined || cart.changedAtMs > newest.changedAtMs ? cart : newest),
				undefined,
			);
		},
		lastPaid: async () => (vault === undefined ? undefined : lastPaid(vault)),
		async leavePaid(done) {
			running?.atTill.saleLeft();
			if (vault !== undefined) await leavePaid(vault, done, ownership);
		},
		async saveCart(cart) {
			if (vault === undefined) return notReady;
			try {
				const saved = await vault.saveCart(cart, ownership);
				return saved === 'saved' ? saved : { trouble: 'another-tab', detail: 'another tab of this till has taken over' };
			} catch (error) {
				if (error instanceof StorageError) return troubleOf(error);
				throw error;
			}
		},
		async dropCart(key) {
			await vault?.dropCart(key, ownership);
		},
		async park(cart) {
			if (vault === undefined || running === undefined) return notReady;
			if (isLocked()) return locked;
			try {
				const { worker } = running;
				const put = await putAside({ vault, ownership, putOnFloor: (id, content) => worker.park(id, content) }, cart);
				if (put === 'not-owner') return { trouble: 'another-tab', detail: 'another tab of this till has taken over' };
				return put === 'not-ready' ? notReady : put;
			} catch (error) {
				return parkingTrouble(error);
			}
		},
		async fetchParked(id) {
			if (vault === undefined || running === undefined) return notReady;
			if (isLocked()) return locked;
			try {
				const found = await running.worker.parked(id);
				if (found === 'gone') return found;
				if (found === 'not-ready') return notReady;
				const cart = fetchCart(found, id, crypto.randomUUID() as IntentKey, clock.nowMs());
				if ((await vault.saveCart(cart, ownership)) !== 'saved') return { trouble: 'another-tab', detail: 'another tab of this till has taken over' };
				await running.worker.unpark([id]);
				return cart;
			} catch (error) {
				return parkingTrouble(error);
			}
		},
		async dropParked(id) {
			if (running === undefined) return notReady;
			if (isLocked()) return locked;
			const found = await running.worker.parked(id);
			if (found === 'not-ready') return notReady;
			if (found === 'gone') return found;
			try {
				await running.worker.unpark([id]);
				return 'dropped';
			} catch (error) {
				return parkingTrouble(error);
			}
		},
		arrangeFavourites: (order) => ready().now.worker.arrangeFavourites(order),
		print: (paper) => sendToPrinter(paper, false),
		async openDrawer() {
			const { printsBy, opensDrawer } = equipment.get();
			if (printsBy === 'browser' || !opensDrawer) return 'none';
			const sent = await sendToPrinter([], true);
			return sent === 'browser' ? 'none' : sent;
		},
		async notePrinted(entry) {
			// Lost, it costs a copy that does not say that it is one.
			await vault?.setValue(PRINTED, entry, ownership).catch(report);
		},
		wasPrinted: async (entry) => (await vault?.getValue(PRINTED).catch(report)) === entry,
		async choosePrinter(by) {
			const chosen = (await printer?.choose(by)) ?? 'not-supported';
			if (typeof chosen === 'string') return chosen;
			const saved = await setEquipment({ ...equipment.get(), cable: chosen });
			return saved === 'saved' ? 'chosen' : saved;
		},
		setEquipment,
		setFavourite: (sku, favourite) => ready().now.worker.setFavourite(sku, favourite),
		workAlone: () => setWorkAlone(true),
		reconnect: () => setWorkAlone(false),
		async joinCode(till) {
			const shown = (await codeOfThisMachine(till)) ?? (await ready().now.worker.joinCode(till));
			return typeof shown === 'string' ? { problem: shown } : shown;
		},
		async findHub(text) {
			const code = readSetupCode(text);
			if ('refused' in code) return { problem: code.refused };
			// What is noted of other hubs stays: any of them will do.
			const others = byCode?.multiaddrs.filter((address) => peerOfAddress(address) !== code.peer) ?? [];
			byCode = { multiaddrs: [...addressesIn(code), ...others].slice(0, MOST_NOTED) };
			await ready().vault.setValue(HUB_BY_CODE, byCode, ownership);
			void lookAtNetwork();
			return 'noted';
		},
		askAgain: () => ready().now.worker.askAgain(),
		unsent,
		async leaveShop() {
			if (isLocked()) return locked;
			const { vault: leaving, now } = ready();
			const { version } = await leaving.read();
			const before = await unsent();
			if ('trouble' in before || before.sales + before.others > 0) return before;
			now.stop();
			running = undefined;
			// Something was recorded meanwhile: the till comes back with it.
			if ((await leaving.read()).version !== version) {
				location.reload();
				return before;
			}
			await leaving.close();
			await eraseStorage([DATABASE, KEYS_DATABASE, KEY_TABLE, `${DATABASE}-documents`]);
			location.assign('/');
			return new Promise<never>(() => undefined);
		},
		async startTraining() {
			if (vault === undefined || running === undefined) return notReady;
			if ((await vault.carts()).some(isOpen)) return 'cart-open';
			try {
				await vault.setValue(TRAINING, true, ownership);
			} catch (error) {
				if (error instanceof StorageError) return troubleOf(error);
				throw error;
			}
			train();
			return 'training';
		},
		async stopTraining() {
			await vault?.setValue(TRAINING, false, ownership);
			training.set(undefined);
		},
		async saveJournal() {
			const { vault: from, now } = ready();
			const { member, worker } = now;
			const own: Uint8Array[] = [];
			const { heads } = await from.read(); // What is recorded from here on may be in the file, and is not vouched for.
			await recover(from, (sealed) => Promise.resolve(void own.push(...sealed)));
			const { chains, sealed } = await worker.heard();
			const savedAtMs = clock.nowMs();
			const bytes = encodeJournal({
				...{ store: member.store, branch: member.branch, device: now.device, savedAtMs },
				...{ chains: [bytesOfHex(member.chain), ...chains], sealed: [...own, ...sealed] },
			});
			const day = new Date(savedAtMs).toISOString().slice(0, 10);
			// Lost, the file has no code; it is as good as any other.
			await carried(from)
				.saved(bytes, { branch: heads.branch?.seq ?? 0, store: heads.store?.seq ?? 0 })
				.catch(report);
			return { name: `till-${member.till}-${day}.journal`, bytes: new Uint8Array(bytes) };
		},
		bringIn: (bytes) => ready().now.worker.bringIn(bytes),
		answerDispute: (conflict, choice, key) => answerDispute({ conflict, choice, key }, (path, init) => fetch(path, init)),
		async openBranch(name, ask) {
			if (keys === undefined) return { problem: { why: 'hub-silent', error: hubRefusalWords('hub-silent') } };
			// A mail has broken the text into lines; spaces in a code say nothing.
			const done = await branchesHub.open({ name, ask: ask.replace(/\s+/g, '') }, keys.signer);
			return done === 'opened' || 'problem' in done ? done : { file: `${name.replace(/[^\p{L}\p{N}]+/gu, '-')}.branch`, bytes: done.file };
		},
		recovery: {
			code: () => recoveryHub.code(),
			file: (passphrase) => recoveryHub.file(passphrase),
			async saved(shown) {
				const done = await recoveryHub.saved(shown);
				await lookAtRecovery();
				return done;
			},
		},
		async renewKeys(how, approvedBy) {
			if (isLocked()) return locked;
			const { vault: into, now } = ready();
			const { member, device } = now;
			const people = shop.get().people ?? [];
			const by = now.atTill.by();
			const said = approved([{ type: 'device.renewed', v: 1, device, generation: 1, chain: member.chain }], {
				...{ by, approvedBy },
				people: { isAny: people.length > 0, roleOf: (person) => people.find((one) => one.person === person)?.role },
			});
			if (isRefusal(said)) return said;
			try {
				await into.setValue(RENEWED_BY, approvedBy ?? by ?? null, ownership);
				const { renew, number } = now.ownRenewal;
				let outcome = await renew(typeof how === 'string' ? how : { waits: true });
				while (outcome === 'waiting' && typeof how !== 'string' && how.goesOn(await number())) {
					await new Promise((resolve) => setTimeout(resolve, WAITS_MS));
					outcome = await renew({ waits: true });
				}
				if (outcome === 'not-owner') return { trouble: 'another-tab', detail: 'another tab of this till has taken over' };
				if (outcome !== 'renewed') return { notRenewed: outcome };
				await new Promise((resolve) => setTimeout(resolve, SHOWN_MS));
			} catch (error) {
				if (!(error instanceof StorageError)) throw error;
				if (!now.isOver()) return troubleOf(error);
				report(error); // Whether it was written, the next start reads.
			}
			location.reload();
			return new Promise<never>(() => undefined);
		},
		async waitingRenewals(verdict) {
			const told = await ready().now.worker.waitingRenewals(verdict);
			return typeof told === 'string' ? { problem: told } : told;
		},
		async confirmCarried(code) {
			if (isLocked()) return locked;
			try {
				return (await carried(ready().vault).confirm(code)) ? 'confirmed' : 'no-such-code';
			} catch (error) {
				if (error instanceof StorageError) return troubleOf(error);
				throw error;
			}
		},
		atTill: {
			signIn: (person, pin) => ready().now.atTill.signIn(person, pin),
			vouch: (person, pin, role) => ready().now.atTill.vouch(person, pin, role),
			hash: (pin) => ready().now.atTill.hash(pin),
			lock: () => running?.atTill.lock(),
			touched: () => running?.atTill.touched(),
			setRule: (rule) => ready().now.atTill.setRule(rule),
			mayRecover: isHubsMachine,
			async recover(person, pin) {
				const { till, atTill: who } = ready().now;
				if (shop.get().people?.find((one) => one.person === person)?.givenRole !== 'owner') return { problem: 'not-an-owner' };
				if (!(await isHubsMachine())) return { problem: 'not-the-hub' };
				const hash = await who.hash(pin);
				if (hash === undefined) return { problem: 'no-secret' };
				const done = await till.performOwn({ intent: 'reset-pin', person, pin: hash }, crypto.randomUUID() as IntentKey);
				return 'entry' in done ? 'recovered' : done;
			},
		},
	};

	const views: Views = {
		...{
			atTill,
			equipment,
			lockRule,
			shop,
			catalogue,
			favourites,
			parked,
			conflicts,
			sync,
			receiptsVersion,
			goodsVersion,
			customersVersion,
			room,
			update,
			dropped,
			keysRenewedAtMs,
			keysGivenUp,
			hubByCode,
			recovery,
		},
		search: (text, limit) => ready().now.worker.search(text, limit),
		receipts: (text, limit) => ready().now.worker.receipts(text, limit),
		credit: (customer) => ready().now.worker.credit(customer),
		receipt: (entry) => ready().now.worker.receipt(entry),
		receiptElsewhere: (code) => ready().now.worker.receiptElsewhere(code),
		movements: (sku, limit) => ready().now.worker.movements(sku, limit),
		elsewhere: (sku) => ready().now.worker.elsewhere(sku),
		startCount: (sku, count) => ready().now.worker.startCount(sku, count),
		// Comlink's types lose what a generic question answers.
		ask: (name, ...args) => ready().now.worker.ask(name, args as never) as Promise<never>,
		retired: () => ready().now.worker.retired(),
		customers: (text, limit) => ready().now.worker.customers(text, limit),
		customer: (customer) => ready().now.worker.customer(customer),
		customerByContact: (text) => ready().now.worker.customerByContact(text),
		drawer: () => ready().now.worker.drawer(),
		shifts: (limit) => ready().now.worker.shifts(limit),
		zs: (limit) => ready().now.worker.zs(limit),
		days: (limit) => ready().now.worker.days(limit),
		day: (day) => ready().now.worker.day(day),
	};

	const setup: Setup = {
		claim: (asked) => enrol('claim', asked),
		join: (code) => enrol('join', { code }),
		joinBySetupCode: enrolBySetupCode,
		getBack,
		bringJournal,
		async branchAsk() {
			const shown = await branchesHub.shown();
			return shown ?? ((await askHub())?.claimed === true ? 'opened' : undefined);
		},
		asBranch,
		comingBack,
		localNetwork: localAccess,
		async lookAgain() {
			if (state.get().state === 'setup') state.set({ state: 'setup', hub: await askHub() });
		},
	};

	const tabs: TabOwnership = { takeOver: async () => own(await takeLock(TAB_LOCK)) };

	watchForUpdate(navigator.serviceWorker as ServiceWorkerContainer | undefined, {
		isSaleOpen: async () => selling > 0 || ((await vault?.carts()) ?? []).some(isOpen),
		onReady: () => {
			update.set('ready');
		},
		every: (ms, task) => timers.every(ms, task),
		nowMs: () => clock.nowMs(),
		reload: () => {
			location.reload();
		},
	});

	if (!isSecureContext) {
		state.set({ state: 'insecure', origin: location.origin });
	} else {
		const tab = await ownSoon(TAB_LOCK, LETS_GO_MS);
		if (tab === undefined) state.set({ state: 'second-tab' });
		else await own(tab);
	}
	return {
		...{ state, setup, tabs, commands, views, training },
		async checkArchive(bytes, onProgress) {
			const [{ readArchive }, { auditBranch }] = await Promise.all([import('#engine/archive.ts'), import('#engine/audit.ts')]);
			const archive = await readArchive(bytes, digest);
			if ('problem' in archive) return archive;
			const { findings, chains, entries, verifier } = await auditBranch({ ...archive.source, branch: archive.branch }, digest, onProgress);
			return {
				...{ storeName: archive.storeName, madeAt: archive.madeAt, entries: entries.length, findings },
				chains: chains.map((chain) => ({ ...chain, name: verifier.certificateOf(chain.device)?.name ?? chain.device.slice(0, 8) })),
			};
		},
	};

	function report(error: unknown): void {
		console.error(error);
	}
}

/** Addresses of hubs by setup codes; more than a branch has. */
const MOST_NOTED = 32;

interface StartedWorker {
	readonly webWorker: Worker;
	readonly worker: Remote<ReplicaWorker>;
}

function openWorker(): StartedWorker {
	const webWorker = new Worker(new URL('./replica.worker.ts', import.meta.url), { type: 'module', name: 'replica' });
	const worker = wrap<ReplicaWorker>(webWorker);
	worker.readAhead(DATABASE).catch((error: unknown) => {
		console.error(error);
	});
	return { webWorker, worker };
}

/** What stands on the screen is painted. A tab that nobody sees paints nothing, and waits for nothing. */
async function painted(withinMs: number): Promise<void> {
	await new Promise((resolve) => {
		setTimeout(resolve, withinMs);
		requestAnimationFrame(() => setTimeout(resolve));
	});
}

function addressesIn({ peer, certhash, doors }: SetupCode): string[] {
	return doors.map((door) => directAddress({ ...door, certhash, peer }));
}

function silenceOf({ doors }: SetupCode, access: LocalNetworkAccess): NotIn {
	return access === 'denied' ? { problem: 'network-denied' } : { problem: 'nobody-there', doors, mayBeAsked: access === 'prompt' };
}

const NO_SHOP: ShopRow = {
	...{
		store: '' as ShopRow['store'],
		branch: '' as ShopRow['branch'],
		storeName: '',
		branchName: '',
		demo: false,
		currency: { code: 'GBP', digits: 2 },
		taxRates: [],
		cashRoundingMinor: 1,
	},
	...{ receiptHeader: '', receiptFooter: '', timeZone: 'UTC', dayStartMinutes: 0, device: { id: '' as DeviceId, name: '', till: 0 }, devices: [] },
};

/** In the language of this page, which is chosen before anything starts. */
