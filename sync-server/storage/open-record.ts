/** Where a relay keeps everything, by what was asked for: files of its data folder, or a PostgreSQL. */
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import { StorageError, type Clock, type RelayStorage, type ReportPlan, type Timers } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
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

/** The key whose watermarks speak of what is in the record. */
const DEVICE = 'device';

/**
 * Two relays, each with a key of its own, would speak for one record: tills that believe the one would not believe the other. Several processes of one relay have
 * the same key. Throws `StorageError`.
 */
export async function claimRecord(record: RelayStorage, device: DeviceId): Promise<void> {
	const before = await record.keepValue(DEVICE, device);
	if (before !== device)
		throw new StorageError(
			'failed',
			`the record there is signed for by another key (${String(before).slice(0, 16)}…, not ${device.slice(0, 16)}…): start with that relay's data folder or its keys (--keys), put its keys/ back from a backup, or name another database`,
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
