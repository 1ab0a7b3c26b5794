/**
 * The connections to PostgreSQL, and whether it answers.
 *
 * Invariants:
 * 1. A commit is on the server's disk: every connection asks for `synchronous_commit = on`, and a server that runs with `fsync = off` is refused.
 * 2. A server that is gone, that cuts a connection or that answers nothing is looked for again, at once and then twice a second. Nothing is written before
 *    it has been asked whether it is the one from before.
 * 3. Questions that people ask of reports have connections of their own, few, and an end: however long one takes, nothing that is sold waits behind it.
 * 4. What the server or the way to it fails at is a `StorageError`, with `full` told from the rest; what we ask wrongly comes out as it is.
 */
import postgres from 'postgres';
import { BadQuestion, StorageError, type Clock, type StorageStanding, type Timers } from '#ports';

/** How values of these types come out: whole numbers and decimals as numbers, dates and local moments as they are written. */
interface Types extends Record<string, unknown> {
	bigint: number;
	decimal: number;
	day: string;
	moment: string;
}
export type Sql = postgres.Sql<Types>;
/** Asks within a transaction. */
export type Transaction = Pick<Sql, 'unsafe'> &
	(<Row extends readonly object[]>(text: TemplateStringsArray, ...values: readonly unknown[]) => postgres.PendingQuery<Row & postgres.Row[]>);

/** The connections of one time: when one of them is cut, all are given up, and another pool comes after them. */
export interface Pool {
	readonly sql: Sql;
	/** Cut: nothing more may be asked. */
	readonly isGone: () => boolean;
	/** One statement. */
	one<Result>(work: (ask: Transaction) => Promise<Result>): Promise<Result>;
	/** All of it or nothing. */
	transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
	end(): Promise<void>;
}

export interface Connection {
	/** Throws `StorageError`; asked once more where the server was away for a moment. */
	read<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
	/** One statement, which is a transaction of its own. As `transaction` for the rest. */
	write<Result>(work: (ask: Transaction) => Promise<Result>): Promise<Result>;
	/** All of it or nothing, durable when it resolves. Not asked again: whoever wants it written says so again. */
	transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
	standing(): StorageStanding;
	onStanding(listener: (standing: StorageStanding) => void): void;
	/** What has to be true before anything is written again. */
	beforeAnswering(check: (pool: Pool) => Promise<void>): void;
	close(): Promise<void>;
}

export interface ConnectionDeps {
	readonly url: string;
	readonly clock: Clock;
	readonly timers: Timers;
	/** How long one question or one transaction may take. */
	readonly patienceMs?: number;
	/** A server that is not there yet is waited for; absent: it is an error. */
	readonly onWaiting?: (reason: string) => void;
}

const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 500;
/** One connection that was cut is no server that is gone. */
const LOOK_AT_ONCE_MS = 20;
/** Less than what `checked-storage.ts` waits for a chunk, so that a short restart of the server is no damaged document. */
const READ_WAITS_MS = 4_000;
const CONNECTIONS = 6;

export async function connect({ url, clock, timers, patienceMs = PATIENCE_MS, onWaiting }: ConnectionDeps): Promise<Connection> {
	let pool = nextPool();
	let standing: StorageStanding = ANSWERS;
	let stopLooking: (() => void) | undefined;
	let closed = false;
	const listeners: ((standing: StorageStanding) => void)[] = [];
	const waiting = new Set<() => void>();
	let check: (pool: Pool) => Promise<void> = async () => undefined;
	for (;;) {
		try {
			await checkDurable(pool);
			break;
		} catch (error) {
			await pool.end();
			if (onWaiting === undefined || !isAway(error)) throw asStorageError('open', error);
			onWaiting(messageOf(error));
			await new Promise<void>((resolve) => timers.after(LOOK_AGAIN_MS, resolve));
			pool = nextPool();
		}
	}

	function setStanding(next: StorageStanding): void {
		const isTold = next.answers !== standing.answers;
		standing = next;
		if (isTold) for (const listener of listeners) listener(next);
	}

	function lose(error: unknown): void {
		if (closed || !standing.answers) return;
		setStanding({ answers: false, sinceMs: clock.nowMs(), reason: messageOf(error) });
		renew();
		lookAfter(LOOK_AT_ONCE_MS);
	}

	function lookAfter(ms: number): void {
		stopLooking = timers.after(ms, async () => {
			try {
				await inTime(async () => {
					await checkDurable(pool);
					await check(pool);
				});
			} catch (failure) {
				if (closed) return;
				if (!standing.answers) standing = { ...standing, reason: messageOf(failure) };
				renew();
				lookAfter(LOOK_AGAIN_MS);
				return;
			}
			if (closed) return;
			setStanding(ANSWERS);
			for (const go of [...waiting]) go();
		});
	}

	/** Connections that wait for an answer which may never come are given up with it. */
	function renew(): void {
		const old = pool;
		pool = nextPool();
		void old.end();
	}

	/** Nobody but the server closes a connection of ours. When it comes back it may be another server, or have other data. */
	function nextPool(): Pool {
		const next = openPool(url, () => {
			if (next === pool) lose(new Away('it closed a connection'));
		});
		return next;
	}

	async function inTime<Result>(work: () => Promise<Result>): Promise<Result> {
		const late = Promise.withResolvers<never>();
		const stop = timers.after(patienceMs, () => {
			late.reject(new Away(`no answer within ${patienceMs} ms`));
		});
		try {
			return await Promise.race([work(), late.promise]);
		} finally {
			stop();
		}
	}

	/** Resolves when the server answers or the time is over. */
	async function untilItAnswers(ms: number): Promise<void> {
		if (standing.answers || closed) return;
		const ended = Promise.withResolvers<undefined>();
		const go = (): void => {
			ended.resolve(undefined);
		};
		waiting.add(go);
		const stop = timers.after(ms, go);
		await ended.promise;
		stop();
		waiting.delete(go);
	}

	async function asked<Result>(what: 'read' | 'write', work: (of: Pool) => Promise<Result>): Promise<Result> {
		if (closed) throw new StorageError('closed', 'the database was closed');
		if (!standing.answers) throw new StorageError('failed', `the database does not answer: ${standing.reason}`);
		try {
			return await inTime(() => work(pool));
		} catch (error) {
			if (isAway(error)) lose(error);
			throw asStorageError(what, error);
		}
	}

	return {
		async read(work) {
			await untilItAnswers(READ_WAITS_MS);
			try {
				return await asked('read', ({ sql }) => work(sql));
			} catch (error) {
				if (standing.answers || closed) throw error;
				await untilItAnswers(READ_WAITS_MS);
				return await asked('read', ({ sql }) => work(sql));
			}
		},
		write: (work) => asked('write', (of) => of.one(work)),
		transaction: (work) => asked('write', (of) => of.transaction(work)),
		standing: () => standing,
		onStanding: (listener) => {
			listeners.push(listener);
		},
		beforeAnswering: (one) => {
			check = one;
		},
		async close() {
			closed = true;
			stopLooking?.();
			for (const go of [...waiting]) go();
			await pool.end();
		},
	};
}

const ASKED_AS = {
	connect_timeout: 5,
	backoff: () => 0.2,
	onnotice: () => undefined,
	types: {
		bigint: { to: 20, from: [20], parse: Number, serialize: String },
		decimal: { to: 1700, from: [1700], parse: Number, serialize: String },
		day: { to: 1082, from: [1082], parse: String, serialize: String },
		moment: { to: 1114, from: [1114], parse: (text: string) => text.replace(' ', 'T'), serialize: String },
	},
};
const READERS = 4;
const READER_RESTS_S = 60;

export interface Reader extends Pick<Connection, 'read'> {
	close(): Promise<void>;
}

/** For what people ask of reports. The server ends a question after `mostMs`, which is a `BadQuestion` then. */
export function openReader(url: string, mostMs: number): Reader {
	const sql = postgres(url, {
		...ASKED_AS,
		max: READERS,
		idle_timeout: READER_RESTS_S,
		connection: { application_name: 'holdfast reports', statement_timeout: mostMs, default_transaction_read_only: true },
	});
	return {
		async read(work) {
			try {
				// Once more: the server may have been away since the last question.
				return await work(sql).catch((error: unknown) => {
					if (!isAway(error)) throw error;
					return work(sql);
				});
			} catch (error) {
				throw codeOf(error) === QUERY_CANCELED ? new BadQuestion('too-much', `it takes longer than ${mostMs} ms`) : asStorageError('read', error);
			}
		},
		close: () => sql.end({ timeout: 1 }),
	};
}

/**
 * The driver's own `begin` is not used: when a connection is cut within it, it writes its ROLLBACK to the socket that is not there any more, which ends the
 * process. So nothing is asked of a connection after it was cut, and nobody waits for what can have no answer.
 */
export function openPool(url: string, onCut: () => void): Pool {
	let isGone = false;
	const cut = Promise.withResolvers<never>();
	cut.promise.catch(() => undefined);
	const sql = postgres(url, {
		...ASKED_AS,
		max: CONNECTIONS,
		max_lifetime: null,
		onclose() {
			if (isGone) return;
			isGone = true;
			cut.reject(new Away('it closed a connection'));
			onCut();
		},
		connection: {
			application_name: 'holdfast',
			synchronous_commit: 'on',
			// A process that was frozen in the middle of a transaction lets go of its branches before it is called silent (`shared-postgres.ts`); nobody
			// waits for another's lock for ever.
			idle_in_transaction_session_timeout: 3_000,
			lock_timeout: 8_000,
		},
	});

	async function within<Result>(one: postgres.ReservedSql<Types>, work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
		const still = (): typeof one => {
			if (isGone) throw new Away('it closed a connection');
			return one;
		};
		const ask: Transaction = Object.assign((text: TemplateStringsArray, ...values: readonly unknown[]) => still()(text, ...(values as never[])), {
			unsafe: ((...args: Parameters<Sql['unsafe']>) => still().unsafe(...args)) as Sql['unsafe'],
		}) as never;
		await ask`BEGIN`;
		try {
			const result = await work(ask);
			await ask`COMMIT`;
			return result;
		} catch (error) {
			if (!isGone) await ask`ROLLBACK`;
			throw error;
		}
	}

	return {
		sql,
		isGone: () => isGone,
		one: (work) => Promise.race([work(sql as unknown as Transaction), cut.promise]),
		async transaction(work) {
			const one = await Promise.race([sql.reserve(), cut.promise]);
			try {
				return await Promise.race([within(one, work), cut.promise]);
			} finally {
				if (!isGone) one.release();
			}
		},
		async end() {
			isGone = true;
			cut.reject(new Away('it was closed'));
			await sql.end({ timeout: 0 }).catch(() => undefined);
		},
	};
}

const ANSWERS: StorageStanding = { answers: true };

class Away extends Error {}

/** A server whose commits are not on its disk would make every watermark a lie. */
async function checkDurable({ sql }: Pool): Promise<void> {
	const [row] = await sql<{ synchronous: string; fsync: string; pages: string; standby: boolean }[]>`
		SELECT current_setting('synchronous_commit') AS synchronous, current_setting('fsync') AS fsync,
			current_setting('full_page_writes') AS pages, pg_is_in_recovery() AS standby`;
	if (row === undefined) throw new Error('the database says nothing of itself');
	// A primary that was replaced is on its way to being one again, or is not the one to write to.
	if (row.standby) throw new Away('it is a standby, which takes no writes');
	if (row.synchronous !== 'on' && row.synchronous !== 'remote_apply')
		throw new Error(`synchronous_commit is ${row.synchronous}: what is said to be safe would not be on its disk`);
	if (row.fsync !== 'on' || row.pages !== 'on')
		throw new Error(`it runs with fsync = ${row.fsync} and full_page_writes = ${row.pages}: after a crash of its machine sales would be gone`);
}

export function asStorageError(what: 'open' | 'read' | 'write', error: unknown): unknown {
	if (error instanceof StorageError) return error;
	const code = codeOf(error);
	if (code === DISK_FULL) return new StorageError('full', 'the disk of the database is full');
	if (code === 'CONNECTION_ENDED') return new StorageError('closed', 'the database was closed');
	const mayBePlain = what === 'open' || isAway(error) || /^(53|54|57|58|55P03|40)/.test(code);
	return mayBePlain ? new StorageError('failed', `the database did not ${what}: ${messageOf(error)}`) : error;
}

// PostgreSQL's own codes: appendix A of its manual.
const DISK_FULL = '53100';
const QUERY_CANCELED = '57014';
const AWAY = /^(08|57P0|25006|CONNECT|CONNECTION_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|25P03)/;

/** The way to the server is broken, or it goes, comes up, or became a standby. */
export function isAway(error: unknown): boolean {
	return error instanceof Away || AWAY.test(codeOf(error));
}

function codeOf(error: unknown): string {
	const { code } = (error ?? {}) as { code?: unknown };
	return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	// Several addresses were tried: Node says so in parts.
	return error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : error.message;
}
