/** The vault of a device without a browser: a hub, a headless till. Contract: `tests/contracts/vault.ts`. */
import type { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import { ownChainProblem, prunedProblem, takenBackProblem } from '#core/entry/own-chain.ts';
import type { Head, SaleRecord, Vault, VaultChange, VaultState, Written } from '#ports';
import { cart as cartSchema } from '#schemas/cart.ts';
import { SCOPES, type EntryHash, type IntentKey } from '#schemas/ids.ts';
import type { Hlc, SeenChange } from '#schemas/mark.ts';
import { inTransaction, openDatabase, reading } from './database.ts';

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

	async function asOwner(ownership: number, write: () => void): Promise<Written> {
		return inTransaction(database, () => {
			if (ownership !== state().ownership) return 'not-owner';
			write();
			return 'saved';
		});
	}

	const isPaid = (key: IntentKey): boolean => database.prepare('SELECT 1 FROM own WHERE key = ?').get(key) !== undefined;

	function addOwn(entries: VaultChange['entries']): void {
		const insert = database.prepare('INSERT INTO own VALUES (?, ?, ?, ?, ?)');
		for (const { hash, header, sealed } of entries) insert.run(header.scope, header.seq, hash, header.key, sealed);
	}

	function addSale(sale: Omit<SaleRecord, 'status'>): void {
		database
			.prepare("INSERT INTO sales VALUES (?, 'recorded', ?, ?, ?, ?, ?)")
			.run(sale.key, sale.entry, sale.seq, JSON.stringify(sale.receipt), sale.totalMinor, sale.atMs);
	}

	function setState(next: VaultState): VaultState {
		database
			.prepare('UPDATE device SET version = ?, heads = ?, hlc = ?, last_receipt = ? WHERE id = 1')
			.run(next.version, textOfHeads(next.heads), JSON.stringify(next.hlc), next.lastReceiptNumber);
		return next;
	}

	return {
		read: async () => reading(state),
		record: async (change) =>
			inTransaction(database, () => {
				const [first] = change.entries;
				if (first === undefined) throw new Error('nothing to record');
				const now = state();
				if (change.ownership !== now.ownership) return { failed: 'not-owner' } as const;
				if (isPaid(first.header.key)) return { failed: 'key-known' } as const;
				if (change.version !== now.version) return { failed: 'moved' } as const;
				const problem = ownChainProblem(now, change);
				if (problem !== undefined) throw new Error(`the vault is given what does not follow: ${problem}`);
				addOwn(change.entries);
				const { sale } = change;
				if (sale !== undefined) addSale({ ...sale, entry: first.hash, seq: first.header.seq });
				if (change.removesCart !== undefined) database.prepare('DELETE FROM carts WHERE key = ?').run(change.removesCart);
				const next: VaultState = {
					version: now.version + 1,
					ownership: now.ownership,
					heads: change.heads,
					hlc: change.hlc,
					lastReceiptNumber: sale?.receipt.number ?? now.lastReceiptNumber,
				};
				return { recorded: setState(next) };
			}),
		takeBack: async ({ version, ownership, taken }) =>
			inTransaction(database, () => {
				const now = state();
				if (ownership !== now.ownership) return { failed: 'not-owner' } as const;
				if (version !== now.version) return { failed: 'moved' } as const;
				const problem = takenBackProblem(now, taken);
				if (problem !== undefined) throw new Error(`the vault is given what does not follow: ${problem}`);
				addOwn(taken.entries);
				for (const sale of taken.sales) addSale(sale);
				for (const { header } of taken.entries) database.prepare('DELETE FROM carts WHERE key = ?').run(header.key);
				const { heads, hlc, lastReceiptNumber } = taken;
				return { recorded: setState({ version: now.version + 1, ownership, heads, hlc, lastReceiptNumber }) };
			}),
		saleByKey: async (key) => reading(() => saleOf(database.prepare('SELECT * FROM sales WHERE key = ?').get(key))),
		entriesByKey: async (key) => reading(() => database.prepare('SELECT sealed FROM own WHERE key = ? ORDER BY scope').all(key).map(sealedOf)),
		salesByStatus: async (status, limit) =>
			reading(() => database.prepare('SELECT * FROM sales WHERE status = ? ORDER BY seq LIMIT ?').all(status, limit))
				.map(saleOf)
				.filter((sale) => sale !== undefined),
		markLedgered: (scope, upToSeq, ownership) =>
			asOwner(ownership, () => {
				if (scope === 'branch') database.prepare("UPDATE sales SET status = 'ledgered' WHERE status = 'recorded' AND seq <= ?").run(upToSeq);
			}),
		ownEntries: async (scope, fromSeq, limit) =>
			reading(() => database.prepare('SELECT sealed FROM own WHERE scope = ? AND seq >= ? ORDER BY seq LIMIT ?').all(scope, fromSeq, limit)).map(
				sealedOf,
			),
		prune: (upToSeq, ownership) =>
			asOwner(ownership, () => {
				const problem = prunedProblem(state(), upToSeq);
				if (problem !== undefined) throw new Error(`the vault is told to lose what it needs: ${problem}`);
				database.prepare("DELETE FROM own WHERE scope = 'branch' AND seq <= ?").run(upToSeq);
				database.prepare('DELETE FROM sales WHERE seq <= ?').run(upToSeq);
			}),
		recordedAbove: async ({ branch, store }) => {
			const count = (sql: string, ...of: number[]): number => Number(reading(() => database.prepare(sql).get(...of))?.['n'] ?? 0);
			return {
				entries: count("SELECT count(*) AS n FROM own WHERE seq > CASE scope WHEN 'branch' THEN ? ELSE ? END", branch, store),
				receipts: count('SELECT count(*) AS n FROM sales WHERE seq > ?', branch),
			};
		},
		carts: async () =>
			reading(() => database.prepare('SELECT cart FROM carts').all()).flatMap((row) => {
				const cart = v.safeParse(cartSchema, JSON.parse(String(row['cart'])));
				return cart.success ? [cart.output] : [];
			}),
		saveCart: (cart, ownership) =>
			asOwner(ownership, () => {
				// A sale that is recorded has removed its cart; a late save must not bring it back.
				if (isPaid(cart.key)) return;
				database.prepare('INSERT INTO carts VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET cart = excluded.cart').run(cart.key, JSON.stringify(cart));
			}),
		dropCart: (key, ownership) =>
			asOwner(ownership, () => {
				database.prepare('DELETE FROM carts WHERE key = ?').run(key);
			}),
		takeOwnership: async () =>
			inTransaction(database, () => {
				database.exec('UPDATE device SET ownership = ownership + 1 WHERE id = 1');
				return state().ownership;
			}),
		getValue: async (name) => {
			const row = reading(() => database.prepare('SELECT value FROM "values" WHERE name = ?').get(name));
			return row === undefined ? undefined : (JSON.parse(String(row['value'])) as unknown);
		},
		setValue: (name, value, ownership) =>
			asOwner(ownership, () => {
				database
					.prepare('INSERT INTO "values" VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
					.run(name, JSON.stringify(value));
			}),
		close: async () => {
			database.close();
		},
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
