/**
 * Loaded into a relay of the bench before its own code: at SIGUSR2 it says what it has used, as a line on its standard output, after collecting its garbage. What that takes of the
 * processor is the bench's, and not told.
 */
let ownMicros = 0;

function collect() {
	const before = process.cpuUsage();
	globalThis.gc?.();
	const { user, system } = process.cpuUsage(before);
	ownMicros += user + system;
}

process.on('SIGUSR2', async () => {
	collect();
	// Automerge's documents leave the wasm memory after their objects were collected.
	await new Promise((resolve) => setTimeout(resolve, 100));
	collect();
	const { user, system } = process.cpuUsage();
	const { heapUsed, external, rss } = process.memoryUsage();
	process.stdout.write(
		`figures ${JSON.stringify({ cpuMs: (user + system - ownMicros) / 1000, heapBytes: heapUsed, externalBytes: external, residentBytes: rss })}\n`,
	);
});
