/**
 * One branch in a Node process: hub, relay and headless till are made of these same parts. What differs is said by whoever calls.
 *
 * 1. `openBranch` resolves when the ledger stands as the disk has it; from then on entries travel.
 * 2. `close` leaves nothing open: documents are flushed, databases closed, timers stopped.
 */
import { createDocuments, type AutomergeDocuments, type NetworkAdapterInterface } from '#adapters/documents-automerge/documents-automerge.ts';
import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { createCipher } from '#adapters/keys-webcrypto/cipher-webcrypto.ts';
import { decide } from '#core/decide.ts';
import { openShiftOf } from '#core/decide/shift.ts';
import { createRenewableLedger, type RenewableLedger } from '#core/ledger/renewable.ts';
import { numberingOf } from '#core/roster/till-numbers.ts';
import { createCommit, type Commit } from '#engine/commit.ts';
import { createJoinCodes, type JoinCodes, type JoinCodesDeps } from '#engine/join-codes.ts';
import { createKeys, type Keys } from '#engine/keys.ts';
import { createRivalRenewals } from '#engine/rival-renewals.ts';
import { createOwnRenewal, noteRenewal, type OwnRenewal, type OwnRenewalDeps } from '#engine/own-renewal.ts';
import { recover } from '#engine/recover.ts';
import { createRenewalDesk, type RenewalDesk } from '#engine/renewal-desk.ts';
import { createRenewals, type Renewals } from '#engine/renewals.ts';
import { createReplica, type Replica, type ReplicaDeps } from '#engine/replicate.ts';
import { createSealer, type DayRule, type Seen } from '#engine/seal.ts';
import { createTill, type Till } from '#engine/till.ts';
import { createStandDown, standingOf, type StandDown } from '#engine/stand-down.ts';
import { createTakeBack, type TakeBack } from '#engine/take-back.ts';
import { chainsIn, createVerifier, provenBy, type Verifier } from '#engine/verify.ts';
import type { BranchStorage, Clock, Digest, EntryStore, KeyTable, Random, Signer, Timers, Turns, Vault } from '#ports';
import type { Genesis } from '#schemas/documents/genesis.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId } from '#schemas/ids.ts';

export interface BranchDeps {
	/** Closed with the branch. */
	readonly storage: BranchStorage;
	readonly genesis: Genesis;
	readonly branch: BranchId;
	readonly repoPeer: string;
	/** The device that writes here; the relay writes nothing. */
	readonly own?: {
		readonly signer: Signer;
		readonly chain: Uint8Array;
		/** Both closed with the branch. */
		readonly vault: Vault;
		readonly keyTable: KeyTable;
		readonly tillNumber: number;
		/** Whether it has ever sealed an entry, where that is known: a device that has, and finds none, has lost them. */
		readonly past?: 'none' | 'some';
		/** How it comes to new keys. */
		readonly renewal: Pick<OwnRenewalDeps, 'nextKeys' | 'keep'>;
	};
	/** A hub's: spends the code that it shows for letting devices in. */
	readonly spendCode?: (code: string) => boolean;
	readonly issues?: NonNullable<ReplicaDeps['issues']>;
	/** A hub's and a relay's; absent: what comes is taken. */
	readonly takesInADay?: NonNullable<ReplicaDeps['takesInADay']>;
	/** A relay's: how the store's other branches answer for their stock. */
	readonly elsewhere?: NonNullable<ReplicaDeps['elsewhere']>;
	/** A hub's: what it shows a till that may let devices in. */
	readonly joinCodes?: NonNullable<JoinCodesDeps['codes']>;
	readonly network: readonly NetworkAdapterInterface[];
	/** Of a server that has many branches: documents are opened for what is missing (`engine/segment-rest.ts`); and how long what peers write into documents may wait for more of it, and may lie in memory alone. */
	readonly documentsMay?: { readonly gatherMs: number; readonly saveAfterMs: number };
	readonly digest: Digest;
	readonly clock: Clock;
	/** What own entries are dated by, where it is not the wall clock: a replay of the past. */
	readonly sealingClock?: Clock;
	readonly timers: Timers;
	/** Of a process that has many branches. */
	readonly turns?: Turns;
	readonly random: Random;
	readonly onFailed?: (words: string) => void;
	/** The device that writes here forked, and another side of it keeps the till: it records nothing more. Or it does again. */
	readonly onDropped?: (isDropped: boolean) => void;
}

export interface Branch {
	readonly ledger: RenewableLedger;
	readonly verifier: Verifier;
	readonly replica: Replica;
	readonly documents: AutomergeDocuments;
	readonly entryStore: EntryStore;
	/** Of customers and of the store; a relay has none. */
	readonly keys: Keys | undefined;
	/** Codes that a hub shows; a relay asks for none. */
	readonly joinCodes: Pick<JoinCodes, 'ask'> | undefined;
	/** Tills that wait for new keys; a relay asks nobody. */
	readonly renewalDesk: Pick<RenewalDesk, 'ask'> | undefined;
	/** Of the device that writes here. */
	readonly writer:
		| {
				readonly vault: Vault;
				readonly commit: Commit;
				readonly till: Till;
				readonly takeBack: TakeBack;
				readonly standDown: StandDown;
				readonly renewKeys: OwnRenewal['renew'];
		  }
		| undefined;
	close(): Promise<void>;
}

export async function openBranch(deps: BranchDeps): Promise<Branch> {
	const { storage, genesis, branch, own, digest, clock, timers, random } = deps;
	const { store } = genesis;
	await startAutomerge();
	const { entryStore } = storage;
	const verifier = createVerifier({ digest, store });
	const ledger = createRenewableLedger({ store, branch, ...provenBy(verifier) });
	let takeBack: TakeBack | undefined;
	const isServer = deps.issues !== undefined;
	const replica = createReplica({
		...{ store, branch, entryStore, ledger, verifier, digest, clock, timers, turns: deps.turns, random, keepsOwn: isServer },
		...(own === undefined ? {} : { own: { device: own.signer.device, chain: own.chain } }),
		...(deps.issues === undefined ? {} : { issues: deps.issues }),
		...(deps.elsewhere === undefined ? {} : { elsewhere: deps.elsewhere }),
		...(deps.documentsMay === undefined ? {} : { restsSegments: true }),
		...(deps.takesInADay === undefined ? {} : { takesInADay: deps.takesInADay }),
	});
	await replica.load();
	const vault = own?.vault;
	if (vault !== undefined)
		await recover(vault, async (sealed) => {
			const entries = await openAll(sealed, verifier);
			for (const shown of chainsIn(entries)) await replica.takeChain(shown); // Of other devices, too: two renewals of one key.
			replica.recover(entries);
		});
	const documents = await createDocuments({
		store,
		branch,
		genesis,
		repoPeer: deps.repoPeer,
		storage: storage.chunks,
		network: deps.network,
		digest,
		timers,
		...deps.documentsMay,
	});
	await replica.attach(documents);
	const keys = own === undefined ? undefined : await openKeys(own);
	const renewals = own === undefined ? undefined : openRenewals(own);
	const joinCodes =
		own && createJoinCodes({ documents, ledger, verifier, cipher: createCipher(), signer: own.signer, timers, codes: deps.joinCodes });
	const renewalDesk =
		own &&
		createRenewalDesk({
			documents,
			ledger,
			verifier,
			random,
			signer: own.signer,
			timers,
			...(deps.spendCode === undefined ? {} : { asks: renewals }),
		});

	return {
		...{ ledger, verifier, replica, documents, entryStore, keys, joinCodes, renewalDesk },
		writer: own === undefined || vault === undefined || renewals === undefined ? undefined : await createWriter(own, vault, renewals),
		async close() {
			takeBack?.close();
			renewals?.close();
			joinCodes?.close();
			renewalDesk?.close();
			await keys?.close();
			await replica.close();
			await documents.close();
			await storage.close();
			await vault?.close();
		},
	};

	async function openKeys({ signer, keyTable: table }: NonNullable<BranchDeps['own']>): Promise<Keys> {
		const onFailed = deps.onFailed ?? (() => undefined);
		const opened = createKeys({ table, cipher: createCipher(), digest: verifier.live, random, timers, signer, ledger, verifier, onFailed });
		await opened.load();
		replica.onFolded(({ books }) => {
			if (books.has('customers')) opened.sweep().catch((error: unknown) => onFailed(String(error)));
		});
		await opened.attach(documents);
		return opened;
	}

	function openRenewals({ signer }: NonNullable<BranchDeps['own']>): Renewals {
		return createRenewals({
			...{ documents, store, verifier, ledger, entryStore, signer, digest, clock, timers },
			...{ spendCode: deps.spendCode, takeChain: replica.takeChain },
		});
	}

	async function createWriter(
		{ signer, chain, tillNumber, past, renewal }: NonNullable<BranchDeps['own']>,
		into: Vault,
		renewals: Renewals,
	): Promise<NonNullable<Branch['writer']>> {
		const ownership = await into.takeOwnership();
		const { heads } = await into.read();
		takeBack = createTakeBack({
			...{ vault: into, ownership: () => ownership, ownAbove: replica.ownAbove, timers, isNew: past === 'none' },
			isLost: past === 'some' && heads.branch === undefined && heads.store === undefined,
			onTaken: (entries) => {
				replica.recover(entries);
			},
		});
		replica.onOwnCame(takeBack.look);
		replica.onOwnClaimed(takeBack.hear);
		takeBack.look();
		takeBack.listening();
		const { settled } = takeBack;
		const standDown = createStandDown({
			...{ vault: into, ownership: () => ownership, standing: (heads) => standingOf(ledger, heads) },
			onChange: (isDropped) => deps.onDropped?.(isDropped),
		});
		await standDown.open();
		replica.onFolded(({ conflicts }) => {
			if (conflicts) standDown.look();
		});
		standDown.look();
		const ownRenewal = createOwnRenewal({
			...{ store, chain, signer, vault: into, renewals: () => renewals, ...renewal },
			isWhole: () => settled() === undefined && !standDown.isDropped(),
		});
		const commit = createCommit({
			sealer: createSealer({ store, signer, digest, clock: deps.sealingClock ?? clock }),
			vault: into,
			digest,
			ownership: () => ownership,
			seen: (): Seen => ({ vector: ledger.seen(), hlc: ledger.hlc() }),
			day: (): DayRule => ({
				timeZone: ledger.state.settings.value('timeZone') ?? 'UTC',
				dayStartMinutes: ledger.state.settings.value('dayStartMinutes') ?? 0,
			}),
			onRecorded: (entries) => {
				takeBack?.recorded(entries);
				replica.hear(entries);
				standDown.recorded();
			},
			...{ settled, isDropped: standDown.isDropped, turns: ownRenewal.turns, isOver: ownRenewal.isOver },
		});
		const onFailed = (error: unknown): void => {
			deps.onFailed?.(String(error));
		};
		noteRenewal(chain, commit).catch(onFailed);
		if (deps.issues !== undefined) {
			const rivals = createRivalRenewals({ self: signer.device, verifier, ledger, commit, onFailed });
			replica.onRivals(rivals.heard);
			replica.onFolded(rivals.look);
		}
		replica.onLedgered((scope, seq) => {
			// A mark that is missed while closing is made at the next start, when the journal is read again.
			into.markLedgered(scope, seq, ownership).catch(() => undefined);
		});
		const till = createTill({
			...{ commit, device: signer.device, tillNumber },
			numbering: () => numberingOf(ledger.state.devices.get(signer.device)),
			money: () => ({
				currency: ledger.state.settings.value('currency') ?? { code: 'GBP', digits: 2 },
				cashRoundingMinor: ledger.state.settings.value('cashRoundingMinor') ?? 1,
				shift: openShiftOf(ledger, signer.device),
				shiftsRequired: ledger.state.settings.value('shiftsRequired'),
				taxExcluded: ledger.state.settings.value('taxExcluded'),
			}),
			decide: async (intent, context) => decide(ledger, intent, { ...context, nowMs: clock.nowMs() }),
		});
		return { vault: into, commit, till, takeBack, standDown, renewKeys: ownRenewal.renew };
	}
}

/** Own entries from the own journal. One that no longer verifies is a broken disk: it is left out here, and its chain shows the gap. */
async function openAll(sealed: readonly Uint8Array[], verifier: Verifier): Promise<readonly Entry[]> {
	const opened = await Promise.all(sealed.map((bytes) => verifier.entry(bytes)));
	return opened.filter((entry): entry is Entry => 'header' in entry);
}
