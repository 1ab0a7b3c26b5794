/** Every contract of storage, on a real PostgreSQL. */
import { createHash } from 'node:crypto';
import type { NetworkAdapterInterface } from '@automerge/automerge-repo/slim';
import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { createDocuments } from '#adapters/documents-automerge/documents-automerge.ts';
import { startAutomerge } from '#adapters/documents-automerge/wasm-node.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import type { BranchName, RelayStorage } from '#ports';
import { afterAll } from 'vitest';
import { createNetworkPair } from '../support/network-pair.ts';
import { newDatabase } from '../support/new-database.ts';
import { contractBranch, contractStore, documentsContract, type DocumentsPeer } from './documents.ts';
import { entryStoreContract } from './entry-store.ts';
import { branchName, relayStorageContract } from './relay-storage.ts';

const timers = createSystemTimers((error) => {
	throw error as Error;
});
const open = (url: string): Promise<RelayStorage> => openPostgresRecord({ url, clock: systemClock, timers });

relayStorageContract('PostgreSQL', newDatabase, open);

const shared = await open(await newDatabase());
afterAll(() => shared.close());
const byteOf = (place: string): string => createHash('sha256').update(place).digest('hex').slice(0, 2);
let count = 0;

entryStoreContract('PostgreSQL', async (place) => (await shared.open(branchName(byteOf(place), (16 + (count += 1)).toString(16)))).entryStore);

await startAutomerge();
async function openPeer(network: readonly NetworkAdapterInterface[], name: BranchName): Promise<DocumentsPeer> {
	const storage = await shared.open(name);
	const documents = await createDocuments({
		store: contractStore,
		branch: contractBranch,
		repoPeer: createHash('sha256')
			.update(`${(count += 1)}`)
			.digest('hex'),
		storage: storage.chunks,
		network,
		digest: createDigest(),
		timers,
	});
	return {
		documents,
		again: () => openPeer([], name),
		disk: () => Promise.resolve({ storage: storage.chunks, close: () => undefined }),
		async close() {
			await documents.close();
			await storage.close();
		},
	};
}

documentsContract('Automerge over PostgreSQL', {
	async pair() {
		const network = createNetworkPair();
		const left = await openPeer([network.left], branchName('dd', (16 + (count += 1)).toString(16)));
		const right = await openPeer([network.right], branchName('de', (16 + (count += 1)).toString(16)));
		return { left, right, link: network.link, unlink: network.unlink };
	},
});
