/** `clock-adrift`: a time before what the entry had already heard of. */
import { expect, test } from 'vitest';
import { created, sold } from '../../support/facts.ts';
import { openFloor, type Floor } from '../../support/shop-floor.ts';
import { answer, conflictsInAnyOrder, ledgerOf } from '../../support/till-day.ts';
import type { TestDevice } from '../../support/ledger-builder.ts';
import type { Entry } from '#schemas/entry.ts';

const MINUTE = 60_000;

function sellAt(floor: Floor, till: TestDevice, atMs: number): Entry {
	return till.does([sold([['A', 1, 100]], till.receipt())], { atMs });
}

test('a till an hour slow that had heard of the other is one item for the pair, whatever it sells', () => {
	const floor = openFloor({ A: 10 });
	floor.till2.hears(floor.sell(floor.till1, 'A'));
	const first = sellAt(floor, floor.till2, floor.shop.nowMs - 60 * MINUTE);
	const heard = floor.sell(floor.till1, 'A');
	floor.till2.hears(heard);
	const second = sellAt(floor, floor.till2, floor.shop.nowMs - 60 * MINUTE);
	const found = conflictsInAnyOrder(floor.shop).filter(({ detail }) => detail.kind === 'clock-adrift' && detail.devices.length === 2);
	const pair = [floor.till1.id, floor.till2.id].sort();
	expect(found.map(({ id }) => id.subject)).toContain(pair.join(':'));
	const between = found.find(({ id }) => id.subject === pair.join(':'));
	expect(between).toMatchObject({
		unsettled: [first.hash, second.hash],
		detail: { devices: pair, drifts: [{ sawBy: floor.till1.id }, { saw: heard.hash }] },
		choices: [{ id: `wrong:${pair[0]?.slice(0, 16)}` }, { id: `wrong:${pair[1]?.slice(0, 16)}` }, { id: 'fix-it' }],
	});
});

test('five minutes apart are nothing, and neither is a slow clock that had heard of nobody', () => {
	const floor = openFloor({ A: 10 });
	const known = floor.sell(floor.till1, 'A');
	sellAt(floor, floor.till2, known.header.at - 2 * MINUTE);
	floor.till2.hears(known);
	sellAt(floor, floor.till2, known.header.at - 5 * MINUTE);
	sellAt(floor, floor.hub, known.header.at + 5 * 60 * MINUTE);
	expect(conflictsInAnyOrder(floor.shop)).toEqual([]);
});

test('a clock that was set back is an item of its device alone', () => {
	const floor = openFloor({ A: 10 });
	sellAt(floor, floor.till1, floor.shop.nowMs + 90 * MINUTE);
	const after = floor.sell(floor.till1, 'A');
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([
		{
			id: { kind: 'clock-adrift', subject: floor.till1.id },
			unsettled: [after.hash],
			choices: [{ label: 'This clock was wrong' }, { label: 'Fix it' }],
		},
	]);
});

test('either answer closes it, and the next wrong time opens it with that alone', () => {
	for (const choice of ['wrong', 'fix-it']) {
		const floor = openFloor({ A: 10 });
		floor.till1.hears(sellAt(floor, floor.till2, floor.shop.nowMs + 60 * MINUTE));
		floor.sell(floor.till1, 'A');
		floor.meet();
		const ledger = ledgerOf(floor.shop);
		const conflict = ledger.conflicts()[0];
		const [entry] = answer(ledger, floor.hub, conflict, choice === 'wrong' ? `wrong:${floor.till2.id.slice(0, 16)}` : choice);
		expect(entry?.facts).toMatchObject([{ type: 'conflict.resolved', ...(choice === 'wrong' ? { value: floor.till2.id } : {}) }]);
		expect(ledger.conflicts().filter(({ key }) => key === conflict?.key)).toEqual([]);
		floor.till1.hears(sellAt(floor, floor.till2, floor.shop.nowMs + 60 * MINUTE));
		const again = floor.sell(floor.till1, 'A');
		ledger.add(floor.shop.entries);
		expect(ledger.conflicts().find(({ key }) => key === conflict?.key)?.unsettled).toEqual([again.hash]);
	}
});

test('in the store’s chains it is asked in the branch of whoever sealed the entry, and nowhere else', () => {
	const floor = openFloor({ A: 10 });
	floor.till2.hears(floor.till1.does([created('B')], { scope: 'store', atMs: floor.shop.nowMs + 60 * MINUTE }));
	floor.till2.does([created('C')], { scope: 'store' });
	expect(conflictsInAnyOrder(floor.shop)).toMatchObject([{ id: { kind: 'clock-adrift', branch: floor.shop.branch } }]);
	const elsewhere = ledgerOf({ ...floor.shop, branch: 'f'.repeat(32) as typeof floor.shop.branch });
	expect(elsewhere.conflicts()).toEqual([]);
});
