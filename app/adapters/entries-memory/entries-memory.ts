/** Vault and entry store in memory: what the contracts mean, without a disk. For tests. */
import type { DamagedBytes, EntryStore, SaleRecord, StoreCursor, Vault, VaultState } from '#ports';
import type { Cart } from '#schemas/cart.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId, EntryHash, IntentKey, Scope } from '#schemas/ids.ts';

export function createMemoryVault(): Vault {
	let state: VaultState = { version: 0, ownership: 0, heads: { branch: undefined, store: undefined }, hlc: [0, 0], lastReceiptNumber: 0 };
	const own: Entry[] = [];
	const sales = new Map<IntentKey, SaleRecord>();
	const carts = new Map<IntentKey, Cart>();
	const values = new Map<string, unknown>();
	return {
		read: () => Promise.resolve(state),
		record(change) {
			if (change.ownership !== state.ownership) return Promise.resolve({ failed: 'not-owner' });
			if (own.some(({ header }) => header.key === change.entries[0]?.header.key)) return Promise.resolve({ failed: 'key-known' });
			if (change.version !== state.version) return Promise.resolve({ failed: 'moved' });
			own.push(...change.entries);
			const [first] = change.entries;
			if (change.sale !== undefined && first !== undefined) sales.set(change.sale.key, { ...change.sale, status: 'recorded', entry: first.hash, seq: first.header.seq });
			if (change.removesCart !== undefined) carts.delete(change.removesCart);
			state = { version: state.version + 1, ownership: state.ownership, heads: change.heads, hlc: change.hlc, lastReceiptNumber: change.sale?.receipt.number ?? state.lastReceiptNumber };
			return Promise.resolve({ recorded: state });
		},
		saleByKey: (key) => Promise.resolve(sales.get(key)),
		entriesByKey: (key) => Promise.resolve(own.filter(({ header }) => header.key === key).map(({ sealed }) => sealed)),
		salesByStatus: (status, limit) => Promise.resolve([...sales.values()].filter((sale) => sale.status === status).slice(0, limit)),
		markLedgered(scope: Scope, upToSeq) {
			if (scope === 'branch') for (const [key, sale] of sales) if (sale.seq <= upToSeq) sales.set(key, { ...sale, status: 'ledgered' });
			return Promise.resolve();
		},
		ownEntries: (scope, fromSeq, limit) =>
			Promise.resolve(own.filter(({ header }) => header.scope === scope && header.seq >= fromSeq).slice(0, limit).map(({ sealed }) => sealed)),
		carts: () => Promise.resolve([...carts.values()]),
		saveCart(cart, ownership) {
			if (ownership !== state.ownership) return Promise.resolve('not-owner');
			if (!sales.has(cart.key)) carts.set(cart.key, cart);
			return Promise.resolve('saved');
		},
		dropCart(key, ownership) {
			if (ownership === state.ownership) carts.delete(key);
			return Promise.resolve();
		},
		takeOwnership() {
			state = { ...state, ownership: state.ownership + 1 };
			return Promise.resolve(state.ownership);
		},
		getValue: (name) => Promise.resolve(values.get(name)),
		setValue(name, value) {
			values.set(name, value);
			return Promise.resolve();
		},
		close: () => Promise.resolve(),
	};
}

export function createMemoryEntryStore(): EntryStore {
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
			Promise.resolve(entries.filter(({ header }) => header.device === device && header.scope === scope && header.seq >= fromSeq).slice(0, limit).map(({ sealed }) => sealed)),
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
