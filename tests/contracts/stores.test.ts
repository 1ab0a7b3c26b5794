import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryEntryStore, createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { openSqliteEntryStore } from '#adapters/entries-sqlite/entry-store-sqlite.ts';
import { openSqliteVault } from '#adapters/entries-sqlite/vault-sqlite.ts';
import { entryStoreContract } from './entry-store.ts';
import { prunableContract } from './prunable.ts';
import { vaultContract } from './vault.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-contract-'));

/** Memory outlives closing here, as a disk would. */
const vaults = new Map<string, ReturnType<typeof createMemoryVault>>();

vaultContract('memory', async (place) => {
	const vault = vaults.get(place) ?? createMemoryVault();
	vaults.set(place, vault);
	return vault;
});
vaultContract('SQLite', async (place) => openSqliteVault(join(folder, place)));
entryStoreContract('memory', async () => createMemoryEntryStore());
entryStoreContract('SQLite', async (place) => openSqliteEntryStore(join(folder, place)));
prunableContract('memory', async () => createMemoryEntryStore());
