/** One relay of several processes on one PostgreSQL, with a shop that sells: on loopback. */
import { mkdtempSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataFolder } from '#server/data-folder.ts';
import { startHeadlessTill, type HeadlessTill } from '#server/headless-till.ts';
import { startHub } from '#server/hub-process.ts';
import postgres from 'postgres';
import { eventually } from './eventually.ts';
import { sellBread } from './live-shop.ts';
import { freePort } from './free-port.ts';
import { serve, type Served } from './shop-processes.ts';

export const LOOPBACK = '127.0.0.1';

export interface RelayProcess extends Served {
	readonly port: number;
	readonly address: string;
}

/** What was opened is closed by whoever opened it, the last first. */
export type Closing = (() => Promise<unknown>)[];
type Sql = postgres.Sql<{ bigint: number }>;

export function temporary(): string {
	return mkdtempSync(join(tmpdir(), 'holdfast-several-'));
}

export async function relayProcess(
	closing: Closing,
	database: string,
	keys: string,
	publicUrl?: (port: number) => string,
	more: Readonly<Record<string, string>> = {},
): Promise<RelayProcess> {
	const port = await freePort();
	const named = publicUrl === undefined ? {} : { 'public-url': publicUrl(port) };
	const served = await serve('relay', { data: temporary(), database, keys, port: String(port), ...named, ...more });
	closing.push(() => served.kill());
	return { ...served, port, address: `http://${LOOPBACK}:${port}` };
}

/** What stands before several processes: any that takes the connection gets it. One that does not answer is taken out, as by a check of its health. */
export async function oneAddressFor(closing: Closing, ports: () => readonly number[]): Promise<number> {
	const server = createServer((socket) => {
		const tryNext = ([port, ...others]: readonly number[]): void => {
			if (port === undefined) return void socket.destroy();
			const onward = createConnection(port, LOOPBACK);
			onward.once('connect', () => {
				socket.pipe(onward).pipe(socket);
			});
			onward.on('error', () => {
				if (onward.connecting || onward.bytesRead === 0) tryNext(others);
				else socket.destroy();
			});
			onward.on('close', () => {
				if (onward.bytesRead > 0) socket.destroy();
			});
			socket.on('error', () => onward.destroy());
			socket.on('close', () => onward.destroy());
		};
		tryNext(ports());
	});
	await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
	closing.push(async () => server.close());
	return (server.address() as AddressInfo).port;
}

export async function shopAt(closing: Closing, relay: string): Promise<HeadlessTill> {
	const hub = await startHub({
		...{ folder: openDataFolder(temporary(), 'hub'), port: 0, host: LOOPBACK, app: undefined, relay, log: () => undefined },
	});
	closing.push(() => hub.close());
	const till = await startHeadlessTill({
		...{ hub: `http://${LOOPBACK}:${hub.port}`, folder: temporary(), claim: { kind: 'demo' } },
		onProblem: (error) => {
			throw error as Error;
		},
	});
	closing.push(() => till.close());
	return till;
}

/** A sale every few hundredths of a second. */
export function sellOn(closing: Closing, till: HeadlessTill): { stop(): Promise<void> } {
	let isOver = false;
	const selling = (async () => {
		while (!isOver) {
			await sellBread(till);
			await new Promise((resolve) => setTimeout(resolve, 40));
		}
	})();
	const stop = async (): Promise<void> => {
		isOver = true;
		await selling;
	};
	closing.push(stop);
	return { stop };
}

export function sqlAt(closing: Closing, database: string): Sql {
	const sql = postgres(database, { max: 2, onnotice: () => undefined, types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } } });
	closing.push(() => sql.end({ timeout: 1 }));
	return sql;
}

/** The address of the process that keeps the only branch. */
export async function ownerOf(sql: Sql): Promise<string | undefined> {
	const [row] = await sql<{ address: string }[]>`SELECT p.address FROM holdfast.branches b JOIN holdfast.processes p ON p.id = b.owner`;
	return row?.address;
}

export const cloudMarks = ({ branch }: Pick<HeadlessTill, 'branch'>) =>
	branch.replica.findings().watermarks.find(({ tier }) => tier === 'cloud')?.marks ?? [];
const sum = (marks: readonly { readonly seq: number }[]): number => marks.reduce((total, { seq }) => total + seq, 0);
export const isAllInCloud = (till: HeadlessTill): boolean => cloudMarks(till).length > 0 && sum(cloudMarks(till)) === sum(till.branch.ledger.marks());
/** Its ledger as of now is covered, whatever is sold meanwhile. */
export async function comesIntoCloud(till: Pick<HeadlessTill, 'branch'>, what: string): Promise<void> {
	const now = sum(till.branch.ledger.marks());
	await eventually(() => sum(cloudMarks(till)) >= now, what);
}

/** Of a till that sells on: what it sells from now on. All until now may have been signed for by whoever is gone. */
export async function nextComesIntoCloud(till: Pick<HeadlessTill, 'branch'>, what: string): Promise<void> {
	const now = sum(till.branch.ledger.marks());
	await eventually(() => sum(cloudMarks(till)) > now, what);
}
