/** Branches and tills of a store as the relay knows them, and what day it is in each. */
import { tradingDayOf } from '#core/time.ts';
import { m } from '#languages/compiled/messages.js';
import { OWNER, type BranchId, type TradingDay } from '#schemas/ids.ts';
import type { Currency } from '#schemas/numbers.ts';
import type { Live, RecordRow } from '#schemas/wire/owner-pages.ts';
import { deviceNameText } from '../device-names.ts';

export interface OwnerBranch {
	readonly branch: BranchId;
	readonly name: string;
	readonly currency: Currency;
	readonly timeZone: string;
	/** Its trading day of now, the hour on its wall, and how many of the day's hours are over. */
	readonly today: TradingDay;
	readonly hoursOver: number;
	readonly firstHour: number;
	readonly health: Health;
	readonly entries: number;
	readonly conflicts: number;
	readonly newerVersion: boolean;
	/** When the rows were written, by the relay's clock. */
	readonly writtenMs: number;
	readonly tills: readonly OwnerTill[];
}

/** `silent`: nobody is linked. `waits`: entries are known of that are not here. */
export interface Health {
	readonly state: 'linked' | 'waits' | 'silent';
	readonly heardMs: number | undefined;
	readonly waiting: number;
	/** For how long something has been waiting. */
	readonly lagMs: number | undefined;
}

export interface OwnerTill {
	readonly device: string;
	readonly name: string;
	readonly role: 'till' | 'hub';
	readonly standing: string;
	readonly health: Health;
}

/** By name, as a person looks for one: the record has them by their ids. Hubs stand before tills, and Till 10 after Till 9. */
export function ownerBranches({ branches, tills, nowMs }: Live): readonly OwnerBranch[] {
	const { compare } = new Intl.Collator(undefined, { numeric: true });
	const all = branches.map((row) => {
		const timeZone = textOf(row, 'time_zone');
		const dayStartMinutes = numberOf(row, 'day_start_minutes');
		const firstHour = Math.floor(dayStartMinutes / 60);
		const shifted = new Date(nowMs - dayStartMinutes * 60_000);
		return {
			branch: textOf(row, 'branch') as BranchId,
			name: textOf(row, 'branch_name'),
			currency: { code: textOf(row, 'currency'), digits: numberOf(row, 'digits') } as Currency,
			...{ timeZone, firstHour, today: tradingDayOf(nowMs, timeZone, dayStartMinutes) },
			hoursOver: Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone }).format(shifted)),
			health: healthOf(row, numberOf(row, 'devices_linked') > 0, nowMs),
			...{ entries: numberOf(row, 'entries'), conflicts: numberOf(row, 'conflicts'), newerVersion: row['newer_version'] === true },
			writtenMs: numberOf(row, 'written_ms'),
			tills: tills
				.filter((till) => till['branch'] === row['branch'])
				.map((till) => ({
					...{
						device: textOf(till, 'device'),
						name: deviceNameText(textOf(till, 'name')),
						role: till['role'] === 'hub' ? ('hub' as const) : ('till' as const),
					},
					...{ standing: textOf(till, 'standing'), health: healthOf(till, till['linked'] === true || till['linked'] === 1, nowMs) },
				}))
				.sort((a, b) => Number(b.role === 'hub') - Number(a.role === 'hub') || compare(a.name, b.name)),
		};
	});
	return all.sort((a, b) => compare(a.name, b.name));
}

function healthOf(row: RecordRow, isLinked: boolean, nowMs: number): Health {
	const waiting = numberOf(row, 'waiting');
	const since = row['waiting_since_ms'];
	const heard = row['heard_ms'];
	return {
		state: !isLinked ? 'silent' : waiting > 0 ? 'waits' : 'linked',
		heardMs: isLinked ? nowMs : typeof heard === 'number' ? heard : undefined,
		waiting,
		lagMs: typeof since === 'number' ? Math.max(0, nowMs - since) : undefined,
	};
}

/** What is looked at: one branch, or all that take one currency. */
export interface Scope {
	readonly id: string;
	readonly branches: readonly OwnerBranch[];
	readonly currency: Currency;
	/** Absent: all of them. */
	readonly branch?: BranchId;
}

export function scopesOf(branches: readonly OwnerBranch[]): readonly Scope[] {
	const currencies = [...new Map(branches.map(({ currency }) => [currency.code, currency])).values()];
	return [
		...currencies.map((currency) => ({
			...{ id: currency.code, currency },
			branches: branches.filter((one) => one.currency.code === currency.code),
		})),
		...branches.map((one) => ({ id: one.branch, branches: [one], currency: one.currency, branch: one.branch })),
	];
}

export function numberOf(row: RecordRow, column: string): number {
	const value = Number(row[column] ?? 0);
	return Number.isFinite(value) ? value : 0;
}

export function textOf(row: RecordRow, column: string): string {
	const value = row[column];
	return value === null || value === undefined ? '' : String(value);
}

/** Who did it: until a shop has people, everything is done by its owner. */
export function personOf(row: RecordRow): string {
	const person = textOf(row, 'person');
	if (person === '') return m.reports_nobody();
	return person === OWNER ? m.role_owner() : person;
}

/** Decimals of the record as minor units. */
export function minorOf(row: RecordRow, column: string, { digits }: Currency): number {
	return Math.round(numberOf(row, column) * 10 ** digits) + 0;
}
