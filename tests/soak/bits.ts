/** Bits that a disk flips, where something else makes them good: in Automerge's chunks, and in one of the two copies that a browser's till keeps of everything. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** In a stored chunk of an Automerge document of a hub or a relay: what the entry store and other peers have makes it good. */
export function flipBitOfServer(folder: string, random: () => number): boolean {
	const files = documentFiles(folder);
	const file = files[Math.floor(random() * files.length)];
	if (file === undefined) return false;
	const database = new DatabaseSync(file);
	try {
		const rows = database.prepare('SELECT key, data FROM chunks LIMIT 500').all();
		const row = rows[Math.floor(random() * rows.length)];
		if (row === undefined) return false;
		const bytes = new Uint8Array(row['data'] as Uint8Array);
		const place = Math.floor(random() * bytes.length);
		bytes[place] = (bytes[place] ?? 0) ^ 1;
		database.prepare('UPDATE chunks SET data = ? WHERE key = ?').run(bytes, String(row['key']));
		return true;
	} finally {
		database.close();
	}
}

/** A hub has its branch, a relay has many, a till in Node lies bare. */
function documentFiles(folder: string): readonly string[] {
	const branches = join(folder, 'branches');
	const folders = existsSync(branches) ? readdirSync(branches).map((key) => join(branches, key)) : [join(folder, 'branch'), folder];
	return folders.map((one) => join(one, 'documents.sqlite')).filter((file) => existsSync(file));
}

/** Of each pair of copies always the same one: a till whose both copies break at once has lost its disk, and is no case of flipped bits. */
const COPY = /^holdfast-(vault|heard)-b$/;

/** In a file of one of its copies, while its browser is dead. False where there is nothing to flip yet. */
export function flipBitOfTill(profile: string, random: () => number): boolean {
	const storage = join(profile, 'Default', 'WebStorage');
	const quota = new DatabaseSync(join(storage, 'QuotaManager'), { readOnly: true });
	try {
		const copies = quota
			.prepare('SELECT id, name FROM buckets')
			.all()
			.filter(({ name }) => COPY.test(String(name)));
		const copy = copies[Math.floor(random() * copies.length)];
		if (copy === undefined) return false;
		const folder = join(storage, String(copy['id']), 'IndexedDB', 'indexeddb.leveldb');
		const files = readdirSync(folder).filter((file) => /\.(log|ldb)$/.test(file));
		const file = files[Math.floor(random() * files.length)];
		if (file === undefined) return false;
		const bytes = readFileSync(join(folder, file));
		const place = Math.floor(random() * bytes.length);
		if (bytes.length === 0) return false;
		bytes[place] = (bytes[place] ?? 0) ^ 1;
		writeFileSync(join(folder, file), bytes);
		return true;
	} finally {
		quota.close();
	}
}
