/**
 * When each device of a branch was last heard of, and what is known of it that is not here yet.
 *
 * Invariants:
 * 1. Heard is: it was linked, or something that it wrote arrived. By the relay's own clock, so that nobody's clock makes a branch look alive.
 * 2. Waiting counts entries that somebody said they hold and that are not here. What a till has told nobody is not in it: no relay can know.
 * 3. Both are in the record of the branch, written by the process that has it, and there again after a restart; then nobody is linked who has not come back.
 */
import * as v from 'valibot';
import { chainKey } from '#core/entry/codec.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Replica } from '#engine/replicate.ts';
import type { Verifier } from '#engine/verify.ts';
import type { BranchReports, Clock, EntryStore, ReportRow, Timers } from '#ports';
import { decode, encode } from '#schemas/cbor.ts';
import { deviceId, SCOPES, type DeviceId } from '#schemas/ids.ts';

export interface HeardDeps {
	readonly ledger: Pick<Ledger, 'chain'>;
	readonly verifier: Pick<Verifier, 'devices'>;
	readonly replica: Pick<Replica, 'findings' | 'onFindings' | 'onFolded'>;
	readonly entryStore: Pick<EntryStore, 'getCache' | 'setCache'>;
	readonly reports: Pick<BranchReports, 'write'>;
	readonly clock: Clock;
	readonly timers: Timers;
}

export interface Heard {
	setLinked(devices: ReadonlySet<DeviceId>): void;
	/** The rows are gone, for all of the branch's were made anew. */
	writeAgain(): void;
	/** Resolves when the record says what is known now. */
	settled(): Promise<void>;
	/** The branch goes from memory, and whoever is linked stays so. */
	rest(): Promise<void>;
	close(): Promise<void>;
}

const CACHE = 'heard';
const cached = v.array(v.tuple([deviceId, v.number()]));
/** A change is a row soon; who is linked is noted once a minute, in case the power goes. */
const AFTER_MS = 500;
const EVERY_MS = 60_000;

export async function createHeard({ ledger, verifier, replica, entryStore, reports, clock, timers }: HeardDeps): Promise<Heard> {
	const heardMs = new Map<DeviceId, number>(await readCache(entryStore));
	const waitingSinceMs = new Map<DeviceId, number>();
	const known = new Set<DeviceId>();
	let linked: ReadonlySet<DeviceId> = new Set();
	let written = '';
	let stop: (() => void) | undefined;
	let running: Promise<void> = Promise.resolve();
	let closed = false;

	const stopEvery = timers.every(EVERY_MS, () => {
		for (const device of linked) heardMs.set(device, clock.nowMs());
		written = '';
		wake();
	});
	replica.onFolded(({ added }) => {
		for (const { header } of added) heardMs.set(header.device, clock.nowMs());
		wake();
	});
	replica.onFindings(wake);
	wake();

	function wake(): void {
		if (closed || stop !== undefined) return;
		stop = timers.after(AFTER_MS, () => {
			stop = undefined;
			running = running.then(write);
			return running;
		});
	}

	/** Reports may be behind: a record that does not answer is tried again with the next change, or in a minute. */
	async function write(): Promise<void> {
		const rows = rowsNow();
		const now = JSON.stringify(rows.map(({ device, linked: isLinked, waiting }) => [device, isLinked, waiting]));
		if (now === written) return;
		try {
			await entryStore.setCache(CACHE, encode([...heardMs]));
			await reports.write({ rows: new Map([['links', rows]]) });
			written = now;
		} catch {
			written = '';
		}
	}

	function rowsNow(): readonly ReportRow[] {
		const waiting = waitingBy(ledger, verifier, replica.findings().claimedSeq);
		for (const device of waiting.keys()) if (!waitingSinceMs.has(device)) waitingSinceMs.set(device, clock.nowMs());
		for (const device of waitingSinceMs.keys()) if (!waiting.has(device)) waitingSinceMs.delete(device);
		// Once a row, always a row: what waits no more is said, too.
		for (const device of [...heardMs.keys(), ...linked, ...waiting.keys()]) known.add(device);
		return [...known].map((device) => ({
			...{ device, linked: linked.has(device), heard_ms: heardMs.get(device) ?? null },
			...{ waiting: waiting.get(device) ?? 0, waiting_since_ms: waitingSinceMs.get(device) ?? null },
		}));
	}

	return {
		setLinked(devices) {
			for (const device of [...devices, ...linked]) heardMs.set(device, clock.nowMs());
			linked = new Set(devices);
			wake();
		},
		writeAgain() {
			written = '';
			wake();
		},
		async settled() {
			while (stop !== undefined) await new Promise((resolve) => timers.after(20, () => resolve(undefined)));
			await running;
		},
		rest: () => end(linked),
		close: () => end(new Set()),
	};

	async function end(stillLinked: ReadonlySet<DeviceId>): Promise<void> {
		closed = true;
		stopEvery();
		stop?.();
		for (const device of linked) heardMs.set(device, clock.nowMs());
		linked = stillLinked;
		written = '';
		await running.then(write);
	}
}

type Claimed = readonly [ledger: HeardDeps['ledger'], verifier: HeardDeps['verifier'], claimedSeq: ReadonlyMap<string, number>];

/** Whether somebody holds entries that this ledger lacks. */
export function isWaiting(...of: Claimed): boolean {
	return waitingBy(...of).size > 0;
}

/** Entries that somebody holds and this ledger lacks, by the device that wrote them. */
function waitingBy(...[ledger, verifier, claimedSeq]: Claimed): ReadonlyMap<DeviceId, number> {
	const waiting = new Map<DeviceId, number>();
	for (const { device } of verifier.devices())
		for (const scope of SCOPES) {
			const lacks = (claimedSeq.get(chainKey(device, scope)) ?? 0) - (ledger.chain(device, scope)?.wholeSeq ?? 0);
			if (lacks > 0) waiting.set(device, lacks + (waiting.get(device) ?? 0));
		}
	return waiting;
}

async function readCache(entryStore: HeardDeps['entryStore']): Promise<v.InferOutput<typeof cached>> {
	const bytes = await entryStore.getCache(CACHE);
	if (bytes === undefined || bytes.length === 0) return [];
	try {
		return v.parse(cached, decode(bytes));
	} catch {
		return [];
	}
}
