/** Vault and entry store in memory: what the contracts mean, without a disk. For tests. */
import { ownChainProblem, prunedProblem, takenBackProblem } from '#core/entry/own-chain.ts';
import type { DamagedBytes, PrunableEntryStore, SaleRecord, StoreCursor, Vault, VaultState, Written } from '#ports';
import type { Cart } from '#schemas/cart.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash, IntentKey } from '#schemas/ids.ts';

export function createMemoryVault(): Vault {
	let state: VaultState = { version: 0, ownership: 0, heads: { branch: undefined, store: undefined }, hlc: [0, 0], lastReceiptNumber: 0 };
	const own: Entry[] = [];
	const sales = new Map<IntentKey, SaleRecord>();
	const carts = new Map<IntentKey, Cart>();
	const values = new Map<string, unknown>();

	async function asOwner(ownership: number, write: () => void): Promise<Written> {
		if (ownership !== state.ownership) return 'not-owner';
		write();
		return 'saved';
	}

	return {
		read: async () => state,
		async record(change) {
			const [first] = change.entries;
			if (first === undefined) throw new Error('nothing to record');
			if (change.ownership !== state.ownership) return { failed: 'not-owner' };
			if (own.some(({ header }) => header.key === first.header.key)) return { failed: 'key-known' };
			if (change.version !== state.version) return { failed: 'moved' };
			const problem = ownChainProblem(state, change);
			if (problem !== undefined) throw new Error(`the vault is given what does not follow: ${problem}`);
			own.push(...change.entries);
			if (change.sale !== undefined) sales.set(change.sale.key, { ...change.sale, status: 'recorded', entry: first.hash, seq: first.header.seq });
			if (change.removesCart !== undefined) carts.delete(change.removesCart);
			const { ownership, lastReceiptNumber } = state;
			const { heads, hlc, sale } = change;
			state = { version: state.version + 1, ownership, heads, hlc, lastReceiptNumber: sale?.receipt.number ?? lastReceiptNumber };
			return { recorded: state };
		},
		async takeBack({ version, ownership, taken }) {
			if (ownership !== state.ownership) return { failed: 'not-owner' };
			if (version !== state.version) return { failed: 'moved' };
			const problem = takenBackProblem(state, taken);
			if (problem !== undefined) throw new Error(`the vault is given what does not follow: ${problem}`);
			own.push(...taken.entries);
			for (const { header } of taken.entries) carts.delete(header.key);
			for (const sale of taken.sales) sales.set(sale.key, { ...sale, status: 'recorded' });
			const { heads, hlc, lastReceiptNumber } = taken;
			state = { version: state.version + 1, ownership, heads, hlc, lastReceiptNumber };
			return { recorded: state };
		},
		saleByKey: async (key) => sales.get(key),
		entriesByKey: async (key) => own.filter(({ header }) => header.key === key).map(({ sealed }) => sealed),
		salesByStatus: async (status, limit) => [...sales.values()].filter((sale) => sale.status === status).slice(0, limit),
		markLedgered: (scope, upToSeq, ownership) =>
			asOwner(ownership, () => {
				if (scope === 'branch') for (const [key, sale] of sales) if (sale.seq <= upToSeq) sales.set(key, { ...sale, status: 'ledgered' });
			}),
		ownEntries: async (scope, fromSeq, limit) =>
			own
				.filter(({ header }) => header.scope === scope && header.seq >= fromSeq)
				.slice(0, limit)
				.map(({ sealed }) => sealed),
		prune: (upToSeq, ownership) =>
			asOwner(ownership, () => {
				const problem = prunedProblem(state, upToSeq);
				if (problem !== undefined) throw new Error(`the vault is told to lose what it needs: ${problem}`);
				const left = own.filter(({ header }) => header.scope !== 'branch' || header.seq > upToSeq);
				own.splice(0, own.length, ...left);
				for (const [key, { seq }] of sales) if (seq <= upToSeq) sales.delete(key);
			}),
		recordedAbove: async (seqs) => ({
			entries: own.filter(({ header }) => header.seq > seqs[header.scope]).length,
			receipts: [...sales.values()].filter(({ seq }) => seq > seqs.branch).length,
		}),
		carts: async () => [...carts.values()],
		saveCart: (cart, ownership) =>
			asOwner(ownership, () => {
				// A sale that is recorded has removed its cart; a late save must not bring it back.
				if (!own.some(({ header }) => header.key === cart.key)) carts.set(cart.key, cart);
			}),
		dropCart: (key, ownership) => asOwner(ownership, () => carts.delete(key)),
		async takeOwnership() {
			state = { ...state, ownership: state.ownership + 1 };
			return state.ownership;
		},
		getValue: async (name) => values.get(name),
		setValue: (name, value, ownership) => asOwner(ownership, () => values.set(name, value)),
		close: async () => undefined,
	};
}

export function createMemoryEntryStore(): PrunableEntryStore {
	const entries: Entry[] = [];
	const certificates = new Map<DeviceId, Uint8Array>();
	const damaged: DamagedBytes[] = [];
	const caches = new Map<string, Uint8Array>();
	return {
		add(added) {
			const fresh = new Set<EntryHash>();
			for (const entry of added) {
				if (entries.some(({ hash }) => hash === entry.hash)) continue;
				entries.push(entry);
				fresh.add(entry.hash);
			}
			entries.sort((a, b) => compareCursors(cursorOf(a), cursorOf(b)));
			return Promise.resolve(fresh);
		},
		page(after, limit) {
			const rest = entries.filter((entry) => after === undefined || compareCursors(cursorOf(entry), after) > 0).slice(0, limit);
			const last = rest.at(-1);
			return Promise.resolve({ sealed: rest.map(({ sealed }) => sealed), cursor: last === undefined ? undefined : cursorOf(last) });
		},
		chain: (device, scope, fromSeq, limit) =>
			Promise.resolve(
				entries
					.filter(({ header }) => header.device === device && header.scope === scope && header.seq >= fromSeq)
					.slice(0, limit)
					.map(({ sealed }) => sealed),
			),
		addCertificates(chains) {
			for (const { device, chain } of chains) certificates.set(device, chain);
			return Promise.resolve();
		},
		certificates: () => Promise.resolve([...certificates.values()]),
		addDamaged(found) {
			damaged.push(found);
			return Promise.resolve();
		},
		damaged: () => Promise.resolve([...damaged]),
		getCache: (name) => Promise.resolve(caches.get(name)),
		setCache(name, bytes) {
			caches.set(name, bytes);
			return Promise.resolve();
		},
		prune(upTo, kept) {
			const isPruned = ({ header }: Entry): boolean =>
				upTo.some(({ device, scope, seq }) => device === header.device && scope === header.scope && header.seq <= seq);
			const left = entries.filter((entry) => !isPruned(entry));
			const count = entries.length - left.length;
			entries.splice(0, entries.length, ...left);
			for (const [name, bytes] of kept) caches.set(name, bytes);
			return Promise.resolve(count);
		},
		close: () => Promise.resolve(),
	};
}

function cursorOf({ hash, header }: Entry): StoreCursor {
	return [header.device, header.scope, header.seq, hash];
}

function compareCursors(a: StoreCursor, b: StoreCursor): number {
	for (const place of [0, 1, 2, 3] as const) {
		if (a[place] < b[place]) return -1;
		if (a[place] > b[place]) return 1;
	}
	return 0;
}
