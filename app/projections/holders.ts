/**
 * Who else has the sales that wait: by what each device said that it holds, never by who is linked.
 *
 * 1. A device has an entry when a mark of it, or of its newest watermark where it signs one, covers the entry.
 * 2. What a device said stays known while it is away; of a device that was removed nothing counts.
 * 3. An entry that nobody else has said to hold is on this device alone, as far as is known here.
 */
import { chainKey } from '#core/entry/codec.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import type { DeviceId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Watermark } from '#schemas/wire/watermark.ts';

/** By device of this branch, other than `self`: what it holds, as it last said. Who has said nothing is not there. */
export type Holdings = ReadonlyMap<DeviceId, readonly Mark[]>;

export interface Held {
	/** So many other devices have all of them, each. */
	readonly others: number;
	/** So many of the entries nobody else has. */
	readonly alone: number;
}

export function holdingsOf(
	ledger: Pick<Ledger, 'state' | 'branch'>,
	self: DeviceId,
	said: ReadonlyMap<DeviceId, readonly Mark[]>,
	watermarks: readonly Pick<Watermark, 'issuer' | 'marks'>[],
): Holdings {
	const signed = new Map(watermarks.map(({ issuer, marks }) => [issuer, marks]));
	const others = [...ledger.state.devices.values()].filter(
		({ device, branch, standing }) => device !== self && branch === ledger.branch && standing === 'active',
	);
	return new Map(
		others.flatMap(({ device }) => {
			// A watermark is newer than what its issuer said on the lane, and says less where a disk was put back.
			const marks = signed.get(device) ?? said.get(device);
			return marks === undefined ? [] : [[device, marks] as const];
		}),
	);
}

/** A month of sales is 20,000: a chain is asked by its end, and entry by entry only where nobody else has that. */
export function heldElsewhere(ledger: Pick<Ledger, 'chain' | 'isCovered'>, entries: readonly Entry[], holdings: Holdings): Held {
	const others = [...holdings.values()].map((marks) => Map.groupBy(marks, ({ device, scope }) => chainKey(device, scope)));
	const all = new Set(others);
	let alone = 0;
	for (const [key, ofChain] of Map.groupBy(entries, ({ header }) => chainKey(header.device, header.scope))) {
		const last = ofChain.reduce((latest, entry) => (entry.header.seq > latest.header.seq ? entry : latest));
		const forks = ledger.chain(last.header.device, last.header.scope)?.forks === true;
		const hasOne = (marks: (typeof others)[number], { hash }: Entry): boolean => ledger.isCovered(marks.get(key) ?? [], hash);
		const hasChain = (marks: (typeof others)[number]): boolean => (forks ? ofChain.every((entry) => hasOne(marks, entry)) : hasOne(marks, last));
		const having = others.filter(hasChain);
		for (const marks of others) if (!having.includes(marks)) all.delete(marks);
		if (having.length === 0) alone += ofChain.filter((entry) => !others.some((marks) => hasOne(marks, entry))).length;
	}
	return { others: all.size, alone };
}
