/** Holds a data folder until it is killed, and no reference to it: the lock must not hang on the garbage collector. */
import { openDataFolder } from '#server/data-folder.ts';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('no path');
openDataFolder(path, 'hub').write('alive.json', { alive: true });
process.stdout.write('held\n');
setInterval(() => undefined, 1_000);
