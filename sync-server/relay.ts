/** `npm run relay`: the durable record in the cloud, with flags and a terminal. */
import { hostname } from 'node:os';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FolderTaken, openDataFolder, type DataFolder } from './data-folder.ts';
import { numberFlag, parseFlags, portFlag, switchFlag, textFlag, type Flag, type Values } from './flags.ts';
import { createNodeDigest } from '#adapters/keys-file/digest-node.ts';
import { StorageError } from '#ports';
import type { Log } from './log.ts';
import { dayBounds, dayFlag, dayOfStoresFlag } from './operation/day-bounds.ts';
import { createMeters } from './operation/meters.ts';
import { openMetrics, type MetricsDoor } from './operation/metrics-door.ts';
import { createVoice, OPERATION_FLAGS } from './operation/voice.ts';
import { storesFlag } from './operation/which-stores.ts';
import { RelayKeysProblem, renewRelayKeys } from './relay-keys.ts';
import { startRelay, type Relay, type RelayDeps } from './relay-process.ts';
import { withoutPassword } from './storage/open-record.ts';
import { complain, startError, untilStopped } from './terminal.ts';
import { CertificateProblem } from './tls/given-certificate.ts';

const FLAGS = {
	data: textFlag('data-relay', 'DIR', 'Folder for everything this relay keeps'),
	database: {
		...{ hint: 'postgres://…', help: 'PostgreSQL that keeps the record; without it SQLite files in the data folder', env: 'DATABASE_URL' },
		initial: undefined as string | undefined,
		parse: (text: string) =>
			/^postgres(ql)?:\/\/./.test(text) ? { value: text } : { wrong: 'expected an address like postgres://user:password@host:5432/holdfast' },
	},
	reports: {
		...{ hint: 'on|off|rebuild', help: 'Tables and views for SQL, and the API; rebuild makes them anew from all entries' },
		initial: 'on' as 'on' | 'off' | 'rebuild',
		parse: (text: string) => (text === 'on' || text === 'off' || text === 'rebuild' ? { value: text } : { wrong: 'expected on, off or rebuild' }),
	} satisfies Flag<'on' | 'off' | 'rebuild'>,
	port: portFlag(4500, 'Port that hubs connect to', 'PORT'),
	host: textFlag('0.0.0.0', 'ADDRESS', 'Address to listen on', 'HOST'),
	name: { ...textFlag(hostname().slice(0, 60), 'NAME', 'Name that shops see'), initialWords: 'the name of this machine' },
	'max-branches': numberFlag(1000, 'Branches that may keep their record in this process', { least: 1, most: 100_000 }),
	stores: storesFlag,
	'rest-after': numberFlag(600, 'Seconds after which a branch that brings nothing new goes from memory; it stays linked', { least: 1, most: 86_400 }),
	keys: textFlag('', 'DIR', "Folder of the relay's keys, the same for all processes on one PostgreSQL; without it, keys/ in the data folder"),
	'renew-keys': switchFlag('Give this relay a new key, once; its other processes and the shops take it over by themselves'),
	'public-url': urlFlag('wss://…', /^wss?:$/, 'Where devices reach this process and no other; without it they are passed on'),
	'peer-url': urlFlag('http://…', /^https?:$/, "Where the relay's other processes reach this one; without it, this machine's address"),
	cert: textFlag('', 'FILE', 'Certificate with its chain, in PEM: then by https and wss alone, with --key'),
	key: textFlag('', 'FILE', 'Private key of --cert, in PEM'),
	'behind-proxy': switchFlag('Only a proxy reaches this relay; X-Forwarded-For says who asks'),
	'day-mib': dayFlag,
	'day-mib-of': dayOfStoresFlag,
	...OPERATION_FLAGS,
};

function urlFlag(hint: string, scheme: RegExp, help: string): Flag<string | undefined> {
	return {
		...{ hint, help, initial: undefined },
		parse: (text) => (URL.canParse(text) && scheme.test(new URL(text).protocol) ? { value: text } : { wrong: `expected an address like ${hint}` }),
	};
}

const APP = fileURLToPath(new URL('../build', import.meta.url));

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
} else if ((parsed.values.cert === '') !== (parsed.values.key === '')) {
	complain('--cert FILE and --key FILE go together: the certificate, and the key that it was made for.');
	process.exitCode = 2;
} else {
	await run(parsed.values);
}

async function run(flags: Values<typeof FLAGS>): Promise<void> {
	const {
		database,
		keys,
		reports,
		'renew-keys': renewKeys,
		'public-url': publicUrl,
		'peer-url': peerUrl,
		port,
		host,
		name,
		'max-branches': mostBranches,
		stores,
		'rest-after': restAfter,
		cert,
		key,
		'behind-proxy': behindProxy,
		'day-mib': dayMib,
		'day-mib-of': dayMibOf,
	} = flags;
	const path = resolve(flags.data);
	const options = {
		database,
		reports,
		port,
		host,
		name,
		mostBranches,
		stores,
		restAfterMs: restAfter * 1000,
		publicUrl,
		peerUrl,
		behindProxy,
		dayOf: (store: string) => dayBounds([...dayMibOf].find(([begins]) => store.startsWith(begins))?.[1] ?? dayMib),
		keys: keys === '' ? undefined : resolve(keys),
		...(cert === '' ? {} : { certificate: { cert, key } }),
	};
	const { say, complain, openLog } = createVoice({ to: flags.log, folder: path, name: 'relay', level: flags['log-level'] });
	const meters = createMeters('relay');
	let relay: Relay;
	let metrics: MetricsDoor | undefined;
	let log: Log;
	const app = existsSync(join(APP, 'index.html')) ? APP : undefined;
	let renewed: Awaited<ReturnType<typeof renewRelayKeys>> | undefined;
	let isStopping = false;
	let startingAgain: Promise<void> | undefined;
	try {
		const folder = openDataFolder(path, 'relay');
		log = openLog();
		if (renewKeys) renewed = await renewRelayKeys(options.keys ?? join(path, 'keys'), { digest: createNodeDigest(), nowMs: Date.now() });
		if (renewed === 'renewed') log('keys renewed', {});
		relay = await begin(folder, log);
		metrics = flags.metrics && (await openMetrics(meters, flags.metrics, log));
	} catch (error) {
		complain(sentenceOf(error, { ...options, metrics: flags.metrics?.port }));
		process.exit(1);
	}
	process.on('unhandledRejection', (error) => {
		log('unexpected', { error: String(error) });
		complain(`An error that nobody expected, written to the log: ${String(error)}`);
	});
	untilStopped(
		async () => {
			log('stopping', {});
			isStopping = true;
			await startingAgain;
			await relay.drain();
			await relay.close();
			await metrics?.close();
			log('stopped', {});
		},
		{ say, complain },
	);
	log('started', {
		port: relay.port,
		data: path,
		database: database === undefined ? 'sqlite' : withoutPassword(database),
		branches: relay.branches().length,
	});
	say(`\n  The Holdfast relay is running on port ${relay.port}.\n`);
	say(`  Join a hub         npm start -- --relay ${cert === '' ? 'ws' : 'wss'}://THIS-HOST:${relay.port}`);
	say(`  Data               ${path}`);
	say(`  Record             ${database === undefined ? 'SQLite, in the data folder' : withoutPassword(database)}`);
	say(
		`  Owner's pages      ${reports === 'off' ? 'none, with --reports off' : app === undefined ? 'none: the app is not built (npm run build)' : `http://localhost:${relay.port}/owner; npm run reports -- sign-in lets somebody in`}`,
	);
	say(`  Branches           ${relay.branches().length}`);
	if (metrics !== undefined) say(`  Metrics            http://${flags.metrics?.host}:${metrics.port}/metrics`);
	if (renewed === 'renewed')
		say(
			'  Keys               renewed. Make a backup now: one from before brings back a relay that no shop believes. Start without --renew-keys from now on.',
		);
	else if (renewed === 'renewed-today') say('  Keys               renewed within this day; --renew-keys is not needed any more.');
	say('\n  Ctrl-C stops it.\n');

	function begin(folder: DataFolder, to: Log): Promise<Relay> {
		let said: string | undefined;
		return startRelay({
			...{ folder, ...options, app, meters, log: to },
			onWaiting(reason) {
				if (reason === said) return;
				said = reason;
				to('record does not answer', { reason });
				complain(`The database does not answer (${reason}). It is waited for.`);
			},
			onRenewed() {
				if (!isStopping) startingAgain = startAgain();
			},
		});
	}

	/** Another process has renewed the keys that all have. */
	async function startAgain(): Promise<void> {
		try {
			await relay.drain();
			await relay.close();
			relay = await begin(openDataFolder(path, 'relay'), log);
		} catch (error) {
			complain(`The relay stopped to take its new keys, and did not start again: ${sentenceOf(error, { ...options, metrics: undefined })}`);
			process.exit(1);
		}
		say('  Keys               renewed by another process of this relay, and taken over.');
	}
}

function sentenceOf(
	error: unknown,
	{ port, database, metrics }: Pick<RelayDeps, 'port' | 'database'> & { readonly metrics: number | undefined },
): string {
	if (error instanceof FolderTaken || error instanceof CertificateProblem || error instanceof RelayKeysProblem) return error.message;
	if (error instanceof StorageError) return `${withoutPassword(database ?? 'the data folder')} cannot be used: ${error.message}.`;
	return startError(error, [
		['--port', port],
		['--metrics', metrics],
	]);
}
