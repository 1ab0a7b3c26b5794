/** Where a relay keeps everything, by what was asked for: files of its data folder, or a PostgreSQL. */
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import { StorageError, type Clock, type RelayStorage, type ReportPlan, type Timers } from '#ports';
import type { SigningKey } from '#schemas/ids.ts';
import type { DataFolder } from '../data-folder.ts';
import { openSqliteRecord } from './storage-sqlite.ts';

export interface RecordPlan {
	readonly folder: DataFolder;
	/** `postgres://…`; absent: SQLite. */
	readonly database?: string | undefined;
	/** Absent: none. */
	readonly reports?: ReportPlan;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly onWaiting?: (reason: string) => void;
}

export async function openRecord({ folder, database, ...parts }: RecordPlan): Promise<RelayStorage> {
	return database === undefined ? openSqliteRecord(folder, parts.reports) : openPostgresRecord({ ...parts, url: database });
}

/** The key whose watermarks speak of what is in the record: its first, and by `device.1` … those that it was renewed to. */
const DEVICE = 'device';

/**
 * Two relays, each with a key of its own, would speak for one record: tills that believe the one would not believe the other. Several processes of one relay have
 * the same key; with one that was given up since, no shop would believe a word. `line`: the relay's keys, the first one first, the one in force last. Throws
 * `StorageError`.
 */
export async function claimRecord(record: RelayStorage, line: readonly SigningKey[]): Promise<void> {
	const nameOf = (generation: number): string => (generation === 0 ? DEVICE : `${DEVICE}.${generation}`);
	for (const [generation, key] of line.entries()) {
		const before = await record.keepValue(nameOf(generation), key);
		if (before === key) continue;
		const keys = `${String(before).slice(0, 16)}…, not ${key.slice(0, 16)}…`;
		throw new StorageError(
			'failed',
			generation === 0
				? `the record there is signed for by another key (${keys}): start with that relay's data folder or its keys (--keys), put its keys/ back from a backup, or name another database`
				: `the record there is signed for by another key after renewal ${generation} (${keys}): these keys are from a copy of that relay's folder, which was renewed apart. Start with the folder that its other processes have (--keys)`,
		);
	}
	if ((await record.getValue(nameOf(line.length))) !== undefined)
		throw new StorageError(
			'failed',
			`the record there is signed for by newer keys of this relay, and no shop believes these any more: start with the folder in which they were renewed (--keys), or a backup of it`,
		);
}

/** For people and logs: without the password. */
export function withoutPassword(database: string): string {
	try {
		const url = new URL(database);
		if (url.password !== '') url.password = '…';
		for (const name of [...url.searchParams.keys()]) if (/pass|key|token/i.test(name)) url.searchParams.set(name, '…');
		return decodeURI(url.toString());
	} catch {
		return 'postgres://…';
	}
}
