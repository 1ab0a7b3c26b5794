/** Automerge's chunks of one branch in PostgreSQL. What is read is checked above, in `documents-automerge/checked-storage.ts`. */
import type { ChunkStorage } from '#ports';
import type { BranchAccess } from './record-postgres.ts';
import type { ChunkChange } from './writer.ts';

export function createChunkStorage({ connection, writer, branch: to }: BranchAccess): ChunkStorage {
	const { store, branch } = to;
	const change = async (one: ChunkChange): Promise<void> => {
		await writer.write({ to, chunks: [one] });
	};
	return {
		async load(key) {
			await writer.settled(to);
			const [row] = await connection.read(
				(sql) => sql<{ data: Uint8Array }[]>`
					SELECT data FROM holdfast.chunks WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex') AND key = ${textOf(key)}`,
			);
			return row && new Uint8Array(row.data);
		},
		async loadRange(prefix) {
			await writer.settled(to);
			const text = textOf(prefix);
			// '0' is the character after '/': the range holds exactly the keys that go on with a further part.
			const rows = await connection.read(
				(sql) => sql<{ key: string; data: Uint8Array }[]>`
					SELECT key, data FROM holdfast.chunks WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex')
						AND (key = ${text} OR (key >= ${`${text}/`} AND key < ${`${text}0`}))
					ORDER BY place`,
			);
			return rows.map(({ key, data }) => ({ key: partsOf(key), data: new Uint8Array(data) }));
		},
		save: (key, data) => change({ save: textOf(key), data }),
		remove: (key) => change({ remove: textOf(key) }),
		removeRange: (prefix) => change({ removeRange: textOf(prefix) }),
	};
}

function textOf(key: readonly string[]): string {
	return key.map(encodeURIComponent).join('/');
}

function partsOf(text: string): string[] {
	return text.split('/').map(decodeURIComponent);
}
