/** The entries of one branch in PostgreSQL. Contract: `tests/contracts/entry-store.ts`. */
import type { DamagedBytes, EntryStore, StoreCursor } from '#ports';
import { hexOf } from '#schemas/cbor.ts';
import type { EntryHash } from '#schemas/ids.ts';
import type { BranchAccess } from './record-postgres.ts';
import { scopeNumber } from './writer.ts';

interface Row {
	readonly device: Uint8Array;
	readonly scope: number;
	readonly seq: number;
	readonly hash: Uint8Array;
	readonly sealed: Uint8Array;
}

const SCOPE_NAMES = ['branch', 'store'];

export function createPostgresEntryStore({ connection, writer, branch: to }: Omit<BranchAccess, 'reportsWriter'>): EntryStore {
	const { store, branch } = to;
	return {
		add: (entries) => writer.write({ to, entries }),
		page: async (after, limit) => {
			const rows = await connection.read((sql) =>
				after === undefined
					? sql<Row[]>`
						SELECT device, scope, seq, hash, sealed FROM holdfast.entries WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex')
						ORDER BY device, scope, seq, hash LIMIT ${limit}`
					: sql<Row[]>`
						SELECT device, scope, seq, hash, sealed FROM holdfast.entries WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex')
							AND (device, scope, seq, hash) > (decode(${after[0]}, 'hex'), ${scopeNumber(after[1])}, ${after[2]}, decode(${after[3]}, 'hex'))
						ORDER BY device, scope, seq, hash LIMIT ${limit}`,
			);
			const last = rows.at(-1);
			const cursor: StoreCursor | undefined = last && [hexOf(last.device), SCOPE_NAMES[last.scope] ?? '', last.seq, hexOf(last.hash)];
			return { sealed: rows.map(({ sealed }) => bytes(sealed)), cursor };
		},
		chain: async (device, scope, fromSeq, limit) => {
			const rows = await connection.read(
				(sql) => sql<Pick<Row, 'sealed'>[]>`
					SELECT sealed FROM holdfast.entries WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex')
						AND device = decode(${device}, 'hex') AND scope = ${scopeNumber(scope)} AND seq >= ${fromSeq}
					ORDER BY seq, hash LIMIT ${limit}`,
			);
			return rows.map(({ sealed }) => bytes(sealed));
		},
		addCertificates: async (chains) => {
			await writer.write({
				to,
				statements: (transaction) =>
					chains.map(
						({ device, chain }) => transaction`
							INSERT INTO holdfast.certificates (store, branch, device, chain)
							VALUES (decode(${store}, 'hex'), decode(${branch}, 'hex'), decode(${device}, 'hex'), decode(${hexOf(chain)}, 'hex'))
							ON CONFLICT (store, branch, device) DO UPDATE SET chain = excluded.chain`,
					),
			});
		},
		certificates: async () => {
			const rows = await connection.read(
				(sql) => sql<{ chain: Uint8Array }[]>`
					SELECT chain FROM holdfast.certificates WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex') ORDER BY device`,
			);
			return rows.map(({ chain }) => bytes(chain));
		},
		addDamaged: async ({ document, route, reason, hash, atMs }) => {
			await writer.write({
				to,
				statements: (transaction) => [
					transaction`
						INSERT INTO holdfast.damaged (store, branch, document, route, reason, hash, at_ms)
						VALUES (decode(${store}, 'hex'), decode(${branch}, 'hex'), ${document}, ${route}, ${reason}, ${hash}, ${atMs})`,
				],
			});
		},
		damaged: async () => {
			const rows = await connection.read(
				(sql) => sql<{ document: string; route: DamagedBytes['route']; reason: string; hash: string; atMs: number }[]>`
					SELECT document, route, reason, hash, at_ms AS "atMs" FROM holdfast.damaged
					WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex') ORDER BY place`,
			);
			return rows.map(({ document, route, reason, hash, atMs }) => ({ document, route, reason, hash: hash as EntryHash, atMs }));
		},
		getCache: async (name) => {
			const [row] = await connection.read(
				(sql) => sql<{ bytes: Uint8Array }[]>`
					SELECT bytes FROM holdfast.caches WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex') AND name = ${name}`,
			);
			return row && bytes(row.bytes);
		},
		setCache: async (name, value) => {
			await writer.write({ to, caches: [{ name, bytes: value }] });
		},
		close: () => writer.settled(to),
	};
}

/** The driver's are Node's buffers, parts of what came by the wire. */
function bytes(buffer: Uint8Array): Uint8Array {
	return new Uint8Array(buffer);
}
