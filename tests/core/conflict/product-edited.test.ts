/** `product-edited`: two people change one field without knowing of each other. */
import { choicesOn } from '#core/conflict/product-edited.ts';
import { decide } from '#core/decide.ts';
import { isRefusal } from '#core/intent.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { conflictRows } from '#projections/conflicts.ts';
import type { BranchId, EntryHash, Sku } from '#schemas/ids.ts';
import { expect, test } from 'vitest';
import { changedSetting, created, edited, ownPriced, priced, renamed } from '../../support/facts.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';

const A = 'A' as Sku;
const name = (ledger: Ledger): string | undefined => ledger.state.products.get(A)?.name.value;

function nameReplaces(floor: Floor): readonly EntryHash[] {
	return floor.ledger().state.products.get(A)?.name.replaces ?? [];
}

function renamedApart(): { floor: Floor; first: EntryHash; second: EntryHash } {
	const floor = openFloor();
	const replaces = nameReplaces(floor);
	const first = floor.till1.does([renamed('A', 'Apple', replaces)], { scope: 'store' });
	const second = floor.till2.does([renamed('A', 'Apricot', replaces)], { scope: 'store' });
	floor.meet();
	return { floor, first: first.hash, second: second.hash };
}

function resolve(ledger: Ledger, device: TestDevice, choice: string, value?: string): ReturnType<typeof decide> {
	const conflict = ledger.conflicts()[0];
	if (conflict === undefined) throw new Error('no conflict');
	return decide(
		ledger,
		{ intent: 'resolve', conflict: conflict.id, choice, ...(value === undefined ? {} : { value }) },
		{ device: device.id, nextReceipt: device.receipt(), nowMs: 1_900_000_000_000 },
	);
}

test('the later name counts until somebody answers; the item belongs to the store, not to a branch', () => {
	const { floor, first, second } = renamedApart();
	const ledger = floor.ledger();
	expect(name(ledger)).toBe('Apricot');
	const [conflict] = ledger.conflicts();
	expect(conflict).toMatchObject({
		id: { kind: 'product-edited', subject: 'name:A' },
		unsettled: [first, second],
		detail: { values: [{ value: 'Apple' }, { value: 'Apricot' }] },
	});
	expect(conflict?.id).not.toHaveProperty('branch');
});

test('the same new name twice is agreement', () => {
	const floor = openFloor();
	const replaces = nameReplaces(floor);
	floor.till1.does([renamed('A', 'Apple', replaces)], { scope: 'store' });
	floor.till2.does([renamed('A', 'Apple', replaces)], { scope: 'store' });
	expect(floor.ledger().conflicts()).toEqual([]);
});

test('two different fields are two decisions, not a conflict', () => {
	const floor = openFloor();
	const replaces = [...nameReplaces(floor)];
	floor.till1.does([renamed('A', 'Apple', replaces)], { scope: 'store' });
	floor.till2.does([edited('A', { category: { value: 'Fruit', replaces } })], { scope: 'store' });
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toEqual([]);
	expect(ledger.state.products.get(A)).toMatchObject({ name: { value: 'Apple' }, category: { value: 'Fruit' } });
});

test('a later edit that knew only one of them leaves it open; one that knew both ends it', () => {
	const { floor, first, second } = renamedApart();
	const third = floor.till1.does([renamed('A', 'Apple juice', [first])], { scope: 'store' });
	floor.meet();
	expect(floor.ledger().conflicts()).toMatchObject([{ unsettled: [second, third.hash] }]);
	floor.till2.does([renamed('A', 'Juice', [second, third.hash])], { scope: 'store' });
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toEqual([]);
	expect(name(ledger)).toBe('Juice');
});

test('what a till calls mine is theirs on the other', () => {
	const { floor, first, second } = renamedApart();
	const [conflict] = floor.ledger().conflicts();
	if (conflict === undefined) throw new Error('no conflict');
	const takes = (device: TestDevice): unknown =>
		choicesOn(conflict, device.id).map(({ label, effect }) => [label, 'takes' in effect ? effect.takes : undefined]);
	expect(takes(floor.till1)).toEqual([
		['Mine', first],
		['Theirs', second],
		['Type a value', undefined],
	]);
	expect(takes(floor.till2)).toEqual([
		['Mine', second],
		['Theirs', first],
		['Type a value', undefined],
	]);
	expect(takes(floor.hub)).toEqual([
		['Mine', second],
		['Theirs', first],
		['Type a value', undefined],
	]);
});

test('"Mine" settles it on every till', () => {
	const { floor, first } = renamedApart();
	const ledger = floor.ledger();
	const decision = resolve(ledger, floor.till1, 'mine');
	if (isRefusal(decision)) throw new Error(decision.refused);
	expect(decision.branch).toEqual([]);
	expect(decision.store).toMatchObject([
		{ type: 'conflict.resolved', choice: 'mine', value: first },
		{ type: 'product.edited', fields: { name: { value: 'Apple' } } },
	]);
	floor.till1.does(decision.store, { scope: 'store' });
	const after = floor.ledger();
	expect(after.conflicts()).toEqual([]);
	expect(name(after)).toBe('Apple');
});

test('a name may be typed; nothing typed is asked for again', () => {
	const { floor } = renamedApart();
	const ledger = floor.ledger();
	expect(resolve(ledger, floor.till1, 'type-a-value')).toMatchObject({ refused: 'value-missing' });
	expect(resolve(ledger, floor.till1, 'type-a-value', ' Apricots ')).toMatchObject({ store: [{}, { fields: { name: { value: 'Apricots' } } }] });
});

test('an edit that comes after the answer opens it again, with only that one', () => {
	const { floor } = renamedApart();
	const replaces = nameReplaces(floor);
	const late = floor.till2.does([renamed('A', 'Avocado', replaces)], { scope: 'store' });
	const ledger = floor.ledger(late);
	const decision = resolve(ledger, floor.till1, 'mine');
	if (isRefusal(decision)) throw new Error(decision.refused);
	ledger.add([floor.till1.does(decision.store, { scope: 'store' })]);
	ledger.add([late]);
	expect(ledger.conflicts()).toMatchObject([{ unsettled: [late.hash], members: [{}, {}] }]);
});

test('two prices given apart: the price typed is money', () => {
	const floor = openFloor();
	const replaces = floor.ledger().state.products.get(A)?.price?.replaces ?? [];
	floor.till1.does([priced('A', 11_000, replaces)], { scope: 'store' });
	floor.till2.does([priced('A', 12_000, replaces)], { scope: 'store' });
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toMatchObject([{ id: { subject: 'price:A' }, urgency: 'high' }]);
	expect(resolve(ledger, floor.till1, 'type-a-value', '1.155')).toMatchObject({ store: [{}, { type: 'price.changed', unitPriceE4: 11_550 }] });
	expect(resolve(ledger, floor.till1, 'type-a-value', 'cheap')).toMatchObject({ refused: 'value-invalid' });
});

test('a branch’s own price stands against nothing but itself; the story names the branch, and the answer is that branch’s', () => {
	const floor = openFloor();
	const { branch } = floor.shop;
	const there = 'e1'.repeat(16) as BranchId;
	floor.hub.does([{ ...changedSetting({ name: 'branchName', value: 'Harbour' }), branch: there }], { scope: 'store' });
	floor.till1.does([priced('A', 11_000, floor.ledger().state.products.get(A)?.price?.replaces), ownPriced('A', branch, 12_000)], { scope: 'store' });
	const first = floor.till1.does([ownPriced('A', there, 13_000)], { scope: 'store' });
	expect(floor.ledger().conflicts()).toEqual([]);
	const second = floor.till2.does([ownPriced('A', there, null)], { scope: 'store' });
	floor.meet();
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toMatchObject([{ id: { subject: `price@${there}:A` }, urgency: 'high', unsettled: [first.hash, second.hash] }]);
	const [row] = conflictRows(ledger, floor.till1.id);
	expect(row?.about).toBe('Product A: price in Harbour');
	expect(row?.story).toContain('£1.30');
	expect(row?.story).toContain('as everywhere');
	expect(row?.choices.map(({ effect }) => effect)).toEqual([
		'Set £1.30 in Harbour.',
		'Let Harbour cost what it costs everywhere.',
		'Set another price in Harbour.',
	]);
	const answers = ['mine', 'theirs', 'type-a-value'].map((choice) =>
		resolve(ledger, floor.till1, choice, choice === 'type-a-value' ? '1.4' : undefined),
	);
	expect(answers).toMatchObject(
		[13_000, null, 14_000].map((unitPriceE4) => ({
			store: [{}, { type: 'branchPrice.changed', branch: there, unitPriceE4, replaces: [first.hash, second.hash] }],
		})),
	);
});

test('deposit, age limit, contents and variant are fields like others; contents and variant are not typed in one line', () => {
	const floor = openFloor({ A: 5, B: 5, C: 5 });
	const values = {
		deposit: ['B', 'C'],
		ageLimit: [16, 18],
		draws: [
			{ sku: 'B', quantityMilli: 6_000 },
			{ sku: 'B', quantityMilli: 12_000 },
		],
		variant: [
			{ group: 'Shirt', label: 'S' },
			{ group: 'Shirt', label: 'M' },
		],
	} as const;
	for (const [index, till] of [floor.till1, floor.till2].entries()) {
		const fields = Object.fromEntries(Object.entries(values).map(([field, pair]) => [field, { value: pair[index], replaces: [] }]));
		till.does([{ ...edited('A', fields), v: 2 }], { scope: 'store' });
	}
	floor.meet();
	const open = floor.ledger().conflicts();
	expect(open.map(({ id }) => id.subject).sort()).toEqual(['ageLimit:A', 'deposit:A', 'draws:A', 'variant:A']);
	const rows = conflictRows(floor.ledger(), floor.till1.id);
	const stories = rows.map(({ story }) => story).join(' ');
	for (const words of ['set 6 of Product B', 'set Product C', 'set “16”', 'set “M” of “Shirt”']) expect(stories).toContain(words);
	for (const { id } of open) {
		const field = id.subject.slice(0, id.subject.indexOf(':'));
		const typed = { deposit: 'C', ageLimit: '21' }[field];
		const asked = {
			intent: 'resolve',
			conflict: id,
			choice: typed === undefined ? 'mine' : 'type-a-value',
			...(typed === undefined ? {} : { value: typed }),
		} as const;
		const decision = decide(floor.ledger(), asked, { device: floor.till1.id, nextReceipt: floor.till1.receipt(), nowMs: 1_900_000_000_000 });
		if (isRefusal(decision)) throw new Error(JSON.stringify(decision));
		floor.till1.does(decision.store, { scope: 'store' });
	}
	const ledger = floor.ledger();
	expect(ledger.conflicts()).toEqual([]);
	expect(ledger.state.products.get(A)).toMatchObject({
		...{ deposit: { value: 'C' }, ageLimit: { value: 21 }, draws: { value: values.draws[0] }, variant: { value: values.variant[0] } },
	});
});

test('one SKU created at two tills apart is one product with fields to settle', () => {
	const floor = openFloor();
	floor.till1.does([created('NEW', { name: 'Pear' })], { scope: 'store' });
	floor.till2.does([created('NEW', { name: 'Peach' })], { scope: 'store' });
	const ledger = floor.ledger();
	expect(ledger.conflicts().map(({ id }) => id.subject)).toEqual(['name:NEW']);
	expect(ledger.state.products.get('NEW' as Sku)?.name.value).toBe('Peach');
});
