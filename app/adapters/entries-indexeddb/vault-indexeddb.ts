/** The sale vault and the critical journal in a browser, opened by the page. Contract: `tests/contracts/vault.ts`. */
import * as v from 'valibot';
import { ownChainProblem, prunedProblem, takenBackProblem } from '#core/entry/own-chain.ts';
import type { RecordOutcome, Vault, VaultState, Written } from '#ports';
import type { IntentKey, Scope } from '#schemas/ids.ts';
import { cart as cartSchema } from '#schemas/cart.ts';
import { openVaultCopies, stateOf, type VaultCopiesDeps, type VaultWriter } from './vault-copies.ts';

/** Of a month that was sold alone, or of what is to leave: 20,000 in one transaction were a task of two seconds on the page; a sale waits for so many at most. */
const MOST_AT_ONCE = 100;

export async function openIndexedDbVault(deps: VaultCopiesDeps): Promise<Vault> {
	const { read, write, append, close } = await openVaultCopies(deps);
	/** Keys of carts that this tab has saved: the journal has no entry under them. What another tab records meanwhile makes `append` answer nothing. */
	const unpaid = new Set<IntentKey>();

	return {
		// Structured clone keeps the `Map` of each head's `seen`.
		read: () => read(async (database) => stateOf(await database.get('device', 'state'))),
		async record(change) {
			const [first] = change.entries;
			if (first === undefined) throw new Error('nothing to record');
			const { key } = first.header;
			const decided = ({ state, put, delete: remove }: Omit<VaultWriter, 'stores'>, before: unknown): RecordOutcome => {
				if (before !== undefined) return { failed: 'key-known' };
				if (change.version !== state.version) return { failed: 'moved' };
				const problem = ownChainProblem(state, change);
				if (problem !== undefined) throw new Error(`the vault is given what does not follow: ${problem}`);
				for (const { hash, header, sealed } of change.entries) put('own', { scope: header.scope, seq: header.seq, hash, key: header.key, sealed });
				if (change.sale !== undefined) put('sales', { ...change.sale, status: 'recorded', entry: first.hash, seq: first.header.seq });
				if (change.removesCart !== undefined) remove('carts', change.removesCart);
				const next: VaultState = {
					version: state.version + 1,
					ownership: state.ownership,
					heads: change.heads,
					hlc: change.hlc,
					lastReceiptNumber: change.sale?.receipt.number ?? state.lastReceiptNumber,
				};
				put('device', next, 'state');
				unpaid.delete(key);
				return { recorded: next };
			};
			const added = await append(change.ownership, (writer) => (unpaid.has(key) ? decided(writer, undefined) : undefined));
			const outcome = added ?? (await write(change.ownership, decided, keyIn(key)));
			return outcome === 'not-owner' ? { failed: 'not-owner' } : outcome;
		},
		async takeBack({ version, ownership, taken }) {
			const outcome = await write(ownership, async ({ state, put, delete: remove }) => {
				if (version !== state.version) return { failed: 'moved' } as const;
				const problem = takenBackProblem(state, taken);
				if (problem !== undefined) throw new Error(`the vault is given what does not follow: ${problem}`);
				for (const { hash, header, sealed } of taken.entries) {
					put('own', { scope: header.scope, seq: header.seq, hash, key: header.key, sealed });
					remove('carts', header.key);
				}
				for (const sale of taken.sales) put('sales', { ...sale, status: 'recorded' });
				const { heads, hlc, lastReceiptNumber } = taken;
				const next: VaultState = { version: state.version + 1, ownership, heads, hlc, lastReceiptNumber };
				put('device', next, 'state');
				unpaid.clear();
				return { recorded: next };
			});
			return outcome === 'not-owner' ? { failed: 'not-owner' } : outcome;
		},
		saleByKey: (key) => read((database) => database.get('sales', key)),
		entriesByKey: (key) => read(async (database) => (await database.getAllFromIndex('own', 'key', key)).map(({ sealed }) => sealed)),
		salesByStatus: (status, limit) =>
			read((database) => database.getAllFromIndex('sales', 'status', IDBKeyRange.bound([status, 0], [status, Infinity]), limit)),
		async markLedgered(scope, upToSeq, ownership) {
			if (scope !== 'branch') return 'saved';
			const range = IDBKeyRange.bound(['recorded', 0], ['recorded', upToSeq]);
			for (;;) {
				const marked = await write(ownership, async ({ stores, put }) => {
					const sales = await stores.objectStore('sales').index('status').getAll(range, MOST_AT_ONCE);
					for (const sale of sales) put('sales', { ...sale, status: 'ledgered' });
					return sales.length;
				});
				if (marked === 'not-owner') return marked;
				if (marked < MOST_AT_ONCE) return 'saved';
			}
		},
		ownEntries: (scope, fromSeq, limit) =>
			read(async (database) =>
				(await database.getAll('own', IDBKeyRange.bound([scope, fromSeq], [scope, Infinity]), limit)).map(({ sealed }) => sealed),
			),
		async prune(upToSeq, ownership) {
			const leaving = IDBKeyRange.bound(['branch', 0], ['branch', upToSeq]);
			for (;;) {
				const left = await write(ownership, async ({ state, stores, delete: remove }) => {
					const problem = prunedProblem(state, upToSeq);
					if (problem !== undefined) throw new Error(`the vault is told to lose what it needs: ${problem}`);
					const keys = await stores.objectStore('own').getAllKeys(leaving, MOST_AT_ONCE);
					const last = keys.at(-1)?.[1];
					if (last === undefined) return 0;
					const sales = await stores.objectStore('sales').index('seq').getAllKeys(IDBKeyRange.upperBound(last));
					for (const key of keys) remove('own', key);
					for (const key of sales) remove('sales', key);
					return keys.length;
				});
				if (left === 'not-owner') return left;
				if (left < MOST_AT_ONCE) return 'saved';
			}
		},
		recordedAbove: ({ branch, store }) =>
			read(async (database) => {
				const above = (scope: Scope, seq: number): IDBKeyRange => IDBKeyRange.bound([scope, seq], [scope, Infinity], true);
				const [ofBranch, ofStore, receipts] = await Promise.all([
					database.count('own', above('branch', branch)),
					database.count('own', above('store', store)),
					database.countFromIndex('sales', 'seq', IDBKeyRange.lowerBound(branch, true)),
				]);
				return { entries: ofBranch + ofStore, receipts };
			}),
		carts: () => read(async (database) => (await database.getAll('carts')).filter((cart) => v.is(cartSchema, cart))),
		async saveCart(cart, ownership) {
			const decided = ({ put }: Pick<VaultWriter, 'put'>, before: unknown): Written => {
				// A sale that is recorded has removed its cart; a late save must not bring it back.
				if (before === undefined) {
					put('carts', cart);
					unpaid.add(cart.key);
				}
				return 'saved';
			};
			const added = await append(ownership, (writer) => (unpaid.has(cart.key) ? decided(writer, undefined) : undefined));
			return added ?? write(ownership, decided, keyIn(cart.key));
		},
		dropCart: (key, ownership) =>
			write(ownership, ({ delete: remove }): Written => {
				remove('carts', key);
				unpaid.delete(key);
				return 'saved';
			}),
		async takeOwnership() {
			const ownership = await write(undefined, ({ state, put }) => {
				put('device', { ...state, ownership: state.ownership + 1 }, 'state');
				unpaid.clear();
				return state.ownership + 1;
			});
			if (ownership === 'not-owner') throw new Error('whoever takes over owns');
			return ownership;
		},
		getValue: (name) => read((database) => database.get('values', name)),
		setValue: (name, value, ownership) =>
			write(ownership, async ({ put }): Promise<Written> => {
				put('values', value, name);
				return 'saved';
			}),
		close: () => {
			close();
			return Promise.resolve();
		},
	};
}

/** Whether the journal has an entry under this key. */
function keyIn(key: IntentKey) {
	return (stores: VaultWriter['stores']) => stores.objectStore('own').index('key').getKey(key);
}
