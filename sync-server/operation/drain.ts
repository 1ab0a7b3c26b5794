/**
 * Before a process stops: what has arrived is committed, and signed for, so that nobody sells on in doubt.
 *
 * 1. It takes bounded time. What came too late is not lost: whoever sent it still has it, and sends it to the next one.
 */
import { entriesLost } from '#engine/watermark.ts';
import type { Clock, Timers } from '#ports';
import type { DeviceId } from '#schemas/ids.ts';
import type { Mark } from '#schemas/mark.ts';
import type { Branch } from '../branch.ts';

export interface DrainDeps {
	/** Whose signature says that it is on this disk. */
	readonly issuer: DeviceId;
	/** False: nothing can be signed now, and is not waited for. */
	readonly mayIssue: () => boolean;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly mostMs?: number;
}

export type Drained = Pick<Branch, 'replica' | 'ledger'>;

/** A batch takes milliseconds and a signature follows within 200 ms; a full disk or a slow database gets what the supervisor grants. */
const MOST_MS = 10_000;
const LOOK_EVERY_MS = 25;

/** Answers how many branches have something left that was not signed for. */
export async function settle(branches: readonly Drained[], { issuer, mayIssue, clock, timers, mostMs = MOST_MS }: DrainDeps): Promise<number> {
	const endMs = clock.nowMs() + mostMs;
	const isOver = (): boolean => !mayIssue() || clock.nowMs() >= endMs;
	const pause = (ms: number) => new Promise<void>((resolve) => timers.after(ms, resolve));
	await Promise.race([Promise.all(branches.map(({ replica }) => replica.idle())), pause(mostMs / 2)]);
	// As of now: under load there is always something newer.
	const wanted = branches.map(({ replica, ledger }) => ({ replica, marks: ledger.marks() }));
	const unsigned = (): number => wanted.filter(({ replica, marks }) => !isSigned(replica, marks, issuer)).length;
	while (unsigned() > 0 && !isOver()) await pause(LOOK_EVERY_MS);
	return unsigned();
}

/** The issuer's newest watermark covers these. */
export function isSigned(replica: Pick<Branch['replica'], 'findings'>, marks: readonly Mark[], issuer: DeviceId): boolean {
	if (marks.length === 0) return true;
	const mine = replica.findings().watermarks.find((one) => one.issuer === issuer);
	return mine !== undefined && entriesLost({ ...mine, marks: [...marks] }, mine) === 0;
}
