/**
 * What will happen, written down before it does: who does what and when, and what goes wrong. A failing run is shrunk by crossing lines out.
 *
 * 1. The script follows from the seed, the tills, the days and the faults that are allowed, and from nothing that happens while it is played.
 * 2. A line keeps its number whatever else is crossed out.
 */
import { ACTIONS } from './actions.ts';
import { FAULTS, type FaultName } from './faults.ts';
import { diceOf } from './random.ts';

export interface Step {
	readonly id: number;
	/** From 0. */
	readonly day: number;
	readonly rush: number;
	/** Milliseconds after the rush began. */
	readonly atMs: number;
	readonly kind: 'act' | 'fault' | 'look';
	readonly name: string;
	readonly who: string;
}

export interface ScriptOptions {
	readonly seed: string;
	readonly tills: number;
	readonly days: number;
	readonly faults: readonly FaultName[];
}

export const RUSHES_A_DAY = 3;
export const RUSH_MS = 90_000;
const ACTS_A_TILL = 10;
const ACTS_A_HUB = 3;
const LOOKS = 2;

export function tillNames(tills: number): readonly string[] {
	return Array.from({ length: tills }, (_, index) => `till-${index + 1}`);
}

export function writeScript({ seed, tills, days, faults }: ScriptOptions): readonly Step[] {
	const steps: Step[] = [];
	const names = tillNames(tills);
	const add = (step: Omit<Step, 'id'>): void => {
		steps.push({ id: steps.length, ...step });
	};
	for (let day = 0; day < days; day += 1) {
		for (let rush = 0; rush < RUSHES_A_DAY; rush += 1) {
			for (const who of [...names, 'hub-1', 'hub-2']) {
				const isTill = who.startsWith('till');
				// Each with dice of its own: a till more or less leaves the others' day as it was.
				const dice = diceOf(`${seed} script ${day}.${rush} ${who}`);
				const possible = ACTIONS.filter(({ by }) => by === 'both' || by === (isTill ? 'till' : 'hub'));
				for (let n = 0; n < (isTill ? ACTS_A_TILL : ACTS_A_HUB); n += 1) {
					add({ day, rush, atMs: dice.below(RUSH_MS), kind: 'act', name: weighted(possible, dice.next()), who });
				}
			}
			for (const fault of FAULTS) {
				if (!faults.includes(fault.name)) continue;
				const dice = diceOf(`${seed} fault ${day}.${rush} ${fault.name}`);
				for (let n = 0; n < 3; n += 1) {
					if (!dice.chance(fault.aRush / 3)) continue;
					add({ day, rush, atMs: dice.below(RUSH_MS), kind: 'fault', name: fault.name, who: fault.whom === 'hub' ? 'hub-1' : dice.pick(names) });
				}
			}
			const dice = diceOf(`${seed} look ${day}.${rush}`);
			for (let n = 0; n < LOOKS; n += 1)
				add({ day, rush, atMs: dice.below(RUSH_MS), kind: 'look', name: 'look', who: dice.pick([...names, 'hub-1']) });
		}
	}
	return steps;
}

function weighted(actions: typeof ACTIONS, at: number): string {
	const sum = actions.reduce((all, { weight }) => all + weight, 0);
	let left = at * sum;
	for (const { name, weight } of actions) {
		left -= weight;
		if (left < 0) return name;
	}
	return actions.at(-1)?.name ?? 'sell';
}
