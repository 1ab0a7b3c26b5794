/** How many sales a second a stock automerge-repo server takes, over the same number of sockets, the same sealed bytes, from a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SealedSales } from './shops-process.ts';

const LONGEST_MS = 300_000;

export async function stockRate(
	tills: readonly SealedSales[],
	{ each, window }: { readonly each: number; readonly window: number },
): Promise<number> {
	const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-stock-'));
	const server = start('stock-server.mjs', [folder]);
	const clients = start('stock-clients.mjs', []);
	try {
		const { port } = (await told(server, 'port')) as { readonly port: number };
		clients.send({ port, each, window, tills: tills.map(({ sales }) => sales.slice(0, each)) });
		await told(clients, 'linked');
		const begun = performance.now();
		clients.send({ held: 0 });
		const all = tills.length * each;
		await new Promise<void>((resolve, reject) => {
			const late = setTimeout(() => {
				reject(new Error('the stock server did not get everything'));
			}, LONGEST_MS);
			server.on('message', ({ sales }: { readonly sales: number }) => {
				clients.send({ held: sales });
				if (sales < all) return;
				clearTimeout(late);
				resolve();
			});
		});
		return all / ((performance.now() - begun) / 1000);
	} finally {
		for (const child of [clients, server]) await ended(child);
		rmSync(folder, { recursive: true, force: true });
	}
}

function start(program: string, args: readonly string[]): ChildProcess {
	return fork(fileURLToPath(new URL(`./${program}`, import.meta.url)), args, { serialization: 'advanced' });
}

function told(child: ChildProcess, name: string): Promise<object> {
	return new Promise((resolve, reject) => {
		child.once('exit', (code) => {
			reject(new Error(`a process of the stock server ended with ${code}`));
		});
		child.on('message', (message: object) => {
			if (name in message) resolve(message);
		});
	});
}

function ended(child: ChildProcess): Promise<unknown> {
	const gone = new Promise((resolve) => child.once('exit', resolve));
	child.kill();
	return gone;
}
