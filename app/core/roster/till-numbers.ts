/**
 * Which number a till prints on its receipts, and the suffix that tells it from others who were given the same.
 *
 * 1. Of all tills of a branch that were ever given a number, the first in ledger order prints it bare; the others put a letter after the receipt's number,
 *    from their next receipt on. Whoever leaves the number frees nothing: its receipts are out there.
 * 2. A new number is one that no device ever had.
 */
import { compareEntries, type Ordered } from '#core/entry/order.ts';
import type { DeviceState } from '#core/ledger/state.ts';
import type { EnrolledDevice } from './roster.ts';
import type { DeviceRenamed } from '#schemas/facts/device-renamed.ts';
import type { DeviceId } from '#schemas/ids.ts';

/** A new name or number, of an entry that counts. */
export interface Renaming {
	readonly record: Ordered;
	readonly fact: DeviceRenamed;
}

/** `enrolledAt`: the entry that enrolled a device, in its place. */
export function withTillNumbers(
	devices: ReadonlyMap<DeviceId, EnrolledDevice>,
	renamings: readonly Renaming[],
	enrolledAt: (device: EnrolledDevice) => Ordered | undefined,
): ReadonlyMap<DeviceId, DeviceState> {
	const names = new Map<DeviceId, string>();
	const given: { readonly device: DeviceId; readonly till: number; readonly record: Ordered }[] = [];
	for (const device of devices.values()) {
		const record = enrolledAt(device);
		if (device.role === 'till' && device.till !== undefined && record !== undefined) given.push({ device: device.device, till: device.till, record });
	}
	for (const { record, fact } of [...renamings].sort((a, b) => compareEntries(a.record, b.record))) {
		if (fact.name !== undefined) names.set(fact.device, fact.name);
		if (fact.till !== undefined && devices.get(fact.device)?.role === 'till') given.push({ device: fact.device, till: fact.till, record });
	}
	given.sort((a, b) => compareEntries(a.record, b.record));
	const holders = new Map<string, DeviceId[]>();
	const ever = new Map<DeviceId, number[]>();
	for (const { device, till } of given) {
		const number = `${devices.get(device)?.branch ?? ''}:${till}`;
		const list = holders.get(number) ?? [];
		if (!list.includes(device)) list.push(device);
		holders.set(number, list);
		ever.set(device, [...(ever.get(device) ?? []), till]);
	}
	return new Map(
		[...devices].map(([id, device]) => {
			const tillsEver = ever.get(id) ?? [];
			const till = tillsEver.at(-1) ?? device.till;
			const place = holders.get(`${device.branch}:${till ?? ''}`)?.indexOf(id) ?? 0;
			return [id, { ...device, name: names.get(id) ?? device.name, till, suffix: suffixOf(place), tillsEver: [...new Set(tillsEver)] }];
		}),
	);
}

/** The first has none, the second B; whoever comes after the 26th shares the last letter, and its number with it. */
function suffixOf(place: number): string | undefined {
	return place <= 0 ? undefined : String.fromCharCode('A'.charCodeAt(0) + Math.min(place, 25));
}

/** What a till prints before and after a receipt's number; undefined where nothing is known of a number. */
export function numberingOf(
	device: { readonly till: number | undefined; readonly suffix?: string | undefined } | undefined,
): { readonly till: number; readonly suffix?: string } | undefined {
	if (device?.till === undefined || device.till === 0) return undefined;
	return { till: device.till, ...(device.suffix === undefined ? {} : { suffix: device.suffix }) };
}

/** The least number above all that any device ever had. */
export function freeTillNumber(devices: ReadonlyMap<DeviceId, DeviceState>): number {
	return 1 + Math.max(0, ...[...devices.values()].flatMap(({ till, tillsEver }) => [till ?? 0, ...tillsEver]));
}
