/**
 * A hub that was made anew from the recovery secret, until the shop's record is with it again.
 *
 * 1. It is back when it holds all that anybody linked claims to hold, without a pause, for `STEADY_MS`, and nobody is being asked for more, for a page may be on
 *    its way for longer than that; with a journal, when that has been taken in.
 * 2. What it writes when it is back is one entry under one key: itself, and what it removes.
 * 3. Everything of others that is here counts for them: what they sold after that is quarantined, and a person may accept it.
 */
import { revocationOf } from '#core/decide/house.ts';
import { isRefusal } from '#core/intent.ts';
import { issueCertificate } from '#engine/certify.ts';
import type { Clock, Signer, Timers } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { Certificate } from '#schemas/certificate.ts';
import type { DeviceEnrolled } from '#schemas/facts/device-enrolled.ts';
import type { BranchId, IntentKey } from '#schemas/ids.ts';
import { HUB_RIGHTS } from '#schemas/rights.ts';
import type { Branch } from '../branch.ts';
import type { ShopFile } from '../enrolment/shop.ts';
import type { Brought } from './secret.ts';

export interface RecoveredPlan {
	readonly kind: 'recovered';
	/** All devices that were there are removed. */
	readonly removeOthers: boolean;
	/** As the recovery file has it; a flag goes before it. */
	readonly relay?: string | undefined;
	/** Its record is a till's journal: the relay is not waited for. */
	readonly byJournal: boolean;
}

export async function recoveredShop(
	{ root, store }: Pick<Brought, 'root' | 'store'>,
	branch: BranchId,
	made: RecoveredPlan,
	{ hub, peer, clock }: { readonly hub: Signer; readonly peer: string; readonly clock: Clock },
): Promise<ShopFile> {
	const certificate: Certificate = {
		...{ v: 1 as const, store, branch, device: hub.device, peer, role: 'hub', name: 'Hub', rights: [...HUB_RIGHTS] },
		...{ issuer: root.device, issuedAtMs: clock.nowMs() },
	};
	return { store, branch, root: root.device, chain: hexOf(await issueCertificate(certificate, root)), made };
}

export interface ComeBackDeps {
	readonly file: ShopFile & { readonly made: RecoveredPlan };
	readonly branch: Branch;
	readonly hub: Signer;
	/** Whether somebody who may have the record is linked. */
	readonly isLinked: () => boolean;
	readonly timers: Timers;
	readonly onBack: () => void;
	readonly onFailed: (error: unknown) => void;
}

export interface ComeBack {
	/** A part of a till's journal. */
	bring(part: { readonly chains: readonly Uint8Array[]; readonly sealed: readonly Uint8Array[]; readonly last: boolean }): Promise<void>;
	stop(): void;
}

const LOOK_EVERY_MS = 500;
/** Claims come with a link's first words. */
const STEADY_MS = 3_000;

export function createComeBack({ file, branch, hub, isLinked, timers, onBack, onFailed }: ComeBackDeps): ComeBack {
	const { ledger, replica, writer } = branch;
	let steadyMs = 0;
	let size = 0;
	let journalIsIn = false;
	let finishing = false;
	const stop = timers.every(LOOK_EVERY_MS, look);

	function look(): void {
		if (finishing) return;
		const isSteady = hasShop() && (file.made.byJournal ? journalIsIn : isLinked() && holdsAllClaimed()) && ledger.size() === size;
		size = ledger.size();
		steadyMs = isSteady ? steadyMs + LOOK_EVERY_MS : 0;
		if (steadyMs < STEADY_MS) return;
		finishing = true;
		finish().then(onBack, (error: unknown) => {
			finishing = false;
			steadyMs = 0;
			onFailed(error);
		});
	}

	const hasShop = (): boolean => ledger.state.settings.value('storeName') !== undefined;

	function holdsAllClaimed(): boolean {
		const { claimedSeq, recalculating, adopted, asking } = replica.findings();
		if (recalculating || asking || adopted !== undefined) return false;
		const held = new Map(ledger.chains().map(({ key, heldSeq }) => [key, heldSeq]));
		return [...claimedSeq].every(([key, seq]) => (held.get(key) ?? 0) >= seq);
	}

	async function finish(): Promise<void> {
		if (writer === undefined) throw new Error('a hub writes');
		const done = await writer.commit({
			key: `recovered:${hub.device}` as IntentKey,
			decide() {
				const devices = [...ledger.state.devices.values()];
				const itself: DeviceEnrolled = {
					...{ type: 'device.enrolled', v: 1, device: hub.device, branch: file.branch, role: 'hub', chain: file.chain, rights: [...HUB_RIGHTS] },
					name: `Hub ${devices.filter(({ role, device }) => role === 'hub' && device !== hub.device).length + 1}`,
				};
				const removed = file.made.removeOthers
					? devices
							.filter(({ device, standing }) => device !== hub.device && standing === 'active')
							.map(({ device }) => revocationOf(ledger, device, 'lost before the shop was recovered'))
					: [];
				return { branch: [], store: [itself, ...removed], takesReceipt: false };
			},
		});
		if (isRefusal(done) || 'trouble' in done) throw new Error(`the recovered hub could not be written down: ${JSON.stringify(done)}`);
		stop();
	}

	return {
		async bring({ chains, sealed, last }) {
			for (const chain of chains) await replica.takeChain(chain);
			replica.take(sealed.map((bytes) => ({ bytes, route: 'file', source: 'a journal' })));
			await replica.idle();
			if (last) journalIsIn = true;
		},
		stop,
	};
}
