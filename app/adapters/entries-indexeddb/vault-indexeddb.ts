/** The sale vault and the critical journal in a browser. Contract: `tests/contracts/vault.ts`. */
import * as v from 'valibot';
import type { SaleRecord, Vault, VaultState } from '#ports';
import { cart as cartSchema } from '#schemas/cart.ts';
import { openTillDatabase, storageErrorOf, strictly } from './database.ts';

export async function openIndexedDbVault(databaseName: string): Promise<Vault> {
	const database = await openTillDatabase(databaseName);

	/** Structured clone keeps the `Map` of each head's `seen`. */
	const reading = async <Result>(read: () => Promise<Result>): Promise<Result> => {
		try {
			return await read();
		} catch (error) {
			throw storageErrorOf(error);
		}
	};

	return {
		read: () => reading(async () => (await database.get('device', 'state')) ?? NEW_DEVICE),
		record: (change) =>
			strictly(database, ['own', 'sales', 'carts', 'device'], async (transaction) => {
				const device = transaction.objectStore('device');
				const now = (await device.get('state')) ?? NEW_DEVICE;
				if (change.ownership !== now.ownership) return { failed: 'not-owner' } as const;
				const own = transaction.objectStore('own');
				const [first] = change.entries;
				if (first === undefined) throw new Error('nothing to record');
				if ((await own.index('key').getKey(first.header.key)) !== undefined) return { failed: 'key-known' } as const;
				if (change.version !== now.version) return { failed: 'moved' } as const;
				for (const { hash, header, sealed } of change.entries) void own.add({ scope: header.scope, seq: header.seq, hash, key: header.key, sealed }).catch(swallow);
				if (change.sale !== undefined) {
					const sale: SaleRecord = { ...change.sale, status: 'recorded', entry: first.hash, seq: first.header.seq };
					void transaction.objectStore('sales').add(sale).catch(swallow);
				}
				if (change.removesCart !== undefined) void transaction.objectStore('carts').delete(change.removesCart).catch(swallow);
				const next: VaultState = {
					version: now.version + 1,
					ownership: now.ownership,
					heads: change.heads,
					hlc: change.hlc,
					lastReceiptNumber: change.sale?.receipt.number ?? now.lastReceiptNumber,
				};
				void device.put(next, 'state').catch(swallow);
				return { recorded: next };
			}),
		saleByKey: (key) => reading(() => database.get('sales', key)),
		entriesByKey: (key) => reading(async () => (await database.getAllFromIndex('own', 'key', key)).map(({ sealed }) => sealed)),
		salesByStatus: (status, limit) => reading(() => database.getAllFromIndex('sales', 'status', IDBKeyRange.bound([status, 0], [status, Infinity]), limit)),
		async markLedgered(scope, upToSeq) {
			if (scope !== 'branch') return;
			await strictly(database, ['sales'], async (transaction) => {
				const sales = transaction.objectStore('sales');
				for (const sale of await sales.index('status').getAll(IDBKeyRange.bound(['recorded', 0], ['recorded', upToSeq]))) void sales.put({ ...sale, status: 'ledgered' }).catch(swallow);
			});
		},
		ownEntries: (scope, fromSeq, limit) =>
			reading(async () => (await database.getAll('own', IDBKeyRange.bound([scope, fromSeq], [scope, Infinity]), limit)).map(({ sealed }) => sealed)),
		carts: () => reading(async () => (await database.getAll('carts')).map((cart) => v.safeParse(cartSchema, cart)).filter(({ success }) => success).map(({ output }) => v.parse(cartSchema, output))),
		saveCart: (cart, ownership) =>
			strictly(database, ['own', 'carts', 'device'], async (transaction) => {
				const now = (await transaction.objectStore('device').get('state')) ?? NEW_DEVICE;
				if (ownership !== now.ownership) return 'not-owner';
				// A sale that is recorded has removed its cart; a late save must not bring it back.
				if ((await transaction.objectStore('own').index('key').getKey(cart.key)) === undefined) void transaction.objectStore('carts').put(cart).catch(swallow);
				return 'saved';
			}),
		dropCart: (key, ownership) =>
			strictly(database, ['carts', 'device'], async (transaction) => {
				const now = (await transaction.objectStore('device').get('state')) ?? NEW_DEVICE;
				if (ownership === now.ownership) void transaction.objectStore('carts').delete(key).catch(swallow);
			}),
		takeOwnership: () =>
			strictly(database, ['device'], async (transaction) => {
				const device = transaction.objectStore('device');
				const now = (await device.get('state')) ?? NEW_DEVICE;
				const ownership = now.ownership + 1;
				void device.put({ ...now, ownership }, 'state').catch(swallow);
				return ownership;
			}),
		getValue: (name) => reading(() => database.get('values', name)),
		setValue: (name, value) => strictly(database, ['values'], async (transaction) => { void transaction.objectStore('values').put(value, name).catch(swallow); }),
		close: () => {
			database.close();
			return Promise.resolve();
		},
	};
}

const NEW_DEVICE: VaultState = { version: 0, ownership: 0, heads: { branch: undefined, store: undefined }, hlc: [0, 0], lastReceiptNumber: 0 };

/** A request that fails aborts its transaction, and that is where it is reported. */
function swallow(): void {}
