/** A shop that upgrades reads its past as it read it before: every golden ledger verifies and folds to what it folded to when it was written. */
import { createHash, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { bytesOfHex } from '#schemas/cbor.ts';
import type { Entry } from '#schemas/entry.ts';
import type { BranchId, EntryHash, StoreId } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { keyOfRaw } from '../support/ledger-builder.ts';
import { expectedOf, successionIn } from './expected.ts';

interface Golden {
	readonly store: StoreId;
	readonly branch: BranchId;
	readonly sealed: readonly string[];
	/** Of conflict, known when it was written. */
	readonly kinds: readonly string[];
	readonly expected: unknown;
}

const folder = new URL('ledgers/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('there are golden ledgers', () => {
	expect(names.length).toBeGreaterThanOrEqual(2);
});

/**
 * What counts now and did not when the file was written, on purpose: a revocation cuts nothing that its author had seen. It could not be left to a new version
 * of the fact, for whoever means to cut more would go on writing the old one.
 */
const SEEN_BY_WHOM_REMOVED: Readonly<Record<string, readonly string[]>> = {
	'an-unlucky-shop.json': ['e0afb0cd2c9523bdab367254a2ad505eb3336e3d711187527bf0715779223eb3'],
};

test.each(names)('%s reads as it was written', (name) => {
	const golden = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Golden;
	const ledger = createLedger({ store: golden.store, branch: golden.branch, successionIn });
	ledger.add(golden.sealed.map(entryOf).reverse());
	// What a difference means, and what to do about it: tests/golden/README.md.
	const expected = (SEEN_BY_WHOM_REMOVED[name] ?? []).reduce(withCounting, golden.expected);
	expect(asFarAs(expected, expectedOf(ledger, golden.kinds))).toEqual(expected);
});

/** The same, with an entry that is quarantined nowhere: neither in the list, nor as a member of a conflict. */
function withCounting(expected: unknown, hash: string): unknown {
	const isOfIt = (item: unknown): boolean => item === hash || (Array.isArray(item) && item[0] === hash);
	if (expected === `${hash.slice(0, 12)} quarantined`) return `${hash.slice(0, 12)} counts`;
	if (Array.isArray(expected)) return expected.filter((item) => !isOfIt(item)).map((item) => withCounting(item, hash));
	if (!isRecord(expected)) return expected;
	return Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, withCounting(value, hash)]));
}

/** What was known when the file was written: later versions say more of the same things, and that is no difference. */
function asFarAs(expected: unknown, now: unknown): unknown {
	if (Array.isArray(expected) && Array.isArray(now)) {
		const isSettings = Array.isArray(expected[0]) && expected[0][0] === 'storeName';
		return (isSettings ? now.slice(0, expected.length) : now).map((item, index) => (index < expected.length ? asFarAs(expected[index], item) : item) as unknown);
	}
	if (!isRecord(expected) || !isRecord(now)) return now;
	return Object.fromEntries(Object.entries(now).flatMap(([name, value]) => (name in expected ? [[name, asFarAs(expected[name], value)]] : [])));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entryOf(hex: string): Entry {
	const sealed = bytesOfHex(hex);
	const parts = splitSealed(sealed);
	if (parts === undefined) throw new Error('bytes that are no sealed entry');
	const decoded = decodeBody(parts.body);
	if ('damaged' in decoded) throw new Error(decoded.damaged);
	const { header, facts } = decoded;
	if (!verify(null, parts.body, keyOfRaw(header.device), parts.signature)) throw new Error(`a signature that does not verify: ${header.device} ${header.seq}`);
	return { hash: createHash('sha256').update(parts.body).digest('hex') as EntryHash, header, facts, sealed };
}
