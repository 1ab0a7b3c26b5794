/** The last time that a till began to wait for wrong PINs under a person's name. */
import { deviceId, type DeviceId, type PersonId } from '#schemas/ids.ts';
import * as v from 'valibot';
import type { Book } from './book.ts';

export interface WrongPinsState {
	/** In a row. */
	readonly tries: number;
	readonly atMs: number;
	readonly device: DeviceId;
}

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sum = v.strictObject({ tries: number, atMs: number, device: deviceId });

export const wrongPins: Book<PersonId, WrongPinsState, WrongPinsState> = {
	reads: ['pin.refused'],
	subjectsOf: (fact) => (fact.type === 'pin.refused' ? [fact.person] : []),
	fold: (_person, changes, _context, before) =>
		changes.reduce<WrongPinsState | undefined>(
			(last, { record, fact }) => (fact.type === 'pin.refused' ? { tries: fact.tries, atMs: record.header.at, device: record.header.device } : last),
			before,
		),
	sum: { schema: sum, of: (state) => ({ ...state }) },
};
