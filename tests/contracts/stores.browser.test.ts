import { openIndexedDbEntryStore } from '#adapters/entries-indexeddb/entry-store-indexeddb.ts';
import { openIndexedDbVault } from '#adapters/entries-indexeddb/vault-indexeddb.ts';
import { entryStoreContract } from './entry-store.ts';
import { vaultContract } from './vault.ts';

vaultContract('IndexedDB', openIndexedDbVault);
entryStoreContract('IndexedDB', openIndexedDbEntryStore);
