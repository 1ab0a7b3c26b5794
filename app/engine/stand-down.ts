/**
 * A device that was copied, or put back from a backup beside its original, and whose side of the fork was not kept: it stands down.
 *
 * Invariants:
 * 1. From the moment at which it knows that another side keeps the till, it seals nothing more. What is recorded already is answered and carried on.
 * 2. It knows after a restart, too, before anything is folded, and without a link.
 * 3. It takes up again only when an answer says that its own side keeps the till (somebody has chosen otherwise); never because what it held of the
 *    answer is not here any more.
 * 4. The branch's answer decides, for receipts are numbered there; the store's does where the branch's chain has none.
 * 5. A head that the ledger does not hold tells nothing. It is asked about again when this device has recorded something, for that may be what was on its way.
 */
import type { Ledger } from '#core/ledger/ledger.ts';
import type { SideStanding } from '#core/ledger/forks.ts';
import { StorageError, type Vault, type VaultState } from '#ports';

/** How an answer to a fork sees a device that wrote up to these heads; undefined: nobody has answered. */
export function standingOf(ledger: Pick<Ledger, 'sideStanding'>, { branch, store }: VaultState['heads']): SideStanding | undefined {
	return (branch && ledger.sideStanding(branch.hash)) ?? (store && ledger.sideStanding(store.hash));
}

export interface StandDownDeps {
	readonly vault: Pick<Vault, 'read' | 'getValue' | 'setValue'>;
	readonly ownership: () => number;
	/** As `standingOf` says of the replica's ledger. */
	readonly standing: (heads: VaultState['heads']) => SideStanding | undefined | Promise<SideStanding | undefined>;
	readonly onChange: (isDropped: boolean) => void;
}

export interface StandDown {
	/** Reads what an earlier run knew: before anything is sealed. */
	open(): Promise<void>;
	isDropped(): boolean;
	/** The ledger may say otherwise now. */
	look(): void;
	/** By this device, and told to the ledger. */
	recorded(): void;
}

/** In the vault: another side of this device's fork keeps the till. */
const DROPPED = 'dropped';

export function createStandDown({ vault, ownership, standing, onChange }: StandDownDeps): StandDown {
	let dropped = false;
	let wanted = false;
	let looking = false;
	let unsure = false;

	function set(now: boolean): void {
		if (dropped === now) return;
		dropped = now;
		onChange(now);
	}

	async function work(): Promise<void> {
		try {
			while (wanted) {
				wanted = false;
				await ask();
			}
		} finally {
			// With nothing between this and the last glance at `wanted`: who looks later begins anew.
			looking = false;
		}
	}

	async function ask(): Promise<void> {
		try {
			const { heads } = await vault.read();
			const now = await standing(heads);
			unsure = now === 'unknown';
			if (now === undefined || now === 'unknown' || (now === 'dropped') === dropped) return;
			set(now === 'dropped');
			await vault.setValue(DROPPED, dropped, ownership());
		} catch (error) {
			// A disk that takes no note costs a restart that learns it anew from its entries.
			if (!(error instanceof StorageError)) throw error;
		}
	}

	function look(): void {
		wanted = true;
		if (looking) return;
		looking = true;
		void work();
	}

	return {
		async open() {
			set((await vault.getValue(DROPPED)) === true);
		},
		isDropped: () => dropped,
		look,
		recorded() {
			if (unsure || looking) look();
		},
	};
}
