/**
 * How much a hub or a relay takes on a day, of each device and of a branch together.
 *
 * 1. What is counted is the sealed bytes of verified entries that are new here, by the device that signed them, whoever brings them.
 * 2. A device that is over is put off as a whole until the day turns (UTC, by this process's clock) or starts with a higher bound. Nothing of it is lost: it
 *    stays where it is and is asked for again.
 * 3. A branch that is over puts off only devices that have had their share of the day.
 * 4. What was taken before is not counted again: whoever lost its disk is given everything back on one day.
 * 5. The count lies beside the entries. A crash forgets less than `KEEP_EVERY_BYTES` of a branch.
 */
import * as v from 'valibot';
import type { Clock, EntryStore } from '#ports';
import { decode, encode } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import { deviceId, type DeviceId } from '#schemas/ids.ts';

export interface DayBounds {
	readonly deviceBytes: number;
	readonly branchBytes: number;
	readonly shareBytes: number;
}

export interface DayBudgetDeps {
	readonly bounds: DayBounds;
	readonly entryStore: Pick<EntryStore, 'getCache' | 'setCache'>;
	readonly clock: Clock;
	/** Somebody who may say so has said that a place was taken before, and it is not here. */
	readonly wasTaken: (header: Entry['header']) => Promise<boolean>;
	/** A device was put off that was not before. */
	readonly onFull: (device: DeviceId, bytes: number) => void;
}

export interface DayBudget {
	load(): Promise<void>;
	/** Counts and answers what fits, in the given order. A disk that fails meanwhile has counted nothing. */
	take(entries: readonly Entry[]): Promise<readonly Entry[]>;
	/** Who is put off, and until when; nobody on a day that has turned. */
	full(): { readonly devices: ReadonlySet<DeviceId>; readonly untilMs: number };
	/** Whether a new day has begun for somebody who was put off. */
	turn(): boolean;
	/** What was taken of it before may come back now. */
	letBack(device: DeviceId): void;
	keep(): Promise<void>;
}

const CACHE = 'day';
const DAY_MS = 24 * 60 * 60 * 1000;
/** A busy till writes that much in 800 sales: a write of a few bytes every few hours. */
const KEEP_EVERY_BYTES = 1024 * 1024;
const kept = v.tuple([v.number(), v.array(v.tuple([deviceId, v.number()]))]);

export function createDayBudget({ bounds, entryStore, clock, wasTaken, onFull }: DayBudgetDeps): DayBudget {
	let day = today();
	let bytesOf = new Map<DeviceId, number>();
	let branchBytes = 0;
	let unkeptBytes = 0;
	const putOff = new Set<DeviceId>();

	function today(): number {
		return Math.floor(clock.nowMs() / DAY_MS);
	}

	/** Also back: a clock that stood in another year by mistake has used up nobody's day. */
	function turn(): boolean {
		if (day === today()) return false;
		const hadFull = putOff.size > 0;
		day = today();
		bytesOf = new Map();
		[branchBytes, unkeptBytes] = [0, 0];
		putOff.clear();
		return hadFull;
	}

	function fits(device: DeviceId, bytes: number): boolean {
		const after = (bytesOf.get(device) ?? 0) + bytes;
		return after <= bounds.deviceBytes && (branchBytes + bytes <= bounds.branchBytes || after <= bounds.shareBytes);
	}

	function count(device: DeviceId, bytes: number): void {
		bytesOf.set(device, (bytesOf.get(device) ?? 0) + bytes);
		branchBytes += bytes;
		unkeptBytes += bytes;
	}

	/** Of a place that was taken before one entry is given back; a second one there is a fork, and new. */
	async function takenBefore(entries: readonly Entry[]): Promise<ReadonlySet<Entry>> {
		const places = new Set<string>();
		const back = new Set<Entry>();
		for (const entry of entries) {
			const { device, scope, seq } = entry.header;
			const place = `${device}:${scope}:${seq}`;
			if (places.has(place) || !(await wasTaken(entry.header))) continue;
			places.add(place);
			back.add(entry);
		}
		return back;
	}

	async function keep(): Promise<void> {
		if (unkeptBytes === 0) return;
		unkeptBytes = 0;
		await entryStore.setCache(CACHE, encode([day, [...bytesOf]])).catch(() => undefined); // A full disk: there is little left to bound.
	}

	return {
		async load() {
			const bytes = await entryStore.getCache(CACHE);
			const read = v.safeParse(kept, bytes === undefined || bytes.length === 0 ? undefined : decode(bytes));
			if (!read.success || read.output[0] !== day) return;
			bytesOf = new Map(read.output[1]);
			branchBytes = read.output[1].reduce((sum, [, one]) => sum + one, 0);
		},
		async take(entries) {
			const back = await takenBefore(entries);
			turn();
			const taken: Entry[] = [];
			for (const entry of entries) {
				const { device } = entry.header;
				if (back.has(entry)) {
					taken.push(entry);
					continue;
				}
				if (putOff.has(device)) continue;
				if (fits(device, entry.sealed.length)) count(device, entry.sealed.length);
				else {
					putOff.add(device);
					unkeptBytes ||= 1;
					onFull(device, bytesOf.get(device) ?? 0);
					continue;
				}
				taken.push(entry);
			}
			if (unkeptBytes >= KEEP_EVERY_BYTES || (unkeptBytes > 0 && putOff.size > 0)) await keep();
			return taken;
		},
		full: () => ({ devices: day === today() ? putOff : new Set(), untilMs: (day + 1) * DAY_MS }),
		turn,
		letBack(device) {
			putOff.delete(device);
		},
		keep,
	};
}
