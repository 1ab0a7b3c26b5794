/**
 * A device that finds itself behind what others hold of it was restored from an older copy. It takes its own entries back before it seals again.
 *
 * Invariants:
 * 1. Nothing new is sealed until a hub or the relay has said how far it holds this device's chains and the vault reaches as far; or until nobody has
 *    answered, or nothing more has come, for two seconds: then the device goes on with what it has, and a fork, if it was one, is shown.
 * 2. What is taken back is verified, and follows the own heads (`core/entry/taken-back.ts`). A fork that exists already is not undone here.
 * 3. What others say is a claim: it can make this device wait for two seconds, and no longer until it is raised.
 * 4. A vault that others have passed while it runs is treated the same way, at whatever time they are heard.
 */
import { takeBack, type OwnHeads } from '#core/entry/taken-back.ts';
import { StorageError, type Timers, type Vault } from '#ports';
import type { Entry } from '#schemas/entry.ts';
import { SCOPES, type Scope } from '#schemas/ids.ts';

/** How far others say that they hold this device's own chains. */
export interface OwnClaims {
	/** The farthest that anybody said. */
	readonly seqs: { readonly [scope in Scope]: number };
	/** A hub or the relay has said so since the start: they hold what there was. */
	readonly byKeeper: { readonly [scope in Scope]: number } | undefined;
}

export interface TakeBackDeps {
	readonly vault: Pick<Vault, 'read' | 'takeBack'>;
	readonly ownership: () => number;
	/** Own entries beyond these heads that others have sent: verified, and on disk. */
	readonly ownAbove: (heads: OwnHeads['heads']) => Promise<readonly Entry[]>;
	/** They are the vault's now. */
	readonly onTaken: (entries: readonly Entry[]) => void;
	readonly timers: Timers;
	/** A device that was enrolled a moment ago was restored from nothing. */
	readonly isNew?: boolean;
	/** It is known that entries are missing: without them nothing is sealed, however long it takes. */
	readonly isLost?: boolean;
}

export interface TakeBack {
	/** Undefined: seal. Else resolves when that may be done. */
	settled(): Promise<void> | undefined;
	/** Others have said how far they hold this device's chains. */
	hear(claims: OwnClaims): void;
	/** Recorded by this run: that others hold it by now is no news, and for that the vault is not asked. */
	recorded(entries: readonly Entry[]): void;
	/** Others have sent own entries. Also once at the start, for what came before a crash. */
	look(): void;
	/** From here on somebody could answer: the two seconds begin. */
	listening(): void;
	/** Own entries are known to be missing. */
	isLost(): boolean;
	close(): void;
}

const PATIENCE_MS = 2_000;
const STEP_MS = 100;
/** Starting the links takes a moment; a replica that does not start at all stops no sale. */
const START_MS = 5_000;

export function createTakeBack({ vault, ownership, ownAbove, onTaken, timers, isNew = false, isLost = false }: TakeBackDeps): TakeBack {
	let isOpen = isNew;
	let opening = Promise.withResolvers<undefined>();
	let claims: OwnClaims = { seqs: { branch: 0, store: 0 }, byKeeper: undefined };
	/** What was waited for in vain is not waited for again. */
	let givenUp: OwnClaims['seqs'] = { branch: 0, store: 0 };
	let stopTimer: (() => void) | undefined;
	let lost = isLost;
	let closed = false;
	/** As the vault was read last, with what was recorded since. */
	let heads: OwnClaims['seqs'] = { branch: 0, store: 0 };
	let wanted = false;
	let working: Promise<void> | undefined;
	if (!isOpen) wait(START_MS);

	/** In steps: while this process was too busy to hear anybody, nobody was silent. */
	function wait(ms: number): void {
		stopTimer?.();
		stopTimer = timers.after(Math.min(ms, STEP_MS), () => {
			if (ms > STEP_MS) {
				wait(ms - STEP_MS);
				return;
			}
			givenUp = claims.seqs;
			if (!lost) open();
		});
	}

	function open(): void {
		isOpen = true;
		stopTimer?.();
		stopTimer = undefined;
		opening.resolve(undefined);
	}

	function shut(): void {
		if (!isOpen) return;
		isOpen = false;
		opening = Promise.withResolvers<undefined>();
		wait(PATIENCE_MS);
	}

	const isBehind = (seqs: OwnClaims['seqs']): boolean => SCOPES.some((scope) => seqs[scope] > heads[scope] && seqs[scope] > givenUp[scope]);

	function start(): void {
		wanted = true;
		working ??= work().finally(() => {
			working = undefined;
			if (wanted && !closed) start();
		});
	}

	async function work(): Promise<void> {
		while (wanted && !closed) {
			wanted = false;
			try {
				await takeWhatCame();
			} catch (error) {
				// The disk says no: commits hear of it themselves, and whatever is missing comes again with the next claim.
				if (!(error instanceof StorageError)) throw error;
			}
			judge();
		}
	}

	async function takeWhatCame(): Promise<void> {
		for (;;) {
			const state = await vault.read();
			heads = seqsOf(state.heads);
			const taken = takeBack(state, await ownAbove(state.heads));
			if (taken === undefined || closed) return;
			const outcome = await vault.takeBack({ version: state.version, ownership: ownership(), taken });
			if ('failed' in outcome) {
				if (outcome.failed === 'not-owner') return;
				continue; // A sale came between; what follows now is asked again.
			}
			heads = seqsOf(outcome.recorded.heads);
			lost = false;
			onTaken(taken.entries);
			if (!isOpen) wait(PATIENCE_MS);
		}
	}

	function judge(): void {
		if (isBehind(claims.seqs)) shut();
		else if (!isOpen && !lost && isAnswered()) open();
	}

	/** Who holds less than this device does, has lost something itself, and says nothing about what else there was. */
	function isAnswered(): boolean {
		const { byKeeper } = claims;
		return byKeeper !== undefined && SCOPES.every((scope) => byKeeper[scope] >= heads[scope]);
	}

	return {
		settled: () => (isOpen ? undefined : opening.promise),
		hear(said) {
			claims = said;
			// The vault may hold more than is known here: it is asked before anybody waits.
			if (!isOpen || isBehind(said.seqs)) start();
		},
		recorded(entries) {
			for (const { header } of entries) heads = { ...heads, [header.scope]: Math.max(heads[header.scope], header.seq) };
		},
		look: start,
		listening() {
			if (!isOpen) wait(PATIENCE_MS);
		},
		isLost: () => lost,
		close() {
			closed = true;
			stopTimer?.();
			opening.resolve(undefined);
		},
	};
}

function seqsOf(heads: OwnHeads['heads']): OwnClaims['seqs'] {
	return { branch: heads.branch?.seq ?? 0, store: heads.store?.seq ?? 0 };
}
