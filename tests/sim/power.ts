/**
 * The power of one process. Every step that it takes outside itself (a read, a write, a signature) passes here, so it can be cut between any two.
 *
 * 1. A step that was not begun when the power went has no effect; one that was begun has all of it, and nobody hears.
 * 2. Whoever waits for a step of a process without power waits for ever: nothing of it runs on.
 */
import type { Dice } from './random.ts';
import type { Schedule } from './schedule.ts';

export interface Power {
	isOn(): boolean;
	cut(): void;
	/** Cuts it by itself in so many steps; each step counts before and after its work. */
	cutIn(steps: number): void;
	step<Result>(work: () => Result | Promise<Result>, slowMs?: number): Promise<Result>;
}

export function createPower(schedule: Schedule, dice: Dice, onCut: () => void): Power {
	let isOn = true;
	let left = Infinity;

	function cut(): void {
		if (!isOn) return;
		isOn = false;
		onCut();
	}

	function isCutHere(): boolean {
		left -= 1;
		if (left <= 0) cut();
		return !isOn;
	}

	return {
		isOn: () => isOn,
		cut,
		cutIn(steps) {
			left = steps;
		},
		async step(work, slowMs = 0) {
			if (!isOn || isCutHere()) return never();
			// Disks are mostly quick and sometimes not: what overtakes what is the world's choice.
			if (slowMs > 0 && dice.chance(0.3)) await schedule.wait(dice.between(1, slowMs));
			if (!isOn) return never();
			const result = await work();
			return isCutHere() ? never() : result;
		},
	};
}

function never(): Promise<never> {
	return new Promise(() => undefined);
}
