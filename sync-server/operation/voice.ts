/**
 * How hub and relay speak: to a person in the terminal, with the log in a file; or in JSON lines alone, to whatever gathers them.
 *
 * 1. Codes and QR codes are for the terminal: a log that is gathered and kept never has them.
 */
import { openLog, type Level, type Log, type LogPlan } from '../log.ts';
import type { Flag } from '../flags.ts';
import { complain, say } from '../terminal.ts';
import { metricsFlag } from './metrics-door.ts';

export interface Voice {
	readonly say: (text: string) => void;
	readonly complain: (text: string) => void;
	/** From when the data folder is there. */
	readonly openLog: () => Log;
}

export const OPERATION_FLAGS = {
	metrics: metricsFlag,
	log: {
		...{
			hint: 'file|json',
			help: 'Log in a file of the data folder, or JSON lines on standard output and nothing else there',
			initial: 'file' as LogPlan['to'],
		},
		parse: (text) => (text === 'file' || text === 'json' ? { value: text } : { wrong: 'expected file or json' }),
	} satisfies Flag<LogPlan['to']>,
	'log-level': {
		...{ hint: 'info|warn|error', help: 'Least grave events that are logged', initial: 'info' as Level },
		parse: (text) => (text === 'info' || text === 'warn' || text === 'error' ? { value: text } : { wrong: 'expected info, warn or error' }),
	} satisfies Flag<Level>,
};

export function createVoice(plan: LogPlan): Voice {
	const open = (): Log => openLog(plan);
	if (plan.to === 'file') return { say, complain, openLog: open };
	const log = open();
	return {
		say: () => undefined,
		complain(text) {
			log('problem', { error: text });
		},
		openLog: () => log,
	};
}
