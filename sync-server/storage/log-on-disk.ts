/**
 * Waits for the disk without the process standing still: SQLite commits with `synchronous=NORMAL`, which leaves the transaction in the write-ahead log, and the log
 * is brought to the disk from here, in another thread. That is what `FULL` does at each commit (sqlite.org/pragma.html#pragma_synchronous), on our own.
 *
 * 1. What was committed before `written` was called is on the disk when it resolves.
 * 2. A file is waited for once at a time: who asks meanwhile shares the next one. So many branches that write at once cost a wait each, not each sale.
 * 3. Of all files together a few at a time, for signatures are checked in the same threads.
 * 4. A log that has become long is carried into its file (`carry-logs.ts`), and until that is done nothing is written to it: only then it begins anew.
 * 5. A disk that failed once is believed no more: what it lost then is not in its cache either, and the next try would say that all is well.
 */
import { statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageError } from '#ports';
import { CARRIED_FROM_BYTES, type CarriedLogs } from './carry-logs.ts';

export interface LogOnDisk {
	/** Rejects with a `StorageError`. */
	written(): Promise<void>;
	/** While this is under way nothing is written; undefined: it is not. */
	carried(): Promise<void> | undefined;
	/** SQLite need not carry the log itself. */
	readonly isCarried: boolean;
	/** Before the database is closed. */
	close(): Promise<void>;
}

/** Half of Node's threads. */
const MOST_AT_ONCE = 2;
/** A wait for the disk is some pages. */
const LOOK_EVERY = 32;

/** `file`: the database; its log is there as soon as something was written. */
export type LogsOnDisk = (file: string) => LogOnDisk;

/** For all databases of a process. `logs`: absent, SQLite carries them. */
export function createLogsOnDisk(logs?: Pick<CarriedLogs, 'carry'>): LogsOnDisk {
	let running = 0;
	const queue: (() => void)[] = [];

	async function inTurn(work: () => Promise<void>): Promise<void> {
		if (running >= MOST_AT_ONCE) await new Promise<void>((go) => queue.push(go));
		else running += 1;
		try {
			await work();
		} finally {
			const next = queue.shift();
			if (next === undefined) running -= 1;
			else next();
		}
	}

	return (file) => {
		let log: FileHandle | undefined;
		let failure: StorageError | undefined;
		let under: Promise<void> | undefined;
		let next: Promise<void> | undefined;
		let carrying: Promise<void> | undefined;
		let waits = 0;

		function carryLong(): void {
			waits += 1;
			if (logs === undefined || carrying !== undefined || waits % LOOK_EVERY !== 0 || statSync(`${file}-wal`).size < CARRIED_FROM_BYTES) return;
			carrying = logs.carry(file).finally(() => {
				carrying = undefined;
			});
		}

		async function sync(): Promise<void> {
			if (failure !== undefined) throw failure;
			try {
				if (log === undefined) {
					// Windows flushes only what may be written.
					log = await open(`${file}-wal`, 'r+');
					await syncFolder(dirname(file));
				}
				await log.datasync();
				carryLong();
			} catch (error) {
				// Nothing has been written since it was opened, and SQLite brought the rest to the disk when it removed the log.
				if (log === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return;
				failure = new StorageError('failed', `${file} did not get to the disk: ${(error as Error).message}`);
				throw failure;
			}
		}

		function start(): Promise<void> {
			const done = inTurn(() => {
				// From here on a commit is too late for this one.
				next = undefined;
				return sync();
			}).finally(() => {
				under = undefined;
			});
			under = done;
			return done;
		}

		return {
			written() {
				next ??= (under ?? Promise.resolve()).then(start, start);
				return next;
			},
			carried: () => carrying,
			isCarried: logs !== undefined,
			async close() {
				await next?.catch(() => undefined);
				await under?.catch(() => undefined);
				await carrying;
				await log?.close();
			},
		};
	};
}

/** So that the log is found again after the power was gone: it is a new file at each start. */
async function syncFolder(path: string): Promise<void> {
	// Windows has no such thing, and its file system needs none.
	if (process.platform === 'win32') return;
	const folder = await open(path, 'r');
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}
