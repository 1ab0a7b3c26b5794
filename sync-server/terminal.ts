/** What hub and relay say in the terminal: few lines, each of use to the person who reads it. */
import { networkInterfaces } from 'node:os';
import { renderUnicodeCompact } from 'uqr';

export function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

export function complain(text: string): void {
	process.stderr.write(`${text}\n`);
}

export function qrCode(text: string): string {
	return renderUnicodeCompact(text, { border: 1 });
}

/** IPv4 addresses of this machine's network cards, the ones that a router gave first. */
export function lanAddresses(): readonly string[] {
	const all = Object.values(networkInterfaces()).flatMap((cards) => cards ?? []);
	return all
		.filter(({ family, internal, address }) => family === 'IPv4' && !internal && !address.startsWith('169.254.'))
		.map(({ address }) => address);
}

/** Runs until Ctrl-C or SIGTERM; a second Ctrl-C does not wait. */
export function untilStopped(close: () => Promise<void>): void {
	let stopping = false;
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => {
			if (stopping) process.exit(130);
			stopping = true;
			say('Stopping …');
			close().then(
				() => {
					say('Stopped. Everything is on disk.');
					process.exit(0);
				},
				(error: unknown) => {
					complain(`Stopping failed: ${String(error)}`);
					process.exit(1);
				},
			);
		});
	}
}

/** The one sentence for an error at the start. */
export function startError(error: unknown, port: number): string {
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === 'EADDRINUSE') return `Port ${port} is taken by another program. Stop that one, or choose another port with --port N.`;
	if (code === 'EACCES') return `Port ${port} may not be opened by this user. Choose one above 1023 with --port N.`;
	if (code === 'EADDRNOTAVAIL') return 'This machine does not have the address given with --host.';
	return message;
}
