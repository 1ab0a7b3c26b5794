/**
 * Carries SQLite's write-ahead logs into their files in a thread of its own. SQLite does so in the middle of a commit, every so many pages, and waits for the disk twice: the
 * log, then the file. With a hundred branches that happened about once a second, and everybody's sales waited for it.
 *
 * 1. What is carried was committed; what is durable and what is read are the same before, meanwhile and after. The log begins anew (`TRUNCATE`,
 *    sqlite.org/pragma.html#pragma_wal_checkpoint), which it can while nobody writes to it: its writers wait for `carry`.
 * 2. Nothing hangs on it: what could not be carried stays in the log, which SQLite carries itself once it is several times as long.
 */
import { Worker } from 'node:worker_threads';

export interface CarriedLogs {
	/** Resolves when the log of this database was carried, as far as it could be. */
	carry(file: string): Promise<void>;
	/** Resolves when nothing is under way. */
	close(): Promise<void>;
}

/** Beyond this a log is carried: in good time before SQLite does it. */
export const CARRIED_FROM_BYTES = 8 * 1024 * 1024;

export function createCarriedLogs(): CarriedLogs {
	let worker: Worker | undefined;
	const waiting = new Map<string, PromiseWithResolvers<void>>();

	function start(): Worker {
		// Without this process's flags: they say how its own thread is watched.
		const started = new Worker(new URL('./carry-logs-thread.ts', import.meta.url), { execArgv: ['--disable-warning=ExperimentalWarning'] });
		started.unref();
		const settle = (file: string): void => {
			waiting.get(file)?.resolve();
			waiting.delete(file);
		};
		started.on('message', settle);
		started.on('error', () => {
			worker = undefined;
			for (const file of [...waiting.keys()]) settle(file);
		});
		return started;
	}

	return {
		carry(file) {
			const known = waiting.get(file);
			if (known !== undefined) return known.promise;
			const carried = Promise.withResolvers<void>();
			waiting.set(file, carried);
			worker ??= start();
			worker.postMessage(file);
			return carried.promise;
		},
		async close() {
			await Promise.all([...waiting.values()].map(({ promise }) => promise));
			await worker?.terminate();
		},
	};
}
