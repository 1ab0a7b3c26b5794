/**
 * Branches that go from a relay's memory and come back. Their sockets stay: what comes for one that rests is judged by `what-wakes.ts`.
 *
 * 1. A branch goes when nothing new came for a while, all that it has is signed for and in its reports, and nobody is waited for; what comes meanwhile waits and brings it back.
 * 2. It goes or comes back, never both: who asks for it meanwhile waits.
 * 3. Whoever is linked hears as often as ever how far the cloud has come.
 */
import type { BranchGate } from '#adapters/relay-websocket/branch-gate.ts';
import type { RelayDoor } from '#adapters/relay-websocket/relay-door.ts';
import { TELL_EVERY_MS } from '#engine/replicate.ts';
import { StorageError, type BranchName, type BranchStorage, type Clock, type Timers } from '#ports';
import type { Certificate } from '#schemas/certificate.ts';
import { hexOf } from '#schemas/cbor.ts';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import type { DirectMessage } from '#schemas/wire/direct.ts';
import type { Answering } from '../ask-process.ts';
import type { Branch } from '../branch.ts';
import type { KeyMember, LinkedDevice } from '../branches/key-share.ts';
import { isSigned } from '../operation/drain.ts';
import { isWaiting, type Heard } from '../reports/heard.ts';
import type { Reporter } from '../reports/reporter.ts';
import type { StoreShare } from '../store-share.ts';
import { whatWakes } from './what-wakes.ts';

/** A branch that this process keeps. */
export interface OpenBranch {
	readonly name: BranchName;
	readonly door: RelayDoor;
	readonly gate: BranchGate;
	readonly storage: BranchStorage;
	/** By repo peer. */
	readonly linked: Map<string, LinkedDevice>;
	readonly keys: KeyMember;
	/** Undefined: it rests. */
	awake: AwakeBranch | undefined;
	/** Of one that rests. */
	note: RestNote | undefined;
	/** It goes from memory, or comes back. */
	turning: Promise<unknown> | undefined;
	isClosed: boolean;
	/** With `isClosed`: whoever waits for its disk waits no more. */
	readonly closing: PromiseWithResolvers<undefined>;
}

export interface AwakeBranch {
	readonly branch: Branch;
	readonly reporter: Reporter | undefined;
	readonly heard: Heard | undefined;
	/** When something new came last. */
	newsMs: number;
}

interface RestNote {
	readonly entries: number;
	readonly roles: ReadonlyMap<DeviceId, Certificate['role']>;
	readonly branchName: string | undefined;
	/** When the head of its stock rows was signed; 0: there is none. */
	readonly stockAtMs: number;
	/** Its newest watermark, as signed (hex). */
	readonly signed: string;
}

export interface RestingDeps {
	readonly opened: () => readonly OpenBranch[];
	readonly takeUp: (entry: OpenBranch, isBack: boolean) => Promise<AwakeBranch>;
	/** How another branch of the store answers, wherever it is kept. */
	readonly answering: (store: StoreId, branch: BranchId) => Answering | undefined;
	/** Whether the question was one about keys, and is answered. */
	readonly hearKeys: (message: DirectMessage, member: KeyMember, repoPeer: string) => boolean;
	readonly share: Pick<StoreShare, 'add' | 'rest'>;
	/** Whose watermarks are the relay's own. */
	readonly self: DeviceId;
	readonly mayRest: () => boolean;
	/** Of nothing new. */
	readonly restAfterMs: number;
	/** To those whose branch does not come back. */
	readonly goodbye: string;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

export interface Resting {
	/** The branch in memory. */
	wake(entry: OpenBranch): Promise<AwakeBranch>;
	/** The same for whoever does not wait for it. */
	wakeFor(entry: OpenBranch): void;
	close(): void;
}

const LOOK_FOR_QUIET_MS = 30_000;

export function createResting(deps: RestingDeps): Resting {
	const { opened, takeUp, answering, hearKeys, share, self, mayRest, restAfterMs, goodbye, clock, timers, log } = deps;
	const stopResting = timers.every(Math.min(LOOK_FOR_QUIET_MS, restAfterMs / 4), () => {
		for (const entry of opened()) {
			if (entry.turning !== undefined || !isQuiet(entry)) continue;
			if (isReported(entry)) entry.turning = turn(entry, rest);
			else entry.awake?.reporter?.hurry(); // Then it goes with the next look.
		}
	});

	// Who is linked hears as often as ever how far the cloud has come: a relay that says nothing is taken for a dead one.
	const stopTelling = timers.every(TELL_EVERY_MS, () => {
		for (const { awake, note, linked, keys } of opened())
			if (awake === undefined && note !== undefined)
				for (const repoPeer of linked.keys()) keys.sendTo(repoPeer, { t: 'watermark', signed: note.signed });
	});

	/** One at a time: what asks for a branch while it goes waits until it has gone. */
	async function turn(entry: OpenBranch, work: (entry: OpenBranch) => Promise<void>): Promise<void> {
		try {
			await work(entry);
		} catch (error) {
			log('branch did not turn', { key: keyOf(entry.name), error: String(error) });
			if (entry.awake !== undefined) stay(entry, entry.awake);
		} finally {
			entry.turning = undefined;
		}
	}

	/** As it was before it was to go. */
	function stay({ gate }: OpenBranch, { branch }: AwakeBranch): void {
		share.add(branch);
		gate.release();
	}

	/** Nothing new, all signed for, and nothing waited for. Devices that speak to each other by way of this relay keep it awake. */
	function isQuiet({ awake, linked, gate, isClosed }: OpenBranch): boolean {
		if (awake === undefined || isClosed || !mayRest() || linked.size > 1) return false;
		if (clock.nowMs() - Math.max(awake.newsMs, gate.heardDocumentsMs()) < restAfterMs) return false;
		const { replica, ledger, verifier } = awake.branch;
		return isSigned(replica, ledger.marks(), self) && !isWaiting(ledger, verifier, replica.findings().claimedSeq);
	}

	/** Else it stays: were reports that cannot be written waited for on its way out, what is sold meanwhile would wait for them, too. */
	function isReported({ awake }: OpenBranch): boolean {
		return awake?.reporter?.isSettled() !== false;
	}

	async function rest(entry: OpenBranch): Promise<void> {
		const { awake, gate, storage, name } = entry;
		if (awake === undefined) return;
		const { branch, reporter, heard } = awake;
		const { replica, ledger, verifier } = branch;
		gate.hold();
		share.rest(branch, () => {
			wakeFor(entry);
		});
		// What has come in meanwhile may wait for a disk that takes nothing more: the branch is another process's, or this one stops.
		await Promise.race([replica.idle(), entry.closing.promise]);
		const stock = verifier.devices().some(({ branch: home }) => home !== name.branch)
			? await replica.stockRows()?.answer({ t: 'want-stock', id: 0, branch: name.branch })
			: undefined;
		// Something may have come in just before, which is signed for first, or somebody has asked for it. Nothing is waited for from here until it has gone.
		if (entry.isClosed) return;
		if (!isQuiet(entry) || !isReported(entry)) return stay(entry, awake);
		entry.note = {
			entries: ledger.size(),
			roles: new Map(verifier.devices().map(({ device, role }) => [device, role])),
			branchName: ledger.state.settings.value('branchName'),
			signed: hexOf(replica.ownWatermark() ?? new Uint8Array()),
			stockAtMs: stock?.signed === undefined ? 0 : (replica.stockRows()?.of(name.branch)?.head.at ?? 0),
		};
		const isNews = whatWakes({
			...{
				marks: ledger.marks(),
				devices: verifier.devices().map(({ device }) => device),
				watermarks: replica.findings().watermarks,
				self,
			},
			sendTo: entry.keys.sendTo,
			answers: (message, repoPeer) => hearKeys(message, entry.keys, repoPeer) || answersStock(entry, message, repoPeer),
		});
		entry.awake = undefined;
		try {
			await heard?.rest();
			await reporter?.close();
			await branch.close();
			await storage.rest?.();
		} finally {
			gate.rest(isNews, () => {
				wakeFor(entry);
			});
		}
		log('branch rests', { key: keyOf(name) });
	}

	function answersStock({ name: { store }, keys }: OpenBranch, message: DirectMessage, repoPeer: string): boolean {
		if (message.t !== 'want-stock') return false;
		const of = answering(store, message.branch);
		of?.answer(message).then(
			(answer) => {
				keys.sendTo(repoPeer, answer);
			},
			(error: unknown) => {
				log('stock not answered', { error: String(error) }); // It is asked for again.
			},
		);
		return true;
	}

	function wakeFor(entry: OpenBranch): void {
		wake(entry).catch((error: unknown) => {
			if (entry.isClosed) return;
			// What waits in memory for it is no use any more: whoever is linked comes back and says it again.
			log('branch not taken up', { key: keyOf(entry.name), error: String(error) });
			entry.door.closeLinks(goodbye);
		});
	}

	async function wake(entry: OpenBranch): Promise<AwakeBranch> {
		while (entry.awake === undefined) {
			if (entry.isClosed) throw new StorageError('closed', 'the branch was closed');
			let failure: unknown;
			entry.turning ??= turn(entry, async () => {
				await takeBack(entry).catch((error: unknown) => {
					failure = error;
				});
			});
			await entry.turning;
			if (failure !== undefined) throw failure as Error;
		}
		entry.awake.newsMs = clock.nowMs();
		return entry.awake;
	}

	async function takeBack(entry: OpenBranch): Promise<void> {
		entry.gate.hold();
		entry.awake = await takeUp(entry, true);
		entry.note = undefined;
		entry.gate.release();
	}

	return {
		wake,
		wakeFor,
		close() {
			stopResting();
			stopTelling();
		},
	};
}

function keyOf({ store, branch }: BranchName): string {
	return `${store}-${branch}`;
}
