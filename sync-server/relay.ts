/** `npm run relay`: the durable record in the cloud, with flags and a terminal. */
import { hostname } from 'node:os';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FolderTaken, openDataFolder } from './data-folder.ts';
import { numberFlag, parseFlags, portFlag, textFlag, type Flag } from './flags.ts';
import { StorageError } from '#ports';
import { openLog } from './log.ts';
import { startRelay, type Relay, type RelayDeps } from './relay-process.ts';
import { withoutPassword } from './storage/open-record.ts';
import { complain, say, startError, untilStopped } from './terminal.ts';

const FLAGS = {
	data: textFlag('data-relay', 'DIR', 'Folder for everything this relay keeps', 'HOLDFAST_DATA'),
	database: {
		...{ hint: 'postgres://…', help: 'PostgreSQL that keeps the record; without it SQLite files in the data folder', env: 'DATABASE_URL' },
		initial: undefined as string | undefined,
		parse: (text: string) =>
			/^postgres(ql)?:\/\/./.test(text) ? { value: text } : { wrong: 'expected an address like postgres://user:password@host:5432/holdfast' },
	},
	reports: {
		...{ hint: 'on|off|rebuild', help: 'Tables and views for SQL, and the API; rebuild makes them anew from all entries', env: 'HOLDFAST_REPORTS' },
		initial: 'on' as 'on' | 'off' | 'rebuild',
		parse: (text: string) => (text === 'on' || text === 'off' || text === 'rebuild' ? { value: text } : { wrong: 'expected on, off or rebuild' }),
	} satisfies Flag<'on' | 'off' | 'rebuild'>,
	port: portFlag(4500, 'Port that hubs connect to', 'PORT'),
	host: textFlag('0.0.0.0', 'ADDRESS', 'Address to listen on', 'HOST'),
	name: textFlag(hostname().slice(0, 60), 'NAME', 'Name that shops see'),
	'max-branches': numberFlag(1000, 'Branches that may keep their record in this process', { least: 1, most: 100_000 }),
	keys: textFlag(
		'',
		'DIR',
		"Folder of the relay's keys, the same for all processes on one PostgreSQL; without it, keys/ in the data folder",
		'HOLDFAST_KEYS',
	),
	'public-url': urlFlag('wss://…', /^wss?:$/, 'Where devices reach this process and no other; without it they are passed on', 'HOLDFAST_PUBLIC_URL'),
	'peer-url': urlFlag(
		'http://…',
		/^https?:$/,
		"Where the relay's other processes reach this one; without it, this machine's address",
		'HOLDFAST_PEER_URL',
	),
};

function urlFlag(hint: string, scheme: RegExp, help: string, env: string): Flag<string | undefined> {
	return {
		...{ hint, help, env, initial: undefined },
		parse: (text) => (URL.canParse(text) && scheme.test(new URL(text).protocol) ? { value: text } : { wrong: `expected an address like ${hint}` }),
	};
}

const parsed = parseFlags(
	'npm run relay --',
	'Holdfast relay: keeps the record of branches in the cloud.',
	FLAGS,
	process.argv.slice(2),
	process.env,
);
if ('help' in parsed) {
	process.stdout.write(parsed.help);
} else if ('refused' in parsed) {
	complain(parsed.refused);
	process.exitCode = 2;
} else {
	const { data, keys, 'max-branches': mostBranches, 'public-url': publicUrl, 'peer-url': peerUrl, ...others } = parsed.values;
	await run(resolve(data), { ...others, mostBranches, publicUrl, peerUrl, keys: keys === '' ? undefined : resolve(keys) });
}

const APP = fileURLToPath(new URL('../build', import.meta.url));

async function run(path: string, options: Omit<RelayDeps, 'folder' | 'log' | 'onWaiting' | 'patienceMs'>): Promise<void> {
	let relay: Relay;
	const app = existsSync(join(APP, 'index.html')) ? APP : undefined;
	try {
		const folder = openDataFolder(path, 'relay');
		const log = openLog(path, 'relay');
		let said: string | undefined;
		relay = await startRelay({
			...{ folder, ...options, app, log },
			onWaiting(reason) {
				if (reason === said) return;
				said = reason;
				log('record does not answer', { reason });
				complain(`The database does not answer (${reason}). It is waited for.`);
			},
		});
	} catch (error) {
		complain(sentenceOf(error, options));
		process.exit(1);
	}
	process.on('unhandledRejection', (error) => {
		complain(`An error that nobody expected, written to the log: ${String(error)}`);
	});
	untilStopped(() => relay.close());
	say(`\n  The Holdfast relay is running on port ${relay.port}.\n`);
	say(`  Join a hub         npm start -- --relay ws://THIS-HOST:${relay.port}`);
	say(`  Data               ${path}`);
	say(`  Record             ${options.database === undefined ? 'SQLite, in the data folder' : withoutPassword(options.database)}`);
	say(
		`  Owner's pages      ${options.reports === 'off' ? 'none, with --reports off' : app === undefined ? 'none: the app is not built (npm run build)' : `http://localhost:${relay.port}/owner; npm run reports -- sign-in lets somebody in`}`,
	);
	say(`  Branches           ${relay.branches().length}`);
	say('\n  Ctrl-C stops it.\n');
}

function sentenceOf(error: unknown, { port, database }: Pick<RelayDeps, 'port' | 'database'>): string {
	if (error instanceof FolderTaken) return error.message;
	if (error instanceof StorageError) return `${withoutPassword(database ?? 'the data folder')} cannot be used: ${error.message}.`;
	return startError(error, [['--port', port]]);
}
