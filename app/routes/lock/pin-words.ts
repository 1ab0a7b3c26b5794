/** What a PIN came to, in words; undefined when it is right. */
import { m } from '#languages/compiled/messages.js';
import type { PinAnswer } from '#engine/at-till.ts';

export function pinProblem(answer: PinAnswer, name: string): string | undefined {
	switch (answer.pin) {
		case 'right':
			return undefined;
		case 'wrong':
			return answer.waitMs === 0 ? m.pin_wrong() : m.pin_wrong_wait({ wait: waitWords(answer.waitMs) });
		case 'wait':
			return m.pin_wait({ wait: waitWords(answer.waitMs) });
		case 'no-secret':
			return m.pin_no_secret();
		case 'no-pin':
			return m.pin_none({ name });
		case 'not-here':
			return m.pin_not_here({ name });
		case 'not-enough':
			return m.pin_not_enough({ name });
	}
}

function waitWords(waitMs: number): string {
	const seconds = Math.ceil(waitMs / 1000);
	return seconds < 100 ? m.pin_seconds({ count: seconds }) : m.pin_minutes({ count: Math.ceil(seconds / 60) });
}
