/** The numbered invariants of `engine/tell-recorded.ts`. */
import { createTellRecorded } from '#engine/tell-recorded.ts';
import type { Entry } from '#schemas/entry.ts';
import { expect, test } from 'vitest';

const entry = (hash: string, ...types: readonly string[]): Entry => ({ hash, facts: types.map((type) => ({ type })) }) as unknown as Entry;
const sale = (hash: string): Entry => entry(hash, 'sale.completed');

function page() {
	const told: (readonly string[])[] = [];
	const errors: unknown[] = [];
	const drawings: PromiseWithResolvers<undefined>[] = [];
	const world = { isHidden: false, fails: false };
	const telling = createTellRecorded({
		async hear(entries) {
			told.push(entries.map(({ hash }) => hash));
			await settled();
			if (world.fails) throw new Error('the worker is not there');
		},
		drawn() {
			const drawing = Promise.withResolvers<undefined>();
			drawings.push(drawing);
			return drawing.promise;
		},
		isHidden: () => world.isHidden,
		onError: (error) => errors.push(error),
	});
	return {
		...{ ...telling, world, told, errors, drawings },
		async draw(): Promise<void> {
			for (const { resolve } of drawings.splice(0)) resolve(undefined);
			await settled();
		},
	};
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test.each(['sale.completed', 'exchange.completed'])('1: an entry with %s is told when it is drawn', async (type) => {
	const { recorded, told, draw } = page();
	recorded([entry('a', type, 'cash.moved')]);
	await settled();
	expect(told).toEqual([]);
	await draw();
	expect(told).toEqual([['a']]);
});

test.each(['shift.closed', 'device.revoked', 'person.changed', 'refund.completed'])('1: %s is told in the task that recorded it', (type) => {
	const { recorded, told, drawings } = page();
	recorded([entry('a', type)]);
	expect(told).toEqual([['a']]);
	expect(drawings).toEqual([]);
});

test('1: what waits goes along with what is told at once, before it, and not once more when it is drawn', async () => {
	const { recorded, told, draw } = page();
	recorded([sale('a')]);
	recorded([sale('b')]);
	recorded([entry('c', 'shift.closed')]);
	expect(told).toEqual([['a', 'b', 'c']]);
	await draw();
	expect(told).toEqual([['a', 'b', 'c']]);
});

test('1: two sales in a row are told in their order, each once', async () => {
	const { recorded, told, draw } = page();
	recorded([sale('a')]);
	await draw();
	recorded([sale('b')]);
	await draw();
	expect(told).toEqual([['a'], ['b']]);
});

test('1: a receipt that could not be drawn is said, and its sale told all the same', async () => {
	const { recorded, told, errors, drawings } = page();
	recorded([sale('a')]);
	drawings[0]?.reject(new Error('no frame'));
	await settled();
	expect(told).toEqual([['a']]);
	expect(errors).toHaveLength(1);
});

test('2: on a page that nobody sees a sale is told at once', () => {
	const { recorded, told, world, drawings } = page();
	world.isHidden = true;
	recorded([sale('a')]);
	expect(told).toEqual([['a']]);
	expect(drawings).toEqual([]);
});

test('3: whoever asks in between is answered by a ledger that has heard of everything', async () => {
	const { recorded, tell, told, draw } = page();
	tell();
	recorded([sale('a')]);
	tell();
	expect(told).toEqual([['a']]);
	tell();
	await draw();
	expect(told).toEqual([['a']]);
});

test('4: the same sale, told again by a try under its key while it waits or is on its way, is told once', async () => {
	const { recorded, tell, told, draw } = page();
	recorded([sale('a')]);
	recorded([sale('a')]);
	tell();
	recorded([sale('a')]);
	await draw();
	expect(told).toEqual([['a']]);
});

test('4: what the replica did not take is said, and goes first with what is told next', async () => {
	const { recorded, tell, told, errors, world } = page();
	world.fails = true;
	recorded([entry('a', 'shift.closed')]);
	recorded([entry('b', 'cash.moved')]);
	await settled();
	await settled();
	expect(errors).toHaveLength(2);
	world.fails = false;
	recorded([entry('c', 'shift.opened')]);
	await settled();
	await settled();
	tell();
	expect(told).toEqual([['a'], ['b'], ['a', 'b', 'c']]);
	expect(errors).toHaveLength(2);
});
