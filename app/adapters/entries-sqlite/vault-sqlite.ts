/** The vault of a device without a browser: a hub, a headless till. Contract: `tests/contracts/vault.ts`. */
import type { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import type { Head, SaleRecord, Vault, VaultState } from '#ports';
import { cart as cartSchema } from '#schemas/cart.ts';
import { SCOPES, type EntryHash, type IntentKey } from '#schemas/ids.ts';
import type { Hlc, SeenChange } from '#schemas/mark.ts';
import { inTransaction, openDatabase } from './database.ts';

export function openSqliteVault(file: string): Vault {
	const database = openDatabase(file);

	function state(): VaultState {
		const row = database.prepare('SELECT * FROM device WHERE id = 1').get();
		if (row === undefined) throw new Error('the device row is gone');
		return {
			version: Number(row['version']),
			ownership: Number(row['ownership']),
			heads: headsOf(String(row['heads'])),
			hlc: JSON.parse(String(row['hlc'])) as Hlc,
			lastReceiptNumber: Number(row['last_receipt']),
		};
	}

	return {
		read: async () => state(),
		record: async (change) =>
			inTransaction(database, () => {
				const now = state();
				if (change.ownership !== now.ownership) return { failed: 'not-owner' } as const;
				const key = change.entries[0]?.header.key ?? '';
				if (database.prepare('SELECT 1 FROM own WHERE key = ?').get(key) !== undefined) return { failed: 'key-known' } as const;
				if (change.version !== now.version) return { failed: 'moved' } as const;
				for (const { hash, header, sealed } of change.entries) {
					database.prepare('INSERT INTO own VALUES (?, ?, ?, ?, ?)').run(header.scope, header.seq, hash, header.key, sealed);
				}
				const { sale } = change;
				const first = change.entries[0];
				if (sale !== undefined && first !== undefined) {
					database
						.prepare("INSERT INTO sales VALUES (?, 'recorded', ?, ?, ?, ?, ?)")
						.run(sale.key, first.hash, first.header.seq, JSON.stringify(sale.receipt), sale.totalMinor, sale.atMs);
				}
				if (change.removesCart !== undefined) database.prepare('DELETE FROM carts WHERE key = ?').run(change.removesCart);
				const next: VaultState = {
					version: now.version + 1,
					ownership: now.ownership,
					heads: change.heads,
					hlc: change.hlc,
					lastReceiptNumber: sale?.receipt.number ?? now.lastReceiptNumber,
				};
				database
					.prepare('UPDATE device SET version = ?, heads = ?, hlc = ?, last_receipt = ? WHERE id = 1')
					.run(next.version, textOfHeads(next.heads), JSON.stringify(next.hlc), next.lastReceiptNumber);
				return { recorded: next };
			}),
		saleByKey: async (key) => saleOf(database.prepare('SELECT * FROM sales WHERE key = ?').get(key)),
		entriesByKey: async (key) => database.prepare('SELECT sealed FROM own WHERE key = ? ORDER BY scope').all(key).map(sealedOf),
		salesByStatus: async (status, limit) =>
			database
				.prepare('SELECT * FROM sales WHERE status = ? ORDER BY seq LIMIT ?')
				.all(status, limit)
				.map(saleOf)
				.filter((sale) => sale !== undefined),
		markLedgered: async (scope, upToSeq) => {
			if (scope === 'branch') inTransaction(database, () => database.prepare("UPDATE sales SET status = 'ledgered' WHERE status = 'recorded' AND seq <= ?").run(upToSeq));
		},
		ownEntries: async (scope, fromSeq, limit) =>
			database.prepare('SELECT sealed FROM own WHERE scope = ? AND seq >= ? ORDER BY seq LIMIT ?').all(scope, fromSeq, limit).map(sealedOf),
		carts: async () =>
			database
				.prepare('SELECT cart FROM carts')
				.all()
				.map((row) => v.parse(cartSchema, JSON.parse(String(row['cart'])))),
		saveCart: async (cart, ownership) =>
			inTransaction(database, () => {
				if (ownership !== state().ownership) return 'not-owner';
				// A sale that is recorded has removed its cart; a late save must not bring it back.
				if (database.prepare('SELECT 1 FROM own WHERE key = ?').get(cart.key) !== undefined) return 'saved';
				database.prepare('INSERT INTO carts VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET cart = excluded.cart').run(cart.key, JSON.stringify(cart));
				return 'saved';
			}),
		dropCart: async (key, ownership) => {
			inTransaction(database, () => {
				if (ownership === state().ownership) database.prepare('DELETE FROM carts WHERE key = ?').run(key);
			});
		},
		takeOwnership: async () =>
			inTransaction(database, () => {
				database.exec('UPDATE device SET ownership = ownership + 1 WHERE id = 1');
				return state().ownership;
			}),
		getValue: async (name) => {
			const row = database.prepare('SELECT value FROM "values" WHERE name = ?').get(name);
			return row === undefined ? undefined : (JSON.parse(String(row['value'])) as unknown);
		},
		setValue: async (name, value) => {
			inTransaction(database, () => database.prepare('INSERT INTO "values" VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, JSON.stringify(value)));
		},
		close: async () => { database.close(); },
	};
}

type Row = ReturnType<ReturnType<DatabaseSync['prepare']>['get']>;

function saleOf(row: Row): SaleRecord | undefined {
	if (row === undefined) return undefined;
	return {
		key: String(row['key']) as IntentKey,
		status: String(row['status']) as SaleRecord['status'],
		entry: String(row['entry']) as EntryHash,
		seq: Number(row['seq']),
		receipt: JSON.parse(String(row['receipt'])) as SaleRecord['receipt'],
		totalMinor: Number(row['total_minor']),
		atMs: Number(row['at_ms']),
	};
}

function sealedOf(row: Row): Uint8Array {
	return new Uint8Array(row?.['sealed'] as Uint8Array);
}

function textOfHeads(heads: VaultState['heads']): string {
	return JSON.stringify(Object.fromEntries(SCOPES.map((scope) => [scope, heads[scope] && { ...heads[scope], seen: [...heads[scope].seen] }])));
}

function headsOf(text: string): VaultState['heads'] {
	const raw = JSON.parse(text) as Partial<Record<string, { seq: number; hash: EntryHash; seen: [string, SeenChange][] }>>;
	const head = (scope: string): Head | undefined => raw[scope] && { ...raw[scope], seen: new Map(raw[scope].seen) };
	return { branch: head('branch'), store: head('store') };
}
