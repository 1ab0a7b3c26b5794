import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NetworkAdapterInterface } from '@automerge/automerge-repo/slim';
import { createSystemTimers } from '#adapters/clock-system/clock-system.ts';
import { createDocuments } from '#adapters/documents-automerge/documents-automerge.ts';
import { createSqliteStorage } from '#adapters/documents-automerge/storage-sqlite.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { createNetworkPair } from '../support/network-pair.ts';
import { contractBranch, contractStore, documentsContract, type DocumentsPeer } from './documents.ts';

await startAutomerge();
const folder = mkdtempSync(join(tmpdir(), 'holdfast-documents-'));
const timers = createSystemTimers((error) => {
	throw error as Error;
});
let count = 0;

async function open(network: readonly NetworkAdapterInterface[], file: string): Promise<DocumentsPeer> {
	const storage = createSqliteStorage({ file });
	const documents = await createDocuments({
		store: contractStore,
		branch: contractBranch,
		repoPeer: createHash('sha256')
			.update(`${(count += 1)}`)
			.digest('hex'),
		storage,
		network,
		digest: createDigest(),
		timers,
	});
	return {
		documents,
		again: () => open([], file),
		disk() {
			const alone = createSqliteStorage({ file });
			return Promise.resolve({
				storage: alone,
				close: () => {
					alone.close();
				},
			});
		},
		async close() {
			await documents.close();
			storage.close();
		},
	};
}

documentsContract('Automerge over SQLite', {
	async pair() {
		const network = createNetworkPair();
		const left = await open([network.left], join(folder, `${(count += 1)}.sqlite`));
		const right = await open([network.right], join(folder, `${(count += 1)}.sqlite`));
		return { left, right, link: network.link, unlink: network.unlink };
	},
});
