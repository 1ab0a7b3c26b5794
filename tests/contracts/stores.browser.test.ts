import { openIndexedDbEntryStore } from '#adapters/entries-indexeddb/entry-store-indexeddb.ts';
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { storagePlaces } from '#adapters/storage-buckets/storage-buckets.ts';
import { entryStoreContract } from './entry-store.ts';
import { prunableContract } from './prunable.ts';
import { vaultContract } from './vault.ts';

const onFinding = (finding: unknown): never => {
	throw new Error(JSON.stringify(finding));
};

vaultContract('IndexedDB, two copies', async (name) => openIndexedDbVault({ places: await storagePlaces('vault'), name, onFinding }));
vaultContract('IndexedDB, one copy', (name) => openIndexedDbVault({ places: [indexedDB], name, onFinding }));
entryStoreContract('IndexedDB, two copies', async (name) => openIndexedDbEntryStore({ places: await storagePlaces('heard'), name, onFinding }));
entryStoreContract('IndexedDB, one copy', (name) => openIndexedDbEntryStore({ places: [indexedDB], name, onFinding }));
prunableContract('IndexedDB, two copies', async (name) => openIndexedDbEntryStore({ places: await storagePlaces('heard'), name, onFinding }));
