/**
 * This device takes new keys, and what it records goes on under them.
 *
 * Invariants:
 * 1. The new keys are on the disk before anything is asked, and stay the same ones until they are in force: asked again after a crash, whoever countersigned
 *    answers again.
 * 2. What is in force is said by the own certificate chain, in one durable write. Before it the device is the one that it was, after it the one with new keys.
 * 3. Nothing is recorded between the ends that the renewal names and that write, nor after it under the old keys: the write takes its turn among the commits.
 *    Sales wait for no answer; one that came meanwhile means asking again.
 * 4. A write of which nobody knows whether it was done ends this run as one that was: the next start reads which keys are in force.
 * 5. The first thing under new keys says so in the ledger, once, whatever start it is.
 */
import { keyInForce } from '#core/entry/certificate.ts';
import { renewalNumber } from '#core/entry/renewals.ts';
import type { Signer, Vault, VaultState, Written } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { DeviceRenewed } from '#schemas/facts/device-renewed.ts';
import { SCOPES, type IntentKey, type PersonId, type SigningKey, type StoreId } from '#schemas/ids.ts';
import type { Commit } from './commit.ts';
import { createOneAtATime, type OneAtATime } from './one-at-a-time.ts';
import { draftRenewal, type HowAllowed, type NotRenewed, type Renewals } from './renewals.ts';

/** Of the generation that comes after the one in force. */
export interface NextKeys extends Pick<Signer, 'sign'> {
	readonly key: SigningKey;
	/** libp2p peer id of the network key. */
	readonly peer: string;
}

export interface OwnRenewalDeps {
	readonly store: StoreId;
	/** As it is now. */
	readonly chain: Uint8Array;
	readonly signer: Signer;
	readonly vault: Pick<Vault, 'read'>;
	/** All own entries are here, and this device's side of every fork counts. */
	readonly isWhole: () => boolean;
	/** On this disk when it resolves; made on first use. */
	readonly nextKeys: () => Promise<NextKeys>;
	/** The own chain, durable when it resolves. */
	readonly keep: (chain: Uint8Array) => Promise<Written>;
	readonly renewals: () => Pick<Renewals, 'ask' | 'show'>;
}

/** `not-whole`: entries of this device are still on their way to it. `not-owner`: another tab has taken over. */
export type RenewOutcome = 'renewed' | 'not-whole' | 'not-owner' | NotRenewed;

export interface OwnRenewal {
	/** Of the device's commits. */
	readonly turns: OneAtATime;
	/** The keys of this run have signed their last entry. */
	isOver(): boolean;
	/** `renewed`: whoever runs this device starts it again. */
	renew(how?: HowAllowed): Promise<RenewOutcome>;
	/** Of the next key (`renewalNumber`). */
	number(): Promise<string>;
}

/** Sales that are rung up while an answer takes its milliseconds. */
const MOST_TRIES = 5;

export function createOwnRenewal(deps: OwnRenewalDeps): OwnRenewal {
	const turns = createOneAtATime();
	let over = false;
	let renewing: Promise<RenewOutcome> | undefined;

	async function renew(how: HowAllowed | undefined): Promise<RenewOutcome> {
		const { store, chain, signer, vault, nextKeys, renewals } = deps;
		const next = await nextKeys();
		for (let tries = 0; tries < MOST_TRIES; tries += 1) {
			// What `keep` came to is not known, or another tab has taken over: the next run reads it.
			if (over) return 'not-owner';
			if (!deps.isWhole()) return 'not-whole';
			const { heads } = await vault.read();
			const answered = await renewals().ask(await draftRenewal({ store, chain, heads, signer, nextSigner: next, nextPeer: next.peer }), how);
			if (typeof answered === 'string') return answered;
			const outcome = await turns(() => putInForce(answered, heads));
			if (outcome === 'moved') continue;
			if (outcome === 'renewed') renewals().show(answered);
			return outcome;
		}
		return 'behind';
	}

	async function putInForce(chain: Uint8Array, asked: VaultState['heads']): Promise<'moved' | RenewOutcome> {
		const { heads } = await deps.vault.read();
		if (SCOPES.some((scope) => heads[scope]?.hash !== asked[scope]?.hash)) return 'moved';
		over = true;
		return (await deps.keep(chain)) === 'saved' ? 'renewed' : 'not-owner';
	}

	return {
		turns,
		isOver: () => over,
		number: async () => renewalNumber((await deps.nextKeys()).key),
		renew(how) {
			renewing ??= renew(how).finally(() => {
				renewing = undefined;
			});
			return renewing;
		},
	};
}

/** Nothing to say under the keys of enrolment. `by`: who asked for it. */
export async function noteRenewal(chain: Uint8Array, commit: Commit, by?: PersonId): Promise<void> {
	const now = keyInForce(chain);
	if (now === undefined || now.generation === 0) return;
	const { device, generation } = now;
	const fact: DeviceRenewed = { type: 'device.renewed', v: 1, device, generation, chain: hexOf(chain) };
	await commit({
		key: `renewed:${device}:${generation}` as IntentKey,
		...(by === undefined ? {} : { by }),
		decide: () => ({ branch: [], store: [fact], takesReceipt: false }),
	});
}
