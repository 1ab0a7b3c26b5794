/** Fixed seeds of the simulator; that one seed is one run; and that what is broken on purpose is found. */
import { expect, test } from 'vitest';
import type { RenewableLedger } from '#core/ledger/renewable.ts';
import type { Entry } from '#schemas/entry.ts';
import { commandOf, readFlags } from './flags.ts';
import { FAULT_NAMES } from './faults.ts';
import { diceOf } from './random.ts';
import { numbersOf, rangesOf, shrink } from './shrink.ts';
import { playWorld, type Mutation, type WorldOptions } from './world.ts';

const SMALL: WorldOptions = { seed: '1', tills: 3, days: 1, faults: FAULT_NAMES };
const PEACE: WorldOptions = { ...SMALL, tills: 2, faults: [] };

test.each([
	{ seed: '1', tills: 3, days: 1 },
	{ seed: '2', tills: 4, days: 1 },
	{ seed: '3', tills: 3, days: 1 },
	{ seed: '12', tills: 5, days: 1 },
	{ seed: '15', tills: 3, days: 1 },
	// With weeks of holiday: it goes on from checkpoints.
	{ seed: '54', tills: 3, days: 2 },
])('seed $seed with $tills tills for $days days: nothing is lost, and everybody believes the same', async (options) => {
	const world: WorldOptions = { ...options, faults: FAULT_NAMES };
	const { failure } = await playWorld(world);
	expect(failure, `${commandOf(world)}\n${failure?.words ?? ''}`).toBeUndefined();
});

test('a quiet day is quiet: no conflict but shortages, nothing quarantined', async () => {
	const { failure, conflicts } = await playWorld(PEACE);
	expect(failure).toBeUndefined();
	const HARMLESS = new Set([
		'oversold',
		'sold-below-zero',
		'product-edited',
		'refunded-twice',
		'count-overlap',
		'counts-disagree',
		'stale-price',
		'product-gone',
	]);
	expect(conflicts.filter((kind) => !HARMLESS.has(kind))).toEqual([]);
});

test('one seed is one run, to the byte; another seed is another', async () => {
	const [first, again, other] = [await playWorld(SMALL), await playWorld(SMALL), await playWorld({ ...SMALL, seed: '4' })];
	expect(again.hash).toBe(first.hash);
	expect(again.events).toBe(first.events);
	expect(other.hash).not.toBe(first.hash);
});

/** Each breaks one thing; the invariant that must say so. */
const BROKEN: readonly { readonly what: string; readonly finds: string; readonly mutation: Mutation }[] = [
	{
		what: 'a till that does not take in the first sales of another',
		finds: 'survival',
		mutation: {
			ledger: (real, machine) =>
				machine.name === 'till-1' ? lying(real, { add: (entries) => real.add(entries.filter(isNotOfTheFirstSales)) }) : real,
		},
	},
	{
		what: 'a fold that takes one unit too many, on one hub',
		finds: 'on hand',
		mutation: { ledger: (real, machine) => (machine.name === 'hub-2' ? withStock(real, (milli) => milli - 1000) : real) },
	},
	{
		what: 'a fold that forgets names, on every peer alike',
		finds: 'the model',
		mutation: {
			ledger: (real) =>
				lying(real, {
					get state() {
						const { state } = real;
						return {
							...state,
							products: new Map([...state.products].map(([sku, product]) => [sku, { ...product, name: { ...product.name, value: 'Forgotten' } }])),
						};
					},
				}),
		},
	},
	{
		what: 'a list of conflicts that leaves the most pressing one out',
		finds: 'equal entries, equal state',
		mutation: { ledger: (real, machine) => (machine.name === 'relay' ? lying(real, { conflicts: () => real.conflicts().slice(1) }) : real) },
	},
	{
		what: 'a till whose vault answers before it has written',
		finds: 'acknowledged',
		mutation: {
			vault: (real, machine) =>
				machine.name !== 'till-1'
					? real
					: {
							...real,
							async record(change) {
								const state = await real.read();
								return change.sale?.receipt.number === 3 ? { recorded: { ...state, version: state.version + 1 } } : real.record(change);
							},
						},
		},
	},
];

test.each(BROKEN)('$what is found', async ({ finds, mutation }) => {
	const { failure } = await playWorld({ ...PEACE, mutation });
	expect(failure?.invariant, failure?.words).toBe(finds);
});

test('a failing run is made small, and its line plays it again', async () => {
	const failing: WorldOptions = {
		...PEACE,
		mutation: { ledger: (real, machine) => (machine.name === 'till-1' ? withStock(real, (milli) => milli + 1) : real) },
	};
	const { failure, steps } = await playWorld(failing);
	if (failure === undefined) throw new Error('it did not fail');
	const small = await shrink(failing, failure, { mostRuns: 12 });
	expect(small.failure.invariant).toBe('on hand');
	expect(small.steps).toBeLessThan(steps.length / 4);
	const read = readFlags(commandOf(small.options).replaceAll('"', '').split(' ').slice(4));
	if (!('world' in read)) throw new Error(JSON.stringify(read));
	const again = await playWorld({ ...read.world, ...(failing.mutation === undefined ? {} : { mutation: failing.mutation }) });
	expect(again.failure).toEqual(small.failure);
});

test('ranges are read as they are written', () => {
	expect(rangesOf(new Set([9, 1, 2, 3, 7]))).toBe('1-3,7,9');
	expect([...(numbersOf('1-3,7,9') ?? [])]).toEqual([1, 2, 3, 7, 9]);
	expect(numbersOf('1-x')).toBeUndefined();
	expect(readFlags(['--tills', '99'])).toEqual({ problem: '--tills takes a number from 2 to 8.' });
	expect(readFlags(['--faults', 'rain'])).toMatchObject({ problem: expect.stringContaining('There is no fault "rain".') as string });
});

test('streams of chance do not touch', () => {
	const alone = Array.from({ length: 5 }, (() => diceOf('a').next).call(undefined));
	const one = diceOf('a');
	const other = diceOf('b');
	expect(
		Array.from({ length: 5 }, () => {
			other.next();
			return one.next();
		}),
	).toEqual(alone);
});

/** The ledger as it is when it is asked, but for the lies. */
function lying(real: RenewableLedger, lies: Partial<RenewableLedger>): RenewableLedger {
	return Object.create(real, Object.getOwnPropertyDescriptors(lies)) as RenewableLedger;
}

function isNotOfTheFirstSales({ header, facts }: Entry): boolean {
	return header.seq > 5 || header.scope !== 'branch' || facts[0]?.type !== 'sale.completed';
}

function withStock(real: RenewableLedger, change: (milli: number) => number): RenewableLedger {
	return lying(real, {
		get state() {
			const { state } = real;
			const stock = new Map([...state.stock].map(([sku, one]) => [sku, { ...one, movements: one.movements, onHandMilli: change(one.onHandMilli) }]));
			return { ...state, stock };
		},
	});
}
