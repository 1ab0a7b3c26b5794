/** The page that `vault-kill` and `two-tabs` open: the till's real vault, keys, lock and commit, without screens. Bundled by the test itself. */
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { deviceKeys } from '#adapters/keys-webcrypto/keys-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import { takeOver, tryToOwn, type OwnedTab } from '#adapters/tab-ownership/tab-ownership.ts';
import { problemsAfterCrash, sellUntilKilled, type Acknowledged } from './after-crash.ts';
import { openSealingShop, sale, type SealingTill } from './sealing-till.ts';
import type { VaultFinding } from '#ports';
import type { IntentKey } from '#schemas/ids.ts';

declare global {
	interface Window {
		/** Given by the test. */
		acknowledge(what: string): void;
		selling: SellingPage;
	}
}

export interface SellingPage {
	device(): Promise<string>;
	sellUntilKilled(run: string): void;
	problems(acknowledged: readonly Acknowledged[]): Promise<string[]>;
	/** `taken` when another tab has the till. */
	open(way: 'politely' | 'take over'): Promise<'mine' | 'taken'>;
	sell(key: string): Promise<string>;
	numberOfSales(): Promise<number>;
	/** Puts so much beside the sales that the browser allows no more. */
	fill(): Promise<void>;
	isLost(): boolean;
	/** What the vault told whoever looks after the till. */
	findings(): readonly VaultFinding[];
}

const LOCK = 'holdfast-test';
let till: SealingTill | undefined;
let lost = false;
const findings: VaultFinding[] = [];

const openVault = async () =>
	openIndexedDbVault({ places: await storagePlaces('vault'), name: 'vault', onFinding: (finding) => findings.push(finding) });

async function openTill(): Promise<SealingTill> {
	const places = await storagePlaces('vault');
	const [root, hub, own] = await Promise.all(['root', 'hub', 'device'].map((name) => deviceKeys(places, `keys-${name}`)));
	const shop = await openSealingShop({ root: root!.signer, hub: hub!.signer });
	return shop.till({ vault: await openVault(), signer: own!.signer });
}

window.selling = {
	device: async () => (await deviceKeys(await storagePlaces('vault'), 'keys-device')).signer.device,
	sellUntilKilled(run) {
		void openTill().then((mine) =>
			sellUntilKilled(mine, run, (what) => {
				window.acknowledge(JSON.stringify(what));
			}),
		);
	},
	async problems(acknowledged) {
		const vault = await openVault();
		const problems = await problemsAfterCrash(vault, createDigest(), acknowledged);
		await vault.close();
		return problems;
	},
	async open(way) {
		const tab: OwnedTab | undefined = way === 'politely' ? await tryToOwn(LOCK) : await takeOver(LOCK);
		if (tab === undefined) return 'taken';
		void tab.lost.then(() => (lost = true));
		till = await openTill();
		return 'mine';
	},
	async sell(key) {
		const done = await till!.commit({ key: key as IntentKey, decide: sale(key) });
		return 'trouble' in done ? String(done.trouble) : 'sold';
	},
	numberOfSales: async () => (await till!.vault.read()).lastReceiptNumber,
	async fill() {
		for (const size of [50_000, 5_000, 500]) {
			for (let n = 0, isFull = false; !isFull; n += 1) {
				const bytes = crypto.getRandomValues(new Uint8Array(size));
				isFull = await till!.vault.setValue(`ballast-${size}-${n}`, bytes, till!.ownership).then(
					() => false,
					() => true,
				);
			}
		}
	},
	isLost: () => lost,
	findings: () => findings,
};
