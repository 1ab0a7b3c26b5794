/** A generated day and what must be found in it: nothing in a lawful one, in a planted one what was planted, the same in any order of arrival. */
import { conflictKey } from '#core/ledger/answers.ts';
import { createLedger, type Ledger } from '#core/ledger/ledger.ts';
import type { Entry } from '#schemas/entry.ts';
import { diceOf } from '../../sim/random.ts';
import { renewalsShown } from '../unsigned-renewal.ts';
import { answerAs } from './answer.ts';
import { openDay, type ShopDay } from './day.ts';
import { liveThrough } from './lawful.ts';
import type { Plant } from './plant.ts';
import { PLANTS } from './plants/registry.ts';

export interface Difference {
	readonly seed: number;
	readonly planted: readonly string[];
	readonly words: string;
}

const MOST_STEPS = 70;
const MOST_PLANTS = 4;

export interface GeneratedDay {
	readonly day: ShopDay;
	/** `kind subject`, sorted. */
	readonly expected: readonly string[];
}

/** Every third day is lawful; every third plant is answered, and found no more. `only`: these are planted, whatever the dice say, and left unanswered. */
export function generateDay(seed: number, only?: readonly Plant[]): GeneratedDay {
	const day = openDay(seed);
	const { dice } = day;
	const steps = dice.between(10, MOST_STEPS);
	const count = dice.chance(1 / 3) ? 0 : dice.between(1, MOST_PLANTS);
	const plants = only ?? Array.from({ length: count }, () => dice.pick(PLANTS));
	const expected: string[] = [];
	const between = new Map<number, () => void>();
	const plantOne = ({ kind, isLast, plant }: Plant): void => {
		const subject = plant(day);
		// Bytes are answered where they are, and after closing time nobody is there.
		if (only === undefined && kind !== 'damaged' && isLast !== true && dice.chance(0.3)) answerAs(day, kind, subject);
		else expected.push(`${kind} ${subject}`);
	};
	for (const one of plants.filter(({ isLast }) => isLast !== true)) {
		const at = dice.below(steps);
		const before = between.get(at);
		between.set(at, () => {
			before?.();
			plantOne(one);
		});
	}
	liveThrough(day, steps, between);
	const last = plants.find(({ isLast }) => isLast === true);
	if (last === undefined) day.close();
	else {
		day.everybodyHears();
		plantOne(last);
	}
	return { day, expected: expected.sort() };
}

/** Undefined where all is as it should be. */
export function differenceIn(seed: number, only?: readonly Plant[]): Difference | undefined {
	const { day, expected } = generateDay(seed, only);
	const entries = day.shop.entries.filter((entry) => !day.lost.has(entry));
	const whole = ledgerOf(day, [entries]);
	const found = whole
		.conflicts()
		.map(({ id }) => `${id.kind} ${id.subject}`)
		.sort();
	if (found.join('\n') !== expected.join('\n')) {
		const missed = expected.filter((one) => !found.includes(one));
		const alarms = found.filter((one) => !expected.includes(one));
		return { seed, planted: expected, words: [...missed.map((one) => `missed: ${one}`), ...alarms.map((one) => `false alarm: ${one}`)].join('\n') };
	}
	const text = textOf(whole);
	const dice = diceOf(`arrival ${seed}`);
	for (const [name, order] of [
		['backwards', [...entries].reverse()],
		['shuffled', dice.shuffled(entries)],
	] as const) {
		const other = textOf(ledgerOf(day, batchesOf(order, dice.between(1, 3))));
		if (other !== text) return { seed, planted: expected, words: `another order of arrival (${name}), other conflicts:\n${text}\n${other}` };
	}
	return undefined;
}

function ledgerOf({ shop, damaged }: ShopDay, batches: readonly (readonly Entry[])[]): Ledger {
	const ledger = createLedger({ store: shop.store, branch: shop.branch, renewalsIn: renewalsShown });
	for (const batch of batches) {
		ledger.add(batch);
		ledger.conflicts();
	}
	ledger.setDamaged(damaged);
	return ledger;
}

function batchesOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
	return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

function textOf(ledger: Ledger): string {
	return ledger
		.conflicts()
		.map(({ id, unsettled, choices, stake }) => JSON.stringify([conflictKey(id), unsettled, choices, stake]))
		.join('\n');
}
