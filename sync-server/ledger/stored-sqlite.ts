/**
 * What SQLite files hold, row by row, and past what is damaged in them.
 *
 * 1. Everything is read as of one moment, while a hub or a relay goes on writing.
 * 2. No more than a row is held.
 * 3. Where SQLite can read no further, that is a finding, and reading goes on at the next row of the tree that it can reach.
 */
import { DatabaseSync } from 'node:sqlite';
import type { Finding } from '#core/audit/finding.ts';
import { SCOPES } from '#schemas/ids.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Throws what SQLite says. Read-only; closed by its owner. */
export function openSnapshot(file: string): DatabaseSync {
	const database = new DatabaseSync(file, { readOnly: true });
	database.exec('BEGIN'); // The moment is that of the first question.
	return database;
}

/** What stands in the rows is whatever the disk says: a whole number past 2⁵³ must not end the reading. */
export function rowsOf(database: DatabaseSync, sql: string, ...values: readonly (string | number)[]): Iterable<Row> {
	const statement = database.prepare(sql);
	statement.setReadBigInts(true);
	return statement.iterate(...values);
}

export function bytesIn(value: unknown): Uint8Array {
	return value instanceof Uint8Array ? new Uint8Array(value) : new Uint8Array();
}

export function unreadable(at: string, error: unknown): Finding {
	return { kind: 'altered', why: { is: 'unreadable', at, damage: error instanceof Error ? error.message : String(error) } };
}

type Place = readonly [device: string, scope: string, seq: number];

const HEARD = 'SELECT * FROM heard WHERE (device, scope, seq, hash) > (?, ?, ?, ?) ORDER BY device, scope, seq, hash';
const FROM = 'SELECT * FROM heard WHERE (device, scope, seq) >= (?, ?, ?) ORDER BY device, scope, seq, hash';

/** More holes than these, and the rest is left: each costs a search for where it ends. */
const MOST_HOLES = 1_000;

/** `devices`: whose chains may lie behind a hole. */
export function* heardRows(
	database: DatabaseSync,
	devices: readonly string[],
	at: string,
): Generator<{ readonly row: Row } | { readonly hole: Finding }> {
	let after: Place = ['', '', 0];
	let rows = (): Iterable<Row> => rowsOf(database, HEARD, '', '', 0, '');
	for (let holes = 0; ; holes += 1) {
		try {
			for (const row of rows()) {
				after = [String(row['device']), String(row['scope']), Number(row['seq'])];
				yield { row };
			}
			return;
		} catch (error) {
			const next = holes < MOST_HOLES ? endOfHole(database, after, devices) : undefined;
			const from = after[0] === '' ? 'from the beginning' : `after ${placeWords(after)}`;
			yield { hole: unreadable(`${at}, ${from} ${next === undefined ? 'to the end' : `to before ${placeWords(next)}`}`, error) };
			if (next === undefined) return;
			rows = () => rowsOf(database, FROM, ...next);
		}
	}
}

function placeWords([device, scope, seq]: Place): string {
	return `${device.slice(0, 8)} ${scope} ${seq}`;
}

/** The first place from which SQLite can read again; undefined: it finds none. */
function endOfHole(database: DatabaseSync, after: Place, devices: readonly string[]): Place | undefined {
	let hidden = after;
	for (const place of placesBehind(after, devices)) {
		if (!isReadable(database, place)) {
			hidden = place;
			continue;
		}
		const [device, scope] = place;
		let [low, high] = [device === hidden[0] && scope === hidden[1] ? hidden[2] : 0, place[2]];
		while (high - low > 1) {
			const middle = Math.floor((low + high) / 2);
			if (isReadable(database, [device, scope, middle])) high = middle;
			else low = middle;
		}
		return [device, scope, high];
	}
	return undefined;
}

/** Each step is a sixteenth of the way so far: some 600 to the largest `seq` that there can be. */
function* placesBehind(after: Place, devices: readonly string[]): Generator<Place> {
	const chains = [...devices].sort().flatMap((device) => SCOPES.map((scope) => [device, scope] as const));
	const [device, scope, seq] = after;
	const later = chains.filter((chain) => chain[0] > device || (chain[0] === device && chain[1] > scope));
	for (const [chain, from] of [...(device === '' ? [] : [[[device, scope], seq] as const]), ...later.map((one) => [one, 0] as const)])
		for (let far = 1; from + far < Number.MAX_SAFE_INTEGER; far += Math.ceil(far / 16)) yield [chain[0], chain[1], from + far];
}

function isReadable(database: DatabaseSync, place: Place): boolean {
	try {
		return [...rowsOf(database, `${FROM} LIMIT 1`, ...place)].length > 0;
	} catch {
		return false;
	}
}
