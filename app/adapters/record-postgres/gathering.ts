/**
 * Writes of several branches, gathered: what is asked for while a transaction is under way goes into the next one, together. A first write waits for one turn of
 * the event loop, no longer.
 *
 * 1. Writes of a branch happen in the order in which they were asked for.
 * 2. What the server does not take together is tried one by one: a write fails alone.
 * 3. Where writes are rested from, the server has time for others between two transactions; what comes meanwhile is gathered.
 */
import { StorageError, type BranchLoss, type Clock, type Timers } from '#ports';
import { isAway, type Connection } from './connection.ts';
import type { OpenedBranch } from './writer.ts';

export interface Gathered<Write, Answer> {
	readonly write: Write;
	readonly resolve: (answer: Answer) => void;
	readonly reject: (error: unknown) => void;
}

export interface GatheringDeps<Write, Answer> {
	readonly connection: Pick<Connection, 'standing'>;
	/** How many of the first of these go together; one at least. */
	readonly count: (waiting: readonly Write[]) => number;
	/** Answers each of them, or throws and has written none. */
	readonly writeAll: (batch: readonly Gathered<Write, Answer>[]) => Promise<void>;
	/** How long to rest after a transaction that took so long; absent: not at all. */
	readonly rest?: { readonly clock: Pick<Clock, 'nowMs'>; readonly timers: Pick<Timers, 'after'>; readonly afterMs: (tookMs: number) => number };
}

export interface Gathering<Write, Answer> {
	write(write: Write): Promise<Answer>;
	/** Something of it was asked for, and is neither written nor refused. */
	isWriting(to: OpenedBranch): boolean;
	/** Resolves when what was asked for so far is written, or was refused. */
	settled(to: OpenedBranch): Promise<void>;
}

export function createGathering<Write extends { readonly to: OpenedBranch }, Answer>({
	connection,
	count,
	writeAll,
	rest,
}: GatheringDeps<Write, Answer>): Gathering<Write, Answer> {
	let waiting: Gathered<Write, Answer>[] = [];
	let running: Promise<void> | undefined;
	const last = new Map<OpenedBranch, Promise<unknown>>();

	function start(): void {
		if (running !== undefined || waiting.length === 0) return;
		running = run().finally(() => {
			running = undefined;
			start();
		});
	}

	async function run(): Promise<void> {
		// What this turn of the event loop still asks for goes along.
		await new Promise((resolve) => setImmediate(resolve));
		while (waiting.length > 0) {
			const many = count(waiting.map(({ write }) => write));
			const batch = waiting.slice(0, many);
			waiting = waiting.slice(many);
			const begunMs = rest?.clock.nowMs() ?? 0;
			try {
				await writeAll(batch);
			} catch (error) {
				// A server that is away takes none of them; else each is tried alone, for one of them may be to blame.
				if (batch.length === 1 || !connection.standing().answers || isAway(error)) for (const { reject } of batch) reject(error);
				else for (const one of batch) await writeAll([one]).catch(one.reject);
			}
			if (rest !== undefined) {
				const { clock, timers, afterMs } = rest;
				await new Promise<void>((resolve) => timers.after(afterMs(Math.max(0, clock.nowMs() - begunMs)), resolve));
			}
		}
	}

	return {
		write(write) {
			const { to } = write;
			const written = new Promise<Answer>((resolve, reject) => {
				if (to.lost !== undefined) throw notOwner(to.lost);
				waiting.push({ write, resolve, reject });
				start();
			});
			last.set(to, written);
			const forget = (): void => {
				if (last.get(to) === written) last.delete(to);
			};
			written.then(forget, forget);
			return written;
		},
		isWriting: (to) => last.has(to),
		async settled(to) {
			// They are written in order: with the last one all are.
			await last.get(to)?.catch(() => undefined);
		},
	};
}

export function notOwner(why: BranchLoss): StorageError {
	return new StorageError(
		'not-owner',
		why === 'taken' ? 'another process has opened this branch since' : 'the database was put back to an earlier day',
	);
}
