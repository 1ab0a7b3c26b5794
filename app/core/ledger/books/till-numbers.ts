/**
 * A till number and who was ever given it: by an enrolment, or by a new number later. A number is for one device; two who have it were given it apart.
 *
 * What a device's number and suffix are now is said by `core/roster/till-numbers.ts`, for that hangs on all its numbers.
 */
import { findTillNumberShared } from '#core/conflict/till-number-shared.ts';
import type { DeviceId, EntryHash } from '#schemas/ids.ts';
import type { Book } from './book.ts';

export interface TillNumberState {
	readonly till: number;
	/** In ledger order, each device once. */
	readonly given: readonly { readonly device: DeviceId; readonly entry: EntryHash }[];
}

export const tillNumbers: Book<string, TillNumberState> = {
	reads: ['device.enrolled', 'device.renamed'],
	subjectsOf: (fact) =>
		((fact.type === 'device.enrolled' && fact.role === 'till') || fact.type === 'device.renamed') && fact.till !== undefined
			? [String(fact.till)]
			: [],
	fold(till, changes) {
		const given = new Map<DeviceId, EntryHash>();
		for (const { record, fact } of changes)
			if ('device' in fact && fact.device !== undefined && !given.has(fact.device)) given.set(fact.device, record.hash);
		return given.size === 0 ? undefined : { till: Number(till), given: [...given].map(([device, entry]) => ({ device, entry })) };
	},
	alarms: ['device.enrolled', 'device.renamed'],
	alarmedFrom: 2,
	conflicts: findTillNumberShared,
	/** A device that takes another number leaves the one that it shared. */
	related: (_till, changes, { devices }) =>
		changes.flatMap(({ fact }) => ('device' in fact && fact.device !== undefined ? (devices.get(fact.device)?.tillsEver ?? []) : [])).map(String),
};
