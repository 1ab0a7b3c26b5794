/** A process whose closing never ends: for the test of a second signal. */
import { untilStopped } from '#server/terminal.ts';

untilStopped(() => new Promise(() => undefined));
setInterval(() => undefined, 1_000);
process.stdout.write('up\n');
