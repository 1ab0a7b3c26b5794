import { openIndexedDbKeyTable } from '#adapters/key-table-indexeddb/key-table-indexeddb.ts';
import { keyTableContract } from './key-table.ts';

keyTableContract('IndexedDB', async (name) => openIndexedDbKeyTable({ place: indexedDB, name }));
