import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder, type DataFolder } from '#server/data-folder.ts';
import { openSqliteRecord } from '#server/storage/storage-sqlite.ts';
import { relayStorageContract } from './relay-storage.ts';

const folders = new Map<string, DataFolder>();

relayStorageContract(
	'SQLite',
	async () => mkdtempSync(join(tmpdir(), 'holdfast-record-')),
	async (place) => {
		folders.get(place)?.release();
		const folder = openDataFolder(place, 'relay');
		folders.set(place, folder);
		return openSqliteRecord(folder);
	},
);
