/**
 * `npm run backup` and `npm run restore`: all that a hub or a relay keeps, its data folder and its database, in one folder, while it runs.
 *
 * 1. Each database is copied by SQLite itself (`VACUUM INTO`), as one moment of it; a process that writes meanwhile is not stopped. Entries are copied last: what a
 *    document or a report says, they have.
 * 2. A backup is whole or says that it is not: `backup.json` is written last, with the SHA-256 of every file, and a restore checks each before it writes anything.
 * 3. A restore goes into a folder and a database that are empty: nothing is written over.
 * 4. Keys are in it: whoever has the backup can sign as this device. It is readable by its owner alone.
 * 5. A record in PostgreSQL is copied as one moment of it (`record-postgres/copy-record.ts`). What its backup lacks is said, never left out in silence.
 */
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, copyFileSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import { copyIn, copyOut, type RecordCopy } from '#adapters/record-postgres/copy-record.ts';
import { writeJsonFile } from './data-folder.ts';
import { parseFlags, textFlag } from './flags.ts';
import { complain, say } from './terminal.ts';

const FLAGS = {
	data: textFlag('', 'DIR', 'Data folder of the hub or the relay; restore: where it goes', 'HOLDFAST_DATA'),
	backup: textFlag('', 'DIR', 'The backup; made when it is not there'),
	database: textFlag('', 'postgres://…', 'PostgreSQL that keeps the record of the relay; restore: an empty one'),
};
/** In the backup, beside what is of the folder: a file a table. */
const DATABASE = 'database';
const MANIFEST = 'backup.json';
const manifest = v.strictObject({
	madeAt: v.string(),
	files: v.record(v.pipe(v.string(), v.regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/)), v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
	database: v.optional(v.strictObject({ step: v.number(), tables: v.record(v.pipe(v.string(), v.regex(/^\w+$/)), v.array(v.string())) })),
});
/**
 * The lock belongs to the process that runs, logs are no record, and reports are made anew. A database is copied by itself, with what its journal holds: a journal
 * beside the copy would be played into it when it is opened, and may hold a key that was just removed.
 */
const LEFT_OUT = /^(lock(-.*)?|reports\.sqlite.*|.*\.(log|new|sqlite-wal|sqlite-shm|sqlite-journal))$/;

process.exitCode = await main(process.argv.slice(2));

async function main([command = '', ...args]: readonly string[]): Promise<number> {
	const parsed = parseFlags(`npm run ${command} --`, 'Copies a data folder while its process runs, and puts a copy back.', FLAGS, args, process.env);
	if ('help' in parsed) {
		process.stdout.write(parsed.help);
		return 0;
	}
	if ('refused' in parsed) return refuse(parsed.refused);
	const { data, backup, database } = parsed.values;
	if (data === '' || backup === '') return refuse(`Name both: npm run ${command} -- --data DIR --backup DIR.`);
	try {
		return await (command === 'restore' ? restore : makeBackup)(resolve(data), resolve(backup), database);
	} catch (error) {
		return refuse(`It did not work: ${(error as Error).message}`);
	}
}

function refuse(words: string): number {
	complain(words);
	return 2;
}

async function makeBackup(data: string, backup: string, database: string): Promise<number> {
	if (!existsSync(join(data, 'holdfast.json'))) return refuse(`${data} is no data folder of a hub or a relay.`);
	if (existsSync(backup) && readdirSync(backup).length > 0) return refuse(`${backup} is not empty. Nothing is written over: name another folder.`);
	mkdirSync(backup, { recursive: true, mode: 0o700 });
	const files: Record<string, string> = {};
	const isEntries = (name: string): number => (/(entries|vault)\.sqlite$/.test(name) ? 1 : 0);
	for (const name of [...filesIn(data)].sort((a, b) => isEntries(a) - isEntries(b))) {
		const to = join(backup, name);
		mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
		if (name.endsWith('.sqlite')) {
			const database = new DatabaseSync(join(data, name));
			database.exec('PRAGMA busy_timeout = 5000');
			database.prepare('VACUUM INTO ?').run(to);
			database.close();
		} else copyFileSync(join(data, name), to);
		chmodSync(to, 0o600);
		files[name] = hashOf(to);
	}
	let copied: RecordCopy | undefined;
	if (database !== '') {
		mkdirSync(join(backup, DATABASE), { mode: 0o700 });
		copied = await copyOut(database, (table) => join(backup, fileOf(table)));
		for (const table of Object.keys(copied.tables)) files[fileOf(table)] = hashOf(join(backup, fileOf(table)));
	}
	writeJsonFile(backup, MANIFEST, { madeAt: new Date().toISOString(), files, ...(copied && { database: copied }) });
	say(`${backup}: ${Object.keys(files).length} files. Keys are among them: keep it where only you get at it.`);
	return 0;
}

async function restore(data: string, backup: string, database: string): Promise<number> {
	if (!existsSync(join(backup, MANIFEST))) return refuse(`${backup} is no whole backup: it has no ${MANIFEST}.`);
	if (existsSync(data) && readdirSync(data).length > 0) return refuse(`${data} is not empty. Move it away first: nothing is written over.`);
	const { files, madeAt, database: copied } = v.parse(manifest, JSON.parse(readFileSync(join(backup, MANIFEST), 'utf8')));
	if (copied !== undefined && database === '') return refuse(`${backup} has a database in it: name an empty one with --database postgres://…`);
	if (copied === undefined && database !== '') return refuse(`${backup} has no database in it: it was made without --database.`);
	for (const [name, hash] of Object.entries(files)) {
		if (!existsSync(join(backup, name))) return refuse(`${name} is missing in the backup. Nothing was restored.`);
		if (hashOf(join(backup, name)) !== hash) return refuse(`${name} is not what was backed up. Nothing was restored.`);
	}
	// First, for it is the one that may be refused.
	if (copied !== undefined) await copyIn(database, copied, (table) => join(backup, fileOf(table)));
	mkdirSync(data, { recursive: true, mode: 0o700 });
	for (const name of Object.keys(files)) {
		if (dirname(name) === DATABASE) continue;
		mkdirSync(dirname(join(data, name)), { recursive: true, mode: 0o700 });
		copyFileSync(join(backup, name), join(data, name));
	}
	say(
		`${data}: as it was at ${madeAt}. Check it with npm run ledger -- verify ${copied === undefined ? data : 'postgres://…'}, then start it; what came later comes back from whoever has it.`,
	);
	return 0;
}

function filesIn(folder: string, from = folder): readonly string[] {
	return readdirSync(folder).flatMap((name) => {
		if (LEFT_OUT.test(name)) return [];
		const path = join(folder, name);
		return statSync(path).isDirectory() ? filesIn(path, from) : [relative(from, path)];
	});
}

function fileOf(table: string): string {
	return join(DATABASE, `${table}.copy`);
}

/** In pieces: a table of years does not fit into one. */
function hashOf(path: string): string {
	const hash = createHash('sha256');
	const piece = Buffer.allocUnsafe(1024 * 1024);
	const handle = openSync(path, 'r');
	for (let read = readSync(handle, piece); read > 0; read = readSync(handle, piece)) hash.update(piece.subarray(0, read));
	closeSync(handle);
	return hash.digest('hex');
}
