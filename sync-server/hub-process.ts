/**
 * A hub: the till without a screen that serves the app, lets devices in, listens on the LAN and forwards to the relay. `hub.ts` gives it flags and a
 * terminal; tests and the replay start it in their own process.
 *
 * Invariants:
 * 1. An unclaimed hub holds no shop and speaks to nobody but the one who claims it: from this machine, or with the code of its terminal.
 * 2. Whatever was acknowledged is on this disk before the answer.
 * 3. `close` ends every link and leaves the data folder free.
 * 4. A hub that has a shop is claimed from the first moment on: while it still reads its disk it says that it starts, and nobody can make another shop.
 * 5. A hub without a shop may become a branch of one (`branches/`), by an answer to its own ask and no other.
 * 6. A hub that was recovered lets nobody in and writes nothing until the shop's record is back (`recovery/`).
 */
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { createSystemTimers, systemClock, systemRandom } from '#adapters/clock-system/clock-system.ts';
import { createCipher } from '#adapters/keys-webcrypto/cipher-webcrypto.ts';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { LAN_PATH, websocketAddress } from '#adapters/lan-libp2p/addresses.ts';
import { createDoor } from '#adapters/lan-libp2p/door.ts';
import type { EnrolmentDesk } from '#adapters/lan-libp2p/enrolment.ts';
import { addressesOfPlace } from '#adapters/lan-libp2p/hub-places.ts';
import type { NotLetIn } from '#core/enrolment-refusals.ts';
import { keyInForce } from '#core/entry/certificate.ts';
import { createLan, type LibP2pLan } from '#adapters/lan-libp2p/lan.ts';
import { createPortNetwork } from '#adapters/lan-libp2p/port-network.ts';
import { createFramePorts } from '#adapters/lan-libp2p/same-process.ts';
import { createRelayLink, type RelayNetworkLink } from '#adapters/relay-websocket/relay-link.ts';
import { writeSetupCode } from '#core/setup-code.ts';
import { isTimeZone } from '#core/time.ts';
import { decodeJournal, encodeJournal, type BroughtIn } from '#engine/journal-file.ts';
import { isActiveHere } from '#engine/own-branch.ts';
import type { RenewOutcome } from '#engine/own-renewal.ts';
import { createUplink, type Uplink } from '#engine/uplink.ts';
import type { DayBounds } from '#engine/day-budget.ts';
import type { Clock, Digest, RelayState } from '#ports';
import { bytesOfHex, hexOf } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, DeviceId, EntryHash } from '#schemas/ids.ts';
import { branchAnswerPart, type BranchAnswer, type BranchAskShown } from '#schemas/wire/branch-opening.ts';
import { DISPUTES_PATH } from '#schemas/wire/dispute-answer.ts';
import {
	claimRequest,
	enrolProofText,
	joinRequest,
	REMOVED_PATH,
	RENEWED_PATH,
	renewedRequest,
	type ClaimRequest,
	type Enrolled,
	type HubInfo,
} from '#schemas/wire/enrolment.ts';
import type { HubRefusal } from '#schemas/wire/hub-refusal.ts';
import type { JoinsFor, ShownCode } from '#schemas/wire/join-code.ts';
import { JOURNAL_PATH } from '#schemas/wire/journal-brought.ts';
import { PROTOCOL_VERSION } from '#schemas/wire/hello.ts';
import { beginRecovery as beginRecoverySchema, recoveryEntries, type BeginRecovery, type RecoveryState } from '#schemas/wire/recovery.ts';
import type { Goodbye } from '#schemas/wire/link.ts';
import { relayInfo } from '#schemas/wire/relay-admission.ts';
import { openBranch, type Branch } from './branch.ts';
import { createBranchAsking, NoBranch, type BranchAsking } from './branches/ask.ts';
import { createOpeningDesk } from './branches/open.ts';
import type { DataFolder } from './data-folder.ts';
import { openDirect, type DirectPlan } from './direct.ts';
import { createCode, createNonces } from './enrolment/codes.ts';
import { createDisputeDesk } from './enrolment/dispute-desk.ts';
import { startDiscovery, type Discovery } from './discovery.ts';
import { askToJoin } from './enrolment/join.ts';
import { enrolDevice, foundShop, furnishShop, type ShopFile, type ShopPlan } from './enrolment/shop.ts';
import { openAppFiles } from './http/app-files.ts';
import { hostnameOf, isSameMachine } from './http/same-machine.ts';
import { dayBounds } from './operation/day-bounds.ts';
import { settle } from './operation/drain.ts';
import { healthRoutes, type NotReady } from './operation/health.ts';
import type { Meters } from './operation/meters.ts';
import { createLimit } from './http/limit.ts';
import { refuse } from './http/refuse.ts';
import { closeHttp, createHttp, isSecure, policyOf, refuseUpgrade, type Answer, type HttpDeps } from './http/server.ts';
import { openIdentity, type Identity } from './identity.ts';
import { createRelayKnown, type RelayKnown, type RelayRefusal } from './relay-known.ts';
import { openSqliteBranch, openOwn } from './storage/storage-sqlite.ts';
import { createComeBack, recoveredShop, type ComeBack, type RecoveredPlan } from './recovery/come-back.ts';
import { createKeep } from './recovery/keep.ts';
import { branchesAtRelay, NotRecovered, readSecret, type Brought } from './recovery/secret.ts';
import { BAD_JOURNAL, createJournalDesk } from './journal-desk.ts';
import { createPrintDesk } from './printing/print-desk.ts';
import { openSecureDoor, trustRoutes, type SecurePlan } from './tls/secure-door.ts';

export interface HubDeps {
	readonly folder: DataFolder;
	readonly port: number;
	/** https beside http, with a certificate of the shop's own; absent: none. */
	readonly secure?: SecurePlan | undefined;
	/** webrtc-direct beside them, for tills whose page came from elsewhere; absent: none. */
	readonly direct?: DirectPlan | undefined;
	/** Listens here; `0.0.0.0` is every network card. */
	readonly host: string;
	/** The built app. */
	readonly app: string | undefined;
	readonly relay: string | undefined;
	/** A relay that is not the one that the shop knows at that address is the owner's all the same. */
	readonly newRelay?: boolean;
	/** What it takes on a day of each device and of its branch. */
	readonly day?: DayBounds;
	readonly meters?: Meters;
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
	/** Another hub of the shop, that this one is to help; not needed once it has been let in. */
	readonly join?: { readonly hub: string; readonly code: string } | undefined;
	/** Brings a shop back to this hub, which is new; not needed once it is there. */
	readonly recover?: HubRecovery | undefined;
	/** mDNS on this network card alone; absent: on all, or on none where only this machine is listened to. */
	readonly networkInterface?: string;
	/** What own entries are dated by, where it is not the wall clock. */
	readonly sealingClock?: Clock;
}

export interface HubRecovery extends Pick<BeginRecovery, 'code' | 'file' | 'passphrase' | 'removeOthers'> {
	/** By name, where there are several. */
	readonly branchName?: string | undefined;
	/** A till's journal, for a shop that has no relay. */
	readonly journal?: Uint8Array | undefined;
}

export interface Hub {
	readonly port: number;
	readonly secure: { readonly port: number; readonly fingerprint: string; urlFor(host: string): string } | undefined;
	/** `missing`: why it is not there although it was asked for. */
	readonly direct: { readonly port: number } | { readonly missing: string } | undefined;
	/** Undefined without a shop, and without webrtc-direct. It holds the code of now. */
	setupCode(): string | undefined;
	/** It lets in one manager's till, or a second hub. Undefined without a shop. */
	managersCode(): string | undefined;
	/** Undefined until it is claimed. */
	shop(): { readonly file: ShopFile; readonly branch: Branch } | undefined;
	/** Of a hub without a shop: with it a branch of another is opened here. */
	branchCode(): string | undefined;
	/** To claim an unclaimed hub, or to join the shop of a claimed one. */
	code(): string;
	/** A code was used up or is old: there is another one. */
	onCode(listener: () => void): void;
	onShop(listener: (storeName: string) => void): void;
	relayState(): RelayState;
	/** Why whoever answers at the relay's address is not taken for the shop's relay; undefined: he is, again. */
	onRelay(listener: (looked: RelayLooked) => void): void;
	/** The key that recovers the shop is on this machine alone. */
	isUnsaved(): boolean;
	/** Its record is on its way back. */
	isComingBack(): boolean;
	/** Resolves when a device that may has countersigned new keys, or none has. `renewed`: this hub is to be closed and started again, which it does with them. */
	renewKeys(): Promise<RenewOutcome>;
	/** A till's journal, of whoever has a file on this machine. */
	bringIn(journal: Uint8Array): Promise<BroughtIn | { readonly refused: string }>;
	/** Is ready no more and lets nobody in; resolves when what has arrived is signed for, or after ten seconds. */
	drain(): Promise<void>;
	close(): Promise<void>;
}

interface RelayLooked {
	readonly url: string;
	readonly refused: RelayRefusal | undefined;
}

const COMING_BACK: Answer = refuse(503, 'coming-back');
const STARTING: Answer = refuse(503, 'hub-starting');
/** Says that this hub has made its shop, beside the databases: it survives them. */
const FURNISHED = 'furnished.json';
/** Of a link that this side ended. */
const ENDED_WELL: ReadonlySet<unknown> = new Set(['stopped', 'replaced', 'silent'] satisfies Goodbye[]);
const ASK_RELAY_MS = 5_000;
const PROBE_MS = 3_000;
/** While a person types the code. */
const ASK_AGAIN_MS = 2_000;
/** A hub that joined is linked to the first one within a second or two, and asks it at once. */
const SECRET_AFTER_MS = 10_000;
/** A person joins a till in a minute; a script that tries codes does not get further than this. */
const MOST_ENROLMENTS_A_MINUTE = 60;
/** Who copied a till's disk asks over its link. Ten wrong tries end two codes. */
const MOST_RENEWALS_A_MINUTE = 10;

export async function startHub({
	folder,
	port,
	secure,
	direct: directPlan,
	host,
	app,
	relay,
	newRelay = false,
	day = dayBounds(),
	join: joins,
	recover,
	networkInterface,
	meters,
	log,
	sealingClock,
}: HubDeps): Promise<Hub> {
	const clock = systemClock;
	const random = systemRandom;
	const timers = createSystemTimers((error) => {
		log('timer', { error: String(error) });
	});
	const digest = createNodeDigest();
	/** What the disk says: there from the first moment, while `open` needs the ledger. */
	let file = folder.read('shop.json') as ShopFile | undefined;
	const identity: Identity = await openIdentity(folder.path, { inForce: file && keyInForce(bytesOfHex(file.chain)) });
	const files = app === undefined ? undefined : openAppFiles(app);
	const door = createDoor();
	const cipher = createCipher();
	const claimCode = createCode({ clock, random });
	const joinCode = createCode({ clock, random });
	/** The same for a manager's till: who shows the code chooses what it is for. */
	const managersCode = createCode({ clock, random });
	/** For a manager's till as well, shown at a manager's till. It lets in no hub: a till alone never comes to have an owner's say. */
	const lentCode = createCode({ clock, random });
	const nonces = createNonces({ clock, random });
	const shopListeners: ((storeName: string) => void)[] = [];
	const isTooOften = createLimit(clock, MOST_ENROLMENTS_A_MINUTE);
	/** Counted for itself: a flood of them keeps nobody from joining. */
	const isRenewedTooOften = createLimit(clock, MOST_RENEWALS_A_MINUTE);
	let open: OpenShop | undefined;
	/** False while the shop of an earlier run is read from the disk. */
	let isReady = file === undefined;
	const isClaimed = (): boolean => open !== undefined || !isReady;
	let claiming: Promise<unknown> = Promise.resolve();
	let comeBack: ComeBack | undefined;
	const backListeners: (() => void)[] = [];
	let relayKnown: RelayKnown | undefined;
	let relayLooked: RelayLooked | undefined;
	const relayListeners: ((looked: RelayLooked) => void)[] = [];
	/** Where the record in the cloud is: as this hub was told at its start, else as the recovery file or who opened the branch has it. */
	const relayAddress = (of = file): string | undefined =>
		relay ?? (of?.made.kind === 'recovered' || of?.made.kind === 'opened' ? of.made.relay : undefined);

	/** Of devices that say something now: by the keys that they have now. */
	const proofs: Digest = {
		sha256: digest.sha256,
		verify: (key, bytes, signature) => (open?.branch.verifier.live ?? digest).verify(key, bytes, signature),
	};

	interface OpenShop {
		readonly file: ShopFile;
		readonly branch: Branch;
		readonly lan: LibP2pLan;
		readonly relayLink: RelayNetworkLink | undefined;
		readonly uplink: Uplink | undefined;
	}

	interface RelayAt {
		readonly branch: Branch;
		readonly link: RelayNetworkLink;
		readonly uplink: Uplink;
	}

	async function openShop(file: ShopFile, isNew = false): Promise<OpenShop> {
		const chain = bytesOfHex(file.chain);
		const [repoPort, lanPort] = createFramePorts();
		const cloud = relayAddress(file);
		const link =
			cloud === undefined
				? undefined
				: createRelayLink({
						url: () => cloud,
						store: file.store,
						branch: file.branch,
						signer: identity.signer,
						chain,
						repoPeer: identity.peer,
						clock,
						timers,
					});
		const home = join(folder.path, 'branch');
		const storage = openSqliteBranch(home);
		const branch = await openBranch({
			...{
				storage: meters?.metered(storage) ?? storage,
				genesis: { store: file.store, root: file.root },
				branch: file.branch,
				repoPeer: identity.peer,
			},
			...{
				own: {
					...{ signer: identity.signer, chain, ...openOwn(home), tillNumber: 0, ...pastOf(file, isNew) },
					renewal: {
						nextKeys: identity.next,
						keep(renewed) {
							folder.write('shop.json', { ...file, chain: hexOf(renewed) } satisfies ShopFile);
							return Promise.resolve('saved');
						},
					},
				},
				spendCode: (code: string) => !isRenewedTooOften() && 'by' in spentCode(code),
				issues: { tier: 'host', signer: identity.signer } as const,
				takesInADay: {
					bounds: day,
					onFull(device: DeviceId, bytes: number) {
						log('a device wrote its bytes of the day', { device, bytes });
						meters?.deviceFull();
					},
				},
			},
			joinCodes: codesShown,
			...{ network: [createPortNetwork(repoPort), ...(link === undefined ? [] : [link.network])], digest, clock, timers, random },
			...(sealingClock === undefined ? {} : { sealingClock }),
			onFailed: (error) => {
				log('keys', { error });
			},
			onDropped: (isDropped) => {
				log(isDropped ? 'another copy of this hub goes on: this one records nothing more' : 'this hub goes on', { device: identity.signer.device });
			},
		});
		const { ledger, verifier, replica } = branch;
		meters?.watch(branch, identity.signer.device);
		// What a hub that lost its disk said when it made the shop comes back from others: said again, it would be another shop.
		const isLost = (): boolean => branch.writer?.takeBack.isLost() === true;
		if (isLost()) log('this hub lost its entries', { waitsFor: 'the relay, another hub or a till' });
		else {
			await furnishShop(file, branch, identity.signer);
			if (isFounded(file) && folder.read(FURNISHED) === undefined) folder.write(FURNISHED, { store: file.store });
		}
		const isRevoked = (device: DeviceId): boolean => (ledger.state.devices.get(device)?.standing ?? 'active') !== 'active';
		const lan = createLan({
			...{ store: file.store, chain, networkSeed: identity.networkSeed, verifyChain: (bytes: Uint8Array) => replica.takeChain(bytes), isRevoked },
			...{
				marks: () => replica.heldMarks(),
				port: lanPort,
				dial: () => otherHubs(file),
				door,
				direct: direct?.door,
				place: () => direct?.place(identity.peer),
				enrolment,
				clock,
				timers,
				log: logLan,
			},
			admitsStrangers: () => isLost() || comeBack !== undefined,
			formerPeers: verifier.formerPeers,
			knownPeers: () =>
				new Set(
					verifier
						.devices()
						.filter(({ device }) => !isRevoked(device))
						.map(({ peer }) => peer),
				),
		});
		const tellConnected = (): void => {
			const devices = lan.peers().map(({ device }) => device);
			const relayKeys = link?.state().state === 'connected' ? [...ledger.state.relays.keys()] : [];
			replica.setConnected(new Set([...devices, ...relayKeys]), lan.peers());
		};
		lan.onPeers(tellConnected);
		link?.onState((state) => {
			log('relay', { ...state });
			tellConnected();
		});
		await lan.start();
		const isBack = new Promise<void>((resolve) => backListeners.push(resolve));
		if (isRecovered(file) && folder.read(FURNISHED) === undefined) {
			log('waits for the record', { branch: file.branch });
			comeBack = createComeBack({
				...{ file, branch, hub: identity.signer, timers },
				isLinked: () => link?.state().state === 'connected' || lan.peers().length > 0,
				onBack() {
					folder.write(FURNISHED, { store: file.store });
					comeBack = undefined;
					log('the record is back', { entries: ledger.size() });
					for (const listener of backListeners) listener();
				},
				onFailed: (error) => {
					log('not back yet', { error: String(error) });
				},
			});
		}
		if (isNew && isFounded(file)) await branch.keys?.makeSecret();
		else
			timers.after(SECRET_AFTER_MS, async () => {
				// The shop is older than its secret, or this hub alone is new: whoever has one has told it by now. Two that were made apart are both kept.
				if (!closed && branch.keys?.secrets().length === 0) await branch.keys.makeSecret();
			});
		const uplink =
			link &&
			createUplink({
				...{ replica, link, isRelayKnown: () => true, isHub: true, timers },
				probe: () => answers(cloud),
			});
		if (cloud !== undefined && link !== undefined && uplink !== undefined) {
			const know = (): void => {
				knowRelay(cloud, { branch, link, uplink });
			};
			if (comeBack === undefined) know();
			else void isBack.then(know);
		}
		if (networkInterface !== undefined || host !== '127.0.0.1')
			discovery ??= startDiscovery({
				...{ branch: file.branch, peer: identity.peer, port: (server.address() as AddressInfo).port, securePort: secureDoor?.port },
				...(networkInterface === undefined ? {} : { networkInterface }),
				onProblem: (error) => {
					log('mDNS', { error: String(error) });
				},
			});
		return { file, branch, lan, relayLink: link, uplink };
	}

	/** What the LAN says of those whom it did not let in, and cut off. */
	function logLan(event: string, detail: Readonly<Record<string, unknown>>): void {
		log(event, detail);
		const { reason, here } = detail;
		if (event === 'lan: a connection was refused') meters?.linkRefused('not known here');
		else if (event === 'lan: a frame was dropped' || (event === 'lan: a link ended' && here === true && !ENDED_WELL.has(reason)))
			meters?.linkRefused(String(reason));
	}

	function pastOf({ made }: ShopFile, isNew: boolean): { readonly past?: 'none' | 'some' } {
		if (isNew) return { past: 'none' };
		// Whoever joined may never have written anything.
		return made.kind !== 'joined' && folder.read(FURNISHED) !== undefined ? { past: 'some' } : made.kind === 'recovered' ? { past: 'none' } : {};
	}

	/** As mDNS has them now, and where the one was that let this one in. */
	function otherHubs({ made }: ShopFile): readonly string[] {
		return [...(discovery?.addresses() ?? []), ...(made.kind === 'joined' ? made.addresses : [])];
	}

	/** Becomes a hub of a shop that another hub made. */
	async function joinShop({ hub, code }: NonNullable<typeof joins>): Promise<ShopFile> {
		const { member, info } = await askToJoin({ hub, identity, path: 'join', body: { code, role: 'hub' } });
		const { store, branch, root, chain, certificates } = member;
		return { store, branch, root, chain, made: { kind: 'joined', certificates, addresses: info.multiaddrs } };
	}

	// ——— a branch of a shop that there is

	const asking: BranchAsking | undefined =
		file === undefined && joins === undefined ? await createBranchAsking({ identity, cipher, digest }) : undefined;

	/** Also once more, where it failed half way, on a full disk say. */
	const mayBecome = (): boolean => open === undefined && (file === undefined || file.made.kind === 'opened');

	/** Throws `NoBranch`. What the file brings besides is taken after it. */
	async function becomeBranch(answer: BranchAnswer): Promise<void> {
		if (asking === undefined || !mayBecome()) throw new NoBranch('has-shop');
		const { file: given, keys } = await asking.open(answer);
		const becoming = claiming.then(async () => {
			if (!mayBecome() || closed) throw new NoBranch('has-shop');
			folder.write('shop.json', given);
			file = given;
			open = await openShop(file, true);
			await open.branch.keys?.take(keys);
			log('became a branch', { store: file.store, branch: file.branch });
			for (const listener of shopListeners) listener(`${answer.storeName}, ${answer.branchName}`);
		});
		claiming = becoming.catch(() => undefined);
		await becoming;
	}

	async function lookAtRelay(): Promise<void> {
		if (asking === undefined || relay === undefined || !mayBecome() || closed) return;
		try {
			const answer = await asking.heardAt(relay);
			if (answer !== undefined) return await becomeBranch(answer);
		} catch (error) {
			log('no branch yet', { error: String(error) });
		}
		timers.after(ASK_AGAIN_MS, lookAtRelay);
	}

	const openingDesk = createOpeningDesk({
		...{ hub: identity.signer, digest: proofs, clock, log },
		shop: () => (comeBack === undefined ? open : undefined),
		relay: () => relayAddress(),
		spendNonce: (nonce) => nonces.spend(nonce),
	});

	const branchRoutes: HttpDeps['routes'] = {
		'GET /branches/ask'(request) {
			if (!isSameMachine(request)) return refuse(403, 'another-machine');
			if (asking === undefined || !mayBecome()) return refuse(409, 'has-shop');
			return { body: { code: asking.code, text: asking.text, ...(relay === undefined ? {} : { relay }) } satisfies BranchAskShown };
		},
		async 'POST /branches/take'(request, body) {
			if (!isSameMachine(request)) return refuse(403, 'another-machine');
			const part = v.safeParse(branchAnswerPart, body);
			if (!part.success) return refuse(400, 'no-branch-file');
			const { answer, chains, sealed } = part.output;
			try {
				if (answer !== undefined) await becomeBranch(answer);
			} catch (error) {
				if (error instanceof NoBranch) return refuse(403, error.why, error.figures);
				throw error;
			}
			if (open?.file.made.kind !== 'opened') return refuse(409, 'no-branch-awaited');
			const { replica } = open.branch;
			for (const chain of chains) await replica.takeChain(bytesOfHex(chain));
			replica.take(sealed.map((hex) => ({ bytes: bytesOfHex(hex), route: 'file', source: 'the file of the branch' })));
			await replica.idle();
			return { body: {} };
		},
		'POST /branches/open': (_, body) => (isTooOften() ? refuse(429, 'too-often') : openingDesk(body)),
	};

	/** Learns the relay's keys from itself, over the address that the owner gave. Without the entries that it writes no `in-cloud` is believed. */
	function knowRelay(url: string, { branch, link, uplink }: RelayAt): void {
		const { writer } = branch;
		if (writer === undefined || closed) return;
		relayKnown = createRelayKnown({
			...{ url, branch: { ...branch, writer }, self: identity.signer.device, takesNew: newRelay, timers, log },
			async ask() {
				const response = await fetch(new URL('/hub.json', url.replace(/^ws/, 'http')), { signal: AbortSignal.timeout(ASK_RELAY_MS) });
				return v.parse(relayInfo, await response.json());
			},
			onLooked(refused) {
				uplink.want(refused === undefined);
				if (refused === relayLooked?.refused) return;
				relayLooked = { url, refused };
				for (const listener of relayListeners) listener(relayLooked);
			},
		});
		link.onState(({ state }) => {
			if (state === 'connected') relayKnown?.look();
		});
	}

	// ——— what is answered

	function hubInfo(request: IncomingMessage): HubInfo {
		const name = hostnameOf(request.headers.host ?? '') || 'localhost';
		// Another hub's wss needs a certificate that this device may not trust; webrtc-direct needs none.
		const byDirect = (open?.lan.hubs() ?? []).flatMap(addressesOfPlace);
		return whoThisIs(isSameMachine(request), [
			ownAddress(request, name),
			// A page that came by https may dial no socket that is not secure.
			...(file === undefined ? [] : isSecure(request) ? [...byDirect, ...(discovery?.secureAddresses() ?? [])] : [...otherHubs(file), ...byDirect]),
			// A LAN comes with the shop.
			...(open === undefined ? [] : (direct?.addresses(identity.peer, name) ?? [])),
		]);
	}

	function whoThisIs(local: boolean, multiaddrs: string[]): HubInfo {
		const settings = open?.branch.ledger.state.settings;
		const storeName = settings?.value('storeName');
		const branchName = settings?.value('branchName');
		return {
			...{ protocolVersion: PROTOCOL_VERSION, claimed: isClaimed(), local, peer: identity.peer, multiaddrs },
			...(file === undefined || !isClaimed() ? {} : { store: file.store, branch: file.branch }),
			...(storeName === undefined ? {} : { storeName }),
			...(branchName === undefined ? {} : { branchName }),
			...(settings?.value('demo') === true ? { demo: true } : {}),
		};
	}

	function ownAddress(request: IncomingMessage, host: string): string {
		const secure = isSecure(request);
		const port = secure && secureDoor !== undefined ? secureDoor.port : (server.address() as AddressInfo).port;
		return websocketAddress({ host, port, peer: identity.peer, secure });
	}

	function withoutShop(): Answer {
		return isReady ? refuse(409, 'no-shop') : STARTING;
	}

	/** Once its record is here. */
	function shopHere(): OpenShop | Answer {
		if (open === undefined) return withoutShop();
		return comeBack === undefined ? open : COMING_BACK;
	}

	/** Who asks holds the key that it names, and asks now. */
	async function isProven({
		device,
		peer,
		proof,
		nonce,
	}: {
		readonly device: DeviceId;
		readonly peer: string;
		readonly proof: string;
		readonly nonce: string;
	}): Promise<boolean> {
		return (await proofs.verify(device, new TextEncoder().encode(enrolProofText(peer, nonce)), bytesOfHex(proof))) && nonces.spend(nonce);
	}

	/** A wrong code is wrong for all of them: five tries are five. */
	function spentCode(code: string): { readonly by: 'selling' | 'own' | 'lent' } | { readonly wrong: NotLetIn } {
		const selling = joinCode.spend(code);
		if (selling.used) return { by: 'selling' };
		if (managersCode.spend(code).used) return { by: 'own' };
		if (lentCode.spend(code).used) return { by: 'lent' };
		return { wrong: selling.triesLeft === 0 ? 'wrong-five-times' : 'wrong-code' };
	}

	async function claim(request: IncomingMessage, body: unknown): Promise<Answer> {
		if (isTooOften()) return refuse(429, 'too-often');
		const parsed = v.safeParse(claimRequest, body);
		if (!parsed.success) return refuse(400, 'incomplete');
		const asked = parsed.output;
		if (open === undefined && !isReady) return STARTING;
		const problem = planProblem(asked);
		if (problem !== undefined) return refuse(400, problem);
		if (!(await isProven(asked))) return refuse(403, 'not-proven');
		// The till that made the shop and lost the answer asks again.
		if (open?.branch.ledger.state.devices.has(asked.device) === true) return enrol(open, asked);
		if (open !== undefined) return refuse(409, 'has-shop');
		if (!isSameMachine(request)) {
			const spent = asked.claimCode === undefined ? undefined : claimCode.spend(asked.claimCode);
			if (spent?.used !== true) return refuse(403, spent === undefined ? 'needs-claim-code' : 'wrong-claim-code');
		}
		const plan: ShopPlan = asked.kind === 'demo' ? { kind: 'demo' } : { kind: 'new', shop: asked.shop as NonNullable<typeof asked.shop> };
		const shop = await makeShop(plan);
		if (shop === undefined) return refuse(409, 'has-shop');
		return enrol(shop, { ...asked, isManagers: true });
	}

	/** One claim at a time; undefined when another one was first. */
	function makeShop(plan: ShopPlan): Promise<OpenShop | undefined> {
		const making = claiming.then(async () => {
			if (open !== undefined || closed) return undefined;
			// A making that failed half way, on a full disk say, goes on with the shop that it began.
			file ??= await foundShop(plan, { root: identity.root(), hub: identity.signer, peer: identity.peer, digest, random, clock });
			folder.write('shop.json', file);
			open = await openShop(file, folder.read(FURNISHED) === undefined);
			for (const listener of shopListeners) listener(open.branch.ledger.state.settings.value('storeName') ?? '');
			return open;
		});
		claiming = making.catch(() => undefined);
		return making;
	}

	async function enter(body: unknown): Promise<Answer> {
		if (isTooOften()) return refuse(429, 'too-often');
		const parsed = v.safeParse(joinRequest, body);
		if (!parsed.success) return refuse(400, 'incomplete');
		const shop = shopHere();
		if (!('branch' in shop)) return shop;
		if (!(await isProven(parsed.output))) return refuse(403, 'not-proven');
		// A till that lost the answer asks again with a spent code; it is a member already, and gets what it was given.
		const isMember = shop.branch.ledger.state.devices.has(parsed.output.device);
		let isManagers = false;
		if (!isMember) {
			const { code, role } = parsed.output;
			const spent = spentCode(code);
			if ('wrong' in spent) return refuse(403, spent.wrong);
			if (role === 'hub' && spent.by !== 'own') return refuse(403, 'needs-managers-code');
			isManagers = spent.by !== 'selling';
		}
		return enrol(shop, { ...parsed.output, isManagers });
	}

	async function enrol({ file, branch }: OpenShop, asked: Parameters<typeof enrolDevice>[0]): Promise<Answer> {
		const enrolled = await enrolDevice(asked, { shop: file, branch, hub: identity.signer, clock });
		return 'refused' in enrolled ? refuse(403, enrolled.refused) : { body: enrolled };
	}

	// ——— recovery

	const keep = createKeep({
		...{ folder, identity, cipher, random, clock },
		shop: () =>
			open === undefined
				? undefined
				: { file: open.file, storeName: open.branch.ledger.state.settings.value('storeName') ?? '', relay: relayAddress() },
	});

	/** Throws `NotRecovered`. */
	async function beginRecovery(asked: BeginRecovery, branchName?: string): Promise<void> {
		const brought = await readSecret(asked, { cipher, digest });
		const { journal, removeOthers } = asked;
		if (journal !== undefined && journal.store !== brought.store) throw new NotRecovered('journal-of-another-shop');
		const cloud = relay ?? brought.relay;
		const branch =
			journal?.branch ?? asked.branch ?? (branchName === undefined ? brought.branch : undefined) ?? (await branchOfRelay(brought, cloud, branchName));
		const beginning = claiming.then(async () => {
			if (open !== undefined || closed) throw new NotRecovered('not-new');
			const made: RecoveredPlan = {
				kind: 'recovered',
				removeOthers,
				byJournal: journal !== undefined,
				...(cloud === undefined ? {} : { relay: cloud }),
			};
			file = await recoveredShop(brought, branch, made, { hub: identity.signer, peer: identity.peer, clock });
			folder.write('shop.json', file);
			open = await openShop(file, true);
		});
		claiming = beginning.catch(() => undefined);
		await beginning;
	}

	async function branchOfRelay(brought: Brought, cloud: string | undefined, branchName: string | undefined): Promise<BranchId> {
		if (cloud === undefined) throw new NotRecovered('no-relay-named');
		const known = await branchesAtRelay(brought, cloud);
		const named = known.filter(({ name }) => branchName === undefined || name === branchName);
		const [only] = named;
		if (only === undefined)
			throw known.length === 0 ? new NotRecovered('relay-empty', { relay: cloud }) : new NotRecovered('no-such-branch', { branches: namesOf(known) });
		if (named.length > 1) throw new NotRecovered('several-branches', { branches: namesOf(known) }, known);
		return only.branch;
	}

	async function bringJournal(bytes: Uint8Array): Promise<void> {
		if (file === undefined) return;
		const journal = decodeJournal(bytes, file.store);
		if ('problem' in journal) throw new NotRecovered(BAD_JOURNAL[journal.problem]);
		await comeBack?.bring({ ...journal, last: true });
	}

	const recoveryRoutes: HttpDeps['routes'] = {
		...keep.routes,
		'GET /recovery': (request) => ({
			body: (comeBack === undefined
				? keep.state(request)
				: { state: 'coming-back', entries: open?.branch.ledger.size() ?? 0 }) satisfies RecoveryState,
		}),
		async 'POST /recovery/begin'(request, body) {
			if (!isSameMachine(request)) return refuse(403, 'another-machine');
			const asked = v.safeParse(beginRecoverySchema, body);
			if (!asked.success) return refuse(400, 'no-secret');
			try {
				await beginRecovery(asked.output);
				return { body: {} };
			} catch (error) {
				if (!(error instanceof NotRecovered)) throw error;
				const { why, figures, branches } = error;
				const refusal = refuse(branches.length === 0 ? 403 : 409, why, figures);
				return branches.length === 0 ? refusal : { ...refusal, body: { ...(refusal.body as HubRefusal), branches } };
			}
		},
		async 'POST /recovery/entries'(request, body) {
			if (!isSameMachine(request)) return refuse(403, 'another-machine');
			const part = v.safeParse(recoveryEntries, body);
			if (!part.success || comeBack === undefined) return refuse(409, 'no-journal-awaited');
			await comeBack.bring({ ...part.output, chains: part.output.chains.map(bytesOfHex), sealed: part.output.sealed.map(bytesOfHex) });
			return { body: {} };
		},
	};

	/** The entries that removed a device, with their proof: nobody links with it any more, so that it could hear of it no other way. */
	function whyRemoved(request: IncomingMessage): Answer {
		const device = new URL(request.url ?? '/', 'http://hub').searchParams.get('device') as DeviceId;
		if (open === undefined) return withoutShop();
		const { file: shop, branch } = open;
		const known = branch.ledger.state.devices.get(device);
		if (known === undefined || known.standing === 'active') return { status: 404, body: { error: 'No such device was removed from this shop.' } };
		// A till that was away since it joined may not even have its own enrolment: each who is named comes with the entry that let it in.
		const entries = new Map<EntryHash, Entry>();
		const include = (hash: EntryHash): void => {
			const entry = branch.ledger.entry(hash);
			if (entry === undefined || entries.has(hash)) return;
			entries.set(hash, entry);
			const enrolledBy = branch.ledger.state.devices.get(entry.header.device)?.enrolledBy;
			if (enrolledBy !== undefined) include(enrolledBy);
		};
		include(known.enrolledBy);
		for (const { entry } of known.revocations) include(entry);
		const chains = [...new Set([...entries.values()].map(({ header }) => header.device))].flatMap((one) => branch.verifier.chainOf(one) ?? []);
		const head = { store: shop.store, branch: shop.branch, device: identity.signer.device, savedAtMs: clock.nowMs() };
		return { body: encodeJournal({ ...head, chains, sealed: [...entries.values()].map(({ sealed }) => sealed) }) };
	}

	/** Before it links: a network key that nobody told of is a stranger's. The chain proves it, or it changes nothing. */
	async function hearRenewed(body: unknown): Promise<Answer> {
		const parsed = v.safeParse(renewedRequest, body);
		const chain = parsed.success ? bytesOfHex(parsed.output.chain) : undefined;
		const shown = chain && keyInForce(chain);
		if (chain === undefined || shown === undefined) return refuse(400, 'incomplete');
		if (open === undefined) return withoutShop();
		const { verifier, replica } = open.branch;
		// What is known already costs nothing, older keys too: a till says it with each look for its hub.
		const known = [shown.device, ...verifier.keyLine(shown.device).inForce.map(({ renewal }) => renewal.key)];
		if (known.includes(shown.key)) return { body: {} };
		if (isTooOften()) return refuse(429, 'too-often');
		const isTaken = verifier.certificateOf(shown.device) !== undefined && (await replica.takeChain(chain)) !== undefined;
		return isTaken ? { body: {} } : refuse(403, 'not-proven');
	}

	const journalDesk = createJournalDesk({
		...{ self: identity.signer.device, digest, log },
		shop: shopHere,
	});

	const disputeDesk = createDisputeDesk({
		log,
		shop: shopHere,
	});

	const printDesk = createPrintDesk({
		...{ digest: proofs, clock, log, spendNonce: (nonce: string) => nonces.spend(nonce) },
		isOwnTill: (device) => open !== undefined && isActiveHere(open.branch.ledger, device, 'till'),
		printers: () => open?.branch.ledger.state.settings.value('printers') ?? [],
	});

	/** The same by webrtc-direct. */
	const enrolment: EnrolmentDesk = {
		isOpen: () => open !== undefined && comeBack === undefined && !closed,
		ask: () => ({ info: whoThisIs(false, [...(direct?.addresses(identity.peer) ?? [])]), nonce: nonces.draw() }),
		async join(request) {
			const { status = 200, body } = await enter(request);
			return status === 200 ? { enrolled: body as Enrolled } : (body as HubRefusal);
		},
	};

	/** `?till=manager` asks for the code of a manager's till, or of a second hub. */
	function codeAsked({ url = '/' }: IncomingMessage): string {
		return (new URL(url, 'http://hub').searchParams.get('till') === 'manager' ? managersCode : joinCode).current();
	}

	/** At a manager's till. */
	function codesShown(till: JoinsFor): ShownCode | undefined {
		if (open === undefined || comeBack !== undefined || closed) return undefined;
		const code = (till === 'manager' ? lentCode : joinCode).current();
		const setup = setupCode(code);
		return { code, ...(setup === undefined ? {} : { setup }) };
	}

	function setupCode(code = joinCode.current()): string | undefined {
		if (open === undefined || direct === undefined) return undefined;
		return writeSetupCode({ code, ...direct.place(identity.peer) }, directPlan?.app);
	}

	let closed = false;
	let isStopping = false;
	const notReady = (): NotReady | undefined => (isStopping ? 'it stops' : isReady ? undefined : 'it starts');
	meters?.look(() => ({
		...{ ready: notReady() === undefined, recordAnswers: true, branches: open === undefined ? 0 : 1 },
		roles: open?.lan.peers().map(({ role }) => role) ?? [],
	}));
	let discovery: Discovery | undefined;
	if (file === undefined && joins !== undefined) {
		file = await joinShop(joins);
		folder.write('shop.json', file);
		isReady = false;
	}
	const openedDirect = directPlan === undefined ? undefined : await openDirect(directPlan, { folder, host, nowMs: clock.nowMs() });
	const direct = openedDirect === undefined || 'missing' in openedDirect ? undefined : openedDirect;
	if (openedDirect !== undefined && 'missing' in openedDirect) log('no webrtc-direct', openedDirect);
	let secureDoor: Awaited<ReturnType<typeof openSecureDoor>> | undefined;
	const http: HttpDeps = {
		routes: {
			...trustRoutes(
				() => secureDoor,
				() => (server.address() as AddressInfo).port,
			),
			'GET /hub.json': (request) => ({ body: hubInfo(request) }),
			...healthRoutes({ role: 'hub', notReady, figures: () => ({ claimed: isClaimed(), entries: open?.branch.ledger.size() ?? 0 }) }),
			'GET /claim-code': (request) => {
				if (!isSameMachine(request)) return { status: 403, body: 'The claim code is shown on the hub’s own machine only.\n' };
				return isClaimed() ? { status: 409, body: 'This hub has a shop already.\n' } : { body: `${claimCode.current()}\n` };
			},
			'GET /join-code': (request) => {
				if (!isSameMachine(request)) return { status: 403, body: 'The join code is shown on the hub’s own machine only.\n' };
				if (open === undefined)
					return isReady ? { status: 409, body: 'This hub has no shop yet.\n' } : { status: 503, body: 'The hub is starting.\n' };
				return { body: `${codeAsked(request)}\n` };
			},
			'GET /setup-code': (request) => {
				if (!isSameMachine(request)) return { status: 403, body: 'The setup code is shown on the hub’s own machine only.\n' };
				const code = setupCode(codeAsked(request));
				if (code !== undefined) return { body: `${code}\n` };
				if (!isReady) return { status: 503, body: 'The hub is starting.\n' };
				return { status: 409, body: open === undefined ? 'This hub has no shop yet.\n' : 'This hub does not listen by webrtc-direct.\n' };
			},
			'GET /enrol/nonce': () => ({ body: { nonce: nonces.draw() } }),
			...recoveryRoutes,
			...branchRoutes,
			[`GET ${REMOVED_PATH}`]: (request) => whyRemoved(request),
			[`POST ${RENEWED_PATH}`]: (_, body) => hearRenewed(body),
			[`POST ${DISPUTES_PATH}`]: disputeDesk,
			'POST /print': (_, body) => printDesk(body),
			'POST /enrol/claim': claim,
			'POST /enrol/join': (_, body) => enter(body),
		},
		fileRoutes: { [JOURNAL_PATH]: journalDesk.route },
		...(files === undefined ? {} : { files: files.serve }),
		upgrades: {
			[LAN_PATH](request, socket, head) {
				if (isStopping) refuseUpgrade(socket, '503 Service Unavailable', 'This hub stops.');
				else door.upgrade(request, socket, head);
			},
		},
		...(meters && { onAnswered: meters.httpAnswered }),
		contentSecurityPolicy: policyOf(files?.scriptHashes ?? []),
		onError: (error) => {
			log('request failed', { error: String(error) });
		},
	};
	const server: Server = createHttp(http);
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			resolve();
		});
	});
	if (secure !== undefined) {
		try {
			secureDoor = await openSecureDoor(secure, { folder, host, http, clock, timers, log });
		} catch (error) {
			await closeHttp(server);
			throw error;
		}
	}
	if (file !== undefined) open = await openShop(file);
	isReady = true;
	if (recover !== undefined) await getBack(recover);
	void lookAtRelay();

	/** At the start; a hub that has its shop already needs nothing of it. */
	async function getBack({ journal: bytes, branchName, ...secret }: HubRecovery): Promise<void> {
		try {
			if (open === undefined) {
				const { store } = await readSecret(secret, { cipher, digest });
				const journal = bytes === undefined ? undefined : decodeJournal(bytes, store);
				if (journal !== undefined && 'problem' in journal) throw new NotRecovered(BAD_JOURNAL[journal.problem]);
				await beginRecovery({ ...secret, ...(journal === undefined ? {} : { journal: { store, branch: journal.branch } }) }, branchName);
			}
			if (bytes !== undefined) await bringJournal(bytes);
		} catch (error) {
			await close();
			throw error;
		}
	}

	async function close(): Promise<void> {
		closed = true;
		isStopping = true;
		comeBack?.stop();
		relayKnown?.close();
		await claiming;
		await discovery?.close();
		await open?.uplink?.close();
		await open?.lan.stop();
		await Promise.all([closeHttp(server), secureDoor?.close()]);
		await open?.branch.close();
		folder.release();
	}

	return {
		get port() {
			return (server.address() as AddressInfo).port;
		},
		get secure() {
			return secureDoor;
		},
		direct: direct === undefined ? (openedDirect as { readonly missing: string } | undefined) : { port: direct.door.port },
		setupCode,
		managersCode: () => (open === undefined ? undefined : managersCode.current()),
		shop: () => open,
		branchCode: () => (file === undefined ? asking?.code : undefined),
		code: () => (open === undefined ? claimCode.current() : joinCode.current()),
		onCode(listener) {
			for (const code of [claimCode, joinCode, managersCode]) code.onChange(listener);
		},
		onShop: (listener) => {
			shopListeners.push(listener);
		},
		onRelay: (listener) => {
			relayListeners.push(listener);
			if (relayLooked !== undefined) listener(relayLooked);
		},
		relayState: () => open?.relayLink?.state() ?? { state: 'none' },
		isUnsaved: keep.isUnsaved,
		isComingBack: () => comeBack !== undefined,
		async renewKeys() {
			return (comeBack === undefined ? await open?.branch.writer?.renewKeys() : undefined) ?? 'not-whole';
		},
		bringIn: journalDesk.bringIn,
		async drain() {
			isStopping = true;
			const left = await settle(open === undefined ? [] : [open.branch], { issuer: identity.signer.device, mayIssue: () => true, clock, timers });
			if (left > 0) log('not all was signed', { branches: left });
		},
		close,
	};
}

/** Made here, and by nobody else. */
function isFounded({ made }: ShopFile): boolean {
	return made.kind === 'new' || made.kind === 'demo';
}

function isRecovered(file: ShopFile): file is ShopFile & { readonly made: RecoveredPlan } {
	return file.made.kind === 'recovered';
}

/** What would be refused on the way must be refused before the first step: a shop that cannot be furnished would never open. */
function planProblem({ kind, shop }: ClaimRequest): NotLetIn | undefined {
	if (kind === 'demo') return undefined;
	if (shop === undefined) return 'shop-incomplete';
	const ids = shop.taxRates.map(({ id }) => id);
	if (new Set(ids).size < ids.length) return 'tax-rates-alike';
	return isTimeZone(shop.timeZone) ? undefined : 'no-time-zone';
}

function namesOf(branches: readonly { readonly name: string }[]): string {
	return branches.map(({ name }) => name).join(', ');
}

/** Whether somebody is there at all; the link itself finds out who. */
async function answers(relay: string | undefined): Promise<boolean> {
	if (relay === undefined) return false;
	const answer = await fetch(new URL('/readyz', relay.replace(/^ws/, 'http')), { signal: AbortSignal.timeout(PROBE_MS) }).catch(() => undefined);
	return answer?.ok === true;
}
