/**
 * A hub that is shown a second renewal of one key puts both into the record: what it alone was told, nobody else would be asked about (`core/conflict/renewed-twice.ts`).
 *
 * Invariants:
 * 1. Only what is proven is put there, each renewal once, and none that an entry shows already.
 * 2. What a disk did not take is tried again when there is news.
 */
import { isRefusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { hexOf } from '#schemas/cbor.ts';
import type { DeviceRenewed } from '#schemas/facts/device-renewed.ts';
import type { DeviceId, IntentKey } from '#schemas/ids.ts';
import type { Commit } from './commit.ts';
import type { Verifier } from './verify.ts';

export interface RivalRenewals {
	/** This device's keys were renewed once more than they can be. */
	heard(device: DeviceId): void;
	/** There is news of any kind. */
	look(): void;
}

export interface RivalRenewalsDeps {
	/** Who writes here. */
	readonly self: DeviceId;
	readonly verifier: Pick<Verifier, 'rivalChains'>;
	readonly ledger: Pick<Ledger, 'keysShown'>;
	readonly commit: Commit;
	readonly onFailed: (words: string) => void;
}

export function createRivalRenewals({ self, verifier, ledger, commit, onFailed }: RivalRenewalsDeps): RivalRenewals {
	const open = new Set<DeviceId>();
	let noting: Promise<void> | undefined;
	/** There was news while these were noted. */
	let wantsAnother = false;

	async function noteAll(): Promise<void> {
		for (const device of [...open]) {
			open.delete(device);
			let isDone = false;
			try {
				isDone = await note(device);
			} finally {
				if (!isDone) open.add(device);
			}
		}
	}

	async function note(device: DeviceId): Promise<boolean> {
		let isDone = true;
		for (const { renewal, chain } of verifier.rivalChains(device)) {
			if (ledger.keysShown(device).has(renewal.key)) continue;
			const { generation } = renewal;
			const fact: DeviceRenewed = { type: 'device.renewed', v: 1, device, generation, chain: hexOf(chain) };
			const done = await commit({
				// Of this hub's own: two that note one renewal have done nothing twice.
				key: `rival:${self.slice(0, 16)}:${renewal.key.slice(0, 16)}` as IntentKey,
				decide: () => ({ branch: [], store: [fact], takesReceipt: false }),
			});
			if (isRefusal(done) || 'trouble' in done) isDone = false;
		}
		return isDone;
	}

	function look(): void {
		if (noting !== undefined) wantsAnother = true;
		if (noting !== undefined || open.size === 0) return;
		noting = noteAll()
			.catch((error: unknown) => {
				onFailed(String(error));
			})
			.finally(() => {
				noting = undefined;
				if (!wantsAnother) return;
				wantsAnother = false;
				look();
			});
	}

	return {
		heard(device) {
			open.add(device);
			look();
		},
		look,
	};
}
