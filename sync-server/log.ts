/** Structured logs (JSON lines) in a file of the data folder: the terminal is for people. No keys, codes or certificates are ever given to it. */
import { join } from 'node:path';
import { pino } from 'pino';

export type Log = (event: string, detail: Readonly<Record<string, unknown>>) => void;

export function openLog(folder: string, name: string): Log {
	const logger = pino(
		{ base: null, timestamp: pino.stdTimeFunctions.isoTime },
		pino.destination({ dest: join(folder, `${name}.log`), sync: true, mkdir: true }),
	);
	return (event, detail) => {
		logger.info(detail, event);
	};
}
