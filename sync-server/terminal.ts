/** What hub and relay say in the terminal: few lines, each of use to the person who reads it. */
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { renderUnicodeCompact } from 'uqr';

export function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

export function complain(text: string): void {
	process.stderr.write(`${text}\n`);
}

/** One line from whoever started this. */
export async function askInTerminal(question: string): Promise<string> {
	const asking = createInterface({ input: process.stdin, output: process.stdout });
	try {
		return await asking.question(question);
	} finally {
		asking.close();
	}
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

/** One Ctrl-C often comes twice, by the terminal and by the launcher: only one that comes later means "at once". */
const SAME_KEY_PRESS_MS = 1_000;

/** Ten seconds to sign for what came, and the rest to hand branches over, write and close. */
const LONGEST_STOP_MS = 40_000;

/** Runs until Ctrl-C or SIGTERM; a second one after that does not wait, and neither is a stop waited for that does not end. */
export function untilStopped(close: () => Promise<void>, { say: tell, complain: moan } = { say, complain }): void {
	let stoppingSinceMs: number | undefined;
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => {
			if (stoppingSinceMs !== undefined) {
				if (performance.now() - stoppingSinceMs > SAME_KEY_PRESS_MS) process.exit(130);
				return;
			}
			stoppingSinceMs = performance.now();
			tell('Stopping …');
			setTimeout(() => {
				moan('Stopping takes too long. What was acknowledged is on disk; the rest is sent again by whoever has it.');
				process.exit(1);
			}, LONGEST_STOP_MS).unref();
			close().then(
				() => {
					tell('Stopped. Everything is on disk.');
					process.exit(0);
				},
				(error: unknown) => {
					moan(`Stopping failed: ${String(error)}`);
					process.exit(1);
				},
			);
		});
	}
}

/** The one sentence for an error at the start; `ports` by the flag that chooses each. */
export function startError(error: unknown, ports: readonly (readonly [flag: string, port: number | undefined])[]): string {
	const { code, message, port: failed } = error as NodeJS.ErrnoException & { readonly port?: number };
	const [flag, port] = ports.find(([, one]) => one === failed) ?? ports[0] ?? ['--port', failed];
	if (code === 'EADDRINUSE') return `Port ${port} is taken by another program. Stop that one, or choose another port with ${flag} N.`;
	if (code === 'EACCES') return `Port ${port} may not be opened by this user. Choose one above 1023 with ${flag} N.`;
	if (code === 'EADDRNOTAVAIL') return 'This machine does not have the address given with --host.';
	return message;
}
