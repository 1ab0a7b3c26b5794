import { createSystemTimers, systemClock } from '#adapters/clock-system/clock-system.ts';
import { createTurns } from '#adapters/clock-system/turns-node.ts';
import { createMemoryEntryStore } from '#adapters/entries-memory/entries-memory.ts';
import { createDigest } from '#adapters/keys-webcrypto/digest-webcrypto.ts';
import { createRenewableLedger } from '#core/ledger/renewable.ts';
import { createVerifier } from '#engine/verify.ts';
import type { BranchReports } from '#ports';
import type { Entry } from '#schemas/entry.ts';
import { createReporter } from '#server/reports/reporter.ts';
import { expect, test } from 'vitest';
import { received, sold } from '../../support/facts.ts';
import { createTestShop } from '../../support/ledger-builder.ts';

type Write = Parameters<BranchReports['write']>[0];

/** A shop that has sold so often, as its branch comes to a relay. */
function shopWith(sales: number) {
	const shop = createTestShop();
	const till = shop.device('till');
	till.does([till.enrolment()], { scope: 'store' });
	till.does([received('A', sales)]);
	for (let n = 1; n <= sales; n += 1) till.does([sold([['A', 1, 120]], till.receipt())]);
	return shop;
}

function reporterOf(shop: ReturnType<typeof shopWith>, turns: ReturnType<typeof createTurns>, write: (what: Write) => void) {
	const ledger = createRenewableLedger({ store: shop.store, branch: shop.branch });
	ledger.add(shop.entries as readonly Entry[]);
	const timers = createSystemTimers((error) => {
		throw error as Error;
	});
	return createReporter({
		branch: {
			...{ ledger, entryStore: createMemoryEntryStore(), verifier: createVerifier({ digest: createDigest(), store: shop.store }) },
			replica: { onFolded: () => undefined },
		},
		reports: { marks: async () => undefined, write: async (what) => write(what) },
		...{ rebuild: false, clock: systemClock, timers, turns },
		onFailed(error) {
			throw error as Error;
		},
	});
}

const rowsIn = ({ rows }: Write): number => [...rows.values()].reduce((sum, list) => sum + list.length, 0);

test('4: a branch with a month of sales writes some hundred rows at a time, and another’s first sale is in the tables after its first few', async () => {
	const turns = createTurns();
	const order: string[] = [];
	const largest: number[] = [];
	const long = reporterOf(shopWith(1_500), turns, (what) => {
		order.push('month');
		largest.push(rowsIn(what));
	});
	const short = reporterOf(shopWith(1), turns, (what) => {
		if (what.marks !== undefined) order.push('one sale');
	});
	await Promise.all([long.settled(), short.settled()]);
	expect(largest.reduce((sum, rows) => sum + rows, 0)).toBeGreaterThan(5_000);
	expect(Math.max(...largest)).toBeLessThan(600);
	expect(order.indexOf('one sale')).toBeLessThan(6);
	expect(order.lastIndexOf('month')).toBeGreaterThan(10);
	await long.close();
	await short.close();
});

test('1: what the rows are current with is written with the last of them alone', async () => {
	const writes: Write[] = [];
	const reporter = reporterOf(shopWith(300), createTurns(), (what) => writes.push(what));
	await reporter.settled();
	const marked = writes.flatMap(({ marks }, place) => (marks === undefined ? [] : [place]));
	const itself = writes.flatMap(({ rows, marks }) => (rows.has('branches') ? [marks] : []));
	expect(writes.length).toBeGreaterThan(3);
	expect(marked.at(-1)).toBe(writes.length - 1);
	expect(itself.at(-1)).toEqual(writes.at(-1)?.marks);
	await reporter.close();
});
