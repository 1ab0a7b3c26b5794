/**
 * `npm run backup` and `npm run restore`: all that a hub or a relay keeps in its data folder, in one folder, while it runs.
 *
 * 1. Each database is copied by SQLite itself (`VACUUM INTO`), as one moment of it; a process that writes meanwhile is not stopped. Entries are copied last: what a
 *    document or a report says, they have.
 * 2. A backup is whole or says that it is not: `backup.json` is written last, with the SHA-256 of every file, and a restore checks each before it writes anything.
 * 3. A restore goes into a folder that is not there yet: nothing is written over.
 * 4. Keys are in it: whoever has the backup can sign as this device. It is readable by its owner alone.
 *
 * A record in PostgreSQL is backed up by PostgreSQL (`docs/operate.md`); this takes the keys and values beside it.
 */
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import { writeJsonFile } from './data-folder.ts';
import { parseFlags, textFlag } from './flags.ts';
import { complain, say } from './terminal.ts';

const FLAGS = {
	data: textFlag('', 'DIR', 'Data folder of the hub or the relay; restore: where it goes', 'HOLDFAST_DATA'),
	backup: textFlag('', 'DIR', 'The backup; made when it is not there'),
};
const MANIFEST = 'backup.json';
const manifest = v.strictObject({
	madeAt: v.string(),
	files: v.record(v.pipe(v.string(), v.regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/)), v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});
/** The lock belongs to the process that runs, logs are no record, and reports are made anew. */
const LEFT_OUT = /^(lock(-.*)?|reports\.sqlite.*|.*\.(log|new|sqlite-wal|sqlite-shm))$/;

process.exitCode = main(process.argv.slice(2));

function main([command = '', ...args]: readonly string[]): number {
	const parsed = parseFlags(`npm run ${command} --`, 'Copies a data folder while its process runs, and puts a copy back.', FLAGS, args, process.env);
	if ('help' in parsed) {
		process.stdout.write(parsed.help);
		return 0;
	}
	if ('refused' in parsed) return refuse(parsed.refused);
	const { data, backup } = parsed.values;
	if (data === '' || backup === '') return refuse(`Name both: npm run ${command} -- --data DIR --backup DIR.`);
	try {
		return command === 'restore' ? restore(resolve(backup), resolve(data)) : makeBackup(resolve(data), resolve(backup));
	} catch (error) {
		return refuse(`It did not work: ${(error as Error).message}`);
	}
}

function refuse(words: string): number {
	complain(words);
	return 2;
}

function makeBackup(data: string, backup: string): number {
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
	writeJsonFile(backup, MANIFEST, { madeAt: new Date().toISOString(), files });
	say(`${backup}: ${Object.keys(files).length} files. Keys are among them: keep it where only you get at it.`);
	return 0;
}

function restore(backup: string, data: string): number {
	if (!existsSync(join(backup, MANIFEST))) return refuse(`${backup} is no whole backup: it has no ${MANIFEST}.`);
	if (existsSync(data) && readdirSync(data).length > 0) return refuse(`${data} is not empty. Move it away first: nothing is written over.`);
	const { files, madeAt } = v.parse(manifest, JSON.parse(readFileSync(join(backup, MANIFEST), 'utf8')));
	for (const [name, hash] of Object.entries(files)) {
		if (!existsSync(join(backup, name))) return refuse(`${name} is missing in the backup. Nothing was restored.`);
		if (hashOf(join(backup, name)) !== hash) return refuse(`${name} is not what was backed up. Nothing was restored.`);
	}
	mkdirSync(data, { recursive: true, mode: 0o700 });
	for (const name of Object.keys(files)) {
		mkdirSync(dirname(join(data, name)), { recursive: true, mode: 0o700 });
		copyFileSync(join(backup, name), join(data, name));
	}
	say(
		`${data}: as it was at ${madeAt}. Check it with npm run ledger -- verify ${data}, then start it; what came later comes back from whoever has it.`,
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

function hashOf(path: string): string {
	return createHash('sha256').update(readFileSync(path)).digest('hex');
}
