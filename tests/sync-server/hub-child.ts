/** A hub without the built app as a process of its own: `hub-child.ts FOLDER PORT [RELAY]`. It says its port when it listens. */
import { openDataFolder } from '#server/data-folder.ts';
import { startHub } from '#server/hub-process.ts';
import { untilStopped } from '#server/terminal.ts';

const [path, port, relay] = process.argv.slice(2);
if (path === undefined) throw new Error('no folder');
const hub = await startHub({
	...{ folder: openDataFolder(path, 'hub'), port: Number(port), host: '127.0.0.1', app: undefined, relay, log: () => undefined },
});
untilStopped(() => hub.close());
process.stdout.write(`port ${hub.port}\n`);
