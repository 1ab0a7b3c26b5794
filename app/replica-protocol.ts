/** What page and worker say to each other, over comlink. Both are one version of one program, so nothing here is validated. */
import type { DecideContext, Decision, Intent, Refusal } from '#core/intent.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, DeviceId, EntryHash, Scope, Sku, StoreId } from '#schemas/ids.ts';
import type { Hlc, Mark, SeenChange } from '#schemas/mark.ts';
import type { LanPeer } from '#ports';
import type { CatalogueUpdate } from '#projections/catalogue-view.ts';
import type { CatalogueRow, ConflictRow, CountStart, MovementRow, ReceiptDetail, ReceiptRow, ShopRow, SyncRow } from '#projections/rows.ts';

export interface WorkerConfig {
	readonly databaseName: string;
	/** What this tab's vault gave it: a worker of a tab that has lost the till writes nothing more. */
	readonly ownership: number;
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly root: DeviceId;
	readonly device: DeviceId;
	readonly chain: Uint8Array;
	/** Chains that came with the enrolment. */
	readonly certificates: readonly Uint8Array[];
	/** Of this very tab: a reload is another peer. */
	readonly repoPeer: string;
}

/** What a state had folded: goes with the rows that show it. */
export interface SeenNews {
	readonly vector: readonly (readonly [string, SeenChange])[];
	readonly hlc: Hlc;
	readonly marks: readonly Mark[];
}

/** Only what changed is there. */
export interface News {
	readonly shop?: ShopRow;
	readonly catalogue?: CatalogueUpdate;
	readonly conflicts?: readonly ConflictRow[];
	readonly sync?: SyncRow;
	readonly favourites?: readonly Sku[];
	readonly receiptsVersion?: number;
	readonly seen?: SeenNews;
	/** Peer ids of certified devices, and who was removed. */
	readonly roster?: { readonly peers: readonly string[]; readonly removed: readonly DeviceId[] };
	readonly ledgered?: { readonly scope: Scope; readonly seq: number };
}

export interface ReplicaWorker {
	/** Tells the cached rows as soon as they are read; selling can start. */
	open(config: WorkerConfig, frames: MessagePort, tell: (news: News) => void): Promise<void>;
	/** Own entries of earlier runs, sealed. */
	recover(sealed: readonly Uint8Array[]): Promise<void>;
	/** After the last `recover`: rows are live from here on, then Automerge starts and entries travel. */
	start(): Promise<void>;
	/** Own entries, durable in the vault. */
	hear(entries: readonly Entry[]): Promise<void>;
	decide(intent: Intent, context: DecideContext): Promise<{ readonly outcome: Decision | Refusal; readonly seen: SeenNews }>;
	setLinks(peers: readonly LanPeer[], workingAlone: boolean): Promise<void>;
	takeChain(chain: Uint8Array): Promise<void>;
	setFavourite(sku: Sku, favourite: boolean): Promise<void>;
	askAgain(): Promise<void>;
	search(text: string, limit: number): Promise<readonly Sku[]>;
	receipts(text: string, limit: number): Promise<readonly ReceiptRow[]>;
	receipt(entry: EntryHash): Promise<ReceiptDetail | undefined>;
	movements(sku: Sku, limit: number): Promise<readonly MovementRow[]>;
	startCount(sku: Sku): Promise<CountStart>;
	retired(): Promise<readonly CatalogueRow[]>;
	close(): Promise<void>;
}
