/** The sale vault and the critical journal in a browser, opened by the page. Contract: `tests/contracts/vault.ts`. */
import * as v from 'valibot';
import { ownChainProblem } from '#core/entry/own-chain.ts';
import type { SaleRecord, Vault, VaultState, Written } from '#ports';
import { cart as cartSchema } from '#schemas/cart.ts';
import { openTillDatabase } from './database.ts';

export async function openIndexedDbVault(databaseName: string, openTimeoutMs?: number): Promise<Vault> {
	const { read, write, close } = await openTillDatabase(databaseName, openTimeoutMs);

	return {
		// Structured clone keeps the `Map` of each head's `seen`.
		read: () => read(stateIn),
		record: (change) =>
			write(['own', 'sales', 'carts', 'device'], async (transaction) => {
				const device = transaction.objectStore('device');
				const own = transaction.objectStore('own');
				const [first] = change.entries;
				if (first === undefined) throw new Error('nothing to record');
				const [now = NEW_DEVICE, known] = await Promise.all([device.get('state'), own.index('key').getKey(first.header.key)]);
				if (change.ownership !== now.ownership) return { failed: 'not-owner' } as const;
				if (known !== undefined) return { failed: 'key-known' } as const;
				if (change.version !== now.version) return { failed: 'moved' } as const;
				const problem = ownChainProblem(now, change);
				if (problem !== undefined) throw new Error(`the vault is given what does not follow: ${problem}`);
				for (const { hash, header, sealed } of change.entries) left(own.add({ scope: header.scope, seq: header.seq, hash, key: header.key, sealed }));
				if (change.sale !== undefined) {
					const sale: SaleRecord = { ...change.sale, status: 'recorded', entry: first.hash, seq: first.header.seq };
					left(transaction.objectStore('sales').add(sale));
				}
				if (change.removesCart !== undefined) left(transaction.objectStore('carts').delete(change.removesCart));
				const next: VaultState = {
					version: now.version + 1,
					ownership: now.ownership,
					heads: change.heads,
					hlc: change.hlc,
					lastReceiptNumber: change.sale?.receipt.number ?? now.lastReceiptNumber,
				};
				left(device.put(next, 'state'));
				return { recorded: next };
			}),
		saleByKey: (key) => read((database) => database.get('sales', key)),
		entriesByKey: (key) => read(async (database) => (await database.getAllFromIndex('own', 'key', key)).map(({ sealed }) => sealed)),
		salesByStatus: (status, limit) =>
			read((database) => database.getAllFromIndex('sales', 'status', IDBKeyRange.bound([status, 0], [status, Infinity]), limit)),
		markLedgered: (scope, upToSeq, ownership) =>
			write(['sales', 'device'], async (transaction): Promise<Written> => {
				if (ownership !== (await ownershipIn(transaction.objectStore('device')))) return 'not-owner';
				if (scope !== 'branch') return 'saved';
				const sales = transaction.objectStore('sales');
				for (const sale of await sales.index('status').getAll(IDBKeyRange.bound(['recorded', 0], ['recorded', upToSeq])))
					left(sales.put({ ...sale, status: 'ledgered' }));
				return 'saved';
			}),
		ownEntries: (scope, fromSeq, limit) =>
			read(async (database) =>
				(await database.getAll('own', IDBKeyRange.bound([scope, fromSeq], [scope, Infinity]), limit)).map(({ sealed }) => sealed),
			),
		carts: () => read(async (database) => (await database.getAll('carts')).filter((cart) => v.is(cartSchema, cart))),
		saveCart: (cart, ownership) =>
			write(['own', 'carts', 'device'], async (transaction): Promise<Written> => {
				if (ownership !== (await ownershipIn(transaction.objectStore('device')))) return 'not-owner';
				// A sale that is recorded has removed its cart; a late save must not bring it back.
				const paid = await transaction.objectStore('own').index('key').getKey(cart.key);
				if (paid === undefined) left(transaction.objectStore('carts').put(cart));
				return 'saved';
			}),
		dropCart: (key, ownership) =>
			write(['carts', 'device'], async (transaction): Promise<Written> => {
				if (ownership !== (await ownershipIn(transaction.objectStore('device')))) return 'not-owner';
				left(transaction.objectStore('carts').delete(key));
				return 'saved';
			}),
		takeOwnership: () =>
			write(['device', 'owner'], async (transaction) => {
				const device = transaction.objectStore('device');
				const now = (await device.get('state')) ?? NEW_DEVICE;
				const ownership = now.ownership + 1;
				left(device.put({ ...now, ownership }, 'state'));
				left(transaction.objectStore('owner').put(ownership, 'number'));
				return ownership;
			}),
		getValue: (name) => read((database) => database.get('values', name)),
		setValue: (name, value, ownership) =>
			write(['values', 'device'], async (transaction): Promise<Written> => {
				if (ownership !== (await ownershipIn(transaction.objectStore('device')))) return 'not-owner';
				left(transaction.objectStore('values').put(value, name));
				return 'saved';
			}),
		close: () => {
			close();
			return Promise.resolve();
		},
	};
}

const NEW_DEVICE: VaultState = { version: 0, ownership: 0, heads: { branch: undefined, store: undefined }, hlc: [0, 0], lastReceiptNumber: 0 };

async function stateIn(database: { get(store: 'device', key: 'state'): Promise<VaultState | undefined> }): Promise<VaultState> {
	return (await database.get('device', 'state')) ?? NEW_DEVICE;
}

async function ownershipIn(device: { get(key: 'state'): Promise<VaultState | undefined> }): Promise<number> {
	return ((await device.get('state')) ?? NEW_DEVICE).ownership;
}

/** A request that is left to its transaction: failing, it aborts it, and that is where it is reported. */
function left(request: Promise<unknown>): void {
	request.catch(() => undefined);
}
