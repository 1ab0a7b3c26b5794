/** What a till puts on a sale besides the cart: its number with its letter, and the shift that is open; and what it records while it is locked. */
import { createMemoryVault } from '#adapters/entries-memory/entries-memory.ts';
import { decodeBody, splitSealed } from '#core/entry/codec.ts';
import { createTill, type Terms, type TillDeps } from '#engine/till.ts';
import type { SaleDone } from '#engine/commands.ts';
import { lastPaid } from '#engine/last-paid.ts';
import { isRefusal, type AskContext, type Decision, type Intent } from '#core/intent.ts';
import type { Fact } from '#schemas/facts/registry.ts';
import type { Cart } from '#schemas/cart.ts';
import { OWNER, type IntentKey, type PersonId, type Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { openSealingShop } from '../support/sealing-till.ts';
import { shiftClosed, shiftOpened } from '../support/till-day.ts';

const shop = await openSealingShop();
const GBP = { currency: { code: 'GBP', digits: 2 }, cashRoundingMinor: 1 } as const;
const line = { id: 'a', name: 'Tea', quantityMilli: 1000, unit: 'each', unitPriceE4: 25_000, taxRate: 'standard', taxPercentMilli: 0 } as const;

type DecideBy = (intent: Intent, context: AskContext) => Decision;
const EXCHANGED: Omit<Extract<Fact, { type: 'exchange.completed' }>, 'receipt' | 'tenders'> = {
	type: 'exchange.completed',
	v: 1,
	currency: GBP.currency,
	roundingMinor: 0,
	totalMinor: 150,
	returned: [
		{
			...{ sku: 'A' as Sku, name: 'A', quantityMilli: 1000, totalMinor: 100, taxRate: 'standard', taxPercentMilli: 0, taxMinor: 0 },
			restock: true,
		},
	],
	lines: [{ name: 'Tea', quantityMilli: 1000, unitPriceE4: 25_000, totalMinor: 250, taxRate: 'standard', taxPercentMilli: 0, taxMinor: 0 }],
};

async function openTill(money: () => Terms, numbering?: TillDeps['numbering'], atDevice?: TillDeps['atDevice']) {
	const vault = createMemoryVault();
	const { commit, signer, ownership } = await shop.till({ vault });
	let next: readonly Fact[] = [];
	let decideBy: DecideBy | undefined;
	let count = 0;
	const key = (): IntentKey => `intent-${(count += 1)}` as IntentKey;
	const till = createTill({
		...{ commit, device: signer.device, tillNumber: 3, money },
		...(numbering === undefined ? {} : { numbering }),
		...(atDevice === undefined ? {} : { atDevice }),
		decide: (intent, context) => Promise.resolve(decideBy?.(intent, context) ?? { branch: next, store: [], takesReceipt: false }),
	});
	return {
		...{ till, key, vault, ownership },
		decidesBy: (by: DecideBy) => (decideBy = by),
		decides: (facts: readonly Fact[]) => (next = facts),
		async sells() {
			const cart: Cart = { key: key(), lines: [line], changedAtMs: 0 };
			const done = await till.sell(cart, [{ type: 'card', amountMinor: 250 }]);
			if (isRefusal(done)) return done;
			if ('trouble' in done) throw new Error(done.detail);
			return { number: done.number, shift: done.fact.shift };
		},
		async records(fact: Fact) {
			next = [fact];
			const done = await till.perform({ intent: 'open-drawer' }, key());
			if (!('entry' in done)) throw new Error(JSON.stringify(done));
		},
	};
}

test('receipts bear the number of the certificate until the ledger says another, with its letter', async () => {
	let now: ReturnType<NonNullable<TillDeps['numbering']>> = undefined;
	const till = await openTill(
		() => GBP,
		() => now,
	);
	expect(await till.sells()).toMatchObject({ number: 'T3-000001' });
	now = { till: 3, suffix: 'B' };
	expect(await till.sells()).toMatchObject({ number: 'T3-000002B' });
	now = { till: 7 };
	expect(await till.sells()).toMatchObject({ number: 'T7-000003' });
});

test('a sale is of the shift that is open, even if the fold on the screen has not caught up', async () => {
	let shift: number | undefined = undefined;
	const till = await openTill(() => ({ ...GBP, shift }));
	expect(await till.sells()).toMatchObject({ shift: undefined });
	await till.records(shiftOpened(1, 0));
	expect(await till.sells()).toMatchObject({ shift: 1 });
	shift = 1;
	await till.records({ ...shiftClosed(1, 0), device: 'ab'.repeat(32) as never });
	expect(await till.sells()).toMatchObject({ shift: 1 });
	await till.records(shiftClosed(1, 0));
	expect(await till.sells()).toMatchObject({ shift: undefined });
});

test('an exchange is one entry under the key of its cart, which leaves the vault with it; asked for again it is the same', async () => {
	const { till, key, vault, ownership, decidesBy } = await openTill(() => GBP);
	const cart: Cart = {
		...{ key: key(), lines: [line], changedAtMs: 0 },
		exchange: { returned: { lines: [{ sku: 'A' as Sku, quantityMilli: 1000, totalMinor: 100, restock: true }] }, names: [], backMinor: 100 },
	};
	await vault.saveCart(cart, ownership);
	decidesBy((intent, { nextReceipt }) => {
		if (intent.intent !== 'exchange') throw new Error(intent.intent);
		const { exchange: _exchange, ...goods } = cart;
		expect(intent).toMatchObject({ cart: goods, back: 'cash', returned: cart.exchange?.returned });
		const fact = { ...EXCHANGED, receipt: nextReceipt, tenders: [...intent.tenders] } satisfies Fact;
		return { branch: [fact], store: [], takesReceipt: true };
	});
	const done = await till.sell(cart, [{ type: 'card', amountMinor: 150 }]);
	expect(done).toMatchObject({ number: 'T3-000001', fact: { type: 'exchange.completed', totalMinor: 150 } });
	expect(await till.sell(cart, [{ type: 'card', amountMinor: 150 }])).toEqual(done);
	expect([await vault.carts(), (await vault.ownEntries('branch', 1, 10)).length]).toEqual([[], 1]);
	expect(await lastPaid(vault)).toEqual(done);
});

test('a sale that is rung up while the count of its shift is being written is of no shift: the count had no place for it', async () => {
	const till = await openTill(() => ({ ...GBP, shift: 1 }));
	const record = till.vault.record.bind(till.vault);
	let sale: ReturnType<typeof till.sells> | undefined;
	till.vault.record = (...args) => {
		sale ??= till.sells();
		return record(...args);
	};
	await till.records(shiftClosed(1, 0));
	expect(await sale).toMatchObject({ shift: undefined });
});

test('where shifts are required a till sells only while one is open', async () => {
	const till = await openTill(() => ({ ...GBP, shiftsRequired: true }));
	expect(await till.sells()).toEqual({ refused: 'no-shift-open' });
	await till.records(shiftOpened(1, 0));
	expect(await till.sells()).toMatchObject({ number: 'T3-000001', shift: 1 });
});

test('what is foreseen of a sale is what is answered; of one that is refused, or recorded already, nothing is', async () => {
	const { till, key } = await openTill(() => GBP);
	const cart: Cart = { key: key(), lines: [line], changedAtMs: 0 };
	const foreseen: SaleDone[] = [];
	const sell = (amountMinor: number) => till.sell(cart, [{ type: 'card', amountMinor }], undefined, (sale) => foreseen.push(sale));
	expect(await sell(200)).toMatchObject({ refused: 'tender-short' });
	expect(foreseen).toEqual([]);
	const done = await sell(250);
	expect(done).toMatchObject({ number: 'T3-000001' });
	expect(await sell(250)).toEqual(done);
	expect(foreseen).toEqual([done]);
});

test('while nobody is at a till with people it records nothing but what the device itself must, and goes on under the name that comes', async () => {
	const cas = 'cas' as unknown as PersonId;
	const here: { by: PersonId | undefined } = { by: undefined };
	const { till, key, vault, decides } = await openTill(
		() => GBP,
		undefined,
		() => ({ ...here, isLocked: here.by === undefined, people: { isAny: true, roleOf: (person) => (person === cas ? 'cashier' : undefined) } }),
	);
	const locked = { trouble: 'locked' };
	const cart: Cart = { key: key(), lines: [line], changedAtMs: 0 };
	const opening = key();
	const product = { sku: 'A' as never, fields: { name: 'Tea', gtins: [], unit: 'each', taxRate: 'standard' }, unitPriceE4: 1 } as const;
	expect(await till.sell(cart, [{ type: 'card', amountMinor: 250 }])).toMatchObject(locked);
	expect(await till.sell(cart, [{ type: 'card', amountMinor: 250 }], cas)).toMatchObject(locked);
	expect(await till.perform({ intent: 'open-drawer' }, opening, cas)).toMatchObject(locked);
	expect(await till.importProducts('ab', [product as never], () => undefined)).toMatchObject(locked);
	const before = await vault.read();
	expect(before.lastReceiptNumber).toBe(0);
	expect(await vault.ownEntries('branch', 1, 10)).toEqual([]);
	decides([{ type: 'pin.refused', v: 1, person: cas, tries: 3 }]);
	expect(await till.performOwn({ intent: 'note-wrong-pins', person: cas, tries: 3 }, key())).toHaveProperty('entry');
	expect(await vault.ownEntries('branch', 1, 10)).toHaveLength(1);
	here.by = cas;
	const sold = await till.sell(cart, [{ type: 'card', amountMinor: 250 }]);
	expect(sold).toMatchObject({ number: 'T3-000001' });
	expect((await vault.ownEntries('branch', 1, 10)).map((sealed) => decodeBody(splitSealed(sealed)!.body))).toMatchObject([
		{ header: { by: OWNER } },
		{ header: { by: cas } },
	]);
});
