import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { openPostgresRecord } from '#adapters/record-postgres/record-postgres.ts';
import { REPORTS } from '#server/reports/plan.ts';
import { newDatabase } from '../../support/new-database.ts';
import { ownerSuite } from './owner-suite.ts';

ownerSuite('PostgreSQL', async () => {
	const timers = createSystemTimers((error) => {
		throw error as Error;
	});
	const record = await openPostgresRecord({ url: await newDatabase(), clock: systemClock, timers, reports: REPORTS });
	return { record, close: () => record.close() };
});
