/** The numbered invariants of `app/routes/sell/drawn-ahead.ts`. */
import type { SaleDone } from '#engine/commands.ts';
import type { ShopRow } from '#projections/rows.ts';
import type { EntryHash } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { DrawnAhead } from '../../app/routes/sell/drawn-ahead.ts';

const hash = (text: string): EntryHash => text as EntryHash;
const done = (entry: string): SaleDone => ({ entry: hash(entry), number: `1-${entry}` }) as SaleDone;
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function screen() {
	const world = { shop: { storeName: 'Corner' } as ShopRow };
	const [made, removed]: [string[], string[]] = [[], []];
	const ahead = new DrawnAhead(
		() => world.shop,
		({ number }, shop) => {
			const name = `${number} of ${shop.storeName}`;
			made.push(name);
			return { name, remove: () => void removed.push(name) };
		},
	);
	return { world, made, removed, ahead };
}

test('1: the sheet of the very sale is given once, and is its taker’s to remove', async () => {
	const { world, removed, ahead } = screen();
	ahead.draw(done('a'));
	await later();
	expect(ahead.take(hash('a'), world.shop)?.name).toBe('1-a of Corner');
	expect(ahead.take(hash('a'), world.shop)).toBeUndefined();
	ahead.drop();
	expect(removed).toEqual([]);
});

test('1: for another entry there is none, and what was drawn is gone', async () => {
	const { world, removed, ahead } = screen();
	ahead.draw(done('a'));
	await later();
	expect(ahead.take(hash('b'), world.shop)).toBeUndefined();
	expect(removed).toEqual(['1-a of Corner']);
	expect(ahead.take(hash('a'), world.shop)).toBeUndefined();
});

test('1: when the shop has changed since there is none, and what was drawn is gone', async () => {
	const { world, removed, ahead } = screen();
	ahead.draw(done('a'));
	await later();
	world.shop = { ...world.shop };
	expect(ahead.take(hash('a'), world.shop)).toBeUndefined();
	expect(removed).toEqual(['1-a of Corner']);
});

test('1: it is drawn for the shop as it is when it is drawn', async () => {
	const { world, ahead } = screen();
	ahead.draw(done('a'));
	world.shop = { ...world.shop, storeName: 'Harbour' };
	await later();
	expect(ahead.take(hash('a'), world.shop)?.name).toBe('1-a of Harbour');
});

test('2: nothing is made in the task that asked, nor at all if the sale is on the screen by then', async () => {
	const { world, made, ahead } = screen();
	ahead.draw(done('a'));
	await Promise.resolve();
	expect(made).toEqual([]);
	expect(ahead.take(hash('a'), world.shop)).toBeUndefined();
	await later();
	expect(made).toEqual([]);
});

test('3: sealed twice, it is the newer one, whether the older was made already or not', async () => {
	const { world, made, removed, ahead } = screen();
	ahead.draw(done('a'));
	ahead.draw(done('b'));
	await later();
	expect(made).toEqual(['1-b of Corner']);
	ahead.draw(done('c'));
	expect(removed).toEqual(['1-b of Corner']);
	await later();
	expect(ahead.take(hash('c'), world.shop)?.name).toBe('1-c of Corner');
	expect(removed).toEqual(['1-b of Corner']);
});

test('a sale that did not become true leaves nothing, made or not', async () => {
	const { made, removed, ahead } = screen();
	ahead.draw(done('a'));
	ahead.drop();
	await later();
	expect(made).toEqual([]);
	ahead.draw(done('b'));
	await later();
	ahead.drop();
	ahead.drop();
	expect(removed).toEqual(['1-b of Corner']);
});
