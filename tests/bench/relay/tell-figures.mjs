/** Loaded into a relay of the bench before its own code: at SIGUSR2 it says what it has used, as a line on its standard output, after collecting its garbage. */
process.on('SIGUSR2', async () => {
	globalThis.gc?.();
	// Automerge's documents leave the wasm memory after their objects were collected.
	await new Promise((resolve) => setTimeout(resolve, 100));
	globalThis.gc?.();
	const { user, system } = process.cpuUsage();
	const { heapUsed, external, rss } = process.memoryUsage();
	process.stdout.write(
		`figures ${JSON.stringify({ cpuMs: (user + system) / 1000, heapBytes: heapUsed, externalBytes: external, residentBytes: rss })}\n`,
	);
});
