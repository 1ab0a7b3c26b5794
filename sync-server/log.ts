/**
 * Structured logs: one JSON object a line, in a file of the data folder while a person reads the terminal, on standard output where a machine does.
 *
 * 1. One shape: `time` (ISO 8601, UTC), `level` (`info`, `warn`, `error`), `event` (a fixed sentence of ours), and what belongs to that event.
 * 2. No secret is in it: no code, PIN, token, proof or private key. Whoever logs gives none; what looks like one is cut out all the same.
 * 3. The file is bounded: at 16 MiB it becomes `….log.1`, in place of the one before. A disk that is full loses lines, and nothing else.
 */
import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';

export type Log = (event: string, detail: Readonly<Record<string, unknown>>) => void;
export type Level = 'info' | 'warn' | 'error';

export interface LogPlan {
	/** `file`: `NAME.log` of the data folder. `json`: standard output, where nothing else is said then. */
	readonly to: 'file' | 'json';
	readonly folder: string;
	readonly name: string;
	/** Less grave events are left out; absent: `info`, which is all. */
	readonly level?: Level;
}

const MOST_BYTES = 16 * 1024 * 1024;

export function openLog({ to, folder, name, level = 'info' }: LogPlan, mostBytes = MOST_BYTES): Log {
	const destination = to === 'json' ? { write: (line: string) => process.stdout.write(line) } : boundedFile(join(folder, `${name}.log`), mostBytes);
	const logger = pino(
		{ base: null, level, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
		destination,
	);
	return (event, detail) => {
		logger[levelOf(event, detail)](withoutSecrets(detail), event);
	};
}

/** What somebody should look at some time. Events that carry an error are errors, but for what the world does and we try again. */
const WARNINGS = new Set([
	...['record does not answer', 'links ended', 'branch lost', 'branch left aside', 'this hub lost its entries', 'certificate not taken'],
	...[
		'relay not reached',
		'lan: not reached',
		'lan: no reservation',
		'mDNS',
		'no webrtc-direct',
		'reports wait',
		'not printed',
		'not all was signed',
		'a device wrote its bytes of the day',
	],
]);

export function levelOf(event: string, detail: Readonly<Record<string, unknown>>): Level {
	if (WARNINGS.has(event)) return 'warn';
	return 'error' in detail ? 'error' : 'info';
}

const SECRET_NAME = /(?:pin|token|secret|password|proof|cookie|authorization|seed|privatekey)$|^(?:claim|join|setup)?code$/i;
/** What may stand in an error that somebody else worded. */
const SECRET_TEXT: readonly (readonly [pattern: RegExp, instead: string])[] = [
	[/(\/\/[^/\s:@]*:)[^/\s@]+@/g, '$1…@'],
	[/\b((?:password|token|secret|proof|nonce|chain|code|pin|key)=)[^&\s"']+/gi, '$1…'],
	[/\b(Bearer )\S+/g, '$1…'],
	[/\bhfr\.[0-9a-f]{12}\.[\w-]+/g, 'hfr.…'],
	[/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '(a private key …)'],
];

/** The same without what nobody may read: by the names of fields, and by what text looks like. */
export function withoutSecrets(detail: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return cleaned(detail, 0) as Record<string, unknown>;
}

/** Deeper things are not logged whole. */
const DEEPEST = 4;

function cleaned(value: unknown, depth: number): unknown {
	if (typeof value === 'string') return SECRET_TEXT.reduce((text, [pattern, instead]) => text.replace(pattern, instead), value);
	if (value instanceof Error) return cleaned(String(value), depth);
	if (typeof value !== 'object' || value === null) return value;
	if (depth >= DEEPEST) return '…';
	if (Array.isArray(value)) return value.map((item) => cleaned(item, depth + 1));
	return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, SECRET_NAME.test(name) ? '…' : cleaned(part, depth + 1)]));
}

function boundedFile(path: string, mostBytes: number): { write(line: string): void } {
	let file = openSync(path, 'a', 0o600);
	let bytes = fstatSync(file).size;
	return {
		write(line) {
			try {
				if (bytes >= mostBytes) {
					closeSync(file);
					if (existsSync(path)) renameSync(path, `${path}.1`);
					file = openSync(path, 'a', 0o600);
					bytes = 0;
				}
				bytes += writeSync(file, line);
			} catch {
				// Invariant 3: selling goes on without a log.
			}
		},
	};
}
