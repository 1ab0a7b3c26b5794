/** `npm run relay`: the durable record in the cloud, with flags and a terminal. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { FolderTaken, openDataFolder } from './data-folder.ts';
import { numberFlag, parseFlags, portFlag, textFlag } from './flags.ts';
import { openLog } from './log.ts';
import { startRelay, type Relay } from './relay-process.ts';
import { complain, say, startError, untilStopped } from './terminal.ts';

const FLAGS = {
	data: textFlag('data-relay', 'DIR', 'Folder for everything this relay keeps', 'HOLDFAST_DATA'),
	port: portFlag(4500, 'Port that hubs connect to', 'PORT'),
	host: textFlag('0.0.0.0', 'ADDRESS', 'Address to listen on', 'HOST'),
	name: textFlag(hostname().slice(0, 60), 'NAME', 'Name that shops see'),
	'max-branches': numberFlag(1000, 'Branches that may keep their record here', { least: 1, most: 100_000 }),
};

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
	const { data, port, host, name, 'max-branches': mostBranches } = parsed.values;
	await run(resolve(data), { port, host, name, mostBranches });
}

async function run(
	path: string,
	options: { readonly port: number; readonly host: string; readonly name: string; readonly mostBranches: number },
): Promise<void> {
	let relay: Relay;
	try {
		const folder = openDataFolder(path, 'relay');
		relay = await startRelay({ folder, ...options, log: openLog(path, 'relay') });
	} catch (error) {
		complain(error instanceof FolderTaken ? error.message : startError(error, [['--port', options.port]]));
		process.exit(1);
	}
	process.on('unhandledRejection', (error) => {
		complain(`An error that nobody expected, written to the log: ${String(error)}`);
	});
	untilStopped(() => relay.close());
	say(`\n  The Holdfast relay is running on port ${relay.port}.\n`);
	say(`  Join a hub         npm start -- --relay ws://THIS-HOST:${relay.port}`);
	say(`  Data               ${path}`);
	say(`  Branches           ${relay.branches().length}`);
	say('\n  Ctrl-C stops it.\n');
}
