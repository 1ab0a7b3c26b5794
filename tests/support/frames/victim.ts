/**
 * A hub or a relay under attack, in a process of its own: `fork(victim.ts, [role, folder, relay])`. It says its port and each join code by message, answers `memory`
 * with what it holds after a collection, and `stop` ends it. An error that nobody caught ends it too, which the programs themselves would only print.
 */
import { openDataFolder } from '#server/data-folder.ts';
import { startHub } from '#server/hub-process.ts';
import { startRelay } from '#server/relay-process.ts';

/** What our own code could not do anything with: the log of a server that was well written has none of these. */
const FAILURES = new Set([
	'request failed',
	'upgrade failed',
	'timer',
	'branch not opened',
	'turn failed',
	'store entries not shared',
	'reports wait',
	'keys',
]);

const [role, path = '', relay] = process.argv.slice(2);
const log = (event: string, detail: unknown): void => {
	if (FAILURES.has(event)) process.send?.({ failure: `${event}: ${JSON.stringify(detail)}` });
};
const server = role === 'relay' ? await openRelay() : await openHub();

process.on('message', (asked) => {
	if (asked === 'memory') {
		globalThis.gc?.();
		const { heapUsed, external } = process.memoryUsage();
		process.send?.({ memory: heapUsed + external });
	} else void server.close().then(() => process.exit(0));
});
process.send?.({ port: server.port });

async function openHub() {
	const hub = await startHub({ ...{ folder: openDataFolder(path, 'hub'), port: 0, host: '127.0.0.1', app: undefined, relay, log } });
	hub.onCode(() => process.send?.({ code: hub.code() }));
	hub.onShop(() => process.send?.({ code: hub.code() }));
	return hub;
}

async function openRelay() {
	return startRelay({ ...{ folder: openDataFolder(path, 'relay'), port: 0, host: '127.0.0.1', name: 'under attack', mostBranches: 8, log } });
}
