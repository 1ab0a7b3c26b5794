/** Conflicts as a manager reads them, from ledgers in which they really happened. */
import { decodeSuccession } from '#core/entry/successions.ts';
import { CONFLICT_KINDS } from '#core/conflict/registry.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import { conflictRows } from '#projections/conflicts.ts';
import { movementRows } from '#projections/movements.ts';
import type { ConflictRow } from '#projections/rows.ts';
import { settledRows } from '#projections/settled.ts';
import type { DeviceId, EntryHash, PersonId } from '#schemas/ids.ts';
import { describe, expect, test } from 'vitest';
import { adjusted, changedSetting, created, edited, priced, received, refunded, renamed, resolved, sold } from '../support/facts.ts';
import type { TestDevice } from '../support/ledger-builder.ts';
import { generateDay } from '../support/shop-days/check.ts';
import { openDay } from '../support/shop-days/day.ts';
import { PLANTS } from '../support/shop-days/plants/registry.ts';
import { renewedTwice } from '../support/shop-days/plants/renewed-twice.ts';
import { creditGiven, customerId } from '../support/customer-facts.ts';
import { openFloor, type Floor } from '../support/shop-floor.ts';
import { newSigner, relayRenewed } from '../support/successions.ts';
import { answer } from '../support/till-day.ts';
import { renewalsShown } from '../support/unsigned-renewal.ts';

/** A November day on which clocks in London show UTC. */
const AT_14_02 = Date.UTC(2026, 10, 2, 14, 2);
const AT_14_07 = Date.UTC(2026, 10, 2, 14, 7);

function sellAt(floor: Floor, till: TestDevice, atMs: number, units = 1): EntryHash {
	return till.does([sold([['A', units, units * 100]], till.receipt())], { atMs }).hash;
}

function only(ledger: Ledger, self: TestDevice): ConflictRow {
	const rows = conflictRows(ledger, self.id);
	expect(rows.map(({ kind }) => kind)).toHaveLength(1);
	return rows[0]!;
}

function labels({ choices }: ConflictRow): readonly string[] {
	return choices.map(({ label }) => label);
}

function named(floor: Floor, value: string): void {
	const replaces = floor.ledger().state.products.get('A' as never)?.name.replaces ?? [];
	floor.hub.does([renamed('A', value, replaces)], { scope: 'store' });
	floor.meet();
}

describe('oversold', () => {
	test('the last one, sold twice, is told as it happened', () => {
		const floor = openFloor({ A: 1 });
		named(floor, 'Natural yogurt 500 g');
		sellAt(floor, floor.till1, AT_14_02);
		sellAt(floor, floor.till2, AT_14_07);
		const row = only(floor.ledger(), floor.till1);
		expect(row).toMatchObject({
			kind: 'oversold',
			title: 'Oversold',
			about: 'Natural yogurt 500 g',
			summary: '2 tills sold more than there was',
			story: "Till 2 sold the last one at 14:07 without having heard of Till 1's sale at 14:02.",
			provisional: 'All sales stand. On hand: -1.',
			tone: 'coral',
			stakeMinor: 100,
		});
		expect(labels(row)).toEqual(['Found more', 'Customer waits or is refunded', 'Count it']);
		expect(row.choices.map(({ effect }) => effect)).toEqual([
			'Add 1, stock becomes 0.',
			'Note that £1.00 or the goods are owed to 1 customer. Stock stays as it is.',
			'Count the shelf; the count becomes the stock.',
		]);
		expect(row.choices[2]?.opens).toEqual({ screen: 'count', sku: 'A' });
		expect(row.members.map(({ deviceName, what, seen, settled }) => [deviceName, what, seen, settled])).toEqual([
			['Till 1', 'sold 1 · T1-000001', 'had not heard of T2-000001', false],
			['Till 2', 'sold 1 · T2-000001', 'had not heard of T1-000001', false],
		]);
	});

	test('the evidence is one line for each till, and the absence stands where the other sale was', () => {
		const floor = openFloor({ A: 1 });
		sellAt(floor, floor.till1, AT_14_02);
		sellAt(floor, floor.till2, AT_14_07);
		const { devices, events } = only(floor.ledger(), floor.hub).timeline;
		expect(devices.map(({ name }) => name)).toEqual(['Till 1', 'Till 2']);
		expect(events).toEqual([
			{ device: floor.till1.id, atMs: AT_14_02, tone: 'did', text: 'sold 1 · T1-000001' },
			{ device: floor.till2.id, atMs: AT_14_02, tone: 'apart', text: 'did not hear of T1-000001' },
			{ device: floor.till2.id, atMs: AT_14_07, tone: 'did', text: 'sold 1 · T2-000001' },
		]);
	});

	test('the last three are not the last one, and three of five are not the last', () => {
		const three = openFloor({ A: 3 });
		sellAt(three, three.till1, AT_14_02, 3);
		sellAt(three, three.till2, AT_14_07, 3);
		expect(only(three.ledger(), three.hub).story).toContain('Till 2 sold the last 3 at 14:07');
		const five = openFloor({ A: 5 });
		sellAt(five, five.till1, AT_14_02, 3);
		sellAt(five, five.till2, AT_14_07, 3);
		expect(only(five.ledger(), five.hub).story).toContain('Till 2 sold 3 at 14:07');
	});

	test('who threw the last one away did not sell it', () => {
		const floor = openFloor({ A: 1 });
		floor.till1.does([adjusted('A', -1)], { atMs: AT_14_02 });
		sellAt(floor, floor.till2, AT_14_07);
		expect(only(floor.ledger(), floor.hub).story).toBe("Till 2 sold the last one at 14:07 without having heard of Till 1's entry at 14:02.");
		const other = openFloor({ A: 1 });
		sellAt(other, other.till2, AT_14_02);
		other.till1.does([adjusted('A', -1)], { atMs: AT_14_07 });
		expect(only(other.ledger(), other.hub).story).toBe("Till 1 took off the last one at 14:07 without having heard of Till 2's sale at 14:02.");
	});

	test('what was days apart says the days', () => {
		const floor = openFloor({ A: 1 });
		sellAt(floor, floor.till1, AT_14_02);
		sellAt(floor, floor.till2, AT_14_07 + 2 * 86_400_000);
		expect(only(floor.ledger(), floor.hub).story).toBe(
			"Till 2 sold the last one at 4 Nov, 14:07 without having heard of Till 1's sale at 2 Nov, 14:02.",
		);
	});

	test('times are of the shop’s zone, and a zone that nobody knows stops nothing', () => {
		for (const [zone, time] of [
			['Asia/Kathmandu', '19:52'],
			['Europe/Londinium', '14:07'],
		]) {
			const floor = openFloor({ A: 1 });
			floor.hub.does([changedSetting({ name: 'timeZone', value: zone as string })], { scope: 'store' });
			floor.meet();
			sellAt(floor, floor.till1, AT_14_02);
			sellAt(floor, floor.till2, AT_14_07);
			expect(only(floor.ledger(), floor.hub).story, zone).toContain(`at ${time} without`);
		}
	});

	test('once answered it is gone; another of the same absence brings it back, with only that one to settle', () => {
		const floor = openFloor({ A: 1 }, { startMs: AT_14_02 - 60_000 });
		sellAt(floor, floor.till1, AT_14_02);
		sellAt(floor, floor.till2, AT_14_07);
		const open = floor.ledger().conflicts()[0]!;
		// The hub believed there was one, too: it had heard of neither.
		const late = sellAt(floor, floor.hub, AT_14_07 + 60_000);
		floor.till2.does([resolved(open.id, open.unsettled, 'customer-waits')], { atMs: AT_14_07 + 90_000 });
		const row = only(floor.ledger(), floor.hub);
		expect(row.members.map(({ settled }) => settled)).toEqual([true, true, false]);
		expect(row.members.at(-1)?.entry).toBe(late);
	});

	test('a till that knew says so', () => {
		const floor = openFloor({ A: 1 });
		floor.sell(floor.till1, 'A');
		floor.meet();
		floor.sell(floor.till2, 'A');
		const row = only(floor.ledger(), floor.hub);
		expect(row).toMatchObject({ kind: 'sold-below-zero', tone: 'amber', summary: 'sold although the till showed none left' });
		expect(row.story).toBe('The till knew that there was not enough, and the goods were on the counter. The stock figure is likely wrong.');
		expect(labels(row)).toEqual(['Found more', 'Customer waits or is refunded', 'Count it']);
	});
});

describe('product-edited', () => {
	function apart(field: 'name' | 'tracked' | 'taxRate' | 'unit' | 'price', ...values: readonly (string | boolean | number)[]) {
		const floor = openFloor();
		const product = floor.ledger().state.products.get('A' as never)!;
		const replaces = [...(product[field]?.replaces ?? [])];
		for (const [place, value] of values.entries()) {
			const device = [floor.till1, floor.till2, floor.hub][place]!;
			const fact = field === 'price' ? priced('A', value as number, replaces) : edited('A', { [field]: { value, replaces } });
			device.does([fact], { scope: 'store' });
		}
		return { floor, ledger: floor.ledger() };
	}

	test('each till reads its own as mine, and both read the same story', () => {
		const { floor, ledger } = apart('name', 'Apple', 'Apricot');
		const [one, two] = [only(ledger, floor.till1), only(ledger, floor.till2)];
		expect(one).toMatchObject({
			title: 'Edited in two places',
			about: 'Apricot: name',
			summary: 'two changes were made without knowing of each other',
			story: 'Till 1 set “Apple” and Till 2 set “Apricot”. Neither had heard of the other.',
			provisional: 'Until then “Apricot” counts, the later of the two.',
		});
		expect(two.story).toBe(one.story);
		expect(labels(one)).toEqual(['Mine', 'Theirs', 'Type a value']);
		expect(one.choices.map(({ effect }) => effect)).toEqual(['Set “Apple” everywhere.', 'Set “Apricot” everywhere.', 'Set another name.']);
		expect(two.choices.map(({ effect }) => effect)).toEqual(['Set “Apricot” everywhere.', 'Set “Apple” everywhere.', 'Set another name.']);
		expect(one.choices[2]?.asks).toEqual({ label: 'New name', type: 'text' });
		expect(one.members.map(({ what }) => what)).toEqual(['changed name', 'changed name']);
	});

	test('three are three', () => {
		const { floor, ledger } = apart('name', 'Apple', 'Apricot', 'Aubergine');
		expect(only(ledger, floor.till1)).toMatchObject({
			summary: '3 changes were made without knowing of each other',
			story: 'Till 1 set “Apple”, Till 2 set “Apricot” and Hub set “Aubergine”. None had heard of the others.',
			provisional: 'Until then “Aubergine” counts, the latest of them.',
		});
	});

	test('a price is money, to show and to type', () => {
		const { floor, ledger } = apart('price', 12_000, 12_345);
		const row = only(ledger, floor.till1);
		expect(row.story).toBe('Till 1 set £1.20 and Till 2 set £1.2345. Neither had heard of the other.');
		expect(row.choices[2]?.asks).toEqual({ label: 'New price', type: 'money' });
		expect(row.members[0]?.what).toBe('set the price to £1.20');
	});

	test('what can only be chosen is not typed, and is never shown as the program spells it', () => {
		const { floor, ledger } = apart('unit', 'each', 'kg');
		const unit = only(ledger, floor.till1);
		expect(unit.story).toContain('Till 1 set “by the piece” and Till 2 set “by weight”');
		expect(unit.choices[2]?.asks).toMatchObject({ type: 'option', options: [{ value: 'each' }, { value: 'kg' }] });
		const tracked = apart('tracked', true, false);
		expect(only(tracked.ledger, floor.till1).choices[2]?.asks).toMatchObject({ type: 'option', options: [{ value: 'true' }, { value: 'false' }] });
		const rate = apart('taxRate', 'standard', 'gone');
		const row = only(rate.ledger, floor.till1);
		expect(row.story).toContain('Till 1 set “Standard” and Till 2 set “gone”');
		expect(row.choices[2]?.asks).toMatchObject({ type: 'option', options: [{ value: 'standard', label: 'Standard' }] });
	});
});

test('refunded twice: the receipt, the line, the money that left, and the three answers', () => {
	const floor = openFloor({ A: 10 });
	const sale = floor.sell(floor.till1, 'A');
	floor.meet();
	floor.till1.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.till1.receipt())], { atMs: AT_14_02 });
	floor.till2.does([refunded(sale.hash, [[0, 'A', 1, 100]], floor.till2.receipt())], { atMs: AT_14_07 });
	const row = only(floor.ledger(), floor.hub);
	expect(row).toMatchObject({
		kind: 'refunded-twice',
		title: 'Refunded twice',
		about: 'T1-000001, Product A',
		summary: '£1.00 more was given back than was sold',
		story: 'The same goods were given back by Till 1 at 14:02 and Till 2 at 14:07, without knowing of each other.',
		provisional: 'All refunds stand.',
		stakeMinor: 100,
	});
	expect(labels(row)).toEqual(['Accept loss', 'Customer owes', 'Compensate one']);
	expect(row.choices.map(({ effect }) => effect)).toEqual([
		'Stock and money stay as they are; £1.00 is lost.',
		'Note that the customer owes £1.00.',
		'Take back T2-000001, in stock and in money.',
	]);
	// One tap: the later one is taken back without a question.
	expect(row.choices.map(({ asks }) => asks)).toEqual([undefined, undefined, undefined]);
	expect(row.members.map(({ what }) => what)).toEqual(['gave back £1.00 · T1-000002', 'gave back £1.00 · T2-000001']);
});

test('one key, two contents: the answers say which one is kept and what is taken back', () => {
	const floor = openFloor({ A: 10 });
	floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { key: 'the-same-key', atMs: AT_14_02 });
	floor.till2.does([sold([['A', 2, 200]], floor.till2.receipt())], { key: 'the-same-key', atMs: AT_14_07 });
	const row = only(floor.ledger(), floor.hub);
	expect(row).toMatchObject({ title: 'Recorded twice, differently', about: '2 entries under one key' });
	expect(row.choices.map(({ label, effect }) => [label, effect])).toEqual([
		['Keep this one: sold for £1.00 · T1-000001', 'Take back T2-000001, in stock and in money.'],
		['Keep this one: sold for £2.00 · T2-000001', 'Take back T1-000001, in stock and in money.'],
	]);
});

test('what is still on its way is counted, by the number of entries that are missing', () => {
	const floor = openFloor({ A: 10 });
	const [first, second] = [floor.sell(floor.till2, 'A'), floor.sell(floor.till2, 'A')];
	floor.sell(floor.till2, 'A');
	const two = only(floor.ledger(first, second), floor.hub);
	expect(two).toMatchObject({ kind: 'chain-gap', about: 'Till 2', tone: 'amber', summary: '2 entries not here yet' });
	expect(two.story).toMatch(/^Later entries of Till 2 are here, but 2 before them are missing\./);
	expect(labels(two)).toEqual(['Ask again', 'Declare lost']);
	expect(two.choices[1]?.effect).toBe('Stop waiting for 2 entries. Should they come after all, they count.');
	const one = only(floor.ledger(second), floor.hub);
	expect(one.summary).toBe('1 entry not here yet');
	expect(one.story).toMatch(/but one before them is missing\./);
});

test('a copied till: what is doubled is named, and the sides are told apart', () => {
	const floor = openFloor({ A: 10 });
	const copy = floor.till1.copy();
	sellAt(floor, floor.till1, AT_14_02);
	sellAt(floor, floor.till1, AT_14_02 + 60_000);
	copy.does([sold([['A', 2, 200]], { till: 1, number: 1 })], { atMs: AT_14_07 });
	const row = only(floor.ledger(), floor.hub);
	expect(row).toMatchObject({
		title: 'One till, two histories',
		about: 'Till 1',
		story: 'Till 1 wrote two different entries at the same place, and 1 receipt number exists twice: T1-000001. Nothing is lost; both sides count.',
	});
	expect([...labels(row)].sort()).toEqual([
		'This one keeps the till: 1 entry apart, the last at 14:07',
		'This one keeps the till: 2 entries apart, the last at 14:03',
	]);
});

test('what was put aside says why, and what either answer does', () => {
	const floor = openFloor({ A: 10 });
	const cashier = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([cashier.enrolment(['sell'])], { scope: 'store' });
	cashier.hears(...floor.shop.entries);
	cashier.does([received('A', 5)]);
	const row = only(floor.ledger(), floor.hub);
	expect(row).toMatchObject({
		title: 'Not allowed',
		about: 'Till 3',
		summary: '1 entry put aside',
		provisional: 'Put aside, and out of all totals.',
	});
	expect(row.story).toMatch(/^Till 3: .+\.$/);
	expect(row.choices.map(({ label, effect }) => [label, effect])).toEqual([
		['Accept', 'Let them count from now on, in your name.'],
		['Reject', 'Leave them out for good; they stay on record.'],
	]);
});

test('damaged bytes name the document, the way they came and what is wrong with them', () => {
	const floor = openFloor();
	const ledger = floor.ledger();
	ledger.setDamaged([
		{ document: 'segment 1 of Till 2', route: 'document', reason: 'its signature does not verify', hash: 'ab'.repeat(32) as EntryHash, atMs: 1 },
	]);
	const row = only(ledger, floor.hub);
	expect(row).toMatchObject({
		title: 'Damaged',
		about: 'part 1 of the entries of device Till 2',
		tone: 'sea',
		summary: '1 piece of data that cannot be believed',
		story: 'Bytes came by document sync that do not verify: its signature does not fit, so it was altered after it was signed. They are ignored.',
		members: [],
		timeline: { devices: [], events: [] },
	});
});

test('a conflict of a product that has no name here yet, by a device that nobody has enrolled, is shown all the same', () => {
	const floor = openFloor({ A: 1 });
	sellAt(floor, floor.till1, AT_14_02);
	sellAt(floor, floor.till2, AT_14_07);
	const ledger = createLedger({ store: floor.shop.store, branch: floor.shop.branch });
	ledger.add(floor.shop.entries.filter(({ header }) => header.scope === 'branch'));
	for (const row of conflictRows(ledger, floor.till1.id)) expect(row.about).not.toBe('');
	expect(conflictRows(openFloor().ledger(), floor.till1.id)).toEqual([]);
});

test('every kind is told in whole words: none twice in a row, no day as the program writes it, and a loss only where something is given up', () => {
	const told = PLANTS.flatMap((plant) => {
		const { shop, lost, damaged, tills } = generateDay(50_000, [plant]).day;
		const ledger = createLedger({ store: shop.store, branch: shop.branch, renewalsIn: renewalsShown });
		ledger.add(shop.entries.filter((entry) => !lost.has(entry)));
		ledger.setDamaged(damaged);
		return conflictRows(ledger, tills[0]?.device.id ?? shop.device('Till').id);
	});
	expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(CONFLICT_KINDS));
	// A planted customer’s id begins with the word itself.
	for (const { kind, title, about, summary, story, provisional, choices } of told)
		for (const text of [title, about, summary, story, provisional, ...choices.flatMap(({ label, effect, money }) => [label, effect, money])])
			expect(text, kind).not.toMatch(/\b(?!customer )([A-Za-z]+) \1\b|\d{4}-\d\d-\d\d/);
	expect(told.filter(({ customers }) => customers !== undefined).map(({ kind, customers }) => [kind, customers?.length])).toEqual([
		['credit-overspent', 1],
		['customer-duplicated', 2],
	]);
	const losing = told.filter(({ choices }) => choices.some(({ effect }) => effect.includes('is lost'))).map(({ kind }) => kind);
	expect(losing.sort()).toEqual(['credit-overspent', 'refund-without-sale', 'refunded-twice']);
});

test('every text of every row is a text: nothing is undefined, no object, no id', () => {
	const floor = openFloor({ A: 1 });
	floor.hub.does([created('B')], { scope: 'store' });
	floor.meet();
	sellAt(floor, floor.till1, AT_14_02);
	sellAt(floor, floor.till2, AT_14_07);
	floor.till1.does([priced('A', 20_000)], { scope: 'store' });
	floor.till2.does([priced('A', 30_000)], { scope: 'store' });
	for (const row of conflictRows(floor.ledger(), floor.till1.id)) {
		const texts = [row.title, row.about, row.summary, row.story, row.provisional, ...row.choices.flatMap(({ label, effect }) => [label, effect])];
		for (const text of [...texts, ...row.members.flatMap(({ what, seen }) => [what, seen])]) {
			expect(text).not.toMatch(/undefined|\[object|NaN|[0-9a-f]{16}/);
		}
	}
});

test('a flood is told by its newest hundred', () => {
	const floor = openFloor({ A: 10 });
	const stranger = floor.shop.device('Till 3', { till: 3 });
	floor.hub.does([stranger.enrolment(['sell'])], { scope: 'store' });
	stranger.hears(...floor.shop.entries);
	const flood = Array.from({ length: 1_500 }, () => stranger.does([received('A', 1)]));
	const ledger = floor.ledger();
	conflictRows(ledger, floor.till1.id);
	const row = only(ledger, floor.till1);
	expect(row.summary).toBe('1500 entries put aside');
	expect(row.members.map(({ entry }) => entry)).toEqual(flood.slice(-100).map(({ hash }) => hash));
	expect(row.moreMembers).toBe(1_400);
	// What a till wrote later itself is nothing that it had missed.
	expect(row.members.every(({ seen }) => !seen.startsWith('had not heard'))).toBe(true);
});

test('what came later, by who had heard of it, is nothing that it had missed', () => {
	const floor = openFloor({ A: 1 });
	floor.sell(floor.till1, 'A', 2);
	floor.meet();
	floor.sell(floor.till2, 'A');
	const row = only(floor.ledger(), floor.till1);
	expect(row.kind).toBe('sold-below-zero');
	expect(row.members.map(({ what, seen }) => [what, seen])).toEqual([
		['sold 2 · T1-000001', ''],
		['sold 1 · T2-000001', 'knew of T1-000001'],
	]);
});

test('a story says who was at each till, where somebody was', () => {
	const floor = openFloor({ A: 1 });
	const by = 'cas' as PersonId;
	floor.hub.does([{ type: 'person.added', v: 1, person: by, name: 'Cas Whitby', role: 'cashier', pin: null }], { scope: 'store' });
	floor.meet();
	floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { atMs: AT_14_02 });
	floor.till2.does([sold([['A', 1, 100]], floor.till2.receipt())], { atMs: AT_14_07, by });
	const row = only(floor.ledger(), floor.till1);
	expect(row.story).toBe("Till 2 (Cas Whitby) sold the last one at 14:07 without having heard of Till 1's sale at 14:02.");
	expect(row.members.map(({ deviceName, personName }) => [deviceName, personName])).toEqual([
		['Till 1', undefined],
		['Till 2', 'Cas Whitby'],
	]);
	expect(movementRows(floor.ledger(), 'A' as never, 2).map(({ personName }) => personName)).toEqual(['Cas Whitby', undefined]);
});

describe('what an answer does to money', () => {
	test('is said before it is given, for every choice', () => {
		const floor = openFloor({ A: 1 });
		sellAt(floor, floor.till1, AT_14_02);
		sellAt(floor, floor.till2, AT_14_07);
		const row = only(floor.ledger(), floor.till1);
		expect(row.choices.map(({ label, money }) => [label, money])).toEqual([
			['Found more', 'No money moves.'],
			['Customer waits or is refunded', 'The drawer stays as it is now; the money leaves it when somebody is paid.'],
			['Count it', 'No money moves.'],
		]);
	});

	test('taking a refund back raises the takings by it, and its goods leave the shelf again', () => {
		const floor = openFloor({ A: 5 });
		const sale = floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { atMs: AT_14_02 });
		floor.meet();
		for (const till of [floor.till1, floor.till2]) till.does([refunded(sale.hash, [[0, 'A', 1, 100]], till.receipt())], { atMs: AT_14_07 });
		const before = floor.ledger();
		const choice = only(before, floor.till1).choices.find(({ id }) => id === 'compensate-one');
		expect(choice?.money).toBe(
			'Stock changes by -1 of Product A, unless the shelf was counted since. Takings rise by £1.00, £1.00 of it cash. A Z that was printed stays as it is.',
		);
	});

	test('store credit that goes with a receipt is told with it', () => {
		const floor = openFloor({ A: 5 });
		const sale = floor.till1.does([sold([['A', 1, 100]], floor.till1.receipt())], { atMs: AT_14_02 });
		floor.meet();
		for (const till of [floor.till1, floor.till2]) {
			const tender = { type: 'credit', amountMinor: 100, customer: customerId('ada') };
			const told = { key: till.name, atMs: AT_14_07 };
			const refund = { ...refunded(sale.hash, [[0, 'A', 1, 100]], till.receipt()), v: 2, tenders: [tender] };
			const first = till.does([refund], { ...told, part: { n: 1, of: 2 } });
			till.does([creditGiven('ada', 100)], { ...told, scope: 'store', part: { n: 2, of: 2, first: first.hash } });
		}
		const choice = only(floor.ledger(), floor.till1).choices.find(({ id }) => id === 'compensate-one');
		expect(choice?.money).toMatch(/Takings rise by £1\.00, £0\.00 of it cash\..* £1\.00 of store credit is taken from the customer again\.$/);
	});
});

test('what was settled is told with who did it, the newest first, and for seven days', () => {
	const floor = openFloor({ A: 1 });
	sellAt(floor, floor.till1, AT_14_02);
	sellAt(floor, floor.till2, AT_14_07);
	floor.meet();
	const ledger = floor.ledger();
	floor.shop.nowMs = AT_14_07 + 60_000;
	const conflict = ledger.conflicts()[0];
	answer(ledger, floor.till1, conflict, 'found-more');
	const at = (nowMs: number) => settledRows({ ledger, nowMs, onHandMilli: () => 0 });
	expect(at(floor.shop.nowMs)).toMatchObject([{ title: 'Oversold', about: 'Product A', choice: 'Found more', deviceName: 'Till 1' }]);
	expect(at(floor.shop.nowMs)[0]).not.toHaveProperty('again');
	expect(at(floor.shop.nowMs + 8 * 86_400_000)).toEqual([]);
});

test('two answers that did not know of each other lead to the case that asks about them', () => {
	const floor = openFloor({ A: 1 });
	sellAt(floor, floor.till1, AT_14_02);
	sellAt(floor, floor.till2, AT_14_07);
	floor.meet();
	for (const [till, choice] of [
		[floor.till1, 'found-more'],
		[floor.till2, 'customer-waits'],
	] as const) {
		const own = floor.ledger(...floor.shop.entries.filter((entry) => entry.facts.some((fact) => fact.type === 'conflict.resolved')));
		answer(own, till, own.conflicts()[0], choice);
	}
	const ledger = floor.ledger();
	const asked = ledger.conflicts().find(({ kind }) => kind === 'resolved-twice');
	const rows = settledRows({ ledger, nowMs: floor.shop.nowMs, onHandMilli: () => 0 });
	expect(asked?.key).toBeDefined();
	expect(rows.map(({ again }) => again)).toEqual([asked?.key, asked?.key]);
});

test('keys renewed twice: whose, approved by whom and when, and what each choice does', () => {
	const day = openDay(7);
	const device = renewedTwice.plant(day) as DeviceId;
	const ledger = createLedger({ store: day.shop.store, branch: day.shop.branch, renewalsIn: renewalsShown });
	ledger.add(day.shop.entries);
	const row = only(ledger, day.hub.device);
	const name = ledger.state.devices.get(device)!.name;
	expect(row).toMatchObject({
		kind: 'renewed-twice',
		title: 'Keys renewed twice',
		about: name,
		tone: 'coral',
		summary: '2 renewals of the same keys',
	});
	expect(row.story).toMatch(
		new RegExp(`^The keys of ${name} were exchanged .*: approved by Hub at .* and Device \\d+ at .*, without knowing of each other\\.`),
	);
	expect(row.provisional).toContain('then remove the device');
	expect(labels(row)).toEqual(['Remove the device', 'Keep the first']);
	expect(row.choices[0]?.effect).toBe(`Remove ${name} from the shop, whichever keys it has. It joins anew, as a new till.`);
});

test('a relay’s key given up for two others: which relay, which hubs were shown one, and what to do if it is not the own one', async () => {
	const floor = openFloor({});
	const [first, next, other] = [await newSigner(), await newSigner(), await newSigner()];
	floor.hub.does([{ type: 'relay.joined', v: 1, relay: first.device, url: 'wss://relay.example', name: 'Kelp Cloud' }], { scope: 'store' });
	for (const to of [next, other]) floor.hub.does([await relayRenewed({ relay: first.device, before: first, next: to })], { scope: 'store' });
	const ledger = createLedger({ ...floor.shop, successionIn: decodeSuccession });
	ledger.add(floor.shop.entries);
	const row = only(ledger, floor.hub);
	expect(row).toMatchObject({ kind: 'renewed-twice', about: 'Kelp Cloud', summary: '2 renewals of the same keys' });
	expect(row.story).toMatch(
		/^The key of Kelp Cloud, which keeps .* in the cloud, was exchanged for different ones: Hub at .* and Hub at .* were each shown another\./,
	);
	expect(row.provisional).toContain('If it is not the key of your own relay');
	expect(labels(row)).toEqual(['Keep the first']);
});
