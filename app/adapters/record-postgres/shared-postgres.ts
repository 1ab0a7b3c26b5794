/**
 * Several processes on one database: who is there, and who keeps which branch. The epoch alone decides who may write (`writer.ts`); this decides who tries to.
 *
 * Invariants:
 * 1. Who is silent is judged by the database's clock alone, and only by a process that was heard of itself all that time: after the database was away
 *    everybody is silent for a moment, and nobody takes from anybody.
 * 2. A branch of a process that is not silent is never taken from it; it hands branches over by itself.
 * 3. `isSure` ends before another process may call this one silent: `SURE_MS` from before a beat was sent is less than `SILENT_MS` from when it was written.
 * 4. Whoever lost a branch without having written since hears of it with the next beat.
 */
import type { BranchName, Clock, Keeper, RelayProcess, SharedRecord, SharedTurn, Timers } from '#ports';
import type { BranchId, DeviceId, StoreId } from '#schemas/ids.ts';
import type { Connection, Sql } from './connection.ts';
import { createPostgresEntryStore } from './entry-store-postgres.ts';
import { arrayOf, type OpenedBranch, type Writer } from './writer.ts';

export interface SharedDeps {
	readonly connection: Connection;
	readonly writer: Writer;
	readonly opened: ReadonlyMap<OpenedBranch, BranchName>;
	readonly onTaken: (branch: OpenedBranch) => void;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly silentMs?: number;
}

/** Four beats in a row may be late: a machine that swaps, a pause for garbage. Taking over comes a beat later, folding and coming back after it: all within 10 s. */
const SILENT_MS = 5_000;
const BEAT_MS = 1_000;
/** Of `SILENT_MS`: a third is left for clocks that do not run alike. */
const SURE_PART = 2 / 3;
const FORGET_AFTER = '1 day';
const NONCES_LIVE = '5 minutes';

export interface Shared extends SharedRecord {
	/** This process among the others; undefined before it joined. */
	id(): string | undefined;
	/** How a branch may be opened here. */
	mayTake(sql: Sql): ReturnType<Sql>;
	close(): Promise<void>;
}

export function createShared({ connection, writer, opened, onTaken, clock, timers, silentMs = SILENT_MS }: SharedDeps): Shared {
	let self: RelayProcess | undefined;
	let isLeaving = false;
	/** Of the last beat that was answered, taken before it was sent: by the wall and by what no setting of a clock moves. */
	let beaten: { readonly wallMs: number; readonly runMs: number } | undefined;
	let steadySinceMs: number | undefined;
	let stopBeating: (() => void) | undefined;
	let beating: Promise<void> = Promise.resolve();
	const listeners: ((turn: SharedTurn) => void)[] = [];
	const isLive = (sql: Sql): ReturnType<Sql> => sql`p.heard_at > statement_timestamp() - ${silentMs} * interval '1 millisecond'`;

	function moment(): { readonly wallMs: number; readonly runMs: number } {
		return { wallMs: clock.nowMs(), runMs: performance.now() };
	}

	function isSure(): boolean {
		if (beaten === undefined) return false;
		const now = moment();
		const sureMs = silentMs * SURE_PART;
		const sinceMs = now.wallMs - beaten.wallMs;
		return sinceMs >= 0 && sinceMs < sureMs && now.runMs - beaten.runMs < sureMs;
	}

	const isSteady = (): boolean => isSure() && steadySinceMs !== undefined && performance.now() - steadySinceMs > silentMs;

	function joined(): RelayProcess {
		if (self === undefined) throw new Error('this process has not joined the others');
		return self;
	}

	async function beat(): Promise<void> {
		const { id, address, publicUrl } = joined();
		const wasSure = isSure();
		const sent = moment();
		await connection.read(
			(sql) => sql`
				INSERT INTO holdfast.processes (id, address, public_url, is_leaving) VALUES (${id}, ${address}, ${publicUrl ?? null}, ${isLeaving})
				ON CONFLICT (id) DO UPDATE SET heard_at = clock_timestamp(), is_leaving = excluded.is_leaving`,
		);
		beaten = sent;
		if (!wasSure) steadySinceMs = sent.runMs;
	}

	async function turn(): Promise<void> {
		await beat();
		const { id } = joined();
		const live = await connection.read(
			(sql) => sql<{ id: string; leaving: boolean; kept: number }[]>`
				SELECT p.id, p.is_leaving AS leaving, (SELECT count(*) FROM holdfast.branches b WHERE b.owner = p.id) AS kept
				FROM holdfast.processes p WHERE ${isLive(sql)}`,
		);
		const given = await ownChanges(id);
		const [all] = await connection.read((sql) => sql<{ count: number }[]>`SELECT count(*) AS count FROM holdfast.branches`);
		const staying = live.filter(({ leaving }) => !leaving);
		const kept = live.find((one) => one.id === id)?.kept ?? 0;
		const share = Math.ceil((all?.count ?? 0) / Math.max(1, staying.length));
		const free = isLeaving || kept >= share ? [] : await nobodys(share - kept);
		// One or two more than its share are no reason to move anybody.
		const surplus = staying.length < 2 || isLeaving ? 0 : Math.max(0, kept - share - Math.floor(share / 10));
		await connection.read((sql) => sql`DELETE FROM holdfast.nonces WHERE spent_at < now() - ${NONCES_LIVE}::text::interval`);
		for (const listener of listeners) listener({ alive: new Set(live.map((one) => one.id)), open: [...given, ...free], surplus });
	}

	/** What was given to this process and is not open here. What is open and another's by now is lost. */
	async function ownChanges(id: string): Promise<readonly BranchName[]> {
		const before = [...opened].filter(([{ lost }]) => lost === undefined);
		const [sums] = await connection.read(
			(sql) => sql<{ count: number; epochs: number }[]>`
				SELECT count(*) AS count, coalesce(sum(epoch), 0) AS epochs FROM holdfast.branches WHERE owner = ${id}`,
		);
		if (sums?.count === before.length && sums.epochs === before.reduce((sum, [{ epoch }]) => sum + epoch, 0)) return [];
		const rows = await connection.read(
			(sql) => sql<(NameRow & { epoch: number })[]>`
				SELECT encode(store, 'hex') AS store, encode(branch, 'hex') AS branch, encode(root, 'hex') AS root, epoch
				FROM holdfast.branches WHERE owner = ${id}`,
		);
		const epochs = new Map(rows.map(({ store, branch, epoch }) => [`${store}-${branch}`, epoch]));
		for (const [one] of before) {
			const now = epochs.get(`${one.store}-${one.branch}`);
			// Opened again here meanwhile, or closed: no longer what this is about.
			if (opened.has(one) && (now === undefined || now > one.epoch)) onTaken(one);
		}
		const open = new Set([...opened.keys()].map(({ store, branch }) => `${store}-${branch}`));
		return rows.filter(({ store, branch }) => !open.has(`${store}-${branch}`)).map(nameOf);
	}

	async function nobodys(most: number): Promise<readonly BranchName[]> {
		const rows = await connection.read(
			(sql) => sql<NameRow[]>`
				SELECT encode(store, 'hex') AS store, encode(branch, 'hex') AS branch, encode(root, 'hex') AS root FROM holdfast.branches b
				WHERE owner IS NULL OR ${isSteady()} AND NOT EXISTS (SELECT FROM holdfast.processes p WHERE p.id = b.owner AND ${isLive(sql)})
				ORDER BY random() LIMIT ${most}`,
		);
		return rows.map(nameOf);
	}

	async function look({ store, branch }: Pick<BranchName, 'store' | 'branch'>): Promise<Found | undefined> {
		const [row] = await connection.read(
			(sql) => sql<Found[]>`
				SELECT b.owner, p.id, p.address, p.public_url AS "publicUrl", coalesce(${isLive(sql)}, false) AS live
				FROM holdfast.branches b LEFT JOIN holdfast.processes p ON p.id = b.owner
				WHERE b.store = decode(${store}, 'hex') AND b.branch = decode(${branch}, 'hex')`,
		);
		return row;
	}

	/** Among those that are there and stay; undefined: nobody. */
	async function fewest(except?: string): Promise<{ readonly id: string; readonly kept: number } | undefined> {
		const [row] = await connection.read(
			(sql) => sql<{ id: string; kept: number }[]>`
				SELECT p.id, (SELECT count(*) FROM holdfast.branches b WHERE b.owner = p.id) AS kept FROM holdfast.processes p
				WHERE NOT p.is_leaving AND p.id IS DISTINCT FROM ${except ?? null}::text::uuid AND ${isLive(sql)}
				ORDER BY kept, p.id LIMIT 1`,
		);
		return row;
	}

	return {
		id: () => self?.id,
		isSure,
		mayTake: (sql) => sql`
			branches.owner IS NULL OR branches.owner = ${joined().id}
			OR ${isSteady()} AND NOT EXISTS (SELECT FROM holdfast.processes p WHERE p.id = branches.owner AND ${isLive(sql)})`,
		async join(process) {
			const [row] = await connection.read((sql) => sql<{ id: string }[]>`SELECT gen_random_uuid()::text AS id`);
			if (row === undefined) throw new Error('the database draws no id');
			self = { ...process, id: row.id };
			await connection.read((sql) => sql`DELETE FROM holdfast.processes WHERE heard_at < now() - ${FORGET_AFTER}::text::interval`);
			await turn();
			stopBeating = timers.every(BEAT_MS, () => {
				// A database that is away is looked for by the connection; until it is back nobody is sure of anything.
				beating = turn().catch(() => undefined);
				return beating;
			});
			return self;
		},
		onTurn: (listener) => {
			listeners.push(listener);
		},
		async keeperNow(name): Promise<RelayProcess | undefined> {
			const found = await look(name);
			return found?.live === true ? processOf(found) : undefined;
		},
		async keeper(name, most): Promise<Keeper> {
			const found = await look(name);
			if (found?.live === true) return processOf(found);
			if (found !== undefined && found.owner !== null && !isSteady()) return 'unknown';
			const to = await fewest();
			if (to === undefined) return 'unknown';
			if (found === undefined) {
				if (to.kept >= most) return 'full';
				await connection.read(
					(sql) => sql`
						INSERT INTO holdfast.branches (store, branch, root, owner)
						VALUES (decode(${name.store}, 'hex'), decode(${name.branch}, 'hex'), decode(${name.root}, 'hex'), ${to.id})
						ON CONFLICT (store, branch) DO NOTHING`,
				);
			} else
				await connection.read(
					(sql) => sql`
						UPDATE holdfast.branches SET owner = ${to.id}, epoch = epoch + 1
						WHERE store = decode(${name.store}, 'hex') AND branch = decode(${name.branch}, 'hex')
							AND owner IS NOT DISTINCT FROM ${found.owner}::text::uuid`,
				);
			const now = await look(name);
			return now?.live === true ? processOf(now) : 'unknown';
		},
		async hand({ store, branch }) {
			const { id } = joined();
			const to = await fewest(id);
			await connection.read(
				(sql) => sql`
					UPDATE holdfast.branches SET owner = ${to?.id ?? null}::text::uuid, epoch = epoch + 1
					WHERE store = decode(${store}, 'hex') AND branch = decode(${branch}, 'hex') AND owner = ${id}`,
			);
		},
		async stay(stays) {
			isLeaving = !stays;
			if (self !== undefined) await beat();
		},
		async spend(nonce) {
			const rows = await connection.read(
				(sql) => sql`INSERT INTO holdfast.nonces (nonce) VALUES (decode(${nonce}, 'hex')) ON CONFLICT DO NOTHING RETURNING nonce`,
			);
			return rows.length === 1;
		},
		async branchesOf(store) {
			const rows = await connection.read(
				(sql) => sql<{ branch: BranchId; writes: number }[]>`
					SELECT encode(branch, 'hex') AS branch, writes FROM holdfast.branches WHERE store = decode(${store}, 'hex')`,
			);
			return rows;
		},
		async storeChains({ store, branch }, without) {
			// Only the ends are looked up, each in the index: a branch's own sales are not read.
			const rows = await connection.read(
				(sql) => sql<{ device: DeviceId; chain: Uint8Array; seq: number | null }[]>`
					SELECT encode(c.device, 'hex') AS device, c.chain,
						(SELECT max(e.seq) FROM holdfast.entries e WHERE e.store = c.store AND e.branch = c.branch AND e.device = c.device AND e.scope = 1) AS seq
					FROM holdfast.certificates c
					WHERE c.store = decode(${store}, 'hex') AND c.branch = decode(${branch}, 'hex')
						AND c.device <> ALL (SELECT decode(hex, 'hex') FROM unnest(${arrayOf(without)}::text[]) AS given (hex))`,
			);
			return rows.map(({ device, chain, seq }) => ({ device, chain: new Uint8Array(chain), seq: seq ?? 0 }));
		},
		read: ({ store, branch }) => createPostgresEntryStore({ connection, writer, branch: { store, branch, epoch: 0, writes: 0, lost: 'taken' } }),
		async close() {
			stopBeating?.();
			await beating;
			const id = self?.id;
			if (id !== undefined) await connection.read((sql) => sql`DELETE FROM holdfast.processes WHERE id = ${id}`).catch(() => undefined);
		},
	};
}

interface NameRow {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly root: DeviceId;
}

interface Found {
	readonly owner: string | null;
	readonly id: string;
	readonly address: string;
	readonly publicUrl: string | null;
	readonly live: boolean;
}

function nameOf({ store, branch, root }: NameRow): BranchName {
	return { store, branch, root };
}

function processOf({ id, address, publicUrl }: Found): RelayProcess {
	return { id, address, ...(publicUrl === null ? {} : { publicUrl }) };
}
