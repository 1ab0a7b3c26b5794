/** The thread of `carry-logs.ts`: one file after another, open for as long as it takes. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (file: string) => {
	try {
		const database = new DatabaseSync(file);
		try {
			// While somebody reads for long, as a backup does, the log stays as it is: its writers wait no longer than this.
			database.exec('PRAGMA busy_timeout = 200; PRAGMA wal_checkpoint(TRUNCATE)');
		} finally {
			database.close();
		}
	} catch {
		// A disk that is full, or a file that has gone: whoever writes to it is told.
	}
	parentPort?.postMessage(file);
});
