/**
 * The record as it lies in PostgreSQL, for whoever checks it: one moment of it, in a session that can write nothing, while relays go on.
 *
 * 1. The bytes of each row come with the key of the row: nothing is believed here.
 */
import postgres from 'postgres';
import type { BranchName } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { BranchId, StoreId } from '#schemas/ids.ts';
import { asStorageError } from './connection.ts';

export interface RecordRow {
	readonly device: string;
	readonly scope: 'branch' | 'store';
	readonly seq: number;
	readonly hash: string;
	readonly sealed: Uint8Array;
}

export interface RecordReader {
	branches(): Promise<readonly Pick<BranchName, 'store' | 'branch'>[]>;
	/** In order of device, scope, seq and hash, a page at once. */
	entries(name: Pick<BranchName, 'store' | 'branch'>): AsyncIterable<readonly RecordRow[]>;
	certificates(name: Pick<BranchName, 'store' | 'branch'>): Promise<readonly Uint8Array[]>;
	cache(name: Pick<BranchName, 'store' | 'branch'>, cache: string): Promise<Uint8Array | undefined>;
	close(): Promise<void>;
}

const ROWS_AT_ONCE = 2_000;

/** Throws `StorageError` where there is no record to read, and wherever it can be read no further. */
export async function openPostgresReader(url: string): Promise<RecordReader> {
	const sql = postgres(url, {
		...{ max: 1, connect_timeout: 5, onnotice: () => undefined },
		types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
		connection: { application_name: 'holdfast ledger', default_transaction_read_only: true, default_transaction_isolation: 'repeatable read' },
	});
	const close = (): Promise<void> => sql.end({ timeout: 1 }).catch(() => undefined);
	try {
		// Nobody waits for this one: if the connection is cut, the command ends with the reason.
		await sql`BEGIN`;
	} catch (error) {
		await close();
		throw asStorageError('open', error);
	}
	return {
		close,
		branches: () =>
			read(
				sql<{ store: StoreId; branch: BranchId }[]>`
					SELECT encode(store, 'hex') AS store, encode(branch, 'hex') AS branch FROM holdfast.branches ORDER BY store, branch`,
			),
		async *entries({ store, branch }) {
			const query = sql<{ device: Uint8Array; scope: number; seq: number; hash: Uint8Array; sealed: Uint8Array }[]>`
				SELECT device, scope, seq, hash, sealed FROM holdfast.entries WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex')
				ORDER BY device, scope, seq, hash`;
			try {
				for await (const page of query.cursor(ROWS_AT_ONCE))
					yield page.map(({ device, scope, seq, hash, sealed }): RecordRow => ({
						...{ device: hexOf(device), scope: scope === 0 ? 'branch' : 'store', seq, hash: hexOf(hash) },
						sealed: new Uint8Array(sealed),
					}));
			} catch (error) {
				throw asStorageError('read', error);
			}
		},
		async certificates({ store, branch }) {
			const rows = await read(sql<{ chain: Uint8Array }[]>`
				SELECT chain FROM holdfast.certificates WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex') ORDER BY device`);
			return rows.map(({ chain }) => new Uint8Array(chain));
		},
		async cache({ store, branch }, cache) {
			const [row] = await read(sql<{ bytes: Uint8Array }[]>`
				SELECT bytes FROM holdfast.caches WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex') AND name = ${cache}`);
			return row && new Uint8Array(row.bytes);
		},
	};
}

async function read<Rows extends readonly unknown[]>(question: PromiseLike<Rows>): Promise<Rows> {
	try {
		return await question;
	} catch (error) {
		throw asStorageError('open', error);
	}
}
